//! `if … then … else …` and `… otherwise …`.

use crate::infer::Checker;
use crate::tir::{Expr, ExprKind};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_grammar::ast;
use guard_grammar::span::Span;

impl Checker<'_> {
    pub(crate) fn choose(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (condition, presence) = self.truth(condition);
        let mut then = self.with_present(&presence.if_true, |this| this.infer(then));
        let mut otherwise = self.with_present(&presence.if_false, |this| this.infer(otherwise));
        let Some(condition) = condition else { return Typed::error(span) };
        if !then.is_error() && !otherwise.is_error() {
            self.adapt(&mut then, &otherwise.ty);
            self.adapt(&mut otherwise, &then.ty);
        }
        if then.is_error() || otherwise.is_error() {
            return Typed::error(span);
        }
        if !self.is_present(&then) || !self.is_present(&otherwise) {
            return Typed::error(span);
        }
        if then.ty != otherwise.ty {
            let (a, b) = (then.ty.words(), otherwise.ty.words());
            let error = self.error(
                "G0210",
                at,
                format!("`if` chooses between {a} and {b}"),
                "both sides must be of one type",
            );
            return self.wrong(at, error);
        }
        match (then.expr(), otherwise.expr()) {
            (Some(a), Some(b)) => {
                let kind = ExprKind::Choose(Box::new(condition), Box::new(a), Box::new(b));
                Typed::computed(then.ty, kind, span)
            }
            _ => {
                let words = then.ty.words();
                let error = self.error(
                    "G0212",
                    at,
                    format!("`if` cannot choose between values that are each {words}"),
                    "only conditions, numbers and texts can be chosen",
                );
                self.wrong(at, error)
            }
        }
    }

    pub(crate) fn otherwise(&mut self, a: &ast::Expr, b: &ast::Expr, at: Span) -> Typed {
        let span = self.at(at);
        let first = self.infer_optional(a);
        let mut second = self.infer(b);
        if first.is_error() || second.is_error() {
            return Typed::error(span);
        }
        let (Ty::Optional(inner), Value::Place(place)) = (&first.ty, &first.value) else {
            if self.is_given(a) {
                return first;
            }
            let error = self.error(
                "G0232",
                a.span,
                "this is always there",
                "`otherwise` can never be used",
            );
            return self.wrong(at, error.with_help("leave out `otherwise`"));
        };
        let (inner, place) = (inner.present(), place.clone());
        self.adapt(&mut second, &inner);
        if second.is_error() || !self.is_present(&second) {
            return Typed::error(span);
        }
        if let (true, Value::List(elements)) = (second.ty == inner, &second.value) {
            return Typed::of(inner, Value::Either(place, elements.clone()), span);
        }
        if second.ty != inner {
            let (a, b) = (inner.words(), second.ty.words());
            let error = self.error(
                "G0210",
                at,
                format!("`otherwise` chooses between {a} and {b}"),
                "both sides must be of one type",
            );
            let error = self.with_float_fix(error, &second, &inner);
            return self.wrong(at, error);
        }
        let present = Typed::place(inner.clone(), place.clone(), first.span);
        match (present.expr(), second.expr()) {
            (Some(there), Some(other)) if inner == Ty::Bool => {
                let asked = Expr { kind: ExprKind::Present(place), span };
                let kind = ExprKind::Choose(Box::new(asked), Box::new(there), Box::new(other));
                Typed::computed(inner, kind, span)
            }
            (Some(_), Some(other)) => {
                Typed::computed(inner, ExprKind::Otherwise(place, Box::new(other)), span)
            }
            _ => {
                let words = inner.words();
                let error = self.error(
                    "G0212",
                    at,
                    format!("`otherwise` cannot stand in for {words}"),
                    "only conditions, numbers, texts and lists can be replaced",
                );
                self.wrong(at, error)
            }
        }
    }
}
