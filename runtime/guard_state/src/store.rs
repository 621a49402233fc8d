//! The trait that stores implement.

use crate::Key;
use std::fmt;

/// So much of one key, if it fits. Amounts are in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What is counted.
    pub key: Key,
    /// How much; never negative.
    pub amount: i64,
    /// Never more than this in any window.
    pub most: i64,
    /// The length of the window, in milliseconds. A claim leaves it when it is older.
    pub window_ms: i64,
    /// Never more than so much in any shorter window of so many milliseconds.
    pub burst: Option<(i64, i64)>,
}

/// What came of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// All of them fit and are taken.
    Taken,
    /// The one of this index did not fit; none is taken.
    Refused(usize),
}

/// Why a store does not answer. Whoever asks refuses then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// It cannot be reached, or did not answer in time.
    Unreachable(String),
    /// It has no room for another key.
    Full,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the state store cannot be reached: {why}"),
            Self::Full => f.write_str("the state store has no room for another key"),
        }
    }
}

impl std::error::Error for StoreError {}

/// Keeps what sessions share. Every operation is atomic for each key, and one round trip.
///
/// Time never runs back for a key: an earlier `now_ms` is taken as the latest seen.
pub trait StateStore: Send + Sync + fmt::Debug {
    /// Takes all of the claims or none. `ticket` is what [`StateStore::give_back`] knows them by.
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError>;

    /// What [`StateStore::claim`] would answer now; nothing is taken.
    fn would_fit(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError>;

    /// Gives back what was taken under a ticket: the call failed, or has ended.
    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError>;

    /// How much of a claim's key is left, in millionths, and in how many milliseconds the oldest
    /// part of what is taken comes free.
    fn left(&self, claim: &Claim, now_ms: i64) -> Result<(i64, i64), StoreError>;

    /// Whether a key was never remembered.
    fn is_new(&self, key: Key) -> Result<bool, StoreError>;

    /// Remembers a key for good.
    fn remember(&self, key: Key) -> Result<(), StoreError>;
}
