//! Limits and what is new, in a file: for hosts whose every call is a new process.
//!
//! INVARIANT: all claims of a decision are read and written in one transaction that nobody interrupts,
//! so no window ever holds more than it permits, whoever is killed when.

use crate::database::{Database, Part, StoreError as DatabaseError};
use guard_state::limits::WINDOW_EVENTS_MAX;
use guard_state::{Amount, Claim, Claimed, Key, Rates, Standing, StateStore, StoreError, Window};
use rusqlite::{OptionalExtension as _, Transaction, params};
use std::path::Path;
use std::time::Duration;

const PART: Part = Part {
    name: "state",
    version: 1,
    tables: "CREATE TABLE takes (
                kind INTEGER NOT NULL, key BLOB NOT NULL, at INTEGER NOT NULL,
                amount INTEGER NOT NULL, ticket INTEGER NOT NULL);
             CREATE INDEX takes_by_key ON takes (kind, key, at);
             CREATE TABLE clocks (
                kind INTEGER NOT NULL, key BLOB NOT NULL, latest INTEGER NOT NULL,
                PRIMARY KEY (kind, key));
             CREATE TABLE seen (key BLOB PRIMARY KEY);
             CREATE TABLE events (
                key BLOB NOT NULL, at INTEGER NOT NULL, failed INTEGER NOT NULL);
             CREATE INDEX events_by_key ON events (key, at);
             CREATE TABLE breakers (key BLOB PRIMARY KEY, until INTEGER NOT NULL);",
};

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
        self.database.alone(work).map_err(|error| match error {
            DatabaseError::Busy => StoreError::TimedOut,
            DatabaseError::Failed(why) => StoreError::Unreachable(why),
        })
    }

    fn claimed(
        &self,
        claims: &[Claim],
        now_ms: i64,
        ticket: u64,
        is_real: bool,
    ) -> Result<Claimed, StoreError> {
        Claim::check_all(claims, now_ms)?;
        self.alone(|transaction| {
            transaction.execute_batch("SAVEPOINT claims")?;
            let mut claimed = Claimed::default();
            for (index, claim) in claims.iter().enumerate() {
                if !take(transaction, claim, now_ms, ticket)? {
                    claimed.refused = Some(index);
                    break;
                }
                claimed.standings.push(standing(transaction, claim, now_ms)?);
            }
            if claimed.refused.is_some() || !is_real {
                transaction.execute_batch("ROLLBACK TO claims")?;
                claimed.standings = guard_state::Standings::default();
                for claim in claims {
                    claimed.standings.push(standing(transaction, claim, now_ms)?);
                }
            }
            transaction.execute_batch("RELEASE claims")?;
            Ok(claimed)
        })
    }
}

impl StateStore for SqliteState {
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        self.claimed(claims, now_ms, ticket, true)
    }

    fn peek(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        self.claimed(claims, now_ms, 0, false)
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        self.alone(|transaction| {
            for claim in claims {
                transaction
                    .prepare_cached(
                        "DELETE FROM takes WHERE kind = ?1 AND key = ?2 AND ticket = ?3",
                    )?
                    .execute(params![kind(claim), bytes(claim.key()), ticket.cast_signed()])?;
            }
            Ok(())
        })
    }

    fn first_time(&self, key: Key) -> Result<bool, StoreError> {
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

    fn record(&self, key: Key, failed: bool, now_ms: i64, over_ms: i64) -> Result<(), StoreError> {
        self.alone(|transaction| {
            let latest: Option<i64> = transaction
                .prepare_cached("SELECT MAX(at) FROM events WHERE key = ?1")?
                .query_row([bytes(key)], |row| row.get(0))?;
            let now_ms = latest.map_or(now_ms, |latest| latest.max(now_ms));
            transaction
                .prepare_cached("DELETE FROM events WHERE key = ?1 AND at <= ?2")?
                .execute(params![bytes(key), now_ms.saturating_sub(over_ms)])?;
            transaction
                .prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3)")?
                .execute(params![bytes(key), now_ms, failed])?;
            let most = i64::try_from(WINDOW_EVENTS_MAX).unwrap_or(i64::MAX);
            transaction
                .prepare_cached(
                    "DELETE FROM events WHERE key = ?1 AND rowid NOT IN
                     (SELECT rowid FROM events WHERE key = ?1 ORDER BY rowid DESC LIMIT ?2)",
                )?
                .execute(params![bytes(key), most])?;
            Ok(())
        })
    }

    fn rates(&self, key: Key, now_ms: i64, over_ms: i64) -> Result<Rates, StoreError> {
        self.alone(|transaction| {
            let latest: Option<i64> = transaction
                .prepare_cached("SELECT MAX(at) FROM events WHERE key = ?1")?
                .query_row([bytes(key)], |row| row.get(0))?;
            let now_ms = latest.map_or(now_ms, |latest| latest.max(now_ms));
            let since = now_ms.saturating_sub(over_ms);
            let (events, failures) = transaction
                .prepare_cached(
                    "SELECT COUNT(*), COALESCE(SUM(failed), 0) FROM events WHERE key = ?1 AND at > ?2",
                )?
                .query_row(params![bytes(key), since], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let open_until_ms: Option<i64> = transaction
                .prepare_cached("SELECT until FROM breakers WHERE key = ?1")?
                .query_row([bytes(key)], |row| row.get(0))
                .optional()?;
            Ok(Rates { events, failures, open_until_ms })
        })
    }

    fn open(&self, key: Key, _: i64, until_ms: i64) -> Result<(), StoreError> {
        self.alone(|transaction| {
            transaction
                .prepare_cached("DELETE FROM events WHERE key = ?1")?
                .execute([bytes(key)])?;
            transaction
                .prepare_cached(
                    "INSERT INTO breakers VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET until = MAX(until, excluded.until)",
                )?
                .execute(params![bytes(key), until_ms])?;
            Ok(())
        })
    }

    fn close(&self, key: Key) -> Result<(), StoreError> {
        self.alone(|transaction| {
            for table in ["events", "breakers"] {
                transaction
                    .execute(&format!("DELETE FROM {table} WHERE key = ?1"), [bytes(key)])?;
            }
            Ok(())
        })
    }
}

