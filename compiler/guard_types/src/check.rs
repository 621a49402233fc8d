//! Checks one rule or one declaration.

use crate::asked::Does;
use crate::declared::{Resolver, Signatures, signatures};
use crate::detectors;
use crate::given::{Given, given};
use crate::infer::Checker;
use crate::scenario::{check_steps, check_test};
use crate::scene::{Principal, Scene};
use crate::site::{Marks, Site, surroundings, view};
use crate::tir::{CheckedRule, EventRef, Expr, ExprKind, Root, ValueRef};
use crate::ty::{FieldTy, RecordTy, Ty};
use crate::typed::Typed;
use crate::unsupported;
use guard_db::{Db, ItemNode, Package, RuleNode, SourceFile};
use guard_diagnostic::{Anchor, Diagnostic};
use guard_grammar::ast::{
    Clause, ClauseKind, ItemKind, Modifier, Name, RuleKind, ScopeItem, ScopeItemKind,
    StringLiteral, Target, TargetKind,
};
use guard_grammar::one_spaced;
use guard_grammar::span::Span;
use guard_hir::{
    Declaration, Environment, Module, Reporter, Resolved, environment, module_name, resolve_target,
};
use guard_plan::{Effect, OnExpiry};
use std::sync::Arc;

/// What came of checking a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Ready to be lowered; those lines that are wrong are left out.
    pub rules: Vec<CheckedRule>,
    /// For each of `rules`: the tools that its target names one by one, not by a pattern or a label.
    pub named: Vec<Vec<String>>,
    /// What is wrong; spans count from the rule's start.
    pub diagnostics: Vec<Diagnostic>,
    /// Some line is wrong and is not among `rules`. INVARIANT: a package with such a line has an
    /// error, so that no plan is made of what is left.
    pub incomplete: bool,
    /// What is wrong where a function was written out. Said only where nothing else is: it follows
    /// from an error in the function's declaration, or from the values the function is given.
    pub hidden: Vec<Diagnostic>,
}

/// The types of an agent's parameters.
#[salsa::tracked(returns(clone))]
pub fn parameters<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
) -> Arc<(RecordTy, Vec<Diagnostic>)> {
    let environment = environment(db, package);
    let decl = declaration(db, file, item);
    let ItemKind::Agent(agent) = &*decl.kind else { return Arc::default() };
    let mut resolver = Resolver::new(&environment, &decl);
    agent.parameters.iter().for_each(|parameter| resolver.not_taken(&parameter.name));
    let fields = resolver.fields(&agent.parameters);
    Arc::new((RecordTy { fields, open: false }, resolver.reporter.diagnostics))
}

/// Checks one rule. Depends on the rule's own text and on declarations, on no other rule.
#[salsa::tracked(returns(clone))]
pub fn check_rule<'db>(
    db: &'db dyn Db,
    package: Package,
    site: Site<'db>,
    rule: RuleNode<'db>,
) -> Arc<Checked> {
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let view = view(db, package, site);
    let is_policy = matches!(&*site.block(db).item.kind(db), ItemKind::Policy(_));
    let given = if is_policy { given(db, package, site) } else { Arc::default() };
    if given.incomplete {
        // What it is given is wrong, which its `include` says.
        return Arc::new(Checked { incomplete: true, ..Checked::default() });
    }
    let anchor = Anchor::Rule(rule.key(db), 0);
    let content = rule.rule(db);
    let text = rule.text(db);
    let mut check = RuleCheck {
        environment: &environment,
        signatures: &signatures,
        module: Arc::clone(&view.module),
        principal: Some(Arc::clone(&view.parameters)),
        marks: Arc::clone(&view.marks),
        layer: view.layer.clone(),
        given,
        of_elsewhere: is_policy || view.layer.is_some(),
        reporter: Reporter::new(Arc::clone(&view.path), anchor),
        text: &text,
        checked: Checked::default(),
    };
    check.rule(&content.0, &content.1);
    if let RuleKind::Include(path, _) = &content.1 {
        check.include(
            db,
            package,
            (site, rule),
            path,
            surroundings(db, package, site).included_by(rule),
        );
    }
    let mut checked = check.checked;
    checked.diagnostics = check.reporter.diagnostics;
    Arc::new(checked)
}

