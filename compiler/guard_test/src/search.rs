//! Looks for events that two plans decide differently: those of the tests, and those with one thing changed.
//!
//! INVARIANT: what is found was decided by both plans before it is given out, and the same search finds the same.

use crate::suite::Suite;
use crate::variants::{Hints, variants};
use guard_engine::DecisionReport;
use guard_grammar::written_string;
use guard_plan::Verdict;
use guard_types::scenario::{Action, Scenario, ScenarioStep};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How often the last event is repeated, to find out what is counted.
const REPEATS_MAX: usize = 24;

/// How many different calls of the tests are tried in place of others.
const CALLS_MAX: usize = 64;

/// A test that one plan passes and another does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What happens; its last step is the event that the plans decide differently.
    pub scenario: Scenario,
    /// What the first plan makes of that, in the words that stand behind `=>`.
    pub expected: String,
    /// What the other comes to.
    pub other: Verdict,
}

/// The shortest test that was found within so many tries. `focus` are words that name what differs between the plans:
/// events of tools that stand in them are tried first.
pub fn difference(
    one: &Suite,
    other: &Suite,
    scenarios: &[Scenario],
    hints: &Hints,
    focus: &str,
    tries_max: usize,
) -> Option<Difference> {
    let mut search = Search { one, other, tries: tries_max };
    let mut hints = hints.clone();
    let mut calls: Vec<Map<String, Value>> = Vec::new();
    for step in scenarios.iter().flat_map(|scenario| &scenario.steps) {
        let Some(call) = call_of(step) else { continue };
        if let (Some(tool), Some(arguments)) = (tool_of(step), arguments_of(&call)) {
            hints.take_call(&tool, arguments);
        }
        if !calls.contains(&call) && calls.len() < CALLS_MAX {
            calls.push(call);
        }
    }
    for scenario in scenarios {
        if let Some(found) = search.run(scenario) {
            return Some(search.shrunk(found));
        }
    }
    let bases = bases(scenarios, focus);
    // Few tries on every test come before many on one.
    let few = bases.iter().find_map(|base| search.later(base, &hints));
    let found = few.or_else(|| bases.iter().find_map(|base| search.around(base, &hints, &calls)));
    found.map(|found| search.shrunk(found))
}

/// Each test up to each of its events, once; those about what is looked for first.
fn bases(scenarios: &[Scenario], focus: &str) -> Vec<Scenario> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for scenario in scenarios {
        let mut history = format!("{} {}", scenario.agent, scenario.principal);
        for (index, step) in scenario.steps.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(history, "{:?}", step.action);
            let decides =
                matches!(step.action, Action::Event(_) | Action::Call(_) | Action::Result { .. });
            if decides && seen.insert(history.clone()) {
                let steps = scenario.steps.iter().take(index + 1).cloned().collect();
                all.push(Scenario { steps, ..scenario.clone() });
            }
        }
    }
    let is_meant = |base: &Scenario| {
        base.steps.last().is_some_and(|step| tool_of(step).is_some_and(|t| focus.contains(&t)))
    };
    all.sort_by_key(|base| (!is_meant(base), base.steps.len()));
    all
}

fn tool_of(step: &ScenarioStep) -> Option<String> {
    let (Action::Call(event) | Action::Result { event, .. }) = &step.action else { return None };
    let event: Value = serde_json::from_str(event).ok()?;
    Some(event.get("tool")?.as_str()?.to_owned())
}

struct Search<'a> {
    one: &'a Suite,
    other: &'a Suite,
    tries: usize,
}