fn bytes(key: Key) -> [u8; 16] {
    key.bits().to_be_bytes()
}

/// Takes and places of one key do not touch each other.
fn kind(claim: &Claim) -> i64 {
    match claim {
        Claim::Take(_) => 0,
        Claim::Concurrency(_) => 1,
    }
}

/// The windows of a claim; a place is held within its lease.
fn windows(claim: &Claim) -> Vec<Window> {
    match claim {
        Claim::Take(take) => take.windows.each().collect(),
        Claim::Concurrency(place) => {
            let most = Amount::from_count(place.most).unwrap_or_default();
            vec![Window { most, window_ms: place.lease_ms }]
        }
    }
}

/// The time for a key: no earlier than its latest permitted claim.
fn clock(transaction: &Transaction<'_>, claim: &Claim, now_ms: i64) -> Result<i64, DatabaseError> {
    let latest: Option<i64> = transaction
        .prepare_cached("SELECT latest FROM clocks WHERE kind = ?1 AND key = ?2")?
        .query_row(params![kind(claim), bytes(claim.key())], |row| row.get(0))
        .optional()?;
    Ok(latest.map_or(now_ms, |latest| latest.max(now_ms)))
}

/// What counts in a window: how much, how many, since when.
struct Use {
    sum: i64,
    count: i64,
    oldest: Option<i64>,
}

fn used(
    transaction: &Transaction<'_>,
    claim: &Claim,
    now: i64,
    window_ms: i64,
) -> Result<Use, DatabaseError> {
    let mut statement = transaction.prepare_cached(
        "SELECT COALESCE(SUM(amount), 0), COUNT(*), MIN(at) FROM takes
         WHERE kind = ?1 AND key = ?2 AND at > ?3",
    )?;
    let since = now.saturating_sub(window_ms);
    let key = params![kind(claim), bytes(claim.key()), since];
    let found = statement.query_row(key, |row| {
        Ok(Use { sum: row.get(0)?, count: row.get(1)?, oldest: row.get(2)? })
    })?;
    Ok(found)
}

/// Takes one claim, if it fits. A refused claim changes nothing.
fn take(
    transaction: &Transaction<'_>,
    claim: &Claim,
    now_ms: i64,
    ticket: u64,
) -> Result<bool, DatabaseError> {
    let now = clock(transaction, claim, now_ms)?;
    let amount = claim.millionths();
    let most_events = i64::try_from(WINDOW_EVENTS_MAX).unwrap_or(i64::MAX);
    let mut longest_ms = 0;
    for window in windows(claim) {
        let used = used(transaction, claim, now, window.window_ms)?;
        let is_full = amount > 0 && used.count >= most_events && kind(claim) == 0;
        let fits = used.sum.checked_add(amount).is_some_and(|sum| sum <= window.most.millionths());
        if is_full || !fits {
            return Ok(false);
        }
        longest_ms = longest_ms.max(window.window_ms);
    }
    let (kind, key) = (kind(claim), bytes(claim.key()));
    transaction
        .prepare_cached("INSERT OR REPLACE INTO clocks VALUES (?1, ?2, ?3)")?
        .execute(params![kind, key, now])?;
    transaction
        .prepare_cached("DELETE FROM takes WHERE kind = ?1 AND key = ?2 AND at <= ?3")?
        .execute(params![kind, key, now.saturating_sub(longest_ms)])?;
    if amount > 0 {
        transaction
            .prepare_cached("INSERT INTO takes VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![kind, key, now, amount, ticket.cast_signed()])?;
    }
    Ok(true)
}

/// How a claim's key stands in its tightest window; of equally tight ones in that which stays tight
/// for longer.
fn standing(
    transaction: &Transaction<'_>,
    claim: &Claim,
    now_ms: i64,
) -> Result<Standing, DatabaseError> {
    let now = clock(transaction, claim, now_ms)?;
    let most_events = i64::try_from(WINDOW_EVENTS_MAX).unwrap_or(i64::MAX);
    let mut standings = Vec::with_capacity(2);
    let mut is_full = false;
    for window in windows(claim) {
        let used = used(transaction, claim, now, window.window_ms)?;
        is_full |= kind(claim) == 0 && used.count >= most_events;
        let left = window.most.millionths().saturating_sub(used.sum).max(0);
        let remaining = Amount::from_millionths(left).unwrap_or_default();
        let resets_in_ms = used.oldest.map_or(0, |at| at + window.window_ms - now);
        standings.push(Standing { remaining, resets_in_ms });
    }
    let tightest = standings.into_iter().min_by_key(|one| (one.remaining, -one.resets_in_ms));
    let standing = tightest.unwrap_or_default();
    Ok(if is_full { Standing { remaining: Amount::ZERO, ..standing } } else { standing })
}
