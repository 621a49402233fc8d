//! Tests by one door: a policy whose lines say which findings stand on them.

mod conditions;
mod declarations;
mod every_code;
mod functions;
mod incremental;
mod layers;
mod messages;
mod order;
mod scenarios;
mod targets;
mod vacuity;

use crate::tir::CheckedRule;
use crate::{Applied, check_rule, diagnostics, rules_of};
use guard_db::{GuardDatabase, Package, package_from_texts};
use guard_diagnostic::{Diagnostic, LineIndex, Severity};
use guard_hir::agents;

/// What stands before a policy that has none of it.
const HEADER: &str = "guard 1\n";

fn package(db: &GuardDatabase, files: &[(&str, &str)]) -> Package {
    package_from_texts(
        db,
        "test",
        files.iter().copied(),
        guard_stdlib::MODULES,
        guard_stdlib::MODELS,
    )
}

/// The findings about one file.
fn findings(source: &str) -> Vec<Diagnostic> {
    findings_of(&[("main.guard", source)])
}

fn findings_of(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let db = GuardDatabase::default();
    let package = package(&db, files);
    let found = diagnostics(&db, package).as_ref().clone();
    // What a plan is made of must be whole wherever nothing is wrong.
    if !found.iter().any(|finding| finding.severity == Severity::Error) {
        for agent in agents(&db, package) {
            for Applied { site, rule } in rules_of(&db, package, agent).rules {
                let checked = check_rule(&db, package, site, rule);
                assert!(!checked.incomplete, "a rule is missing: {}", rule.text(&db));
            }
        }
    }
    found
}

fn line_of(source: &str, diagnostic: &Diagnostic) -> u32 {
    LineIndex::new(source).line_column(source, diagnostic.primary.span.start).line
}

/// Checks a file, written without its header, of which a line says `//~ G0111 G0112` where findings
/// begin on it, and nothing where none does.
#[track_caller]
fn check(body: &str) {
    check_files(&[("main.guard", body)]);
}

#[track_caller]
fn check_files(files: &[(&str, &str)]) {
    let texts: Vec<(&str, String)> = files
        .iter()
        .map(|(path, body)| (*path, format!("{HEADER}{}", body.trim_start())))
        .collect();
    let sources: Vec<(&str, &str)> =
        texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let mut expected: Vec<(&str, u32, String)> = Vec::new();
    for (path, text) in &sources {
        for (line, words) in (1..).zip(text.lines()) {
            let codes = words.split_once("//~").map_or("", |(_, codes)| codes);
            expected.extend(codes.split_whitespace().map(|code| (*path, line, code.to_owned())));
        }
    }
    let found = findings_of(&sources);
    let mut seen: Vec<(&str, u32, String)> = Vec::new();
    for finding in &found {
        let (path, text) =
            sources.iter().find(|(path, _)| **path == *finding.primary.file).unwrap();
        seen.push((path, line_of(text, finding), finding.code.to_owned()));
    }
    expected.sort();
    seen.sort();
    let told: Vec<String> = found.iter().map(|d| format!("{} {}", d.code, d.headline)).collect();
    assert_eq!(seen, expected, "\n{}", told.join("\n"));
}

/// The only finding of a file, written without its header.
#[track_caller]
fn only(body: &str) -> (String, Diagnostic) {
    let source = format!("{HEADER}{}", body.trim_start());
    let mut found = findings(&source);
    assert_eq!(found.len(), 1, "{found:#?}");
    (source, found.remove(0))
}

/// The text after the only finding's fix.
#[track_caller]
fn mended(body: &str) -> String {
    let (source, finding) = only(body);
    let fix = finding.fix.unwrap_or_else(|| panic!("no fix: {}", finding.headline));
    let (start, end) = (fix.place.span.start as usize, fix.place.span.end as usize);
    let mut text = source;
    text.replace_range(start..end, &fix.replacement);
    text
}

/// Applies the only finding's fix and expects nothing more to find.
#[track_caller]
fn mends(body: &str, to: &str) {
    let text = mended(body);
    assert!(text.contains(to), "{text}");
    let left = findings(&text);
    assert!(left.is_empty(), "{left:#?}");
}

/// The checked rules of a file's agents in order, scopes included.
#[track_caller]
fn rules(body: &str) -> Vec<CheckedRule> {
    let source = format!("{HEADER}{}", body.trim_start());
    let db = GuardDatabase::default();
    let package = package(&db, &[("main.guard", &source)]);
    let found = diagnostics(&db, package);
    assert!(found.iter().all(|d| d.severity == Severity::Warning), "{found:#?}");
    let mut rules = Vec::new();
    for agent in agents(&db, package) {
        for Applied { site, rule } in rules_of(&db, package, agent).rules {
            let checked = check_rule(&db, package, site, rule);
            rules.extend(checked.rules.iter().cloned());
        }
    }
    rules
}
