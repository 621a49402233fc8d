//! One run of an agent: its state, and the way from an event's bytes to a verdict.
//!
//! INVARIANT: after warm-up a decision on an event in order allocates nothing. Everything that
//! explains it (reasons, receipt, JSON) is made when asked for.

use crate::engine::{HeldFacts, Shared};
use crate::fault::EventFault;
use crate::interpret::at;
use crate::{Decision, Explanation, Frames, Outcome, SessionError};
use guard_match::MatchScratch;
use guard_plan::{
    AgentId, Entry, EntryId, EventTarget, Layout, Meta, Plan, Shape, ToolId, Verdict,
};
use guard_value::{About, EventHead, EventKind, Layouts, Reader, Record, SlotValue, Subject};
use std::sync::Arc;

/// A session of one agent.
#[derive(Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) agent: AgentId,
    id: String,
    pub(crate) principal: Record,
    pub(crate) facts: HeldFacts,
    reader: Reader,
    pub(crate) event: Record,
    scratch: MatchScratch,
    pub(crate) outcome: Outcome,
    pub(crate) faults: Vec<EventFault>,
    /// How many events came before.
    events: u64,
    /// When the first event that says so happened.
    first_at: Option<i64>,
    is_halted: bool,
}

/// What an event is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: EventKind,
    pub(crate) tool: Option<ToolId>,
    pub(crate) entry: Option<EntryId>,
}

/// What is known of an event when it has been read.
#[derive(Debug, Clone, Copy)]
struct Known {
    target: Option<Target>,
    kind: EventKind,
    at: Option<i64>,
}

impl Session {
    pub(crate) fn begin(
        shared: Arc<Shared>,
        agent: AgentId,
        id: &str,
        principal_json: &[u8],
    ) -> Result<Self, SessionError> {
        let Some(of_plan) = shared.agent(agent) else {
            return Err(SessionError::no_such_agent(""));
        };
        let (mut reader, mut principal) = (Reader::default(), Record::default());
        let subject = Subject { about: About::Parameter, owner: &of_plan.name };
        let shapes = &shared.plan.shapes;
        let read =
            reader.value(principal_json, shapes, &of_plan.parameters, subject, &mut principal);
        let faults = read.map_err(|fault| SessionError::unreadable(&fault))?;
        if !faults.is_empty() {
            return Err(SessionError::faulty(faults));
        }
        let most = |count: fn(&Entry) -> usize| of_plan.entries.iter().map(count).max();
        let rules = most(|entry| entry.rules.len()).unwrap_or(0);
        let clauses = most(|entry| entry.clauses.len()).unwrap_or(0);
        let facts = shared.facts();
        Ok(Self {
            agent,
            id: id.to_owned(),
            principal,
            facts,
            reader,
            event: Record::default(),
            scratch: MatchScratch::default(),
            outcome: Outcome::with_room(rules, clauses),
            faults: Vec::new(),
            events: 0,
            first_at: None,
            is_halted: false,
            shared,
        })
    }

    /// The id that the host gave it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How many events were decided.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether a rule ended it; every further event is denied.
    pub fn is_halted(&self) -> bool {
        self.is_halted
    }

    /// What the evaluator found for the last event: which rules fired, which clauses held.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Decides an event, and moves the session on.
    pub fn decide<'a>(&'a mut self, event_json: &'a [u8]) -> Decision<'a> {
        let sequence = self.events;
        let (verdict, target) = self.evaluate(event_json);
        self.events = self.events.saturating_add(1);
        self.is_halted |= verdict == Verdict::Halt;
        Decision { session: self, event: event_json, verdict, target, sequence }
    }

    /// Says what every rule makes of an event, and leaves the session as it is.
    pub fn explain(&mut self, event_json: &[u8]) -> Explanation {
        let first_at = self.first_at;
        let (verdict, target) = self.evaluate(event_json);
        let decision =
            Decision { session: self, event: event_json, verdict, target, sequence: self.events };
        let explanation = Explanation::of(&decision);
        self.first_at = first_at;
        explanation
    }

    /// The verdict on an event and what it is aimed at, where that can be told.
    fn evaluate(&mut self, event_json: &[u8]) -> (Verdict, Option<Target>) {
        self.faults.clear();
        if self.is_halted {
            self.outcome.clear_for(usize::MAX, usize::MAX);
            self.faults.push(EventFault::halted());
            return (Verdict::Deny, None);
        }
        self.shared.refresh_facts(&mut self.facts);
        let Some(known) = self.read(event_json) else { return (Verdict::Deny, None) };
        let age = self.age(known.at);
        let verdict = match known.target {
            Some(target) => self.rules(target, age),
            // A tool that nobody declared: refused by its fault.
            None if known.kind.has_tool() => Verdict::Deny,
            None => Verdict::Allow,
        };
        if self.faults.is_empty() {
            (verdict, known.target)
        } else {
            (verdict.most_restrictive(Verdict::Deny), known.target)
        }
    }

