//! Checks one rule or one declaration.

use crate::declared::{Resolver, Signatures, signatures};
use crate::infer::Checker;
use crate::scene::{Principal, Scene};
use crate::tir::{CheckedRule, EventRef, Expr, ExprKind};
use crate::ty::{RecordTy, Ty};
use crate::typed::Typed;
use crate::unsupported;
use guard_db::{Db, ItemNode, Package, RuleNode, SourceFile};
use guard_diagnostic::{Anchor, Diagnostic};
use guard_grammar::ast::{
    Clause, ClauseKind, ItemKind, Label, LabelKind, Modifier, Name, RuleKind, ScopeItem,
    ScopeItemKind, Target, TargetKind,
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
    let fields = resolver.fields(&agent.parameters);
    Arc::new((RecordTy { fields, open: false }, resolver.reporter.diagnostics))
}

/// Checks one rule. Depends on the rule's own text and on declarations, on no other rule.
#[salsa::tracked(returns(clone))]
pub fn check_rule<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
    rule: RuleNode<'db>,
) -> Arc<Checked> {
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let parameters = parameters(db, package, file, item);
    let path = file.path(db);
    let module = environment.modules.get(&module_name(&path)).cloned().unwrap_or_default();
    let anchor = Anchor::Rule(rule_key(db, rule).into(), 0);
    let content = rule.rule(db);
    let text = rule.text(db);
    let mut check = RuleCheck {
        environment: &environment,
        signatures: &signatures,
        module,
        principal: Some(Arc::new(parameters.0.clone())),
        reporter: Reporter::new(path, anchor),
        text: &text,
        checked: Checked::default(),
    };
    check.rule(&content.0, &content.1);
    let mut checked = check.checked;
    checked.diagnostics = check.reporter.diagnostics;
    Arc::new(checked)
}

/// The words that name a rule in an anchor.
pub(crate) fn rule_key(db: &dyn Db, rule: RuleNode<'_>) -> String {
    format!("{} / {} #{}", rule.owner(db), rule.title(db), rule.ordinal(db))
}

pub(crate) fn declaration(db: &dyn Db, file: SourceFile, item: ItemNode<'_>) -> Declaration {
    let path = file.path(db);
    let module = module_name(&path);
    Declaration { file: path, key: item.key(db), module, kind: item.kind(db) }
}

struct RuleCheck<'a> {
    environment: &'a Environment,
    signatures: &'a Signatures,
    module: Arc<Module>,
    principal: Principal,
    reporter: Reporter,
    text: &'a str,
    checked: Checked,
}

/// What follows a target, by kind.
#[derive(Default)]
struct Clauses<'a> {
    when: Option<&'a guard_grammar::ast::Expr>,
    unless: Option<&'a guard_grammar::ast::Expr>,
    because: Option<String>,
    respond: Option<String>,
    to: Option<(Option<i64>, String, Span)>,
    expires: Option<(i64, OnExpiry)>,
}

impl<'a> Clauses<'a> {
    fn of(clauses: &'a [Clause]) -> Self {
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
                ClauseKind::With(_) => {}
            }
        }
        found
    }
}

