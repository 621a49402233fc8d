//! What a ticket is and each step it can take. No step is taken back, and time that runs backwards
//! opens nothing again: an expired ticket stays expired.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{ApprovalError, Ballot, Redeemed, Redemption};
use crate::hex;
use crate::limits::{CALL_BYTES_MAX, NAME_BYTES_MAX, QUORUM_MAX};

/// A question to people: may this exact call run?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The hash of the exact call.
    #[serde(with = "hex::text")]
    pub call_hash: [u8; 32],
    /// The digest of the policy that asked.
    pub policy_digest: String,
    /// The session that the call is in.
    pub session: String,
    /// Which of the session's events asked; two equal calls have two tickets by it.
    pub sequence: u64,
    /// The agent.
    pub agent: String,
    /// The tool.
    pub tool: String,
    /// The call as people see it: JSON text.
    pub summary: String,
    /// Who is asked.
    pub role: String,
    /// How many different people have to say yes; at least one.
    pub quorum: u32,
    /// When it was asked.
    pub asked_at_ms: i64,
    /// From when on no answer counts.
    pub expires_at_ms: Option<i64>,
    /// What happens then.
    pub on_expiry: OnExpiry,
}

/// What a policy wants when nobody has answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnExpiry {
    /// The call must not run.
    Deny,
    /// The call may run once.
    Allow,
}

/// A question, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Made of the question alone: 128 bits in hexadecimal.
    pub id: String,
    /// What was asked.
    pub question: Question,
    /// Where it stands.
    pub state: TicketState,
    /// What people said, in order.
    pub votes: Vec<Vote>,
    /// What somebody wrote in place of the call.
    pub edit: Option<Edit>,
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketState {
    /// Not enough people have answered.
    Pending,
    /// Enough people said yes, and the call has not run.
    Approved,
    /// Somebody said no.
    Rejected,
    /// Somebody wrote another call, which the host has not decided yet.
    Edited,
    /// The call was let through on it, once.
    Used,
    /// Its time ran out.
    Expired,
}

impl TicketState {
    /// Its name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Edited => "edited",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// What one person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub by: String,
    /// Yes or no.
    pub yes: bool,
    /// When.
    pub at_ms: i64,
}

/// Another call that a person wrote in place of the one asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The new call: JSON text.
    pub call: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at_ms: i64,
    /// Its hash, once the host has decided it again.
    #[serde(with = "hex::optional_text")]
    pub call_hash: Option<[u8; 32]>,
}

impl Question {
    /// The id of its ticket: the same question has the same id on every machine.
    pub fn ticket_id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"guard ticket 2\0");
        hash.update(self.call_hash);
        for text in [&self.policy_digest, &self.session, &self.role] {
            // The length in front, so that no two lists of texts are the same bytes.
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        hash.update(self.sequence.to_be_bytes());
        let mut id = hex::encode(&hash.finalize());
        id.truncate(32);
        id
    }

    fn check(&self) -> Result<(), ApprovalError> {
        let names = [&self.policy_digest, &self.session, &self.agent, &self.tool, &self.role];
        if names.iter().any(|name| name.len() > NAME_BYTES_MAX) {
            return Err(ApprovalError::Invalid("a name in the question is too long"));
        }
        if !(1..=QUORUM_MAX).contains(&self.quorum) {
            return Err(ApprovalError::Invalid("a quorum is from 1 to 64 people"));
        }
        check_call(&self.summary)
    }
}

