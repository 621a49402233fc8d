//! Results as one JSON document. Keys always stand in the same order.

use super::results::{PackageResults, TestResult};
use crate::report::Finding;
use guard_engine::{DecisionReport, Explanation};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    packages: Vec<OfPackage<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct OfPackage<'a> {
    package: &'a str,
    tests: Vec<Test<'a>>,
    /// What is wrong with the suite itself.
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Test<'a> {
    title: &'a str,
    case: Option<usize>,
    agent: &'a str,
    passed: bool,
    /// What is not as expected.
    what: &'a [String],
    finding: Option<Finding>,
    decision: Option<&'a DecisionReport>,
    explanation: Option<&'a Explanation>,
}

#[derive(Serialize)]
struct Summary {
    tests: usize,
    passed: usize,
    failed: usize,
}

pub(super) fn write(all: &[PackageResults], out: &mut dyn Write) -> io::Result<()> {
    let tests = all.iter().map(|one| one.tests.len()).sum();
    let failed = all.iter().map(PackageResults::failed).sum();
    let document = Document {
        packages: all.iter().map(package).collect(),
        summary: Summary { tests, passed: tests - failed, failed },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn package(results: &PackageResults) -> OfPackage<'_> {
    let sources = &results.findings.sources;
    let mut failures = results.findings.diagnostics.iter();
    let of_test = |test| test_of(test, || failures.next().map(|one| Finding::new(one, sources)));
    let tests = results.tests.iter().map(of_test).collect();
    let findings = results.suite_findings().iter().map(|one| Finding::new(one, sources)).collect();
    OfPackage { package: &results.name, tests, findings }
}

fn test_of(test: &TestResult, mut finding: impl FnMut() -> Option<Finding>) -> Test<'_> {
    let failure = test.failure();
    Test {
        title: &test.scenario.title,
        case: test.scenario.case.as_ref().map(|(number, _)| *number),
        agent: &test.scenario.agent,
        passed: failure.is_none(),
        what: failure.map(|failure| failure.what.as_slice()).unwrap_or_default(),
        finding: failure.and_then(|_| finding()),
        decision: failure.and_then(|failure| failure.decision.as_ref()),
        explanation: failure.and_then(|failure| failure.explanation.as_ref()),
    }
}
