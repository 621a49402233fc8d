//! One run of an agent: its state, and the way from an event's bytes to a verdict.
//!
//! INVARIANT: after warm-up a decision on an event in order allocates nothing. Everything that
//! explains it (reasons, receipt, JSON) is made when asked for.

use crate::answers::{Asking, Place};
use crate::approving::{
    Answered, Approver, ApproverError, AskedCall, AskedOf, hash_of, shown_call,
};
use crate::breakers::{Circuit, Went, halt, halts_agent, is_halted, keys_of};
use crate::counting::{Counted, Counting, is_novel, remember};
use crate::engine::{HeldFacts, Shared};
use crate::fault::EventFault;
use crate::interpret::at;
use crate::look::{Looking, Replacing};
use crate::past::{Happening, Past};
use crate::{Approval, Decision, Explanation, Frames, Outcome, SessionError};
use guard_match::MatchScratch;
use guard_plan::{
    Agent, AgentId, Entry, EntryId, EventTarget, Layout, Meta, OnExpiry, Plan, Question, Shape,
    ToolId, Truth, Verdict,
};
use guard_redact::{Form, Redacted, value_of_key};
use guard_state::{Key, StoreError, What};
use guard_value::{About, EventHead, EventKind, Layouts, Reader, Record, SlotValue, Subject};
use std::sync::Arc;

/// A session of one agent.
#[derive(Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) agent: AgentId,
    id: String,
    pub(crate) principal: Record,
    /// As it was given, for what is saved.
    pub(crate) principal_json: Vec<u8>,
    pub(crate) facts: HeldFacts,
    reader: Reader,
    pub(crate) event: Record,
    scratch: MatchScratch,
    looking: Looking,
    /// The text of the last event, where rules may replace parts of it.
    said: String,
    /// What rules have replaced in the last event.
    pub(crate) replaced: Option<Replaced>,
    pub(crate) outcome: Outcome,
    pub(crate) faults: Vec<EventFault>,
    /// How many events came before.
    pub(crate) events: u64,
    /// When the first event that says so happened.
    pub(crate) first_at: Option<i64>,
    pub(crate) is_halted: bool,
    pub(crate) past: Past,
    pub(crate) counting: Counting,
    tenant: String,
    /// What the store knows the agent's breakers by.
    breaker_keys: Vec<Key>,
    /// The clock of the last event, in milliseconds.
    pub(crate) now: i64,
    /// Whether the last event was found to be confirmed; a yes is used up when it passes.
    was_confirmed: bool,
    /// The ticket of the question that the last event put.
    pub(crate) ticket: Option<OpenTicket>,
    last: Last,
}

/// Whom the rules put an event to, apart from the session.
struct Asked {
    role: String,
    quorum: u32,
    expires: Option<(i64, OnExpiry)>,
}

/// A question that was put and is open.
#[derive(Debug, Clone)]
pub(crate) struct OpenTicket {
    pub(crate) id: String,
    pub(crate) role: String,
}

/// What was decided last.
#[derive(Debug, Clone, Copy)]
struct Last {
    verdict: Verdict,
    target: Option<Target>,
    sequence: u64,
}

/// What an event is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: EventKind,
    pub(crate) tool: Option<ToolId>,
    pub(crate) entry: Option<EntryId>,
}

/// What rules have replaced in an event.
#[derive(Debug)]
pub(crate) struct Replaced {
    /// Nothing where it could not be done: nothing is known of what the event holds then.
    pub(crate) redacted: Option<Redacted>,
    /// Those of the entry's rules that have.
    pub(crate) rules: Vec<usize>,
}

