//! Decides an event of a session that other processes go on with.

use guard_engine::{RestoreError, Session};
use guard_journal::{SessionError, SessionStore};
use std::fmt;

/// Why an event could not be decided. Nothing was, and nothing is to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredError {
    /// What is stored is no session of this policy, agent and principal.
    Session(RestoreError),
    /// The store did not answer.
    Store(SessionError),
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Store(error) => write!(f, "the session store failed: {error}"),
        }
    }
}

impl std::error::Error for StoredError {}

/// Decides an event by the session's past as the store has it, and stores what it is then. Two events
/// of one session that arrive at once are decided one after the other. The decision is
/// [`Session::last_decision`].
///
/// `session` was opened for the same agent, principal and id; what it knew before is replaced.
pub fn decide_stored(
    session: &mut Session,
    store: &dyn SessionStore,
    event_json: &[u8],
) -> Result<(), StoredError> {
    let id = session.id().to_owned();
    let mut refused = None;
    let fresh = session.to_bytes();
    let mut decided = false;
    let stored = store.update(&id, &mut |bytes| {
        // A store may ask a second time, when another process was faster: begin from what it has.
        if let Err(error) = session.restore(bytes.unwrap_or(&fresh)) {
            refused = Some(error);
            return None;
        }
        if std::mem::replace(&mut decided, true) {
            // What the first try took is not needed: its decision is not the one that stands.
            session.withdraw();
        }
        session.decide(event_json);
        Some(session.to_bytes())
    });
    match (refused, stored) {
        (Some(error), _) => Err(StoredError::Session(error)),
        (None, Err(error)) => Err(StoredError::Store(error)),
        (None, Ok(_)) => Ok(()),
    }
}
