//! What an `include` gives to a policy's parameters.

use crate::check::declaration;
use crate::declared::{Resolver, signatures};
use crate::infer::Checker;
use crate::scene::Scene;
use crate::simplify;
use crate::site::{Site, view, whole};
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::FieldTy;
use crate::typed::{Typed, Value};
use crate::walk::{for_each_part, for_each_value_of, quantifiers_in};
use guard_db::{Db, Package, RuleNode};
use guard_diagnostic::{Anchor, Diagnostic};
use guard_grammar::ast::{Argument, ItemKind, PolicyDecl, RuleKind};
use guard_grammar::span::Span;
use guard_hir::{Declaration, Reporter, environment};
use std::sync::Arc;

/// The values of a policy's parameters in one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Given {
    /// By name.
    pub(crate) values: Arc<Vec<(String, Typed)>>,
    /// The same as if nothing but their types were known.
    pub(crate) unknown: Arc<Vec<(String, Typed)>>,
    /// What is wrong with the arguments, at the `include`.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What is wrong inside functions that the arguments call.
    pub(crate) hidden: Option<Diagnostic>,
    /// An argument is wrong; no rule of the policy can be checked.
    pub(crate) incomplete: bool,
}

/// Works out what a policy is given; nothing for what is no policy.
#[salsa::tracked(returns(clone))]
pub(crate) fn given<'db>(db: &'db dyn Db, package: Package, site: Site<'db>) -> Arc<Given> {
    let block = site.block(db);
    let decl = declaration(db, block.file, block.item);
    let ItemKind::Policy(policy) = &*decl.kind else { return Arc::default() };
    let unknown = Arc::new(unknown(db, package, &decl, policy));
    Arc::new(match site.through(db) {
        Some((outer, include)) => {
            let given = by_include(db, package, outer, include, (&decl, policy));
            Given { unknown, ..given }
        }
        None => Given { values: Arc::clone(&unknown), unknown, ..Given::default() },
    })
}

/// The parameters of a policy that nothing includes: values of which the type is all that is known.
fn unknown(
    db: &dyn Db,
    package: Package,
    decl: &Declaration,
    policy: &PolicyDecl,
) -> Vec<(String, Typed)> {
    let environment = environment(db, package);
    let fields = Resolver::new(&environment, decl).fields(&policy.parameters);
    let value = |field: FieldTy| {
        let place = ValueRef { root: Root::Principal, path: vec![field.name.clone()], part: None };
        (field.name, Typed::place(field.ty, place, Span::default()))
    };
    fields.into_iter().map(value).collect()
}

fn by_include<'db>(
    db: &'db dyn Db,
    package: Package,
    outer: Site<'db>,
    include: RuleNode<'db>,
    (decl, policy): (&Declaration, &PolicyDecl),
) -> Given {
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let view = view(db, package, outer);
    let content = include.rule(db);
    let RuleKind::Include(_, arguments) = &content.1 else { return Given::default() };
    let anchor = Anchor::Rule(include.key(db), 0);
    let mut checker = Checker::new(
        &environment,
        &signatures,
        Arc::clone(&view.module),
        Scene::Nowhere,
        Some(Arc::clone(&view.parameters)),
        Reporter::new(Arc::clone(&view.path), anchor),
    );
    let around = given(db, package, outer);
    let is_elsewhere = outer.agent(db) != Some(outer.block(db));
    checker.given = is_elsewhere.then(|| Arc::clone(&around.values));
    checker.marks = Arc::clone(&view.marks);
    checker.source = include.text(db);
    let name = &policy.name.text;
    let at = whole(db, include);
    let values = checker.arguments(name, decl, &policy.parameters, arguments, at);
    let values = values.and_then(|values| checker.fit_to_give(values, arguments));
    let mut given = Given { hidden: checker.hidden.take(), ..Given::default() };
    given.incomplete = values.is_none() || checker.failed || around.incomplete;
    let names = policy.parameters.iter().map(|parameter| parameter.name.text.clone());
    given.values = Arc::new(names.zip(values.unwrap_or_default()).collect());
    given.diagnostics = checker.reporter.diagnostics;
    given
}

impl Checker<'_> {
    /// Takes the arguments that mean the same wherever the policy reads them.
    fn fit_to_give(&mut self, values: Vec<Typed>, arguments: &[Argument]) -> Option<Vec<Typed>> {
        let mut fit = Vec::with_capacity(values.len());
        for (value, argument) in values.into_iter().zip(arguments) {
            if !is_fit(&value) {
                let headline = "a policy cannot be given what depends on what happened";
                let label = "no constant and no value of the agent's parameters";
                let error = self.error("G0233", argument.span, headline, label);
                self.report(error.with_help("ask for it in the policy's own rules"));
                return None;
            }
            fit.push(folded(value));
        }
        Some(fit)
    }

    /// What a parameter of the policy stands for, if it has one of this name.
    pub(crate) fn given_value(&self, name: &str) -> Option<&Typed> {
        let given = self.given.as_ref()?;
        given.iter().find(|(given, _)| given == name).map(|(_, value)| value)
    }
}

/// Elements of quantifiers are counted where they stand, and questions need their event.
fn is_fit(value: &Typed) -> bool {
    let is_plain = |place: &ValueRef| {
        matches!(place.root, Root::Principal | Root::Data) || matches!(place.root, Root::Meta(_))
    };
    match &value.value {
        Value::Expr(kind) => {
            let mut fit = quantifiers_in(kind) == 0;
            for_each_value_of(kind, &mut |place| fit &= is_plain(place));
            fit
        }
        Value::Place(place) => is_plain(place),
        Value::List(elements) => elements.iter().all(is_fit),
        Value::Either(place, elements) => is_plain(place) && elements.iter().all(is_fit),
        Value::Namespace(_) | Value::Last(_) | Value::Error => false,
    }
}

/// A number that is worked out is as good as one that is written: `2 * LARGE`.
fn folded(mut value: Typed) -> Typed {
    if let Value::Expr(kind) = &value.value {
        let expr = Expr { kind: kind.clone(), span: value.span };
        let kind = simplify::condition(expr).kind;
        if matches!(
            kind,
            ExprKind::Truth(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_)
        ) {
            value.value = Value::Expr(kind);
        }
    }
    value
}

/// A given value where the policy reads it: nothing in it stands anywhere else, for its own places
/// count in another text.
pub(crate) fn placed(value: &Typed, span: Span) -> Typed {
    let mut value = value.clone();
    value.span = span;
    value.here = false;
    match &mut value.value {
        Value::Expr(kind) => place_parts(kind, span),
        Value::List(elements) | Value::Either(_, elements) => {
            for element in elements {
                *element = placed(element, span);
            }
        }
        _ => {}
    }
    value
}

fn place_parts(kind: &mut ExprKind, span: Span) {
    for_each_part(kind, &mut |part| {
        part.span = span;
        place_parts(&mut part.kind, span);
    });
}

/// A condition as it would be if it stood nowhere.
pub(crate) fn without_places(expr: &Expr) -> ExprKind {
    let mut kind = expr.kind.clone();
    place_parts(&mut kind, Span::default());
    kind
}
