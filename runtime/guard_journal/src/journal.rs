//! The audit journal: what was decided and what came of it, each record chained to the one before.
//!
//! A record is one JSON line. Its hash is SHA-256 over the hash of the record before it and over
//! its own bytes without the hash, so a line cannot be changed, dropped, swapped or repeated
//! without all later lines being written anew, which whoever noted an earlier hash will find.
//! INVARIANT: an append that was acknowledged is in the journal also after `kill -9`.

mod file;
mod line;
mod sqlite;
mod verify;
mod writer;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use file::FileJournal;
pub use line::{Stored, read_line};
pub use sqlite::SqliteJournal;
pub use verify::{Broken, Expected, Fault, Verified, Verifier, verify};

use crate::StoreError;

/// Where records go.
pub trait Journal: Send + Sync + fmt::Debug {
    /// Appends a record, and returns when it is written as durably as the journal's [`Flush`]
    /// says, or when the journal's bound is over.
    fn append(&self, record: &Record<'_>) -> Result<Receipt, JournalError>;
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The time.
    pub at_ms: i64,
    /// What kind of record it is.
    pub kind: Kind,
    /// What happened. Values that must not stand in a log are masked by the caller.
    pub entry: &'a Value,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An event was decided.
    Decision,
    /// A call has run, or failed.
    Outcome,
    /// People were asked, or answered.
    Approval,
    /// Somebody stopped or released an agent, a tool or a tenant.
    Brake,
    /// A policy or a setting came into force.
    Config,
}

/// Proof that a record was written: who keeps it can find that the journal lost the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The record's number; the first has 1.
    pub seq: u64,
    /// The record's hash in hexadecimal.
    pub hash: String,
}

/// When a record counts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// When it is on the disk: it survives a loss of power.
    EachRecord,
    /// When the operating system has it: it survives the end of the process. It is on the disk
    /// after the interval.
    Interval(Duration),
}

/// How a journal is kept. There is no default: how long a decision may wait is for the host to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalConfig {
    /// When a record counts as written.
    pub flush: Flush,
    /// How long an append may take; also how long opening waits for another writer to end.
    pub wait_max: Duration,
    /// How many appends of other threads may be waiting.
    pub queue_max: usize,
}

/// Why a record was not written. The caller makes a fault of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalError {
    /// Too many appends are waiting.
    QueueFull,
    /// Writing took longer than the bound.
    TimedOut {
        /// The record was being written when the bound was over, and may be in the journal.
        may_be_written: bool,
    },
    /// Another process writes this journal.
    Locked,
    /// The entry is larger than a line may be, or nests deeper than is read.
    TooLarge,
    /// The journal's last record does not hold together, so nothing is chained to it.
    Broken(Broken),
    /// The disk is full, the file was lost, or the store failed.
    Failed(String),
}

impl fmt::Display for JournalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => out.write_str("the journal's queue is full"),
            Self::TimedOut { may_be_written: true } => {
                out.write_str("the journal took too long; the record may have been written")
            }
            Self::TimedOut { may_be_written: false } => {
                out.write_str("the journal took too long; the record was not written")
            }
            Self::Locked => out.write_str("another process writes this journal"),
            Self::TooLarge => out.write_str("the record is too large for the journal"),
            Self::Broken(broken) => write!(out, "the journal is broken: {broken}"),
            Self::Failed(why) => write!(out, "the journal failed: {why}"),
        }
    }
}

impl std::error::Error for JournalError {}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Locked,
            StoreError::Failed(why) => Self::Failed(why),
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<std::io::Error> for JournalError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
