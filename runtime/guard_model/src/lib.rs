//! A small linear model over words and character n-grams: text to a calibrated probability.
//!
//! It is for texts that want to give an agent orders: injections and jailbreaks. What it knows lies in a file of
//! weights ([`Model::from_bytes`]); what a word is, and which disguises are undone first, is fixed here ([`scan`]).
//!
//! Scoring is whole numbers, one pass, no clock and no chance: the same text and model give the same score on every
//! machine. A text that was longer than is read counts as found ([`Score::fires`]).
//!
//! ```
//! # use guard_model::{Knot, Model, ModelError, Parts, Scratch, WeightTable, Window};
//! # let table = || WeightTable { scale: 1, slots: vec![0; 8] };
//! # let knot = |value, probability| Knot { value, probability };
//! # let bytes = Model::from_parts(Parts {
//! #     threshold: 60000, windows: vec![Window { words: 12, bias: 0 }],
//! #     knots: vec![knot(-65536, 0), knot(65536, 65535)], words: table(), characters: table(),
//! # })?.to_bytes();
//! let model = Model::from_bytes(&bytes)?;
//! let mut scratch = Scratch::default();
//! let score = model.score("some text", &mut scratch);
//! assert!(!score.fires(model.threshold()));
//! # Ok::<(), ModelError>(())
//! ```

#![forbid(unsafe_code)]

mod escape;
mod fold;
mod hash;
mod island;
pub mod limits;
mod model;
mod scan;
mod score;
#[cfg(test)]
mod tests;

pub use model::{
    FEATURES_VERSION, FORMAT_VERSION, Knot, Model, ModelError, Parts, WeightTable, Window,
};
pub use scan::{ScanMemory, Sink, Table, scan};
pub use score::{Score, Scratch};
