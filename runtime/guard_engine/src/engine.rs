//! A loaded plan: verified, its patterns compiled, its tools and entries indexed. Shared by all
//! sessions and threads; only its facts change.

use crate::breakers::{halting_key, keys_of};
use crate::interpret::at;
use crate::limits::WORK_STEPS_MAX;
use crate::look::Detection;
use crate::tools::{EntryTable, ToolIndex};
use crate::work::Work;
use crate::{
    Approver, Duties, Evaluator, FactsError, Frames, LoadError, Networks, Services, Session,
    SessionError, Witness,
};
use guard_match::Patterns;
use guard_plan::{Agent, AgentId, EntryId, Plan};
use guard_redact::Pseudonyms;
use guard_state::{Brakes, Key, MemoryStore, StateStore, StoreError, What};
use guard_value::{Facts, read_facts};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What an engine relies on outside of itself.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Counts limits, and knows what is new.
    pub store: Arc<dyn StateStore>,
    /// What the host carries out besides passing or refusing.
    pub duties: Duties,
    /// Asks people. Without one, what is escalated stays so, and nothing is confirmed.
    pub approver: Option<Arc<dyn Approver>>,
    /// Sees every decision before its event passes.
    pub witness: Option<Arc<dyn Witness>>,
    /// Asks the detectors that are services. Without it none answers.
    pub services: Option<Arc<dyn Services>>,
    /// Runs the networks that detectors name. Without it a plan that names one is not loaded.
    pub networks: Option<Arc<dyn Networks>>,
    /// Makes the pseudonyms that redactions ask for. Without it such an event is denied.
    pub pseudonyms: Option<Pseudonyms>,
}

impl Default for Surroundings {
    /// Those of one process: limits in memory, no duties, nobody to ask.
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            duties: Duties::default(),
            approver: None,
            witness: None,
            services: None,
            networks: None,
            pseudonyms: None,
        }
    }
}

/// Decides events by one plan. Cheap to clone; clones share the facts.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

/// What all sessions of an engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) plan: Arc<Plan>,
    pub(crate) digest: String,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) evaluator: Arc<dyn Evaluator>,
    pub(crate) around: Surroundings,
    pub(crate) brakes: Brakes,
    facts: FactsCell,
}

/// What is made of a plan when it is loaded, and never changes.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) patterns: Patterns,
    pub(crate) detection: Detection,
    /// Where it is noted that a rule halted an agent, one for each agent; `None` without such a rule.
    halting: Vec<Option<Key>>,
    pub(crate) tools: ToolIndex,
    /// One for each agent.
    pub(crate) entries: Vec<EntryTable>,
    /// What the entries of each agent cost.
    work: Vec<Vec<Work>>,
}

impl Shared {
    /// Whether the host has stopped an agent or a tenant.
    pub(crate) fn is_braked(&self, agent: AgentId, tenant: Option<&str>) -> bool {
        let name = self.agent(agent).map_or("", |agent| agent.name.as_str());
        self.brakes.is_stopped(name, None, tenant).is_some()
    }
}

impl Engine {
    /// Loads a plan for one process. `evaluator` was made of the same plan.
    pub fn new(plan: Arc<Plan>, evaluator: Box<dyn Evaluator>) -> Result<Self, LoadError> {
        Self::within(plan, evaluator, Surroundings::default())
    }

    /// Loads a plan into its surroundings.
    pub fn within(
        plan: Arc<Plan>,
        evaluator: Box<dyn Evaluator>,
        around: Surroundings,
    ) -> Result<Self, LoadError> {
        guard_plan::verify(&plan).map_err(|errors| LoadError::not_verified(&errors))?;
        let patterns = Patterns::compile(&plan.patterns)?;
        let detection = Detection::of(&plan, around.networks.as_deref())?;
        Ok(Self::loaded(plan, patterns, detection, evaluator, around))
    }

