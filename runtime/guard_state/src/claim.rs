//! What a decision asks of the store, and what it is told.

use crate::limits::{CLAIMS_MAX, TIME_MS_MAX};
use crate::{Amount, Key, StoreError};

/// Never more than `most` in any interval `[t, t + window_ms)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The most that may be taken within one window.
    pub most: Amount,
    /// The window's length. A take at `t` no longer counts at `t + window_ms`.
    pub window_ms: i64,
}

/// The one or two windows of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// `to N per D`.
    pub rate: Window,
    /// `burst B`: the shorter window beside it, `B` in `D * B / N`.
    pub burst: Option<Window>,
}

impl Windows {
    /// The windows, one or two.
    pub fn each(&self) -> impl Iterator<Item = Window> + use<> {
        [Some(self.rate), self.burst].into_iter().flatten()
    }

    /// Refuses windows that no store could keep exactly.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        check_length(self.rate.window_ms)?;
        self.burst.map_or(Ok(()), |burst| check_length(burst.window_ms))
    }

    /// How long a take has to be remembered.
    pub(crate) fn longest_ms(&self) -> i64 {
        self.each().map(|window| window.window_ms).max().unwrap_or(0)
    }
}

/// Takes `amount` under `key`, within all of its windows.
///
/// The windows of one key must stay the same: what the longest of them no longer counts is
/// forgotten. So the key's scope names the limit *and* the policy that states it. Where they change
/// all the same, [`MemoryStore`](crate::MemoryStore) keeps what the longest so far counts, as long as
/// there is room; other stores keep what the last one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Under what is counted.
    pub key: Key,
    /// How much; [`Amount::ONE`] for a limit on the number of calls. Nothing is never stored.
    pub amount: Amount,
    /// Within what.
    pub windows: Windows,
}

/// `to N at once`: a place among `most`, until it is given back or the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// Under what is counted.
    pub key: Key,
    /// The number of places.
    pub most: u32,
    /// When a place is free although nobody gave it back: its holder may have died.
    pub lease_ms: i64,
}

/// One thing that a decision needs from the store before it may permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A part of a limit or budget.
    Take(Take),
    /// One of a number of concurrent places.
    Concurrency(Concurrency),
}

impl Claim {
    /// What the claim counts under. A take and a place of one key do not touch each other.
    pub const fn key(&self) -> Key {
        match self {
            Self::Take(take) => take.key,
            Self::Concurrency(place) => place.key,
        }
    }

    /// Whether the two count under the same key of the same kind.
    pub(crate) fn shares_with(&self, other: &Self) -> bool {
        let same_kind = matches!(self, Self::Take(_)) == matches!(other, Self::Take(_));
        same_kind && self.key() == other.key()
    }

    /// How much is taken, in millionths; a place is one.
    pub const fn millionths(&self) -> i64 {
        match self {
            Self::Take(take) => take.amount.millionths(),
            Self::Concurrency(_) => Amount::ONE.millionths(),
        }
    }

    /// Refuses claims that no store could keep exactly. Every store asks this first, so that all of
    /// them answer alike.
    #[inline]
    pub fn check_all(claims: &[Self], now_ms: i64) -> Result<(), StoreError> {
        if claims.len() > CLAIMS_MAX {
            return Err(StoreError::Misuse("more claims than one decision may make"));
        }
        Self::check_time(now_ms)?;
        claims.iter().try_for_each(|claim| match claim {
            Self::Take(take) => take.windows.check(),
            Self::Concurrency(place) => check_length(place.lease_ms),
        })
    }

    /// Refuses a time that is out of range.
    #[inline]
    pub(crate) fn check_time(now_ms: i64) -> Result<(), StoreError> {
        if (-TIME_MS_MAX..=TIME_MS_MAX).contains(&now_ms) {
            return Ok(());
        }
        Err(StoreError::Misuse("a time that is out of range"))
    }
}

#[inline]
fn check_length(length_ms: i64) -> Result<(), StoreError> {
    if (1..=TIME_MS_MAX).contains(&length_ms) {
        return Ok(());
    }
    Err(StoreError::Misuse("a window that is out of range"))
}

/// How a claim's key stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is left in the tightest window: after the take where it was permitted.
    pub remaining: Amount,
    /// How long until the oldest take leaves the tightest window (or the first lease ends): nothing
    /// is free before. Zero when nothing counts.
    pub resets_in_ms: i64,
}

/// One standing for each claim, in their order. The first few need no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    few: [Standing; Self::FEW],
    length: usize,
    more: Vec<Standing>,
}

impl Standings {
    const FEW: usize = 4;

    /// The standing of the only claim.
    #[inline]
    pub(crate) const fn of_one(standing: Standing) -> Self {
        const NOTHING: Standing = Standing { remaining: Amount::ZERO, resets_in_ms: 0 };
        Self { few: [standing, NOTHING, NOTHING, NOTHING], length: 1, more: Vec::new() }
    }

    /// Adds the standing of the next claim.
    pub fn push(&mut self, standing: Standing) {
        match self.few.get_mut(self.length) {
            Some(place) => *place = standing,
            None => self.more.push(standing),
        }
        self.length += 1;
    }

    /// The standing of the claim at `index`.
    pub fn get(&self, index: usize) -> Option<Standing> {
        if index >= self.length {
            return None;
        }
        self.few.get(index).or_else(|| self.more.get(index - Self::FEW)).copied()
    }

    /// All standings, in the claims' order.
    pub fn iter(&self) -> impl Iterator<Item = Standing> + '_ {
        (0..self.length).filter_map(|index| self.get(index))
    }
}

/// The store's answer to the claims of one decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// The first claim that did not fit. Then none of them was taken.
    pub refused: Option<usize>,
    /// How each claim's key stands.
    pub standings: Standings,
}

impl Claimed {
    /// Whether all was taken.
    pub const fn is_permitted(&self) -> bool {
        self.refused.is_none()
    }
}
