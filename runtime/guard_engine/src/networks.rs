//! Networks that a policy names: what the engine asks of whoever runs them.

use std::fmt;

/// Makes networks ready when a plan is loaded.
pub trait Networks: fmt::Debug + Send + Sync {
    /// A network from its file and that of its tokenizer, ready to score.
    fn load(
        &self,
        weights: &[u8],
        tokenizer: Option<&[u8]>,
    ) -> Result<Box<dyn Network>, NetworkError>;
}

/// A network that is ready.
///
/// An implementation bounds what it reads of a text; its work is in proportion to that.
pub trait Network: fmt::Debug + Send + Sync {
    /// The probability of a text, from 0 to 1. A text that is not read whole has none.
    fn score(&self, text: &str) -> Result<f64, NetworkError>;
}

/// Why a network is not loaded, or gave no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkError {
    message: String,
}

impl NetworkError {
    /// In words: lower case, no full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for NetworkError {}
