//! Asks people through a store of approvals.

use guard_engine::{Answered, Approval, Approver, ApproverError, AskedCall, AskedOf, shown_call};
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
    fn ask(&self, call: &AskedCall<'_>, of: AskedOf<'_>) -> Result<String, ApproverError> {
        // One question for a call however often it is tried: an open one is asked again as it is.
        let open = self.tickets(call, TicketState::Pending, Some(of.role)).map_err(failed)?;
        let is_it = |ticket: &&Ticket| {
            let asked = &ticket.question;
            asked.call_hash == call.hash
                && asked.policy_digest == call.policy
                && asked.expires_at_ms.is_none_or(|at| call.now_ms < at)
        };
        if let Some(ticket) = open.iter().find(is_it) {
            return Ok(ticket.id.clone());
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
        Ok(self.store.ask(&question).map_err(failed)?.id)
    }

    fn redeem(&self, call: &AskedCall<'_>) -> Result<Answered, ApproverError> {
        self.bind_edit(call).map_err(failed)?;
        let redemption = Redemption {
            call_hash: &call.hash,
            policy_digest: call.policy,
            session: call.session,
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
        let is_it = |ticket: &Ticket| {
            let asked = &ticket.question;
            let is_fresh = ticket
                .votes
                .iter()
                .all(|vote| call.not_before_ms.is_none_or(|before| vote.at_ms >= before));
            asked.call_hash == call.hash
                && asked.policy_digest == call.policy
                && asked.expires_at_ms.is_none_or(|at| call.now_ms < at)
                && is_fresh
        };
        Ok(approved.iter().any(is_it))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn failed(error: ApprovalError) -> ApproverError {
    ApproverError(error.to_string())
}
