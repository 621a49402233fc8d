//! Detectors outside of the process: what the engine asks of whoever reaches them.

use guard_plan::Service;
use std::fmt;

/// Reaches the services that a policy names.
///
/// An implementation ends within [`Service::timeout_ms`], whatever the service does.
pub trait Services: fmt::Debug + Send + Sync {
    /// The score of a text, from 0 to 1.
    fn score(&self, service: &Service, text: &str) -> Result<f64, ServiceError>;
}

/// Why a service gave no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    message: String,
}

impl ServiceError {
    /// In words: lower case, no full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServiceError {}
