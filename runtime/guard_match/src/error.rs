//! Why a pattern is refused.

use std::fmt;
use std::ops::Range;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    index: Option<usize>,
    message: String,
    span: Option<Range<usize>>,
}

impl PatternError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { index: None, message: message.into(), span: None }
    }

    pub(crate) fn at(message: String, span: &regex_syntax::ast::Span) -> Self {
        Self { index: None, message, span: Some(span.start.offset..span.end.offset) }
    }

    pub(crate) fn of_pattern(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// Which of several patterns it is.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// What is wrong: lower case, no full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the pattern's source, in bytes, where one place is to blame.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "pattern {index}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for PatternError {}
