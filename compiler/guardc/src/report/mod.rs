//! Writes findings: one form for people, four for machines.

pub(crate) mod decision;
mod escape;
mod finding;
mod github;
mod json;
mod pretty;
mod sarif;
mod sources;

pub(crate) use escape::{must_be_escaped, shown, shown_on_one_line};
pub(crate) use finding::{Finding, Place};
pub(crate) use sources::Sources;

use crate::args::FindingFormat;
use finding::severity_word;
use guard_diagnostic::{Anchor, Diagnostic, Label, Severity};
use pretty::Pretty;
use std::io::{self, Write};

/// Findings about one body of source texts.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The texts they speak of.
    pub(crate) sources: Sources,
    /// Those that a compiler stage made.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Those about what is no `.guard` text: schemas.
    pub(crate) others: Vec<Finding>,
}

/// How many findings of each kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Tally {
    /// Findings that keep a policy from being used.
    pub(crate) errors: usize,
    /// The others.
    pub(crate) warnings: usize,
}

impl Tally {
    /// Adds another.
    pub(crate) fn add(&mut self, other: Self) {
        self.errors += other.errors;
        self.warnings += other.warnings;
    }
}

impl Findings {
    /// How many there are.
    pub(crate) fn tally(&self) -> Tally {
        let all = self.diagnostics.len() + self.others.len();
        let diagnosed = self.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        let errors = diagnosed + self.others.iter().filter(|f| f.severity == "error").count();
        Tally { errors, warnings: all - errors }
    }

    /// A place of which line and column are known, both counted from 1.
    pub(crate) fn place_of(&self, file: &str, line: u32, column: u32, text: &str) -> Option<Label> {
        let source = self.sources.file(file)?;
        let span = source.line_from(line, column)?;
        Some(Label { file: file.into(), anchor: Anchor::File, span, text: text.to_owned() })
    }

    fn worked_out(&self) -> impl Iterator<Item = Finding> {
        let diagnosed = self.diagnostics.iter().map(|d| Finding::new(d, &self.sources));
        diagnosed.chain(self.others.iter().cloned())
    }
}

/// Writes the findings about several packages. `json` and `sarif` make one document of them all.
pub(crate) fn write_findings(
    format: FindingFormat,
    all: &[Findings],
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut worked_out = all.iter().flat_map(Findings::worked_out);
    match format {
        FindingFormat::Pretty => {
            all.iter().try_for_each(|findings| write_pretty(findings, colour, out))
        }
        FindingFormat::Json => json::write_document(worked_out, tally(all), out),
        FindingFormat::Ndjson => worked_out.try_for_each(|f| json::write_line(&f, out)),
        FindingFormat::Github => worked_out.try_for_each(|f| github::write_line(&f, out)),
        FindingFormat::Sarif => sarif::write_document(&worked_out.collect::<Vec<_>>(), out),
    }
}

/// Writes one finding for people.
pub(crate) fn write_one(
    sources: &Sources,
    diagnostic: &Diagnostic,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    Pretty::new(sources, colour).write(diagnostic, out)
}

/// How many findings there are in all.
pub(crate) fn tally(all: &[Findings]) -> Tally {
    let mut sum = Tally::default();
    for findings in all {
        sum.add(findings.tally());
    }
    sum
}

fn write_pretty(findings: &Findings, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut pretty = Pretty::new(&findings.sources, colour);
    for diagnostic in &findings.diagnostics {
        pretty.write(diagnostic, out)?;
    }
    findings.others.iter().try_for_each(|finding| write_pretty_without_text(finding, out))
}

fn write_pretty_without_text(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let message = shown_on_one_line(&finding.message);
    writeln!(out, "{}[{}]: {message}", finding.severity, finding.code)?;
    let file = shown_on_one_line(&finding.place.file);
    match &finding.place.schema_path {
        Some(path) if !path.is_empty() => {
            writeln!(out, "  at {} in {file}", shown_on_one_line(path))?;
        }
        _ => writeln!(out, "  in {file}")?,
    }
    pretty::write_remark("help", finding.help.as_deref(), out)?;
    pretty::write_remark("note", finding.note.as_deref(), out)?;
    writeln!(out)
}