fn check_call(call: &str) -> Result<(), ApprovalError> {
    if call.len() > CALL_BYTES_MAX {
        return Err(ApprovalError::Invalid("the call is too long"));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(call) {
        Ok(_) => Ok(()),
        Err(_) => Err(ApprovalError::Invalid("the call is not JSON")),
    }
}

impl Ticket {
    pub(super) fn asked(question: &Question) -> Result<Self, ApprovalError> {
        question.check()?;
        Ok(Self {
            id: question.ticket_id(),
            question: question.clone(),
            state: TicketState::Pending,
            votes: Vec::new(),
            edit: None,
        })
    }

    /// The hash of the call that a yes is about now; of an edited call that the host has not
    /// decided there is none.
    pub fn approved_hash(&self) -> Option<&[u8; 32]> {
        match &self.edit {
            None => Some(&self.question.call_hash),
            Some(edit) => edit.call_hash.as_ref(),
        }
    }

    /// What people said yes to: they have to, all of them, after the last untrusted text.
    fn first_yes_ms(&self) -> Option<i64> {
        self.votes.iter().filter(|vote| vote.yes).map(|vote| vote.at_ms).min()
    }

    pub(super) fn expire(&mut self, now_ms: i64) {
        let over = self.question.expires_at_ms.is_some_and(|end| now_ms >= end);
        // An edited call stays edited: expiry must not allow the call that a person has changed.
        if over && matches!(self.state, TicketState::Pending | TicketState::Approved) {
            self.state = TicketState::Expired;
        }
    }

    pub(super) fn vote(
        &mut self,
        by: &str,
        ballot: &Ballot,
        now_ms: i64,
    ) -> Result<(), ApprovalError> {
        if by.is_empty() || by.len() > NAME_BYTES_MAX {
            return Err(ApprovalError::Invalid("a vote needs a name, and not a long one"));
        }
        self.expire(now_ms);
        if self.state == TicketState::Expired {
            return Err(ApprovalError::Expired);
        }
        match ballot {
            Ballot::Yes => self.yes(by, now_ms),
            Ballot::No => self.no(by, now_ms),
            Ballot::Edit(call) => self.edit(by, call, now_ms),
        }
    }

    fn has_said(&self, by: &str, yes: bool) -> bool {
        self.votes.iter().any(|vote| vote.by == by && vote.yes == yes)
    }

    fn yes(&mut self, by: &str, at_ms: i64) -> Result<(), ApprovalError> {
        if self.has_said(by, true) {
            return Ok(());
        }
        if self.state != TicketState::Pending {
            return Err(ApprovalError::Closed(self.state));
        }
        self.votes.push(Vote { by: by.to_owned(), yes: true, at_ms });
        self.count();
        Ok(())
    }

    /// Approves when as many people as the quorum said yes. `yes` keeps the names distinct.
    fn count(&mut self) {
        let yes = self.votes.iter().filter(|vote| vote.yes).count();
        if u32::try_from(yes).is_ok_and(|yes| yes >= self.question.quorum) {
            self.state = TicketState::Approved;
        }
    }

    fn no(&mut self, by: &str, at_ms: i64) -> Result<(), ApprovalError> {
        match self.state {
            TicketState::Pending | TicketState::Approved | TicketState::Edited => {
                self.votes.push(Vote { by: by.to_owned(), yes: false, at_ms });
                self.state = TicketState::Rejected;
                Ok(())
            }
            TicketState::Rejected if self.has_said(by, false) => Ok(()),
            closed => Err(ApprovalError::Closed(closed)),
        }
    }

    fn edit(&mut self, by: &str, call: &str, at_ms: i64) -> Result<(), ApprovalError> {
        let said = self.edit.as_ref().is_some_and(|edit| edit.by == by && edit.call == call);
        if said && self.state == TicketState::Edited {
            return Ok(());
        }
        if self.state != TicketState::Pending {
            return Err(ApprovalError::Closed(self.state));
        }
        check_call(call)?;
        self.edit = Some(Edit { call: call.to_owned(), by: by.to_owned(), at_ms, call_hash: None });
        // What people said before was about another call.
        self.votes.clear();
        self.state = TicketState::Edited;
        Ok(())
    }

    pub(super) fn bind_edit(
        &mut self,
        call_hash: &[u8; 32],
        now_ms: i64,
    ) -> Result<(), ApprovalError> {
        if self.question.expires_at_ms.is_some_and(|end| now_ms >= end) {
            self.expire(now_ms);
            return Err(ApprovalError::Expired);
        }
        let state = self.state;
        let Some(edit) = self.edit.as_mut() else { return Err(ApprovalError::Closed(state)) };
        if state != TicketState::Edited {
            let bound = edit.call_hash.as_ref() == Some(call_hash);
            return if bound { Ok(()) } else { Err(ApprovalError::Closed(state)) };
        }
        edit.call_hash = Some(*call_hash);
        self.votes.push(Vote { by: edit.by.clone(), yes: true, at_ms: edit.at_ms });
        self.state = TicketState::Pending;
        self.count();
        Ok(())
    }

    fn concerns(&self, redemption: &Redemption<'_>) -> bool {
        self.question.policy_digest == redemption.policy_digest
            && self.question.session == redemption.session
            && (self.question.call_hash == *redemption.call_hash
                || self.approved_hash() == Some(redemption.call_hash))
    }

    fn grants(&self, redemption: &Redemption<'_>) -> bool {
        self.state == TicketState::Approved
            && self.approved_hash() == Some(redemption.call_hash)
            && is_fresh(self.first_yes_ms(), redemption.not_before_ms)
    }

    /// What a ticket says to a call that it does not grant.
    fn answer(&self, redemption: &Redemption<'_>) -> Redeemed {
        let about_it = self.approved_hash() == Some(redemption.call_hash);
        match self.state {
            TicketState::Rejected => Redeemed::Rejected,
            _ if !about_it => Redeemed::Edited(self.id.clone()),
            TicketState::Pending => Redeemed::Pending,
            TicketState::Edited => Redeemed::Edited(self.id.clone()),
            TicketState::Approved => Redeemed::Stale,
            TicketState::Used => Redeemed::None,
            TicketState::Expired => self.expired(redemption),
        }
    }

    fn expired(&self, redemption: &Redemption<'_>) -> Redeemed {
        let on_expiry = self.question.on_expiry;
        // The expiry stands for the yes, so it must not be older than the last untrusted text.
        let is_old = !is_fresh(self.question.expires_at_ms, redemption.not_before_ms);
        if on_expiry == OnExpiry::Allow && is_old {
            return Redeemed::Stale;
        }
        Redeemed::Expired { on_expiry }
    }
}

fn is_fresh(approved_at_ms: Option<i64>, not_before_ms: Option<i64>) -> bool {
    not_before_ms.is_none_or(|start| approved_at_ms.is_some_and(|at| at >= start))
}

/// Asks the tickets about a call. What has changed in them has to be stored before the answer is
/// given.
pub(super) fn redeem_among(mut tickets: Vec<&mut Ticket>, redemption: &Redemption<'_>) -> Redeemed {
    tickets.retain(|ticket| ticket.concerns(redemption));
    tickets.sort_by(|one, other| one.order().cmp(&other.order()));
    for ticket in &mut tickets {
        ticket.expire(redemption.now_ms);
    }
    let mut agreed = Vec::with_capacity(redemption.roles.len());
    let mut refused: Option<Redeemed> = None;
    for role in redemption.roles {
        let (speaks, answer) = of_role(&tickets, role, redemption);
        match (speaks, &answer) {
            (
                Some(index),
                Redeemed::Granted(_) | Redeemed::Expired { on_expiry: OnExpiry::Allow },
            ) => {
                agreed.push((index, answer));
            }
            _ if refused.as_ref().is_none_or(|so_far| weight(&answer) > weight(so_far)) => {
                refused = Some(answer);
            }
            _ => {}
        }
    }
    if let Some(refused) = refused {
        return refused;
    }
    for (index, _) in &agreed {
        if let Some(ticket) = tickets.get_mut(*index) {
            ticket.state = TicketState::Used;
        }
    }
    let mut answers: Vec<Redeemed> = agreed.into_iter().map(|(_, answer)| answer).collect();
    let granted = answers.iter().position(|answer| matches!(answer, Redeemed::Granted(_)));
    match granted.or((!answers.is_empty()).then_some(0)) {
        Some(index) => answers.swap_remove(index),
        None => Redeemed::None,
    }
}

/// What a role says to a call, and by which of the tickets.
fn of_role(
    tickets: &[&mut Ticket],
    role: &str,
    redemption: &Redemption<'_>,
) -> (Option<usize>, Redeemed) {
    let own = |ticket: &Ticket| ticket.question.role == role;
    let grants = |ticket: &&mut Ticket| own(ticket) && ticket.grants(redemption);
    if let Some(index) = tickets.iter().position(grants) {
        let id = tickets.get(index).map(|ticket| ticket.id.clone());
        return (Some(index), id.map_or(Redeemed::None, Redeemed::Granted));
    }
    let open = |ticket: &&mut Ticket| own(ticket) && ticket.state != TicketState::Used;
    let newest = tickets.iter().rposition(open);
    let answer = newest.and_then(|index| tickets.get(index));
    (newest, answer.map_or(Redeemed::None, |ticket| ticket.answer(redemption)))
}

/// How much an answer refuses.
fn weight(answer: &Redeemed) -> u8 {
    match answer {
        Redeemed::Granted(_) | Redeemed::Expired { on_expiry: OnExpiry::Allow } => 0,
        Redeemed::Pending => 1,
        Redeemed::None => 2,
        Redeemed::Stale => 3,
        Redeemed::Expired { on_expiry: OnExpiry::Deny } => 4,
        Redeemed::Edited(_) => 5,
        Redeemed::Rejected => 6,
    }
}

impl Ticket {
    /// Oldest first, and the same order in every store.
    pub(super) fn order(&self) -> (i64, u64, &str) {
        (self.question.asked_at_ms, self.question.sequence, &self.id)
    }
}
