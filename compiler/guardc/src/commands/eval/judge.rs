//! Decides events as they are read, in a session for each trace.

use super::printer::Printer;
use super::summary::Summary;
use crate::engine::{GuardSession, SessionChoice};
use crate::exit::Answer;
use crate::score::{Outcome, Score, TraceOutcome};
use crate::traces::{TraceHead, TraceSink};
use guard_plan::Verdict;

/// Decides, counts and prints.
pub(super) struct Judge<'a> {
    choice: SessionChoice<'a>,
    printer: Printer<'a>,
    /// Whether the state that a trace ends in is printed.
    prints_state: bool,
    trace: Option<OpenTrace>,
    outcome: TraceOutcome,
    summary: Summary,
    score: Score,
}

/// The trace that is being read.
#[derive(Debug)]
struct OpenTrace {
    head: TraceHead,
    session: GuardSession,
    /// Of the next event.
    index: u64,
}

impl<'a> Judge<'a> {
    pub(super) fn new(choice: SessionChoice<'a>, printer: Printer<'a>, prints_state: bool) -> Self {
        Self {
            choice,
            printer,
            prints_state,
            trace: None,
            outcome: TraceOutcome::default(),
            summary: Summary::default(),
            score: Score::default(),
        }
    }

    /// Ends the output; gives what the run comes to.
    pub(super) fn finish(mut self) -> Answer<(Summary, Score)> {
        self.printer.finish(&self.summary)?;
        Ok((self.summary, self.score))
    }
}

impl TraceSink for Judge<'_> {
    fn start(&mut self, head: TraceHead) -> Answer<()> {
        let session = self.choice.open(head.agent.as_deref(), &head.id)?;
        self.outcome.clear();
        self.summary.traces += 1;
        self.trace = Some(OpenTrace { head, session, index: 0 });
        Ok(())
    }

    fn event(&mut self, event: &[u8]) -> Answer<()> {
        let Some(trace) = &mut self.trace else { return Ok(()) };
        let decision = trace.session.decide(event)?;
        let verdict = decision.verdict();
        self.summary.count(verdict);
        self.outcome.note(trace.index, outcome(verdict));
        self.printer.decision(&trace.head.id, trace.index, event, &decision)?;
        trace.index += 1;
        Ok(())
    }

    fn end(&mut self) -> Answer<()> {
        if let Some(trace) = self.trace.take() {
            if self.prints_state {
                self.printer.state(&trace.head.id, &trace.session.state_hash())?;
            }
            self.score.count(trace.head.judged.as_ref(), &self.outcome);
        }
        Ok(())
    }
}

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Allow | Verdict::Redact => Outcome::Passed,
        Verdict::Escalate => Outcome::Asked,
        Verdict::Deny | Verdict::Halt => Outcome::Denied,
    }
}
