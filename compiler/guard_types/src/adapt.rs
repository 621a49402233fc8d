//! What goes with what: literals take the type of what they meet, nothing else is converted.

use crate::infer::Checker;
use crate::tir::ExprKind;
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::span::Span;
use guard_plan::TextKind;
use guard_value::canonical_text;
use std::sync::Arc;

impl Checker<'_> {
    /// Makes a literal text one of the kind it is used as: checked and canonical. Of a list that is
    /// written out, each element.
    pub(crate) fn adapt(&mut self, typed: &mut Typed, wanted: &Ty) {
        if !typed.literal {
            return;
        }
        match (&mut typed.value, wanted.present()) {
            (Value::List(elements), Ty::List(inner) | Ty::Set(inner)) => {
                for element in elements.iter_mut() {
                    self.adapt(element, &inner);
                }
                if elements.iter().any(Typed::is_error) {
                    *typed = Typed::error(typed.span);
                } else if elements.iter().all(|element| element.ty == *inner) {
                    typed.ty = Ty::List(inner);
                }
            }
            (Value::Expr(ExprKind::Text(text)), wanted)
                if typed.ty == Ty::Text(TextKind::Plain) =>
            {
                let text = std::mem::take(text);
                self.adapt_text(typed, text, wanted);
            }
            _ => {}
        }
    }

    fn adapt_text(&mut self, typed: &mut Typed, text: String, wanted: Ty) {
        let error = match wanted {
            Ty::Text(kind) => match canonical_text(kind, &text) {
                Some(canonical) => {
                    typed.value = Value::Expr(ExprKind::Text(canonical));
                    typed.ty = Ty::Text(kind);
                    return;
                }
                None => self.malformed(typed.span, &text, kind),
            },
            Ty::OneOf(words) if !words.contains(&text) => self.no_word(typed, &text, &words),
            other => {
                if matches!(other, Ty::OneOf(_)) {
                    typed.ty = other;
                }
                typed.value = Value::Expr(ExprKind::Text(text));
                return;
            }
        };
        self.report(error);
        *typed = Typed::error(typed.span);
    }

    fn malformed(&self, span: Span, text: &str, kind: TextKind) -> Diagnostic {
        let words = Ty::Text(kind).words();
        self.reporter.error(
            "G0213",
            span,
            format!("\"{text}\" is not {words}"),
            format!("stands where {words} is needed, and can never be equal to one"),
        )
    }

    fn no_word(&self, typed: &Typed, text: &str, words: &Arc<[String]>) -> Diagnostic {
        let error = self.reporter.error(
            "G0214",
            typed.span,
            format!("\"{text}\" is not a word of the union"),
            "can never be equal",
        );
        match closest(text, words.iter().map(String::as_str)) {
            Some(meant) if typed.here => error
                .with_help(format!("write \"{meant}\""))
                .with_fix(self.reporter.label(typed.span, ""), format!("\"{meant}\"")),
            _ => error.with_help(format!("it is {}", Ty::OneOf(Arc::clone(words)).words())),
        }
    }

    /// Whether two values can be compared. A string that is not parsed can be compared with a text
    /// that is, with a warning: whoever writes `Acme.com` into it means what will not be equal.
    pub(crate) fn go_together(&mut self, a: &Typed, b: &Typed, at: Span) -> bool {
        let (plain, parsed) = match (&a.ty, &b.ty) {
            (Ty::Text(TextKind::Plain), Ty::Text(kind)) if *kind != TextKind::Plain => (a, b),
            (Ty::Text(kind), Ty::Text(TextKind::Plain)) if *kind != TextKind::Plain => (b, a),
            _ => return comparable(&a.ty, &b.ty),
        };
        if self.used_at.is_none() {
            let (name, words) = (self.name_of(plain), parsed.ty.words());
            let warning = self
                .error(
                    "G0242",
                    at,
                    format!("{words} is compared with a string"),
                    "equal only if the string is written in the canonical form",
                )
                .with_help(format!("declare {name} as {words}"))
                .as_warning();
            self.reporter.push(warning);
        }
        true
    }

    /// The error for two values that cannot be compared.
    pub(crate) fn different(&self, a: &Typed, b: &Typed, at: Span) -> Diagnostic {
        let (a_words, b_words) = (a.ty.words(), b.ty.words());
        let label = match (&a.ty, &b.ty) {
            (Ty::OneOf(_), Ty::OneOf(_)) => "no word is in both, so they can never be equal",
            _ => "the two sides are of different types",
        };
        let headline = format!("{a_words} is compared with {b_words}");
        let error = self.error("G0210", at, headline, label);
        let error = self.with_float_fix(error, b, &a.ty);
        self.with_float_fix(error, a, &b.ty)
    }

    /// A whole number where a float is wanted has one certain correction.
    pub(crate) fn with_float_fix(
        &self,
        error: Diagnostic,
        typed: &Typed,
        wanted: &Ty,
    ) -> Diagnostic {
        match (&typed.value, wanted) {
            (Value::Expr(ExprKind::Int(number)), Ty::Float) if typed.here => {
                let text = format!("{number}.0");
                error
                    .with_help(format!("write `{text}`"))
                    .with_fix(self.reporter.label(typed.span, ""), text)
            }
            (Value::Expr(ExprKind::Int(number)), Ty::Float) if typed.literal => {
                error.with_help(format!("write `{number}.0` where the constant is declared"))
            }
            _ => error,
        }
    }
}

/// Whether values of two types may be equal.
fn comparable(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::OneOf(a), Ty::OneOf(b)) => a.iter().any(|word| b.contains(word)),
        (Ty::OneOf(_), Ty::Text(TextKind::Plain)) | (Ty::Text(TextKind::Plain), Ty::OneOf(_)) => {
            true
        }
        _ => a == b,
    }
}
