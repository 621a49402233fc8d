//! Detectors: named sets of patterns whose matches are found as spans, many detectors in one scan.
//!
//! # What a detector finds
//!
//! Its patterns are one alternation, in their order, and mean what the language's other patterns
//! mean (see the crate's documentation). From left to right, each place where a character begins is
//! asked for the match that the alternation prefers there. The match is found if the validator
//! accepts its text and a word of the context stands near; then the search goes on behind it.
//! Otherwise it goes on with the next character, so that a match that was refused hides none that
//! would be accepted.
//!
//! `naive.rs` says the same in twenty lines, and tests compare.

mod bytes;
mod engine;
mod filter;
mod near;
mod scanner;
mod set;
mod shape;
mod trigger;
pub mod validate;
mod wire;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

pub use guard_plan::{Detector, Near, Validator};
pub use scanner::{Scanner, Scratch, check};
pub use set::DetectorSet;

use crate::PatternError;
use std::fmt;

/// A place that a detector found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Which detector, counted from 0.
    pub detector: u32,
}

/// Why detectors are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanError {
    detector: Option<(usize, String)>,
    pattern: Option<usize>,
    reason: PatternError,
}

impl ScanError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { detector: None, pattern: None, reason: PatternError::new(message) }
    }

    pub(crate) fn of_pattern(pattern: usize, reason: PatternError) -> Self {
        Self { detector: None, pattern: Some(pattern), reason }
    }

    pub(crate) fn of_detector(self, index: usize, name: &str) -> Self {
        Self { detector: Some((index, name.to_owned())), ..self }
    }

    /// The detector to blame, counted from 0.
    pub fn detector(&self) -> Option<usize> {
        self.detector.as_ref().map(|(index, _)| *index)
    }

    /// The pattern of that detector, counted from 0.
    pub fn pattern(&self) -> Option<usize> {
        self.pattern
    }

    /// What is wrong with it, and where in its source.
    pub fn reason(&self) -> &PatternError {
        &self.reason
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name)) = &self.detector {
            write!(f, "detector `{}`: ", name.escape_debug())?;
        }
        if let Some(pattern) = self.pattern {
            write!(f, "pattern {pattern}: ")?;
        }
        write!(f, "{}", self.reason)
    }
}

impl std::error::Error for ScanError {}

/// Why a scan has no answer. Whoever asked must not take it for "nothing found".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaveUp {
    /// The text is longer than [`crate::limits::SCAN_TEXT_BYTES_MAX`].
    TooLong,
    /// More was found than [`crate::limits::FOUND_MAX`].
    TooMany,
    /// A detector needed more steps than its share, which grows linearly with the text.
    TooMuchWork {
        /// Which detector.
        detector: u32,
    },
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the text is too long to be scanned"),
            Self::TooMany => f.write_str("more was found than can be told"),
            Self::TooMuchWork { detector } => {
                write!(f, "detector {detector} needs too much work on this text")
            }
        }
    }
}

impl std::error::Error for GaveUp {}
