//! The contract of a store that sessions share.

use crate::{Claim, Claimed, Key};
use std::fmt;

/// What several sessions, processes or machines must see alike.
///
/// Every operation is atomic and takes one round trip. On an error the caller denies: whether a
/// claim was taken is then unknown, and [`Self::give_back`] with its ticket settles it.
///
/// **Time** is the event's. It only runs forward for a key: a claim that is earlier than the latest
/// *permitted* claim of its key counts as being at that time. A refused claim changes nothing, and
/// so leaves no time behind either.
pub trait StateStore: Send + Sync + fmt::Debug {
    /// Takes all of `claims` or none.
    ///
    /// `ticket` names this call among all that share the store; what is taken can be given back with
    /// it. Claims of one list that share a key are added up.
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError>;

    /// Undoes what `ticket` took under the keys of `claims`: the call failed, the decision was
    /// denied for another reason, or a concurrent call ended. Doing it twice does nothing more.
    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError>;

    /// What [`Self::claim`] would answer, with the standings as they are now. Changes nothing.
    fn peek(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError>;

    /// Whether `key` was never remembered.
    fn first_time(&self, key: Key) -> Result<bool, StoreError>;

    /// Remembers that `key` was part of a permitted call. [`StoreError::Full`] when there is no room:
    /// then the key stays new, and the call must not be permitted on the strength of it.
    fn remember(&self, key: Key) -> Result<(), StoreError>;

    /// Counts an event of a breaker. `over_ms` is how long it will be asked about.
    /// Of more than [`WINDOW_EVENTS_MAX`](crate::limits::WINDOW_EVENTS_MAX) the oldest are forgotten.
    fn record(&self, key: Key, failed: bool, now_ms: i64, over_ms: i64) -> Result<(), StoreError>;

    /// What a breaker has counted in the last `over_ms`, and until when it was opened last.
    fn rates(&self, key: Key, now_ms: i64, over_ms: i64) -> Result<Rates, StoreError>;

    /// Opens a breaker until `until_ms`, or longer if it already is. What it has counted is
    /// forgotten, so that afterwards it judges by what came after. That it was opened is known until
    /// it is closed.
    fn open(&self, key: Key, now_ms: i64, until_ms: i64) -> Result<(), StoreError>;

    /// Closes a breaker and forgets what it has counted.
    fn close(&self, key: Key) -> Result<(), StoreError>;
}

/// What a breaker knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// How many events there were in the window.
    pub events: u32,
    /// How many of them had failed.
    pub failures: u32,
    /// Until when the breaker is, or was last, open; `None` when it never was, or has been closed.
    pub open_until_ms: Option<i64>,
}

/// Why a store gave no answer. The caller denies, and says so in the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached, or refused to work; in its own words.
    Unreachable(String),
    /// The store did not answer in time. What was asked may have been done.
    TimedOut,
    /// A bound is reached; which one.
    Full(&'static str),
    /// What was asked cannot be answered exactly; why.
    Misuse(&'static str),
    /// The store's answer, or what it has kept, is not what this version writes; how so.
    Broken(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the state store cannot be used: {why}"),
            Self::TimedOut => f.write_str("the state store did not answer in time"),
            Self::Full(what) => write!(f, "the state store is full: {what}"),
            Self::Misuse(why) => write!(f, "the state store was asked for {why}"),
            Self::Broken(how) => write!(f, "the state store is damaged: {how}"),
        }
    }
}

impl std::error::Error for StoreError {}
