//! Where a value came from: `x from user`, `trust(x) >= colleague`, `carries(body, confidential)`.

use crate::ToolTypes;
use crate::asked::{Asked, SourceRef};
use crate::infer::Checker;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use crate::vacuous::CheckedAt;
use crate::walk::for_each_value;
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::ast::{self, Argument, ArgumentValue, LabelKind, Origin, OriginKind, Target};
use guard_grammar::span::Span;
use guard_hir::{Resolved, resolve_target};
use guard_plan::Sources;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Words after `from` that the language knows.
const WORDS: [&str; 3] = ["user", "untrusted", "nowhere"];

/// A value that a question about the session results in.
pub(crate) fn asked(ty: Ty, question: Asked, span: Span) -> Typed {
    let root = Root::Asked(Arc::new(question));
    Typed::place(ty, ValueRef { root, path: Vec::new(), part: None }, span)
}

impl Checker<'_> {
    /// `x from …`: of a list or a record, that every part of it is.
    pub(crate) fn origin(
        &mut self,
        value: &ast::Expr,
        whole: bool,
        origin: &Origin,
        at: Span,
    ) -> Option<Expr> {
        let typed = self.infer(value);
        let sources = self.sources(origin);
        if typed.is_error() || !self.is_present(&typed) {
            return None;
        }
        let (sources, is_nowhere) = sources?;
        let span = self.at(at);
        let found = self.all_from(&typed, &sources, whole, is_nowhere, at)?;
        Some(Expr { span, ..found })
    }

    /// That every part of a value came from these sources, or that none of it came from anywhere.
    fn all_from(
        &mut self,
        typed: &Typed,
        sources: &[SourceRef],
        whole: bool,
        is_nowhere: bool,
        at: Span,
    ) -> Option<Expr> {
        let span = self.at(at);
        let Value::Place(place) = &typed.value else { return self.no_origin(typed, at) };
        if !self.is_of_event(place) {
            return self.no_origin(typed, at);
        }
        let made = |kind| Expr { kind, span };
        match typed.ty.present() {
            Ty::Text(_) | Ty::OneOf(_) | Ty::Int | Ty::Float => {
                let question =
                    Asked::Origin { subject: place.clone(), sources: sources.to_vec(), whole };
                let found = asked(Ty::Bool, question, span).expr()?;
                Some(if is_nowhere { made(ExprKind::Not(Box::new(found))) } else { found })
            }
            Ty::List(element) => {
                let root = Root::Element(self.level);
                let inner = ValueRef { root, path: Vec::new(), part: None };
                let inner = Typed::place(element.present(), inner, span);
                self.level += 1;
                self.over_event.push(true);
                let body = self.all_from(&inner, sources, whole, is_nowhere, at);
                self.over_event.pop();
                self.level -= 1;
                Some(made(ExprKind::Quantify(true, place.clone(), Box::new(body?))))
            }
            Ty::Record(record) => {
                let mut all = Vec::new();
                for field in &record.fields {
                    let mut inner = place.clone();
                    inner.path.push(field.name.clone());
                    let is_optional = matches!(field.ty, Ty::Optional(_));
                    let of = Typed::place(field.ty.present(), inner.clone(), span);
                    if matches!(of.ty, Ty::Bool) {
                        continue;
                    }
                    let found = self.all_from(&of, sources, whole, is_nowhere, at)?;
                    let absent = || {
                        let present = made(ExprKind::Present(inner.clone()));
                        made(ExprKind::Not(Box::new(present)))
                    };
                    all.push(if is_optional {
                        made(ExprKind::Or(vec![absent(), found]))
                    } else {
                        found
                    });
                }
                Some(made(ExprKind::And(all)))
            }
            _ => self.no_origin(typed, at),
        }
    }

    fn no_origin(&mut self, typed: &Typed, at: Span) -> Option<Expr> {
        let words = typed.ty.words();
        let error = self
            .error("G0221", at, "the origin of this is not known", format!("this is {words}"))
            .with_help("ask about an argument, an element of one, or a part such as `.domain`");
        self.report(error);
        None
    }

    /// What `from` names, and whether it is `nowhere`.
    fn sources(&mut self, origin: &Origin) -> Option<(Vec<SourceRef>, bool)> {
        let one = |source| Some((vec![source], false));
        match &origin.kind {
            OriginKind::Named(name) => match name.text.as_str() {
                "user" => one(SourceRef::User),
                "untrusted" => one(SourceRef::Untrusted),
                "nowhere" => Some((vec![SourceRef::Anywhere], true)),
                word => {
                    let found = self.level_or_label(word);
                    if found.is_none() {
                        self.unknown_source(name);
                    }
                    found.map(|sources| (sources, false))
                }
            },
            OriginKind::ResultOf(target) => one(SourceRef::Results(self.tools_of(target)?)),
            OriginKind::FieldOf(field, target) => {
                one(SourceRef::Field(field.value.clone(), self.tools_of(target)?))
            }
        }
    }

    fn tools_of(&mut self, target: &Target) -> Option<Vec<String>> {
        let resolved = resolve_target(&self.module, target, &mut self.reporter);
        match resolved {
            Some(Resolved::Calls(tools) | Resolved::Results(tools)) => Some(tools),
            _ => {
                self.failed = true;
                None
            }
        }
    }

    /// The sources of a trust level, or of the tools with a label.
    fn level_or_label(&self, word: &str) -> Option<Vec<SourceRef>> {
        if self.signatures.trust.iter().any(|level| level == word) {
            return Some(self.of_level(word));
        }
        let name = ast::Name { text: word.to_owned(), span: Span::default() };
        let tools: Vec<String> =
            self.module.tools_labelled(&LabelKind::Plain(name)).map(str::to_owned).collect();
        let mut sources = self.fields_labelled(word);
        if !tools.is_empty() {
            sources.push(SourceRef::Results(tools));
        }
        sources.sort();
        (!sources.is_empty()).then_some(sources)
    }

    /// The fields of results that bear a label.
    fn fields_labelled(&self, word: &str) -> Vec<SourceRef> {
        let of_tool = |(tool, types): (&String, &Arc<ToolTypes>)| {
            let fields = types.labelled_fields.iter().filter(|(_, label)| label == word);
            fields.map(|(path, _)| (tool.clone(), path.clone())).collect::<Vec<_>>()
        };
        let fields: Vec<_> = self.signatures.tools.iter().flat_map(of_tool).collect();
        if fields.is_empty() { Vec::new() } else { vec![SourceRef::Labelled(fields)] }
    }

    fn of_level(&self, level: &str) -> Vec<SourceRef> {
        let mut sources = Vec::new();
        if level == "user" {
            sources.push(SourceRef::User);
        }
        let name = ast::Name { text: level.to_owned(), span: Span::default() };
        let mut tools: Vec<String> =
            self.module.tools_labelled(&LabelKind::Trust(name)).map(str::to_owned).collect();
        tools.sort();
        if !tools.is_empty() {
            sources.push(SourceRef::Results(tools));
        }
        sources.extend(self.fields_labelled(level));
        sources
    }

    fn unknown_source(&mut self, name: &ast::Name) {
        let error = self.error(
            "G0222",
            name.span,
            format!("there is no source `{}`", name.text),
            "neither a trust level nor a label of a tool",
        );
        let known = self.signatures.trust.iter().map(String::as_str);
        let known = WORDS.into_iter().chain(known).chain(self.module.labels());
        let error = match closest(&name.text, known) {
            Some(meant) => error.with_help(format!("write `from {meant}`")),
            None => error.with_help("write `from user`, `from untrusted`, `from result of TOOL`"),
        };
        self.report(error);
    }

    /// `trust(x) >= level`, where the left side is a call of `trust`.
    pub(crate) fn trust_at_least(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        at: Span,
    ) -> Option<Typed> {
        let ast::ExprKind::Call(callee, arguments) = &left.kind else { return None };
        if !matches!(&callee.kind, ast::ExprKind::Name(name) if name == "trust") {
            return None;
        }
        let span = self.at(at);
        let [Argument { name: None, value: ArgumentValue::Value(value), .. }] =
            arguments.as_slice()
        else {
            let error = self.error("G0205", at, "`trust` takes one value", "of which value?");
            return Some(self.wrong(at, error));
        };
        let ast::ExprKind::Name(level) = &right.kind else {
            let error = self.error("G0222", right.span, "this is no trust level", "not a level");
            return Some(self.wrong(right.span, error));
        };
        let Some(place) = self.signatures.trust.iter().position(|known| known == level) else {
            let name = ast::Name { text: level.clone(), span: right.span };
            self.unknown_source(&name);
            return Some(Typed::error(span));
        };
        let levels = self.signatures.trust.get(..=place).unwrap_or_default().to_vec();
        let mut sources: Vec<SourceRef> =
            levels.iter().flat_map(|level| self.of_level(level)).collect();
        sources.sort();
        sources.dedup();
        let typed = self.infer(value);
        if typed.is_error() || !self.is_present(&typed) {
            return Some(Typed::error(span));
        }
        if sources.is_empty() {
            return Some(Typed::computed(Ty::Bool, ExprKind::Truth(false), span));
        }
        Some(match self.all_from(&typed, &sources, false, false, at) {
            Some(found) => Typed::computed(Ty::Bool, found.kind, span),
            None => Typed::error(span),
        })
    }

    /// `carries(body, confidential)`.
    pub(crate) fn carries(&mut self, arguments: &[Argument], at: Span) -> Typed {
        let span = self.at(at);
        let [
            Argument { name: None, value: ArgumentValue::Value(value), .. },
            Argument { name: None, value: ArgumentValue::Value(what), .. },
        ] = arguments
        else {
            let error =
                self.error("G0205", at, "`carries` takes a text and a label", "of which text?");
            let error = error.with_help("write `carries(body, confidential)`");
            return self.wrong(at, error);
        };
        if !matches!(&what.kind, ast::ExprKind::Name(name) if name == "confidential") {
            let error = self.error("G0222", what.span, "only `confidential` is carried", "not it");
            return self.wrong(what.span, error);
        }
        let typed = self.infer(value);
        if typed.is_error() || !self.is_present(&typed) {
            return Typed::error(span);
        }
        match (&typed.ty, &typed.value) {
            (Ty::Text(_), Value::Place(place)) if self.is_of_event(place) => {
                asked(Ty::Bool, Asked::Carries(place.clone()), span)
            }
            _ => {
                let words = typed.ty.words();
                let error =
                    self.error("G0221", at, "this carries nothing", format!("this is {words}"));
                self.wrong(at, error)
            }
        }
    }
}

/// The rule at which an agent tells more sources apart than a session has bits for.
pub(crate) fn too_many_sources(rules: &[CheckedAt]) -> Option<Diagnostic> {
    let mut sources = BTreeSet::from([SourceRef::Anywhere, SourceRef::Untrusted, SourceRef::User]);
    for at in rules {
        for rule in &at.checked.rules {
            let Some(condition) = &rule.condition else { continue };
            for_each_value(condition, &mut |value| {
                if let Root::Asked(asked) = &value.root {
                    sources.extend(asked.sources().iter().cloned());
                }
            });
            if sources.len() > Sources::MAX {
                let text = "one more here".to_owned();
                let label = at.label(rule.span, text);
                let headline = format!("the rules tell more than {} sources apart", Sources::MAX);
                let error = Diagnostic::error("G0229", headline, label);
                return Some(error.with_help("give tools a label, and ask for the label"));
            }
        }
    }
    None
}
