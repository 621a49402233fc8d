//! What is called: functions of the author's, which are written out where they are used, and
//! `within`.

use crate::infer::Checker;
use crate::scene::Scene;
use crate::tir::{Expr, ExprKind};
use crate::ty::{RecordTy, Ty};
use crate::typed::{Typed, Value};
use guard_diagnostic::closest;
use guard_grammar::ast::{self, Argument, ArgumentValue, ItemKind, Name};
use guard_grammar::span::Span;
use guard_hir::{Declaration, Module};
use guard_plan::TextKind;
use guard_value::canonical_text;
use std::sync::Arc;

/// Questions about the past and about where a value came from.
const QUESTIONS: &[&str] =
    &["seen", "count", "last", "succeeded", "novel", "carries", "grounded", "support"];

/// How many constants and functions may lead from one to the next.
const CHAIN_MAX: usize = 64;

impl Checker<'_> {
    pub(crate) fn call(&mut self, callee: &ast::Expr, arguments: &[Argument], at: Span) -> Typed {
        match &callee.kind {
            ast::ExprKind::Field(owner, method) if method.text == "within" => {
                self.within(owner, method, arguments, at)
            }
            ast::ExprKind::Field(owner, method) => {
                if method.text == "score"
                    && let Some(detector) = self.detector(owner)
                {
                    return self.score(&detector, arguments, at);
                }
                let known = ["within"];
                let error = self.error(
                    "G0204",
                    method.span,
                    format!("there is no function `{}`", method.text),
                    "nothing of this name can be called",
                );
                let error = match closest(&method.text, known) {
                    Some(meant) => error.with_help(format!("write `{meant}`")),
                    None => error.with_help(
                        "a path has `.within(folder)`; a function of your own is called `f(x)`",
                    ),
                };
                self.wrong(at, error)
            }
            ast::ExprKind::Name(name) => self.call_named(name, callee.span, arguments, at),
            _ => {
                let error =
                    self.error("G0204", callee.span, "this cannot be called", "not a function");
                self.wrong(at, error)
            }
        }
    }

    fn within(
        &mut self,
        owner: &ast::Expr,
        method: &Name,
        arguments: &[Argument],
        at: Span,
    ) -> Typed {
        let owner = self.infer(owner);
        let span = self.at(at);
        if owner.is_error() || !self.is_present(&owner) {
            return Typed::error(span);
        }
        if owner.ty != Ty::Text(TextKind::Path) {
            let words = owner.ty.words();
            let error = self.error(
                "G0204",
                method.span,
                format!("{words} has no `within`"),
                "only a path lies within a folder",
            );
            return self.wrong(at, error);
        }
        let [Argument { name: None, value: ArgumentValue::Value(folder), .. }] = arguments else {
            let error = self.error(
                "G0205",
                at,
                "`within` takes one folder",
                "the number of arguments is wrong",
            );
            return self.wrong(at, error.with_help("write `….within(\"/folder\")`"));
        };
        let folder = self.infer(folder);
        if folder.is_error() {
            return Typed::error(span);
        }
        let Value::Expr(ExprKind::Text(text)) = &folder.value else {
            let at = folder.span;
            let error = self.error(
                "G0207",
                at,
                "the folder is not known when the policy is compiled",
                "write it out, or name it with `const`",
            );
            return self.wrong(at, error);
        };
        let Some(folder_text) = canonical_text(TextKind::Path, text) else {
            let error =
                self.error("G0213", folder.span, format!("`{text}` is not a path"), "not a path");
            return self.wrong(folder.span, error);
        };
        let Some(path) = owner.expr() else { return Typed::error(span) };
        let made = |kind| Expr { kind, span };
        let text = |text: String| Box::new(made(ExprKind::Text(text)));
        let below = if folder_text.ends_with('/') {
            folder_text.clone()
        } else {
            format!("{folder_text}/")
        };
        let kind = ExprKind::Or(vec![
            made(ExprKind::TextEqual(Box::new(path.clone()), text(folder_text))),
            made(ExprKind::StartsWith(Box::new(path), text(below))),
        ]);
        Typed::computed(Ty::Bool, kind, span)
    }

    fn call_named(&mut self, name: &str, callee: Span, arguments: &[Argument], at: Span) -> Typed {
        let decl = self.module.name(name).cloned();
        let decl = decl.filter(|decl| matches!(&*decl.kind, ItemKind::Fn(_)));
        let Some(decl) = decl else {
            return match self.question(name, arguments, at) {
                Some(typed) => typed,
                None => self.no_function(name, callee, at),
            };
        };
        let ItemKind::Fn(function) = &*decl.kind else { return Typed::error(self.at(at)) };
        let Some(values) = self.arguments(name, &decl, &function.parameters, arguments, at) else {
            return Typed::error(self.at(at));
        };
        let Some(entered) = self.enter(name, &decl, at) else { return Typed::error(self.at(at)) };
        self.locals = function.parameters.iter().map(|p| p.name.text.clone()).zip(values).collect();
        let mut result = self.infer(&function.body);
        let wanted = self.resolver(&decl).ty(&function.result);
        self.take_as(&mut result, &wanted);
        let span = self.leave(entered);
        Typed { span, literal: false, here: false, ..result }
    }

    fn no_function(&mut self, name: &str, callee: Span, at: Span) -> Typed {
        let functions = self.module.names().filter(|(_, d)| matches!(&*d.kind, ItemKind::Fn(_)));
        let known = functions.map(|(name, _)| name).chain(QUESTIONS.iter().copied());
        let headline = format!("there is no function `{name}`");
        let error = self.error("G0204", callee, headline, "not declared here");
        let error = match closest(name, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(self.at(callee), ""), meant),
            None => error,
        };
        self.unknown(at, error)
    }

    /// What is given to a function or a policy.
    pub(crate) fn arguments(
        &mut self,
        name: &str,
        decl: &Declaration,
        parameters: &[ast::Field],
        arguments: &[Argument],
        at: Span,
    ) -> Option<Vec<Typed>> {
        if arguments.len() != parameters.len() {
            let (given, wanted) = (arguments.len(), parameters.len());
            let error = self
                .error(
                    "G0205",
                    at,
                    format!("`{name}` takes {wanted} arguments, not {given}"),
                    "the number of arguments is wrong",
                )
                .with_related(decl.label(decl.name_span(), "declared here"));
            self.report(error);
            return None;
        }
        let pairs = arguments.iter().zip(parameters);
        // Each is read even where one before it is wrong: they are mistakes of their own.
        let values: Vec<Option<Typed>> =
            pairs.map(|(given, wanted)| self.argument(name, decl, given, wanted)).collect();
        values.into_iter().collect()
    }

    fn argument(
        &mut self,
        function: &str,
        decl: &Declaration,
        argument: &Argument,
        parameter: &ast::Field,
    ) -> Option<Typed> {
        let expected = &parameter.name.text;
        if let Some(name) = argument.name.as_ref().filter(|name| name.text != *expected) {
            let headline = format!("`{function}` takes `{expected}` here, not `{}`", name.text);
            let error = self
                .error("G0205", name.span, headline, "arguments stand in the order declared")
                .with_related(decl.label(parameter.name.span, "declared here"));
            self.report(error);
            return None;
        }
        let ArgumentValue::Value(value) = &argument.value else {
            let label = "a value is needed here";
            let error = self.error("G0205", argument.span, "an event is no argument", label);
            self.report(error);
            return None;
        };
        let wanted = self.resolver(decl).ty(&parameter.ty);
        let mut value = self.infer(value);
        if !self.take_as(&mut value, &wanted) {
            if value.is_error() || wanted == Ty::Error || !self.is_present(&value) {
                return None;
            }
            let (given, wanted_words) = (value.ty.words(), wanted.words());
            let headline = format!("`{function}` takes {wanted_words}, not {given}");
            let error = self
                .error("G0210", argument.span, headline, format!("this is {given}"))
                .with_related(
                    decl.label(parameter.name.span, format!("`{expected}` is declared here")),
                );
            let error = self.with_float_fix(error, &value, &wanted);
            self.report(error);
            return None;
        }
        // What the parameter is declared as, the body was checked with: a literal is one no more.
        Some(Typed { literal: false, here: false, level: self.level, ..value })
    }

    /// Takes a value as one of the type declared for it; false where it is of another. What is
    /// there goes where something may be absent, and a word of a union where a string is wanted.
    pub(crate) fn take_as(&mut self, value: &mut Typed, wanted: &Ty) -> bool {
        self.adapt(value, wanted);
        if value.is_error() || *wanted == Ty::Error {
            return false;
        }
        let plain = Ty::Text(TextKind::Plain);
        if matches!(value.ty, Ty::OneOf(_)) && wanted.present() == plain {
            value.ty = plain;
        }
        if matches!((&value.ty, wanted.present()), (Ty::List(inner), Ty::List(_)) if **inner == Ty::Error)
        {
            value.ty = wanted.present();
        }
        value.ty == *wanted || Ty::Optional(Arc::new(value.ty.clone())) == *wanted
    }

    /// Goes into the declaration of a constant or a function; `None` where it needs itself.
    pub(crate) fn enter(&mut self, name: &str, decl: &Declaration, at: Span) -> Option<Entered> {
        let key = format!("{}/{name}", decl.module);
        if let Some(first) = self.inside.iter().position(|inside| *inside == key) {
            let circle = self.inside.get(first..).unwrap_or_default();
            // Every declaration of a circle meets it; the first of them by name says it.
            if self.root.as_ref() == Some(&key) && circle.iter().min() == Some(&key) {
                let headline = format!("`{name}` needs itself");
                let error = self
                    .error("G0206", at, headline, "it would never come to an end")
                    .with_related(decl.label(decl.name_span(), "declared here"));
                self.reporter.push(error);
            }
            self.failed = true;
            return None;
        }
        if self.inside.len() >= CHAIN_MAX {
            let headline = format!("more than {CHAIN_MAX} declarations lead from one to the next");
            let error = self.reporter.error("G0218", self.at(at), headline, "used here");
            self.report_here(error.with_help("write some of them in one"));
            return None;
        }
        let module = self.environment.modules.get(&decl.module).cloned().unwrap_or_default();
        let entered = Entered {
            locals: std::mem::take(&mut self.locals),
            module: std::mem::replace(&mut self.module, module),
            scene: std::mem::replace(&mut self.scene, Scene::Nowhere),
            principal: self.principal.take(),
            given: self.given.take(),
            used_at: self.used_at,
            span: self.at(at),
        };
        self.used_at = Some(entered.span);
        self.inside.push(key);
        Some(entered)
    }

    pub(crate) fn leave(&mut self, entered: Entered) -> Span {
        self.inside.pop();
        self.locals = entered.locals;
        self.module = entered.module;
        self.scene = entered.scene;
        self.principal = entered.principal;
        self.given = entered.given;
        self.used_at = entered.used_at;
        entered.span
    }
}

/// What is put aside while an inlined body is read.
pub(crate) struct Entered {
    locals: Vec<(String, Typed)>,
    module: Arc<Module>,
    scene: Scene,
    principal: Option<Arc<RecordTy>>,
    given: Option<Arc<Vec<(String, Typed)>>>,
    used_at: Option<Span>,
    span: Span,
}