pub(crate) fn declaration(db: &dyn Db, file: SourceFile, item: ItemNode<'_>) -> Declaration {
    let path = file.path(db);
    let module = module_name(&path);
    Declaration { file: path, key: item.key(db), module, kind: item.kind(db) }
}

pub(crate) struct RuleCheck<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) signatures: &'a Signatures,
    pub(crate) module: Arc<Module>,
    principal: Principal,
    pub(crate) marks: Arc<Marks>,
    pub(crate) layer: Option<String>,
    given: Arc<Given>,
    /// The rule is of a policy or a layer.
    of_elsewhere: bool,
    pub(crate) reporter: Reporter,
    pub(crate) text: &'a str,
    pub(crate) checked: Checked,
}

/// The events that a rule is about, and its condition; `None` is always.
type Firing = (Vec<EventRef>, Option<Expr>);

/// What is wrong has been reported.
pub(crate) struct Wrong;

/// What follows a target, by kind.
#[derive(Default)]
pub(crate) struct Clauses<'a> {
    when: Option<&'a guard_grammar::ast::Expr>,
    unless: Option<&'a guard_grammar::ast::Expr>,
    pub(crate) because: Option<String>,
    pub(crate) respond: Option<String>,
    pub(crate) to: Option<(Option<i64>, String, Span)>,
    pub(crate) expires: Option<(i64, OnExpiry)>,
    pub(crate) with: Option<&'a StringLiteral>,
}

impl<'a> Clauses<'a> {
    pub(crate) fn of(clauses: &'a [Clause]) -> Self {
        let mut found = Self::default();
        for clause in clauses {
            match &clause.kind {
                ClauseKind::When(expr) => found.when = Some(expr),
                ClauseKind::Unless(expr) => found.unless = Some(expr),
                ClauseKind::Because(text) => found.because = Some(text.value.clone()),
                ClauseKind::Respond(text) => found.respond = Some(text.value.clone()),
                ClauseKind::To { quorum, role } => {
                    found.to = Some((*quorum, role.value.clone(), clause.span));
                }
                ClauseKind::Expires { after, then } => {
                    let then = if then.text == "allow" { OnExpiry::Allow } else { OnExpiry::Deny };
                    found.expires = after.milliseconds.map(|ms| (ms, then));
                }
                ClauseKind::With(template) => found.with = Some(template),
            }
        }
        found
    }
}

