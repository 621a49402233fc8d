//! Lists that are written out, and what is said of all or any of a list's elements.

use crate::infer::Checker;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_grammar::ast;
use guard_grammar::span::Span;
use std::sync::Arc;

impl Checker<'_> {
    pub(crate) fn list(&mut self, elements: &[ast::Expr], span: Span) -> Typed {
        let mut elements: Vec<Typed> = elements.iter().map(|e| self.infer(e)).collect();
        if let Some(wanted) = elements.iter().find(|e| !e.literal).map(|e| e.ty.present()) {
            for element in &mut elements {
                self.adapt(element, &wanted);
            }
        }
        if elements.iter().any(Typed::is_error) {
            return Typed::error(span);
        }
        // The element type of an empty list is that of whatever it is used with.
        let ty = elements.first().map_or(Ty::Error, |first| first.ty.clone());
        if let Some(other) = elements.iter().find(|element| element.ty != ty) {
            let (words, other_words, at) = (ty.words(), other.ty.words(), other.span);
            let error = self.error(
                "G0210",
                at,
                format!("{words} and {other_words} stand in one list"),
                format!("this is {other_words}"),
            );
            return self.wrong(at, error);
        }
        let list = Typed::of(Ty::List(Arc::new(ty)), Value::List(elements), span);
        Typed { literal: true, here: true, ..list }
    }

    pub(crate) fn quantifier(
        &mut self,
        all: bool,
        name: &ast::Name,
        list: &ast::Expr,
        body: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let typed = self.infer(list);
        if typed.is_error() || !self.is_present(&typed) {
            return None;
        }
        match typed.value.clone() {
            Value::Place(place) => {
                let Ty::List(element) = &typed.ty else { return self.no_list(&typed, list) };
                self.over_place(all, name, &place, element, body, span)
            }
            Value::List(elements) => self.over_elements(all, name, &elements, body, span),
            Value::Either(place, elements) => {
                let Ty::List(element) = &typed.ty else { return self.no_list(&typed, list) };
                let there = self.over_place(all, name, &place, element, body, span)?;
                let written = self.over_elements(all, name, &elements, body, span)?;
                let present = Expr { kind: ExprKind::Present(place), span };
                let kind = ExprKind::Choose(Box::new(present), Box::new(there), Box::new(written));
                Some(Expr { kind, span })
            }
            _ => self.no_list(&typed, list),
        }
    }

    fn no_list(&mut self, typed: &Typed, list: &ast::Expr) -> Option<Expr> {
        let words = typed.ty.words();
        let error = self.error(
            "G0212",
            list.span,
            format!("{words} has no elements"),
            "a list is needed here",
        );
        self.report(error);
        None
    }

    fn over_place(
        &mut self,
        all: bool,
        name: &ast::Name,
        list: &ValueRef,
        element: &Ty,
        body: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let of_event = self.is_of_event(list);
        let place = ValueRef { root: Root::Element(self.level), path: Vec::new(), part: None };
        self.level += 1;
        self.over_event.push(of_event);
        let local = Typed::place(element.clone(), place, self.at(name.span));
        let local = Typed { level: self.level, ..local };
        self.locals.push((name.text.clone(), local));
        let (body, _) = self.truth(body);
        self.locals.pop();
        self.over_event.pop();
        self.level -= 1;
        let kind = ExprKind::Quantify(all, list.clone(), Box::new(body?));
        Some(Expr { kind, span })
    }

    /// Whether a value is part of the event.
    pub(crate) fn is_of_event(&self, place: &ValueRef) -> bool {
        match place.root {
            Root::Arguments | Root::ResultValue | Root::Meta(_) => true,
            Root::Element(level) => usize::try_from(level)
                .ok()
                .and_then(|level| self.over_event.get(level).copied())
                .unwrap_or(false),
            Root::Principal | Root::Data | Root::Asked(_) => false,
        }
    }

    fn over_elements(
        &mut self,
        all: bool,
        name: &ast::Name,
        elements: &[Typed],
        body: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let mut found = Vec::with_capacity(elements.len());
        for element in elements {
            let element = Typed { level: self.level, ..element.clone() };
            self.locals.push((name.text.clone(), element));
            let (body, _) = self.truth(body);
            self.locals.pop();
            found.push(body?);
        }
        let kind = if all { ExprKind::And(found) } else { ExprKind::Or(found) };
        Some(Expr { kind, span })
    }
}
