//! Tickets in memory: for tests, and for hosts that ask nobody once they have stopped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ticket::redeem_among;
use super::{ApprovalError, ApprovalStore, Ballot, Filter, Question, Redeemed, Redemption, Ticket};
use crate::limits::LISTED_TICKETS_MAX;

/// An [`ApprovalStore`] that ends with the process.
#[derive(Debug, Default)]
pub struct MemoryApprovals {
    tickets: Mutex<BTreeMap<String, Ticket>>,
}

impl MemoryApprovals {
    /// One without tickets.
    pub fn new() -> Self {
        Self::default()
    }

    fn tickets(&self) -> MutexGuard<'_, BTreeMap<String, Ticket>> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        id: &str,
        step: impl FnOnce(&mut Ticket) -> Result<(), ApprovalError>,
    ) -> Result<Ticket, ApprovalError> {
        let mut tickets = self.tickets();
        let ticket = tickets.get_mut(id).ok_or(ApprovalError::Unknown)?;
        step(ticket)?;
        Ok(ticket.clone())
    }
}

impl ApprovalStore for MemoryApprovals {
    fn ask(&self, question: &Question) -> Result<Ticket, ApprovalError> {
        let asked = Ticket::asked(question)?;
        let mut tickets = self.tickets();
        let ticket = tickets.entry(asked.id.clone()).or_insert(asked);
        if ticket.question == *question { Ok(ticket.clone()) } else { Err(ApprovalError::Conflict) }
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
        let mut tickets = self.tickets();
        Ok(redeem_among(tickets.values_mut().collect(), redemption))
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Ticket>, ApprovalError> {
        let tickets = self.tickets();
        let mut listed: Vec<&Ticket> =
            tickets.values().filter(|ticket| filter.passes(ticket)).collect();
        listed.sort_by(|one, other| one.order().cmp(&other.order()));
        listed.truncate(filter.tickets_max.min(LISTED_TICKETS_MAX));
        Ok(listed.into_iter().cloned().collect())
    }

    fn show(&self, id: &str) -> Result<Option<Ticket>, ApprovalError> {
        Ok(self.tickets().get(id).cloned())
    }
}

impl Filter {
    fn passes(&self, ticket: &Ticket) -> bool {
        self.state.is_none_or(|state| ticket.state == state)
            && self.session.as_ref().is_none_or(|session| ticket.question.session == *session)
            && self.role.as_ref().is_none_or(|role| ticket.question.role == *role)
    }
}
