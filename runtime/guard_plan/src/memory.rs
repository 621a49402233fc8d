//! What a session remembers, and what an entry asks of it.
//!
//! Rules never read memory: before an entry's rules run, the engine answers the entry's
//! [questions](Ask) and puts the answers into slots of the event. So both evaluators read the past
//! as they read an argument. When an event has happened, the engine [notes](Update) it.

use crate::{Load, SlotType, ToolId};
use serde::{Deserialize, Serialize};

/// Kinds of source, one bit each; what a bit stands for is in [`Provenance::names`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Sources(pub u64);

impl Sources {
    /// Anything that was ever said to the agent.
    pub const ANYWHERE: Self = Self(1);

    /// What an attacker can write.
    pub const UNTRUSTED: Self = Self(2);

    /// What the user said.
    pub const USER: Self = Self(4);

    /// How many kinds an agent's rules can tell apart.
    pub const MAX: usize = 64;

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is any.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One question of an entry, and where its answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ask {
    /// As written, one space between words: `recipient from user`.
    pub name: String,
    /// The row of the entry's layout that the answer stands in, once for each element; `None` for
    /// the record itself.
    pub row: Option<u32>,
    /// The slot of the answer, one of [`crate::Layout::answers`].
    pub slot: u32,
    /// What is asked.
    pub question: Question,
}

/// The question whose answer stands in a slot; `slots` are the record's own or those of a row.
pub fn ask_at<'e>(
    entry: &'e crate::Entry,
    layout: &crate::Layout,
    slots: &[crate::Slot],
    slot: u32,
) -> Option<&'e Ask> {
    let row = if std::ptr::eq(slots, layout.slots.as_slice()) {
        None
    } else {
        let index = layout.rows.iter().position(|row| std::ptr::eq(slots, row.as_slice()))?;
        Some(u32::try_from(index).ok()?)
    };
    entry.asks.iter().find(|ask| ask.row == row && ask.slot == slot)
}

/// What can be asked of a session. Loads are of the event or of the agent's parameters, never of a
/// row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Question {
    /// Whether a value came from any of these sources: true or false. Unknown where the session can
    /// no longer tell, or the value is absent or malformed.
    Origin {
        /// The slot of the value, in the same row as the answer.
        subject: u32,
        /// Any of them will do.
        sources: Sources,
        /// It must have been a whole field there.
        whole: bool,
    },
    /// Whether a text holds a value of a confidential source.
    Carries {
        /// The slot of the text, in the same row as the answer.
        subject: u32,
    },
    /// Whether a detector finds something in a text: true or false. Unknown where the text is absent or
    /// malformed, or the search gave up.
    Finds {
        /// The slot of the text, in the same row as the answer; `None` is every text of a call's
        /// arguments, keys and numbers included.
        subject: Option<u32>,
        /// Index into [`crate::Plan::detectors`].
        detector: u32,
    },
    /// The score that a model gives a text, from 0 to 1; malformed where there is no text to score.
    Score {
        /// The slot of the text, in the same row as the answer.
        subject: u32,
        /// Index into [`crate::Plan::models`].
        model: u32,
    },
    /// Whether all claims of a text stand in texts of these sources: true or false. Unknown where that can no
    /// longer be told, or the text is absent or malformed.
    Grounded {
        /// The slot of the text, in the same row as the answer.
        subject: u32,
        /// Any of them will do.
        sources: Sources,
    },
    /// How much of a text these sources support, from 0 to 1; malformed where that can no longer be told, or
    /// there is no text.
    Support {
        /// The slot of the text, in the same row as the answer.
        subject: u32,
        /// All of them together.
        sources: Sources,
    },
    /// The score that a service gives a text, from 0 to 1; malformed where there is no text, or no answer
    /// and the service's author did not say that this is a score of 0.
    Consult {
        /// The slot of the text, in the same row as the answer.
        subject: u32,
        /// Index into [`crate::Plan::services`].
        service: u32,
    },
    /// Whether something was noted under this key: true or false.
    Noted {
        /// Index into [`crate::Agent::memories`].
        memory: u32,
        /// One for each part of the memory's key.
        key: Vec<Load>,
    },
    /// How often, as a whole number of at most [`Memory::most`].
    Count {
        /// Index into [`crate::Agent::memories`].
        memory: u32,
        /// One for each part of the memory's key.
        key: Vec<Load>,
    },
    /// What a field was when it was last noted; absent where it never was.
    Last {
        /// Index into [`crate::Agent::memories`].
        memory: u32,
        /// One for each part of the memory's key.
        key: Vec<Load>,
        /// Index into [`Memory::fields`].
        field: u32,
    },
    /// Whether these values were never together part of a permitted call before, in any session of
    /// any replica: the first is the value, the others what it is new for.
    Novel {
        /// The value and its key.
        key: Vec<Load>,
    },
    /// Whether a person said yes to exactly this call, after it was shown, and nothing untrusted was
    /// read since.
    Confirmed,
    /// Whether a breaker is at this stage; unknown where the store that counts for it does not say.
    Breaker {
        /// Index into [`crate::Agent::breakers`].
        breaker: u32,
        /// Which stage is asked about.
        stage: Stage,
    },
    /// Whether the values fall into the first `share` of 10,000 equal parts; the same for the same
    /// values on every machine.
    Share {
        /// What is hashed.
        key: Vec<Load>,
        /// Of 10,000.
        share: u32,
    },
}

