//! All that is kept under one key, and the questions that are asked of it.

use crate::breaker::Events;
use crate::limits::WINDOW_EVENTS_MAX;
use crate::takes::{Pending, Takes, Uses};
use crate::{Amount, Claim, Concurrency, Standing};

/// What is kept, and until when that matters.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The key's bits with its kind mixed in; see [`SlotKey`].
    pub(crate) key: SlotKey,
    /// The time of the latest claim that was permitted.
    latest_ms: i64,
    /// From when on forgetting the slot changes no answer.
    pub(crate) expires_ms: i64,
    pub(crate) kept: Kept,
}

/// A key and what it is used for: a take and a place of one key do not touch each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SlotKey(pub(crate) u128);

impl SlotKey {
    // Keys are digests: a difference in a few bits makes another digest, as likely as any to occur.
    const PLACE: u128 = 1 << 64;
    const BREAKER: u128 = 2 << 64;
    const NOVELTY: u128 = 3 << 64;

    pub(crate) fn of(claim: &Claim) -> Self {
        match claim {
            Claim::Take(take) => Self(take.key.bits()),
            Claim::Concurrency(place) => Self(place.key.bits() ^ Self::PLACE),
        }
    }

    pub(crate) fn breaker(key: crate::Key) -> Self {
        Self(key.bits() ^ Self::BREAKER)
    }

    pub(crate) fn novelty(key: crate::Key) -> Self {
        Self(key.bits() ^ Self::NOVELTY)
    }
}

#[derive(Debug)]
pub(crate) enum Kept {
    Nothing,
    Takes(Takes),
    /// Who holds a place, and until when at the latest.
    Places(Vec<Lease>),
    Events(Events),
    /// It was remembered, for ever.
    Seen,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    ends_ms: i64,
    ticket: u64,
}

/// What a claim meets at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Met {
    Takes(Uses),
    Places { taken: usize, first_end_ms: Option<i64>, now_ms: i64 },
}

impl Met {
    /// What a claim meets where nothing is kept.
    pub(crate) fn nothing(claim: &Claim, now_ms: i64) -> Self {
        match claim {
            Claim::Take(_) => Self::Takes(Uses::none(now_ms)),
            Claim::Concurrency(_) => Self::Places { taken: 0, first_end_ms: None, now_ms },
        }
    }

    pub(crate) fn fits(&self, claim: &Claim, pending: Pending) -> bool {
        match (self, claim) {
            (Self::Takes(uses), Claim::Take(take)) => uses.fit(take, pending),
            (Self::Places { taken, .. }, Claim::Concurrency(place)) => {
                taken + pending.takes < places(place)
            }
            _ => false,
        }
    }

    pub(crate) fn standing(&self, claim: &Claim, pending: Pending) -> Standing {
        match (self, claim) {
            (Self::Takes(uses), Claim::Take(take)) => uses.standing(take, pending),
            (Self::Places { taken, first_end_ms, now_ms }, Claim::Concurrency(place)) => {
                let left = places(place).saturating_sub(taken + pending.takes);
                let left = u32::try_from(left).unwrap_or(u32::MAX);
                let pending_ms = (pending.takes > 0).then_some(now_ms + place.lease_ms);
                let first_ms = first_end_ms.iter().chain(&pending_ms).min();
                Standing {
                    remaining: Amount::from_count(left).unwrap_or_default(),
                    resets_in_ms: first_ms.map_or(0, |end_ms| end_ms - now_ms),
                }
            }
            _ => Standing::default(),
        }
    }
}

fn places(place: &Concurrency) -> usize {
    usize::try_from(place.most).unwrap_or(usize::MAX).min(WINDOW_EVENTS_MAX)
}

impl Slot {
    pub(crate) fn new(key: SlotKey, now_ms: i64) -> Self {
        // Whoever asked for it may use it at once; unused, it goes with the next sweep.
        Self { key, latest_ms: i64::MIN, expires_ms: now_ms + 1, kept: Kept::Nothing }
    }

    pub(crate) fn meet(&self, claim: &Claim, now_ms: i64) -> Met {
        let now_ms = now_ms.max(self.latest_ms);
        match (claim, &self.kept) {
            (Claim::Take(take), Kept::Takes(takes)) => Met::Takes(takes.uses(take, now_ms)),
            (Claim::Concurrency(_), Kept::Places(leases)) => {
                let held = leases.iter().filter(|lease| lease.ends_ms > now_ms);
                let taken = held.clone().count();
                Met::Places { taken, first_end_ms: held.map(|one| one.ends_ms).min(), now_ms }
            }
            _ => Met::nothing(claim, now_ms),
        }
    }

    /// A whole claim in one go, where there is a short way; see [`Takes::count_one`].
    pub(crate) fn claim_short(
        &mut self,
        claim: &Claim,
        now_ms: i64,
        ticket: u64,
    ) -> Option<(bool, Standing)> {
        let (Claim::Take(take), Kept::Takes(takes)) = (claim, &mut self.kept) else { return None };
        let now_ms = now_ms.max(self.latest_ms);
        let (is_permitted, standing) = takes.count_one(take, now_ms, ticket)?;
        if is_permitted {
            self.latest_ms = now_ms;
            self.keep_until(now_ms + take.windows.rate.window_ms);
        }
        Some((is_permitted, standing))
    }

    /// Takes what was found to fit.
    pub(crate) fn apply(&mut self, claim: &Claim, now_ms: i64, ticket: u64) {
        let now_ms = self.move_to(now_ms);
        match claim {
            Claim::Take(take) => {
                if !matches!(self.kept, Kept::Takes(_)) {
                    self.kept = Kept::Takes(Takes::default());
                }
                if let Kept::Takes(takes) = &mut self.kept {
                    takes.push(take, now_ms, ticket);
                }
                self.keep_until(now_ms + take.windows.longest_ms());
            }
            Claim::Concurrency(place) => {
                if !matches!(self.kept, Kept::Places(_)) {
                    self.kept = Kept::Places(Vec::new());
                }
                let ends_ms = now_ms + place.lease_ms;
                if let Kept::Places(leases) = &mut self.kept {
                    leases.retain(|lease| lease.ends_ms > now_ms);
                    leases.push(Lease { ends_ms, ticket });
                }
                self.keep_until(ends_ms);
            }
        }
    }

    /// Time only runs forward: what time it is for this key.
    pub(crate) fn move_to(&mut self, now_ms: i64) -> i64 {
        self.latest_ms = self.latest_ms.max(now_ms);
        self.latest_ms
    }

    pub(crate) fn latest_or(&self, now_ms: i64) -> i64 {
        self.latest_ms.max(now_ms)
    }

    pub(crate) fn keep_until(&mut self, time_ms: i64) {
        self.expires_ms = self.expires_ms.max(time_ms);
    }

    /// Changes a breaker's events; its slot keeps nothing else.
    pub(crate) fn change_events(&mut self, change: impl FnOnce(&mut Events)) {
        if !matches!(self.kept, Kept::Events(_)) {
            self.kept = Kept::Events(Events::default());
        }
        if let Kept::Events(events) = &mut self.kept {
            change(events);
        }
    }

    pub(crate) fn give_back(&mut self, ticket: u64) {
        match &mut self.kept {
            Kept::Takes(takes) => takes.give_back(ticket),
            Kept::Places(leases) => leases.retain(|lease| lease.ticket != ticket),
            Kept::Nothing | Kept::Events(_) | Kept::Seen => {}
        }
    }
}
