//! Runs the ONNX networks that a policy's detectors name: a text to a probability, in process.
//!
//! # The contract
//!
//! A network has inputs of one row and a number of positions, `[1, N]`, of `int64` or `int32`, named
//!
//! - `input_ids`, and where it wants them `attention_mask` and `token_type_ids`: with a `tokenizer.json` beside it, in
//!   the format of Hugging Face's tokenizers;
//! - `bytes`, and where it wants it `attention_mask`: without a tokenizer, over the bytes of the text.
//!
//! Its first output of `float32` has one value or two. An output whose name ends in `probability`, `probabilities`,
//! `score` or `scores` is taken as it is, of two values the second; of every other name it is logits: one goes through
//! the logistic function, two through softmax, and the second is the probability.
//!
//! N is fixed by the network, or it is at most [`limits::WINDOW_MAX`]. A longer text is read in windows that overlap by
//! a quarter, and the highest probability counts. A text of more than [`limits::TEXT_BYTES_MAX`] has no score.
//!
//! A network allocates and takes milliseconds: it is no part of the promise that a decision allocates nothing. Its file
//! is trusted as the policy is: it can ask for any amount of memory. It names no other files; weights outside of it are
//! refused. Its floating point may differ in the last bits between kinds of processors.

#![forbid(unsafe_code)]

mod input;
pub mod limits;
mod network;
mod output;

pub use network::OnnxNetworks;