impl Replaced {
    /// Whether a text holds what was replaced, or may.
    pub(crate) fn conceals(&self, text: &str) -> bool {
        self.redacted.as_ref().is_none_or(|redacted| {
            redacted.originals.iter().any(|original| text.contains(original.as_str()))
        })
    }
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
            principal_json: principal_json.to_vec(),
            facts,
            reader,
            event: Record::default(),
            scratch: MatchScratch::default(),
            looking: Looking::default(),
            said: String::new(),
            replaced: None,
            outcome: Outcome::with_room(rules, clauses),
            faults: Vec::new(),
            events: 0,
            first_at: None,
            is_halted: false,
            past: Past::new(of_plan),
            counting: Counting::default(),
            tenant: String::new(),
            breaker_keys: keys_of(of_plan, ""),
            now: 0,
            was_confirmed: false,
            ticket: None,
            last: Last { verdict: Verdict::Deny, target: None, sequence: 0 },
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

    pub(crate) fn tenant(&self) -> Option<&str> {
        (!self.tenant.is_empty()).then_some(self.tenant.as_str())
    }

    /// Whether a rule ended it; every further event is denied.
    pub fn is_halted(&self) -> bool {
        self.is_halted
    }

    /// What the evaluator found for the last event: which rules fired, which clauses held.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Makes it a session of a tenant: limits, what is new and the host's brakes are its own.
    #[must_use]
    pub fn of_tenant(mut self, tenant: &str) -> Self {
        tenant.clone_into(&mut self.tenant);
        if let Some(agent) = self.shared.agent(self.agent) {
            self.breaker_keys = keys_of(agent, tenant);
        }
        self
    }

    /// Gives back what the last decision took of limits: it does not stand. A store that does not answer
    /// keeps it taken, which is the restrictive side.
    pub fn withdraw(&mut self) {
        let ticket = ticket(&self.id, self.last.sequence);
        let (store, tenant) = (&*self.shared.around.store, self.tenant.as_str());
        let counted = Counted { store, tenant, now: self.now, ticket };
        let _ = self.counting.undo(counted);
    }

    /// Gives back what the call of the last result took of limits, where that result was a failure.
    /// Whether there was any.
    pub fn give_back(&mut self) -> Result<bool, StoreError> {
        let shared = &*self.shared;
        let Some(agent) = shared.agent(self.agent) else { return Ok(false) };
        self.past.give_back(agent, &*shared.around.store)
    }

    /// Decides an event, and moves the session on.
    pub fn decide<'a>(&'a mut self, event_json: &'a [u8]) -> Decision<'a> {
        let sequence = self.events;
        let (verdict, target) = self.evaluate(event_json, true);
        let verdict = self.witnessed(event_json, verdict, target, sequence);
        if let Some(target) = target {
            self.commit(target, verdict);
        }
        self.events = self.events.saturating_add(1);
        self.is_halted |= verdict == Verdict::Halt;
        self.last = Last { verdict, target, sequence };
        self.last_decision(event_json)
    }

    /// The verdict once it has been seen; what nobody saw does not pass, and takes nothing.
    fn witnessed(
        &mut self,
        event_json: &[u8],
        verdict: Verdict,
        target: Option<Target>,
        sequence: u64,
    ) -> Verdict {
        let Some(witness) = self.shared.around.witness.clone() else { return verdict };
        let seen = {
            let decision = Decision { session: self, event: event_json, verdict, target, sequence };
            witness.saw(&decision)
        };
        let Err(error) = seen else { return verdict };
        self.faults.push(EventFault::witness(&error));
        let (store, tenant) = (&*self.shared.around.store, self.tenant.as_str());
        let ticket = ticket(&self.id, sequence);
        let counted = Counted { store, tenant, now: self.now, ticket };
        if let Err(error) = self.counting.undo(counted) {
            self.faults.push(EventFault::store(&error));
        }
        verdict.most_restrictive(Verdict::Deny)
    }

    /// The last decision once more. `event_json` are the bytes of its event.
    pub fn last_decision<'a>(&'a self, event_json: &'a [u8]) -> Decision<'a> {
        let Last { verdict, target, sequence } = self.last;
        Decision { session: self, event: event_json, verdict, target, sequence }
    }

