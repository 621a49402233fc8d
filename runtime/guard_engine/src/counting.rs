//! What is counted across sessions when an event would pass: limits, and what is new.
//!
//! INVARIANT: a store that does not answer refuses. What a decision takes it keeps only if the event
//! passes; what is refused takes nothing.

use crate::Outcome;
use crate::answers::{Place, fired};
use crate::interpret::at;
use crate::memory::KeyBytes;
use guard_plan::{Agent, Limit, Question, Truth};
use guard_state::{
    Amount, Claim, Claimed, Concurrency, Key, Standings, StateStore, StoreError, Take, Window,
    Windows,
};
use guard_value::Record;
use serde::{Deserialize, Serialize};

/// How long a concurrent call holds its place if its result never comes.
const LEASE_MS: i64 = 15 * 60 * 1_000;

/// What counts limits of one session. Reused from event to event.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    claims: Vec<Claim>,
    /// The entry's rule behind each claim, and its limit.
    rules: Vec<(u32, u32)>,
    key: KeyBytes,
    /// The last key of each limit and its hash: a session asks for the same again and again.
    hashed: Vec<(KeyBytes, Option<Key>)>,
    /// The rule whose limit is used up.
    pub(crate) refused: Option<u32>,
    standings: Standings,
    /// What each claim took, in the form that is kept.
    amounts: Vec<i64>,
}

/// A claim that was taken, kept until the call's result comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) limit: u32,
    pub(crate) key: u128,
    pub(crate) amount: i64,
}

/// Whose events are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted<'a> {
    pub(crate) store: &'a dyn StateStore,
    pub(crate) tenant: &'a str,
    pub(crate) now: i64,
    pub(crate) ticket: u64,
}

impl Counting {
    /// Forgets the event before.
    pub(crate) fn clear(&mut self) {
        self.claims.clear();
        self.rules.clear();
        self.amounts.clear();
        self.refused = None;
        self.standings = Standings::default();
    }

    /// Whether the limits of an event that would pass have room for it. Where it is real, what it
    /// needs is taken, all or nothing.
    pub(crate) fn fits(
        &mut self,
        place: &Place<'_>,
        event: &Record,
        outcome: &Outcome,
        counted: Counted<'_>,
        is_real: bool,
    ) -> Result<bool, StoreError> {
        for used in &place.entry.limits {
            if fired(outcome, used.rule).is_none() {
                continue;
            }
            let amount = match used.amount {
                None => Some(1_000_000),
                Some(amount) => place.amount(amount, event),
            };
            let key = self.key(used.limit, &used.key, place, event, counted.tenant);
            let limit = at(&place.agent.limits, used.limit);
            // What has no amount or no key cannot be counted, and does not pass.
            let claim = amount.zip(key).zip(limit);
            let claim = claim.and_then(|((amount, key), limit)| claim_of(limit, key, amount));
            let (Some(claim), Some(amount)) = (claim, amount) else {
                self.refused = Some(used.rule);
                return Ok(false);
            };
            self.claims.push(claim);
            self.amounts.push(amount);
            self.rules.push((used.rule, used.limit));
        }
        if self.claims.is_empty() {
            return Ok(true);
        }
        let claimed: Claimed = if is_real {
            counted.store.claim(&self.claims, counted.now, counted.ticket)?
        } else {
            counted.store.peek(&self.claims, counted.now)?
        };
        if let Some(index) = claimed.refused {
            self.refused = self.rules.get(index).map(|(rule, _)| *rule).or(Some(u32::MAX));
        }
        let fits = claimed.is_permitted();
        self.standings = claimed.standings;
        Ok(fits)
    }

    fn key(
        &mut self,
        limit: u32,
        parts: &[guard_plan::Load],
        place: &Place<'_>,
        event: &Record,
        tenant: &str,
    ) -> Option<Key> {
        if !place.key(parts, event, &mut self.key) {
            return None;
        }
        let index = usize::try_from(limit).ok()?;
        if self.hashed.len() <= index {
            self.hashed.resize(index.checked_add(1)?, (KeyBytes::new(), None));
        }
        let known = self.hashed.get_mut(index)?;
        if let (true, Some(key)) = (known.0 == self.key, known.1) {
            return Some(key);
        }
        let name = &at(&place.agent.limits, limit)?.name;
        let parts: [&[u8]; 4] =
            [place.agent.name.as_bytes(), name.as_bytes(), tenant.as_bytes(), &self.key];
        let key = Key::new("limit", &parts);
        known.0.clone_from(&self.key);
        known.1 = Some(key);
        Some(key)
    }

