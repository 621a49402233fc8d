//! Why a text cannot be redacted. Whoever asked must not give it out as it is.

use std::fmt;

/// Why a text cannot be redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedactError {
    /// The search for what is to be replaced gave up.
    GaveUp(guard_match::detect::GaveUp),
    /// What is found stands in a key or a number of a call's arguments, which must keep their types.
    NoText,
    /// The replacements are found themselves.
    Unstable,
    /// A pseudonym is asked for, and there is no key to make it with, or the match is too long for one.
    NoPseudonym,
    /// A stream holds back more than [`crate::limits::HELD_BYTES_MAX`].
    TooMuchHeld,
}

impl fmt::Display for RedactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GaveUp(why) => why.fmt(f),
            Self::NoText => f.write_str("what is to be replaced is no text of the arguments"),
            Self::Unstable => f.write_str("what replaces it is found again"),
            Self::NoPseudonym => f.write_str("no pseudonym can be made of it"),
            Self::TooMuchHeld => f.write_str("the stream holds back too much"),
        }
    }
}

impl std::error::Error for RedactError {}

impl From<guard_match::detect::GaveUp> for RedactError {
    fn from(why: guard_match::detect::GaveUp) -> Self {
        Self::GaveUp(why)
    }
}