    /// Says what every rule makes of an event, and leaves the session as it is.
    pub fn explain(&mut self, event_json: &[u8]) -> Explanation {
        let (first_at, now) = (self.first_at, self.past.memories.clock());
        let (verdict, target) = self.evaluate(event_json, false);
        let decision =
            Decision { session: self, event: event_json, verdict, target, sequence: self.events };
        let explanation = Explanation::of(&decision);
        self.first_at = first_at;
        self.past.memories.set_clock(now);
        explanation
    }

    /// The verdict on an event and what it is aimed at, where that can be told.
    fn evaluate(&mut self, event_json: &[u8], is_real: bool) -> (Verdict, Option<Target>) {
        self.faults.clear();
        self.counting.clear();
        self.ticket = None;
        self.replaced = None;
        self.was_confirmed = false;
        if self.is_halted {
            self.outcome.clear_for(usize::MAX, usize::MAX);
            self.faults.push(EventFault::halted());
            return (Verdict::Deny, None);
        }
        self.shared.refresh_facts(&mut self.facts);
        let Some(known) = self.read(event_json) else { return (Verdict::Deny, None) };
        let now = self.past.memories.time(known.at);
        // Where no event says a time, none passes.
        self.now = now.unwrap_or(0);
        let age = self.age(now);
        let target = known.target.or_else(|| {
            // What no rule is about still happens: its text is remembered.
            (!known.kind.has_tool()).then_some(Target { kind: known.kind, tool: None, entry: None })
        });
        let verdict = match target {
            Some(target) => self.rules(event_json, target, age),
            // A tool that nobody declared: refused by its fault.
            None => Verdict::Deny,
        };
        self.brakes(target);
        let verdict = self.approved(event_json, target, verdict, is_real);
        let verdict = self.redacted(event_json, target, verdict);
        let verdict = self.counted(target, verdict, is_real);
        if is_real {
            self.tripped(target, self.with_faults(verdict));
        }
        (self.with_faults(verdict), target)
    }

    /// Any fault denies.
    fn with_faults(&self, verdict: Verdict) -> Verdict {
        if self.faults.is_empty() { verdict } else { verdict.most_restrictive(Verdict::Deny) }
    }

    /// Counts the event for breakers, and halts the agent where a rule says so. A store that does not
    /// take it denies.
    fn tripped(&mut self, target: Option<Target>, verdict: Verdict) {
        let shared = &*self.shared;
        let Some(agent) = shared.agent(self.agent) else { return };
        let place =
            target.and_then(|target| place_of(&shared.plan, agent, target, &self.principal));
        let Some(place) = place else { return };
        let store = &*shared.around.store;
        if !place.entry.breakers.is_empty() {
            let circuit = Circuit { agent, keys: &self.breaker_keys, store, now: self.now };
            let went = Went {
                failed: self.past.failed(),
                denied: verdict >= Verdict::Deny,
                is_open: verdict == Verdict::Escalate,
            };
            if let Err(error) = circuit.count(&place, &self.outcome, went) {
                self.faults.push(EventFault::store(&error));
            }
        }
        let Some(key) = shared.halting_key(self.agent).filter(|_| verdict == Verdict::Halt) else {
            return;
        };
        if halts_agent(&shared.plan, &place, &self.outcome) {
            // First here, where nothing can fail.
            shared.brakes.stop(What::Agent(agent.name.clone()), "a rule of the policy");
            if let Err(error) = halt(store, key, self.now) {
                self.faults.push(EventFault::store(&error));
            }
        }
    }