    /// Loads another plan into surroundings like these, without what has happened here. What both plans search texts for
    /// is not compiled again, so that a plan that differs by one rule is loaded in a fraction of the time.
    pub fn beside(
        &self,
        plan: Arc<Plan>,
        evaluator: Box<dyn Evaluator>,
    ) -> Result<Self, LoadError> {
        guard_plan::verify(&plan).map_err(|errors| LoadError::not_verified(&errors))?;
        let Shared { plan: known_plan, loaded: known, around, .. } = &*self.shared;
        let patterns = Patterns::compile_beside(&plan.patterns, &known.patterns)?;
        let detection = match Detection::beside(&plan, &known.detection, known_plan) {
            Some(detection) => detection?,
            None => Detection::of(&plan, around.networks.as_deref())?,
        };
        Ok(Self::loaded(plan, patterns, detection, evaluator, around.clone()))
    }

    fn loaded(
        plan: Arc<Plan>,
        patterns: Patterns,
        detection: Detection,
        evaluator: Box<dyn Evaluator>,
        around: Surroundings,
    ) -> Self {
        let tools = ToolIndex::new(&plan.tools);
        let entries = plan.agents.iter().map(|a| EntryTable::new(a, plan.tools.len())).collect();
        let work = plan.agents.iter().map(|agent| work_of(&plan, &patterns, agent)).collect();
        let halting = plan.agents.iter().map(|agent| halting_key(&plan, agent)).collect();
        let loaded = Loaded { patterns, detection, halting, tools, entries, work };
        let digest = plan.digest().to_string();
        Self::of(plan, digest, Arc::new(loaded), evaluator.into(), around)
    }

    /// The same plan in other surroundings, without what has happened here: no facts, no brakes. Nothing is loaded again.
    #[must_use]
    pub fn anew(&self, around: Surroundings) -> Self {
        let shared = &*self.shared;
        let (plan, loaded) = (Arc::clone(&shared.plan), Arc::clone(&shared.loaded));
        Self::of(plan, shared.digest.clone(), loaded, Arc::clone(&shared.evaluator), around)
    }

    /// The same plan by another evaluator, which was made of it, without what has happened here. Nothing else is loaded
    /// again.
    #[must_use]
    pub fn evaluated_by(&self, evaluator: Box<dyn Evaluator>) -> Self {
        let shared = &*self.shared;
        let (plan, loaded) = (Arc::clone(&shared.plan), Arc::clone(&shared.loaded));
        Self::of(plan, shared.digest.clone(), loaded, evaluator.into(), shared.around.clone())
    }

    fn of(
        plan: Arc<Plan>,
        digest: String,
        loaded: Arc<Loaded>,
        evaluator: Arc<dyn Evaluator>,
        around: Surroundings,
    ) -> Self {
        let facts = FactsCell::new(Facts::unknown(plan.data.slots.len()));
        let brakes = Brakes::default();
        Self { shared: Arc::new(Shared { plan, digest, loaded, evaluator, around, brakes, facts }) }
    }

