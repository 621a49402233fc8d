//! Why a plan is not loaded, facts are not taken, a session does not begin.

use crate::fault::quoted;
use guard_match::PatternError;
use guard_match::detect::ScanError;
use guard_value::{Fault, Faults};
use std::fmt;

/// Why a plan is not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    message: String,
}

/// Why facts are not taken; those in force stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsError {
    fault: Fault,
}

/// Why a session does not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionError {
    message: String,
}

impl LoadError {
    /// The first of a verifier's errors, and how many there are.
    pub(crate) fn not_verified<E: fmt::Display>(errors: &[E]) -> Self {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        let further = match errors.len() {
            0 | 1 => String::new(),
            count => format!(" ({} further errors)", count - 1),
        };
        Self { message: format!("the plan is not valid: {first}{further}") }
    }
}

impl LoadError {
    pub(crate) fn model(name: &str, error: &dyn fmt::Display) -> Self {
        Self { message: format!("the plan is not valid: model `{}`: {error}", quoted(name)) }
    }

    pub(crate) fn template(error: &guard_redact::TemplateError) -> Self {
        Self { message: format!("the plan is not valid: {error}") }
    }
}

impl From<ScanError> for LoadError {
    fn from(error: ScanError) -> Self {
        Self { message: format!("the plan is not valid: {error}") }
    }
}

impl From<PatternError> for LoadError {
    fn from(error: PatternError) -> Self {
        Self { message: format!("the plan is not valid: {error}") }
    }
}

impl From<Fault> for FactsError {
    fn from(fault: Fault) -> Self {
        Self { fault }
    }
}

impl SessionError {
    pub(crate) fn no_such_agent(agent: &str) -> Self {
        Self { message: format!("the policy has no agent `{}`", quoted(agent)) }
    }

    pub(crate) fn unreadable(fault: &Fault) -> Self {
        Self { message: fault.to_string() }
    }

    pub(crate) fn faulty(faults: &Faults) -> Self {
        let all: Vec<String> = faults.described().iter().map(ToString::to_string).collect();
        Self { message: all.join("; ") }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}
impl std::error::Error for FactsError {}
impl std::error::Error for SessionError {}
