//! The takes that count under one key.

use crate::limits::WINDOW_EVENTS_MAX;
use crate::ring::{Ring, Stamp};
use crate::{Amount, Standing, Take, Window};
use std::collections::VecDeque;

/// Takes of different amounts.
///
/// INVARIANT: `amounts` is as long as `ring`; `total` is the sum of all amounts.
#[derive(Debug)]
pub(crate) struct Sum {
    ring: Ring,
    amounts: VecDeque<i64>,
    total: i64,
}

/// What counts in one window.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    used: i64,
    oldest_ms: Option<i64>,
}

/// What counts at one time in each window of a take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uses {
    each: [Use; 2],
    /// How many takes the longest window holds.
    live: usize,
    now_ms: i64,
}

/// What claims of the same list have asked for under the same key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pending {
    pub(crate) millionths: i64,
    pub(crate) takes: usize,
}

impl Pending {
    pub(crate) fn and(self, millionths: i64) -> Self {
        Self {
            millionths: self.millionths.saturating_add(millionths),
            takes: self.takes + usize::from(millionths > 0),
        }
    }
}

impl Uses {
    /// What counts where nothing was ever taken.
    pub(crate) fn none(now_ms: i64) -> Self {
        Self { each: [Use::default(); 2], live: 0, now_ms }
    }

    /// What counts of `ring`. `sum_from` adds up what stands from an index on.
    fn of(ring: &Ring, sum_from: impl Fn(usize) -> i64, take: &Take, now_ms: i64) -> Self {
        let mut uses = Self::none(now_ms);
        let longest_ms = take.windows.longest_ms();
        for (window, counted) in take.windows.each().zip(&mut uses.each) {
            let from = ring.first_after(now_ms - window.window_ms);
            if window.window_ms == longest_ms {
                uses.live = ring.len() - from;
            }
            counted.used = sum_from(from);
            counted.oldest_ms = ring.get(from).map(|stamp| stamp.at_ms);
        }
        uses
    }

    pub(crate) fn fit(&self, take: &Take, pending: Pending) -> bool {
        let amount = take.amount.millionths();
        let has_place = amount == 0 || self.live + pending.takes < WINDOW_EVENTS_MAX;
        let mut windows = take.windows.each().zip(&self.each);
        has_place
            && windows.all(|(window, counted)| {
                let used = counted.used.saturating_add(pending.millionths);
                amount <= window.most.millionths().saturating_sub(used)
            })
    }

    pub(crate) fn standing(&self, take: &Take, pending: Pending) -> Standing {
        let is_full = self.live + pending.takes >= WINDOW_EVENTS_MAX;
        let windows = take.windows.each().zip(&self.each);
        let standings = windows.map(|(window, counted)| {
            let used = counted.used.saturating_add(pending.millionths);
            let pending_ms = (pending.takes > 0).then_some(self.now_ms);
            let leaves_ms = |at_ms: i64| at_ms + window.window_ms - self.now_ms;
            let resets_in_ms = counted.oldest_ms.or(pending_ms).map_or(0, leaves_ms);
            let remaining = if is_full { Amount::ZERO } else { window.most.left_after(used) };
            Standing { remaining, resets_in_ms }
        });
        // Of equally tight windows the one that stays tight for longer.
        let tightest = standings.min_by_key(|one| (one.remaining, -one.resets_in_ms));
        tightest.unwrap_or_default()
    }
}

/// What counts of a ring of ones.
pub(crate) fn uses_of_ones(ring: &Ring, take: &Take, now_ms: i64) -> Uses {
    Uses::of(ring, |from| millionths(ring.len() - from), take, now_ms)
}

