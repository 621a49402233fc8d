//! Tickets in `SQLite`: they survive a restart, and several processes share them.
//!
//! Each step is one IMMEDIATE transaction in WAL mode with `synchronous = FULL`: when it returns,
//! it is on the disk, and no other process was between its reading and its writing.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::ticket::redeem_among;
use super::{
    ApprovalError, ApprovalStore, Ballot, Filter, Question, Redeemed, Redemption, Ticket,
    TicketState,
};
use crate::database::{Database, Part, StoreError};
use crate::limits::LISTED_TICKETS_MAX;

const PART: Part = Part {
    name: "approvals",
    version: 1,
    // The columns beside `ticket` repeat what is in it, for finding; `ticket` is what counts.
    tables: "CREATE TABLE approvals (
                id TEXT PRIMARY KEY, session TEXT NOT NULL, policy TEXT NOT NULL,
                call_hash BLOB NOT NULL, edited_hash BLOB, state TEXT NOT NULL, role TEXT NOT NULL,
                asked_at_ms INTEGER NOT NULL, sequence TEXT NOT NULL, ticket TEXT NOT NULL);
             CREATE INDEX approvals_by_call ON approvals (call_hash);
             CREATE INDEX approvals_by_edit ON approvals (edited_hash);
             CREATE INDEX approvals_by_state ON approvals (state, asked_at_ms);",
};

/// An [`ApprovalStore`] in an `SQLite` file.
#[derive(Debug)]
pub struct SqliteApprovals {
    database: Database,
}

impl SqliteApprovals {
    /// Opens or creates the file. An operation waits for other threads and then for other
    /// processes at most `wait_max` each, and is refused as busy after that.
    pub fn open(path: &Path, wait_max: Duration) -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(path, &PART, wait_max)? })
    }

    /// A step that is refused may still have found that the ticket's time is over, and that is
    /// kept: hence the result within the result.
    fn change(
        &self,
        id: &str,
        step: impl FnOnce(&mut Ticket) -> Result<(), ApprovalError>,
    ) -> Result<Ticket, ApprovalError> {
        self.database.alone(|transaction| {
            let mut ticket = find(transaction, id)?.ok_or(ApprovalError::Unknown)?;
            let before = ticket.state;
            let taken = step(&mut ticket);
            if taken.is_ok() || ticket.state != before {
                keep(transaction, &ticket)?;
            }
            Ok::<_, ApprovalError>(taken.map(|()| ticket))
        })?
    }
}

impl ApprovalStore for SqliteApprovals {
    fn ask(&self, question: &Question) -> Result<Ticket, ApprovalError> {
        let asked = Ticket::asked(question)?;
        self.database.alone(|transaction| match find(transaction, &asked.id)? {
            Some(ticket) if ticket.question == *question => Ok(ticket),
            Some(_) => Err(ApprovalError::Conflict),
            None => {
                keep(transaction, &asked)?;
                Ok(asked)
            }
        })
    }

    fn vote(
        &self,
        id: &str,
        by: &str,
        ballot: &Ballot,
        now_ms: i64,
    ) -> Result<Ticket, ApprovalError> {
        self.change(id, |ticket| ticket.vote(by, ballot, now_ms))
    }

    fn bind_edit(
        &self,
        id: &str,
        call_hash: &[u8; 32],
        now_ms: i64,
    ) -> Result<Ticket, ApprovalError> {
        self.change(id, |ticket| ticket.bind_edit(call_hash, now_ms))
    }

    fn redeem(&self, redemption: &Redemption<'_>) -> Result<Redeemed, ApprovalError> {
        self.database.alone(|transaction| {
            let mut tickets = concerned(transaction, redemption)?;
            let before: Vec<TicketState> = tickets.iter().map(|ticket| ticket.state).collect();
            let redeemed = redeem_among(tickets.iter_mut().collect(), redemption);
            for (ticket, before) in tickets.iter().zip(before) {
                if ticket.state != before {
                    keep(transaction, ticket)?;
                }
            }
            Ok(redeemed)
        })
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Ticket>, ApprovalError> {
        let tickets_max = filter.tickets_max.min(LISTED_TICKETS_MAX);
        let tickets_max = i64::try_from(tickets_max).unwrap_or(i64::MAX);
        self.database.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT ticket FROM approvals
                 WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR session = ?2)
                   AND (?3 IS NULL OR role = ?3)
                 ORDER BY asked_at_ms, sequence, id LIMIT ?4",
            )?;
            let state = filter.state.map(TicketState::name);
            let rows = statement
                .query_map(params![state, filter.session, filter.role, tickets_max], text)?;
            rows.map(|row| read(&row?)).collect()
        })
    }

    fn show(&self, id: &str) -> Result<Option<Ticket>, ApprovalError> {
        self.database.with(|connection| find(connection, id))
    }
}

fn concerned(
    connection: &Connection,
    redemption: &Redemption<'_>,
) -> Result<Vec<Ticket>, ApprovalError> {
    let mut statement = connection.prepare_cached(
        "SELECT ticket FROM approvals
         WHERE (call_hash = ?1 OR edited_hash = ?1) AND policy = ?2 AND session = ?3",
    )?;
    let key = params![redemption.call_hash, redemption.policy_digest, redemption.session];
    let rows = statement.query_map(key, text)?;
    rows.map(|row| read(&row?)).collect()
}

fn find(connection: &Connection, id: &str) -> Result<Option<Ticket>, ApprovalError> {
    let mut statement = connection.prepare_cached("SELECT ticket FROM approvals WHERE id = ?1")?;
    let found = statement.query_row([id], text).optional()?;
    found.map(|text| read(&text)).transpose()
}

fn text(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

fn read(text: &str) -> Result<Ticket, ApprovalError> {
    let read = serde_json::from_str(text);
    Ok(read.map_err(|error| StoreError::Failed(format!("a damaged ticket: {error}")))?)
}

fn keep(connection: &Connection, ticket: &Ticket) -> Result<(), ApprovalError> {
    let text = serde_json::to_string(ticket)
        .map_err(|error| StoreError::Failed(format!("a ticket without a text: {error}")))?;
    let question = &ticket.question;
    let edited_hash = ticket.edit.as_ref().and_then(|edit| edit.call_hash);
    // Twenty digits, so that texts are ordered as the numbers are: SQLite's integers end sooner.
    let sequence = format!("{:020}", question.sequence);
    let mut statement = connection.prepare_cached(
        "INSERT INTO approvals (id, session, policy, call_hash, edited_hash, state, role,
                                asked_at_ms, sequence, ticket)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET edited_hash = ?5, state = ?6, ticket = ?10",
    )?;
    statement.execute(params![
        ticket.id,
        question.session,
        question.policy_digest,
        question.call_hash,
        edited_hash,
        ticket.state.name(),
        question.role,
        question.asked_at_ms,
        sequence,
        text
    ])?;
    Ok(())
}
