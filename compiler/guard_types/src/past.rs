//! What happened before: `seen`, `succeeded`, `count`, `last`, `novel`, `since`, `confirmed by`.

use crate::asked::{Asked, EventsBefore, Past, Scalar};
use crate::infer::Checker;
use crate::origins::asked;
use crate::scene::Scene;
use crate::tir::{EventRef, Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_grammar::ast::{
    self, Argument, ArgumentValue, CompareOp, EventPattern, Target, TargetKind,
};
use guard_grammar::one_spaced;
use guard_grammar::span::Span;
use guard_hir::{Resolved, resolve_target};
use guard_plan::limits::MEMORY_COUNT_MAX;
use std::sync::Arc;

impl Checker<'_> {
    /// A question by its name; `None` where there is none of this name.
    pub(crate) fn question(
        &mut self,
        name: &str,
        arguments: &[Argument],
        at: Span,
    ) -> Option<Typed> {
        Some(match name {
            "seen" => self.noted(arguments, false, at),
            "succeeded" => self.noted(arguments, true, at),
            "count" => self.count(arguments, None, at),
            "last" => self.last(arguments, at),
            "novel" => self.novel(arguments, at),
            "carries" => self.carries(arguments, at),
            "grounded" => self.grounded(arguments, at),
            "support" => self.support(arguments, at),
            _ => return None,
        })
    }

    pub(crate) fn confirmed(&mut self, who: &ast::Name, at: Span) -> Typed {
        if who.text != "user" || !matches!(self.scene, Scene::Call(_)) || self.in_past {
            let error = self.error(
                "G0223",
                at,
                "only a call is confirmed, by its user",
                "nothing is shown and confirmed here",
            );
            return self.wrong(at, error.with_help("write `confirmed by user` in a rule on tools"));
        }
        asked(Ty::Bool, Asked::Confirmed, self.at(at))
    }

    fn noted(&mut self, arguments: &[Argument], succeeded: bool, at: Span) -> Typed {
        let word = if succeeded { "succeeded" } else { "seen" };
        let [argument] = arguments else { return self.one_event(word, at) };
        match self.past(argument, succeeded, at) {
            Some(past) => asked(Ty::Bool, Asked::Noted(past), self.at(at)),
            None => Typed::error(self.at(at)),
        }
    }

    /// `seen(A) since B`: after the last B.
    pub(crate) fn since(&mut self, event: &ast::Expr, after: &EventPattern, at: Span) -> Typed {
        let typed = self.infer(event);
        let since = self.events_before(after, false, false, at);
        let span = self.at(at);
        let (Some((since, _)), false) = (since, typed.is_error()) else {
            return Typed::error(span);
        };
        let question = match &typed.value {
            Value::Place(ValueRef { root: Root::Asked(asked), .. }) => asked.as_ref().clone(),
            _ => Asked::Confirmed,
        };
        let with = |past: &Past| Past {
            pattern: Arc::new(EventsBefore {
                since: Some(Arc::new(since.clone())),
                ..(*past.pattern).clone()
            }),
            key: past.key.clone(),
        };
        match &question {
            Asked::Noted(past) => asked(Ty::Bool, Asked::Noted(with(past)), span),
            Asked::Count { past, over_ms, most } => {
                let past = with(past);
                let question = Asked::Count { past, over_ms: *over_ms, most: *most };
                asked(Ty::Int, question, span)
            }
            _ => {
                let error =
                    self.error("G0223", at, "`since` follows `seen(…)`", "this is no event");
                self.wrong(at, error)
            }
        }
    }

    /// `count(T, over: 10m)`; `most` is how far a comparison needs it counted.
    pub(crate) fn count(&mut self, arguments: &[Argument], most: Option<i64>, at: Span) -> Typed {
        let span = self.at(at);
        let (event, over) = match arguments {
            [event] => (event, None),
            [event, over] if over.name.as_ref().is_some_and(|n| n.text == "over") => {
                (event, Some(over))
            }
            _ => return self.one_event("count", at),
        };
        let over_ms = match over {
            None => None,
            Some(over) => match self.duration(over) {
                Some(ms) => Some(ms),
                None => return Typed::error(span),
            },
        };
        // A count is remembered only as far as its comparison needs.
        let most = most.and_then(|most| u32::try_from(most.saturating_add(1)).ok());
        let Some(most) = most.filter(|most| *most > 0 && *most <= MEMORY_COUNT_MAX) else {
            let error = self
                .error(
                    "G0224",
                    at,
                    "how far to count is not known",
                    "not compared with a number that is written out",
                )
                .with_help(format!(
                    "compare it: `count(…) >= 3`; at most with {}",
                    MEMORY_COUNT_MAX - 1
                ));
            return self.wrong(at, error);
        };
        match self.past(event, false, at) {
            Some(past) => asked(Ty::Int, Asked::Count { past, over_ms, most }, span),
            None => Typed::error(span),
        }
    }

    /// `count(…) >= 3`: the number says how far to count.
    pub(crate) fn counted(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<(Typed, Typed)> {
        let ast::ExprKind::Call(callee, arguments) = &left.kind else { return None };
        let is_count = matches!(&callee.kind, ast::ExprKind::Name(name) if name == "count");
        if !is_count || self.module.name("count").is_some() {
            return None;
        }
        let number = self.infer(right);
        let most = match &number.value {
            Value::Expr(ExprKind::Int(most)) => Some(*most),
            _ => None,
        };
        Some((self.count(arguments, most, left.span), number))
    }

    fn duration(&mut self, argument: &Argument) -> Option<i64> {
        let ArgumentValue::Value(value) = &argument.value else { return None };
        let typed = self.infer(value);
        match (&typed.ty, &typed.value) {
            (Ty::Duration, Value::Expr(ExprKind::Int(ms))) if *ms > 0 => Some(*ms),
            _ => {
                let span = argument.span;
                let error = self.error("G0224", span, "this is no span of time", "not a duration");
                self.report(error.with_help("write `over: 10m`"));
                None
            }
        }
    }

    /// `last(T when …)`: a value with the fields of the call, and `value` and `text` of its result.
    fn last(&mut self, arguments: &[Argument], at: Span) -> Typed {
        let span = self.at(at);
        let [argument] = arguments else { return self.one_event("last", at) };
        let Some(past) = self.past(argument, false, at) else { return Typed::error(span) };
        Typed::of(Ty::Json, Value::Last(Arc::new(past)), span)
    }

    /// A field of `last(…)`.
    pub(crate) fn field_of_last(&mut self, past: &Past, field: &ast::Name, at: Span) -> Typed {
        let span = self.at(at);
        let scene = self.scene_of(&past.pattern.events);
        let tools: Vec<String> = past
            .pattern
            .events
            .iter()
            .filter_map(|event| match event {
                EventRef::Call(tool) | EventRef::Result(tool) => Some(tool.clone()),
                _ => None,
            })
            .collect();
        let of_call = matches!(scene, Scene::Call(_));
        let result = if of_call {
            let results: Vec<EventRef> = tools.into_iter().map(EventRef::Result).collect();
            self.scene_of(&results).result()
        } else {
            scene.result()
        };
        let place = |root: Option<Root>, ty: Ty, of_result: bool| {
            let question = Asked::Last { past: past.clone(), of_result, ty: scalar(&ty)? };
            let path = match root {
                Some(Root::Arguments) => vec![field.text.clone()],
                _ => Vec::new(),
            };
            let root = Root::Asked(Arc::new(question));
            Some(Typed::place(ty, ValueRef { root, path, part: None }, span))
        };
        let found = match (field.text.as_str(), of_call) {
            ("text", _) => place(None, Ty::Text(guard_plan::TextKind::Plain), true),
            ("value", _) => result.map(|ty| last_value(past, ty, span)),
            (name, true) => match scene.argument(name) {
                crate::scene::Shared::Yes(ty) => place(Some(Root::Arguments), ty.present(), false),
                _ => None,
            },
            _ => None,
        };
        if let Some(typed) = found {
            return self.remembered(typed, at);
        }
        {
            let headline = format!("`{}` of the last event is not known", field.text);
            let error = self.error("G0203", field.span, headline, "neither said nor declared");
            let help =
                "it has the call's arguments, `text`, and `value` where the tool declares it";
            self.wrong(field.span, error.with_help(help))
        }
    }

    /// A value of an earlier event, unless it is one that is not kept.
    pub(crate) fn remembered(&mut self, typed: Typed, at: Span) -> Typed {
        let ty = typed.ty.present();
        let is_past = matches!(&typed.value, Value::Place(ValueRef { root: Root::Asked(_), .. }));
        if !is_past || scalar(&ty).is_some() || matches!(ty, Ty::Record(_) | Ty::Error) {
            return typed;
        }
        let words = ty.words();
        let error = self
            .error(
                "G0223",
                at,
                format!("{words} of an earlier event is not remembered"),
                "not kept",
            )
            .with_help("ask for a single value in it, or for its origin with `from field … of`");
        self.wrong(at, error)
    }

    /// `novel(x, per: key)`.
    fn novel(&mut self, arguments: &[Argument], at: Span) -> Typed {
        let span = self.at(at);
        let mut key = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let is_per = argument.name.as_ref().is_some_and(|name| name.text == "per");
            let ArgumentValue::Value(value) = &argument.value else {
                return self.one_value(at);
            };
            if (index == 0) == is_per {
                return self.one_value(at);
            }
            match self.key_part(value) {
                Some(part) => key.push(part.0),
                None => return Typed::error(span),
            }
        }
        if key.is_empty() { self.one_value(at) } else { asked(Ty::Bool, Asked::Novel(key), span) }
    }

    fn one_value(&mut self, at: Span) -> Typed {
        let error = self.error("G0205", at, "`novel` takes a value", "new for whom?");
        self.wrong(at, error.with_help("write `novel(x, per: user.id)`"))
    }

    fn one_event(&mut self, word: &str, at: Span) -> Typed {
        let error = self.error("G0205", at, format!("`{word}` takes one event"), "of which event?");
        self.wrong(at, error.with_help(format!("write `{word}(tool_name when …)`")))
    }

    /// A single value of the event or of the agent's parameters.
    pub(crate) fn key_part(&mut self, expr: &ast::Expr) -> Option<(ValueRef, Ty)> {
        let typed = self.infer(expr);
        if typed.is_error() || !self.is_present(&typed) {
            self.failed = true;
            return None;
        }
        let ty = typed.ty.present();
        match &typed.value {
            Value::Place(place)
                if scalar(&ty).is_some()
                    && matches!(
                        place.root,
                        Root::Arguments | Root::ResultValue | Root::Principal | Root::Meta(_)
                    ) =>
            {
                Some((place.clone(), ty))
            }
            _ => {
                let words = typed.ty.words();
                let error = self
                    .error("G0225", expr.span, "this cannot be a key", format!("this is {words}"))
                    .with_help("a key is an argument or a parameter of the agent, a single value");
                self.report(error);
                None
            }
        }
    }

    /// The events that an argument names, and the values of now that they must agree with.
    fn past(&mut self, argument: &Argument, succeeded: bool, at: Span) -> Option<Past> {
        if self.in_past {
            let error =
                self.error("G0223", at, "a question about the past inside another", "asked here");
            self.report(error.with_help("set a mark with a rule of its own, and ask for the mark"));
            return None;
        }
        let pattern = match &argument.value {
            ArgumentValue::Event(pattern) => pattern.clone(),
            ArgumentValue::Value(value) => self.named_event(value, argument.span)?,
        };
        let (pattern, key) = self.events_before(&pattern, succeeded, true, at)?;
        Some(Past { pattern: Arc::new(pattern), key })
    }

    /// A bare name of a tool.
    fn named_event(&mut self, value: &ast::Expr, span: Span) -> Option<EventPattern> {
        let mut words = Vec::new();
        if !dotted(value, &mut words) {
            let error =
                self.error("G0223", value.span, "this is no event", "a tool is needed here");
            self.report(error);
            return None;
        }
        let path = ast::Path { segments: words, span: value.span };
        let kind = match path.dotted().as_str() {
            "input" => TargetKind::Input,
            "output" => TargetKind::Output,
            _ => {
                let pattern = ast::ToolPattern { path, wildcard: false, span: value.span };
                TargetKind::Tools(vec![pattern])
            }
        };
        let target = Target { kind, span: value.span };
        Some(EventPattern { target, condition: None, span })
    }

    fn scene_of(&self, events: &[EventRef]) -> Scene {
        let types =
            |name: &String| Some((name.clone(), Arc::clone(self.signatures.tools.get(name)?)));
        let mut scene = Scene::Nowhere;
        let (mut calls, mut results) = (Vec::new(), Vec::new());
        for event in events {
            match event {
                EventRef::Input => scene = Scene::Input,
                EventRef::Output => scene = Scene::Output,
                EventRef::Call(tool) => calls.extend(types(tool)),
                EventRef::Result(tool) => results.extend(types(tool)),
            }
        }
        match (calls.is_empty(), results.is_empty()) {
            (false, _) => Scene::Call(calls),
            (true, false) => Scene::Result(results),
            _ => scene,
        }
    }

    fn events_before(
        &mut self,
        pattern: &EventPattern,
        succeeded: bool,
        may_join: bool,
        at: Span,
    ) -> Option<(EventsBefore, Vec<ValueRef>)> {
        let word = bare_word(&pattern.target);
        let resolved = match word.as_deref() {
            Some("input") if self.module.tool("input").is_none() => Some(Resolved::Input),
            Some("output") if self.module.tool("output").is_none() => Some(Resolved::Output),
            _ => resolve_target(&self.module, &pattern.target, &mut self.reporter),
        };
        let Some(resolved) = resolved else {
            self.failed = true;
            return None;
        };
        let events: Vec<EventRef> = match resolved {
            Resolved::Input => vec![EventRef::Input],
            Resolved::Output => vec![EventRef::Output],
            Resolved::Calls(tools) => tools.into_iter().map(EventRef::Call).collect(),
            Resolved::Results(tools) => tools.into_iter().map(EventRef::Result).collect(),
        };
        if succeeded && !events.iter().all(|event| matches!(event, EventRef::Call(_))) {
            let error = self.error("G0223", at, "only calls succeed", "these are no calls");
            self.report(error);
            return None;
        }
        let mut joins = Joins::default();
        if let Some(condition) = &pattern.condition {
            joins.split(condition);
        }
        if let Some((_, past, _)) = joins.pairs.first().filter(|_| !may_join) {
            let error =
                self.error("G0223", past.span, "`since` is about the event alone", "a join");
            self.report(error);
            return None;
        }
        let (mut keys, mut now) = (Vec::new(), Vec::new());
        for (present, past, span) in &joins.pairs {
            let of_now = self.key_part(present);
            let of_then = self.then(&events, |checker| checker.key_part(past));
            let ((of_now, ty_now), (of_then, ty_then)) = of_now.zip(of_then)?;
            if scalar(&ty_now) != scalar(&ty_then) {
                let (a, b) = (ty_now.words(), ty_then.words());
                let headline = format!("{b} then is never {a} now");
                let error = self.error("G0210", *span, headline, "of different types");
                self.report(error);
                return None;
            }
            now.push(of_now);
            keys.push(of_then);
        }
        let condition = match joins.rest.as_slice() {
            [] => None,
            rest => Some(self.then(&events, |checker| checker.condition_of(rest))?),
        };
        let source = Arc::clone(&self.source);
        let text = one_spaced(pattern.span.text(&source));
        let condition = condition.filter(|expr| expr.kind != ExprKind::Truth(true));
        Some((EventsBefore { text, events, condition, keys, succeeded, since: None }, now))
    }

    /// Checks something as a rule on those events would have.
    fn then<T>(&mut self, events: &[EventRef], check: impl FnOnce(&mut Self) -> T) -> T {
        let of_then = self.scene_of(events);
        let scene = std::mem::replace(&mut self.scene, of_then);
        let locals = std::mem::take(&mut self.locals);
        let level = std::mem::take(&mut self.level);
        let present = std::mem::take(&mut self.present);
        let over_event = std::mem::take(&mut self.over_event);
        self.in_past = true;
        let result = check(self);
        self.in_past = false;
        (self.scene, self.locals, self.level, self.present) = (scene, locals, level, present);
        self.over_event = over_event;
        result
    }

    fn condition_of(&mut self, rest: &[&ast::Expr]) -> Option<Expr> {
        let mut all = Vec::with_capacity(rest.len());
        for expr in rest {
            all.push(self.condition(expr).0?);
        }
        let span = all.iter().map(|expr| expr.span).reduce(Span::cover)?;
        Some(match all.len() {
            1 => all.pop()?,
            _ => Expr { kind: ExprKind::And(all), span },
        })
    }
}

