//! Values that are written out in a test, as JSON of the type that is declared.

use crate::infer::Checker;
use crate::simplify;
use crate::tir::{Expr, ExprKind};
use crate::ty::{FieldTy, RecordTy, Ty};
use crate::typed::{Typed, Value};
use guard_diagnostic::closest;
use guard_grammar::ast::{self, Literal, NamedValue};
use guard_grammar::span::Span;
use guard_plan::TextKind;
use guard_value::{Argument, canonical_text};
use std::collections::BTreeSet;

/// What is known while the values of a test are read.
pub(super) struct Values<'a, 'c> {
    pub(super) checker: Checker<'c>,
    /// What the columns of the case stand for.
    pub(super) columns: &'a [NamedValue],
    /// Those that were read.
    pub(super) read: &'a mut BTreeSet<String>,
    /// Where the step stands, for what has no place of its own.
    pub(super) at: Span,
    /// Whether a record may have fields that its type does not name: a tool's result may.
    pub(super) open: bool,
}

impl Values<'_, '_> {
    /// A text.
    pub(super) fn text(&mut self, expr: &ast::Expr) -> Option<String> {
        match self.scalar(expr, &Ty::Text(TextKind::Plain), "the text")? {
            Argument::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Named values as a record: arguments, parameters.
    pub(super) fn record(
        &mut self,
        what: &str,
        at: Span,
        given: &[NamedValue],
        ty: &RecordTy,
    ) -> Option<Vec<(String, Argument)>> {
        let mut fields = Vec::new();
        let mut whole = true;
        for (index, value) in given.iter().enumerate() {
            let name = &value.name.text;
            if given.iter().take(index).any(|known| known.name.text == *name) {
                let headline = format!("{what} `{name}` is given twice");
                let error = self.checker.error("G0101", value.name.span, headline, "the second");
                self.checker.report(error.with_help("keep one of them"));
                whole = false;
                continue;
            }
            let declared = match ty.field(name) {
                Some(field) => field.ty.clone(),
                None if ty.open || self.open => Ty::Json,
                None => {
                    self.no_such(what, value, ty);
                    whole = false;
                    continue;
                }
            };
            match self.literal(&value.value, &declared, &format!("{what} `{name}`")) {
                Some(value) => fields.push((name.clone(), value)),
                None => whole = false,
            }
        }
        for field in ty.fields.iter().filter(|field| is_missing(field, given)) {
            let headline = format!("{what} `{}` is missing", field.name);
            let label = format!("it needs {}", field.ty.words());
            let error = self.checker.error("G0506", at, headline, label);
            self.checker.report(error.with_help(format!("write `{}: …`", field.name)));
            whole = false;
        }
        whole.then_some(fields)
    }

    fn no_such(&mut self, what: &str, value: &NamedValue, ty: &RecordTy) {
        let name = &value.name;
        let headline = format!("there is no {what} `{}`", name.text);
        let error = self.checker.error("G0505", name.span, headline, "not declared");
        let known = ty.fields.iter().map(|field| field.name.as_str());
        let error = match closest(&name.text, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.checker.reporter.label(name.span, ""), meant),
            None => error,
        };
        self.checker.report(error);
    }

    /// A value of a type.
    pub(super) fn literal(&mut self, literal: &Literal, ty: &Ty, what: &str) -> Option<Argument> {
        let wanted = ty.present();
        match (literal, &wanted) {
            (Literal::Scalar(expr), _) => self.scalar(expr, &wanted, what),
            (Literal::List(elements), Ty::List(element) | Ty::Set(element)) => {
                self.list(elements, element, what)
            }
            (Literal::List(elements), Ty::Json) => self.list(elements, &Ty::Json, what),
            (Literal::Record(fields), Ty::Record(record)) => {
                let at = self.span_of(literal);
                self.record("field", at, fields, record).map(Argument::Record)
            }
            (Literal::Record(fields), Ty::Map(_) | Ty::Json) => {
                let inner = if let Ty::Map(inner) = &wanted { (**inner).clone() } else { Ty::Json };
                let mut values = Vec::new();
                for field in fields {
                    let value = self.literal(&field.value, &inner, what)?;
                    values.push((field.name.text.clone(), value));
                }
                Some(Argument::Record(values))
            }
            (_, Ty::Error) => None,
            _ => {
                let given = if matches!(literal, Literal::List(_)) { "a list" } else { "a record" };
                self.mismatch(self.span_of(literal), given, &wanted, what)
            }
        }
    }

    fn span_of(&self, literal: &Literal) -> Span {
        literal_span(literal).unwrap_or(self.at)
    }

    fn list(&mut self, elements: &[Literal], element: &Ty, what: &str) -> Option<Argument> {
        let values: Vec<Option<Argument>> =
            elements.iter().map(|one| self.literal(one, element, what)).collect();
        values.into_iter().collect::<Option<Vec<_>>>().map(Argument::List)
    }

    fn scalar(&mut self, expr: &ast::Expr, wanted: &Ty, what: &str) -> Option<Argument> {
        if let ast::ExprKind::Name(name) = &expr.kind
            && let Some(column) = self.columns.iter().find(|column| column.name.text == *name)
        {
            self.read.insert(name.clone());
            // A column's value cannot name another column.
            let columns = std::mem::take(&mut self.columns);
            let value = self.literal(&column.value, wanted, what);
            self.columns = columns;
            return value;
        }
        let typed = self.checker.infer(expr);
        if typed.is_error() || *wanted == Ty::Error {
            return None;
        }
        self.typed(&typed, wanted, what)
    }

    fn typed(&mut self, typed: &Typed, wanted: &Ty, what: &str) -> Option<Argument> {
        let kind = match (&typed.value, wanted) {
            (Value::Expr(kind), _) => {
                simplify::condition(Expr { kind: kind.clone(), span: typed.span }).kind
            }
            (Value::List(elements), Ty::List(_) | Ty::Set(_) | Ty::Json) => {
                let element = match wanted {
                    Ty::List(element) | Ty::Set(element) => (**element).clone(),
                    _ => Ty::Json,
                };
                let values: Option<Vec<Argument>> =
                    elements.iter().map(|one| self.typed(one, &element, what)).collect();
                return values.map(Argument::List);
            }
            _ => return self.mismatch(typed.span, &typed.ty.words(), wanted, what),
        };
        match (kind, wanted) {
            (ExprKind::Truth(value), Ty::Bool | Ty::Json) => Some(Argument::Bool(value)),
            (ExprKind::Int(value), Ty::Json | Ty::Time) => Some(Argument::Int(value)),
            (ExprKind::Int(value), Ty::Int | Ty::Duration) if typed.ty == *wanted => {
                Some(Argument::Int(value))
            }
            (ExprKind::Float(bits), Ty::Float | Ty::Json) => {
                Some(Argument::Float(f64::from_bits(bits)))
            }
            (ExprKind::Text(text), Ty::Json) => Some(Argument::Text(text)),
            (ExprKind::Text(text), Ty::Text(kind)) => self.text_of(text, *kind, typed.span),
            (ExprKind::Text(text), Ty::OneOf(words)) => self.word_of(text, words, typed.span),
            _ => self.mismatch(typed.span, &typed.ty.words(), wanted, what),
        }
    }

    fn text_of(&mut self, text: String, kind: TextKind, span: Span) -> Option<Argument> {
        if canonical_text(kind, &text).is_some() {
            return Some(Argument::Text(text));
        }
        let headline = format!("\"{text}\" is not {}", Ty::Text(kind).words());
        let error = self.checker.error("G0213", span, headline, "no tool is called with this");
        self.checker.report(error);
        None
    }

    fn word_of(&mut self, text: String, words: &[String], span: Span) -> Option<Argument> {
        if words.contains(&text) {
            return Some(Argument::Text(text));
        }
        let headline = format!("\"{text}\" is not a word of the union");
        let error = self.checker.error("G0214", span, headline, "no tool is called with this");
        let help = match closest(&text, words.iter().map(String::as_str)) {
            Some(meant) => format!("write \"{meant}\""),
            None => format!("it is {}", Ty::OneOf(words.into()).words()),
        };
        self.checker.report(error.with_help(help));
        None
    }

    fn mismatch(&mut self, span: Span, given: &str, wanted: &Ty, what: &str) -> Option<Argument> {
        let words = wanted.words();
        let headline = format!("{what} is {words}, and this is {given}");
        let error = self.checker.error("G0210", span, headline, format!("{words} is needed here"));
        self.checker.report(error);
        None
    }
}

fn is_missing(field: &FieldTy, given: &[NamedValue]) -> bool {
    let is_given = given.iter().any(|value| value.name.text == field.name);
    !is_given && !matches!(field.ty, Ty::Optional(_) | Ty::Error)
}

/// Where a value stands, from its first part to its last; brackets that hold nothing have no place.
fn literal_span(literal: &Literal) -> Option<Span> {
    match literal {
        Literal::Scalar(expr) => Some(expr.span),
        Literal::List(elements) => elements.iter().filter_map(literal_span).reduce(Span::cover),
        Literal::Record(fields) => {
            let spans = fields.iter().map(|field| {
                literal_span(&field.value).map_or(field.name.span, |at| field.name.span.cover(at))
            });
            spans.reduce(Span::cover)
        }
    }
}
