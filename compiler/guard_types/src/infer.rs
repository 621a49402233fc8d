//! Finds the type of every expression, and refuses what has none.

use crate::asked::Asked;
use crate::declared::{Resolver, Signatures};
use crate::scene::{Principal, Scene, Shared};
use crate::simplify;
use crate::site::Marks;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Presence, Typed, Value, settled};
use crate::unsupported;
use crate::walk::quantifiers_in;
use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{self, Quantifier};
use guard_grammar::span::Span;
use guard_hir::{Declaration, Environment, Module, Reporter};
use guard_plan::limits::QUANTIFIERS_MAX;
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
    /// The parameters of the policy whose rule is being read; none for an agent's own rules.
    pub(crate) given: Option<Arc<Vec<(String, Typed)>>>,
    /// Some of them were read.
    pub(crate) reads_given: bool,
    /// How many quantifiers are around the expression. Inside the checker an element's root counts
    /// from the outside; `simplify` turns it round at the end.
    pub(crate) level: u32,
    /// Values that are known to be there.
    pub(crate) present: Vec<ValueRef>,
    /// Where an inlined body is used.
    pub(crate) used_at: Option<Span>,
    /// Constants and functions being worked out, to find one that needs itself.
    pub(crate) inside: Vec<String>,
    /// The declaration that is being checked, where it is not a rule.
    pub(crate) root: Option<String>,
    /// Something was wrong. INVARIANT: a condition that is `None` was wrong; taken for "always", a
    /// condition that could not be read would open a scope.
    pub(crate) failed: bool,
    /// The first error inside what was inlined. It is not reported again where its declaration was
    /// at fault; where only the values given to a function are, nothing else reports it.
    pub(crate) hidden: Option<Diagnostic>,
    /// How many more expressions may be inlined: functions that double at each call would otherwise
    /// fill the memory.
    pub(crate) budget: usize,
    /// The marks that the rules of the agent or the layer set.
    pub(crate) marks: Arc<Marks>,
    /// The text that spans count in, for what a question about the past is called.
    pub(crate) source: Arc<str>,
    /// For each quantifier around the expression, from the outside, whether it goes over a list of
    /// the event.
    pub(crate) over_event: Vec<bool>,
    /// Inside a condition on an earlier event.
    pub(crate) in_past: bool,
    /// How many expressions are around this one; each takes a piece of the stack.
    depth: usize,
}

/// How many expressions one rule may have once functions and constants are inlined.
const INLINED_MAX: usize = 50_000;

/// How deep expressions may stand in one another once functions are inlined. The parser allows
/// 256 operators in a row.
const DEPTH_MAX: usize = 300;

