//! Who sees every decision before the event passes.

use crate::Decision;
use guard_value::EventKind;
use std::fmt;

/// Why a decision was not seen. The event is refused then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessError(pub String);

impl fmt::Display for WitnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the decision could not be recorded: {}", self.0)
    }
}

impl std::error::Error for WitnessError {}

/// Sees every decision that is really made, before its event passes: the audit.
pub trait Witness: Send + Sync + fmt::Debug {
    /// Sees one. It blocks the decision, so it has a bound of its own.
    fn saw(&self, decision: &Decision<'_>) -> Result<(), WitnessError>;
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct About<'a> {
    /// The session's id.
    pub session: &'a str,
    /// The agent's name.
    pub agent: &'a str,
    /// What kind of event, where that can be told.
    pub kind: Option<EventKind>,
    /// The tool of a call or result.
    pub tool: Option<&'a str>,
    /// Whether a result is a failure.
    pub failed: bool,
    /// The time of the event, in milliseconds; 0 where no event has said one.
    pub now_ms: i64,
}

impl About<'_> {
    /// The event's `type`, where that can be told.
    pub fn kind_word(&self) -> Option<&'static str> {
        self.kind.map(EventKind::word)
    }

    /// Whether it is a tool's result.
    pub fn is_result(&self) -> bool {
        self.kind == Some(EventKind::Result)
    }
}
