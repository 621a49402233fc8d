//! All that is kept under one key, and the questions that are asked of it.

use crate::breaker::Events;
use crate::limits::WINDOW_EVENTS_MAX;
use crate::ring::Ring;
use crate::takes::{Pending, Sum, Uses, count_one, push_one, uses_of_ones};
use crate::{Amount, Claim, Concurrency, Key, Standing, Take, Windows};

/// What is kept, and until when that matters. For a count that is one cache line: a check of it
/// reads this and, where it is permitted, writes one place of the ring.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Slot {
    /// The key's bits with its kind mixed in; see [`SlotKey`].
    pub(crate) key: SlotKey,
    /// The time of the latest claim that was permitted.
    latest_ms: i64,
    /// How long after `latest_ms` forgetting the slot would change an answer: for takes the longest
    /// window that the key was asked for.
    keeps_ms: i64,
    pub(crate) kept: Kept,
}

const _: () = assert!(size_of::<Slot>() == 64);

/// A key and what it is used for: a take and a place of one key do not touch each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlotKey {
    high: u64,
    low: u64,
}

impl SlotKey {
    // Keys are digests: a difference in a few bits makes another digest, as likely as any to occur.
    const TAKE: u64 = 0;
    const PLACE: u64 = 1;
    const BREAKER: u64 = 2;
    const NOVELTY: u64 = 3;

    pub(crate) fn of(claim: &Claim) -> Self {
        match claim {
            Claim::Take(take) => Self::take(take.key),
            Claim::Concurrency(place) => Self::new(place.key, Self::PLACE),
        }
    }

    pub(crate) fn take(key: Key) -> Self {
        Self::new(key, Self::TAKE)
    }

    pub(crate) fn breaker(key: Key) -> Self {
        Self::new(key, Self::BREAKER)
    }

    pub(crate) fn novelty(key: Key) -> Self {
        Self::new(key, Self::NOVELTY)
    }

    #[inline]
    fn new(key: Key, kind: u64) -> Self {
        let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        Self { high: half(key.bits() >> 64) ^ kind, low: half(key.bits()) }
    }

    /// The key of a slot for takes.
    pub(crate) fn of_take(self) -> Key {
        Key::from_bits(u128::from(self.high ^ Self::TAKE) << 64 | u128::from(self.low))
    }

    /// The key's hash; its highest bits are good. Whoever chooses the values that keys are made of can
    /// search for keys that meet; a shard looks at a bounded number of places all the same.
    #[inline]
    pub(crate) fn hash(self) -> u64 {
        // Digests are spread already, the bits of a kind are not: 2^64 divided by the golden ratio.
        (self.high ^ self.low).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[derive(Debug)]
pub(crate) enum Kept {
    /// Nothing yet; the next sweep may take the slot.
    Nothing,
    /// Takes of one each, which is what a limit on the number of calls has.
    Count(Ring),
    /// Takes of other amounts too.
    Sum(Box<Sum>),
    /// Who holds a place, and until when at the latest.
    Places(Vec<Lease>),
    Events(Box<Events>),
    /// It was remembered, for ever.
    Seen,
    /// The slot is free.
    Free,
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
    pub(crate) fn new(key: SlotKey) -> Self {
        Self { key, latest_ms: i64::MIN, keeps_ms: 0, kept: Kept::Nothing }
    }

    /// From when on forgetting the slot changes no answer.
    pub(crate) fn expires_ms(&self) -> i64 {
        match self.kept {
            Kept::Nothing | Kept::Free => i64::MIN,
            Kept::Seen => i64::MAX,
            _ => self.latest_ms.saturating_add(self.keeps_ms),
        }
    }

    pub(crate) fn meet(&self, claim: &Claim, now_ms: i64) -> Met {
        let now_ms = now_ms.max(self.latest_ms);
        match (claim, &self.kept) {
            (Claim::Take(take), Kept::Count(ring)) => Met::Takes(uses_of_ones(ring, take, now_ms)),
            (Claim::Take(take), Kept::Sum(sum)) => Met::Takes(sum.uses(take, now_ms)),
            (Claim::Concurrency(_), Kept::Places(leases)) => {
                let held = leases.iter().filter(|lease| lease.ends_ms > now_ms);
                let taken = held.clone().count();
                Met::Places { taken, first_end_ms: held.map(|one| one.ends_ms).min(), now_ms }
            }
            _ => Met::nothing(claim, now_ms),
        }
    }

    /// A whole take in one go, where there is a short way; see [`count_one`].
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as a call it costs a fifth of a check")]
    pub(crate) fn take_short(
        &mut self,
        amount: Amount,
        windows: &Windows,
        now_ms: i64,
        ticket: u64,
    ) -> Option<(bool, Standing)> {
        let Kept::Count(ring) = &mut self.kept else { return None };
        if amount != Amount::ONE || windows.burst.is_some() {
            return None;
        }
        let now_ms = now_ms.max(self.latest_ms);
        let counted = count_one(ring, &mut self.keeps_ms, windows.rate, now_ms, ticket);
        if counted.0 {
            self.latest_ms = now_ms;
        }
        Some(counted)
    }

    /// Takes what was found to fit.
    pub(crate) fn apply(&mut self, claim: &Claim, now_ms: i64, ticket: u64) {
        let now_ms = self.move_to(now_ms);
        match claim {
            Claim::Take(take) => self.apply_take(take, now_ms, ticket),
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

    fn apply_take(&mut self, take: &Take, now_ms: i64, ticket: u64) {
        if !matches!(self.kept, Kept::Count(_) | Kept::Sum(_)) {
            self.kept = Kept::Count(Ring::default());
        }
        if take.amount != Amount::ONE
            && let Kept::Count(ring) = &mut self.kept
        {
            self.kept = Kept::Sum(Box::new(Sum::of_ones(std::mem::take(ring))));
        }
        match &mut self.kept {
            Kept::Count(ring) => push_one(ring, &mut self.keeps_ms, take, now_ms, ticket),
            Kept::Sum(sum) => sum.push(&mut self.keeps_ms, take, now_ms, ticket),
            _ => {}
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

    /// Keeps the slot at least until then.
    pub(crate) fn keep_until(&mut self, time_ms: i64) {
        self.keeps_ms = self.keeps_ms.max(time_ms.saturating_sub(self.latest_ms));
    }

    /// Changes a breaker's events; its slot keeps nothing else.
    pub(crate) fn change_events(&mut self, change: impl FnOnce(&mut Events)) {
        if !matches!(self.kept, Kept::Events(_)) {
            self.kept = Kept::Events(Box::default());
        }
        if let Kept::Events(events) = &mut self.kept {
            change(events);
        }
    }

    /// Forgets what a breaker has counted, and that it was open.
    pub(crate) fn forget_events(&mut self) {
        self.kept = Kept::Events(Box::default());
        self.keeps_ms = 0;
    }

    pub(crate) fn give_back(&mut self, ticket: u64) {
        match &mut self.kept {
            Kept::Count(ring) => ring.remove(ticket, |_| {}),
            Kept::Sum(sum) => sum.give_back(ticket),
            Kept::Places(leases) => leases.retain(|lease| lease.ticket != ticket),
            Kept::Nothing | Kept::Events(_) | Kept::Seen | Kept::Free => {}
        }
    }
}