impl Search<'_> {
    /// Runs a test on both plans, up to the first event that they decide differently.
    fn run(&mut self, scenario: &Scenario) -> Option<Difference> {
        self.tries = self.tries.checked_sub(1)?;
        let (one, other) = (self.one.decisions(scenario), self.other.decisions(scenario));
        for (index, (one, other)) in one.iter().zip(&other).enumerate() {
            let (Some(one), Some(other)) = (one, other) else { continue };
            if let Some(expected) = told_apart(one, other) {
                let steps = scenario.steps.iter().take(index + 1).cloned().collect();
                let scenario = Scenario { steps, ..scenario.clone() };
                return Some(Difference { scenario, expected, other: other.decision });
            }
        }
        None
    }

    /// Tries a test with its last event again and again, and with time between.
    fn later(&mut self, base: &Scenario, hints: &Hints) -> Option<Difference> {
        let last = base.steps.len().checked_sub(1)?;
        self.run(&again(base, REPEATS_MAX)).or_else(|| {
            hints.waits().into_iter().find_map(|wait| {
                let later = with_wait(&again(base, 1), last + 1, wait);
                self.run(&with_wait(base, last, wait)).or_else(|| self.run(&later))
            })
        })
    }

    /// Tries everything that differs from a test in one value.
    fn around(
        &mut self,
        base: &Scenario,
        hints: &Hints,
        calls: &[Map<String, Value>],
    ) -> Option<Difference> {
        let last = base.steps.len().checked_sub(1)?;
        let step = base.steps.last()?;
        let others = calls.iter().filter_map(|call| in_place_of(step, call, last));
        let others: Vec<Action> = others.collect();
        for event in others.into_iter().chain(event_variants(step, hints)) {
            let mut changed = base.clone();
            changed.steps.last_mut()?.action = event;
            if let Some(found) = self.run(&changed) {
                return Some(found);
            }
        }
        for principal in json_variants(&base.principal, hints) {
            if let Some(found) = self.run(&Scenario { principal, ..base.clone() }) {
                return Some(found);
            }
        }
        for (index, step) in base.steps.iter().enumerate() {
            let Action::Facts(facts) = &step.action else { continue };
            for facts in json_variants(facts, hints) {
                let mut changed = base.clone();
                changed.steps.get_mut(index)?.action = Action::Facts(facts);
                if let Some(found) = self.run(&changed) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// The same without the steps that it does not need.
    fn shrunk(&mut self, mut found: Difference) -> Difference {
        let mut at = 0;
        while at + 1 < found.scenario.steps.len() {
            let smaller = without(&found.scenario, at);
            let length = smaller.steps.len();
            self.tries = self.tries.max(1);
            match self.run(&smaller) {
                Some(less) if less.scenario.steps.len() == length => found = less,
                _ => at += 1,
            }
        }
        found
    }
}

/// What the first decision can be told from the other by, in the words of an expectation.
fn told_apart(one: &DecisionReport, other: &DecisionReport) -> Option<String> {
    let verdict = one.decision.word();
    if one.decision != other.decision {
        return Some(verdict.to_owned());
    }
    let role = |of: &DecisionReport| of.approval.as_ref().map(|approval| approval.role.clone());
    if let Some(role) = role(one).filter(|_| role(one) != role(other)) {
        return Some(format!("{verdict} to {}", written_string(&role)));
    }
    if let Some(told) = one.respond.as_ref().filter(|_| one.respond != other.respond) {
        return Some(format!("{verdict} respond {}", written_string(told)));
    }
    let left = |of: &DecisionReport| of.limits.iter().map(|limit| limit.remaining).reduce(f64::min);
    if let Some(left) = left(one).filter(|_| left(one) != left(other)) {
        return Some(format!("{verdict} with {left} left"));
    }
    let is_other = |because: &&String| {
        !other.reasons.iter().any(|reason| reason.because.as_ref() == Some(because))
    };
    let mut said = one.reasons.iter().filter_map(|reason| reason.because.as_ref());
    let because = said.find(is_other)?;
    Some(format!("{verdict} because {}", written_string(because)))
}

/// Each event that differs from this one in one value.
fn event_variants(step: &ScenarioStep, hints: &Hints) -> Vec<Action> {
    let changed = |event: &str, part: &str| -> Vec<String> {
        let Ok(Value::Object(whole)) = serde_json::from_str::<Value>(event) else {
            return Vec::new();
        };
        let Some(value) = whole.get(part) else { return Vec::new() };
        let with = |value: Value| {
            let mut whole = whole.clone();
            whole.insert(part.to_owned(), value);
            Value::Object(whole).to_string()
        };
        variants(value, hints).into_iter().map(with).collect()
    };
    match &step.action {
        Action::Call(event) => {
            let mut found = Vec::new();
            if let (Some(call), Some(tool)) = (call_of(step), tool_of(step))
                && let Some(arguments) = arguments_of(&call)
            {
                for arguments in hints.with_values_of_others(&tool, arguments) {
                    let mut call = call.clone();
                    call.insert("args".to_owned(), arguments);
                    found.push(Value::Object(call).to_string());
                }
            }
            found.extend(changed(event, "args"));
            found.into_iter().map(Action::Call).collect()
        }
        Action::Event(event) => changed(event, "text").into_iter().map(Action::Event).collect(),
        Action::Result { call, event } => {
            let with = |event| Action::Result { call: *call, event };
            changed(event, "text").into_iter().map(with).collect()
        }
        Action::Facts(_) | Action::Wait(_) | Action::Answer { .. } => Vec::new(),
    }
}

fn json_variants(json: &str, hints: &Hints) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return Vec::new() };
    variants(&value, hints).iter().map(ToString::to_string).collect()
}