    /// What was taken for the event, to be given back some day.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        let taken = self.claims.iter().zip(&self.rules).zip(&self.amounts);
        let taken = taken.map(|((claim, (_, limit)), amount)| Taken {
            limit: *limit,
            key: claim.key().bits(),
            amount: *amount,
        });
        taken.collect()
    }

    /// Gives back everything that was taken for the event.
    pub(crate) fn undo(&mut self, counted: Counted<'_>) -> Result<(), StoreError> {
        counted.store.give_back(&self.claims, counted.ticket)
    }

    /// What is left of each limit that counted the event: its name, how much, and when the oldest part
    /// comes free.
    pub(crate) fn left<'a>(
        &'a self,
        agent: &'a Agent,
    ) -> impl Iterator<Item = (&'a str, f64, i64)> + 'a {
        self.standings.iter().zip(&self.rules).filter_map(move |(standing, (_, limit))| {
            let name = at(&agent.limits, *limit)?.name.as_str();
            Some((name, standing.remaining.to_float(), standing.resets_in_ms))
        })
    }
}

/// Nothing where the limit or the amount is beyond what stores count.
fn claim_of(limit: &Limit, key: Key, amount: i64) -> Option<Claim> {
    let most = Amount::from_millionths(limit.most)?;
    let Some(window_ms) = limit.window_ms else {
        let most = u32::try_from(limit.most / Amount::ONE.millionths()).ok()?;
        return Some(Claim::Concurrency(Concurrency { key, most, lease_ms: LEASE_MS }));
    };
    // As much time as the burst takes at the limit's own pace, rounded up.
    let burst_ms = |burst: i64| {
        let whole = i128::from(window_ms) * i128::from(burst);
        let most = i128::from(limit.most.max(1));
        i64::try_from((whole + most - 1) / most).ok()
    };
    let burst = match limit.burst {
        None => None,
        Some(burst) => {
            let most = Amount::from_millionths(burst)?;
            Some(Window { most, window_ms: burst_ms(burst)? })
        }
    };
    let windows = Windows { rate: Window { most, window_ms }, burst };
    Some(Claim::Take(Take { key, amount: Amount::from_millionths(amount)?, windows }))
}

/// The claims behind what a call has taken; those of concurrent calls alone where only they end.
pub(crate) fn claims_of(agent: &Agent, taken: &[Taken], only_concurrent: bool) -> Vec<Claim> {
    let claims = taken.iter().filter_map(|taken| {
        let limit = at(&agent.limits, taken.limit)?;
        let is_meant = !only_concurrent || limit.window_ms.is_none();
        is_meant.then(|| claim_of(limit, Key::from_bits(taken.key), taken.amount))?
    });
    claims.collect()
}

/// The key that something new is remembered under.
fn novelty(agent: &Agent, tenant: &str, bytes: &[u8]) -> Key {
    Key::new("novel", &[agent.name.as_bytes(), tenant.as_bytes(), bytes])
}

/// Whether a value is new. What the store cannot tell is unknown.
pub(crate) fn is_novel(agent: &Agent, tenant: &str, store: &dyn StateStore, bytes: &[u8]) -> Truth {
    store.first_time(novelty(agent, tenant, bytes)).map_or(Truth::Unknown, Truth::from)
}

/// Remembers what is not new any more after a call that passes.
pub(crate) fn remember(
    place: &Place<'_>,
    event: &Record,
    counted: Counted<'_>,
) -> Result<(), StoreError> {
    let mut key = KeyBytes::new();
    for ask in &place.entry.asks {
        if let Question::Novel { key: parts } = &ask.question
            && place.key(parts, event, &mut key)
        {
            counted.store.remember(novelty(place.agent, counted.tenant, &key))?;
        }
    }
    Ok(())
}