/// The value of a result, or a part of it: the path grows as fields are read.
fn last_value(past: &Past, ty: Ty, span: Span) -> Typed {
    // The type is put right when the last field is read.
    let asked = Asked::Last { past: past.clone(), of_result: true, ty: Scalar::Text };
    let root = Root::Asked(Arc::new(asked));
    let path = vec!["value".to_owned()];
    Typed::place(ty, ValueRef { root, path, part: None }, span)
}

/// The equalities of a condition that join an earlier event with this one, and the rest.
#[derive(Default)]
struct Joins<'e> {
    /// What is of now, what was then, and the whole.
    pairs: Vec<(&'e ast::Expr, &'e ast::Expr, Span)>,
    rest: Vec<&'e ast::Expr>,
}

impl<'e> Joins<'e> {
    fn split(&mut self, expr: &'e ast::Expr) {
        match &expr.kind {
            ast::ExprKind::And(operands) => operands.iter().for_each(|operand| self.split(operand)),
            ast::ExprKind::Compare(CompareOp::Equal, a, b) if is_now(b) => {
                self.pairs.push((b, a, expr.span));
            }
            ast::ExprKind::Compare(CompareOp::Equal, a, b) if is_now(a) => {
                self.pairs.push((a, b, expr.span));
            }
            _ => self.rest.push(expr),
        }
    }
}

