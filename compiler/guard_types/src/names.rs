//! What a name and a field mean inside an expression.

use crate::asked::Asked;
use crate::given::placed;
use crate::infer::Checker;
use crate::origins::asked;
use crate::scene::{Scene, Shared};
use crate::simplify;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Namespace, Typed, Value, moved_in};
use guard_diagnostic::{Diagnostic, Label, closest};
use guard_grammar::ast::{self, ItemKind, Name};
use guard_grammar::span::Span;
use guard_hir::Declaration;
use guard_plan::{Meta, Part, TextKind};
use std::sync::Arc;

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
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        if let Some(local) = local.map(|(_, local)| local.clone()) {
            if self.spend(local.size(), span) {
                return Typed { span, here: false, ..moved_in(local, self.level) };
            }
            return Typed::error(span);
        }
        match self.scene.argument(name) {
            Shared::Yes(ty) => {
                if let Some(error) = self.is_ambiguous(name, at) {
                    return self.wrong(at, error);
                }
                return Typed::place(ty, rooted(Root::Arguments, name), span);
            }
            Shared::No => {}
            Shared::Lacks(tool, other) => {
                let error = self.not_shared(name, at, &tool, &other);
                return self.wrong(at, error);
            }
            Shared::Differs(a, b) => {
                let error = self.not_of_one_type(name, at, &a, &b);
                return self.wrong(at, error);
            }
        }
        if let Some(typed) = self.surroundings(name, span) {
            return typed;
        }
        if let Some(given) = self.given_value(name).map(|given| placed(given, span)) {
            self.reads_given = true;
            return if self.spend(given.size(), span) { given } else { Typed::error(span) };
        }
        if self.marks.names.contains(name) {
            return asked(Ty::Bool, Asked::Marked(self.marks.key(name)), span);
        }
        let parameter = self.principal.as_ref().and_then(|p| p.field(name));
        let decl = self.module.name(name).cloned();
        match (parameter, decl) {
            // What the file of a policy or a layer declares, an agent elsewhere does not replace.
            (Some(field), decl) if decl.is_none() || self.given.is_none() => {
                Typed::place(field.ty.clone(), rooted(Root::Principal, name), span)
            }
            (_, Some(decl)) => self.declared(name, &decl, at),
            (_, None) => {
                let error = self.unknown_name(name, at);
                self.unknown(at, error)
            }
        }
    }

    /// In a layer, an argument that has the name of something else: a tool of any file could change
    /// what the layer means.
    fn is_ambiguous(&self, name: &str, at: Span) -> Option<Diagnostic> {
        let declared = self.module.name(name);
        let is_taken = self.given_value(name).is_some()
            || self.marks.names.contains(name)
            || declared.is_some();
        if !self.marks.is_of_layer() || !is_taken {
            return None;
        }
        let headline = format!("`{name}` means two things in this layer");
        let label = "an argument of the tool, and a name of the layer's own";
        let error = self.error("G0234", at, headline, label);
        let error = match declared {
            Some(decl) => error.with_related(decl.label(decl.name_span(), "declared here")),
            None => error,
        };
        let error = match self.argument_place(name) {
            Some(argument) => error.with_related(argument),
            None => error,
        };
        Some(error.with_help(format!("write `args.{name}` for the argument, or rename the other")))
    }

    fn surroundings(&mut self, name: &str, span: Span) -> Option<Typed> {
        let place = |m: Meta| {
            let (ty, place) = meta(m);
            Some(Typed::place(ty, place, span))
        };
        let space = |space: Namespace| Some(Typed::of(Ty::Json, Value::Namespace(space), span));
        match (name, &self.scene) {
            ("text", Scene::Input | Scene::Output | Scene::Result(_)) => place(Meta::Text),
            ("source", Scene::Input) => place(Meta::Source),
            ("failed", Scene::Result(_)) => place(Meta::Failed),
            ("value", Scene::Result(_)) => {
                let ty = self.scene.result()?;
                let place = ValueRef { root: Root::ResultValue, path: Vec::new(), part: None };
                Some(Typed::place(ty, place, span))
            }
            ("args", Scene::Call(_)) if !self.in_past => space(Namespace::Arguments),
            ("call", Scene::Call(_)) => space(Namespace::Call),
            ("session", _) => space(Namespace::Session),
            ("now", _) => place(Meta::Now),
            _ => None,
        }
    }

    fn not_of_one_type(&self, name: &str, at: Span, a: &str, b: &str) -> Diagnostic {
        let headline = format!("`{name}` is not of one type in `{a}` and `{b}`");
        let error = self.error("G0202", at, headline, "a rule over both cannot read it");
        let error =
            [a, b].into_iter().fold(error, |error, tool| match self.argument_of(tool, name) {
                Some(label) => error.with_related(label),
                None => error,
            });
        error.with_help("write a rule for each tool")
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
            (Scene::Result(_), [_, _, ..]) if name == "value" => {
                "these tools do not all return one type".to_owned()
            }
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
        let is_value = |decl: &Declaration| !matches!(&*decl.kind, ItemKind::Policy(_));
        let values = self.module.names().filter(|(_, decl)| is_value(decl));
        let known = self
            .scene
            .argument_names()
            .into_iter()
            .chain(here)
            .chain(principal)
            .chain(locals)
            .chain(values.map(|(name, _)| name))
            .chain(self.given.iter().flat_map(|given| given.iter().map(|(name, _)| name.as_str())))
            .chain(self.marks.names.iter().map(String::as_str))
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
    fn argument_place(&self, name: &str) -> Option<Label> {
        self.scene.tools().iter().find_map(|(tool, _)| self.argument_of(tool, name))
    }

    fn argument_of(&self, tool: &str, name: &str) -> Option<Label> {
        let decl = self.environment.tools.get(tool)?;
        let field = decl.tool()?.arguments.iter().find(|field| field.name.text == name)?;
        Some(decl.label(field.name.span, format!("`{name}` is declared here")))
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
                let mut value = self.infer(&constant.value);
                if let Some(ty) = &constant.ty {
                    let wanted = self.resolver(decl).ty(ty);
                    self.adapt(&mut value, &wanted);
                }
                let value = self.fixed(name, value);
                let span = self.leave(entered);
                Typed { span, literal: true, here: false, ..value }
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
            ItemKind::Detector(_) => {
                let error = self.error(
                    "G0201",
                    at,
                    format!("`{name}` is a detector"),
                    "a value is needed here",
                );
                self.wrong(at, error.with_help(format!("write `text finds {name}`")))
            }
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

    /// The value of a constant, worked out; an error where it depends on an event.
    pub(crate) fn fixed(&mut self, name: &str, value: Typed) -> Typed {
        let folded = match &value.value {
            Value::Expr(kind) => {
                let expr = Expr { kind: kind.clone(), span: value.span };
                let kind = simplify::condition(expr).kind;
                let fixed = matches!(
                    kind,
                    ExprKind::Truth(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_)
                );
                fixed.then_some(Value::Expr(kind))
            }
            Value::List(elements) => {
                let fixed: Vec<Typed> =
                    elements.iter().map(|element| self.fixed(name, element.clone())).collect();
                let wrong = fixed.iter().any(Typed::is_error);
                Some(if wrong { Value::Error } else { Value::List(fixed) })
            }
            Value::Error => return value,
            Value::Place(_) | Value::Either(..) | Value::Namespace(_) | Value::Last(_) => None,
        };
        match folded {
            Some(Value::Error) => Typed::error(value.span),
            Some(folded) => Typed { value: folded, ..value },
            None => {
                let error = self
                    .error(
                        "G0207",
                        value.span,
                        format!("the value of `{name}` is not known when the policy is compiled"),
                        "depends on the event or the host",
                    )
                    .with_help("write a `fn` for what is worked out at each event");
                self.wrong(value.span, error)
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
        if let Value::Last(past) = &owner.value {
            return self.field_of_last(past, field, at);
        }
        if !self.is_present(&owner) {
            return Typed::error(span);
        }
        let name = field.text.as_str();
        match (&owner.ty, &owner.value) {
            (Ty::Record(record), Value::Place(place)) => match record.field(name) {
                Some(found) => {
                    let typed = Typed::place(found.ty.clone(), below(place, name), span);
                    self.remembered(typed, at)
                }
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
            (Ty::Text(kind), Value::Expr(_)) if kind.parts().iter().any(|p| p.word() == name) => {
                let error = self.error(
                    "G0207",
                    at,
                    format!("`.{name}` of a text that is written out"),
                    "only the parts of an event's texts are read",
                );
                self.wrong(at, error.with_help("write the part itself"))
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
                    Shared::Differs(a, b) => {
                        let error = self.not_of_one_type(&field.text, field.span, &a, &b);
                        self.wrong(at, error)
                    }
                    Shared::No => {
                        let error = self.unknown_name(&field.text, field.span);
                        self.wrong(at, error)
                    }
                };
            }
            Namespace::Session if field.text == "subject" => return self.session_subject(at),
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
        Part::IsPrivate
        | Part::Substitutes
        | Part::IsSimple
        | Part::IsOpaque
        | Part::Writes
        | Part::IsUnread => Ty::Bool,
        Part::Tables | Part::Functions => Ty::List(Arc::new(Ty::Text(TextKind::Name))),
        _ if part.is_list() => Ty::List(Arc::new(Ty::Text(TextKind::Plain))),
        Part::Domain | Part::Host => Ty::Text(TextKind::Host),
        _ => Ty::Text(TextKind::Plain),
    };
    if part.is_optional() { Ty::Optional(Arc::new(ty)) } else { ty }
}