/// The last event so many times more. A question that is asked again is the same question.
fn again(base: &Scenario, times: usize) -> Scenario {
    let mut repeated = base.clone();
    let Some(last) = base.steps.last() else { return repeated };
    for _ in 0..times {
        let mut step = last.clone();
        if let Some(mut call) = call_of(last) {
            call.insert("id".to_owned(), id_of(repeated.steps.len()).into());
            step.action = Action::Call(Value::Object(call).to_string());
        }
        repeated.steps.push(step);
    }
    repeated
}

/// Another call in place of a call: as it was, and with what both name as it is here.
fn in_place_of(step: &ScenarioStep, other: &Map<String, Value>, at: usize) -> Option<Action> {
    let here = call_of(step)?;
    if here.get("tool") == other.get("tool") {
        return None;
    }
    let mut call = other.clone();
    call.insert("id".to_owned(), id_of(at).into());
    let known = arguments_of(&here)?;
    for (name, value) in call.get_mut("args")?.as_object_mut()? {
        if let Some(known) = known.get(name) {
            value.clone_from(known);
        }
    }
    Some(Action::Call(Value::Object(call).to_string()))
}

fn call_of(step: &ScenarioStep) -> Option<Map<String, Value>> {
    let Action::Call(event) = &step.action else { return None };
    serde_json::from_str(event).ok()
}

fn arguments_of(call: &Map<String, Value>) -> Option<&Map<String, Value>> {
    call.get("args")?.as_object()
}

fn id_of(step: usize) -> String {
    format!("call-{step}")
}

fn with_wait(base: &Scenario, at: usize, milliseconds: i64) -> Scenario {
    let mut changed = base.clone();
    let place = base.place.clone();
    let wait = ScenarioStep { place, action: Action::Wait(milliseconds), expected: None };
    changed.steps.insert(at, wait);
    renumber(&mut changed, |call| if call >= at { Some(call + 1) } else { Some(call) });
    changed
}

/// Without a step, and without what depends on it.
fn without(scenario: &Scenario, at: usize) -> Scenario {
    let mut changed = scenario.clone();
    changed.steps.remove(at);
    renumber(&mut changed, |call| match call {
        call if call == at => None,
        call if call > at => Some(call - 1),
        call => Some(call),
    });
    changed
}

/// Gives calls their new numbers; what belongs to a call that is gone goes, too.
fn renumber(scenario: &mut Scenario, number: impl Fn(usize) -> Option<usize>) {
    scenario.steps.retain_mut(|step| match &mut step.action {
        Action::Result { call, .. } | Action::Answer { call, .. } => {
            let Some(new) = number(*call) else { return false };
            *call = new;
            true
        }
        _ => true,
    });
}