impl RuleCheck<'_> {
    fn rule(&mut self, modifiers: &[Modifier], kind: &RuleKind) {
        let whole = Span::new(0, u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        if let Some(what) = unsupported::rule(kind) {
            let error = unsupported::error(&self.reporter, whole, what);
            self.reporter.push(error);
            return;
        }
        if self.modifiers(modifiers, kind) {
            self.plain_rule(kind, whole);
        }
    }

    /// A rule without the words in front of it.
    pub(crate) fn plain_rule(&mut self, kind: &RuleKind, whole: Span) {
        match kind {
            RuleKind::Scope(lines) => self.scope(lines),
            RuleKind::Prohibit(target, clauses) => {
                self.one("", target, &Clauses::of(clauses), Effect::Deny, whole);
            }
            RuleKind::Escalate(target, clauses) => {
                self.escalate(target, &Clauses::of(clauses), whole);
            }
            RuleKind::Halt(who, target, clauses) => self.halt(who, target.as_ref(), clauses, whole),
            kind => self.effect(kind, whole),
        }
    }

    fn escalate(&mut self, target: &Target, clauses: &Clauses<'_>, whole: Span) {
        let Some((quorum, role, span)) = &clauses.to else {
            let error = self
                .reporter
                .error(
                    "G0303",
                    target.span,
                    "the escalation does not say who decides",
                    "nobody would be asked",
                )
                .with_help("write `to \"role\"` after the target");
            self.reporter.push(error);
            return;
        };
        let Some(quorum) = u32::try_from(quorum.unwrap_or(1)).ok().filter(|quorum| *quorum > 0)
        else {
            let error =
                self.reporter.error("G0303", *span, "nobody need agree", "no number of people");
            self.reporter.push(error.with_help("write `to 2 of \"role\"`"));
            return;
        };
        let effect = Effect::Escalate { role: role.clone(), quorum, expires: clauses.expires };
        self.one("", target, clauses, effect, whole);
    }

    fn halt(&mut self, who: &Name, target: Option<&Target>, clauses: &[Clause], whole: Span) {
        let effect = match who.text.as_str() {
            "session" => Effect::Halt,
            "agent" => Effect::HaltAgent,
            word => {
                let headline = format!("a rule cannot halt `{word}`");
                let error = self.reporter.error("G0309", who.span, headline, "nothing to halt");
                let help = "write `halt session` or `halt agent`";
                self.reporter.push(error.with_help(help));
                return;
            }
        };
        let Some(target) = target else {
            let headline = "the rule does not say what halts";
            let error = self.reporter.error("G0309", who.span, headline, "on which event?");
            self.reporter.push(error.with_help("write `on TARGET` behind it: `on any tool`"));
            return;
        };
        self.one("", target, &Clauses::of(clauses), effect, whole);
    }

    fn scope(&mut self, lines: &[ScopeItem]) {
        for line in lines {
            let ScopeItemKind::Permit(target, clauses) = &line.kind else { continue };
            let calls = !matches!(
                target.kind,
                TargetKind::Input | TargetKind::Output | TargetKind::ResultOf(_)
            );
            if calls {
                self.one("scope ", target, &Clauses::of(clauses), Effect::Allow, line.span);
                continue;
            }
            let headline = "a scope permits calls of tools";
            let error = self
                .reporter
                .error("G0217", target.span, headline, "this is no tool")
                .with_note("inputs, results and outputs pass unless a rule says otherwise");
            self.reporter.push(error);
        }
        self.ceilings(lines);
    }

    /// Checks a target with its clauses and keeps the rule if it is right.
    fn one(
        &mut self,
        before: &str,
        target: &Target,
        clauses: &Clauses<'_>,
        effect: Effect,
        span: Span,
    ) {
        self.one_that(before, target, clauses, (effect, Does::Nothing), span);
    }

    /// The same for a rule that also does something.
    pub(crate) fn one_that(
        &mut self,
        before: &str,
        target: &Target,
        clauses: &Clauses<'_>,
        (effect, does): (Effect, Does),
        span: Span,
    ) {
        let (events, condition) = match self.events_and_condition(target, clauses) {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(Wrong) => {
                self.checked.incomplete = true;
                return;
            }
        };
        self.checked.named.push(named(target));
        self.checked.rules.push(CheckedRule {
            effect,
            does,
            events,
            title: format!("{before}{}", one_spaced(self.head(span, target))),
            condition_text: self.condition_text(clauses),
            condition,
            because: clauses.because.clone(),
            respond: clauses.respond.clone(),
            span,
        });
    }

    /// `None` where what a policy is given switches the rule off.
    fn events_and_condition(
        &mut self,
        target: &Target,
        clauses: &Clauses<'_>,
    ) -> Result<Option<Firing>, Wrong> {
        let (mut checker, events) = self.checker(target)?;
        let condition = condition(&mut checker, clauses);
        self.reporter.diagnostics.append(&mut checker.reporter.diagnostics);
        self.checked.hidden.extend(checker.hidden.take());
        if checker.failed {
            return Err(Wrong);
        }
        if let Some(Expr { kind: ExprKind::Truth(false), span }) = &condition {
            if checker.reads_given && !self.never_fires(target, clauses) {
                return Ok(None);
            }
            let error = self
                .reporter
                .error("G0301", *span, "the rule can never fire", "this can never be true")
                .with_help("mend the condition, or remove the rule");
            self.reporter.push(error);
            return Err(Wrong);
        }
        Ok(Some((events, condition.filter(|expr| expr.kind != ExprKind::Truth(true)))))
    }

    /// Whether a rule of a policy can never fire, whatever the policy is given.
    fn never_fires(&mut self, target: &Target, clauses: &Clauses<'_>) -> bool {
        let Ok((mut checker, _)) = self.checker(target) else { return false };
        checker.given = Some(Arc::clone(&self.given.unknown));
        let condition = condition(&mut checker, clauses);
        !checker.failed && condition.is_some_and(|expr| expr.kind == ExprKind::Truth(false))
    }

    /// The rule's words from its start to the end of its target.
    fn head(&self, span: Span, target: &Target) -> &str {
        Span::new(span.start, target.span.end).text(self.text)
    }

    fn condition_text(&self, clauses: &Clauses<'_>) -> Option<String> {
        let text = |expr: &guard_grammar::ast::Expr| one_spaced(expr.span.text(self.text));
        match (clauses.when, clauses.unless) {
            (Some(when), Some(unless)) => Some(format!("{} unless {}", text(when), text(unless))),
            (Some(when), None) => Some(text(when)),
            (None, Some(unless)) => Some(format!("unless {}", text(unless))),
            (None, None) => None,
        }
    }

    fn scene(&self, resolved: Resolved) -> (Scene, Vec<EventRef>) {
        let with_types = |tools: &[String]| {
            let types =
                |name: &String| Some((name.clone(), Arc::clone(self.signatures.tools.get(name)?)));
            tools.iter().filter_map(types).collect()
        };
        match resolved {
            Resolved::Input => (Scene::Input, vec![EventRef::Input]),
            Resolved::Output => (Scene::Output, vec![EventRef::Output]),
            Resolved::Calls(tools) => {
                (Scene::Call(with_types(&tools)), tools.into_iter().map(EventRef::Call).collect())
            }
            Resolved::Results(tools) => (
                Scene::Result(with_types(&tools)),
                tools.into_iter().map(EventRef::Result).collect(),
            ),
        }
    }
}
impl<'a> RuleCheck<'a> {
    /// What checks the expressions of a rule on a target.
    pub(crate) fn checker(
        &mut self,
        target: &Target,
    ) -> Result<(Checker<'a>, Vec<EventRef>), Wrong> {
        let resolved = resolve_target(&self.module, target, &mut self.reporter).ok_or(Wrong)?;
        let (scene, events) = self.scene(resolved);
        let mut checker = Checker::new(
            self.environment,
            self.signatures,
            Arc::clone(&self.module),
            scene,
            self.principal.clone(),
            self.reporter.another(),
        );
        checker.marks = Arc::clone(&self.marks);
        checker.given = self.of_elsewhere.then(|| Arc::clone(&self.given.values));
        checker.source = Arc::from(self.text);
        Ok((checker, events))
    }
}

