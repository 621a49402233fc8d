//! What stops an agent when too much goes wrong: its breakers, and its own rules that halt it. Both are
//! kept in the store that its sessions share.
//!
//! INVARIANT: a store that does not answer leaves a breaker's stage unknown, and so refuses.

use crate::Outcome;
use crate::answers::{Place, fired};
use crate::interpret::at;
use guard_plan::{AfterOpen, Agent, Breaker, Effect, Plan, Stage, Truth, Wrongs};
use guard_state::limits::TIME_MS_MAX;
use guard_state::{Key, Rates, StateStore, StoreError};

/// Whose breakers are asked, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circuit<'a> {
    pub(crate) agent: &'a Agent,
    /// One for each of the agent's breakers.
    pub(crate) keys: &'a [Key],
    pub(crate) store: &'a dyn StateStore,
    pub(crate) now: i64,
}

/// How an event went that breakers count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Went {
    /// It is a result that is a failure.
    pub(crate) failed: bool,
    /// It was refused.
    pub(crate) denied: bool,
    /// A person is being asked about it: nothing is known of it yet.
    pub(crate) is_open: bool,
}

impl Circuit<'_> {
    /// Whether a breaker is at a stage.
    pub(crate) fn is_at(&self, breaker: u32, stage: Stage) -> Truth {
        let Some((breaker, key)) = self.find(breaker) else { return Truth::Unknown };
        match self.store.rates(key, self.now, breaker.over_ms) {
            Ok(rates) => Truth::from(self.stage(breaker, rates) == Some(stage)),
            Err(_) => Truth::Unknown,
        }
    }

    /// Counts an event for the breakers of its entry, and opens or closes them.
    pub(crate) fn count(
        &self,
        place: &Place<'_>,
        outcome: &Outcome,
        went: Went,
    ) -> Result<(), StoreError> {
        for used in &place.entry.breakers {
            let (Some(_), Some((breaker, key))) =
                (fired(outcome, used.rule), self.find(used.breaker))
            else {
                continue;
            };
            match breaker.counts {
                Wrongs::Failures => self.went(breaker, key, went.failed)?,
                Wrongs::Denials if went.is_open => {}
                Wrongs::Denials => self.went(breaker, key, went.denied)?,
            }
        }
        Ok(())
    }

    fn went(&self, breaker: &Breaker, key: Key, is_wrong: bool) -> Result<(), StoreError> {
        let rates = || self.store.rates(key, self.now, breaker.over_ms);
        let until_ms = self.now.saturating_add(breaker.open_ms).min(TIME_MS_MAX);
        let open = || self.store.open(key, self.now, until_ms);
        let before = rates()?;
        match self.stage(breaker, before) {
            // What it refuses itself says nothing of how things are.
            Some(Stage::Open) => return Ok(()),
            Some(Stage::Trial) if is_wrong => return open(),
            Some(Stage::Trial) => return self.store.close(key),
            // It was open, and its time is over.
            None if before.open_until_ms.is_some() => self.store.close(key)?,
            None => {}
        }
        self.store.record(key, is_wrong, self.now, breaker.over_ms)?;
        if is_wrong && too_many(breaker, rates()?) { open() } else { Ok(()) }
    }

    fn find(&self, breaker: u32) -> Option<(&Breaker, Key)> {
        Some((at(&self.agent.breakers, breaker)?, *at(self.keys, breaker)?))
    }

    /// `None` where it is closed.
    fn stage(&self, breaker: &Breaker, rates: Rates) -> Option<Stage> {
        let until = rates.open_until_ms?;
        match breaker.then {
            _ if self.now < until => Some(Stage::Open),
            AfterOpen::Close => None,
            AfterOpen::Trial => Some(Stage::Trial),
            AfterOpen::Stay => Some(Stage::Open),
        }
    }
}

/// What the store knows an agent's breakers by, for one tenant.
pub(crate) fn keys_of(agent: &Agent, tenant: &str) -> Vec<Key> {
    let key = |breaker: &Breaker| {
        let parts = [agent.name.as_bytes(), breaker.text.as_bytes(), tenant.as_bytes()];
        Key::new("breaker", &parts)
    };
    agent.breakers.iter().map(key).collect()
}

fn too_many(breaker: &Breaker, rates: Rates) -> bool {
    let wrong = u64::from(rates.failures) * 10_000;
    rates.events >= breaker.at_least && wrong > u64::from(breaker.share) * u64::from(rates.events)
}

/// Where it is noted that a rule has halted an agent; `None` where it has no such rule.
pub(crate) fn halting_key(plan: &Plan, agent: &Agent) -> Option<Key> {
    let mut rules = agent.entries.iter().flat_map(|entry| &entry.rules);
    let halts = rules.any(|rule| {
        at(&plan.rules, rule.rule.0).is_some_and(|rule| rule.effect == Effect::HaltAgent)
    });
    halts.then(|| Key::new("halt", &[agent.name.as_bytes()]))
}

/// Whether a rule that halts the agent fired.
pub(crate) fn halts_agent(plan: &Plan, place: &Place<'_>, outcome: &Outcome) -> bool {
    place.entry.rules.iter().enumerate().any(|(index, rule)| {
        Outcome::is_set(&outcome.rules_fired, index)
            && at(&plan.rules, rule.rule.0).is_some_and(|rule| rule.effect == Effect::HaltAgent)
    })
}

/// Halts an agent in all processes that share the store.
pub(crate) fn halt(store: &dyn StateStore, key: Key, now: i64) -> Result<(), StoreError> {
    store.open(key, now.clamp(-TIME_MS_MAX, TIME_MS_MAX), TIME_MS_MAX)
}

/// Whether a rule has halted the agent.
pub(crate) fn is_halted(store: &dyn StateStore, key: Key, now: i64) -> Result<bool, StoreError> {
    Ok(store.rates(key, now.clamp(-TIME_MS_MAX, TIME_MS_MAX), 1)?.open_until_ms.is_some())
}
