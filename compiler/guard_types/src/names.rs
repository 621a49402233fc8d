//! What a name, a field and a call mean inside an expression.

use crate::infer::Checker;
use crate::scene::{Scene, Shared};
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::{RecordTy, Ty};
use crate::typed::{Namespace, Typed, Value};
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::ast::{self, Argument, ArgumentValue, ItemKind, Name};
use guard_grammar::span::Span;
use guard_hir::Declaration;
use guard_plan::{Meta, Part, TextKind};
use guard_value::canonical_text;
use std::sync::Arc;

/// Questions about the past and about text, which have no meaning yet.
const NOT_YET: &[&str] =
    &["seen", "count", "last", "succeeded", "novel", "trust", "carries", "grounded"];

const CALL_FIELDS: &[(&str, Meta)] = &[
    ("id", Meta::CallId),
    ("tool", Meta::CallTool),
    ("confidence", Meta::CallConfidence),
    ("cost", Meta::CallCost),
];

const SESSION_FIELDS: &[(&str, Meta)] =
    &[("id", Meta::SessionId), ("age", Meta::SessionAge), ("events", Meta::SessionEvents)];

fn meta(meta: Meta) -> (Ty, ValueRef) {
    let plain = Ty::Text(TextKind::Plain);
    let ty = match meta {
        Meta::Text | Meta::Source | Meta::CallId | Meta::CallTool | Meta::SessionId => plain,
        Meta::Failed => Ty::Bool,
        Meta::CallConfidence | Meta::CallCost => Ty::Optional(Arc::new(Ty::Float)),
        Meta::SessionAge => Ty::Duration,
        Meta::SessionEvents => Ty::Int,
        Meta::Now => Ty::Time,
    };
    (ty, ValueRef { root: Root::Meta(meta), path: Vec::new(), part: None })
}