pub(crate) fn named(target: &Target) -> Vec<String> {
    let TargetKind::Tools(patterns) = &target.kind else { return Vec::new() };
    patterns.iter().filter(|p| !p.wildcard).map(|p| p.path.dotted()).collect()
}

/// When a rule fires; `None` is always, if nothing failed.
fn condition(checker: &mut Checker<'_>, clauses: &Clauses<'_>) -> Option<Expr> {
    let when = clauses.when.map(|expr| checker.condition(expr));
    let (when, shown) = when.unwrap_or_default();
    let unless = clauses
        .unless
        .and_then(|expr| checker.with_present(&shown.if_true, |checker| checker.condition(expr)).0);
    joined(when, unless)
}

/// `when a unless b` is `a and not b`: an `unless` needs true to exempt.
fn joined(when: Option<Expr>, unless: Option<Expr>) -> Option<Expr> {
    let Some(unless) = unless else { return when };
    let span = unless.span;
    let not = match unless.kind {
        ExprKind::Truth(holds) => Expr { kind: ExprKind::Truth(!holds), span },
        kind => Expr { kind: ExprKind::Not(Box::new(Expr { kind, span })), span },
    };
    let Some(when) = when else { return Some(not) };
    let span = when.span.cover(span);
    Some(match (&when.kind, &not.kind) {
        (ExprKind::Truth(false), _) | (_, ExprKind::Truth(true)) => when,
        (ExprKind::Truth(true), _) | (_, ExprKind::Truth(false)) => not,
        _ => Expr { kind: ExprKind::And(vec![when, not]), span },
    })
}