impl Question {
    /// What the slot of its answer holds; `None` for a memory that there is not.
    pub fn slot_type(&self, memories: &[Memory]) -> Option<SlotType> {
        match self {
            Self::Count { .. } => Some(SlotType::Int),
            Self::Score { .. } | Self::Consult { .. } | Self::Support { .. } => {
                Some(SlotType::Float)
            }
            Self::Last { memory, field, .. } => {
                let memory = memories.get(usize::try_from(*memory).ok()?)?;
                memory.fields.get(usize::try_from(*field).ok()?).copied()
            }
            _ => Some(SlotType::Bool),
        }
    }

    /// Whether it is about a value of the event, which may be an element of a list.
    pub fn has_subject(&self) -> bool {
        matches!(
            self,
            Self::Origin { .. }
                | Self::Carries { .. }
                | Self::Finds { subject: Some(_), .. }
                | Self::Score { .. }
                | Self::Grounded { .. }
                | Self::Support { .. }
                | Self::Consult { .. }
        )
    }

    /// The values its answer depends on besides a subject.
    pub fn key(&self) -> &[Load] {
        match self {
            Self::Noted { key, .. }
            | Self::Count { key, .. }
            | Self::Last { key, .. }
            | Self::Novel { key }
            | Self::Share { key, .. } => key,
            Self::Origin { .. }
            | Self::Carries { .. }
            | Self::Finds { .. }
            | Self::Score { .. }
            | Self::Grounded { .. }
            | Self::Support { .. }
            | Self::Consult { .. }
            | Self::Confirmed
            | Self::Breaker { .. } => &[],
        }
    }
}

/// Something a session remembers: whether, how often and with what values certain events happened.
///
/// With a key it is a table of at most [`crate::limits::MEMORY_ROWS_MAX`] rows. What does not fit
/// any more is not forgotten in silence: from then on a row that is not found is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Memory {
    /// The question it answers, as its author wrote it.
    pub name: String,
    /// How many values make up a key.
    pub keys: u32,
    /// What is kept of the last event, for [`Question::Last`].
    pub fields: Vec<SlotType>,
    /// It keeps the first values that can be read, and not the last.
    pub is_first: bool,
    /// How far back it counts, in milliseconds; `None` counts the whole session.
    pub window_ms: Option<i64>,
    /// It counts up to here and no further; 0 where it does not count.
    pub most: u32,
}

/// How an entry's rule changes a memory when it fires and the event happens.
///
/// Where the rule's condition is unknown, so is from then on what the memory says of the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Update {
    /// Index into [`crate::Entry::rules`]; its effect is [`crate::Effect::Note`].
    pub rule: u32,
    /// Index into [`crate::Agent::memories`].
    pub memory: u32,
    /// What is done.
    pub action: Action,
}

