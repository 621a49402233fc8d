//! Runs the tests that stand in policies, as `guardc test` does.

use guard_db::{GuardDatabase, Package, package_from_texts};
use guard_lower::compile;
use guard_plan::Plan;
use guard_test::Suite;
use guard_test::coverage::{Coverage, RuleCoverage};
use guard_types::scenario::{Scenario, scenarios};
use std::sync::Arc;

/// What came of the tests of a package.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many there are, each case counted.
    pub tests: usize,
    /// What failed: title and what was not as expected.
    pub failures: Vec<String>,
    /// Every rule, and what the tests cover of it.
    pub coverage: Vec<RuleCoverage>,
}

/// The tests of files (path, text) that check, as programs.
///
/// # Panics
/// Where the files do not check.
pub fn scenarios_of(files: &[(&str, &str)]) -> Vec<Scenario> {
    let (db, package, _) = compiled(files);
    scenarios(&db, package)
}

fn compiled(files: &[(&str, &str)]) -> (GuardDatabase, Package, Arc<Plan>) {
    let db = GuardDatabase::default();
    let package = package_from_texts(
        &db,
        "test",
        files.iter().copied(),
        guard_stdlib::MODULES,
        guard_stdlib::MODELS,
    );
    let compiled = compile(&db, package);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
    (db, package, plan)
}

/// Runs the tests of files (path, text) that check.
///
/// # Panics
/// Where the files do not check.
pub fn run(files: &[(&str, &str)]) -> Ran {
    let (db, package, plan) = compiled(files);
    let suite = Suite::new(plan, None).expect("a plan that was just made");
    assert!(suite.has_machine_code(), "tests run on machine code, too");
    let mut coverage = Coverage::of(suite.plan());
    let mut ran = Ran::default();
    for scenario in scenarios(&db, package) {
        let outcome = suite.run(&scenario);
        ran.tests += 1;
        coverage.add(&outcome.coverage);
        if let Some(failure) = outcome.failure {
            let case = scenario.case.as_ref().map_or(0, |(number, _)| *number);
            let what = failure.what.join("; ");
            ran.failures.push(format!("\"{}\" (case {case}): {what}", scenario.title));
        }
    }
    ran.coverage = coverage.rules(suite.plan());
    ran
}
