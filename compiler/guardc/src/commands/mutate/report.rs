//! What is printed of mutants.

use super::{Mutant, Tried};
use crate::args::MeasureFormat;
use crate::commands::mutate::trial::Trial;
use crate::load::PackageFiles;
use crate::report::{shown, shown_on_one_line};
use serde::Serialize;
use similar::TextDiff;
use std::io::{self, Write};

/// A mutant that no test notices.
#[derive(Serialize)]
struct Survivor<'a> {
    file: String,
    line: u32,
    column: u32,
    kind: &'static str,
    rule: &'a str,
    diff: String,
    test: Option<&'a str>,
}

/// What came of a package.
#[derive(Serialize)]
struct Summary<'a> {
    package: &'a str,
    mutants: usize,
    noticed: usize,
    refused: usize,
    same: usize,
    let_be: usize,
    survived: usize,
    survivors: Vec<Survivor<'a>>,
}

pub(super) fn list(files: &PackageFiles, all: &[Mutant], out: &mut dyn Write) -> io::Result<()> {
    for mutant in all {
        let (file, line, column) = place(files, mutant);
        let mutation = &mutant.mutation;
        let was = mutation.span.text(text(files, mutant));
        let change = match (was.trim(), mutation.replacement.trim()) {
            (was, "") => format!("without `{was}`"),
            (was, is) => format!("`{is}` for `{was}`"),
        };
        let file = shown_on_one_line(&file);
        let change = guard_grammar::one_spaced(&change);
        writeln!(
            out,
            "{file}:{line}:{column} {} {}",
            mutation.operator,
            shown_on_one_line(&change)
        )?;
    }
    Ok(())
}

pub(super) fn write(tried: &Tried, format: MeasureFormat, out: &mut dyn Write) -> io::Result<()> {
    let summary = summary(tried);
    match format {
        MeasureFormat::Pretty => pretty(&summary, out),
        MeasureFormat::Json => {
            serde_json::to_writer(&mut *out, &summary)?;
            writeln!(out)
        }
    }
}

fn summary(tried: &Tried) -> Summary<'_> {
    let survivors = tried.survivors().map(|(mutant, test)| {
        let (file, line, column) = place(&tried.files, mutant);
        let diff = diff(&tried.files, mutant, &file);
        let kind = mutant.mutation.operator.name();
        Survivor { file, line, column, kind, rule: &mutant.mutation.title, diff, test }
    });
    Summary {
        package: &tried.files.name,
        mutants: tried.mutants.len(),
        noticed: tried.count(|trial| *trial == Trial::Noticed),
        refused: tried.count(|trial| *trial == Trial::Refused),
        same: tried.count(|trial| *trial == Trial::Same),
        let_be: tried.count(|trial| *trial == Trial::LetBe),
        survived: tried.count(Trial::is_survivor),
        survivors: survivors.collect(),
    }
}

fn pretty(summary: &Summary<'_>, out: &mut dyn Write) -> io::Result<()> {
    for survivor in &summary.survivors {
        let Survivor { file, line, column, kind, rule, diff, test } = survivor;
        let (file, rule) = (shown_on_one_line(file), shown_on_one_line(rule));
        writeln!(out, "{file}:{line}:{column}: no test notices {kind} in `{rule}`")?;
        write!(out, "{}", shown(diff))?;
        match test {
            Some(test) => writeln!(out, "a test that would:\n\n{}", shown(test))?,
            None => writeln!(out, "no test that would was found near those there are\n")?,
        }
    }
    let Summary { package, mutants, noticed, refused, same, let_be, survived, .. } = summary;
    writeln!(
        out,
        "{}: {mutants} mutants: {noticed} noticed by tests, {refused} refused by the checker, {same} change nothing, \
         {let_be} let be, {survived} not noticed",
        shown_on_one_line(package)
    )
}

fn text<'a>(files: &'a PackageFiles, mutant: &Mutant) -> &'a str {
    let found = files.modules.iter().find(|(path, _)| *path == mutant.module);
    found.map(|(_, text)| &**text).unwrap_or_default()
}

fn place(files: &PackageFiles, mutant: &Mutant) -> (String, u32, u32) {
    let Some(file) = files.sources.file(&mutant.module) else {
        return (mutant.module.to_string(), 0, 0);
    };
    let at = file.line_column(mutant.mutation.span.start as usize);
    (file.shown_path.clone(), at.line, at.column)
}

/// The lines that differ, without those around them.
fn diff(files: &PackageFiles, mutant: &Mutant, file: &str) -> String {
    let text = text(files, mutant);
    let changed = mutant.mutation.applied(text);
    let diff = TextDiff::from_lines(text, &changed);
    diff.unified_diff().context_radius(0).header(file, file).to_string()
}
