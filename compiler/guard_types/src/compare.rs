//! Comparisons, membership, questions about text, arithmetic.

use crate::infer::Checker;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::ast::{self, ArithmeticOp, CompareOp, TextOp};
use guard_grammar::span::Span;
use guard_plan::{Comparison, Operation, TextKind};
use guard_value::canonical_text;

impl Checker<'_> {
    pub(crate) fn compare(
        &mut self,
        op: CompareOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (Some(a), Some(b)) = self.pair(a, b) else { return Typed::error(span) };
        if a.ty != b.ty && !(a.ty.is_text() && b.ty.is_text() && texts_compare(&a.ty, &b.ty)) {
            let error = self.different(&a, &b, at);
            return self.wrong(at, error);
        }
        let (Some(left), Some(right)) = (a.expr(), b.expr()) else {
            let words = a.ty.words();
            let error = self.error(
                "G0212",
                at,
                format!("{words} cannot be compared"),
                "no comparison goes with this type",
            );
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
    fn pair(&mut self, a: &ast::Expr, b: &ast::Expr) -> (Option<Typed>, Option<Typed>) {
        let (mut a, mut b) = (self.infer(a), self.infer(b));
        if !a.is_error() && !b.is_error() {
            let (a_ty, b_ty) = (a.ty.present(), b.ty.present());
            self.adapt(&mut a, &b_ty);
            self.adapt(&mut b, &a_ty);
        }
        let mut checked =
            |typed: Typed| (!typed.is_error() && self.is_present(&typed)).then_some(typed);
        (checked(a), checked(b))
    }

    /// Makes a literal text one of the kind it is used as: checked and canonical.
    pub(crate) fn adapt(&mut self, typed: &mut Typed, wanted: &Ty) {
        let Value::Expr(ExprKind::Text(text)) = &typed.value else { return };
        if !typed.literal || typed.ty != Ty::Text(TextKind::Plain) {
            return;
        }
        match wanted.present() {
            Ty::Text(TextKind::Plain) => {}
            Ty::Text(kind) => match canonical_text(kind, text) {
                Some(canonical) => {
                    typed.value = Value::Expr(ExprKind::Text(canonical));
                    typed.ty = Ty::Text(kind);
                }
                None => {
                    let words = Ty::Text(kind).words();
                    let headline = format!("\"{text}\" is not {words}");
                    let error = self.reporter.error(
                        "G0213",
                        typed.span,
                        headline,
                        format!("compared with {words}, and can never be equal"),
                    );
                    self.report(error);
                    *typed = Typed::error(typed.span);
                }
            },
            Ty::OneOf(words) => {
                if words.contains(text) {
                    typed.ty = wanted.present();
                    return;
                }
                let headline = format!("\"{text}\" is not a word of the union");
                let error =
                    self.reporter.error("G0214", typed.span, headline, "can never be equal");
                let error = match closest(text, words.iter().map(String::as_str)) {
                    Some(meant) => error
                        .with_help(format!("write \"{meant}\""))
                        .with_fix(self.reporter.label(typed.span, ""), format!("\"{meant}\"")),
                    None => error.with_help(format!("it is {}", wanted.present().words())),
                };
                self.report(error);
                *typed = Typed::error(typed.span);
            }
            _ => {}
        }
    }

    fn different(&self, a: &Typed, b: &Typed, at: Span) -> Diagnostic {
        let (a_words, b_words) = (a.ty.words(), b.ty.words());
        let error = self.error(
            "G0210",
            at,
            format!("{a_words} is compared with {b_words}"),
            "the two sides are of different types",
        );
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
            (Value::Expr(ExprKind::Int(number)), Ty::Float) if typed.literal => {
                let text = format!("{number}.0");
                error
                    .with_help(format!("write `{text}`"))
                    .with_fix(self.reporter.label(typed.span, ""), text)
            }
            _ => error,
        }
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
        if element.is_error() || list.is_error() && !matches!(list.value, Value::List(_)) {
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
        let found = match list.value {
            Value::List(elements) => self.in_elements(&element, elements, at),
            Value::Place(place) => self.in_place(&element, &list.ty, &inner, &place, at),
            Value::Either(place, elements) => {
                let there = self.in_place(&element, &list.ty, &inner, &place, at);
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
            let comparable = other.ty == element.ty
                || other.ty.is_text()
                    && element.ty.is_text()
                    && texts_compare(&other.ty, &element.ty);
            if !comparable {
                let error = self.different(element, &other, at);
                self.report(error);
                return None;
            }
            if let Value::Expr(ExprKind::Text(text)) = &other.value {
                texts.push(text.clone());
                continue;
            }
            let (left, right) = (Box::new(element.expr()?), Box::new(other.expr()?));
            let kind = match &element.ty {
                Ty::Int | Ty::Duration | Ty::Time => {
                    ExprKind::CompareInt(Comparison::Equal, left, right)
                }
                Ty::Float => ExprKind::CompareFloat(Comparison::Equal, left, right),
                Ty::Bool => ExprKind::TruthEqual(left, right),
                _ => ExprKind::TextEqual(left, right),
            };
            equal.push(Expr { kind, span });
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
        list: &Ty,
        inner: &Ty,
        place: &ValueRef,
        at: Span,
    ) -> Option<ExprKind> {
        let span = self.at(at);
        let comparable = element.ty == *inner
            || element.ty.is_text() && inner.is_text() && texts_compare(&element.ty, inner);
        if !comparable {
            let (a, b) = (element.ty.words(), list.words());
            let error = self.error(
                "G0210",
                at,
                format!("{a} is looked up in {b}"),
                "the two sides are of different types",
            );
            self.report(error);
            return None;
        }
        let left = Box::new(element.expr()?);
        if let (Ty::Set(_), Root::Data, [name]) = (list, &place.root, place.path.as_slice()) {
            return Some(ExprKind::TextInData(left, name.clone()));
        }
        if inner.is_text() {
            return Some(ExprKind::TextInList(left, place.clone()));
        }
        let it = ValueRef { root: Root::Element(self.level), path: Vec::new(), part: None };
        let it = Typed::place(inner.clone(), it, span).expr()?;
        let right = Box::new(it);
        let kind = match inner {
            Ty::Int | Ty::Duration | Ty::Time => {
                ExprKind::CompareInt(Comparison::Equal, left, right)
            }
            Ty::Float => ExprKind::CompareFloat(Comparison::Equal, left, right),
            Ty::Bool => ExprKind::TruthEqual(left, right),
            _ => {
                let words = inner.words();
                let error = self.error(
                    "G0212",
                    at,
                    format!("{words} cannot be compared"),
                    "no comparison goes with this type",
                );
                self.report(error);
                return None;
            }
        };
        Some(ExprKind::Quantify(false, place.clone(), Box::new(Expr { kind, span })))
    }

    pub(crate) fn text_question(
        &mut self,
        op: TextOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let text = self.infer(a);
        if text.is_error() || !self.is_present(&text) {
            return Typed::error(span);
        }
        if !text.ty.is_text() {
            let words = text.ty.words();
            let error = self.error(
                "G0212",
                a.span,
                format!("{words} is not text"),
                format!("`{}` asks about text", word(op)),
            );
            return self.wrong(at, error);
        }
        let Some(left) = text.expr() else { return Typed::error(span) };
        if matches!(op, TextOp::Matches | TextOp::Finds) {
            return self.pattern(op, &text, left, b, at);
        }
        let mut other = self.infer(b);
        if other.is_error() || !self.is_present(&other) {
            return Typed::error(span);
        }
        if !other.ty.is_text() {
            let words = other.ty.words();
            let error = self.error(
                "G0210",
                b.span,
                format!("`{}` takes a text, not {words}", word(op)),
                format!("this is {words}"),
            );
            return self.wrong(at, error);
        }
        fold_case(&text, &mut other);
        self.suffix_trap(op, &text, &other);
        let Some(right) = other.expr() else { return Typed::error(span) };
        let right_text =
            if let ExprKind::Text(text) = &right.kind { Some(text.clone()) } else { None };
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match op {
            TextOp::StartsWith => ExprKind::StartsWith(left, right),
            TextOp::EndsWith => ExprKind::EndsWith(left, right),
            TextOp::Contains => ExprKind::Contains(left, right),
            _ => match right_text {
                Some(glob) => like(*left, &glob, span),
                None => {
                    let error = self.error(
                        "G0207",
                        b.span,
                        "the form after `like` is not known when the policy is compiled",
                        "write it out, or name it with `const`",
                    );
                    return self.wrong(at, error);
                }
            },
        };
        Typed::computed(Ty::Bool, kind, span)
    }

    fn suffix_trap(&mut self, op: TextOp, text: &Typed, other: &Typed) {
        let Value::Expr(ExprKind::Text(suffix)) = &other.value else { return };
        let trap = op == TextOp::EndsWith && !suffix.starts_with(['.', '@'])
            || op == TextOp::Like
                && suffix
                    .strip_prefix('*')
                    .is_some_and(|rest| !rest.starts_with(['.', '@', '*']) && !rest.is_empty());
        if !trap
            || !matches!(text.ty, Ty::Text(TextKind::Host | TextKind::Email))
            || self.used_at.is_some()
        {
            return;
        }
        let bare = suffix.trim_start_matches('*');
        let warning = self
            .error(
                "G0241",
                other.span,
                format!("other domains end with \"{bare}\" too"),
                format!("`evil{bare}` ends with it"),
            )
            .with_help(format!(
                "compare the domain with `== \"{bare}\"`, or write \".{bare}\" for those below it"
            ))
            .as_warning();
        self.reporter.push(warning);
    }

    fn pattern(
        &mut self,
        op: TextOp,
        text: &Typed,
        left: Expr,
        pattern: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let ast::ExprKind::Regex(source) = &pattern.kind else {
            let error = self.error(
                "G0216",
                pattern.span,
                format!("`{}` takes a pattern", word(op)),
                "not a pattern",
            );
            return self.wrong(at, error.with_help("write r\"…\""));
        };
        let whole = op == TextOp::Matches;
        if let Err(problem) = guard_match::check_pattern(source, whole) {
            let error =
                self.error("G0216", pattern.span, "the pattern cannot be used", problem.message());
            return self.wrong(at, error);
        }
        if let (
            TextOp::Finds,
            Ty::Text(kind @ (TextKind::Email | TextKind::Host | TextKind::Url | TextKind::Path)),
        ) = (op, &text.ty)
            && self.used_at.is_none()
        {
            let (words, help) = match kind {
                TextKind::Email => ("an email", "compare its `.domain`"),
                TextKind::Host => ("a host", "compare it with `==`, or with `ends with \".…\"`"),
                TextKind::Url => ("a url", "compare its `.host`, `.scheme` or `.path`"),
                _ => ("a path", "ask `.within(\"…\")` or compare its `.extension`"),
            };
            let warning = self
                .error(
                    "G0240",
                    at,
                    format!("a part of {words} is searched for a pattern"),
                    "the pattern may match where it was not meant to",
                )
                .with_help(help)
                .as_warning();
            self.reporter.push(warning);
        }
        Typed::computed(Ty::Bool, ExprKind::Match(Box::new(left), source.clone(), whole), span)
    }

    pub(crate) fn arithmetic(
        &mut self,
        op: ArithmeticOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (Some(a), Some(b)) = self.pair(a, b) else { return Typed::error(span) };
        let ty = match (&a.ty, op, &b.ty) {
            (Ty::Int, _, Ty::Int) => Ty::Int,
            (Ty::Float, _, Ty::Float) => Ty::Float,
            (Ty::Duration, ArithmeticOp::Add | ArithmeticOp::Subtract, Ty::Duration)
            | (Ty::Time, ArithmeticOp::Subtract, Ty::Time)
            | (Ty::Duration, ArithmeticOp::Multiply | ArithmeticOp::Divide, Ty::Int) => {
                Ty::Duration
            }
            (Ty::Time, ArithmeticOp::Add | ArithmeticOp::Subtract, Ty::Duration) => Ty::Time,
            (
                Ty::Int | Ty::Float | Ty::Duration | Ty::Time,
                _,
                Ty::Int | Ty::Float | Ty::Duration | Ty::Time,
            ) => {
                let (a_words, b_words) = (a.ty.words(), b.ty.words());
                let error = self.error(
                    "G0210",
                    at,
                    format!("{a_words} and {b_words} do not go together"),
                    "the two sides are of different types",
                );
                let error = self.with_float_fix(error, &b, &a.ty);
                let error = self.with_float_fix(error, &a, &b.ty);
                return self.wrong(at, error);
            }
            (Ty::Int | Ty::Float | Ty::Duration | Ty::Time, ..) => {
                return self.no_arithmetic(&b, at);
            }
            _ => return self.no_arithmetic(&a, at),
        };
        let (Some(left), Some(right)) = (a.expr(), b.expr()) else { return Typed::error(span) };
        let (left, right) = (Box::new(left), Box::new(right));
        let operation = match op {
            ArithmeticOp::Add => Operation::Add,
            ArithmeticOp::Subtract => Operation::Subtract,
            ArithmeticOp::Multiply => Operation::Multiply,
            ArithmeticOp::Divide => Operation::Divide,
        };
        let kind = if ty == Ty::Float {
            ExprKind::ArithmeticFloat(operation, left, right)
        } else {
            ExprKind::ArithmeticInt(operation, left, right)
        };
        self.folded(ty, kind, at)
    }
}

// A host is lower case once it is parsed, so a literal in capitals would never be found in it.
fn fold_case(text: &Typed, other: &mut Typed) {
    if let (Ty::Text(TextKind::Host), Value::Expr(ExprKind::Text(literal)), true) =
        (&text.ty, &mut other.value, other.literal)
    {
        *literal = literal.to_lowercase();
    }
}

/// Whether texts of two types may be equal: one is plain, or one a union, or both of one kind.
fn texts_compare(a: &Ty, b: &Ty) -> bool {
    let plain = |ty: &Ty| matches!(ty, Ty::Text(TextKind::Plain) | Ty::OneOf(_));
    a == b || plain(a) || plain(b)
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

/// `like`: an equality, a prefix, a suffix or a part where that is all it says, a pattern otherwise.
fn like(text: Expr, glob: &str, span: Span) -> ExprKind {
    let text = Box::new(text);
    let literal = |text: &str| Box::new(Expr { kind: ExprKind::Text(text.to_owned()), span });
    let parts: Vec<&str> = glob.split('*').collect();
    match parts.as_slice() {
        [whole] => ExprKind::TextEqual(text, literal(whole)),
        [prefix, ""] => ExprKind::StartsWith(text, literal(prefix)),
        ["", suffix] => ExprKind::EndsWith(text, literal(suffix)),
        ["", part, ""] => ExprKind::Contains(text, literal(part)),
        _ => {
            let escaped: Vec<String> = parts.iter().map(|part| escape(part)).collect();
            ExprKind::Match(text, format!("(?s){}", escaped.join(".*")), true)
        }
    }
}

fn escape(literal: &str) -> String {
    let mut escaped = String::with_capacity(literal.len());
    for c in literal.chars() {
        if c.is_ascii_punctuation() && c != '_' {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn word(op: TextOp) -> &'static str {
    match op {
        TextOp::Like => "like",
        TextOp::StartsWith => "starts with",
        TextOp::EndsWith => "ends with",
        TextOp::Contains => "contains",
        TextOp::Matches => "matches",
        TextOp::Finds => "finds",
    }
}
