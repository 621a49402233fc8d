//! One key's window: what was taken when.
//!
//! INVARIANT: `sum` is that of `takes`, which are in order of time, and `oldest` is the time of their
//! first. A claim is taken only where the sum of everything younger than the window stays within its
//! bound, so it does in every window: a window with more would have been full when its last claim came.

use crate::Claim;
use std::collections::VecDeque;

/// Takes of one key at once. A limit on a count has no more than it permits; a limit on a sum of
/// very small amounts refuses beyond.
const TAKES_MAX: usize = 65_536;

#[derive(Debug, Clone, Copy)]
struct Take {
    at: i64,
    amount: i64,
    ticket: u64,
}

/// What is taken of one key.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    takes: VecDeque<Take>,
    sum: i64,
    latest: i64,
    /// When the first of `takes` was; the end of time where there is none. It stands here so that a
    /// claim that nothing makes room for does not look into `takes`, which may be far away.
    oldest: i64,
    /// The longest window that was asked for; what is older is of no use.
    longest_ms: i64,
}

impl Default for Window {
    fn default() -> Self {
        Self { takes: VecDeque::new(), sum: 0, latest: 0, oldest: i64::MAX, longest_ms: 0 }
    }
}

impl Window {
    /// The time now, for this key.
    #[inline]
    fn now(&mut self, now_ms: i64, window_ms: i64) -> i64 {
        self.longest_ms = self.longest_ms.max(window_ms);
        self.latest = self.latest.max(now_ms);
        while self.latest.saturating_sub(self.oldest) >= self.longest_ms
            && let Some(first) = self.takes.pop_front()
        {
            self.sum = self.sum.saturating_sub(first.amount);
            self.find_oldest();
        }
        self.latest
    }

    fn find_oldest(&mut self) {
        self.oldest = self.takes.front().map_or(i64::MAX, |first| first.at);
    }

    /// How much was taken within a window.
    #[inline]
    fn taken(&self, now: i64, window_ms: i64) -> i64 {
        if window_ms >= self.longest_ms { self.sum } else { self.taken_since(now, window_ms) }
    }

    fn taken_since(&self, now: i64, window_ms: i64) -> i64 {
        let recent = self.takes.iter().rev();
        let recent = recent.take_while(|take| now.saturating_sub(take.at) < window_ms);
        recent.fold(0, |sum, take| sum.saturating_add(take.amount))
    }

    #[inline]
    pub(crate) fn fits(&mut self, claim: &Claim, now_ms: i64) -> bool {
        let now = self.now(now_ms, claim.window_ms);
        let fits = |most: i64, window_ms: i64| {
            let taken = self.taken(now, window_ms).checked_add(claim.amount);
            taken.is_some_and(|taken| taken <= most)
        };
        claim.amount >= 0
            && self.takes.len() < TAKES_MAX
            && fits(claim.most, claim.window_ms)
            && claim.burst.is_none_or(|(most, window_ms)| fits(most, window_ms))
    }

    #[inline]
    pub(crate) fn take(&mut self, claim: &Claim, now_ms: i64, ticket: u64) -> bool {
        if !self.fits(claim, now_ms) {
            return false;
        }
        let at = self.latest;
        self.takes.push_back(Take { at, amount: claim.amount, ticket });
        // Times never run back, so a take that is not the first is no older than it.
        self.oldest = self.oldest.min(at);
        self.sum = self.sum.saturating_add(claim.amount);
        true
    }

    pub(crate) fn give_back(&mut self, ticket: u64) {
        if let Some(index) = self.takes.iter().rposition(|take| take.ticket == ticket)
            && let Some(take) = self.takes.remove(index)
        {
            self.sum = self.sum.saturating_sub(take.amount);
            self.find_oldest();
        }
    }

    pub(crate) fn left(&mut self, claim: &Claim, now_ms: i64) -> (i64, i64) {
        let now = self.now(now_ms, claim.window_ms);
        let left = claim.most.saturating_sub(self.taken(now, claim.window_ms)).max(0);
        let oldest = self
            .takes
            .front()
            .map_or(0, |take| claim.window_ms.saturating_sub(now.saturating_sub(take.at)).max(0));
        (left, oldest)
    }

    /// Whether nothing is taken any more.
    pub(crate) fn is_over(&mut self, now_ms: i64) -> bool {
        let window = self.longest_ms;
        self.now(now_ms, window);
        self.takes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Take { later_ms: i64, amount: i64, window_ms: i64 },
        GiveBack { ticket: u64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        let take = (-5..60_i64, 0..4_i64, prop_oneof![Just(100_i64), Just(30), Just(0)]);
        prop_oneof![
            4 => take.prop_map(|(later_ms, amount, window_ms)| {
                Step::Take { later_ms, amount, window_ms }
            }),
            1 => (0..40_u64).prop_map(|ticket| Step::GiveBack { ticket }),
        ]
    }

    proptest! {
        #[test]
        fn it_takes_what_a_plain_list_has_room_for(steps in prop::collection::vec(step(), 0..60)) {
            // A key's longest window is known from the first; what was dropped before does not come back.
            let mut window = Window { longest_ms: 100, ..Window::default() };
            let mut list: Vec<(i64, i64, u64)> = Vec::new();
            let (mut clock, mut latest) = (0_i64, 0_i64);
            for (step, ticket) in steps.into_iter().zip(0_u64..) {
                match step {
                    Step::Take { later_ms, amount, window_ms } => {
                        clock += later_ms;
                        latest = latest.max(clock);
                        let claim =
                            Claim { key: Key(1), amount, most: 5, window_ms, burst: None };
                        let recent = list.iter().filter(|(at, ..)| latest - at < window_ms);
                        let sum: i64 = recent.map(|(_, amount, _)| amount).sum();
                        let fits = sum + amount <= 5;
                        prop_assert_eq!(window.take(&claim, clock, ticket), fits);
                        if fits {
                            list.push((latest, amount, ticket));
                        }
                    }
                    Step::GiveBack { ticket } => {
                        window.give_back(ticket);
                        list.retain(|(.., other)| *other != ticket);
                    }
                }
                let first = window.takes.front().map_or(i64::MAX, |take| take.at);
                prop_assert_eq!(window.oldest, first);
                prop_assert_eq!(window.sum, window.takes.iter().map(|take| take.amount).sum::<i64>());
            }
        }
    }
}
