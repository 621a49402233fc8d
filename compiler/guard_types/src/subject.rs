//! `subject`: whom a session is about. The first event says it, and every later one must agree.

use crate::asked::{Asked, Does};
use crate::check::{Clauses, RuleCheck};
use crate::infer::Checker;
use crate::origins::asked;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::Typed;
use guard_grammar::ast::{self, Clause, Target};
use guard_grammar::span::Span;
use guard_plan::{Effect, TextKind};
use std::sync::Arc;

/// The mark-like name of the subject. No mark can have it: it is no word.
pub(crate) const SUBJECT: &str = "session.subject";

const OF_ANOTHER: &str = "the session is about another subject";

impl RuleCheck<'_> {
    /// Two rules of one: the value is noted once, and one that differs is refused.
    pub(crate) fn subject(
        &mut self,
        value: &ast::Expr,
        target: &Target,
        clauses: &[Clause],
        whole: Span,
    ) {
        let Ok((mut checker, _)) = self.checker(target) else {
            self.checked.incomplete = true;
            return;
        };
        let place = checker.subject_value(value);
        self.reporter.diagnostics.append(&mut checker.reporter.diagnostics);
        let Some(place) = place else {
            self.checked.incomplete = true;
            return;
        };
        let clauses = Clauses::of(clauses);
        let key = self.marks.key(SUBJECT);
        let before = self.checked.rules.len();
        let sets = (Effect::Note, Does::Subject(key.clone(), place.clone()));
        self.one_that("", target, &clauses, sets, whole);
        self.one_that("", target, &clauses, (Effect::Deny, Does::Nothing), whole);
        if let Some(refusal) = self.checked.rules.get_mut(before + 1) {
            let differs = differs(key, place, value.span);
            refusal.condition = Some(match refusal.condition.take() {
                None => differs,
                Some(when) => Expr { kind: ExprKind::And(vec![differs, when]), span: value.span },
            });
            let text = value.span.text(self.text);
            refusal.condition_text = Some(format!("{text} != session.subject"));
            refusal.because.get_or_insert_with(|| OF_ANOTHER.to_owned());
        }
    }
}

impl Checker<'_> {
    fn subject_value(&mut self, value: &ast::Expr) -> Option<ValueRef> {
        let (place, ty) = self.key_part(value)?;
        if matches!(ty, Ty::Text(_) | Ty::OneOf(_)) {
            return Some(place);
        }
        let headline = format!("a subject is text, and this is {}", ty.words());
        let error = self.error("G0210", value.span, headline, "no text");
        self.report(error);
        None
    }

    /// `session.subject`.
    pub(crate) fn session_subject(&mut self, at: Span) -> Typed {
        if !self.marks.names.contains(SUBJECT) {
            let headline = "no rule of this agent sets `session.subject`";
            let error = self.error("G0226", at, headline, "never set");
            return self.wrong(at, error.with_help("set it with `subject VALUE on TARGET`"));
        }
        let asked_for = Asked::Subject(self.marks.key(SUBJECT));
        asked(Ty::Text(TextKind::Plain), asked_for, self.at(at))
    }
}

/// The subject is set, and this is not it.
fn differs(key: String, place: ValueRef, span: Span) -> Expr {
    let made = |kind| Expr { kind, span };
    let answer =
        |of: Asked| ValueRef { root: Root::Asked(Arc::new(of)), path: Vec::new(), part: None };
    let is_set = made(ExprKind::Flag(answer(Asked::HasSubject(key.clone()))));
    let subject = made(ExprKind::Value(answer(Asked::Subject(key))));
    let value = made(ExprKind::Value(place));
    let same = made(ExprKind::TextEqual(Box::new(value), Box::new(subject)));
    made(ExprKind::And(vec![is_set, made(ExprKind::Not(Box::new(same)))]))
}
