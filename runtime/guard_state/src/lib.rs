//! What several sessions share: how often something was done, what was seen before, and the brakes
//! that the host can pull.
//!
//! A [`StateStore`] answers for all keys of a decision at once. [`MemoryStore`] is for one process;
//! other crates share one between several. Nothing here reads a clock: time comes with the event.

#![forbid(unsafe_code)]

mod brakes;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod key;
mod memory_store;
mod store;
mod window;

pub use brakes::{Brakes, Scope};
pub use key::Key;
pub use memory_store::MemoryStore;
pub use store::{Claim, Claimed, StateStore, StoreError};
