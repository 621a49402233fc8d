//! What outlives the process: approvals, sessions, and the audit journal.
//!
//! Files and `SQLite` are touched here and in no crate between the edges. No clock is read: every time is
//! an argument. Every wait has a bound, and what cannot be stored is an error which the caller
//! turns into a fault, never a permission.

#![forbid(unsafe_code)]

mod approval;
mod database;
mod hex;
mod journal;
mod keyed;
pub mod limits;
mod sessions;
mod state;

pub use approval::{
    ApprovalError, ApprovalStore, Ballot, Edit, Filter, MemoryApprovals, OnExpiry, Question,
    Redeemed, Redemption, SqliteApprovals, Ticket, TicketState, Vote,
};
pub use database::StoreError;
pub use journal::{
    Broken, Expected, Fault, FileJournal, Flush, Journal, JournalConfig, JournalError, Kind,
    Receipt, Record, SqliteJournal, Stored, Verified, Verifier, read_line, verify,
};
pub use keyed::{keyed_hash, mask};
pub use sessions::{Change, MemorySessions, Saved, SessionError, SessionStore, SqliteSessions};
pub use state::SqliteState;