    /// The plan it decides by.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.shared.plan
    }

    /// The plan's digest in hexadecimal, as receipts state it.
    pub fn digest(&self) -> &str {
        &self.shared.digest
    }

    /// The host's brakes: what they stop is denied from the next decision on, in every thread.
    pub fn brakes(&self) -> &Brakes {
        &self.shared.brakes
    }

    /// Lets an agent go on that the host or one of its own rules stopped, in all processes that share
    /// the store. Says whether it was stopped here.
    pub fn resume(&self, agent: &str) -> Result<bool, StoreError> {
        let was_stopped = self.brakes().release(&What::Agent(agent.to_owned()));
        let agents = self.shared.plan.agents.iter().zip(&self.shared.loaded.halting);
        let halted = agents.filter(|(known, _)| known.name == agent).filter_map(|(_, key)| *key);
        for key in halted {
            self.shared.around.store.close(key)?;
        }
        Ok(was_stopped)
    }

    /// Closes a breaker by its name, for the sessions of a tenant; `""` are those without one. Says
    /// whether the agent has such a breaker.
    pub fn close_breaker(
        &self,
        agent: &str,
        breaker: &str,
        tenant: &str,
    ) -> Result<bool, StoreError> {
        let agents = self.shared.plan.agents.iter().filter(|known| known.name == agent);
        let mut is_known = false;
        for agent in agents {
            let keys = keys_of(agent, tenant);
            let named = agent.breakers.iter().zip(keys).filter(|(known, _)| known.name == breaker);
            for (_, key) in named {
                self.shared.around.store.close(key)?;
                is_known = true;
            }
        }
        Ok(is_known)
    }

    /// Replaces all facts by those of a JSON object; what it leaves out is unknown. Every session
    /// decides its next event by them. On an error the facts stay as they are.
    pub fn set_facts(&self, json: &[u8]) -> Result<(), FactsError> {
        let plan = &self.shared.plan;
        let facts = read_facts(json, &plan.shapes, &plan.data)?;
        self.shared.facts.replace(facts);
        Ok(())
    }

    /// Begins a session of an agent. `principal_json` is an object with the agent's parameters.
    pub fn session(
        &self,
        agent: &str,
        session_id: &str,
        principal_json: &[u8],
    ) -> Result<Session, SessionError> {
        let agents = &self.shared.plan.agents;
        let index = agents.iter().zip(0..).find(|(a, _)| a.name == agent);
        let Some((_, index)) = index else { return Err(SessionError::no_such_agent(agent)) };
        Session::begin(Arc::clone(&self.shared), AgentId(index), session_id, principal_json)
    }
}

fn work_of(plan: &Plan, patterns: &Patterns, agent: &Agent) -> Vec<Work> {
    agent.entries.iter().map(|entry| Work::of(plan, patterns, agent, entry)).collect()
}

impl Shared {
    /// How an agent's parameters are laid out, and its name.
    pub(crate) fn agent(&self, agent: AgentId) -> Option<&guard_plan::Agent> {
        at(&self.plan.agents, agent.0)
    }

    /// Whether an event's lists are too long for the quantifiers of its entry.
    #[inline]
    pub(crate) fn is_too_much(&self, agent: AgentId, entry: EntryId, frames: &Frames<'_>) -> bool {
        let work = at(&self.loaded.work, agent.0).and_then(|entries| at(entries, entry.0));
        work.is_none_or(|work| work.steps(frames) > WORK_STEPS_MAX)
    }

    /// Where it is noted that a rule halted an agent; `None` where it has no such rule.
    pub(crate) fn halting_key(&self, agent: AgentId) -> Option<Key> {
        at(&self.loaded.halting, agent.0).copied().flatten()
    }

    /// Brings a session's facts up to date: one load where nothing has changed.
    #[inline]
    pub(crate) fn refresh_facts(&self, held: &mut HeldFacts) {
        if self.facts.version.load(Ordering::Acquire) != held.version {
            *held = self.facts.take();
        }
    }

    pub(crate) fn facts(&self) -> HeldFacts {
        self.facts.take()
    }
}

/// One version of the facts, held by a session.
#[derive(Debug, Clone)]
pub(crate) struct HeldFacts {
    pub(crate) facts: Arc<Facts>,
    version: u64,
}

/// The facts in force. A session looks at the version at each event and locks only when it changed.
#[derive(Debug)]
struct FactsCell {
    version: AtomicU64,
    current: Mutex<HeldFacts>,
}

impl FactsCell {
    fn new(facts: Facts) -> Self {
        let current = Mutex::new(HeldFacts { facts: Arc::new(facts), version: 0 });
        Self { version: AtomicU64::new(0), current }
    }

    fn replace(&self, facts: Facts) {
        // No code that holds the lock can panic half-way, so a poisoned lock holds whole facts.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let version = current.version.wrapping_add(1);
        *current = HeldFacts { facts: Arc::new(facts), version };
        self.version.store(version, Ordering::Release);
    }

    fn take(&self) -> HeldFacts {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
