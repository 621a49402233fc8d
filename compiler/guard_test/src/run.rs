//! One run of a test on one evaluator.

use crate::coverage::Coverage;
use crate::expectation::mismatches;
use guard_diagnostic::Label;
use guard_engine::{DecisionReport, Engine, Explanation, Session};
use guard_journal::{ApprovalStore, Ballot, MemoryApprovals};
use guard_plan::Verdict;
use guard_types::scenario::{Action, Scenario, ScenarioStep};
use std::collections::BTreeMap;
use std::sync::Arc;

/// When every test begins: 2026-01-01 00:00 UTC, a Thursday.
const BEGINNING_MS: i64 = 1_767_225_600_000;

/// Why a test failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which step, from 0; none where the test could not begin.
    pub step: Option<usize>,
    /// Where the step, or what was expected of it, is written.
    pub place: Label,
    /// What is not as expected, most important first; never empty.
    pub what: Vec<String>,
    /// What was decided, where anything was.
    pub decision: Option<DecisionReport>,
    /// What every rule made of the event.
    pub explanation: Option<Explanation>,
}

impl Failure {
    /// A test that could not begin.
    pub(crate) fn of_test(scenario: &Scenario, what: String) -> Self {
        let place = scenario.place.clone();
        Self { step: None, place, what: vec![what], decision: None, explanation: None }
    }

    fn of_step(index: usize, step: &ScenarioStep, what: Vec<String>) -> Box<Self> {
        let place = step.expected.as_ref().map_or(&step.place, |expected| &expected.place).clone();
        Box::new(Self { step: Some(index), place, what, decision: None, explanation: None })
    }
}

/// What was decided, and what is passed on in place of the event.
#[derive(Debug, PartialEq)]
pub(crate) struct Decided {
    pub(crate) report: DecisionReport,
    pub(crate) passed_on: Option<String>,
}

/// What is known of a call after it was decided.
#[derive(Debug)]
struct Made {
    event: String,
    verdict: Verdict,
    ticket: Option<String>,
}

/// A session in the middle of a test.
#[derive(Debug)]
pub(crate) struct Run {
    engine: Engine,
    session: Session,
    approvals: Arc<MemoryApprovals>,
    now: i64,
    /// Calls by their step.
    calls: BTreeMap<usize, Made>,
}

impl Run {
    pub(crate) fn new(engine: Engine, session: Session, approvals: Arc<MemoryApprovals>) -> Self {
        Self { engine, session, approvals, now: BEGINNING_MS, calls: BTreeMap::new() }
    }

    /// Runs a whole test, on another evaluator beside this one.
    pub(crate) fn through(
        &mut self,
        scenario: &Scenario,
        mut beside: Option<Self>,
        mut coverage: Option<&mut Coverage>,
    ) -> Result<(), Box<Failure>> {
        for (index, step) in scenario.steps.iter().enumerate() {
            let failed = |what| Failure::of_step(index, step, what);
            let seen = coverage.as_deref_mut();
            let decided = self.step(index, step, seen).map_err(|what| failed(vec![what]))?;
            if let Some(beside) = &mut beside {
                let other = beside.step(index, step, None).map_err(|what| failed(vec![what]))?;
                if other != decided {
                    let what = "machine code and the interpreter decide differently".to_owned();
                    return Err(failed(vec![what]));
                }
            }
            let (Some(expected), Some(decided)) = (&step.expected, decided) else { continue };
            let what = mismatches(expected, &decided);
            if !what.is_empty() {
                let mut failure = failed(what);
                failure.decision = Some(decided.report);
                return Err(failure);
            }
        }
        Ok(())
    }

    /// What each step comes to, up to one that cannot be taken.
    pub(crate) fn decisions(&mut self, scenario: &Scenario) -> Vec<Option<DecisionReport>> {
        let mut all = Vec::with_capacity(scenario.steps.len());
        for (index, step) in scenario.steps.iter().enumerate() {
            let Ok(decided) = self.step(index, step, None) else { break };
            all.push(decided.map(|decided| decided.report));
        }
        all
    }

    /// Goes to a step, and says what every rule makes of its event.
    pub(crate) fn explain(&mut self, scenario: &Scenario, at: usize) -> Option<Explanation> {
        for (index, step) in scenario.steps.iter().enumerate().take(at) {
            self.step(index, step, None).ok()?;
        }
        let step = scenario.steps.get(at)?;
        let event = self.prepare(step).ok()??;
        Some(self.session.explain(self.timed(&event).as_bytes()))
    }

    /// Takes a step; the decision where it has an event.
    fn step(
        &mut self,
        index: usize,
        step: &ScenarioStep,
        coverage: Option<&mut Coverage>,
    ) -> Result<Option<Decided>, String> {
        let Some(event) = self.prepare(step)? else { return Ok(None) };
        let timed = self.timed(&event);
        let decision = self.session.decide(timed.as_bytes());
        if let Some(coverage) = coverage {
            coverage.count(&decision.trials());
        }
        let verdict = decision.verdict();
        let (report, passed_on) = (decision.report(), decision.redacted().map(str::to_owned));
        let ticket = report.approval.as_ref().and_then(|approval| approval.ticket.clone());
        let call = match &step.action {
            Action::Call(_) => Some(index),
            Action::Answer { call, .. } => Some(*call),
            _ => None,
        };
        if let Some(call) = call {
            self.calls.insert(call, Made { event, verdict, ticket });
        }
        Ok(Some(Decided { report, passed_on }))
    }

    /// Does what comes before the event of a step, and gives the event, without its time.
    fn prepare(&mut self, step: &ScenarioStep) -> Result<Option<String>, String> {
        match &step.action {
            Action::Facts(facts) => {
                let set = self.engine.set_facts(facts.as_bytes());
                set.map_err(|error| format!("the facts do not fit: {error}"))?;
                Ok(None)
            }
            Action::Wait(milliseconds) => {
                self.now = self.now.saturating_add(*milliseconds);
                Ok(None)
            }
            Action::Event(event) | Action::Call(event) => Ok(Some(event.clone())),
            Action::Result { call, event } => {
                let made = self.calls.get(call);
                let verdict = made.map_or(Verdict::Deny, |made| made.verdict);
                if verdict > Verdict::Redact {
                    let word = verdict.word();
                    return Err(format!("the call came to `{word}`, so nothing returns"));
                }
                Ok(Some(event.clone()))
            }
            Action::Answer { call, agrees, by } => self.answer(*call, *agrees, by).map(Some),
        }
    }

    fn answer(&mut self, call: usize, agrees: bool, by: &str) -> Result<String, String> {
        let made = self.calls.get(&call).ok_or("the call was not made")?;
        let Some(ticket) = &made.ticket else {
            let word = made.verdict.word();
            return Err(format!("nobody was asked about the call, which came to `{word}`"));
        };
        let ballot = if agrees { Ballot::Yes } else { Ballot::No };
        let voted = self.approvals.vote(ticket, by, &ballot, self.now);
        voted.map_err(|error| format!("the answer is not taken: {error}"))?;
        Ok(made.event.clone())
    }

    /// The event, as it happens now.
    fn timed(&self, event: &str) -> String {
        let open = event.strip_suffix('}').unwrap_or(event);
        format!("{open},\"at\":{}}}", self.now)
    }
}
