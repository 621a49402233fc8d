//! The contract as plainly as it can be written: it forgets nothing and adds up everything.

use crate::limits::WINDOW_EVENTS_MAX;
use crate::{Amount, Claim, Claimed, Standing, Window};

/// One take or place that was permitted.
#[derive(Clone, Copy, Debug)]
struct Taken {
    claim: Claim,
    at_ms: i64,
    ticket: u64,
    given_back: bool,
}

/// All that was ever permitted, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    taken: Vec<Taken>,
}

impl Oracle {
    pub(super) fn claim(&mut self, claims: &[Claim], now_ms: i64, ticket: u64) -> Claimed {
        let mut next = self.clone();
        let mut claimed = Claimed::default();
        for (index, claim) in claims.iter().enumerate() {
            if !next.fits(claim, now_ms) {
                return Claimed { refused: Some(index), ..self.peek_standings(claims, now_ms) };
            }
            let at_ms = next.now(claim, now_ms);
            next.taken.push(Taken { claim: *claim, at_ms, ticket, given_back: false });
            claimed.standings.push(next.standing(claim, now_ms));
        }
        *self = next;
        claimed
    }

    pub(super) fn peek(&self, claims: &[Claim], now_ms: i64) -> Claimed {
        let refused = self.clone().claim(claims, now_ms, 0).refused;
        Claimed { refused, ..self.peek_standings(claims, now_ms) }
    }

    fn peek_standings(&self, claims: &[Claim], now_ms: i64) -> Claimed {
        let mut claimed = Claimed::default();
        for claim in claims {
            claimed.standings.push(self.standing(claim, now_ms));
        }
        claimed
    }

    pub(super) fn give_back(&mut self, claims: &[Claim], ticket: u64) {
        for taken in self.taken.iter_mut().filter(|taken| taken.ticket == ticket) {
            taken.given_back |= claims.iter().any(|claim| claim.shares_with(&taken.claim));
        }
    }

    /// The time for this key: a take that was given back has been seen all the same.
    fn now(&self, claim: &Claim, now_ms: i64) -> i64 {
        let same = self.taken.iter().filter(|taken| taken.claim.shares_with(claim));
        same.map(|taken| taken.at_ms).fold(now_ms, i64::max)
    }

    /// What counts for `length_ms` from its time on.
    fn live(&self, claim: &Claim, length_ms: i64, now_ms: i64) -> Vec<Taken> {
        let now_ms = self.now(claim, now_ms);
        let counts = |taken: &&Taken| {
            taken.claim.shares_with(claim)
                && !taken.given_back
                && taken.claim.millionths() > 0
                && now_ms < taken.at_ms + length_ms
        };
        self.taken.iter().filter(counts).copied().collect()
    }

    fn fits(&self, claim: &Claim, now_ms: i64) -> bool {
        match claim {
            Claim::Concurrency(place) => {
                let live = self.live(claim, place.lease_ms, now_ms).len();
                live < usize::try_from(place.most).unwrap_or(0)
            }
            Claim::Take(take) => take.windows.each().all(|window| {
                let live = self.live(claim, window.window_ms, now_ms);
                let used = sum(&live);
                live.len() < WINDOW_EVENTS_MAX
                    && used + take.amount.millionths() <= window.most.millionths()
            }),
        }
    }

    fn standing(&self, claim: &Claim, now_ms: i64) -> Standing {
        let windows: Vec<Window> = match claim {
            Claim::Take(take) => take.windows.each().collect(),
            Claim::Concurrency(place) => {
                let most = Amount::from_count(place.most).unwrap_or_default();
                vec![Window { most, window_ms: place.lease_ms }]
            }
        };
        let standings = windows.iter().map(|window| {
            let live = self.live(claim, window.window_ms, now_ms);
            let first_ms = live.iter().map(|taken| taken.at_ms).min();
            let now_ms = self.now(claim, now_ms);
            Standing {
                remaining: Amount::from_millionths(window.most.millionths() - sum(&live))
                    .unwrap_or_default(),
                resets_in_ms: first_ms.map_or(0, |at_ms| at_ms + window.window_ms - now_ms),
            }
        });
        standings.min_by_key(|one| (one.remaining, -one.resets_in_ms)).unwrap_or_default()
    }

    /// The one promise of a limit, asked of every interval that begins with a take.
    pub(super) fn overfull(&self) -> Option<String> {
        let windows = self.taken.iter().filter(|first| !first.given_back).flat_map(|first| {
            let Claim::Take(take) = first.claim else { return Vec::new() };
            take.windows.each().map(|window| (*first, window)).collect()
        });
        windows
            .filter(|(first, window)| {
                let interval = first.at_ms..first.at_ms + window.window_ms;
                let within = self.taken.iter().filter(|taken| {
                    taken.claim.shares_with(&first.claim)
                        && !taken.given_back
                        && interval.contains(&taken.at_ms)
                });
                let within: Vec<Taken> = within.copied().collect();
                sum(&within) > window.most.millionths()
            })
            .map(|(first, window)| format!("{window:?} holds too much from {}", first.at_ms))
            .next()
    }
}

fn sum(taken: &[Taken]) -> i64 {
    taken.iter().map(|taken| taken.claim.millionths()).sum()
}
