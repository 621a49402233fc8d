//! The takes that count under one key, oldest first.

use crate::limits::WINDOW_EVENTS_MAX;
use crate::{Amount, Standing, Take, Window};
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug)]
struct Stamp {
    at_ms: i64,
    ticket: u64,
}

/// INVARIANT: times never fall from front to back; `amounts` is absent or as long as `stamps`;
/// `total` is the sum of all amounts.
#[derive(Debug, Default)]
pub(crate) struct Takes {
    stamps: VecDeque<Stamp>,
    /// Absent as long as every amount is one, which saves a third of a count's memory.
    amounts: Option<VecDeque<i64>>,
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

impl Takes {
    pub(crate) fn uses(&self, take: &Take, now_ms: i64) -> Uses {
        let mut uses = Uses::none(now_ms);
        let longest_ms = take.windows.longest_ms();
        for (window, counted) in take.windows.each().zip(&mut uses.each) {
            let from = self.first_after(now_ms - window.window_ms);
            if window.window_ms == longest_ms {
                uses.live = self.stamps.len() - from;
            }
            counted.used = self.sum_from(from);
            counted.oldest_ms = self.stamps.get(from).map(|stamp| stamp.at_ms);
        }
        uses
    }

    /// The whole of a check for the usual limit, on the number of calls in one window: what
    /// [`Self::uses`], [`Uses::fit`], [`Self::push`] and [`Uses::standing`] say, in one go.
    /// `None` when it is not such a limit.
    #[inline]
    pub(crate) fn count_one(
        &mut self,
        take: &Take,
        now_ms: i64,
        ticket: u64,
    ) -> Option<(bool, Standing)> {
        if self.amounts.is_some() || take.amount != Amount::ONE || take.windows.burst.is_some() {
            return None;
        }
        let Window { most, window_ms } = take.windows.rate;
        let gone = self.first_after(now_ms - window_ms);
        let live = self.stamps.len() - gone;
        let oldest_ms = self.stamps.get(gone).map(|stamp| stamp.at_ms);
        let used = millionths(live);
        let has_room = used.saturating_add(Amount::ONE.millionths()) <= most.millionths();
        let is_permitted = live < WINDOW_EVENTS_MAX && has_room;
        if is_permitted {
            for _ in 0..gone {
                self.stamps.pop_front();
            }
            self.stamps.push_back(Stamp { at_ms: now_ms, ticket });
            self.total = used + Amount::ONE.millionths();
        }
        let count = live + usize::from(is_permitted);
        let is_full = count >= WINDOW_EVENTS_MAX;
        let remaining = if is_full { Amount::ZERO } else { most.left_after(millionths(count)) };
        let oldest_ms = oldest_ms.or(is_permitted.then_some(now_ms));
        let resets_in_ms = oldest_ms.map_or(0, |at_ms| at_ms + window_ms - now_ms);
        Some((is_permitted, Standing { remaining, resets_in_ms }))
    }

    /// The index of the first take after `time_ms`; what stands before has left the window.
    fn first_after(&self, time_ms: i64) -> usize {
        // A key that is asked often has dropped what has left before: look at the first few.
        for at in 0..4 {
            if self.stamps.get(at).is_none_or(|stamp| stamp.at_ms > time_ms) {
                return at.min(self.stamps.len());
            }
        }
        self.stamps.partition_point(|stamp| stamp.at_ms <= time_ms)
    }

    fn sum_from(&self, from: usize) -> i64 {
        let Some(amounts) = &self.amounts else {
            return millionths(self.stamps.len() - from);
        };
        // Whichever part is shorter is added up.
        if from <= amounts.len() / 2 {
            return self.total - amounts.range(..from).sum::<i64>();
        }
        amounts.range(from..).sum()
    }

    /// Adds a take at `now_ms`, which is not before any other, and forgets what no window counts.
    pub(crate) fn push(&mut self, take: &Take, now_ms: i64, ticket: u64) {
        self.drop_until(now_ms - take.windows.longest_ms());
        let amount = take.amount.millionths();
        if amount == 0 {
            return;
        }
        if take.amount != Amount::ONE && self.amounts.is_none() {
            let ones = std::iter::repeat_n(Amount::ONE.millionths(), self.stamps.len());
            self.amounts = Some(ones.collect());
        }
        self.stamps.push_back(Stamp { at_ms: now_ms, ticket });
        if let Some(amounts) = &mut self.amounts {
            amounts.push_back(amount);
        }
        self.total += amount;
    }

    fn drop_until(&mut self, time_ms: i64) {
        while self.stamps.front().is_some_and(|stamp| stamp.at_ms <= time_ms) {
            self.stamps.pop_front();
            self.total -= self.pop_amount();
        }
    }

    fn pop_amount(&mut self) -> i64 {
        let one = Amount::ONE.millionths();
        self.amounts.as_mut().map_or(one, |amounts| amounts.pop_front().unwrap_or(0))
    }

    pub(crate) fn give_back(&mut self, ticket: u64) {
        let mut at = 0;
        while let Some(stamp) = self.stamps.get(at) {
            if stamp.ticket != ticket {
                at += 1;
                continue;
            }
            self.stamps.remove(at);
            let one = Amount::ONE.millionths();
            let amounts = self.amounts.as_mut();
            self.total -= amounts.map_or(one, |amounts| amounts.remove(at).unwrap_or(0));
        }
    }
}

/// So many whole ones.
fn millionths(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(Amount::ONE.millionths())
}
