//! What sessions share, on a Redis server: every process and machine that uses it sees the same.
//!
//! [`RedisStore`] keeps limits, novelty and breakers ([`StateStore`]) and the bytes of sessions
//! ([`SessionStore`]). Each operation is one script, and so atomic, and one round trip. The time is
//! the event's; the server's clock only removes what has long expired. A server that cannot be
//! reached is an error, and the caller denies.

#![forbid(unsafe_code)]

mod link;
mod scripts;
mod store;

pub use guard_state::{SessionStore, StateStore, StoreError};
pub use link::Options;
pub use store::RedisStore;