/// A value of an earlier event, which may not have happened.
fn is_remembered(place: &ValueRef) -> bool {
    matches!(&place.root, Root::Asked(asked) if matches!(**asked, Asked::Last { .. }))
}

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
            given: None,
            reads_given: false,
            level: 0,
            present: Vec::new(),
            used_at: None,
            inside: Vec::new(),
            root: None,
            failed: false,
            hidden: None,
            budget: INLINED_MAX,
            marks: Arc::default(),
            source: Arc::from(""),
            over_event: Vec::new(),
            in_past: false,
            depth: 0,
        }
    }

    /// The condition, ready for the lowering, and what it shows to be there. `None` where it is
    /// wrong; `failed` is set then.
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> (Option<Expr>, Presence) {
        let (condition, presence) = self.truth(expr);
        self.failed |= condition.is_none();
        // Counted here and not where each is checked: a function's argument may come to stand in more.
        let quantifiers = condition.as_ref().map_or(0, |expr| quantifiers_in(&expr.kind));
        if quantifiers > QUANTIFIERS_MAX {
            self.too_many_quantifiers(expr.span);
        }
        let condition = condition.filter(|_| !self.failed).map(simplify::condition);
        (condition, presence)
    }

    fn too_many_quantifiers(&mut self, span: Span) {
        let error = self.reporter.error(
            "G0236",
            self.at(span),
            "too many `all` and `any` stand in one another",
            format!("more than {QUANTIFIERS_MAX} once functions are written out"),
        );
        self.report_here(error.with_help("ask about the inner lists in rules of their own"));
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
        } else {
            self.hidden.get_or_insert(diagnostic);
        }
    }

    /// Takes an error that belongs to the place of use even inside what is inlined; each code once.
    pub(crate) fn report_here(&mut self, diagnostic: Diagnostic) {
        self.failed = true;
        if !self.reporter.diagnostics.iter().any(|known| known.code == diagnostic.code) {
            self.reporter.push(diagnostic);
        }
    }

    /// The same for a name that is not known. Where a module is missing, one that nothing is like is
    /// probably from there, and said with it.
    pub(crate) fn unknown(&mut self, span: Span, diagnostic: Diagnostic) -> Typed {
        if self.module.is_partial && diagnostic.fix.is_none() {
            return self.silent(self.at(span));
        }
        self.wrong(span, diagnostic)
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
        if !self.deeper(expr.span) {
            return (None, Presence::default());
        }
        let found = self.truth_below(expr);
        self.depth -= 1;
        found
    }

    fn truth_below(&mut self, expr: &ast::Expr) -> (Option<Expr>, Presence) {
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
                if self.is_given(operand) {
                    return (made(ExprKind::Truth(true)), Presence::default());
                }
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
            ast::ExprKind::From(value, whole, origin) => {
                (self.origin(value, *whole, origin, expr.span), Presence::default())
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

    /// `and`: each operand is checked where those before it hold.
    fn all_of(&mut self, operands: &[ast::Expr], span: Span) -> (Option<Expr>, Presence) {
        let (all, if_true) = self.in_turn(operands, |shown| shown.if_true);
        let all = all.map(|all| Expr { kind: ExprKind::And(all), span });
        (all, Presence { if_true, ..Presence::default() })
    }

    /// `or`: each operand is checked where none before it holds.
    fn any_of(&mut self, operands: &[ast::Expr], span: Span) -> (Option<Expr>, Presence) {
        let (all, if_false) = self.in_turn(operands, |shown| shown.if_false);
        let all = all.map(|all| Expr { kind: ExprKind::Or(all), span });
        (all, Presence { if_false, ..Presence::default() })
    }

    /// Checks operands with what each before shows to be there, and gives all that they show.
    fn in_turn(
        &mut self,
        operands: &[ast::Expr],
        shows: impl Fn(Presence) -> Vec<ValueRef>,
    ) -> (Option<Vec<Expr>>, Vec<ValueRef>) {
        let before = self.present.len();
        let mut found = Vec::with_capacity(operands.len());
        for operand in operands {
            let (expr, shown) = self.truth(operand);
            found.push(expr);
            self.present.extend(shows(shown));
        }
        let shown = self.present.split_off(before);
        (found.into_iter().collect(), shown)
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

    /// Whether a function or a policy asks for a parameter that may be absent, and is given a value that is
    /// there. That the parameter's own type is optional was seen where the function is declared.
    pub(crate) fn is_given(&mut self, operand: &ast::Expr) -> bool {
        let ast::ExprKind::Name(name) = &operand.kind else { return false };
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        let given = match local {
            Some((_, local)) if self.used_at.is_some() => Some(local),
            None if matches!(self.scene.argument(name), Shared::No) => self.given_value(name),
            _ => None,
        };
        let is_there =
            given.is_some_and(|given| !matches!(given.ty, Ty::Optional(_) | Ty::Error | Ty::Json));
        self.reads_given |= is_there;
        is_there
    }

    /// The place that `has` asks about.
    fn optional_place(&mut self, operand: &ast::Expr) -> Option<ValueRef> {
        let typed = self.infer_optional(operand);
        if typed.is_error() {
            return None;
        }
        match (&typed.ty, &typed.value) {
            (Ty::Optional(_), Value::Place(place)) => Some(settled(place, &typed.ty)),
            (_, Value::Place(place)) if matches!(place.root, Root::Data) => Some(place.clone()),
            (_, Value::Place(place)) if is_remembered(place) => Some(settled(place, &typed.ty)),
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
    pub(crate) fn infer_optional(&mut self, expr: &ast::Expr) -> Typed {
        let span = self.at(expr.span);
        if !self.spend(1, span) || !self.deeper(expr.span) {
            return Typed::error(span);
        }
        let typed = self.infer_below(expr, span);
        self.depth -= 1;
        typed
    }

    /// Takes expressions off the budget; what is spent stays spent, so that the rest of a rule that
    /// is too large is passed over quickly.
    pub(crate) fn spend(&mut self, expressions: usize, at: Span) -> bool {
        if let Some(left) = self.budget.checked_sub(expressions) {
            self.budget = left;
            return true;
        }
        self.budget = 0;
        let error = self.reporter.error(
            "G0218",
            at,
            "the condition is too large once its functions are written out",
            format!("more than {INLINED_MAX} expressions"),
        );
        self.report_here(error.with_help("divide it into several rules"));
        false
    }

    /// Goes one expression deeper, where there is room.
    fn deeper(&mut self, at: Span) -> bool {
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            return true;
        }
        let error = self.reporter.error(
            "G0218",
            self.at(at),
            "the condition is too deep once its functions are written out",
            format!("more than {DEPTH_MAX} expressions stand in one another"),
        );
        self.report_here(error.with_help("divide it into several rules"));
        false
    }

    fn infer_below(&mut self, expr: &ast::Expr, span: Span) -> Typed {
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
            ast::ExprKind::ConfirmedBy(who) => self.confirmed(who, expr.span),
            ast::ExprKind::Since(event, after) => self.since(event, after, expr.span),
            ast::ExprKind::From(..)
            | ast::ExprKind::And(_)
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

    /// The resolver for types that are written inside the declaration `decl`.
    pub(crate) fn resolver(&self, decl: &Declaration) -> Resolver<'a> {
        Resolver::new(self.environment, decl)
    }
}