/// The whole of a check for the usual limit, on the number of calls in one window: what
/// [`uses_of_ones`], [`Uses::fit`], [`push_one`] and [`Uses::standing`] say, in one go.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as a call it costs a fifth of a check")]
pub(crate) fn count_one(
    ring: &mut Ring,
    keeps_ms: &mut i64,
    Window { most, window_ms }: Window,
    now_ms: i64,
    ticket: u64,
) -> (bool, Standing) {
    let one = Amount::ONE.millionths();
    let gone = ring.first_after(now_ms - window_ms);
    let oldest_ms = if gone == 0 { ring.oldest_ms() } else { ring.get(gone).map(|it| it.at_ms) };
    let mut live = ring.len() - gone;
    let mut used = millionths(live);
    let is_permitted = used + one <= most.millionths() && live < WINDOW_EVENTS_MAX;
    if is_permitted {
        forget(ring, keeps_ms, window_ms, gone, now_ms);
        ring.push(Stamp { at_ms: now_ms, ticket }, ones_in(most));
        live += 1;
        used += one;
    }
    let is_full = live >= WINDOW_EVENTS_MAX;
    let remaining = if is_full { Amount::ZERO } else { most.left_after(used) };
    let oldest_ms = oldest_ms.or(is_permitted.then_some(now_ms));
    let resets_in_ms = oldest_ms.map_or(0, |at_ms| at_ms + window_ms - now_ms);
    (is_permitted, Standing { remaining, resets_in_ms })
}

/// Makes room for a take whose longest window is `window_ms`; `gone` have left that. What the key's
/// longest window so far still counts is kept while there is room, because the longer one may be
/// asked again. Says how many were forgotten.
#[inline]
fn forget(ring: &mut Ring, keeps_ms: &mut i64, window_ms: i64, gone: usize, now_ms: i64) -> usize {
    let mut forgotten = gone;
    if *keeps_ms > window_ms {
        forgotten = ring.first_after(now_ms.saturating_sub(*keeps_ms));
        if ring.len() - forgotten >= WINDOW_EVENTS_MAX {
            forgotten = gone;
            *keeps_ms = window_ms;
        }
    } else {
        *keeps_ms = window_ms;
    }
    ring.drop_first(forgotten);
    forgotten
}

/// Adds a one at `now_ms`, which is not before any other and has room, and forgets what no window
/// counts.
pub(crate) fn push_one(ring: &mut Ring, keeps_ms: &mut i64, take: &Take, now_ms: i64, ticket: u64) {
    let longest_ms = take.windows.longest_ms();
    let gone = ring.first_after(now_ms - longest_ms);
    forget(ring, keeps_ms, longest_ms, gone, now_ms);
    ring.push(Stamp { at_ms: now_ms, ticket }, ones_in(take.windows.rate.most));
}

impl Sum {
    /// What was a count until now.
    pub(crate) fn of_ones(ring: Ring) -> Self {
        let amounts = std::iter::repeat_n(Amount::ONE.millionths(), ring.len()).collect();
        let total = millionths(ring.len());
        Self { ring, amounts, total }
    }

    pub(crate) fn uses(&self, take: &Take, now_ms: i64) -> Uses {
        Uses::of(&self.ring, |from| self.sum_from(from), take, now_ms)
    }

    fn sum_from(&self, from: usize) -> i64 {
        // Whichever part is shorter is added up.
        if from <= self.amounts.len() / 2 {
            return self.total - self.amounts.range(..from).sum::<i64>();
        }
        self.amounts.range(from..).sum()
    }

    /// As [`push_one`], of any amount.
    pub(crate) fn push(&mut self, keeps_ms: &mut i64, take: &Take, now_ms: i64, ticket: u64) {
        let longest_ms = take.windows.longest_ms();
        let gone = self.ring.first_after(now_ms - longest_ms);
        let forgotten = forget(&mut self.ring, keeps_ms, longest_ms, gone, now_ms);
        self.total -= self.amounts.drain(..forgotten).sum::<i64>();
        let amount = take.amount.millionths();
        if amount > 0 && self.ring.push(Stamp { at_ms: now_ms, ticket }, WINDOW_EVENTS_MAX) {
            self.amounts.push_back(amount);
            self.total += amount;
        }
    }

    pub(crate) fn give_back(&mut self, ticket: u64) {
        let Self { ring, amounts, total } = self;
        ring.remove(ticket, |index| *total -= amounts.remove(index).unwrap_or(0));
    }
}

/// How many ones an amount has room for.
fn ones_in(most: Amount) -> usize {
    usize::try_from(most.millionths() / Amount::ONE.millionths()).unwrap_or(usize::MAX)
}

/// So many whole ones; a ring holds few enough.
fn millionths(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(Amount::ONE.millionths())
}
