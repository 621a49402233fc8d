//! A page with the sources, coloured by what of them is covered. It stands alone: no script, no font, no
//! picture, nothing from elsewhere.

use super::super::results::PackageResults;
use super::{in_words, outcomes, times, totals_of};
use crate::report::must_be_escaped;
use guard_test::coverage::{ClauseCoverage, RuleCoverage, totals};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}pre{font:13px/1.5 ui-monospace,monospace;overflow-x:auto}
.n{display:inline-block;width:4ch;text-align:right;opacity:.5}.c{display:inline-block;width:7ch;text-align:right;
margin-right:2ch;opacity:.7}.whole{background:#2da44e33}.part{background:#d4a72c44}.none{background:#cf222e33}
mark{color:inherit;background:none;border-bottom:2px solid}mark.whole{border-color:#2da44e}
mark.part{border-color:#bf8700}mark.none{border-color:#cf222e}";

/// What is to be said of a line.
#[derive(Default)]
struct Seen<'a> {
    rules: Vec<&'a RuleCoverage>,
    clauses: Vec<&'a ClauseCoverage>,
}

pub(super) fn written(all: &[PackageResults]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Coverage</title>\n<style>{STYLE}</style>"
    );
    let _ = writeln!(out, "<h1>Coverage: {}</h1>", in_words(&totals_of(all)));
    out.push_str(
        "<p>A condition is underlined by how it decided; point at it to read how often.</p>\n",
    );
    for results in all {
        package(results, &mut out);
    }
    out.push_str("</html>\n");
    out
}

fn package(results: &PackageResults, out: &mut String) {
    let mut files: BTreeMap<&str, BTreeMap<u32, Seen<'_>>> = BTreeMap::new();
    for rule in &results.coverage {
        let lines = files.entry(&rule.module).or_default();
        lines.entry(rule.line).or_default().rules.push(rule);
        for clause in &rule.clauses {
            lines.entry(clause.line).or_default().clauses.push(clause);
        }
    }
    for (file, lines) in files {
        let Some(source) = results.findings.sources.file(file) else { continue };
        let rules: Vec<RuleCoverage> =
            results.coverage.iter().filter(|rule| rule.module == file).cloned().collect();
        let path = text(&source.shown_path);
        let _ = writeln!(out, "<h2>{path}: {}</h2>\n<pre>", in_words(&totals(&rules)));
        for (number, line) in (1..).zip(source.text.lines()) {
            write_line(number, line, lines.get(&number), out);
        }
        out.push_str("</pre>\n");
    }
}

fn write_line(number: u32, line: &str, seen: Option<&Seen<'_>>, out: &mut String) {
    let Some(seen) = seen else {
        let _ = writeln!(
            out,
            "<span class=\"n\">{number}</span> <span class=\"c\"></span>{}",
            text(line)
        );
        return;
    };
    let fired: u64 = seen.rules.iter().map(|rule| rule.fired).sum();
    let count = if seen.rules.is_empty() { String::new() } else { format!("{fired}×") };
    let class = class(seen);
    let title = text(&titles(seen).join("\n"));
    let _ = write!(
        out,
        "<span class=\"n\">{number}</span> <span class=\"c\" title=\"{title}\">{count}</span><span class=\"{class}\">"
    );
    write_clauses(line, &seen.clauses, out);
    out.push_str("</span>\n");
}

/// The line, with the clauses marked that stand on it as they are written.
fn write_clauses(line: &str, clauses: &[&ClauseCoverage], out: &mut String) {
    let mut at = 0;
    let mut sorted: Vec<&ClauseCoverage> = clauses.to_vec();
    sorted.sort_by_key(|clause| clause.column);
    for clause in sorted {
        let column = usize::try_from(clause.column).unwrap_or(1).saturating_sub(1);
        let start: usize = line.chars().take(column).map(char::len_utf8).sum();
        let end = start + clause.clause.len();
        let is_here = start >= at && line.get(start..end) == Some(clause.clause.as_str());
        if !is_here {
            continue;
        }
        out.push_str(&text(line.get(at..start).unwrap_or_default()));
        let class =
            grade(usize::from(clause.decided_true > 0) + usize::from(clause.decided_false > 0), 2);
        let (title, words) = (text(&outcomes(clause)), text(&clause.clause));
        let _ = write!(out, "<mark class=\"{class}\" title=\"{title}\">{words}</mark>");
        at = end;
    }
    out.push_str(&text(line.get(at..).unwrap_or_default()));
}

fn titles(seen: &Seen<'_>) -> Vec<String> {
    let rules = seen
        .rules
        .iter()
        .map(|rule| format!("{}: {}", rule.rule, times(rule.fired, "fired", "never fired")));
    let clauses = seen.clauses.iter().map(|one| format!("{}: {}", one.clause, outcomes(one)));
    rules.chain(clauses).collect()
}

fn class(seen: &Seen<'_>) -> &'static str {
    let outcomes = seen.clauses.iter().flat_map(|one| [one.decided_true, one.decided_false]);
    let counts: Vec<u64> = seen.rules.iter().map(|rule| rule.fired).chain(outcomes).collect();
    grade(counts.iter().filter(|count| **count > 0).count(), counts.len())
}

fn grade(seen: usize, all: usize) -> &'static str {
    match seen {
        0 if all > 0 => "none",
        seen if seen == all => "whole",
        _ => "part",
    }
}

/// Text in HTML. What would reorder or hide text is written out.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if must_be_escaped(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