/// Checks a declaration that is no agent.
#[salsa::tracked(returns(clone))]
pub fn check_item<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
) -> Arc<Vec<Diagnostic>> {
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let decl = declaration(db, file, item);
    let mut resolver = Resolver::new(&environment, &decl);
    match &*decl.kind {
        ItemKind::Type(ty) => {
            resolver.not_taken(&ty.name);
            resolver.root(&ty.name.text);
            resolver.ty(&ty.ty);
        }
        ItemKind::Data(data) => resolver.not_taken(&data.name),
        ItemKind::Const(constant) => {
            resolver.not_taken(&constant.name);
            let mut checker = checker(&environment, &signatures, &decl, &constant.name);
            let mut value = checker.infer(&constant.value);
            let wanted = constant.ty.as_ref().map(|ty| resolver.ty(ty));
            if let Some(wanted) = wanted {
                matches_declared(&mut checker, &mut value, &wanted);
            }
            if !value.is_error() {
                checker.fixed(&constant.name.text, value);
            }
            resolver.reporter.diagnostics.append(&mut checker.reporter.diagnostics);
        }
        ItemKind::Fn(function) => {
            let parameters = resolver.fields(&function.parameters);
            let wanted = resolver.ty(&function.result);
            let mut checker = checker(&environment, &signatures, &decl, &function.name);
            checker.locals = parameters.iter().map(parameter).collect();
            let mut value = checker.infer(&function.body);
            matches_declared(&mut checker, &mut value, &wanted);
            resolver.reporter.diagnostics.append(&mut checker.reporter.diagnostics);
        }
        // Those of the standard library are held to this by its tests.
        ItemKind::Detector(detector) if !decl.file.starts_with("std/") => {
            detectors::check(detector, &signatures.models, &mut resolver.reporter);
        }
        ItemKind::Policy(policy) => {
            policy.parameters.iter().for_each(|parameter| resolver.not_taken(&parameter.name));
            resolver.fields(&policy.parameters);
        }
        ItemKind::Test(_) => {
            return Arc::new(check_test(db, package, file, item).diagnostics.clone());
        }
        ItemKind::Steps(_) => return check_steps(db, package, file, item),
        kind => {
            if let Some(what) = unsupported::item(kind) {
                let length = item.span(db).end.saturating_sub(item.span(db).start);
                let error = unsupported::error(&resolver.reporter, Span::new(0, length), what);
                resolver.reporter.push(error);
            }
        }
    }
    Arc::new(resolver.reporter.diagnostics)
}

/// A function's parameter while its declaration is checked, when it has no value yet.
fn parameter(field: &FieldTy) -> (String, Typed) {
    let path = vec![field.name.clone()];
    let place = ValueRef { root: Root::Arguments, path, part: None };
    (field.name.clone(), Typed::place(field.ty.clone(), place, Span::default()))
}

fn checker<'a>(
    environment: &'a Environment,
    signatures: &'a Signatures,
    decl: &Declaration,
    name: &Name,
) -> Checker<'a> {
    let module = environment.modules.get(&decl.module).cloned().unwrap_or_default();
    let reporter = Reporter::new(Arc::clone(&decl.file), Anchor::Item(Arc::clone(&decl.key)));
    let mut checker = Checker::new(environment, signatures, module, Scene::Nowhere, None, reporter);
    let key = format!("{}/{}", decl.module, name.text);
    checker.inside.push(key.clone());
    checker.root = Some(key);
    checker
}

fn matches_declared(checker: &mut Checker<'_>, value: &mut Typed, wanted: &Ty) {
    if checker.take_as(value, wanted) || value.is_error() || *wanted == Ty::Error {
        return;
    }
    let (given, wanted_words) = (value.ty.words(), wanted.words());
    let error = checker.error(
        "G0210",
        value.span,
        format!("the value is {given}, the declaration says {wanted_words}"),
        format!("this is {given}"),
    );
    let error = checker.with_float_fix(error, value, wanted);
    checker.report(error);
    *value = Typed::error(value.span);
}