impl RuleCheck<'_> {
    fn rule(&mut self, modifiers: &[Modifier], kind: &RuleKind) {
        let modifier = modifiers.first().map(|modifier| match modifier {
            Modifier::Shadow(span) => (*span, "`shadow`"),
            Modifier::Rollout { span, .. } => (*span, "`rollout`"),
        });
        let whole = Span::new(0, u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let refused = modifier.or_else(|| unsupported::rule(kind).map(|what| (whole, what)));
        if let Some((span, what)) = refused {
            let error = unsupported::error(&self.reporter, span, what);
            self.reporter.push(error);
            return;
        }
        match kind {
            RuleKind::Scope(lines) => self.scope(lines),
            RuleKind::Prohibit(target, clauses) => {
                self.one("", target, &Clauses::of(clauses), Effect::Deny, whole);
            }
            RuleKind::Escalate(target, clauses) => {
                self.escalate(target, &Clauses::of(clauses), whole);
            }
            RuleKind::Halt(who, target, clauses) => self.halt(who, target.as_ref(), clauses, whole),
            _ => {}
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
        if quorum.is_some_and(|quorum| quorum != 1) {
            let error = unsupported::error(&self.reporter, *span, "a quorum");
            self.reporter.push(error);
            return;
        }
        let effect = Effect::Escalate { role: role.clone(), expires: clauses.expires };
        self.one("", target, clauses, effect, whole);
    }

    fn halt(&mut self, who: &Name, target: Option<&Target>, clauses: &[Clause], whole: Span) {
        let Some(target) = target.filter(|_| who.text == "session") else {
            let error = unsupported::error(
                &self.reporter,
                whole,
                "`halt` of anything but `session on TARGET`",
            );
            self.reporter.push(error);
            return;
        };
        self.one("", target, &Clauses::of(clauses), Effect::Halt, whole);
    }

    fn scope(&mut self, lines: &[ScopeItem]) {
        let ceiling = |reads: bool| -> Option<Vec<&Name>> {
            let lists = lines.iter().filter_map(|line| match &line.kind {
                ScopeItemKind::Reads(names) if reads => Some(names),
                ScopeItemKind::Writes(names) if !reads => Some(names),
                _ => None,
            });
            let mut lists = lists.peekable();
            lists.peek()?;
            Some(lists.flatten().collect())
        };
        let (reads, writes) = (ceiling(true), ceiling(false));
        for (word, names) in [("reads", &reads), ("writes", &writes)] {
            for name in names.iter().flatten() {
                self.known_resource(word, name);
            }
        }
        for line in lines {
            let ScopeItemKind::Permit(target, clauses) = &line.kind else { continue };
            if matches!(
                target.kind,
                TargetKind::Input | TargetKind::Output | TargetKind::ResultOf(_)
            ) {
                let error = self
                    .reporter
                    .error(
                        "G0217",
                        target.span,
                        "a scope permits calls of tools",
                        "this is no tool",
                    )
                    .with_note("inputs, results and outputs pass unless a rule says otherwise");
                self.reporter.push(error);
                continue;
            }
            let before = self.checked.rules.len();
            self.one("scope ", target, &Clauses::of(clauses), Effect::Allow, line.span);
            if let Some(rule) = self.checked.rules.get(before).cloned() {
                self.below_ceiling(&rule, target, "reads", reads.as_deref());
                self.below_ceiling(&rule, target, "writes", writes.as_deref());
            }
        }
    }

    fn known_resource(&mut self, word: &str, name: &Name) {
        let touched = |label: &Label| touches(label, word) == Some(name.text.as_str());
        let tools = || self.module.tools.values().filter_map(Declaration::tool);
        if tools().any(|tool| tool.labels.iter().any(touched)) {
            return;
        }
        let error = self.reporter.error(
            "G0305",
            name.span,
            format!("no tool {word} `{}`", name.text),
            "no declared tool bears this label",
        );
        let known: Vec<&str> = tools()
            .flat_map(|tool| &tool.labels)
            .filter_map(|label| touches(label, word))
            .collect();
        let error = match guard_diagnostic::closest(&name.text, known.iter().copied()) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(name.span, ""), meant),
            None => error,
        };
        self.reporter.push(error);
    }

    fn below_ceiling(
        &mut self,
        rule: &CheckedRule,
        target: &Target,
        word: &str,
        ceiling: Option<&[&Name]>,
    ) {
        let Some(ceiling) = ceiling else { return };
        for event in &rule.events {
            let EventRef::Call(tool) = event else { continue };
            let Some(decl) = self.module.tools.get(tool) else { continue };
            let labels = decl.tool().map(|tool| tool.labels.as_slice()).unwrap_or_default();
            let beyond = labels.iter().find(|label| {
                touches(label, word)
                    .is_some_and(|touched| !ceiling.iter().any(|name| name.text == touched))
            });
            if let Some(label) = beyond {
                let what = touches(label, word).unwrap_or_default();
                let error = self
                    .reporter
                    .error(
                        "G0304",
                        target.span,
                        format!("tool `{tool}` {word} `{what}`, which the scope does not list"),
                        "permitted here",
                    )
                    .with_related(decl.label(label.span, "labelled so here"))
                    .with_help(format!(
                        "add `{what}` to the scope's `{word}` line, or do not permit the tool"
                    ));
                self.reporter.push(error);
                return;
            }
        }
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
        let resolved = resolve_target(&self.module, target, &mut self.reporter);
        let Some(resolved) = resolved else { return };
        let (scene, events) = self.scene(resolved);
        let reporter =
            Reporter::new(self.reporter.label(span, "").file, self.reporter.label(span, "").anchor);
        let mut checker = Checker::new(
            self.environment,
            self.signatures,
            Arc::clone(&self.module),
            scene,
            self.principal.clone(),
            reporter,
        );
        let when = clauses.when.map(|expr| checker.condition(expr));
        let unless = clauses.unless.map(|expr| checker.condition(expr));
        let failed = checker.failed;
        let findings = std::mem::take(&mut checker.reporter.diagnostics);
        self.reporter.diagnostics.extend(findings);
        if failed {
            return;
        }
        let condition = joined(when.flatten(), unless.flatten());
        if let Some(Expr { kind: ExprKind::Truth(false), span }) = &condition {
            let error = self
                .reporter
                .error("G0301", *span, "the rule can never fire", "this can never be true")
                .with_help("mend the condition, or remove the rule");
            self.reporter.push(error);
            return;
        }
        let condition = condition.filter(|expr| expr.kind != ExprKind::Truth(true));
        let rule = CheckedRule {
            effect,
            events,
            title: format!("{before}{}", one_spaced(self.head(span, target))),
            condition_text: self.condition_text(clauses),
            condition,
            because: clauses.because.clone(),
            respond: clauses.respond.clone(),
            span,
        };
        self.checked.named.push(named(target));
        self.checked.rules.push(rule);
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

fn touches<'l>(label: &'l Label, word: &str) -> Option<&'l str> {
    match &label.kind {
        LabelKind::Reads(name) if word == "reads" => Some(&name.text),
        LabelKind::Writes(name) if word == "writes" => Some(&name.text),
        _ => None,
    }
}

