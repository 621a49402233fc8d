//! What can be decided about an event, and what a condition can be.

use serde::{Deserialize, Serialize};

/// What is done with an event, from the least to the most restrictive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Verdict {
    /// It passes as it is.
    Allow = 0,
    /// It passes with parts replaced.
    Redact = 1,
    /// A person decides.
    Escalate = 2,
    /// It does not pass.
    Deny = 3,
    /// It does not pass, and nothing of this session or agent will.
    Halt = 4,
}

impl Verdict {
    /// Every verdict, from the least to the most restrictive.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Redact, Self::Escalate, Self::Deny, Self::Halt];

    /// The verdict when two rules fire on one event.
    #[must_use]
    pub fn most_restrictive(self, other: Self) -> Self {
        self.max(other)
    }

    /// Its word in the language and in a decision's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Escalate => "escalate",
            Self::Deny => "deny",
            Self::Halt => "halt",
        }
    }
}

/// A condition in Kleene's logic. The order makes `and` the smaller of two and `or` the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Truth {
    /// It does not hold.
    False = 0,
    /// It cannot be told: a value is missing, malformed, out of range, or a check failed.
    Unknown = 1,
    /// It holds.
    True = 2,
}

impl Truth {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads as the language's own word beside `and` and `or`"
    )]
    pub fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}
