//! What several sessions share: limits, concurrent calls, novelty, breakers, the host's brakes, and
//! the bytes of sessions between their events.
//!
//! [`StateStore`] and [`SessionStore`] are the contracts, [`MemoryStore`] and [`MemorySessions`]
//! keep them within one process. There is no clock here: the time is the event's. Where a bound is
//! reached the answer is the restrictive one.

#![forbid(unsafe_code)]

mod amount;
mod brakes;
mod breaker;
mod claim;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod key;
pub mod limits;
mod lock;
mod memory;
mod ring;
mod session;
mod shard;
mod share;
mod slot;
mod store;
mod takes;
#[cfg(test)]
mod tests;

pub use amount::Amount;
pub use brakes::{Brakes, What};
pub use claim::{Claim, Claimed, Concurrency, Standing, Standings, Take, Window, Windows};
pub use key::Key;
pub use memory::{Handle, MemoryStore, One};
pub use session::{MemorySessions, Saved, SessionStore, Versioned, check_session};
pub use share::stable_share;
pub use store::{Rates, StateStore, StoreError};
