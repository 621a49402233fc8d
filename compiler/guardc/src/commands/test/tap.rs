//! Results in the Test Anything Protocol, version 14.

use super::results::PackageResults;
use crate::report::{Finding, shown_on_one_line};
use std::io::{self, Write};

pub(super) fn write(all: &[PackageResults], out: &mut dyn Write) -> io::Result<()> {
    let count = |one: &PackageResults| one.tests.len() + one.suite_findings().len();
    writeln!(out, "TAP version 14")?;
    writeln!(out, "1..{}", all.iter().map(count).sum::<usize>())?;
    let mut number = 0_usize;
    for results in all {
        let mut findings = results.findings.diagnostics.iter();
        for test in &results.tests {
            number += 1;
            let name = described(&format!("{}: {}", results.name, test.name()));
            if test.failure().is_none() {
                writeln!(out, "ok {number} - {name}")?;
                continue;
            }
            writeln!(out, "not ok {number} - {name}")?;
            if let Some(finding) = findings.next() {
                diagnosis(&Finding::new(finding, &results.findings.sources), out)?;
            }
        }
        for finding in results.suite_findings() {
            number += 1;
            let finding = Finding::new(finding, &results.findings.sources);
            writeln!(out, "not ok {number} - {}", described(&finding.message))?;
            diagnosis(&finding, out)?;
        }
    }
    Ok(())
}

/// A `#` in a description would begin a directive.
fn described(text: &str) -> String {
    shown_on_one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn diagnosis(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    // A string of JSON is one of YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    writeln!(out, "  ---")?;
    writeln!(out, "  code: {}", finding.code)?;
    writeln!(out, "  message: {}", quoted(&finding.message))?;
    writeln!(out, "  file: {}", quoted(&finding.place.file))?;
    if let Some(start) = finding.place.start {
        writeln!(out, "  line: {}", start.line)?;
    }
    writeln!(out, "  ...")
}
