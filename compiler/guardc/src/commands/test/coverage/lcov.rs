//! Coverage as LCOV reads it: a rule is a function, a clause is two branches, true and false.

use super::super::results::PackageResults;
use guard_test::coverage::RuleCoverage;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn written(all: &[PackageResults]) -> String {
    let mut out = String::new();
    for results in all {
        let mut files: BTreeMap<&str, Vec<&RuleCoverage>> = BTreeMap::new();
        for rule in &results.coverage {
            files.entry(&rule.module).or_default().push(rule);
        }
        for (file, rules) in files {
            record(results.findings.sources.shown_path(file), &rules, &mut out);
        }
    }
    out
}

/// One file. Writing to a string cannot fail.
fn record(path: &str, rules: &[&RuleCoverage], out: &mut String) {
    let _ = writeln!(out, "TN:\nSF:{}", line(path));
    // Rules can have the same words; a line has one rule, or the few of a line of a scope.
    let name = |rule: &RuleCoverage| format!("{} (line {})", line(&rule.rule), rule.line);
    for rule in rules {
        let _ = writeln!(out, "FN:{},{}", rule.line, name(rule));
    }
    for rule in rules {
        let _ = writeln!(out, "FNDA:{},{}", rule.fired, name(rule));
    }
    let fired = rules.iter().filter(|rule| rule.fired > 0).count();
    let _ = writeln!(out, "FNF:{}\nFNH:{fired}", rules.len());
    branches(rules, out);
    lines(rules, out);
    out.push_str("end_of_record\n");
}

fn branches(rules: &[&RuleCoverage], out: &mut String) {
    let (mut found, mut hit) = (0_usize, 0_usize);
    for (block, rule) in rules.iter().enumerate() {
        let outcomes = rule.clauses.iter().flat_map(|clause| {
            [(clause.line, clause.decided_true), (clause.line, clause.decided_false)]
        });
        for (branch, (line, count)) in outcomes.enumerate() {
            let taken = if rule.tried == 0 { "-".to_owned() } else { count.to_string() };
            let _ = writeln!(out, "BRDA:{line},{block},{branch},{taken}");
            found += 1;
            hit += usize::from(count > 0);
        }
    }
    let _ = writeln!(out, "BRF:{found}\nBRH:{hit}");
}

/// A line counts as often as its rule fired, or as its clauses decided.
fn lines(rules: &[&RuleCoverage], out: &mut String) {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for rule in rules {
        *counts.entry(rule.line).or_default() += rule.fired;
        for clause in rule.clauses.iter().filter(|clause| clause.line != rule.line) {
            *counts.entry(clause.line).or_default() += clause.decided_true + clause.decided_false;
        }
    }
    for (line, count) in &counts {
        let _ = writeln!(out, "DA:{line},{count}");
    }
    let hit = counts.values().filter(|count| **count > 0).count();
    let _ = writeln!(out, "LF:{}\nLH:{hit}", counts.len());
}

/// A line break in a name would begin another record.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
