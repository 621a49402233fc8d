//! Approvals: a question to people about one exact call, and its answer, which works once.
//!
//! What a ticket does is written here, once; the stores keep tickets and see to it that each step
//! is taken alone. INVARIANT: a ticket that was redeemed is `Used` before the grant is returned.

mod memory;
mod sqlite;
mod ticket;

use std::fmt;

pub use memory::MemoryApprovals;
pub use sqlite::SqliteApprovals;
pub use ticket::{Edit, OnExpiry, Question, Ticket, TicketState, Vote};

use crate::StoreError;
use crate::limits::LISTED_TICKETS_MAX;

/// Where tickets are kept.
///
/// Who a person is, and whether they have the ticket's role, is for the caller to establish: a
/// store compares names byte for byte.
pub trait ApprovalStore: Send + Sync + fmt::Debug {
    /// Asks. The same question again gives the ticket as it stands meanwhile.
    fn ask(&self, question: &Question) -> Result<Ticket, ApprovalError>;

    /// What `by` says. A person counts once; one no rejects, also after others approved, as long
    /// as the approval was not used. Saying the same again changes nothing. An edit needs a
    /// ticket that is still open, and replaces what was said before it.
    fn vote(
        &self,
        id: &str,
        by: &str,
        ballot: &Ballot,
        now_ms: i64,
    ) -> Result<Ticket, ApprovalError>;

    /// The host has decided an edited call again and would let people approve it: from here on
    /// the ticket is about the call with this hash, and the editor has said yes to it.
    fn bind_edit(
        &self,
        id: &str,
        call_hash: &[u8; 32],
        now_ms: i64,
    ) -> Result<Ticket, ApprovalError>;

    /// May this call run now? Every role of the redemption has to say yes. Of several answers of a
    /// role the oldest is used up, and those of all roles together, in one step that no other thread or
    /// process can take as well. Where a role has not said yes nothing is used up, and its newest
    /// ticket about the call speaks; of several roles the one that refuses most.
    fn redeem(&self, redemption: &Redemption<'_>) -> Result<Redeemed, ApprovalError>;

    /// Tickets that pass the filter, those asked first in front.
    fn list(&self, filter: &Filter) -> Result<Vec<Ticket>, ApprovalError>;

    /// One ticket.
    fn show(&self, id: &str) -> Result<Option<Ticket>, ApprovalError>;
}

/// What a person says about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ballot {
    /// The call may run.
    Yes,
    /// The call must not run.
    No,
    /// The call may run with these arguments: the JSON text of the new call.
    Edit(String),
}

/// Which call would run now.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The hash of the exact call.
    pub call_hash: &'a [u8; 32],
    /// The digest of the policy in force.
    pub policy_digest: &'a str,
    /// The session.
    pub session: &'a str,
    /// Who has to say yes. What another role said does not count.
    pub roles: &'a [&'a str],
    /// When the last untrusted text was read: what was approved before it does not count.
    pub not_before_ms: Option<i64>,
    /// The time.
    pub now_ms: i64,
}

/// What the approvals say to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// All roles approved it, and what they said is used up: the ticket of the first.
    Granted(String),
    /// People have been asked and have not all answered.
    Pending,
    /// Somebody said no.
    Rejected,
    /// The ticket with this id was answered with another call, which the host has to decide.
    Edited(String),
    /// Nobody answered in time, or the answer was not used in time. `Allow` is said once for each
    /// ticket; after that the ticket is used up.
    Expired {
        /// What the policy wants then.
        on_expiry: OnExpiry,
    },
    /// It was approved before something untrusted was read.
    Stale,
    /// Nobody has been asked about this call under this policy in this session, or what was
    /// answered has been used.
    None,
}

/// Which tickets to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Those in this state only. A ticket whose time has run out since it was last touched is
    /// still listed in its former state.
    pub state: Option<TicketState>,
    /// Those of this session only.
    pub session: Option<String>,
    /// Those for this role only.
    pub role: Option<String>,
    /// At most so many, and never more than [`LISTED_TICKETS_MAX`].
    pub tickets_max: usize,
}

impl Default for Filter {
    fn default() -> Self {
        Self { state: None, session: None, role: None, tickets_max: LISTED_TICKETS_MAX }
    }
}

/// Why an approval store refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalError {
    /// There is no such ticket.
    Unknown,
    /// The ticket no longer takes this answer; it is in this state.
    Closed(TicketState),
    /// The time for answers is over.
    Expired,
    /// The question or the answer is not well formed.
    Invalid(&'static str),
    /// Another question has this id.
    Conflict,
    /// The store did not answer, and nothing was changed.
    Store(StoreError),
}

impl fmt::Display for ApprovalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => out.write_str("there is no such ticket"),
            Self::Closed(state) => write!(out, "the ticket is {} already", state.name()),
            Self::Expired => out.write_str("the ticket has expired"),
            Self::Invalid(what) => out.write_str(what),
            Self::Conflict => out.write_str("another question has this ticket's id"),
            Self::Store(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for ApprovalError {}

impl<E: Into<StoreError>> From<E> for ApprovalError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}