    /// Reads an event into the record and notes its faults; nothing where it is unreadable.
    fn read(&mut self, event_json: &[u8]) -> Option<Known> {
        let agent = usize::try_from(self.agent.0).ok()?;
        let entries = self.shared.loaded.entries.get(agent)?;
        let layouts = EntryLayouts { shared: &self.shared, agent: self.agent, entries };
        match self.reader.event(event_json, &layouts, &mut self.event) {
            Ok(head) => {
                self.past.hear(&head);
                self.said.clear();
                let entry = head.target.and_then(|target: Target| target.entry);
                let detection = &self.shared.loaded.detection;
                let of_entry = entry.and_then(|id| detection.of_entry(self.agent.0, id.0));
                if of_entry.is_some_and(|of_entry| !of_entry.redactions.is_empty()) {
                    self.said.push_str(head.text.unwrap_or_default());
                }
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
    fn rules(&mut self, event_json: &[u8], target: Target, age: Option<i64>) -> Verdict {
        let shared = &*self.shared;
        let Some((id, entry)) =
            target.entry.and_then(|id| Some((id, at(&shared.agent(self.agent)?.entries, id.0)?)))
        else {
            return if target.kind == EventKind::Call { Verdict::Deny } else { Verdict::Allow };
        };
        if let Some(layout) = at(&shared.plan.layouts, entry.layout.0) {
            fill_session(&mut self.event, layout, &self.id, age, self.events);
            if let (false, Some(agent)) = (entry.asks.is_empty(), shared.agent(self.agent)) {
                let place = Place { agent, entry, layout, principal: &self.principal };
                let confirmed = self.is_confirmed(event_json, entry);
                self.was_confirmed = confirmed == Truth::True;
                let around = Asking {
                    origins: &self.past.origins,
                    is_confirmed: confirmed,
                    is_novel: &|bytes| is_novel(agent, &self.tenant, &*shared.around.store, bytes),
                    circuit: Circuit {
                        agent,
                        keys: &self.breaker_keys,
                        store: &*shared.around.store,
                        now: self.now,
                    },
                };
                if let Some(of_entry) = shared.loaded.detection.of_entry(self.agent.0, id.0) {
                    let (event, looking) = (&mut self.event, &mut self.looking);
                    let services = shared.around.services.as_deref();
                    let detection = &shared.loaded.detection;
                    detection.answer(of_entry, &place, event_json, event, services, looking);
                }
                self.past.memories.answer(&place, &mut self.event, &around);
            }
        }
        self.outcome.clear_for(entry.rules.len(), entry.clauses.len());
        let frames = Frames {
            event: &self.event,
            principal: &self.principal,
            facts: &self.facts.facts,
            patterns: &shared.loaded.patterns,
        };
        if shared.is_too_much(self.agent, id, &frames) {
            self.faults.push(EventFault::too_much_work());
            return Verdict::Deny;
        }
        shared.loaded.evaluator.evaluate(
            self.agent,
            id,
            &frames,
            &mut self.scratch,
            &mut self.outcome,
        );
        self.outcome.verdict
    }

    /// Whether the user said yes to exactly this call, where an entry asks. The answer is not used up.
    fn is_confirmed(&self, event_json: &[u8], entry: &Entry) -> Truth {
        let asks = entry.asks.iter().any(|ask| ask.question == Question::Confirmed);
        let Some(approver) = self.shared.around.approver.as_ref().filter(|_| asks) else {
            return Truth::False;
        };
        let Some(shown) = shown_call(event_json) else { return Truth::False };
        match approver.is_confirmed(&self.asked_call(&shown, entry)) {
            Ok(is_confirmed) => Truth::from(is_confirmed),
            Err(_) => Truth::Unknown,
        }
    }

    fn asked_call<'a>(&'a self, shown: &'a str, entry: &Entry) -> AskedCall<'a> {
        let tool = match entry.target {
            EventTarget::Call(tool) => at(&self.shared.plan.tools, tool.0),
            _ => None,
        };
        AskedCall {
            hash: hash_of(shown),
            shown,
            policy: &self.shared.digest,
            agent: self.shared.agent(self.agent).map_or("", |agent| agent.name.as_str()),
            session: &self.id,
            sequence: self.events,
            tool: tool.map_or("", |tool| tool.name.as_str()),
            not_before_ms: self.past.untrusted_at,
            now_ms: self.now,
        }
    }

    /// The verdict once people's answers are looked at: an answer that was given is used up, and a
    /// question that was not put yet is put.
    fn approved(
        &mut self,
        event_json: &[u8],
        target: Option<Target>,
        verdict: Verdict,
        is_real: bool,
    ) -> Verdict {
        let shared = Arc::clone(&self.shared);
        let Some(approver) = &shared.around.approver else { return verdict };
        let Some(agent) = shared.agent(self.agent) else { return Verdict::Deny };
        let is_asked = |target: &Target| is_real && target.is_call() && self.faults.is_empty();
        let Some(target) = target.filter(is_asked) else { return verdict };
        let Some(entry) = target.entry.and_then(|id| at(&agent.entries, id.0)) else {
            return verdict;
        };
        let is_settled = verdict < Verdict::Escalate && !self.was_confirmed;
        if verdict == Verdict::Deny && !self.was_confirmed {
            return self.ask_user(event_json, entry, &**approver);
        }
        if verdict >= Verdict::Deny || is_settled {
            return verdict;
        }
        // An answer is not used up for a call that a limit would refuse.
        if let Some(place) = place_of(&shared.plan, agent, target, &self.principal) {
            let (store, tenant) = (&*shared.around.store, self.tenant.as_str());
            let counted = Counted { store, tenant, now: self.now, ticket: 0 };
            let fits = self.counting.fits(&place, &self.event, &self.outcome, counted, false);
            if fits == Ok(false) {
                return Verdict::Deny;
            }
            self.counting.clear();
        }
        let Some(shown) = shown_call(event_json) else { return Verdict::Deny };
        let asked = self.asked_about(event_json, target);
        let mut roles: Vec<&str> = asked.iter().map(|asked| asked.role.as_str()).collect();
        if self.was_confirmed && !roles.contains(&Approval::USER) {
            roles.push(Approval::USER);
        }
        let answered = approver.redeem(&self.asked_call(&shown, entry), &roles);
        let (verdict, fault) = match answered {
            Ok(Answered::Granted | Answered::Expired(OnExpiry::Allow)) => (Verdict::Allow, None),
            Ok(_) if verdict < Verdict::Escalate => {
                (Verdict::Deny, Some(EventFault::answered("the user's yes has been used up")))
            }
            Ok(Answered::Rejected) => {
                (Verdict::Deny, Some(EventFault::answered("a person refused the call")))
            }
            Ok(Answered::Expired(OnExpiry::Deny)) => {
                (Verdict::Deny, Some(EventFault::answered("nobody agreed in time")))
            }
            Ok(Answered::Open) => match self.put(&shown, &asked, entry, &**approver) {
                Ok(()) => (Verdict::Escalate, None),
                Err(error) => (Verdict::Deny, Some(EventFault::approver(&error))),
            },
            Err(error) => (Verdict::Deny, Some(EventFault::approver(&error))),
        };
        self.faults.extend(fault);
        verdict
    }

    /// The verdict once what rules replace has been replaced. What cannot be is denied.
    ///
    /// Of an event that is refused it is looked for as well: what is found must not be written down.
    fn redacted(&mut self, event_json: &[u8], target: Option<Target>, verdict: Verdict) -> Verdict {
        let shared = &*self.shared;
        let Some((target, id)) = target.and_then(|target| Some((target, target.entry?))) else {
            return verdict;
        };
        let Some(of_entry) = shared.loaded.detection.of_entry(self.agent.0, id.0) else {
            return verdict;
        };
        if of_entry.redactions.is_empty() {
            return verdict;
        }
        let outcome = &self.outcome;
        let fired = |of: &&Replacing| Outcome::is_set(&outcome.rules_fired, of.rule);
        let text = if target.is_call() {
            (arguments_of(event_json), Form::Arguments)
        } else {
            (self.said.as_str(), Form::Text)
        };
        let (pseudonyms, looking) = (shared.around.pseudonyms.as_ref(), &mut self.looking);
        let redacted = shared.loaded.detection.redact(of_entry, fired, text, pseudonyms, looking);
        let is_refused = verdict >= Verdict::Deny || !self.faults.is_empty();
        match redacted {
            Ok(None) => verdict,
            Ok(Some(redacted)) => {
                let is_found = |d: &u32| redacted.redactions.iter().any(|r| r.detector == *d);
                let found = |of: &&Replacing| fired(of) && of.detectors.iter().any(is_found);
                let rules = of_entry.redactions.iter().filter(found).map(|of| of.rule);
                let rules = if is_refused { Vec::new() } else { rules.collect() };
                self.replaced = Some(Replaced { redacted: Some(redacted), rules });
                if is_refused {
                    return verdict;
                }
                if !shared.around.duties.redactions {
                    self.faults.push(EventFault::duty("a redaction"));
                    return Verdict::Deny;
                }
                verdict.most_restrictive(Verdict::Redact)
            }
            Err(error) => {
                self.replaced = Some(Replaced { redacted: None, rules: Vec::new() });
                if !is_refused {
                    self.faults.push(EventFault::redaction(error));
                }
                verdict.most_restrictive(Verdict::Deny)
            }
        }
    }

    /// Puts a call that is denied before its user, where a rule asks whether they confirmed it.
    fn ask_user(&mut self, event_json: &[u8], entry: &Entry, approver: &dyn Approver) -> Verdict {
        let asks = entry.asks.iter().any(|ask| ask.question == Question::Confirmed);
        if let Some(shown) = shown_call(event_json).filter(|_| asks) {
            let of = AskedOf { role: Approval::USER, quorum: 1, expires: None };
            match approver.ask(&self.asked_call(&shown, entry), of) {
                Ok(put) => {
                    let role = Approval::USER.to_owned();
                    self.ticket = Some(OpenTicket { id: put.ticket, role });
                }
                Err(error) => self.faults.push(EventFault::approver(&error)),
            }
        }
        Verdict::Deny
    }

    /// Whom the rules put the event to.
    fn asked_about(&self, event_json: &[u8], target: Target) -> Vec<Asked> {
        let (verdict, sequence) = (Verdict::Escalate, self.events);
        let target = Some(target);
        let decision = Decision { session: self, event: event_json, verdict, target, sequence };
        let owned = |of: AskedOf<'_>| Asked {
            role: of.role.to_owned(),
            quorum: of.quorum,
            expires: of.expires,
        };
        decision.asked().into_iter().map(owned).collect()
    }

    /// Puts the questions of an escalation, to each role once; the ticket is that of one that has not
    /// agreed.
    fn put(
        &mut self,
        shown: &str,
        asked: &[Asked],
        entry: &Entry,
        approver: &dyn Approver,
    ) -> Result<(), ApproverError> {
        for Asked { role, quorum, expires } in asked {
            let of = AskedOf { role, quorum: *quorum, expires: *expires };
            let put = approver.ask(&self.asked_call(shown, entry), of)?;
            if !put.has_agreed && self.ticket.is_none() {
                self.ticket = Some(OpenTicket { id: put.ticket, role: role.clone() });
            }
        }
        Ok(())
    }

    /// What the host has stopped.
    fn brakes(&mut self, target: Option<Target>) {
        let shared = &*self.shared;
        let agent = shared.agent(self.agent).map_or("", |agent| agent.name.as_str());
        let tool = target
            .filter(|target| target.is_call())
            .and_then(|target| at(&shared.plan.tools, target.tool?.0))
            .map(|tool| tool.name.as_str());
        let tenant = self.tenant();
        if let Some(why) = shared.brakes.is_stopped(agent, tool, tenant) {
            self.faults.push(EventFault::stopped(&why));
            return;
        }
        let Some(key) = shared.halting_key(self.agent) else { return };
        match is_halted(&*shared.around.store, key, self.now) {
            Ok(false) => {}
            Ok(true) => self.faults.push(EventFault::stopped("a rule of the policy")),
            Err(error) => self.faults.push(EventFault::store(&error)),
        }
    }

    /// The verdict once limits are counted and duties are looked at; what is refused takes nothing.
    fn counted(&mut self, target: Option<Target>, verdict: Verdict, is_real: bool) -> Verdict {
        let shared = &*self.shared;
        let Some(agent) = shared.agent(self.agent) else { return Verdict::Deny };
        let Some(place) = target
            .and_then(|target| place_of(&shared.plan, agent, target, &self.principal))
            .filter(|_| verdict < Verdict::Deny && self.faults.is_empty())
        else {
            return verdict;
        };
        if let Some(what) = shared.around.duties.unmet(&shared.plan, place.entry, &self.outcome) {
            self.faults.push(EventFault::duty(what));
            return Verdict::Deny;
        }
        let has_novel =
            place.entry.asks.iter().any(|ask| matches!(ask.question, Question::Novel { .. }));
        // What a person is asked about counts when they say yes.
        if verdict >= Verdict::Escalate || (place.entry.limits.is_empty() && !has_novel) {
            return verdict;
        }
        let counted = Counted {
            store: &*shared.around.store,
            tenant: &self.tenant,
            now: self.now,
            ticket: ticket(&self.id, self.events),
        };
        let fits = self.counting.fits(&place, &self.event, &self.outcome, counted, is_real);
        let fits = fits.and_then(|fits| {
            let remembers = fits && is_real && has_novel;
            if remembers && let Err(error) = remember(&place, &self.event, counted) {
                self.counting.undo(counted)?;
                return Err(error);
            }
            Ok(fits)
        });
        match fits {
            Ok(true) => verdict,
            Ok(false) => Verdict::Deny,
            Err(error) => {
                self.faults.push(EventFault::store(&error));
                Verdict::Deny
            }
        }
    }

    /// The event has been decided: what it changes in the session.
    fn commit(&mut self, target: Target, verdict: Verdict) {
        let shared = &*self.shared;
        let Some(agent) = shared.agent(self.agent) else { return };
        self.past.commit(&Happening {
            agent,
            place: place_of(&shared.plan, agent, target, &self.principal),
            kind: target.kind,
            tool: target.tool,
            event: &self.event,
            outcome: &self.outcome,
            passes: verdict < Verdict::Escalate,
            ticket: ticket(&self.id, self.events),
            counting: &self.counting,
            store: &*shared.around.store,
            now: self.now,
        });
    }

    /// What the entry of the last event could read.
    pub(crate) fn frames(&self) -> Frames<'_> {
        Frames {
            event: &self.event,
            principal: &self.principal,
            facts: &self.facts.facts,
            patterns: &self.shared.loaded.patterns,
        }
    }
}

/// The arguments of a call as they stand in its event.
fn arguments_of(event_json: &[u8]) -> &str {
    let json = std::str::from_utf8(event_json).unwrap_or_default();
    let place = value_of_key(json, "args");
    place.and_then(|(start, end)| json.get(start..end)).unwrap_or_default()
}

/// What limits know an event by: no two events of any session share it, but by a chance of one in two
/// to the power of 64.
fn ticket(id: &str, sequence: u64) -> u64 {
    let key = Key::new("ticket", &[id.as_bytes(), &sequence.to_le_bytes()]);
    u64::try_from(key.bits() >> 64).unwrap_or(0)
}

/// The entry of an event and what its loads can name.
fn place_of<'a>(
    plan: &'a Plan,
    agent: &'a Agent,
    target: Target,
    principal: &'a Record,
) -> Option<Place<'a>> {
    let entry = at(&agent.entries, target.entry?.0)?;
    Some(Place { agent, entry, layout: at(&plan.layouts, entry.layout.0)?, principal })
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
        let tool = if kind.has_tool() {
            Some(self.shared.loaded.tools.find(&plan.tools, tool)?)
        } else {
            None
        };
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
