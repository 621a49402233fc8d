//! Results for people: each test on a line, then what failed, drawn at its place, with what every rule
//! made of the event.

use super::results::{PackageResults, TestResult};
use crate::report::{shown, shown_on_one_line, write_one};
use std::io::{self, Write};

pub(super) fn write(all: &[PackageResults], colour: bool, out: &mut dyn Write) -> io::Result<()> {
    for results in all {
        package(results, colour, out)?;
    }
    if all.len() > 1 {
        let tests = all.iter().map(|one| one.tests.len()).sum();
        let failed = all.iter().map(PackageResults::failed).sum();
        writeln!(out, "all: {}", summary(tests, failed))?;
    }
    Ok(())
}

fn package(results: &PackageResults, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    for test in &results.tests {
        let word = if test.failure().is_some() { "FAIL" } else { "pass" };
        writeln!(out, "{word}  {}", shown_on_one_line(&test.name()))?;
    }
    if !results.tests.is_empty() {
        writeln!(out)?;
    }
    let failed = results.tests.iter().filter(|test| test.failure().is_some());
    for (test, finding) in failed.zip(&results.findings.diagnostics) {
        write_one(&results.findings.sources, finding, colour, out)?;
        why(test, out)?;
    }
    for finding in results.suite_findings() {
        write_one(&results.findings.sources, finding, colour, out)?;
    }
    let name = shown_on_one_line(&results.name);
    writeln!(out, "{name}: {}", summary(results.tests.len(), results.failed()))
}

/// What `guardc explain` says of the event.
fn why(test: &TestResult, out: &mut dyn Write) -> io::Result<()> {
    let explanation = test.failure().and_then(|failure| failure.explanation.as_ref());
    match explanation {
        Some(explanation) => writeln!(out, "{}", shown(&explanation.to_string())),
        None => Ok(()),
    }
}

fn summary(tests: usize, failed: usize) -> String {
    let counted = if tests == 1 { "1 test".to_owned() } else { format!("{tests} tests") };
    match failed {
        0 => format!("{counted}, all passed"),
        failed => format!("{counted}, {} passed, {failed} failed", tests - failed),
    }
}
