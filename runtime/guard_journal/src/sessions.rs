//! The state of sessions, for hosts whose every call is a new process, or that are several.
//!
//! INVARIANT: between reading a session's bytes and writing their successor nobody else writes,
//! so that two events which arrive at once are put in order and neither is lost.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::database::{Database, Part, StoreError};
use crate::limits::{NAME_BYTES_MAX, SESSION_BYTES_MAX};

/// Makes a session's next bytes of those it has, or of none where it is new.
pub type Change<'a> = dyn FnMut(Option<&[u8]>) -> Option<Vec<u8>> + 'a;

/// Where sessions are kept. What their bytes mean is the engine's affair.
pub trait SessionStore: Send + Sync + fmt::Debug {
    /// A session's bytes and their version; versions begin at 1 and go up by 1.
    fn load(&self, id: &str) -> Result<Option<(Vec<u8>, u64)>, SessionError>;

    /// Stores bytes if the session is still at the version that was loaded; `None` is a session
    /// that does not exist yet.
    fn save(
        &self,
        id: &str,
        bytes: &[u8],
        expected_version: Option<u64>,
    ) -> Result<Saved, SessionError>;

    /// Loads, changes and stores in one step that nobody interrupts, and returns the version
    /// after it. Where `change` returns `None` the session stays as it is.
    ///
    /// A store on a network may call `change` again when another was faster; those of this crate
    /// call it once. `change` must not use the store.
    fn update(&self, id: &str, change: &mut Change<'_>) -> Result<Option<u64>, SessionError>;

    /// Forgets a session.
    fn remove(&self, id: &str) -> Result<(), SessionError>;
}

/// What became of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The bytes are stored and have this version.
    Saved(u64),
    /// Another was faster; nothing was stored.
    Conflict,
}

/// Why a session store refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionError {
    /// The state is larger than [`SESSION_BYTES_MAX`], or the id than [`NAME_BYTES_MAX`].
    TooLarge,
    /// The store did not answer.
    Store(StoreError),
}

impl fmt::Display for SessionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => out.write_str("the session's state or its id is too large"),
            Self::Store(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for SessionError {}

impl<E: Into<StoreError>> From<E> for SessionError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

fn check(id: &str, bytes: &[u8]) -> Result<(), SessionError> {
    let fits = id.len() <= NAME_BYTES_MAX && bytes.len() <= SESSION_BYTES_MAX;
    if fits { Ok(()) } else { Err(SessionError::TooLarge) }
}

/// A [`SessionStore`] that ends with the process.
#[derive(Default)]
pub struct MemorySessions {
    sessions: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
}

// The bytes hold what people wrote; they are not for a log.
impl fmt::Debug for MemorySessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MemorySessions").finish_non_exhaustive()
    }
}

impl MemorySessions {
    /// One without sessions.
    pub fn new() -> Self {
        Self::default()
    }
}

impl SessionStore for MemorySessions {
    fn load(&self, id: &str) -> Result<Option<(Vec<u8>, u64)>, SessionError> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sessions.get(id).cloned())
    }

    fn save(
        &self,
        id: &str,
        bytes: &[u8],
        expected_version: Option<u64>,
    ) -> Result<Saved, SessionError> {
        check(id, bytes)?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let version = sessions.get(id).map(|(_, version)| *version);
        if version != expected_version {
            return Ok(Saved::Conflict);
        }
        let version = version.unwrap_or(0).saturating_add(1);
        sessions.insert(id.to_owned(), (bytes.to_owned(), version));
        Ok(Saved::Saved(version))
    }

    fn update(&self, id: &str, change: &mut Change<'_>) -> Result<Option<u64>, SessionError> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, version) = sessions.get(id).map(|(bytes, version)| (bytes, *version)).unzip();
        let Some(changed) = change(bytes.map(Vec::as_slice)) else { return Ok(version) };
        check(id, &changed)?;
        let version = version.unwrap_or(0).saturating_add(1);
        sessions.insert(id.to_owned(), (changed, version));
        Ok(Some(version))
    }

    fn remove(&self, id: &str) -> Result<(), SessionError> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        Ok(())
    }
}

const PART: Part = Part {
    name: "sessions",
    version: 1,
    tables: "CREATE TABLE sessions (
                id TEXT PRIMARY KEY, version INTEGER NOT NULL, bytes BLOB NOT NULL)",
};

/// A [`SessionStore`] in an `SQLite` file, shared by processes of one machine.
///
/// `SQLite` locks a file as a whole, so an `update` holds up those of all other sessions for as long
/// as its `change` runs.
#[derive(Debug)]
pub struct SqliteSessions {
    database: Database,
}

impl SqliteSessions {
    /// Opens or creates the file. An operation waits for other threads and then for other
    /// processes at most `wait_max` each, and is refused as busy after that.
    pub fn open(path: &Path, wait_max: Duration) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(path, &PART, wait_max)? })
    }
}

impl SessionStore for SqliteSessions {
    fn load(&self, id: &str) -> Result<Option<(Vec<u8>, u64)>, SessionError> {
        self.database.with(|connection| find(connection, id))
    }

    fn save(
        &self,
        id: &str,
        bytes: &[u8],
        expected_version: Option<u64>,
    ) -> Result<Saved, SessionError> {
        check(id, bytes)?;
        self.database.alone(|transaction| {
            let version = find_version(transaction, id)?;
            if version != expected_version {
                return Ok(Saved::Conflict);
            }
            keep(transaction, id, bytes, version).map(Saved::Saved)
        })
    }

    fn update(&self, id: &str, change: &mut Change<'_>) -> Result<Option<u64>, SessionError> {
        self.database.alone(|transaction| {
            let (bytes, version) = find(transaction, id)?.unzip();
            let Some(changed) = change(bytes.as_deref()) else { return Ok(version) };
            check(id, &changed)?;
            keep(transaction, id, &changed, version).map(Some)
        })
    }

    fn remove(&self, id: &str) -> Result<(), SessionError> {
        self.database.alone(|transaction| {
            transaction.execute("DELETE FROM sessions WHERE id = ?1", [id])?;
            Ok(())
        })
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<(Vec<u8>, u64)>, SessionError> {
    let mut statement =
        connection.prepare_cached("SELECT bytes, version FROM sessions WHERE id = ?1")?;
    let found =
        statement.query_row([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional()?;
    found.map(|(bytes, version)| Ok((bytes, whole(version)?))).transpose()
}

fn find_version(connection: &Connection, id: &str) -> Result<Option<u64>, SessionError> {
    let mut statement = connection.prepare_cached("SELECT version FROM sessions WHERE id = ?1")?;
    let found = statement.query_row([id], |row| row.get::<_, i64>(0)).optional()?;
    found.map(whole).transpose()
}

fn whole(version: i64) -> Result<u64, SessionError> {
    let whole = u64::try_from(version);
    Ok(whole.map_err(|_| StoreError::Failed("a damaged session".to_owned()))?)
}

fn keep(
    connection: &Connection,
    id: &str,
    bytes: &[u8],
    version: Option<u64>,
) -> Result<u64, SessionError> {
    let version = version.unwrap_or(0).saturating_add(1);
    let stored = i64::try_from(version)
        .map_err(|_| StoreError::Failed("a session has no more versions".to_owned()))?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO sessions (id, version, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET version = ?2, bytes = ?3",
    )?;
    statement.execute(params![id, stored, bytes])?;
    Ok(version)
}
