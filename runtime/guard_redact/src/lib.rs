//! Replaces what detectors find in texts and JSON, at once or as they stream.
//!
//! # What is promised
//!
//! - What is replaced is replaced as a whole: spans that overlap become one, and a place of a match never
//!   stays because another match covers a part of it.
//! - What stays has nothing to be found: a text that was redacted is redacted to itself. Where that cannot
//!   be reached, because a replacement is itself found, nothing is given out at all.
//! - JSON stays JSON: only the insides of strings change, and a number becomes a string. Arguments keep their
//!   types and their keys; what would have to change one of these is refused.
//! - A stream gives out the same text, however it is cut, and no character of a match.

#![forbid(unsafe_code)]

mod document;
mod error;
pub mod limits;
mod merge;
mod pieces;
mod pseudonym;
mod redact;
mod stream;
mod template;

pub use error::RedactError;
pub use pieces::{Piece, PieceKind, Pieces, decode_into, value_of_key};
pub use pseudonym::Pseudonyms;
pub use redact::{Form, Redacted, Redaction, Redactor, Wanted, may_find};
pub use stream::{HoldBack, Stream, hold_back};
pub use template::{Template, TemplateError};

#[cfg(test)]
mod tests;