    /// Reads an event into the record and notes its faults; nothing where it is unreadable.
    fn read(&mut self, event_json: &[u8]) -> Option<Known> {
        let agent = usize::try_from(self.agent.0).ok()?;
        let entries = self.shared.entries.get(agent)?;
        let layouts = EntryLayouts { shared: &self.shared, agent: self.agent, entries };
        match self.reader.event(event_json, &layouts, &mut self.event) {
            Ok(head) => {
                note_faults(&mut self.faults, &head);
                Some(Known { target: head.target, kind: head.kind, at: head.at })
            }
            Err(fault) => {
                self.faults.push(EventFault::unreadable(&fault));
                None
            }
        }
    }

    /// `session.age` in milliseconds; never negative, as a host's clock may run back.
    fn age(&mut self, at: Option<i64>) -> Option<i64> {
        let at = at?;
        let first = *self.first_at.get_or_insert(at);
        Some(at.saturating_sub(first).max(0))
    }

    /// The verdict of the rules.
    fn rules(&mut self, target: Target, age: Option<i64>) -> Verdict {
        let shared = &*self.shared;
        let Some((id, entry)) =
            target.entry.and_then(|id| Some((id, at(&shared.agent(self.agent)?.entries, id.0)?)))
        else {
            return if target.kind == EventKind::Call { Verdict::Deny } else { Verdict::Allow };
        };
        if let Some(layout) = at(&shared.plan.layouts, entry.layout.0) {
            fill_session(&mut self.event, layout, &self.id, age, self.events);
        }
        self.outcome.clear_for(entry.rules.len(), entry.clauses.len());
        let frames = Frames {
            event: &self.event,
            principal: &self.principal,
            facts: &self.facts.facts,
            patterns: &shared.patterns,
        };
        shared.evaluator.evaluate(self.agent, id, &frames, &mut self.scratch, &mut self.outcome);
        self.outcome.verdict
    }

    /// What the entry of the last event could read.
    pub(crate) fn frames(&self) -> Frames<'_> {
        Frames {
            event: &self.event,
            principal: &self.principal,
            facts: &self.facts.facts,
            patterns: &self.shared.patterns,
        }
    }
}

#[inline]
fn note_faults(faults: &mut Vec<EventFault>, head: &EventHead<'_, Target>) {
    if head.target.is_none() && head.kind.has_tool() {
        faults.push(EventFault::undeclared_tool(head.tool));
    }
    if !head.faults.is_empty() {
        faults.extend(EventFault::of_values(head.faults));
    }
}

/// Fills what the event itself cannot say.
fn fill_session(event: &mut Record, layout: &Layout, id: &str, age: Option<i64>, events: u64) {
    for (meta, slot) in &layout.meta {
        let Ok(slot) = usize::try_from(*slot) else { continue };
        match meta {
            Meta::SessionId => event.set_text(slot, id),
            Meta::SessionAge => event.set(slot, age.map_or(SlotValue::ABSENT, SlotValue::from_int)),
            Meta::SessionEvents => {
                let events = i64::try_from(events).unwrap_or(i64::MAX);
                event.set(slot, SlotValue::from_int(events));
            }
            // The reader has filled these.
            Meta::Text
            | Meta::Source
            | Meta::Failed
            | Meta::CallId
            | Meta::CallTool
            | Meta::CallConfidence
            | Meta::CallCost
            | Meta::Now => {}
        }
    }
}

/// Lays events out as the entries of an agent say; a declared tool without an entry still has its
/// arguments checked.
struct EntryLayouts<'a> {
    shared: &'a Shared,
    agent: AgentId,
    entries: &'a crate::tools::EntryTable,
}

impl Layouts for EntryLayouts<'_> {
    type Target = Target;

    fn shapes(&self) -> &[Shape] {
        &self.shared.plan.shapes
    }

    fn find(&self, kind: EventKind, tool: &str) -> Option<(Target, &Layout)> {
        let plan: &Plan = &self.shared.plan;
        let tool =
            if kind.has_tool() { Some(self.shared.tools.find(&plan.tools, tool)?) } else { None };
        let id = tool.map(|(id, _)| id);
        let entry = self.entries.find(kind, id);
        let of_entry = || {
            let entry = at(&at(&plan.agents, self.agent.0)?.entries, entry?.0)?;
            Some(entry.layout)
        };
        let layout = match (of_entry(), tool) {
            (Some(layout), _) => layout,
            (None, Some((_, tool))) if kind == EventKind::Call => tool.call,
            (None, Some((_, tool))) => tool.result,
            (None, None) => return None,
        };
        Some((Target { kind, tool: id, entry }, at(&plan.layouts, layout.0)?))
    }
}

impl Target {
    /// Whether it is a call.
    pub(crate) fn is_call(self) -> bool {
        self.kind == EventKind::Call
    }
}

/// The target of an entry in words: `tool send_email`.
pub(crate) fn target_words(plan: &Plan, target: EventTarget) -> String {
    let name = |tool: ToolId| at(&plan.tools, tool.0).map_or("", |tool| tool.name.as_str());
    match target {
        EventTarget::Input => "input".to_owned(),
        EventTarget::Output => "output".to_owned(),
        EventTarget::Call(tool) => format!("tool {}", name(tool)),
        EventTarget::Result(tool) => format!("result {}", name(tool)),
    }
}