/// `args.order_id`: a value of the event that is decided.
fn is_now(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ast::ExprKind::Field(owner, _) => match &owner.kind {
            ast::ExprKind::Name(name) => name == "args",
            _ => is_now(owner),
        },
        _ => false,
    }
}

/// The target's one word, where it is no more than that.
fn bare_word(target: &Target) -> Option<String> {
    match &target.kind {
        TargetKind::Tools(patterns) => match patterns.as_slice() {
            [pattern] if !pattern.wildcard => Some(pattern.path.dotted()),
            _ => None,
        },
        _ => None,
    }
}

fn dotted(expr: &ast::Expr, words: &mut Vec<ast::Name>) -> bool {
    match &expr.kind {
        ast::ExprKind::Name(name) => {
            words.push(ast::Name { text: name.clone(), span: expr.span });
            true
        }
        ast::ExprKind::Field(owner, field) if dotted(owner, words) => {
            words.push(field.clone());
            true
        }
        _ => false,
    }
}

/// The type of a value that can be remembered.
pub(crate) fn scalar(ty: &Ty) -> Option<Scalar> {
    match ty {
        Ty::Bool => Some(Scalar::Bool),
        Ty::Int | Ty::Duration | Ty::Time => Some(Scalar::Int),
        Ty::Float => Some(Scalar::Float),
        Ty::Text(_) | Ty::OneOf(_) => Some(Scalar::Text),
        _ => None,
    }
}
