//! Finds the type of every expression, and refuses what has none.

use crate::declared::{Resolver, Signatures};
use crate::scene::{Principal, Scene};
use crate::simplify;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Presence, Typed, Value};
use crate::unsupported;
use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{self, Quantifier};
use guard_grammar::span::Span;
use guard_hir::{Declaration, Environment, Module, Reporter};
use guard_plan::Operation;
use std::sync::Arc;

/// Checks the expressions of one declaration or rule.
pub(crate) struct Checker<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) signatures: &'a Signatures,
    pub(crate) module: Arc<Module>,
    pub(crate) scene: Scene,
    pub(crate) principal: Principal,
    pub(crate) reporter: Reporter,
    /// Element variables and the parameters of the function whose body is being read.
    pub(crate) locals: Vec<(String, Typed)>,
    /// How many quantifiers are around the expression. Inside the checker an element's root counts
    /// from the outside; `simplify` turns it round at the end.
    pub(crate) level: u32,
    /// Values that are known to be there.
    pub(crate) present: Vec<ValueRef>,
    /// Where an inlined body is used.
    pub(crate) used_at: Option<Span>,
    /// Constants and functions being worked out, to find one that needs itself.
    pub(crate) inside: Vec<String>,
    /// Something was wrong; what was inlined does not report again what its declaration did.
    pub(crate) failed: bool,
    /// How many more expressions may be inlined: functions that double at each call would otherwise
    /// fill the memory.
    pub(crate) budget: usize,
}

/// How many expressions one rule may have once functions and constants are inlined.
const INLINED_MAX: usize = 50_000;

impl<'a> Checker<'a> {
    pub(crate) fn new(
        environment: &'a Environment,
        signatures: &'a Signatures,
        module: Arc<Module>,
        scene: Scene,
        principal: Principal,
        reporter: Reporter,
    ) -> Self {
        Self {
            environment,
            signatures,
            module,
            scene,
            principal,
            reporter,
            locals: Vec::new(),
            level: 0,
            present: Vec::new(),
            used_at: None,
            inside: Vec::new(),
            failed: false,
            budget: INLINED_MAX,
        }
    }

