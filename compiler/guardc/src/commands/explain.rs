//! `guardc explain`: why one event is decided as it is.

use super::read_bounded;
use crate::args::{DecisionFormat, ExplainArguments};
use crate::engine::{Guard, SessionChoice};
use crate::exit::{Answer, Exit, Failure};
use crate::output::Output;
use crate::policy;
use crate::report::shown;
use crate::stores::Stores;
use guard_plan::Verdict;
use std::io::Write;

/// The longest event that is read.
const EVENT_BYTES_MAX: u64 = 64 << 20;

/// Decides the event and prints what fired, which clause made it, the values, and which rules were
/// close.
pub(crate) fn run(arguments: &ExplainArguments, out: &mut Output) -> Answer {
    let plan = policy::plan(&arguments.policy, out)?;
    let guard = Guard::new(plan, arguments.session.engine, Stores::default())?;
    let choice = SessionChoice::new(&guard, &arguments.session)?;
    let event = read_bounded(&arguments.event, EVENT_BYTES_MAX)
        .map_err(|error| Failure::file(&arguments.event, error))?;
    let mut session = choice.open(None, "explain")?;
    let explanation = session.explain(&event);
    let verdict = explanation.decision.decision;
    if arguments.format == DecisionFormat::Pretty {
        write!(out, "{}", shown(&explanation.to_string()))?;
    } else {
        serde_json::to_writer(&mut *out, &explanation).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(exit(verdict))
}

fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Allow | Verdict::Redact => Exit::Clean,
        Verdict::Escalate => Exit::Escalated,
        Verdict::Deny | Verdict::Halt => Exit::Denied,
    }
}
