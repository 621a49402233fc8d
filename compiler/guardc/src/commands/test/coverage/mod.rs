//! What tests cover, for people and machines.

mod html;
mod lcov;

use super::results::PackageResults;
use crate::args::CoverageFormat;
use crate::report::shown_on_one_line;
use guard_test::coverage::{ClauseCoverage, RuleCoverage, Totals, totals};
use serde::Serialize;
use std::fmt::Write as _;

/// The coverage of all packages in a format.
pub(super) fn written(format: CoverageFormat, all: &[PackageResults]) -> String {
    match format {
        CoverageFormat::Text => text(all),
        CoverageFormat::Json => json(all),
        CoverageFormat::Lcov => lcov::written(all),
        CoverageFormat::Html => html::written(all),
    }
}

/// What there is to cover in all packages.
pub(super) fn totals_of(all: &[PackageResults]) -> Totals {
    let rules: Vec<_> = all.iter().flat_map(|one| one.coverage.iter().cloned()).collect();
    totals(&rules)
}

fn is_whole(rule: &RuleCoverage) -> bool {
    let totals = rule.totals();
    totals.rules_fired == totals.rules && totals.outcomes_seen == totals.outcomes
}

/// In words: `12 of 12 rules fired, 30 of 34 outcomes of conditions decided`.
fn in_words(totals: &Totals) -> String {
    let Totals { rules, rules_fired, outcomes, outcomes_seen } = totals;
    format!(
        "{:.1} % ({rules_fired} of {rules} rules fired, {outcomes_seen} of {outcomes} outcomes of conditions decided)",
        totals.percent()
    )
}

/// The totals, and every rule of which something is missing. Writing to a string cannot fail.
fn text(all: &[PackageResults]) -> String {
    let mut out = String::new();
    for results in all {
        let name = shown_on_one_line(&results.name);
        let _ = writeln!(out, "coverage of {name}: {}", in_words(&totals(&results.coverage)));
        for rule in results.coverage.iter().filter(|rule| !is_whole(rule)) {
            let place = results.findings.sources.shown_path(&rule.module);
            let place = format!("{}:{}", shown_on_one_line(place), rule.line);
            let fired = times(rule.fired, "fired", "never fired");
            let _ = writeln!(out, "  {place} {}: {fired}", shown_on_one_line(&rule.rule));
            for clause in &rule.clauses {
                let _ = writeln!(
                    out,
                    "    true {:>3}  false {:>3}  {}",
                    clause.decided_true,
                    clause.decided_false,
                    shown_on_one_line(&clause.clause)
                );
            }
        }
    }
    out
}

fn times(count: u64, word: &str, never: &str) -> String {
    match count {
        0 => never.to_owned(),
        1 => format!("{word} once"),
        count => format!("{word} {count} times"),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    packages: Vec<OfPackage<'a>>,
    #[serde(flatten)]
    all: Share,
}

#[derive(Serialize)]
struct OfPackage<'a> {
    package: &'a str,
    #[serde(flatten)]
    share: Share,
    rules: &'a [RuleCoverage],
}

#[derive(Serialize)]
struct Share {
    percent: f64,
    totals: Totals,
}

fn share(totals: Totals) -> Share {
    Share { percent: (totals.percent() * 10.0).round() / 10.0, totals }
}

fn package(results: &PackageResults) -> OfPackage<'_> {
    let PackageResults { name, coverage, .. } = results;
    OfPackage { package: name, share: share(totals(coverage)), rules: coverage }
}

fn json(all: &[PackageResults]) -> String {
    let document =
        Document { packages: all.iter().map(package).collect(), all: share(totals_of(all)) };
    // Texts and numbers: writing them cannot fail.
    let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
    json.push('\n');
    json
}

/// How a clause came out, in words.
fn outcomes(clause: &ClauseCoverage) -> String {
    let as_true = times(clause.decided_true, "decided as true", "never decided as true");
    let as_false = times(clause.decided_false, "decided as false", "never decided as false");
    format!("{as_true}, {as_false}")
}