impl Checker<'_> {
    pub(crate) fn name(&mut self, name: &str, at: Span) -> Typed {
        let span = self.at(at);
        if let Some((_, local)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return Typed { span, ..local.clone() };
        }
        match self.scene.argument(name) {
            Shared::Yes(ty) => return Typed::place(ty, rooted(Root::Arguments, name), span),
            Shared::No => {}
            Shared::Lacks(tool, other) => {
                let error = self.not_shared(name, at, &tool, &other);
                return self.wrong(at, error);
            }
            Shared::Differs(a, b) => {
                let error = self
                    .error(
                        "G0202",
                        at,
                        format!("`{name}` is not of one type in `{a}` and `{b}`"),
                        "a rule over both cannot read it",
                    )
                    .with_help("write a rule for each tool");
                return self.wrong(at, error);
            }
        }
        if let Some(typed) = self.surroundings(name, span) {
            return typed;
        }
        if let Some(field) = self.principal.as_ref().and_then(|p| p.field(name)) {
            return Typed::place(field.ty.clone(), rooted(Root::Principal, name), span);
        }
        if let Some(decl) = self.module.names.get(name).cloned() {
            return self.declared(name, &decl, at);
        }
        let error = self.unknown_name(name, at);
        self.wrong(at, error)
    }

    fn surroundings(&mut self, name: &str, span: Span) -> Option<Typed> {
        let place = |m: Meta| {
            let (ty, place) = meta(m);
            Some(Typed::place(ty, place, span))
        };
        let space = |space: Namespace| {
            Some(Typed { ty: Ty::Json, value: Value::Namespace(space), span, literal: false })
        };
        match (name, &self.scene) {
            ("text", Scene::Input | Scene::Output | Scene::Result(_)) => place(Meta::Text),
            ("source", Scene::Input) => place(Meta::Source),
            ("failed", Scene::Result(_)) => place(Meta::Failed),
            ("value", Scene::Result(_)) => {
                let ty = self.scene.result()?;
                let place = ValueRef { root: Root::ResultValue, path: Vec::new(), part: None };
                Some(Typed::place(ty, place, span))
            }
            ("args", Scene::Call(_)) => space(Namespace::Arguments),
            ("call", Scene::Call(_)) => space(Namespace::Call),
            ("session", _) => space(Namespace::Session),
            ("now", _) => place(Meta::Now),
            _ => None,
        }
    }

    fn not_shared(&self, name: &str, at: Span, lacking: &str, having: &str) -> Diagnostic {
        let error = self.error(
            "G0202",
            at,
            format!("tool `{lacking}` has no argument `{name}`"),
            format!("`{having}` has it, `{lacking}` does not"),
        );
        let error = match self.environment.tools.get(lacking) {
            Some(decl) => error.with_related(
                decl.label(decl.name_span(), format!("`{lacking}` is declared here")),
            ),
            None => error,
        };
        error.with_help(
            "a rule reads the arguments that all its tools have; write a rule for each kind",
        )
    }

    fn unknown_name(&self, name: &str, at: Span) -> Diagnostic {
        let tools: Vec<&str> = self.scene.tools().iter().map(|(tool, _)| tool.as_str()).collect();
        let headline = match (&self.scene, tools.as_slice()) {
            (Scene::Call(_), [tool]) => format!("tool `{tool}` has no argument `{name}`"),
            (Scene::Result(_), [tool]) if name == "value" => {
                format!("`{tool}` does not say what it returns")
            }
            _ => format!("`{name}` means nothing here"),
        };
        let label = match (&self.scene, tools.as_slice()) {
            (Scene::Call(_), [tool]) => format!("not an argument of `{tool}`"),
            _ => "neither a value of the event nor declared".to_owned(),
        };
        let error = self.error("G0201", at, headline, label);
        let here: Vec<&str> = match &self.scene {
            Scene::Input => vec!["text", "source"],
            Scene::Output => vec!["text"],
            Scene::Result(_) => vec!["text", "value", "failed"],
            Scene::Call(_) => vec!["args", "call"],
            Scene::Nowhere => Vec::new(),
        };
        let principal =
            self.principal.iter().flat_map(|p| p.fields.iter().map(|f| f.name.as_str()));
        let locals = self.locals.iter().map(|(name, _)| name.as_str());
        let known = self
            .scene
            .argument_names()
            .into_iter()
            .chain(here)
            .chain(principal)
            .chain(locals)
            .chain(self.module.names.keys().map(String::as_str))
            .chain(["session", "now"]);
        match closest(name, known) {
            Some(meant) => {
                let error = error
                    .with_help(format!("write `{meant}`"))
                    .with_fix(self.reporter.label(self.at(at), ""), meant);
                match self.argument_place(meant) {
                    Some(label) => error.with_related(label),
                    None => error,
                }
            }
            None => error,
        }
    }

    /// Where an argument of the rule's first tool that has it is declared.
    fn argument_place(&self, name: &str) -> Option<guard_diagnostic::Label> {
        self.scene.tools().iter().find_map(|(tool, _)| {
            let decl = self.environment.tools.get(tool)?;
            let field = decl.tool()?.arguments.iter().find(|field| field.name.text == name)?;
            Some(decl.label(field.name.span, format!("`{name}` is declared here")))
        })
    }

    fn declared(&mut self, name: &str, decl: &Declaration, at: Span) -> Typed {
        match &*decl.kind {
            ItemKind::Data(_) => {
                let ty = self.signatures.data.get(name).cloned().unwrap_or(Ty::Error);
                if ty == Ty::Error {
                    self.failed = true;
                    return Typed::error(self.at(at));
                }
                Typed::place(ty, rooted(Root::Data, name), self.at(at))
            }
            ItemKind::Const(constant) => {
                let Some(entered) = self.enter(name, decl, at) else {
                    return Typed::error(self.at(at));
                };
                let value = self.infer(&constant.value);
                let span = self.leave(entered);
                Typed { span, literal: true, ..value }
            }
            ItemKind::Fn(_) => {
                let error = self.error(
                    "G0204",
                    at,
                    format!("`{name}` is a function"),
                    "it needs its arguments",
                );
                self.wrong(at, error.with_help(format!("write `{name}(…)`")))
            }
            ItemKind::Detector(_) => self.not_yet(at, "a detector"),
            _ => {
                let error = self.error(
                    "G0201",
                    at,
                    format!("`{name}` is no value"),
                    "a value is needed here",
                );
                self.wrong(at, error)
            }
        }
    }

    pub(crate) fn field(&mut self, owner: &ast::Expr, field: &Name, at: Span) -> Typed {
        let owner = self.infer(owner);
        let span = self.at(at);
        if owner.is_error() {
            return Typed::error(span);
        }
        if let Value::Namespace(space) = owner.value {
            return self.of_namespace(space, field, at);
        }
        if !self.is_present(&owner) {
            return Typed::error(span);
        }
        let name = field.text.as_str();
        match (&owner.ty, &owner.value) {
            (Ty::Record(record), Value::Place(place)) => match record.field(name) {
                Some(found) => Typed::place(found.ty.clone(), below(place, name), span),
                None => {
                    let known: Vec<&str> = record.fields.iter().map(|f| f.name.as_str()).collect();
                    self.no_field(field, &owner, &known)
                }
            },
            (Ty::List(_), Value::Place(place)) if name == "length" => {
                Typed::computed(Ty::Int, ExprKind::RowCount(place.clone()), span)
            }
            (Ty::List(_), Value::List(elements)) if name == "length" => {
                let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                Typed::literal(Ty::Int, ExprKind::Int(count), span)
            }
            (Ty::List(_), Value::Either(place, elements)) if name == "length" => {
                let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                let made = |kind| Box::new(Expr { kind, span });
                let kind = ExprKind::Choose(
                    made(ExprKind::Present(place.clone())),
                    made(ExprKind::RowCount(place.clone())),
                    made(ExprKind::Int(count)),
                );
                Typed::computed(Ty::Int, kind, span)
            }
            (ty, _) if ty.is_text() && name == "length" => match owner.expr() {
                Some(text) => Typed::computed(Ty::Int, ExprKind::CharCount(Box::new(text)), span),
                None => Typed::error(span),
            },
            (Ty::Text(kind), Value::Place(place)) if place.part.is_none() => {
                match kind.parts().iter().find(|part| part.word() == name) {
                    Some(part) => Typed::place(
                        part_type(*part),
                        ValueRef { part: Some(*part), ..place.clone() },
                        span,
                    ),
                    None => {
                        let mut known: Vec<&str> =
                            kind.parts().iter().map(|part| part.word()).collect();
                        known.push("length");
                        self.no_field(field, &owner, &known)
                    }
                }
            }
            _ => self.no_field(field, &owner, &[]),
        }
    }

    fn of_namespace(&mut self, space: Namespace, field: &Name, at: Span) -> Typed {
        let span = self.at(at);
        let fields = match space {
            Namespace::Arguments => {
                return match self.scene.argument(&field.text) {
                    Shared::Yes(ty) => Typed::place(ty, rooted(Root::Arguments, &field.text), span),
                    Shared::Lacks(tool, other) => {
                        let error = self.not_shared(&field.text, field.span, &tool, &other);
                        self.wrong(at, error)
                    }
                    _ => {
                        let error = self.unknown_name(&field.text, field.span);
                        self.wrong(at, error)
                    }
                };
            }
            Namespace::Call => CALL_FIELDS,
            Namespace::Session => SESSION_FIELDS,
        };
        if let Some((_, found)) = fields.iter().find(|(word, _)| *word == field.text) {
            let (ty, place) = meta(*found);
            return Typed::place(ty, place, span);
        }
        let word = if space == Namespace::Call { "call" } else { "session" };
        let error = self.error(
            "G0203",
            field.span,
            format!("`{word}` has no field `{}`", field.text),
            "no such field",
        );
        let error = match closest(&field.text, fields.iter().map(|(word, _)| *word)) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(self.at(field.span), ""), meant),
            None => error,
        };
        self.wrong(at, error)
    }

    fn no_field(&mut self, field: &Name, owner: &Typed, known: &[&str]) -> Typed {
        let error = self.error(
            "G0203",
            field.span,
            format!("{} has no field `{}`", owner.ty.words(), field.text),
            "no such field",
        );
        let error = match closest(&field.text, known.iter().copied()) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(self.at(field.span), ""), meant),
            None if known.is_empty() => error,
            None => error.with_help(format!("it has {}", known.join(", "))),
        };
        self.wrong(field.span, error)
    }

    pub(crate) fn call(&mut self, callee: &ast::Expr, arguments: &[Argument], at: Span) -> Typed {
        match &callee.kind {
            ast::ExprKind::Field(owner, method) if method.text == "within" => {
                self.within(owner, method, arguments, at)
            }
            ast::ExprKind::Field(_, method) => {
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
        let decl =
            self.module.names.get(name).filter(|d| matches!(&*d.kind, ItemKind::Fn(_))).cloned();
        let Some(decl) = decl else {
            if NOT_YET.contains(&name) {
                return self.not_yet(at, &format!("`{name}`"));
            }
            let functions =
                self.module.names.iter().filter(|(_, d)| matches!(&*d.kind, ItemKind::Fn(_)));
            let meant = closest(name, functions.map(|(name, _)| name.as_str())).map(str::to_owned);
            let error = self.error(
                "G0204",
                callee,
                format!("there is no function `{name}`"),
                "not declared here",
            );
            let error = match meant {
                Some(meant) => error
                    .with_help(format!("write `{meant}`"))
                    .with_fix(self.reporter.label(self.at(callee), ""), meant),
                None => error,
            };
            return self.wrong(at, error);
        };
        let ItemKind::Fn(function) = &*decl.kind else { return Typed::error(self.at(at)) };
        let Some(values) = self.arguments(name, &decl, function, arguments, at) else {
            return Typed::error(self.at(at));
        };
        let Some(entered) = self.enter(name, &decl, at) else { return Typed::error(self.at(at)) };
        self.locals = function.parameters.iter().map(|p| p.name.text.clone()).zip(values).collect();
        let mut result = self.infer(&function.body);
        if result.ty == Ty::Bool && matches!(result.value, Value::Place(_)) {
            result = match result.expr() {
                Some(expr) => Typed::computed(Ty::Bool, expr.kind, expr.span),
                None => result,
            };
        }
        let span = self.leave(entered);
        Typed { span, literal: false, ..result }
    }

    fn arguments(
        &mut self,
        name: &str,
        decl: &Declaration,
        function: &ast::FnDecl,
        arguments: &[Argument],
        at: Span,
    ) -> Option<Vec<Typed>> {
        if arguments.len() != function.parameters.len() {
            let (given, wanted) = (arguments.len(), function.parameters.len());
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
        let mut values = Vec::with_capacity(arguments.len());
        for (argument, parameter) in arguments.iter().zip(&function.parameters) {
            let ArgumentValue::Value(value) = &argument.value else {
                let error = self.error(
                    "G0205",
                    argument.span,
                    "an event is no argument",
                    "a value is needed here",
                );
                self.report(error);
                return None;
            };
            let wanted = self.resolver(decl).ty(&parameter.ty);
            let mut value = self.infer(value);
            self.adapt(&mut value, &wanted);
            if value.is_error() || wanted == Ty::Error {
                return None;
            }
            if value.ty != wanted && !matches!(wanted, Ty::Optional(_)) && !self.is_present(&value)
            {
                return None;
            }
            if value.ty != wanted && Ty::Optional(Arc::new(value.ty.clone())) != wanted {
                let (given, wanted_words) = (value.ty.words(), wanted.words());
                let error = self
                    .error(
                        "G0210",
                        argument.span,
                        format!("`{name}` takes {wanted_words}, not {given}"),
                        format!("this is {given}"),
                    )
                    .with_related(decl.label(
                        parameter.name.span,
                        format!("`{}` is declared here", parameter.name.text),
                    ));
                self.report(error);
                return None;
            }
            values.push(value);
        }
        Some(values)
    }

    /// Goes into the declaration of a constant or a function; `None` where it needs itself.
    fn enter(&mut self, name: &str, decl: &Declaration, at: Span) -> Option<Entered> {
        let key = format!("{}/{name}", decl.module);
        if self.inside.contains(&key) || self.inside.len() >= 64 {
            let error = self
                .error(
                    "G0206",
                    at,
                    format!("`{name}` needs itself"),
                    "it would never come to an end",
                )
                .with_related(decl.label(decl.name_span(), "declared here"));
            self.failed = true;
            // Every way round the circle meets it; the declaration's own check says it once.
            if self.used_at.is_none() || self.inside.first() == Some(&key) {
                self.reporter.push(error);
            }
            return None;
        }
        let module = self.environment.modules.get(&decl.module).cloned().unwrap_or_default();
        let entered = Entered {
            locals: std::mem::take(&mut self.locals),
            module: std::mem::replace(&mut self.module, module),
            scene: std::mem::replace(&mut self.scene, Scene::Nowhere),
            principal: self.principal.take(),
            used_at: self.used_at,
            span: self.at(at),
        };
        self.used_at = Some(entered.span);
        self.inside.push(key);
        Some(entered)
    }

    fn leave(&mut self, entered: Entered) -> Span {
        self.inside.pop();
        self.locals = entered.locals;
        self.module = entered.module;
        self.scene = entered.scene;
        self.principal = entered.principal;
        self.used_at = entered.used_at;
        entered.span
    }
}

/// What is put aside while an inlined body is read.
struct Entered {
    locals: Vec<(String, Typed)>,
    module: Arc<guard_hir::Module>,
    scene: Scene,
    principal: Option<Arc<RecordTy>>,
    used_at: Option<Span>,
    span: Span,
}

fn rooted(root: Root, name: &str) -> ValueRef {
    ValueRef { root, path: vec![name.to_owned()], part: None }
}

fn below(place: &ValueRef, field: &str) -> ValueRef {
    let mut place = place.clone();
    place.path.push(field.to_owned());
    place
}

fn part_type(part: Part) -> Ty {
    let ty = match part {
        Part::Port => Ty::Int,
        Part::IsPrivate => Ty::Bool,
        Part::Domain | Part::Host => Ty::Text(TextKind::Host),
        Part::Local | Part::Scheme | Part::Path | Part::Query | Part::Extension => {
            Ty::Text(TextKind::Plain)
        }
    };
    if part.is_optional() { Ty::Optional(Arc::new(ty)) } else { ty }
}
