//! Comparisons and membership.

use crate::infer::Checker;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Typed, Value, moved_in};
use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{self, CompareOp};
use guard_grammar::span::Span;
use guard_plan::Comparison;

impl Checker<'_> {
    pub(crate) fn compare(
        &mut self,
        op: CompareOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        if op == CompareOp::GreaterOrEqual
            && let Some(typed) = self.trust_at_least(a, b, at)
        {
            return typed;
        }
        let (Some(a), Some(b)) = self.pair(a, b) else { return Typed::error(span) };
        if !self.go_together(&a, &b, at) {
            let error = self.different(&a, &b, at);
            return self.wrong(at, error);
        }
        let (Some(left), Some(right)) = (a.expr(), b.expr()) else {
            let error = self.no_equality(&a, at);
            return self.wrong(at, error);
        };
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match &a.ty {
            Ty::Int | Ty::Duration | Ty::Time => ExprKind::CompareInt(comparison(op), left, right),
            Ty::Float => ExprKind::CompareFloat(comparison(op), left, right),
            Ty::Bool if equality => negated(op, ExprKind::TruthEqual(left, right), span),
            ty if ty.is_text() && equality => negated(op, ExprKind::TextEqual(left, right), span),
            ty => {
                let words = ty.words();
                let error = self.error(
                    "G0212",
                    at,
                    format!("{words} has no order"),
                    "only numbers, durations and times are larger or smaller",
                );
                return self.wrong(at, error.with_help("compare with `==` or `!=`"));
            }
        };
        Typed::computed(Ty::Bool, kind, span)
    }

    /// Two operands, each present, the literals among them adapted to the other.
    pub(crate) fn pair(&mut self, a: &ast::Expr, b: &ast::Expr) -> (Option<Typed>, Option<Typed>) {
        let (mut a, mut b) = self.counted(a, b).unwrap_or_else(|| (self.infer(a), self.infer(b)));
        if !a.is_error() && !b.is_error() {
            let (a_ty, b_ty) = (a.ty.present(), b.ty.present());
            self.adapt(&mut a, &b_ty);
            self.adapt(&mut b, &a_ty);
        }
        let mut checked =
            |typed: Typed| (!typed.is_error() && self.is_present(&typed)).then_some(typed);
        (checked(a), checked(b))
    }

    pub(crate) fn contained(
        &mut self,
        a: &ast::Expr,
        b: &ast::Expr,
        negated: bool,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let mut element = self.infer(a);
        let list = self.infer(b);
        if element.is_error() || list.is_error() {
            return Typed::error(span);
        }
        let inner = match list.ty.present() {
            Ty::List(inner) | Ty::Set(inner) => (*inner).clone(),
            ty => {
                let words = ty.words();
                let error = self.error(
                    "G0212",
                    b.span,
                    format!("nothing is in {words}"),
                    "a list or a set is needed here",
                );
                return self.wrong(at, error);
            }
        };
        self.adapt(&mut element, &inner);
        if element.is_error() || !self.is_present(&element) || !self.is_present(&list) {
            return Typed::error(span);
        }
        let found = match list.value.clone() {
            Value::List(elements) => self.in_elements(&element, elements, at),
            Value::Place(place) => self.in_place(&element, &list, &inner, &place, at),
            Value::Either(place, elements) => {
                let there = self.in_place(&element, &list, &inner, &place, at);
                let written = self.in_elements(&element, elements, at);
                let present = Box::new(Expr { kind: ExprKind::Present(place), span });
                there.zip(written).map(|(a, b)| {
                    ExprKind::Choose(
                        present,
                        Box::new(Expr { kind: a, span }),
                        Box::new(Expr { kind: b, span }),
                    )
                })
            }
            _ => None,
        };
        let Some(kind) = found else {
            self.failed = true;
            return Typed::error(span);
        };
        let kind = if negated { ExprKind::Not(Box::new(Expr { kind, span })) } else { kind };
        Typed::computed(Ty::Bool, kind, span)
    }

    fn in_elements(&mut self, element: &Typed, elements: Vec<Typed>, at: Span) -> Option<ExprKind> {
        let span = self.at(at);
        let mut texts = Vec::with_capacity(elements.len());
        let mut equal = Vec::new();
        for mut other in elements {
            self.adapt(&mut other, &element.ty);
            if other.is_error() || !self.is_present(&other) {
                return None;
            }
            if !self.go_together(element, &other, at) {
                let error = self.different(element, &other, at);
                self.report(error);
                return None;
            }
            if let Value::Expr(ExprKind::Text(text)) = &other.value {
                texts.push(text.clone());
                continue;
            }
            let right = other.expr();
            equal.push(Expr { kind: self.equal(element, right, at)?, span });
        }
        if !texts.is_empty() {
            texts.sort_unstable();
            texts.dedup();
            let kind = ExprKind::TextIn(Box::new(element.expr()?), texts);
            equal.push(Expr { kind, span });
        }
        Some(ExprKind::Or(equal))
    }

    fn in_place(
        &mut self,
        element: &Typed,
        list: &Typed,
        inner: &Ty,
        place: &ValueRef,
        at: Span,
    ) -> Option<ExprKind> {
        let span = self.at(at);
        let one = Typed { ty: inner.clone(), ..list.clone() };
        if !self.go_together(element, &one, at) {
            let error = self.different(element, &one, at);
            self.report(error);
            return None;
        }
        if let (Ty::Set(_), Root::Data, [name]) = (&list.ty, &place.root, place.path.as_slice()) {
            return Some(ExprKind::TextInData(Box::new(element.expr()?), name.clone()));
        }
        if inner.is_text() {
            return Some(ExprKind::TextInList(Box::new(element.expr()?), place.clone()));
        }
        let it = ValueRef { root: Root::Element(self.level), path: Vec::new(), part: None };
        let it = Typed::place(inner.clone(), it, span).expr();
        let element = Typed { level: self.level, ..element.clone() };
        let kind = self.equal(&moved_in(element, self.level.saturating_add(1)), it, at)?;
        Some(ExprKind::Quantify(false, place.clone(), Box::new(Expr { kind, span })))
    }

    /// That two values of one type are equal.
    fn equal(&mut self, left: &Typed, right: Option<Expr>, at: Span) -> Option<ExprKind> {
        let (Some(a), Some(b)) = (left.expr(), right) else {
            let error = self.no_equality(left, at);
            self.report(error);
            return None;
        };
        let (a, b) = (Box::new(a), Box::new(b));
        Some(match &left.ty {
            Ty::Int | Ty::Duration | Ty::Time => ExprKind::CompareInt(Comparison::Equal, a, b),
            Ty::Float => ExprKind::CompareFloat(Comparison::Equal, a, b),
            Ty::Bool => ExprKind::TruthEqual(a, b),
            _ => ExprKind::TextEqual(a, b),
        })
    }

    fn no_equality(&self, typed: &Typed, at: Span) -> Diagnostic {
        let headline = format!("{} cannot be compared", typed.ty.words());
        self.error("G0212", at, headline, "no comparison goes with this type")
    }
}

fn comparison(op: CompareOp) -> Comparison {
    match op {
        CompareOp::Equal => Comparison::Equal,
        CompareOp::NotEqual => Comparison::NotEqual,
        CompareOp::Less => Comparison::Less,
        CompareOp::LessOrEqual => Comparison::LessOrEqual,
        CompareOp::Greater => Comparison::Greater,
        CompareOp::GreaterOrEqual => Comparison::GreaterOrEqual,
    }
}

fn negated(op: CompareOp, kind: ExprKind, span: Span) -> ExprKind {
    if op == CompareOp::NotEqual { ExprKind::Not(Box::new(Expr { kind, span })) } else { kind }
}
