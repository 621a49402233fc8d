//! Tests of the whole: machine code against the interpreter, and what it leaves in the process.

mod build;
mod memory;
mod nodes;
mod random;
mod sharing;

use crate::MachineCode;
use guard_engine::{Evaluator, Frames, Interpreter, Outcome};
use guard_match::{MatchScratch, Patterns};
use guard_plan::{AgentId, EntryId, Plan};
use guard_value::{Facts, Record};
use std::sync::Arc;

/// What one event is decided from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    pub(crate) event: Record,
    pub(crate) principal: Record,
    pub(crate) facts: Facts,
}

/// Decides by one evaluator.
pub(crate) fn decide(
    evaluator: &dyn Evaluator,
    plan: &Plan,
    (agent, entry): (usize, usize),
    inputs: &Inputs,
    patterns: &Patterns,
    scratch: &mut MatchScratch,
) -> Outcome {
    let Inputs { event, principal, facts } = inputs;
    let code = &plan.agents[agent].entries[entry];
    let mut outcome = Outcome::with_room(code.rules.len(), code.clauses.len());
    outcome.clear();
    let frames = Frames { event, principal, facts, patterns };
    let (agent, entry) = (u32::try_from(agent).unwrap(), u32::try_from(entry).unwrap());
    evaluator.evaluate(AgentId(agent), EntryId(entry), &frames, scratch, &mut outcome);
    outcome
}

/// Decides by the interpreter and by machine code, and expects the same.
pub(crate) fn expect_same(plan: &Plan, cases: impl IntoIterator<Item = (usize, usize, Inputs)>) {
    let machine = MachineCode::compile(plan).unwrap();
    let interpreter = Interpreter::new(Arc::new(plan.clone()));
    let patterns = Patterns::compile(&plan.patterns).unwrap();
    let mut scratch = MatchScratch::default();
    for (agent, entry, inputs) in cases {
        let mut by =
            |e: &dyn Evaluator| decide(e, plan, (agent, entry), &inputs, &patterns, &mut scratch);
        let (expected, found) = (by(&interpreter), by(&machine));
        assert_eq!(
            expected, found,
            "agent {agent}, entry {entry}\n{inputs:#?}\n{:#?}",
            plan.agents[agent].entries[entry]
        );
    }
}
