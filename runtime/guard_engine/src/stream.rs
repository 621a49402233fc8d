//! An output that streams: gives out what no rule can still take back.

use crate::Session;
use crate::breakers::is_halted;
use crate::engine::{Engine, Shared};
use crate::interpret::at;
use crate::look::Replacing;
use guard_plan::{Agent, Effect, Entry, EventTarget, Plan};
use guard_redact::{HoldBack, RedactError, Stream, Template, hold_back};
use std::sync::Arc;

/// An output while it streams. When it has ended, the session is asked about the whole of it, as about any
/// other output.
#[derive(Debug)]
pub struct OutputStream {
    way: Way,
    whole: String,
    error: Option<RedactError>,
}

/// What is done with what comes.
#[derive(Debug)]
enum Way {
    /// No rule concerns it.
    Open,
    /// Parts of it are replaced.
    Replacing(Box<Stream>),
    /// A rule may refuse all of it.
    Held,
}

impl Session {
    /// Begins an output that streams.
    ///
    /// Where a rule can refuse an output, or replaces under a condition, nothing is given out before the
    /// whole is decided.
    pub fn stream_output(&self) -> OutputStream {
        OutputStream { way: self.way(), whole: String::new(), error: None }
    }

    fn way(&self) -> Way {
        let shared = &*self.shared;
        let Some(agent) = shared.agent(self.agent) else { return Way::Held };
        if self.is_halted || shared.is_braked(self.agent, self.tenant()) {
            return Way::Held;
        }
        let halting = shared.halting_key(self.agent);
        let is_halted = |key| is_halted(&*shared.around.store, key, self.now);
        if halting.is_some_and(|key| is_halted(key) != Ok(false)) {
            return Way::Held;
        }
        let Some(wanted) = shared.streamed(self.agent.0, agent) else { return Way::Held };
        if wanted.is_empty() {
            return Way::Open;
        }
        if !shared.around.duties.redactions {
            return Way::Held;
        }
        let scanner = Arc::clone(&shared.loaded.detection.scanner);
        let pseudonyms = shared.around.pseudonyms.clone();
        Way::Replacing(Box::new(Stream::new(scanner, wanted, pseudonyms)))
    }
}

impl Shared {
    /// What is replaced in an output that streams; nothing where a rule may refuse it.
    fn streamed(&self, id: u32, agent: &Agent) -> Option<Vec<(u32, Template)>> {
        let output = |(_, entry): &(u32, &Entry)| entry.target == EventTarget::Output;
        let Some((entry_id, entry)) = (0..).zip(&agent.entries).find(output) else {
            return Some(Vec::new());
        };
        if !gives_out(&self.plan, entry) {
            return None;
        }
        let of_entry = self.loaded.detection.of_entry(id, entry_id);
        let redactions = of_entry.map_or(&[][..], |of| &of.redactions);
        Some(redactions.iter().flat_map(Replacing::pairs).collect())
    }
}

impl Engine {
    /// What an output of each agent holds back while it streams, in the order of the plan's agents.
    pub fn hold_back(&self) -> impl Iterator<Item = (&str, HoldBack)> {
        let shared = &*self.shared;
        (0..).zip(&shared.plan.agents).map(|(id, agent)| {
            let hold = match shared.streamed(id, agent) {
                None => HoldBack::All,
                Some(wanted) if wanted.is_empty() => HoldBack::Bytes(0),
                Some(wanted) => {
                    let detectors = wanted.iter().map(|(detector, _)| *detector);
                    hold_back(&shared.loaded.detection.scanner, detectors)
                }
            };
            (agent.name.as_str(), hold)
        })
    }
}

/// Whether no rule of an entry can do more to an output than replace parts of it.
fn gives_out(plan: &Plan, entry: &Entry) -> bool {
    entry.rules.iter().all(|rule| {
        at(&plan.rules, rule.rule.0).is_some_and(|of_plan| match of_plan.effect {
            Effect::Redact => rule.condition.is_none(),
            Effect::Allow | Effect::Note | Effect::Review { .. } | Effect::Shadow(_) => true,
            Effect::Escalate { .. }
            | Effect::Deny
            | Effect::Halt
            | Effect::HaltAgent
            | Effect::Limit
            | Effect::Credential { .. } => false,
        })
    }) && entry.limits.is_empty()
}

impl OutputStream {
    /// What it holds back: `Bytes(0)` where nothing is replaced.
    pub fn hold_back(&self) -> HoldBack {
        match &self.way {
            Way::Open => HoldBack::Bytes(0),
            Way::Replacing(stream) => stream.hold_back(),
            Way::Held => HoldBack::All,
        }
    }

    /// Takes more of the output; what may be given out now. After an error nothing more is.
    pub fn push(&mut self, more: &str) -> Result<String, RedactError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.whole.len() + more.len() > guard_value::limits::EVENT_BYTES_MAX {
            self.error = Some(RedactError::TooMuchHeld);
            return Err(RedactError::TooMuchHeld);
        }
        self.whole.push_str(more);
        let given = match &mut self.way {
            Way::Open => Ok(more.to_owned()),
            Way::Replacing(stream) => stream.push(more),
            Way::Held => Ok(String::new()),
        };
        self.error = given.as_ref().err().copied();
        given
    }

    /// The output has ended.
    pub fn finish(self) -> Result<Ended, RedactError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let (rest, is_held) = match self.way {
            Way::Open => (String::new(), false),
            Way::Replacing(stream) => (stream.finish()?.0, false),
            Way::Held => (String::new(), true),
        };
        Ok(Ended { rest, whole: self.whole, is_held })
    }
}

/// What an output was that streamed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// What is still to be given out.
    pub rest: String,
    /// All of it as it came, to be decided.
    pub whole: String,
    /// Nothing was given out: the decision on the whole says what may be.
    pub is_held: bool,
}
