//! Keeps a session's state and makes decisions; its interpreter is the meaning of the language.

#![forbid(unsafe_code)]

mod evaluate;

pub use evaluate::{Evaluator, Frames, Outcome};
