//! What a step's decision must be.

use super::Expected;
use super::check::{KnownRule, Steps};
use guard_diagnostic::{Label, closest};
use guard_grammar::ast::{ExpectClauseKind, Expectation, StringLiteral};
use guard_grammar::span::Span;
use guard_plan::Verdict;
use std::sync::Arc;

const VERDICTS: [Verdict; 5] =
    [Verdict::Allow, Verdict::Redact, Verdict::Escalate, Verdict::Deny, Verdict::Halt];

impl Steps<'_, '_> {
    /// An expectation whose every part can come true.
    pub(super) fn expected(&mut self, expectation: &Expectation, place: Label) -> Option<Expected> {
        let verdict = self.verdict(expectation)?;
        let mut expected = Expected {
            place,
            verdict,
            reason: expectation.reason.as_ref().map(|reason| reason.value.clone()),
            because: None,
            by: None,
            respond: None,
            role: None,
            left: None,
            redacted: None,
        };
        for clause in &expectation.clauses {
            match &clause.kind {
                ExpectClauseKind::Because(text) => {
                    self.rule(Naming::Because, text);
                    expected.because = Some(text.value.clone());
                }
                ExpectClauseKind::By(text) => {
                    self.rule(Naming::Title, text);
                    expected.by = Some(text.value.clone());
                }
                ExpectClauseKind::Respond(text) => expected.respond = Some(text.value.clone()),
                ExpectClauseKind::To(text) => expected.role = Some(text.value.clone()),
                ExpectClauseKind::With(text) => expected.redacted = Some(text.value.clone()),
                ExpectClauseKind::Left(number, word) => {
                    if word.text != "left" {
                        self.wrong_word(word.span, &word.text);
                    }
                    expected.left = self.number(number);
                }
            }
        }
        Some(expected)
    }

    fn verdict(&mut self, expectation: &Expectation) -> Option<Verdict> {
        let word = &expectation.verdict;
        let found = VERDICTS.into_iter().find(|verdict| verdict.word() == word.text);
        if found.is_none() {
            let headline = format!("`{}` is no decision", word.text);
            let error = self.reporter.error("G0503", word.span, headline, "nothing is decided so");
            let error = match closest(&word.text, VERDICTS.map(Verdict::word)) {
                Some(meant) => error
                    .with_help(format!("write `{meant}`"))
                    .with_fix(self.reporter.label(word.span, ""), meant),
                None => error.with_help("it is `allow`, `redact`, `escalate`, `deny` or `halt`"),
            };
            self.push(error);
        }
        found
    }

    fn wrong_word(&mut self, span: Span, word: &str) {
        let headline = format!("`{word}` cannot stand behind a number");
        let error = self.reporter.error("G0503", span, headline, "only `left` can");
        self.push(error.with_help("write `with 2 left`"));
    }

    /// A rule that is named must be one of the agent's.
    fn rule(&mut self, by: Naming, text: &StringLiteral) {
        let rules = Arc::clone(&self.rules);
        if rules.iter().any(|rule| by.of(rule) == Some(&text.value)) {
            return;
        }
        let verb = if by == Naming::Because { "says" } else { "is called" };
        let headline = format!("no rule of agent `{}` {verb} \"{}\"", self.agent_name, text.value);
        let error = self.reporter.error("G0503", text.span, headline, "so it never decides");
        let known = rules.iter().filter_map(|rule| by.of(rule));
        let error = match closest(&text.value, known) {
            Some(meant) => error
                .with_help(format!("write \"{meant}\""))
                .with_fix(self.reporter.label(text.span, ""), format!("{meant:?}")),
            None if by == Naming::Title => error.with_help(
                "a rule is called by its words up to its condition, as `guardc explain` shows them",
            ),
            None => error,
        };
        self.push(error);
    }
}

/// What a rule is named by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Because,
    Title,
}

impl Naming {
    fn of(self, rule: &KnownRule) -> Option<&str> {
        match self {
            Self::Because => rule.because.as_deref(),
            Self::Title => Some(&rule.title),
        }
    }
}
