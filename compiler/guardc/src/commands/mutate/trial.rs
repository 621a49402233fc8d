//! One mutant: compiled beside the policy as it is, and put to its tests.

use super::Mutant;
use crate::load::PackageFiles;
use crate::policy::{self, Kept};
use guard_diagnostic::Severity;
use guard_plan::Plan;
use guard_test::Suite;
use guard_types::scenario::Scenario;
use std::sync::Arc;

/// What the codes of mistakes in tests begin with.
const TESTS: &str = "G05";

/// What came of a mutant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trial {
    /// A test fails on it.
    Noticed,
    /// It does not check.
    Refused,
    /// It is the same plan.
    Same,
    /// The author has looked at it.
    LetBe,
    /// Every test passes; a test that would not, where one was found.
    Survived(Option<String>),
}

impl Trial {
    pub(super) fn is_survivor(&self) -> bool {
        matches!(self, Self::Survived(_))
    }
}

/// What tries mutants, one after another. Its database remembers what a slip does not touch.
pub(super) struct Worker<'a> {
    pub(super) kept: Kept,
    pub(super) files: &'a PackageFiles,
    pub(super) suite: &'a Suite,
    pub(super) scenarios: &'a [Scenario],
    /// The tests by their numbers; those that noticed something last come first, for they are likely to notice what is
    /// beside it.
    order: Vec<usize>,
    /// The file that has a slip in it at the moment.
    changed: Option<Arc<str>>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        files: &'a PackageFiles,
        suite: &'a Suite,
        scenarios: &'a [Scenario],
    ) -> Self {
        let order = (0..scenarios.len()).collect();
        Self { kept: policy::database(files), files, suite, scenarios, order, changed: None }
    }

    /// Puts a mutant to the tests.
    pub(super) fn of(&mut self, mutant: &Mutant) -> Trial {
        if mutant.reason.is_some() {
            return Trial::LetBe;
        }
        self.put_in(mutant);
        let compiled = self.kept.compile();
        let Some(plan) = compiled.plan else {
            let mut errors = compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error);
            // A test that names what is gone has noticed.
            let is_of_tests = errors.all(|error| error.code.starts_with(TESTS));
            return if is_of_tests { Trial::Noticed } else { Trial::Refused };
        };
        if *plan == *self.suite.plan() {
            return Trial::Same;
        }
        // A plan that cannot be loaded would not be released either.
        let Ok(suite) = self.suite.beside(plan) else { return Trial::Refused };
        if self.is_noticed(&suite) { Trial::Noticed } else { Trial::Survived(None) }
    }

    fn is_noticed(&mut self, suite: &Suite) -> bool {
        let fails = |index: &usize| {
            self.scenarios.get(*index).is_some_and(|scenario| !suite.passes(scenario))
        };
        let Some(at) = self.order.iter().position(fails) else { return false };
        if let Some(first) = self.order.get_mut(..=at) {
            first.rotate_right(1);
        }
        true
    }

    /// The plan with a slip in it; nothing where it does not check.
    pub(super) fn compiled(&mut self, mutant: &Mutant) -> Option<Arc<Plan>> {
        self.put_in(mutant);
        self.kept.compile().plan
    }

    fn put_in(&mut self, mutant: &Mutant) {
        if self.changed.as_ref().is_some_and(|module| *module != mutant.module) {
            self.restore();
        }
        let text = self.text(&mutant.module);
        self.kept.set_text(&mutant.module, &mutant.mutation.applied(&text));
        self.changed = Some(Arc::clone(&mutant.module));
    }

    /// Takes the slip out again.
    pub(super) fn restore(&mut self) {
        if let Some(module) = self.changed.take() {
            let text = self.text(&module);
            self.kept.set_text(&module, &text);
        }
    }

    /// A file as it is.
    pub(super) fn text(&self, module: &str) -> Arc<str> {
        let found = self.files.modules.iter().find(|(path, _)| **path == *module);
        found.map(|(_, text)| Arc::clone(text)).unwrap_or_default()
    }
}