/// What is done to a memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Notes that it happened.
    Note {
        /// One for each part of the memory's key.
        key: Vec<Load>,
        /// One for each of the memory's fields.
        fields: Vec<Load>,
        /// Only if the call's result is a success, and when it arrives.
        on_success: bool,
    },
    /// A call that was noted for its success has succeeded, and this is what it returned. Only on
    /// results.
    Finish {
        /// One for each of the memory's fields.
        fields: Vec<Load>,
    },
    /// Forgets everything.
    Clear,
}

/// At most so much, so often.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// The limit as written, one space between words. Part of its key in the store.
    pub name: String,
    /// The most, in millionths: 3 calls are 3,000,000.
    pub most: i64,
    /// In every window of so many milliseconds; `None` is at the same time.
    pub window_ms: Option<i64>,
    /// At most so much, in millionths, in every `window × burst ÷ most`.
    pub burst: Option<i64>,
}

/// A limit on the events of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LimitUse {
    /// Index into [`crate::Entry::rules`]; its effect is [`crate::Effect::Limit`].
    pub rule: u32,
    /// Index into [`crate::Agent::limits`].
    pub limit: u32,
    /// Each key has its own count.
    pub key: Vec<Load>,
    /// What is added up; `None` counts events.
    pub amount: Option<Load>,
}

/// A circuit breaker of an agent. It is closed until too many of the events it counts went wrong;
/// then it is open, and refuses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Breaker {
    /// Its name, with that of its layer in front.
    pub name: String,
    /// The rule as written, one space between words. Part of its key in the store.
    pub text: String,
    /// What went wrong.
    pub counts: Wrongs,
    /// It opens when more than so many of 10,000 events went wrong,
    pub share: u32,
    /// of at least so many,
    pub at_least: u32,
    /// in the last so many milliseconds.
    pub over_ms: i64,
    /// It stays open so many milliseconds.
    pub open_ms: i64,
    /// What follows then.
    pub then: AfterOpen,
}

/// What a breaker counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wrongs {
    /// Of the results of calls, those that are failures.
    Failures,
    /// Of the events that were decided while it was closed, those that were denied.
    Denials,
}

/// What follows when a breaker was open for its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AfterOpen {
    /// It is closed.
    Close,
    /// It is on trial: a rule says what happens to events, and the first that goes well closes it,
    /// one that goes wrong opens it anew.
    Trial,
    /// It stays open until the host closes it.
    Stay,
}

/// How a breaker stands, where it is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It refuses.
    Open,
    /// It was open for its time, and nothing has gone well since.
    Trial,
}

/// A breaker that counts the events of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BreakerUse {
    /// Index into [`crate::Entry::rules`]; its effect is [`crate::Effect::Note`].
    pub rule: u32,
    /// Index into [`crate::Agent::breakers`].
    pub breaker: u32,
}

/// Where an agent's texts come from, as far as its rules ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// What each bit of [`Sources`] stands for, the three named ones first; empty where no rule asks
    /// for an origin, and nothing is kept then.
    pub names: Vec<String>,
    /// Tools whose results are from more than [`Sources::ANYWHERE`], sorted by tool.
    pub results: Vec<ResultSources>,
    /// Whether a rule asks for the source of claims, so that what texts say is kept besides.
    pub has_facts: bool,
}

/// Where a tool's results are from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResultSources {
    /// Whose results.
    pub tool: ToolId,
    /// All of their text.
    pub text: Sources,
    /// The text of single fields.
    pub fields: Vec<FieldSources>,
    /// Whether all of it is confidential.
    pub is_secret: bool,
    /// Fields that are confidential, by the end of their path.
    pub secrets: Vec<String>,
}

/// Where the text of a field is from besides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldSources {
    /// The keys that lead to the field, joined by dots; without the places in lists.
    pub name: String,
    /// Whether these are all of its keys, or only the last ones.
    pub is_whole: bool,
    /// Its sources.
    pub sources: Sources,
}

impl ResultSources {
    /// Whether an attacker can write some of it.
    pub fn is_untrusted(&self) -> bool {
        let fields = self.fields.iter().map(|field| field.sources);
        fields.fold(self.text, Sources::and).0 & Sources::UNTRUSTED.0 != 0
    }
}
