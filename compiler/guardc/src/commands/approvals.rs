//! `guardc approvals`: the questions that policies put to people, and their answers.

use crate::args::{ApprovalsArguments, ApprovalsCommand};
use crate::exit::{Answer, Exit, Failure};
use crate::output::Output;
use crate::report::shown;
use crate::stores::WAIT_MAX;
use guard_journal::{ApprovalStore, Ballot, Filter, SqliteApprovals, Ticket, TicketState};
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Lists questions, shows one, or answers it.
pub(crate) fn run(arguments: &ApprovalsArguments, out: &mut Output) -> Answer {
    let store = SqliteApprovals::open(&arguments.store, WAIT_MAX)
        .map_err(|error| Failure::broke(format!("the approvals cannot be opened: {error}")))?;
    let failed = |error: guard_journal::ApprovalError| Failure::usage(error.to_string());
    match &arguments.command {
        ApprovalsCommand::List { role, all } => {
            let state = (!all).then_some(TicketState::Pending);
            let filter = Filter { state, role: role.clone(), ..Filter::default() };
            for ticket in store.list(&filter).map_err(failed)? {
                writeln!(out, "{}", shown(&line(&ticket)))?;
            }
        }
        ApprovalsCommand::Show { ticket } => {
            let found = store.show(ticket).map_err(failed)?;
            let Some(ticket) = found else {
                return Err(Failure::usage(format!("there is no ticket {ticket}")));
            };
            details(&ticket, out)?;
        }
        ApprovalsCommand::Approve { ticket, by, at, edit } => {
            let ballot = match edit {
                Some(call) => Ballot::Edit(call.clone()),
                None => Ballot::Yes,
            };
            let ticket = store.vote(ticket, by, &ballot, time(*at)).map_err(failed)?;
            writeln!(out, "{}", shown(&line(&ticket)))?;
        }
        ApprovalsCommand::Reject { ticket, by, at } => {
            let ticket = store.vote(ticket, by, &Ballot::No, time(*at)).map_err(failed)?;
            writeln!(out, "{}", shown(&line(&ticket)))?;
        }
    }
    Ok(Exit::Clean)
}

/// The time of an answer: now, unless it is said.
fn time(at_ms: Option<i64>) -> i64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    at_ms.unwrap_or_else(|| i64::try_from(now()).unwrap_or(i64::MAX))
}

fn line(ticket: &Ticket) -> String {
    let asked = &ticket.question;
    let yes = ticket.votes.iter().filter(|vote| vote.yes).count();
    format!(
        "{}  {:8} {yes} of {} {}  {}",
        ticket.id,
        ticket.state.name(),
        asked.quorum,
        asked.role,
        asked.summary,
    )
}

fn details(ticket: &Ticket, out: &mut Output) -> Answer<()> {
    let asked = &ticket.question;
    writeln!(out, "{}", shown(&line(ticket)))?;
    writeln!(out, "  agent {}, session {}", shown(&asked.agent), shown(&asked.session))?;
    writeln!(out, "  asked at {}", asked.asked_at_ms)?;
    if let Some(expires) = asked.expires_at_ms {
        writeln!(out, "  expires at {expires}")?;
    }
    for vote in &ticket.votes {
        let word = if vote.yes { "yes" } else { "no" };
        writeln!(out, "  {word} by {} at {}", shown(&vote.by), vote.at_ms)?;
    }
    if let Some(edit) = &ticket.edit {
        writeln!(out, "  edited by {}: {}", shown(&edit.by), shown(&edit.call))?;
    }
    Ok(())
}
