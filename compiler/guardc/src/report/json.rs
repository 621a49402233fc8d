//! Findings as JSON: one document, or one finding a line.

use super::{Finding, Tally};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document {
    findings: Vec<Finding>,
    summary: Tally,
}

/// Writes `{"findings": […], "summary": {"errors", "warnings"}}`.
pub(super) fn write_document(
    findings: impl Iterator<Item = Finding>,
    summary: Tally,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document { findings: findings.collect(), summary };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes one finding on one line.
pub(super) fn write_line(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, finding)?;
    writeln!(out)
}