fn named(target: &Target) -> Vec<String> {
    let TargetKind::Tools(patterns) = &target.kind else { return Vec::new() };
    patterns.iter().filter(|p| !p.wildcard).map(|p| p.path.dotted()).collect()
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
            resolver.inside.insert(ty.name.text.clone());
            resolver.ty(&ty.ty);
        }
        ItemKind::Const(constant) => {
            let mut checker = checker(&environment, &signatures, &decl);
            checker.inside.push(format!("{}/{}", decl.module, constant.name.text));
            let value = checker.infer(&constant.value);
            if let Some(ty) = &constant.ty {
                let wanted = checker.resolver(&decl).ty(ty);
                matches_declared(&mut checker, value, &wanted);
            }
            resolver.reporter.diagnostics.extend(checker.reporter.diagnostics);
        }
        ItemKind::Fn(function) => {
            let parameters = resolver.fields(&function.parameters);
            let wanted = resolver.ty(&function.result);
            let mut checker = checker(&environment, &signatures, &decl);
            checker.inside.push(format!("{}/{}", decl.module, function.name.text));
            let place = |name: &str| crate::tir::ValueRef {
                root: crate::tir::Root::Arguments,
                path: vec![name.to_owned()],
                part: None,
            };
            checker.locals = parameters
                .iter()
                .map(|p| {
                    (p.name.clone(), Typed::place(p.ty.clone(), place(&p.name), Span::default()))
                })
                .collect();
            let value = checker.infer(&function.body);
            matches_declared(&mut checker, value, &wanted);
            resolver.reporter.diagnostics.extend(checker.reporter.diagnostics);
        }
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

fn checker<'a>(
    environment: &'a Environment,
    signatures: &'a Signatures,
    decl: &Declaration,
) -> Checker<'a> {
    let module = environment.modules.get(&decl.module).cloned().unwrap_or_default();
    let reporter = Reporter::new(Arc::clone(&decl.file), Anchor::Item(Arc::clone(&decl.key)));
    Checker::new(environment, signatures, module, Scene::Nowhere, None, reporter)
}

fn matches_declared(checker: &mut Checker<'_>, mut value: Typed, wanted: &Ty) {
    checker.adapt(&mut value, wanted);
    let empty_list =
        matches!((&value.ty, wanted), (Ty::List(inner), Ty::List(_)) if **inner == Ty::Error);
    if value.is_error() || *wanted == Ty::Error || value.ty == *wanted || empty_list {
        return;
    }
    let (given, wanted_words) = (value.ty.words(), wanted.words());
    let error = checker.error(
        "G0210",
        value.span,
        format!("the value is {given}, the declaration says {wanted_words}"),
        format!("this is {given}"),
    );
    let error = checker.with_float_fix(error, &value, wanted);
    checker.report(error);
}
