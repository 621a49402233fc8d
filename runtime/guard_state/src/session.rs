//! The bytes of sessions between their events, for hosts that are not one long process.

use crate::StoreError;
use crate::limits::{SESSION_BYTES_MAX, SESSION_ID_BYTES_MAX, SESSIONS_MAX};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

/// Where sessions lie between two events. Two events of one session that arrive at once are put in
/// order: the second to save meets a conflict, loads again and decides again.
pub trait SessionStore: Send + Sync + fmt::Debug {
    /// The session as it was last saved; `None` when it never was.
    fn load(&self, id: &str) -> Result<Option<Versioned>, StoreError>;

    /// Saves the session if it is still at `expected_version`, which is 0 for one that was never
    /// saved. On an error it is unknown whether it was saved; loading tells.
    fn save(&self, id: &str, bytes: &[u8], expected_version: u64) -> Result<Saved, StoreError>;
}

/// A saved session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// What was saved.
    pub bytes: Vec<u8>,
    /// How often it was saved: at least 1.
    pub version: u64,
}

/// Whether a session was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It was; its version is now one higher than the expected one.
    Done,
    /// Someone else has saved it since. Nothing was changed.
    Conflict,
}

/// Refuses what no store accepts. Every store asks this before it saves.
pub fn check_session(id: &str, bytes: &[u8]) -> Result<(), StoreError> {
    if id.len() > SESSION_ID_BYTES_MAX {
        return Err(StoreError::Full("a session's name is too long"));
    }
    if bytes.len() > SESSION_BYTES_MAX {
        return Err(StoreError::Full("a session is too large"));
    }
    Ok(())
}

/// Sessions of one process.
#[derive(Debug)]
pub struct MemorySessions {
    saved: Mutex<BTreeMap<String, Versioned>>,
    sessions_max: usize,
}

impl Default for MemorySessions {
    fn default() -> Self {
        Self::with_sessions_max(SESSIONS_MAX)
    }
}

impl MemorySessions {
    /// Room for [`SESSIONS_MAX`] sessions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for so many sessions, at most [`SESSIONS_MAX`].
    pub fn with_sessions_max(sessions_max: usize) -> Self {
        Self { saved: Mutex::default(), sessions_max: sessions_max.min(SESSIONS_MAX) }
    }

    /// Forgets a session that has ended. Says whether there was one.
    pub fn forget(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.saved.lock().map_err(|_| lost())?.remove(id).is_some())
    }
}

fn lost() -> StoreError {
    StoreError::Broken("a lock was left in the middle of a change".to_owned())
}

impl SessionStore for MemorySessions {
    fn load(&self, id: &str) -> Result<Option<Versioned>, StoreError> {
        Ok(self.saved.lock().map_err(|_| lost())?.get(id).cloned())
    }

    fn save(&self, id: &str, bytes: &[u8], expected_version: u64) -> Result<Saved, StoreError> {
        check_session(id, bytes)?;
        let mut saved = self.saved.lock().map_err(|_| lost())?;
        let version = saved.get(id).map_or(0, |session| session.version);
        if version != expected_version {
            return Ok(Saved::Conflict);
        }
        if version == 0 && saved.len() >= self.sessions_max {
            return Err(StoreError::Full("no room for another session"));
        }
        let session = Versioned { bytes: bytes.to_owned(), version: version + 1 };
        saved.insert(id.to_owned(), session);
        Ok(Saved::Done)
    }
}
