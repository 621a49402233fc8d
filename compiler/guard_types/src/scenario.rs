//! Tests as plain programs: every name resolved, every value of the type that its tool declares.
//!
//! A program is no part of the plan; whoever runs it needs an engine and nothing of the compiler.

mod check;
mod expect;
mod values;

pub use check::{CheckedTest, check_steps, check_test};

use crate::findings::Places;
use guard_db::{Db, Package, parse};
use guard_diagnostic::Label;
use guard_grammar::ast::ItemKind;
use guard_plan::Verdict;

/// How many steps the tests of one declaration may come to, shared steps and cases written out.
pub const STEPS_MAX: usize = 20_000;

/// How many bytes their events and facts may come to.
pub const BYTES_MAX: usize = 32 << 20;

/// How many shared steps may lead from one to the next.
pub const STEPS_CHAIN_MAX: usize = 32;

/// A test, or one case of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it states.
    pub title: String,
    /// Which of its cases this is, from 1, and where that stands; none where it has none.
    pub case: Option<(usize, Label)>,
    /// The agent it is about.
    pub agent: String,
    /// Where its title stands.
    pub place: Label,
    /// The agent's parameters, as a JSON object.
    pub principal: String,
    /// What happens, in order.
    pub steps: Vec<ScenarioStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioStep {
    /// Where it stands; of shared steps where they are declared.
    pub place: Label,
    /// What happens.
    pub action: Action,
    /// What the decision must be.
    pub expected: Option<Expected>,
}

/// What happens in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The host supplies these facts, as a JSON object; they replace those before.
    Facts(String),
    /// So many milliseconds go by.
    Wait(i64),
    /// An event, as a JSON object without its time.
    Event(String),
    /// A call, as a JSON object without its time.
    Call(String),
    /// A result of the call of the step with this number, from 0.
    Result {
        /// The call's step.
        call: usize,
        /// The event, as a JSON object without its time.
        event: String,
    },
    /// A person answers the question that the call of a step was put to people with, and the call is
    /// made again.
    Answer {
        /// The call's step.
        call: usize,
        /// Whether they say yes.
        agrees: bool,
        /// Who they are.
        by: String,
    },
}

/// What a decision must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Where that is written.
    pub place: Label,
    /// The verdict.
    pub verdict: Verdict,
    /// Words that a reason or a fault must contain.
    pub reason: Option<String>,
    /// What a rule that is a reason must say, exactly.
    pub because: Option<String>,
    /// The title of a rule that must be a reason.
    pub by: Option<String>,
    /// What the agent must be told, exactly.
    pub respond: Option<String>,
    /// Who must be asked.
    pub role: Option<String>,
    /// What must remain of the limit of which least remains.
    pub left: Option<f64>,
    /// What must be passed on once parts were replaced: the text, or a call's arguments as JSON.
    pub redacted: Option<String>,
}

/// Every test of a package without errors, in the order of its files; places count from the start of
/// their file.
pub fn scenarios(db: &dyn Db, package: Package) -> Vec<Scenario> {
    let places = Places::of(db, package);
    let mut all = Vec::new();
    for file in package.files(db) {
        for item in &parse(db, *file).items {
            if matches!(&*item.kind(db), ItemKind::Test(_)) {
                all.extend(check_test(db, package, *file, *item).scenarios.iter().cloned());
            }
        }
    }
    for scenario in &mut all {
        places.settle_label(&mut scenario.place);
        if let Some((_, place)) = &mut scenario.case {
            places.settle_label(place);
        }
        for step in &mut scenario.steps {
            places.settle_label(&mut step.place);
            if let Some(expected) = &mut step.expected {
                places.settle_label(&mut expected.place);
            }
        }
    }
    all
}