    /// The condition, ready for the lowering; `None` where it is wrong.
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let (condition, _) = self.truth(expr);
        // A condition that could not be read must never be taken for "always": it would open a scope.
        self.failed |= condition.is_none();
        if self.failed { None } else { condition.map(simplify::condition) }
    }

    pub(crate) fn at(&self, span: Span) -> Span {
        self.used_at.unwrap_or(span)
    }

    pub(crate) fn error(
        &self,
        code: &'static str,
        span: Span,
        headline: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        self.reporter.error(code, self.at(span), headline, label)
    }

    /// Takes an error; inside what is inlined it was reported where that is declared.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.failed = true;
        if self.used_at.is_none() {
            self.reporter.push(diagnostic);
        }
    }

    pub(crate) fn wrong(&mut self, span: Span, diagnostic: Diagnostic) -> Typed {
        self.report(diagnostic);
        Typed::error(self.at(span))
    }

    pub(crate) fn not_yet(&mut self, span: Span, what: &str) -> Typed {
        let error = unsupported::error(&self.reporter, self.at(span), what);
        self.wrong(span, error)
    }

    /// A condition, and what it shows to be there.
    pub(crate) fn truth(&mut self, expr: &ast::Expr) -> (Option<Expr>, Presence) {
        let span = self.at(expr.span);
        let made = |kind: ExprKind| Some(Expr { kind, span });
        match &expr.kind {
            ast::ExprKind::And(operands) => self.all_of(operands, span),
            ast::ExprKind::Or(operands) => self.any_of(operands, span),
            ast::ExprKind::Not(operand) => {
                let (inner, presence) = self.truth(operand);
                let swapped = Presence { if_true: presence.if_false, if_false: presence.if_true };
                (inner.and_then(|inner| made(ExprKind::Not(Box::new(inner)))), swapped)
            }
            ast::ExprKind::Has(operand) => {
                let Some(place) = self.optional_place(operand) else {
                    return (None, Presence::default());
                };
                let presence = Presence { if_true: vec![place.clone()], if_false: Vec::new() };
                (made(ExprKind::Present(place)), presence)
            }
            ast::ExprKind::Quantifier(which, name, list, body) => {
                let all = *which == Quantifier::All;
                (self.quantifier(all, name, list, body, span), Presence::default())
            }
            ast::ExprKind::If(condition, then, otherwise) => {
                let (condition, presence) = self.truth(condition);
                let (then, _) = self.with_present(&presence.if_true, |this| this.truth(then));
                let (otherwise, _) =
                    self.with_present(&presence.if_false, |this| this.truth(otherwise));
                let chosen = match (condition, then, otherwise) {
                    (Some(c), Some(a), Some(b)) => {
                        made(ExprKind::Choose(Box::new(c), Box::new(a), Box::new(b)))
                    }
                    _ => None,
                };
                (chosen, Presence::default())
            }
            _ => (self.plain_truth(expr), Presence::default()),
        }
    }

    fn plain_truth(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let typed = self.infer(expr);
        if typed.is_error() {
            return None;
        }
        if !self.is_present(&typed) {
            return None;
        }
        if typed.ty == Ty::Bool {
            return typed.expr();
        }
        let words = typed.ty.words();
        let error = self.error(
            "G0211",
            expr.span,
            format!("this is {words}, not a condition"),
            "a condition is needed here",
        );
        let help = match &typed.ty {
            Ty::Int => "compare it: `… > 0`",
            Ty::Float => "compare it: `… > 0.0`",
            Ty::List(_) => "ask `….length > 0`, or say which element with `any x in …: …`",
            _ => "compare it with `==`",
        };
        self.report(error.with_help(help));
        None
    }

    fn all_of(&mut self, operands: &[ast::Expr], span: Span) -> (Option<Expr>, Presence) {
        let before = self.present.len();
        let mut presence = Presence::default();
        let mut found = Vec::with_capacity(operands.len());
        for operand in operands {
            let (expr, shown) = self.truth(operand);
            found.push(expr);
            self.present.extend(shown.if_true.iter().cloned());
            presence.if_true.extend(shown.if_true);
        }
        self.present.truncate(before);
        let all: Option<Vec<Expr>> = found.into_iter().collect();
        (all.map(|all| Expr { kind: ExprKind::And(all), span }), presence)
    }

    fn any_of(&mut self, operands: &[ast::Expr], span: Span) -> (Option<Expr>, Presence) {
        let before = self.present.len();
        let mut presence = Presence::default();
        let mut found = Vec::with_capacity(operands.len());
        for operand in operands {
            let (expr, shown) = self.truth(operand);
            found.push(expr);
            self.present.extend(shown.if_false.iter().cloned());
            presence.if_false.extend(shown.if_false);
        }
        self.present.truncate(before);
        let all: Option<Vec<Expr>> = found.into_iter().collect();
        (all.map(|all| Expr { kind: ExprKind::Or(all), span }), presence)
    }

    pub(crate) fn with_present<T>(
        &mut self,
        present: &[ValueRef],
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.present.len();
        self.present.extend_from_slice(present);
        let result = run(self);
        self.present.truncate(before);
        result
    }

    /// The place that `has` asks about.
    fn optional_place(&mut self, operand: &ast::Expr) -> Option<ValueRef> {
        let typed = self.infer_optional(operand);
        if typed.is_error() {
            return None;
        }
        match (&typed.ty, &typed.value) {
            (Ty::Optional(_), Value::Place(place)) => Some(place.clone()),
            (_, Value::Place(place)) if matches!(place.root, Root::Data) => Some(place.clone()),
            _ => {
                let error =
                    self.error("G0232", operand.span, "this is always there", "not optional");
                self.report(error.with_help("leave out `has`"));
                None
            }
        }
    }

    /// Reports a value that may be absent.
    pub(crate) fn is_present(&mut self, typed: &Typed) -> bool {
        if !matches!(typed.ty, Ty::Optional(_)) {
            return true;
        }
        let text = self.name_of(typed);
        let error = self
            .error(
                "G0231",
                typed.span,
                format!("{text} may be absent"),
                "used as if it were always there",
            )
            .with_help(format!(
                "write `has {0} and …`, or `({0} otherwise …)`",
                text.trim_matches('`')
            ));
        self.report(error);
        false
    }

    pub(crate) fn name_of(&self, typed: &Typed) -> String {
        match &typed.value {
            Value::Place(place) => {
                let mut words = place.path.clone();
                words.extend(place.part.map(|part| part.word().to_owned()));
                match &place.root {
                    Root::Meta(meta) => format!("`{}`", meta.word()),
                    Root::Element(_) => {
                        let variable =
                            self.locals.iter().rev().find_map(|(name, local)| match &local.value {
                                Value::Place(p) if p.root == place.root && p.path.is_empty() => {
                                    Some(name.clone())
                                }
                                _ => None,
                            });
                        let mut all = vec![variable.unwrap_or_else(|| "it".to_owned())];
                        all.extend(words);
                        format!("`{}`", all.join("."))
                    }
                    _ => format!("`{}`", words.join(".")),
                }
            }
            _ => "this".to_owned(),
        }
    }

    fn quantifier(
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
        let place = ValueRef { root: Root::Element(self.level), path: Vec::new(), part: None };
        let local = Typed::place(element.clone(), place, self.at(name.span));
        self.level += 1;
        self.locals.push((name.text.clone(), local));
        let (body, _) = self.truth(body);
        self.locals.pop();
        self.level -= 1;
        let kind = ExprKind::Quantify(all, list.clone(), Box::new(body?));
        Some(Expr { kind, span })
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
            self.locals.push((name.text.clone(), element.clone()));
            let (body, _) = self.truth(body);
            self.locals.pop();
            found.push(body?);
        }
        let kind = if all { ExprKind::And(found) } else { ExprKind::Or(found) };
        Some(Expr { kind, span })
    }

    /// The type of an expression, with what is known to be there taken as present.
    pub(crate) fn infer(&mut self, expr: &ast::Expr) -> Typed {
        let typed = self.infer_optional(expr);
        match (&typed.ty, &typed.value) {
            (Ty::Optional(inner), Value::Place(place)) if self.present.contains(place) => {
                Typed { ty: inner.present(), ..typed }
            }
            _ => typed,
        }
    }

    /// The type of an expression, `?` included even where it is known to be there.
    fn infer_optional(&mut self, expr: &ast::Expr) -> Typed {
        let span = self.at(expr.span);
        let Some(left) = self.budget.checked_sub(1) else {
            let error = self.reporter.error(
                "G0206",
                span,
                "the rule is too large once its functions are written out",
                "used here",
            );
            self.budget = INLINED_MAX;
            self.reporter.push(error);
            self.failed = true;
            return Typed::error(span);
        };
        self.budget = left;
        match &expr.kind {
            ast::ExprKind::Bool(value) => Typed::literal(Ty::Bool, ExprKind::Truth(*value), span),
            ast::ExprKind::Int(Some(value)) => Typed::literal(Ty::Int, ExprKind::Int(*value), span),
            ast::ExprKind::Float(digits) => match digits.parse::<f64>() {
                Ok(value) if value.is_finite() => {
                    Typed::literal(Ty::Float, ExprKind::Float(value.to_bits()), span)
                }
                _ => self.silent(span),
            },
            ast::ExprKind::String(text) => Typed::literal(
                Ty::Text(guard_plan::TextKind::Plain),
                ExprKind::Text(text.clone()),
                span,
            ),
            ast::ExprKind::Duration(Some(value)) => {
                Typed::literal(Ty::Duration, ExprKind::Int(*value), span)
            }
            // The syntax errors for these have been reported.
            ast::ExprKind::Int(None) | ast::ExprKind::Duration(None) | ast::ExprKind::Error => {
                self.silent(span)
            }
            ast::ExprKind::Regex(_) => {
                let error = self.error(
                    "G0212",
                    expr.span,
                    "a pattern stands alone",
                    "only `matches` and `finds` take a pattern",
                );
                self.wrong(expr.span, error.with_help("write a text in quotes"))
            }
            ast::ExprKind::List(elements) => self.list(elements, span),
            ast::ExprKind::Name(name) => self.name(name, expr.span),
            ast::ExprKind::Field(owner, field) => self.field(owner, field, expr.span),
            ast::ExprKind::Call(callee, arguments) => self.call(callee, arguments, expr.span),
            ast::ExprKind::Index(..) => self.not_yet(expr.span, "an index"),
            ast::ExprKind::Negate(operand) => self.negate(operand, expr.span),
            ast::ExprKind::Arithmetic(op, a, b) => self.arithmetic(*op, a, b, expr.span),
            ast::ExprKind::Compare(op, a, b) => self.compare(*op, a, b, expr.span),
            ast::ExprKind::In(a, b, negated) => self.contained(a, b, *negated, expr.span),
            ast::ExprKind::Text(op, a, b) => self.text_question(*op, a, b, expr.span),
            ast::ExprKind::Otherwise(a, b) => self.otherwise(a, b, expr.span),
            ast::ExprKind::If(condition, then, otherwise) => {
                self.choose(condition, then, otherwise, expr.span)
            }
            ast::ExprKind::From(..) => self.not_yet(expr.span, "the origin of a value (`from`)"),
            ast::ExprKind::Since(..) => self.not_yet(expr.span, "`since`"),
            ast::ExprKind::ConfirmedBy(_) => self.not_yet(expr.span, "`confirmed by`"),
            ast::ExprKind::And(_)
            | ast::ExprKind::Or(_)
            | ast::ExprKind::Not(_)
            | ast::ExprKind::Has(_)
            | ast::ExprKind::Quantifier(..) => match self.truth(expr).0 {
                Some(condition) => Typed::computed(Ty::Bool, condition.kind, span),
                None => Typed::error(span),
            },
        }
    }

    fn silent(&mut self, span: Span) -> Typed {
        self.failed = true;
        Typed::error(span)
    }

    fn list(&mut self, elements: &[ast::Expr], span: Span) -> Typed {
        let elements: Vec<Typed> = elements.iter().map(|element| self.infer(element)).collect();
        if elements.iter().any(Typed::is_error) {
            return Typed::error(span);
        }
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
        // The element type of an empty list is that of whatever it is used with.
        let ty = if elements.is_empty() {
            Ty::List(Arc::new(Ty::Error))
        } else {
            Ty::List(Arc::new(ty))
        };
        Typed { ty, value: Value::List(elements), span, literal: true }
    }

    fn choose(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (condition, presence) = self.truth(condition);
        let then = self.with_present(&presence.if_true, |this| this.infer(then));
        let otherwise = self.with_present(&presence.if_false, |this| this.infer(otherwise));
        let Some(condition) = condition else { return Typed::error(span) };
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

    fn otherwise(&mut self, a: &ast::Expr, b: &ast::Expr, at: Span) -> Typed {
        let span = self.at(at);
        let first = self.infer_optional(a);
        let mut second = self.infer(b);
        if first.is_error() || second.is_error() && !matches!(second.value, Value::List(_)) {
            return Typed::error(span);
        }
        let (Ty::Optional(inner), Value::Place(place)) = (&first.ty, &first.value) else {
            let error = self.error(
                "G0232",
                a.span,
                "this is always there",
                "`otherwise` can never be used",
            );
            return self.wrong(at, error.with_help("leave out `otherwise`"));
        };
        let (inner, place) = (inner.present(), place.clone());
        if let (Ty::List(_), Value::List(elements)) = (&inner, &second.value) {
            let fits = elements
                .iter()
                .all(|e| Ty::List(Arc::new(e.ty.clone())) == inner || e.literal && e.ty.is_text());
            if fits {
                return Typed {
                    ty: inner,
                    value: Value::Either(place, elements.clone()),
                    span,
                    literal: false,
                };
            }
        }
        self.adapt(&mut second, &inner);
        if second.is_error() || !self.is_present(&second) {
            return Typed::error(span);
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
        let present = Typed {
            ty: inner.clone(),
            value: Value::Place(place.clone()),
            span: first.span,
            literal: false,
        };
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

    fn negate(&mut self, operand: &ast::Expr, at: Span) -> Typed {
        let typed = self.infer(operand);
        let span = self.at(at);
        if typed.is_error() || !self.is_present(&typed) {
            return Typed::error(span);
        }
        let Some(operand) = typed.expr() else { return self.no_arithmetic(&typed, at) };
        let operand = Box::new(operand);
        let kind = match &typed.ty {
            Ty::Int | Ty::Duration => {
                let zero = Box::new(Expr { kind: ExprKind::Int(0), span });
                ExprKind::ArithmeticInt(Operation::Subtract, zero, operand)
            }
            Ty::Float => {
                let zero = Box::new(Expr { kind: ExprKind::Float(0_f64.to_bits()), span });
                ExprKind::ArithmeticFloat(Operation::Subtract, zero, operand)
            }
            _ => return self.no_arithmetic(&typed, at),
        };
        self.folded(typed.ty, kind, at)
    }

    pub(crate) fn no_arithmetic(&mut self, typed: &Typed, at: Span) -> Typed {
        let words = typed.ty.words();
        let error = self.error(
            "G0212",
            at,
            format!("arithmetic does not go with {words}"),
            "only numbers can be calculated with",
        );
        self.wrong(at, error)
    }

    /// A calculation; one of constants is worked out at once.
    pub(crate) fn folded(&mut self, ty: Ty, kind: ExprKind, at: Span) -> Typed {
        match simplify::arithmetic(kind) {
            Ok(kind) => Typed::computed(ty, kind, self.at(at)),
            Err(()) => {
                let error = self.error(
                    "G0215",
                    at,
                    "this calculation has no result",
                    "it overflows or divides by zero",
                );
                self.wrong(at, error)
            }
        }
    }

    /// The resolver for types that are written inside the declaration `decl`.
    pub(crate) fn resolver(&self, decl: &Declaration) -> Resolver<'a> {
        Resolver::new(self.environment, decl)
    }
}
