//! Limits and what is new, in a file: for hosts whose every call is a new process.
//!
//! INVARIANT: all claims of a decision are read and written in one transaction that nobody interrupts,
//! so no window ever holds more than it permits, whoever is killed when.

use crate::database::{Database, Part, StoreError as DatabaseError};
use guard_state::{Claim, Claimed, Key, StateStore, StoreError};
use rusqlite::{OptionalExtension as _, Transaction, params};
use std::path::Path;
use std::time::Duration;

const PART: Part = Part {
    name: "state",
    version: 1,
    tables: "CREATE TABLE takes (
                key BLOB NOT NULL, at INTEGER NOT NULL, amount INTEGER NOT NULL,
                ticket INTEGER NOT NULL);
             CREATE INDEX takes_by_key ON takes (key, at);
             CREATE TABLE clocks (key BLOB PRIMARY KEY, latest INTEGER NOT NULL);
             CREATE TABLE seen (key BLOB PRIMARY KEY);",
};

/// Takes of one key at once; a limit on a sum of very small amounts refuses beyond.
const TAKES_MAX: i64 = 65_536;

/// A [`StateStore`] in an `SQLite` file, shared by processes of one machine. Not the file of the
/// sessions: a decision counts while its session is held.
#[derive(Debug)]
pub struct SqliteState {
    database: Database,
}

impl SqliteState {
    /// Opens or creates the file. An operation waits for other threads and then for other
    /// processes at most `wait_max` each, and is refused after that.
    pub fn open(path: &Path, wait_max: Duration) -> Result<Self, DatabaseError> {
        Ok(Self { database: Database::open(path, &PART, wait_max)? })
    }

    fn alone<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, DatabaseError>,
    ) -> Result<T, StoreError> {
        self.database.alone(work).map_err(|error| StoreError::Unreachable(error.to_string()))
    }
}

impl StateStore for SqliteState {
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        self.alone(|transaction| {
            // Claims of one decision can be of one key, so each is taken before the next is looked at.
            let mut refused = None;
            for (index, claim) in claims.iter().enumerate() {
                let now = clock(transaction, claim, now_ms)?;
                if !fits(transaction, claim, now)? {
                    refused = Some(index);
                    break;
                }
                let key = bytes(claim.key);
                transaction
                    .prepare_cached("INSERT INTO takes VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![key, now, claim.amount, ticket.cast_signed()])?;
            }
            let Some(index) = refused else { return Ok(Claimed::Taken) };
            for claim in claims.iter().take(index) {
                release(transaction, claim, ticket)?;
            }
            Ok(Claimed::Refused(index))
        })
    }

    fn would_fit(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        self.alone(|transaction| {
            for (index, claim) in claims.iter().enumerate() {
                let now = clock(transaction, claim, now_ms)?;
                if !fits(transaction, claim, now)? {
                    return Ok(Claimed::Refused(index));
                }
            }
            Ok(Claimed::Taken)
        })
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        self.alone(|transaction| {
            claims.iter().try_for_each(|claim| release(transaction, claim, ticket))
        })
    }

    fn left(&self, claim: &Claim, now_ms: i64) -> Result<(i64, i64), StoreError> {
        self.alone(|transaction| {
            let now = clock(transaction, claim, now_ms)?;
            let left =
                claim.most.saturating_sub(taken(transaction, claim, now, claim.window_ms)?.0);
            let oldest: Option<i64> = transaction
                .prepare_cached("SELECT MIN(at) FROM takes WHERE key = ?1")?
                .query_row([bytes(claim.key)], |row| row.get(0))?;
            let resets = oldest
                .map_or(0, |at| claim.window_ms.saturating_sub(now.saturating_sub(at)).max(0));
            Ok((left.max(0), resets))
        })
    }

    fn is_new(&self, key: Key) -> Result<bool, StoreError> {
        self.alone(|transaction| {
            let seen = transaction
                .prepare_cached("SELECT 1 FROM seen WHERE key = ?1")?
                .query_row([bytes(key)], |_| Ok(()))
                .optional()?;
            Ok(seen.is_none())
        })
    }

    fn remember(&self, key: Key) -> Result<(), StoreError> {
        self.alone(|transaction| {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO seen VALUES (?1)")?
                .execute([bytes(key)])?;
            Ok(())
        })
    }
}

fn bytes(key: Key) -> [u8; 16] {
    key.0.to_be_bytes()
}

/// The time for a key, which never runs back; what is older than its window goes.
fn clock(transaction: &Transaction<'_>, claim: &Claim, now_ms: i64) -> Result<i64, DatabaseError> {
    let key = bytes(claim.key);
    let latest: Option<i64> = transaction
        .prepare_cached("SELECT latest FROM clocks WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    let now = latest.map_or(now_ms, |latest| latest.max(now_ms));
    if latest != Some(now) {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO clocks VALUES (?1, ?2)")?
            .execute(params![key, now])?;
    }
    transaction
        .prepare_cached("DELETE FROM takes WHERE key = ?1 AND at <= ?2")?
        .execute(params![key, now.saturating_sub(claim.window_ms)])?;
    Ok(now)
}

/// How much was taken within a window, and how many times.
fn taken(
    transaction: &Transaction<'_>,
    claim: &Claim,
    now: i64,
    window_ms: i64,
) -> Result<(i64, i64), DatabaseError> {
    let mut statement = transaction.prepare_cached(
        "SELECT COALESCE(SUM(amount), 0), COUNT(*) FROM takes WHERE key = ?1 AND at > ?2",
    )?;
    let since = now.saturating_sub(window_ms);
    let found = statement
        .query_row(params![bytes(claim.key), since], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

fn fits(transaction: &Transaction<'_>, claim: &Claim, now: i64) -> Result<bool, DatabaseError> {
    let mut windows = vec![(claim.most, claim.window_ms)];
    windows.extend(claim.burst);
    for (most, window_ms) in windows {
        let (sum, count) = taken(transaction, claim, now, window_ms)?;
        let after = sum.checked_add(claim.amount);
        if claim.amount < 0 || count >= TAKES_MAX || after.is_none_or(|after| after > most) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn release(transaction: &Transaction<'_>, claim: &Claim, ticket: u64) -> Result<(), DatabaseError> {
    transaction
        .prepare_cached(
            "DELETE FROM takes WHERE rowid IN
             (SELECT rowid FROM takes WHERE key = ?1 AND ticket = ?2 ORDER BY rowid DESC LIMIT 1)",
        )?
        .execute(params![bytes(claim.key), ticket.cast_signed()])?;
    Ok(())
}
