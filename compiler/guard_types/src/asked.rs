//! What a rule asks of the session: where a value came from, and what happened before.

use crate::tir::{EventRef, Expr, ValueRef};
use guard_plan::{Breaker, Detector, Model, Service, Stage};
use std::sync::Arc;

/// A question about the session. Where it is read, [`crate::tir::Root::Asked`] is the root.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Whether a value came from any of these sources.
    Origin {
        /// A single value of the event.
        subject: ValueRef,
        /// Sorted, without duplicates; never empty.
        sources: Vec<SourceRef>,
        /// It must have been a whole field there.
        whole: bool,
    },
    /// Whether a text of the event holds a confidential value.
    Carries(ValueRef),
    /// What a detector says of a text of the event.
    Text {
        /// The text.
        subject: ValueRef,
        /// What is asked.
        what: TextQuestion,
    },
    /// Whether a detector finds something in any text of a call's arguments.
    FoundInCall(Arc<Detector>),
    /// Whether a mark is set.
    Marked(String),
    /// Whether a subject is set.
    HasSubject(String),
    /// What the subject is.
    Subject(String),
    /// Whether such an event happened.
    Noted(Past),
    /// How many of them, up to `most`.
    Count {
        /// Which events.
        past: Past,
        /// How far back, in milliseconds; `None` is the whole session.
        over_ms: Option<i64>,
        /// The comparison does not tell more apart.
        most: u32,
    },
    /// The value of the last of them; the path of the reference says which.
    Last {
        /// Which events.
        past: Past,
        /// The reference is into the call's result and not into its arguments.
        of_result: bool,
        /// The type of the value.
        ty: Scalar,
    },
    /// Whether the first value is new for the others, in all sessions.
    Novel(Vec<ValueRef>),
    /// Whether a person said yes to exactly this call.
    Confirmed,
    /// Whether a breaker is at a stage.
    Breaker(Arc<Breaker>, Stage),
    /// Whether the values fall into a share of all values, of 10,000.
    Share(Vec<ValueRef>, u32),
}

/// What is asked of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TextQuestion {
    /// Whether a detector finds something.
    Finds(Arc<Detector>),
    /// The score that a model gives it.
    Score(Arc<Model>),
    /// Whether all its claims have one of these sources, which are sorted; never empty.
    Grounded(Vec<SourceRef>),
    /// How much of it these sources support.
    Support(Vec<SourceRef>),
    /// The score that a service gives it.
    Consult(Arc<Service>),
}

impl Asked {
    /// The value that is asked about, which may be an element of a list.
    pub fn subject(&self) -> Option<&ValueRef> {
        match self {
            Self::Origin { subject, .. } | Self::Carries(subject) | Self::Text { subject, .. } => {
                Some(subject)
            }
            _ => None,
        }
    }

    /// The sources that are asked about; none where the question is about something else.
    pub fn sources(&self) -> &[SourceRef] {
        match self {
            Self::Origin { sources, .. }
            | Self::Text {
                what: TextQuestion::Grounded(sources) | TextQuestion::Support(sources),
                ..
            } => sources,
            _ => &[],
        }
    }

    pub(crate) fn subject_mut(&mut self) -> Option<&mut ValueRef> {
        match self {
            Self::Origin { subject, .. } | Self::Carries(subject) | Self::Text { subject, .. } => {
                Some(subject)
            }
            _ => None,
        }
    }
}

/// The type of a value that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scalar {
    /// A condition.
    Bool,
    /// A whole number, a duration or a time.
    Int,
    /// A finite number.
    Float,
    /// A text of any kind.
    Text,
}

/// Earlier events, some of whose values are those of now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Past {
    /// Which events.
    pub pattern: Arc<EventsBefore>,
    /// Values of now, one for each of [`EventsBefore::keys`].
    pub key: Vec<ValueRef>,
}

/// Which earlier events.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventsBefore {
    /// As written, one space between words.
    pub text: String,
    /// The kinds of event, sorted.
    pub events: Vec<EventRef>,
    /// What must have held of them then.
    pub condition: Option<Expr>,
    /// Values of theirs that must be equal to values of now.
    pub keys: Vec<ValueRef>,
    /// Only calls whose result was a success.
    pub succeeded: bool,
    /// Forgotten when one of these happens.
    pub since: Option<Arc<EventsBefore>>,
}

/// Where a value can come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceRef {
    /// Anything said to the agent.
    Anywhere,
    /// What the user said.
    User,
    /// What an attacker can write.
    Untrusted,
    /// Results of any tool.
    AnyResult,
    /// Results of these tools, sorted.
    Results(Vec<String>),
    /// A field of results of these tools, by its name or the end of its path.
    Field(String, Vec<String>),
    /// Fields of results that bear a label: tool and path, sorted.
    Labelled(Vec<(String, String)>),
}

/// What a rule does besides bringing a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Does {
    /// Nothing.
    #[default]
    Nothing,
    /// Sets a mark.
    Mark(String),
    /// Sets a subject to a value, where it is not set.
    Subject(String, ValueRef),
    /// Takes a mark away.
    Clear(String),
    /// Counts against a limit.
    Limit(LimitTerms),
    /// Counts for a breaker.
    Breaker(Arc<Breaker>),
    /// Replaces what detectors find.
    Redact(Redacting),
}

/// What is replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Redacting {
    /// Sorted, without duplicates; never empty.
    pub detectors: Vec<Arc<Detector>>,
    /// What a match is replaced by.
    pub template: String,
}

/// At most so much, so often, for each key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LimitTerms {
    /// The rule as written, one space between words.
    pub text: String,
    /// In millionths.
    pub most: i64,
    /// In milliseconds; `None` is at the same time.
    pub window_ms: Option<i64>,
    /// In millionths.
    pub burst: Option<i64>,
    /// Each key has its own count.
    pub key: Vec<ValueRef>,
    /// What is added up; `None` counts events.
    pub amount: Option<ValueRef>,
}
