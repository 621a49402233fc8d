//! The journal in `SQLite`: the same lines, one a row.
//!
//! Several processes may write it. Each batch is one IMMEDIATE transaction that reads the head and
//! chains to it, so the chain cannot fork.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, params};

use super::line::{Head, Unchained, check, write};
use super::writer::{Sink, Writer};
use super::{
    Broken, Expected, Fault, Flush, Journal, JournalConfig, JournalError, Receipt, Record,
    Verified, Verifier,
};
use crate::database::{Part, StoreError, alone, connect};

const PART: Part = Part {
    name: "journal",
    version: 1,
    tables: "CREATE TABLE journal (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)",
};

/// A [`Journal`] in an `SQLite` file.
#[derive(Debug)]
pub struct SqliteJournal {
    writer: Writer,
}

impl SqliteJournal {
    /// Opens or creates the file, and checks its last record.
    pub fn open(path: &Path, config: &JournalConfig) -> Result<Self, JournalError> {
        let mut connection = connect(path, &PART, config.wait_max)?;
        if config.flush != Flush::EachRecord {
            // In WAL mode this flushes at checkpoints alone, and the thread makes one at each
            // interval.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        alone(&mut connection, find_head)?;
        Ok(Self { writer: Writer::start(Rows { connection }, config)? })
    }

    /// Checks the journal in a file from its first record to its last.
    pub fn verify(
        path: &Path,
        expected: Expected<'_>,
        wait_max: Duration,
    ) -> Result<Verified, Broken> {
        let mut verifier = Verifier::new(expected);
        let mut broken = None;
        let read = for_each_line(path, wait_max, &mut |line| {
            broken = verifier.line(line.as_bytes()).err();
            broken.is_none()
        });
        match (broken, read) {
            (Some(broken), _) => Err(broken),
            (None, Err(error)) => {
                Err(Broken { line: 0, what: Fault::Unreadable(error.to_string()) })
            }
            (None, Ok(())) => verifier.end(),
        }
    }

    /// Writes the journal's lines out as [`FileJournal`](super::FileJournal) would have kept them.
    pub fn export(
        path: &Path,
        out: &mut dyn Write,
        wait_max: Duration,
    ) -> Result<(), JournalError> {
        let mut failed = None;
        for_each_line(path, wait_max, &mut |line| {
            failed = writeln!(out, "{line}").err();
            failed.is_none()
        })?;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

impl Journal for SqliteJournal {
    fn append(&self, record: &Record<'_>) -> Result<Receipt, JournalError> {
        self.writer.append(record)
    }
}

/// Shows all lines in order, until `go_on` says no.
fn for_each_line(
    path: &Path,
    wait_max: Duration,
    go_on: &mut dyn FnMut(&str) -> bool,
) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(wait_max)?;
    let mut statement = connection.prepare("SELECT line FROM journal ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if !go_on(&line) {
            break;
        }
    }
    Ok(())
}

struct Rows {
    connection: Connection,
}

impl Sink for Rows {
    fn write(&mut self, records: &[Unchained]) -> Result<Vec<Receipt>, JournalError> {
        alone(&mut self.connection, |transaction| {
            let mut head = find_head(transaction)?;
            let mut insert =
                transaction.prepare_cached("INSERT INTO journal (seq, line) VALUES (?1, ?2)")?;
            let mut receipts = Vec::with_capacity(records.len());
            for record in records {
                let mut line = String::new();
                head = write(&head, record, &mut line);
                insert.execute(params![seq(&head)?, line])?;
                receipts.push(head.receipt());
            }
            Ok(receipts)
        })
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }
}

fn seq(head: &Head) -> Result<i64, JournalError> {
    i64::try_from(head.records).map_err(|_| JournalError::Failed("no more numbers".to_owned()))
}

fn find_head(transaction: &Transaction<'_>) -> Result<Head, JournalError> {
    let mut statement =
        transaction.prepare_cached("SELECT seq, line FROM journal ORDER BY seq DESC LIMIT 1")?;
    let last = statement
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let Some((number, line)) = last else { return Ok(Head::EMPTY) };
    let broken = |what| JournalError::Broken(Broken { line: number.unsigned_abs(), what });
    let (_, head) = check(line.as_bytes()).map_err(broken)?;
    if seq(&head)? == number {
        Ok(head)
    } else {
        Err(broken(Fault::OutOfOrder { found: head.records }))
    }
}
