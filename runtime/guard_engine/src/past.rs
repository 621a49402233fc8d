//! Everything that a session carries from one event to the next, and what an event changes in it.

use crate::Outcome;
use crate::answers::{Memories, Place, returned};
use crate::calls::OpenCall;
use crate::counting::{Counting, claims_of};
use crate::origins::{Origins, sources_of};
use guard_plan::limits::CALL_ID_BYTES_MAX;
use guard_plan::{Agent, ResultSources, ToolId};
use guard_state::{StateStore, StoreError};
use guard_value::{EventHead, EventKind, Record};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The past of one session.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) memories: Memories,
    pub(crate) origins: Origins,
    said: Said,
    /// When something untrusted was last read: approvals given before count no more.
    pub(crate) untrusted_at: Option<i64>,
    /// The call of the last result, where it failed: what it took can be given back.
    last_failed: Option<OpenCall>,
}

/// What the last event said of itself, kept until it is known whether it happens.
#[derive(Debug, Default)]
struct Said {
    /// Only where texts are kept.
    text: String,
    /// The id of a call or a result.
    id: String,
    by_user: bool,
    failed: bool,
}

/// An event that was decided.
pub(crate) struct Happening<'a> {
    pub(crate) agent: &'a Agent,
    /// Its entry, where rules concern it.
    pub(crate) place: Option<Place<'a>>,
    pub(crate) kind: EventKind,
    pub(crate) tool: Option<ToolId>,
    pub(crate) event: &'a Record,
    pub(crate) outcome: &'a Outcome,
    /// Whether it passes as it is.
    pub(crate) passes: bool,
    /// What limits know the event by.
    pub(crate) ticket: u64,
    pub(crate) counting: &'a Counting,
    pub(crate) store: &'a dyn StateStore,
    pub(crate) now: i64,
}

impl Past {
    /// Of an agent's session that begins.
    pub(crate) fn new(agent: &Agent) -> Self {
        let (memories, origins) = (Memories::new(agent), Origins::new(agent));
        let (said, untrusted_at, last_failed) = (Said::default(), None, None);
        Self { memories, origins, said, untrusted_at, last_failed }
    }

    /// Whether the last event was a result that is a failure.
    pub(crate) fn failed(&self) -> bool {
        self.said.failed
    }

    /// Keeps what an event says of itself until it is decided.
    pub(crate) fn hear<T>(&mut self, head: &EventHead<'_, T>) {
        let said = &mut self.said;
        said.text.clear();
        said.id.clear();
        let id = head.id.unwrap_or_default();
        if id.len() <= CALL_ID_BYTES_MAX {
            said.id.push_str(id);
        } else {
            for byte in Sha256::digest(id) {
                // Writing to a `String` cannot fail.
                let _ = write!(said.id, "{byte:02x}");
            }
        }
        if self.origins.keeps() && head.kind != EventKind::Output {
            said.text.push_str(head.text.unwrap_or_default());
        }
        // What comes in is the user's, where the host does not say otherwise.
        said.by_user = head.source.is_none_or(|source| source == "user");
        said.failed = head.failed;
    }

    /// What a decided event changes.
    pub(crate) fn commit(&mut self, happening: &Happening<'_>) {
        match (happening.kind, happening.tool) {
            (EventKind::Call, _) => self.call(happening),
            (EventKind::Result, Some(tool)) => self.result(happening, tool),
            (EventKind::Input, _) if happening.passes => {
                self.origins.heard(&self.said.text, self.said.by_user);
                self.happened(happening);
            }
            (EventKind::Output, _) if happening.passes => self.happened(happening),
            _ => {}
        }
    }

    /// Gives back what the last call that failed took of limits; whether there was any.
    pub(crate) fn give_back(
        &mut self,
        agent: &Agent,
        store: &dyn StateStore,
    ) -> Result<bool, StoreError> {
        let Some(call) = self.last_failed.take() else { return Ok(false) };
        let claims = claims_of(agent, &call.taken, false);
        store.give_back(&claims, call.ticket)?;
        Ok(!claims.is_empty())
    }

    /// Notes an event that passed.
    fn happened(&mut self, happening: &Happening<'_>) {
        let Some(place) = happening.noting_place() else { return };
        let notings = Memories::notings(place, happening.event, happening.outcome);
        self.memories.happened(place, happening.outcome, &notings);
    }

    fn call(&mut self, happening: &Happening<'_>) {
        let Some(tool) = happening.tool else { return };
        let passes = happening.passes;
        let taken = if passes { happening.counting.taken() } else { Vec::new() };
        let Some(place) = happening.place.as_ref() else { return };
        if place.entry.updates.is_empty() && taken.is_empty() {
            return;
        }
        let noting = Memories::notings(place, happening.event, happening.outcome);
        if passes {
            self.memories.happened(place, happening.outcome, &noting);
        }
        if !taken.is_empty() || noting.iter().any(|noting| noting.on_success || !passes) {
            let id = self.said.id.as_str().into();
            self.memories.open(OpenCall {
                tool: tool.0,
                id,
                is_permitted: passes,
                noting,
                ticket: happening.ticket,
                taken,
            });
        }
    }

    fn result(&mut self, happening: &Happening<'_>, tool: ToolId) {
        if let Some(call) = self.memories.close(tool, &self.said.id) {
            let place = happening.place.as_ref();
            // What is withheld was not read: the call succeeded, and what it returned is unknown.
            let returned =
                |memory| returned(place.filter(|_| happening.passes)?, happening.event, memory);
            self.memories.finished(happening.agent, &call, self.said.failed, returned);
            let ended = claims_of(happening.agent, &call.taken, true);
            if !ended.is_empty() {
                // A place that is not given back comes free when its lease ends.
                let _ = happening.store.give_back(&ended, call.ticket);
            }
            self.last_failed = self.said.failed.then_some(call);
        }
        // What is withheld was not read.
        if happening.passes {
            let provenance = &happening.agent.provenance;
            self.origins.read(&self.said.text, tool, provenance);
            let is_untrusted =
                sources_of(provenance, tool).is_some_and(ResultSources::is_untrusted);
            if is_untrusted {
                self.untrusted_at = self.untrusted_at.max(Some(happening.now));
            }
            self.happened(happening);
        }
    }
}

impl Happening<'_> {
    /// The entry, where its rules note anything.
    fn noting_place(&self) -> Option<&Place<'_>> {
        self.place.as_ref().filter(|place| !place.entry.updates.is_empty())
    }
}
