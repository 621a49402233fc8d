//! What came of the tests of a package.

use crate::codes;
use crate::manifest::TestSettings;
use crate::report::{Findings, Sources};
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::span::Span;
use guard_test::coverage::{Coverage, RuleCoverage};
use guard_test::{Failure, Suite, TestOutcome};
use guard_types::scenario::Scenario;

/// One test and what came of it.
#[derive(Debug)]
pub(super) struct TestResult {
    pub(super) scenario: Scenario,
    pub(super) outcome: TestOutcome,
}

impl TestResult {
    /// The title, with the number of its case.
    pub(super) fn name(&self) -> String {
        match &self.scenario.case {
            Some((number, _)) => format!("{} (case {number})", self.scenario.title),
            None => self.scenario.title.clone(),
        }
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        self.outcome.failure.as_ref()
    }
}

/// The tests of a package.
#[derive(Debug)]
pub(super) struct PackageResults {
    pub(super) name: String,
    /// What its manifest asks of the run.
    pub(super) settings: TestSettings,
    /// What is wrong: with the policy, or with its tests.
    pub(super) findings: Findings,
    pub(super) does_not_check: bool,
    pub(super) tests: Vec<TestResult>,
    /// Every rule, and what of it is covered.
    pub(super) coverage: Vec<RuleCoverage>,
    /// How many of the findings are failures of tests; those behind them are about the suite.
    pub(super) suite_findings_from: usize,
}

impl PackageResults {
    pub(super) fn new(name: String, settings: TestSettings, findings: Findings) -> Self {
        Self {
            name,
            settings,
            findings,
            does_not_check: false,
            tests: Vec::new(),
            coverage: Vec::new(),
            suite_findings_from: 0,
        }
    }

    /// Takes the results of a suite.
    pub(super) fn take(&mut self, suite: &Suite, tests: Vec<TestResult>) {
        let mut seen = Coverage::of(suite.plan());
        for test in &tests {
            seen.add(&test.outcome.coverage);
        }
        self.coverage = seen.rules(suite.plan());
        place_clauses(&self.findings.sources, &mut self.coverage);
        self.tests = tests;
        // Warnings about the policy are for `guardc check` to say.
        self.findings.diagnostics.clear();
        let failures = self.tests.iter().filter_map(|test| Some(finding(test, test.failure()?)));
        self.findings.diagnostics = failures.collect();
        self.suite_findings_from = self.findings.diagnostics.len();
    }

    pub(super) fn failed(&self) -> usize {
        self.tests.iter().filter(|test| test.failure().is_some()).count()
    }

    pub(super) fn has_failed(&self) -> bool {
        !self.findings.diagnostics.is_empty()
    }

    /// The findings that are no failure of a test.
    pub(super) fn suite_findings(&self) -> &[Diagnostic] {
        self.findings.diagnostics.get(self.suite_findings_from..).unwrap_or_default()
    }

    pub(super) fn no_tests(&mut self, code: &'static str, is_everything: bool) {
        let (headline, help) = if is_everything {
            ("the package has no tests", "write one: `test \"…\" for AGENT { … }`")
        } else {
            ("no test has such a title", "`--run` is a regular expression over titles")
        };
        let headline = format!("{headline}: `{}`", self.name);
        let place = Label {
            file: self.name.as_str().into(),
            anchor: Anchor::File,
            span: Span::default(),
            text: String::new(),
        };
        let finding = Diagnostic::error(code, headline, place).with_help(help);
        self.findings.diagnostics.push(finding.with_note("`--allow-no-tests` lets this pass"));
    }

    pub(super) fn unfired(&mut self, code: &'static str) {
        for rule in self.coverage.iter().filter(|rule| rule.decides && rule.fired == 0) {
            let label =
                if rule.tried == 0 { "no event of a test concerned it" } else { "never fired" };
            let Some(place) = self.findings.place_of(&rule.module, rule.line, rule.column, label)
            else {
                continue;
            };
            let headline = format!("no test makes `{}` fire", rule.rule);
            let finding = Diagnostic::error(code, headline, place)
                .with_help("write a test in which it decides")
                .with_note("`--allow-unfired` lets this pass");
            self.findings.diagnostics.push(finding);
        }
    }
}

/// Finds where the clauses of rules stand: a plan knows their words and the place of the rule.
fn place_clauses(sources: &Sources, rules: &mut [RuleCoverage]) {
    let starts: Vec<(String, u32, u32)> =
        rules.iter().map(|rule| (rule.module.clone(), rule.line, rule.column)).collect();
    for (index, rule) in rules.iter_mut().enumerate() {
        let Some(file) = sources.file(&rule.module) else { continue };
        let Some(from) = file.offset(rule.line, rule.column) else { continue };
        let next = starts.get(index + 1).filter(|(module, ..)| *module == rule.module);
        let to = next.and_then(|(_, line, column)| file.offset(*line, *column));
        let text = file.text.get(from..to.unwrap_or(file.text.len())).unwrap_or_default();
        let words = Squeezed::new(text);
        for clause in &mut rule.clauses {
            let Some(found) = words.find(&clause.clause) else { continue };
            let at = file.line_column(from + found);
            (clause.line, clause.column) = (at.line, at.column);
        }
        rule.clauses.sort_by_key(|clause| (clause.line, clause.column));
    }
}

/// A text with one space wherever white space stands, as clauses are written in a plan.
struct Squeezed {
    text: String,
    /// For each byte, where it stands in the original.
    origins: Vec<usize>,
}

impl Squeezed {
    fn new(original: &str) -> Self {
        let mut squeezed = Self { text: String::new(), origins: Vec::new() };
        for (at, c) in original.char_indices() {
            let c = if c.is_whitespace() { ' ' } else { c };
            let last = squeezed.text.chars().next_back();
            let tight = matches!(last, Some(' ' | '(' | '['));
            if c == ' ' && tight {
                continue;
            }
            if matches!(c, ')' | ']') && last == Some(' ') {
                squeezed.text.pop();
                squeezed.origins.pop();
            }
            squeezed.text.push(c);
            squeezed.origins.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
        squeezed
    }

    fn find(&self, words: &str) -> Option<usize> {
        self.origins.get(self.text.find(words)?).copied()
    }
}

fn finding(test: &TestResult, failure: &Failure) -> Diagnostic {
    let mut what = failure.what.iter();
    let first = what.next().cloned().unwrap_or_default();
    let headline = format!("test `{}`: {first}", test.name());
    let label = match &failure.decision {
        Some(decision) => format!("came to `{}`", decision.decision.word()),
        None => "here".to_owned(),
    };
    let place = Label { text: label, ..failure.place.clone() };
    let mut finding = Diagnostic::error(codes::FAILED_TEST, headline, place);
    let rest: Vec<String> = what.cloned().collect();
    if !rest.is_empty() {
        finding = finding.with_note(rest.join("; "));
    }
    finding
}
