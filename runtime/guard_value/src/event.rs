//! What an event is to its reader: its kind, how its layout is found, and what it says besides its
//! slots.

use crate::Faults;
use guard_plan::{Layout, Shape};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Text to the agent.
    Input,
    /// A call of a tool.
    Call,
    /// A tool's result.
    Result,
    /// Text from the agent.
    Output,
}

impl EventKind {
    /// The `type` of such an event.
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Call => "tool_call",
            Self::Result => "tool_result",
            Self::Output => "output",
        }
    }

    /// The kind that a `type` names.
    #[inline]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "input" => Some(Self::Input),
            "tool_call" => Some(Self::Call),
            "tool_result" => Some(Self::Result),
            "output" => Some(Self::Output),
            _ => None,
        }
    }

    /// Whether such an event names a tool.
    pub fn has_tool(self) -> bool {
        matches!(self, Self::Call | Self::Result)
    }
}

/// Finds how an event is laid out.
pub trait Layouts {
    /// By what the caller knows what an event is aimed at.
    type Target: Copy;

    /// The shapes that layouts name.
    fn shapes(&self) -> &[Shape];

    /// How events of this kind are laid out; `tool` is empty for input and output. `None` where
    /// nothing is known of them: the event is checked as JSON and no slot is filled.
    fn find(&self, kind: EventKind, tool: &str) -> Option<(Self::Target, &Layout)>;
}

/// What an event says besides its slots.
#[derive(Debug, Clone, Copy)]
pub struct EventHead<'r, T> {
    /// What happened.
    pub kind: EventKind,
    /// What [`Layouts::find`] gave for it.
    pub target: Option<T>,
    /// The tool's name; empty for input and output.
    pub tool: &'r str,
    /// The call's id, where it has one.
    pub id: Option<&'r str>,
    /// Where an input comes from, where it says so.
    pub source: Option<&'r str>,
    /// The text of an input, result or output.
    pub text: Option<&'r str>,
    /// Whether a result is a failure.
    pub failed: bool,
    /// When it happened, in milliseconds since 1970-01-01 UTC, where it says so.
    pub at: Option<i64>,
    /// What is wrong with its values. The slots concerned are malformed. An event with any fault
    /// is not in order, whatever its rules say.
    pub faults: &'r Faults,
}
