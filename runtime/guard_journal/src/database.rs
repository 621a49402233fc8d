//! Opening `SQLite`, and waiting for it no longer than a bound.
//!
//! Each store has one connection. A thread waits for it at most `wait_max`, and then at most
//! `wait_max` for other processes: twice the bound in all.

use std::fmt;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior,
};

/// Why a store could not do what it was asked for. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Others kept the store busy for as long as was to be waited.
    Busy,
    /// The store failed: a full disk, a damaged file, a version that this crate does not write.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => out.write_str("the store was busy for too long"),
            Self::Failed(why) => write!(out, "the store failed: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// One part of a database file: its name, and the tables it needs. Several stores may share a file.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) tables: &'static str,
}

pub(crate) struct Database {
    connection: Mutex<Option<Connection>>,
    freed: Condvar,
    wait_max: Duration,
}

impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Database").field("wait_max", &self.wait_max).finish_non_exhaustive()
    }
}

impl Database {
    pub(crate) fn open(path: &Path, part: &Part, wait_max: Duration) -> Result<Self, StoreError> {
        let connection = connect(path, part, wait_max)?;
        Ok(Self { connection: Mutex::new(Some(connection)), freed: Condvar::new(), wait_max })
    }

    /// Runs `work` alone: no other thread or process writes meanwhile. What it did is stored
    /// durably when this returns `Ok`, and not at all when it returns `Err`.
    pub(crate) fn alone<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with(|connection| alone(connection, work))
    }

    /// Runs `work` on the connection; what it reads is one snapshot only within one statement.
    pub(crate) fn with<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let free = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self
            .freed
            .wait_timeout_while(free, self.wait_max, |free| free.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        let mut lent = Lent { connection: free.take(), database: self };
        // Before `work`, so that others can wait for the connection instead of for the mutex.
        drop(free);
        work(lent.connection.as_mut().ok_or(StoreError::Busy)?)
    }
}

pub(crate) fn alone<T, E: From<StoreError>>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = begun.map_err(StoreError::from)?;
    let done = work(&transaction)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(done)
}

/// The connection, lent; it goes back when this is dropped, also when the borrower panics.
struct Lent<'a> {
    connection: Option<Connection>,
    database: &'a Database,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let free = self.database.connection.lock();
            *free.unwrap_or_else(PoisonError::into_inner) = Some(connection);
            self.database.freed.notify_one();
        }
    }
}

/// A connection in WAL mode whose commits are on the disk when they return.
pub(crate) fn connect(
    path: &Path,
    part: &Part,
    wait_max: Duration,
) -> Result<Connection, StoreError> {
    let mut connection = open_file(path)?;
    connection.busy_timeout(wait_max)?;
    write_ahead(&connection, wait_max)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    alone(&mut connection, |transaction| prepare(transaction, part))?;
    Ok(connection)
}

/// A new file is its owner's alone, and the files that `SQLite` lays beside it follow it in this:
/// what people wrote to an agent is nobody else's to read.
fn open_file(path: &Path) -> Result<Connection, StoreError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| StoreError::Failed(error.to_string()))?;
    // Without `SQLITE_OPEN_URI`: a path that looks like a URI is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Switching a new file to WAL does not wait for other processes that switch it at the same time,
/// so it is tried again until the bound.
fn write_ahead(connection: &Connection, wait_max: Duration) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(2);
    let mut waited = Duration::ZERO;
    loop {
        let switched = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))
            .map_err(StoreError::from);
        match switched {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => return Err(StoreError::Failed(format!("no WAL here, but `{mode}`"))),
            Err(StoreError::Busy) if waited < wait_max => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(error),
        }
    }
}

fn prepare(transaction: &Transaction<'_>, part: &Part) -> Result<(), StoreError> {
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS guard_parts (name TEXT PRIMARY KEY, version INTEGER NOT NULL)",
    )?;
    let version = transaction
        .query_row("SELECT version FROM guard_parts WHERE name = ?1", [part.name], |row| {
            row.get::<_, i64>(0)
        })
        .optional()?;
    match version {
        None => {
            transaction.execute_batch(part.tables)?;
            let insert = "INSERT INTO guard_parts (name, version) VALUES (?1, ?2)";
            transaction.execute(insert, (part.name, part.version))?;
            Ok(())
        }
        Some(version) if version == i64::from(part.version) => Ok(()),
        Some(version) => Err(StoreError::Failed(format!(
            "{} of version {version}, and this is version {}",
            part.name, part.version
        ))),
    }
}
