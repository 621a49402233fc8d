//! Results as `JUnit` writes them in XML, by the schema that servers of continuous integration share (`junit-10.xsd`,
//! Jenkins); without times: a suite comes out the same whenever it runs.

use super::results::{PackageResults, TestResult};
use crate::report::{Finding, must_be_escaped};
use guard_diagnostic::Diagnostic;
use std::io::{self, Write};

pub(super) fn write(all: &[PackageResults], out: &mut dyn Write) -> io::Result<()> {
    let count = |of: fn(&PackageResults) -> usize| all.iter().map(of).sum::<usize>();
    let (tests, failures) = (count(cases), count(failures));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let counts = counts(tests, failures);
    writeln!(out, "<testsuites name=\"guardc\" {counts}>")?;
    for results in all {
        let counts = self::counts(cases(results), failures_of(results));
        writeln!(out, "  <testsuite name=\"{}\" {counts}>", text(&results.name))?;
        let mut findings = results.findings.diagnostics.iter();
        for test in &results.tests {
            case(results, test, &mut findings, out)?;
        }
        for finding in results.suite_findings() {
            suite_case(results, finding, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// The counts that the schema demands. A test that cannot be run has failed; it is no error of the runner.
fn counts(tests: usize, failures: usize) -> String {
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"")
}

fn cases(results: &PackageResults) -> usize {
    results.tests.len() + results.suite_findings().len()
}

fn failures(results: &PackageResults) -> usize {
    failures_of(results)
}

fn failures_of(results: &PackageResults) -> usize {
    results.failed() + results.suite_findings().len()
}

fn case<'a>(
    results: &PackageResults,
    test: &TestResult,
    findings: &mut impl Iterator<Item = &'a Diagnostic>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (name, agent) = (text(&test.name()), text(&test.scenario.agent));
    write!(out, "    <testcase name=\"{name}\" classname=\"{agent}\"")?;
    let Some(failure) = test.failure() else { return writeln!(out, "/>") };
    writeln!(out, ">")?;
    let finding = findings.next().map(|one| Finding::new(one, &results.findings.sources));
    let mut lines: Vec<String> = finding.iter().map(at).collect();
    lines.extend(failure.what.iter().cloned());
    lines.extend(failure.explanation.as_ref().map(ToString::to_string));
    let message = text(failure.what.first().map_or("", String::as_str));
    writeln!(
        out,
        "      <failure type=\"expectation\" message=\"{message}\">{}</failure>",
        text(&lines.join("\n"))
    )?;
    writeln!(out, "    </testcase>")
}

/// What is wrong with the suite is a case of its own, or it would be lost.
fn suite_case(
    results: &PackageResults,
    finding: &Diagnostic,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = Finding::new(finding, &results.findings.sources);
    let (name, code, place) = (text(&finding.message), text(&finding.code), text(&at(&finding)));
    writeln!(out, "    <testcase name=\"{name}\" classname=\"{code}\">")?;
    writeln!(out, "      <failure type=\"{code}\" message=\"{name}\">{place}</failure>")?;
    writeln!(out, "    </testcase>")
}

fn at(finding: &Finding) -> String {
    match finding.place.start {
        Some(start) => format!("{}:{}:{}", finding.place.file, start.line, start.column),
        None => finding.place.file.clone(),
    }
}

/// Text in XML. What XML cannot hold, and what steers a terminal, is written out.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if must_be_escaped(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
