//! Asks people through a store of approvals.

use guard_engine::{
    Answered, Approval, Approver, ApproverError, AskedCall, AskedOf, Put, shown_call,
};
use guard_journal::{
    ApprovalError, ApprovalStore, Filter, Question, Redeemed, Redemption, Ticket, TicketState,
};
use guard_plan::OnExpiry;
use std::sync::Arc;

/// People who answer by a store's tickets.
#[derive(Debug, Clone)]
pub struct People {
    store: Arc<dyn ApprovalStore>,
}

impl People {
    /// Who answers by this store.
    pub fn new(store: Arc<dyn ApprovalStore>) -> Self {
        Self { store }
    }

    /// A person has written this call in place of another, and the policy has decided it: from
    /// here on their ticket is about it.
    fn bind_edit(&self, call: &AskedCall<'_>) -> Result<(), ApprovalError> {
        let edited = self.tickets(call, TicketState::Edited, None)?;
        let is_it = |ticket: &&Ticket| {
            let edit = ticket.edit.as_ref().filter(|edit| edit.call_hash.is_none());
            let shown = edit.and_then(|edit| shown_call(edit.call.as_bytes()));
            shown.as_deref() == Some(call.shown) && ticket.question.policy_digest == call.policy
        };
        if let Some(ticket) = edited.iter().find(is_it) {
            self.store.bind_edit(&ticket.id, &call.hash, call.now_ms)?;
        }
        Ok(())
    }

    fn tickets(
        &self,
        call: &AskedCall<'_>,
        state: TicketState,
        role: Option<&str>,
    ) -> Result<Vec<Ticket>, ApprovalError> {
        self.store.list(&Filter {
            state: Some(state),
            session: Some(call.session.to_owned()),
            role: role.map(str::to_owned),
            ..Filter::default()
        })
    }
}

impl Approver for People {
    fn ask(&self, call: &AskedCall<'_>, of: AskedOf<'_>) -> Result<Put, ApproverError> {
        // One question for a call however often it is tried: an open one is asked again as it is, and
        // one that was agreed to waits for the others.
        for (state, has_agreed) in [(TicketState::Approved, true), (TicketState::Pending, false)] {
            let tickets = self.tickets(call, state, Some(of.role)).map_err(failed)?;
            let stands = |ticket: &&Ticket| {
                is_about(ticket, call) && (!has_agreed || is_fresh(ticket, call))
            };
            if let Some(ticket) = tickets.iter().find(stands) {
                return Ok(Put { ticket: ticket.id.clone(), has_agreed });
            }
        }
        let expires_at_ms = of.expires.map(|(after_ms, _)| call.now_ms.saturating_add(after_ms));
        let on_expiry = match of.expires {
            Some((_, OnExpiry::Allow)) => guard_journal::OnExpiry::Allow,
            _ => guard_journal::OnExpiry::Deny,
        };
        let question = Question {
            call_hash: call.hash,
            policy_digest: call.policy.to_owned(),
            session: call.session.to_owned(),
            sequence: call.sequence,
            agent: call.agent.to_owned(),
            tool: call.tool.to_owned(),
            summary: call.shown.to_owned(),
            role: of.role.to_owned(),
            quorum: of.quorum,
            asked_at_ms: call.now_ms,
            expires_at_ms,
            on_expiry,
        };
        let ticket = self.store.ask(&question).map_err(failed)?.id;
        Ok(Put { ticket, has_agreed: false })
    }

    fn redeem(&self, call: &AskedCall<'_>, roles: &[&str]) -> Result<Answered, ApproverError> {
        self.bind_edit(call).map_err(failed)?;
        let redemption = Redemption {
            call_hash: &call.hash,
            policy_digest: call.policy,
            session: call.session,
            roles,
            not_before_ms: call.not_before_ms,
            now_ms: call.now_ms,
        };
        Ok(match self.store.redeem(&redemption).map_err(failed)? {
            Redeemed::Granted(_) => Answered::Granted,
            Redeemed::Rejected | Redeemed::Edited(_) => Answered::Rejected,
            Redeemed::Expired { on_expiry: guard_journal::OnExpiry::Allow } => {
                Answered::Expired(OnExpiry::Allow)
            }
            Redeemed::Expired { on_expiry: guard_journal::OnExpiry::Deny } => {
                Answered::Expired(OnExpiry::Deny)
            }
            Redeemed::Pending | Redeemed::Stale | Redeemed::None => Answered::Open,
        })
    }

    fn is_confirmed(&self, call: &AskedCall<'_>) -> Result<bool, ApproverError> {
        let approved =
            self.tickets(call, TicketState::Approved, Some(Approval::USER)).map_err(failed)?;
        Ok(approved.iter().any(|ticket| is_about(ticket, call) && is_fresh(ticket, call)))
    }
}

/// Whether a ticket is about this call, and its time is not over.
fn is_about(ticket: &Ticket, call: &AskedCall<'_>) -> bool {
    ticket.approved_hash() == Some(&call.hash)
        && ticket.question.policy_digest == call.policy
        && ticket.question.expires_at_ms.is_none_or(|at| call.now_ms < at)
}

/// Whether nobody said yes before the last untrusted text was read.
fn is_fresh(ticket: &Ticket, call: &AskedCall<'_>) -> bool {
    ticket.votes.iter().all(|vote| call.not_before_ms.is_none_or(|before| vote.at_ms >= before))
}

#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn failed(error: ApprovalError) -> ApproverError {
    ApproverError(error.to_string())
}
