//! What a host puts around an engine: people who approve, sessions that outlive a process, and the
//! audit. It joins the engine's questions with the stores that keep the answers, and decides nothing.

#![forbid(unsafe_code)]

mod audit;
mod people;
mod shared;
mod stored;

pub use audit::Audit;
pub use people::People;
pub use shared::SharedSessions;
pub use stored::{StoredError, decide_stored};
