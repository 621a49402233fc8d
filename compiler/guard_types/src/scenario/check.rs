//! Checks the steps of a test against the agent and its tools, and writes them out as a program.

use super::values::Values;
use super::{Action, BYTES_MAX, STEPS_CHAIN_MAX, STEPS_MAX, Scenario, ScenarioStep};
use crate::check::{check_rule, declaration, parameters};
use crate::declared::{Signatures, signatures};
use crate::infer::Checker;
use crate::scene::Scene;
use crate::site::{Applied, rules_of};
use crate::ty::{FieldTy, RecordTy, Ty};
use guard_db::{Db, ItemNode, Package, SourceFile};
use guard_diagnostic::{Anchor, Diagnostic, Severity, closest};
use guard_grammar::ast::{
    self, Expectation, ItemKind, Literal, Name, NamedValue, Path, Step, StepKind, StringLiteral,
};
use guard_grammar::span::Span;
use guard_hir::{AgentNode, Declaration, Environment, Module, Reporter, agents, environment};
use guard_value::Argument;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who answers where a step does not say.
const SOMEBODY: &str = "somebody";

/// What came of checking a test.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckedTest {
    /// The test, or each of its cases; none where something is wrong.
    pub scenarios: Vec<Scenario>,
    /// What is wrong; spans count from the start of the declaration.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rule of the agent as a test can name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownRule {
    pub(super) title: String,
    pub(super) because: Option<String>,
}

/// Checks a test.
#[salsa::tracked(returns(clone))]
pub fn check_test<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
) -> Arc<CheckedTest> {
    let decl = declaration(db, file, item);
    let ItemKind::Test(test) = &*decl.kind else { return Arc::default() };
    let mut checked = CheckedTest::default();
    if !decl.key.ends_with(" #0") {
        let error = Reporter::new(Arc::clone(&decl.file), Anchor::Item(Arc::clone(&decl.key)))
            .error("G0101", test.title.span, "two tests state the same", "the second one");
        checked.diagnostics.push(error.with_help("give one of them another title"));
    }
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let is_case = |step: &&Step| matches!(step.kind, StepKind::Case(_));
    let cases: Vec<&Step> = test.steps.iter().filter(is_case).collect();
    let mut budget = Budget::default();
    let of_cases = cases.iter().map(|case| Some(*case));
    let of_cases: Vec<Option<&Step>> =
        if cases.is_empty() { vec![None] } else { of_cases.collect() };
    for (number, case) in (1..).zip(of_cases) {
        let columns = match case.map(|case| &case.kind) {
            Some(StepKind::Case(columns)) => columns.as_slice(),
            _ => &[],
        };
        let mut steps = Steps::new(&environment, &signatures, &decl, columns, &mut budget);
        if !steps.find_agent(db, package, &test.agent) {
            checked.diagnostics.append(&mut steps.diagnostics);
            break;
        }
        let principal = steps.principal(&test.title, &test.arguments);
        steps.run(&test.steps);
        steps.case(case);
        for diagnostic in std::mem::take(&mut steps.diagnostics) {
            if !checked.diagnostics.contains(&diagnostic) {
                checked.diagnostics.push(diagnostic);
            }
        }
        let (Some(principal), false) = (principal, steps.failed) else { continue };
        checked.scenarios.push(Scenario {
            title: test.title.value.clone(),
            case: case.map(|case| (number, steps.reporter.label(case.span, ""))),
            agent: steps.agent_name.clone(),
            place: steps.reporter.label(test.title.span, ""),
            principal,
            steps: steps.done,
        });
    }
    if checked.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        checked.scenarios.clear();
    }
    Arc::new(checked)
}

/// Checks shared steps where they are declared, so that a mistake in them is said once.
#[salsa::tracked(returns(clone))]
pub fn check_steps<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
) -> Arc<Vec<Diagnostic>> {
    let decl = declaration(db, file, item);
    let ItemKind::Steps(shared) = &*decl.kind else { return Arc::default() };
    let environment = environment(db, package);
    let signatures = signatures(db, package);
    let mut budget = Budget::default();
    let mut steps = Steps::new(&environment, &signatures, &decl, &[], &mut budget);
    if steps.find_agent(db, package, &shared.agent) {
        steps.inside.push(Arc::clone(&decl.key));
        steps.run(&shared.steps);
    }
    Arc::new(steps.diagnostics)
}

/// What the steps of one declaration may still come to.
struct Budget {
    steps: usize,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: STEPS_MAX, bytes: BYTES_MAX }
    }
}

/// The steps of one test, as far as they are written out.
pub(super) struct Steps<'a, 'b> {
    environment: &'a Environment,
    signatures: &'a Signatures,
    module: Arc<Module>,
    pub(super) reporter: Reporter,
    /// Inside shared steps, of which the mistakes are said where they are declared.
    silent: bool,
    parameters: RecordTy,
    pub(super) agent_name: String,
    pub(super) rules: Arc<Vec<KnownRule>>,
    columns: &'a [NamedValue],
    read: BTreeSet<String>,
    /// The step that is being read.
    at: Span,
    facts: Vec<(String, Argument)>,
    /// The tool and the step of each call so far.
    calls: Vec<(String, usize)>,
    done: Vec<ScenarioStep>,
    /// The keys of the shared steps that are being written out.
    inside: Vec<Arc<str>>,
    budget: &'b mut Budget,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What was too large inside shared steps, and is not said yet.
    unsaid: Option<String>,
    failed: bool,
}

impl<'a, 'b> Steps<'a, 'b> {
    fn new(
        environment: &'a Environment,
        signatures: &'a Signatures,
        decl: &Declaration,
        columns: &'a [NamedValue],
        budget: &'b mut Budget,
    ) -> Self {
        Self {
            environment,
            signatures,
            module: environment.modules.get(&decl.module).cloned().unwrap_or_default(),
            reporter: Reporter::new(Arc::clone(&decl.file), Anchor::Item(Arc::clone(&decl.key))),
            silent: false,
            parameters: RecordTy::default(),
            agent_name: String::new(),
            rules: Arc::default(),
            columns,
            read: BTreeSet::new(),
            at: Span::default(),
            facts: Vec::new(),
            calls: Vec::new(),
            done: Vec::new(),
            inside: Vec::new(),
            budget,
            diagnostics: Vec::new(),
            unsaid: None,
            failed: false,
        }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.failed |= diagnostic.severity == Severity::Error;
        if !self.silent {
            self.diagnostics.push(diagnostic);
        }
    }

    fn wrong(&mut self, span: Span, headline: impl Into<String>, label: &str) {
        let error = self.reporter.error("G0502", span, headline, label);
        self.push(error);
    }

    /// Takes the agent in; whether there is one of this name.
    fn find_agent(&mut self, db: &dyn Db, package: Package, name: &Path) -> bool {
        let wanted = name.dotted();
        let all = agents(db, package);
        let Some(agent) = all.iter().find(|agent| agent.name(db) == wanted) else {
            let headline = format!("there is no agent `{wanted}`");
            let error = self.reporter.error("G0501", name.span, headline, "not declared");
            let names: Vec<String> = all.iter().map(|agent| agent.name(db)).collect();
            let error = match closest(&wanted, names.iter().map(String::as_str)) {
                Some(meant) => error
                    .with_help(format!("write `{meant}`"))
                    .with_fix(self.reporter.label(name.span, ""), meant),
                None => error,
            };
            self.push(error);
            return false;
        };
        self.parameters = parameters(db, package, agent.file, agent.item).0.clone();
        self.rules = known_rules(db, package, agent.file, agent.item);
        self.agent_name = wanted;
        true
    }

    /// Reads values with a checker of expressions.
    fn values<T>(&mut self, open: bool, read: impl FnOnce(&mut Values<'_, '_>) -> T) -> T {
        let checker = Checker::new(
            self.environment,
            self.signatures,
            Arc::clone(&self.module),
            Scene::Nowhere,
            None,
            self.reporter.another(),
        );
        // Shared steps do not see the columns of the test that runs them.
        let columns = if self.silent { &[] } else { self.columns };
        let mut values = Values { checker, columns, read: &mut self.read, at: self.at, open };
        let found = read(&mut values);
        let Checker { reporter, failed, hidden, .. } = values.checker;
        for diagnostic in reporter.diagnostics.into_iter().chain(hidden) {
            self.push(diagnostic);
        }
        self.failed |= failed;
        found
    }

    fn principal(&mut self, title: &StringLiteral, given: &[NamedValue]) -> Option<String> {
        self.at = title.span;
        let parameters = self.parameters.clone();
        let fields =
            self.values(false, |values| values.record("parameter", title.span, given, &parameters));
        fields.map(|fields| json(&Argument::Record(fields)))
    }

    /// A number that is expected.
    pub(super) fn number(&mut self, expr: &ast::Expr) -> Option<f64> {
        let literal = Literal::Scalar(expr.clone());
        let value =
            self.values(false, |values| values.literal(&literal, &Ty::Json, "what is left"));
        match value? {
            // Limits are far below 2^53, from where on not every whole number is a float.
            Argument::Int(value) => i32::try_from(value).ok().map(f64::from),
            Argument::Float(value) => Some(value),
            _ => {
                self.wrong(expr.span, "what is left is a number", "this is none");
                None
            }
        }
    }

    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            let Some(left) = self.budget.steps.checked_sub(1) else {
                let headline = format!("the test comes to more than {STEPS_MAX} steps");
                return self.overrun(step.span, headline);
            };
            self.budget.steps = left;
            self.step(step);
        }
    }

    /// Takes a step in, where there is room for what it says.
    fn take(&mut self, span: Span, step: ScenarioStep) {
        let bytes = match &step.action {
            Action::Facts(json) | Action::Event(json) | Action::Call(json) => json.len(),
            Action::Result { event, .. } => event.len(),
            Action::Wait(_) | Action::Answer { .. } => 0,
        };
        let Some(left) = self.budget.bytes.checked_sub(bytes) else {
            let headline =
                format!("the values of the test come to more than {} MiB", BYTES_MAX >> 20);
            return self.overrun(span, headline);
        };
        self.budget.bytes = left;
        self.done.push(step);
    }

    /// Refuses what is too large. Inside shared steps that is no mistake of theirs, so it is said where
    /// the test runs them. INVARIANT: a test that is left out makes an error.
    fn overrun(&mut self, span: Span, headline: String) {
        self.failed = true;
        if self.silent {
            self.unsaid.get_or_insert(headline);
            return;
        }
        let error = self.reporter.error("G0504", span, headline, "with shared steps and cases");
        if !self.diagnostics.iter().any(|known| known.headline == error.headline) {
            self.push(error.with_help("divide it into several tests"));
        }
    }

    fn step(&mut self, step: &Step) {
        self.at = step.span;
        match &step.kind {
            StepKind::After(name) => {
                self.unexpected(step);
                self.after(name);
            }
            StepKind::Given(facts) => {
                self.unexpected(step);
                self.given(step.span, facts);
            }
            StepKind::Wait(duration) => {
                self.unexpected(step);
                let action = duration.milliseconds.map(Action::Wait);
                self.act(step, action);
            }
            StepKind::Case(_) if self.inside.is_empty() => {}
            StepKind::Case(_) => self.wrong(step.span, "shared steps have no cases", "not a step"),
            StepKind::Error => self.failed = true,
            kind => {
                let action = self.event(step.span, kind);
                self.act(step, action);
            }
        }
    }

    fn act(&mut self, step: &Step, action: Option<Action>) {
        let place = self.reporter.label(step.span, "");
        let expected = step.expect.as_ref().and_then(|expectation| self.expects(expectation));
        match action {
            Some(action) => self.take(step.span, ScenarioStep { place, action, expected }),
            None => self.failed = true,
        }
    }

    fn expects(&mut self, expectation: &Expectation) -> Option<super::Expected> {
        let reason = expectation.reason.as_ref().map(|reason| reason.span);
        let parts = expectation.clauses.iter().map(|clause| clause.span).chain(reason);
        let span = parts.fold(expectation.verdict.span, Span::cover);
        let place = self.reporter.label(span, "");
        self.expected(expectation, place)
    }

    fn unexpected(&mut self, step: &Step) {
        if let Some(expectation) = &step.expect {
            let headline = "nothing is decided in this step";
            self.wrong(expectation.verdict.span, headline, "so nothing can be expected of it");
        }
    }

    fn event(&mut self, at: Span, kind: &StepKind) -> Option<Action> {
        match kind {
            StepKind::Input { text, source } => {
                let text = self.values(false, |values| values.text(text))?;
                let source = source.as_ref().map_or("user", |source| source.value.as_str());
                let fields = [("type", "input"), ("source", source), ("text", &text)];
                Some(Action::Event(json(&texts(&fields))))
            }
            StepKind::Output(text) => {
                let text = self.values(false, |values| values.text(text))?;
                Some(Action::Event(json(&texts(&[("type", "output"), ("text", &text)]))))
            }
            StepKind::Call { tool, arguments, said } => self.call(at, tool, arguments, said),
            StepKind::Result { of, value, failed } => self.result(at, of.as_ref(), value, *failed),
            StepKind::Answer { agrees, by } => {
                let Some((_, call)) = self.calls.last() else {
                    self.wrong(at, "nobody has been asked anything", "no call stands before it");
                    return None;
                };
                let by = by.as_ref().map_or(SOMEBODY, |by| by.value.as_str()).to_owned();
                Some(Action::Answer { call: *call, agrees: *agrees, by })
            }
            _ => None,
        }
    }

    fn call(
        &mut self,
        at: Span,
        tool: &Path,
        arguments: &[NamedValue],
        said: &[NamedValue],
    ) -> Option<Action> {
        let name = tool.dotted();
        let Some(types) = self.signatures.tools.get(&name).cloned() else {
            self.no_tool(tool, &name);
            return None;
        };
        let step = self.done.len();
        self.calls.push((name.clone(), step));
        let about_call =
            RecordTy { fields: ["confidence", "cost"].map(optional_float).into(), open: false };
        let (arguments, said) = self.values(false, |values| {
            let arguments = values.record("argument", at, arguments, &types.arguments);
            (arguments, values.record("field", at, said, &about_call))
        });
        let mut event =
            vec![text("type", "tool_call"), text("id", &id_of(step)), text("tool", &name)];
        event.push(("args".to_owned(), Argument::Record(arguments?)));
        event.extend(said?);
        Some(Action::Call(json(&Argument::Record(event))))
    }

    fn no_tool(&mut self, tool: &Path, name: &str) {
        let headline = format!("there is no tool `{name}`");
        let error = self.reporter.error("G0111", tool.span, headline, "not declared");
        let known = self.signatures.tools.keys().map(String::as_str);
        let error = match closest(name, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(tool.span, ""), meant),
            None => error,
        };
        self.push(error);
    }

    fn result(
        &mut self,
        at: Span,
        of: Option<&Path>,
        value: &Literal,
        failed: bool,
    ) -> Option<Action> {
        let wanted = of.map(Path::dotted);
        let mut calls = self.calls.iter().rev();
        let call = calls.find(|(tool, _)| wanted.as_ref().is_none_or(|wanted| wanted == tool));
        let Some((tool, call)) = call.cloned() else {
            let headline = match wanted {
                Some(tool) => format!("`{tool}` was not called"),
                None => "nothing was called".to_owned(),
            };
            self.wrong(of.map_or(at, |of| of.span), headline, "so nothing returns");
            return None;
        };
        let declared = self.signatures.tools.get(&tool).and_then(|types| types.result.clone());
        // What a failure says is no value of the declared type.
        let ty = declared.filter(|_| !failed).unwrap_or(Ty::Json);
        let what = format!("the result of `{tool}`");
        let value = self.values(true, |values| values.literal(value, &ty, &what));
        let returned = match value? {
            Argument::Text(text) => text,
            other => json(&other),
        };
        let mut event = vec![
            text("type", "tool_result"),
            text("id", &id_of(call)),
            text("tool", &tool),
            text("text", &returned),
        ];
        if failed {
            event.push(("error".to_owned(), Argument::Bool(true)));
        }
        Some(Action::Result { call, event: json(&Argument::Record(event)) })
    }

    fn given(&mut self, at: Span, given: &[NamedValue]) {
        for fact in given {
            let name = &fact.name.text;
            let Some(ty) = self.signatures.data.get(name).cloned() else {
                let headline = format!("there is no fact `{name}`");
                let error = self.reporter.error("G0505", fact.name.span, headline, "not declared");
                let known = self.signatures.data.keys().map(String::as_str);
                let error = match closest(name, known) {
                    Some(meant) => error.with_help(format!("write `{meant}`")),
                    None => error.with_help(format!("declare it: `data {name}: …`")),
                };
                self.push(error);
                continue;
            };
            let what = format!("the fact `{name}`");
            let value = self.values(false, |values| values.literal(&fact.value, &ty, &what));
            let Some(value) = value else {
                self.failed = true;
                continue;
            };
            self.facts.retain(|(known, _)| known != name);
            self.facts.push((name.clone(), value));
        }
        let action = Action::Facts(json(&Argument::Record(self.facts.clone())));
        let place = self.reporter.label(at, "");
        self.take(at, ScenarioStep { place, action, expected: None });
    }

    /// Writes shared steps out.
    fn after(&mut self, name: &Name) {
        let declared = self.module.name(&name.text).cloned();
        let Some(decl) = declared.filter(|decl| matches!(&*decl.kind, ItemKind::Steps(_))) else {
            self.no_steps(name);
            return;
        };
        let ItemKind::Steps(shared) = &*decl.kind else { return };
        let agent = shared.agent.dotted();
        if agent != self.agent_name {
            let headline = format!("`{}` is about another agent", name.text);
            let label = format!("about `{agent}`, and this is about `{}`", self.agent_name);
            let error = self.reporter.error("G0504", name.span, headline, label);
            self.push(error.with_related(decl.label(decl.name_span(), "declared here")));
            return;
        }
        if self.inside.len() >= STEPS_CHAIN_MAX {
            let headline = format!("more than {STEPS_CHAIN_MAX} shared steps need one another");
            return self.overrun(name.span, headline);
        }
        if self.inside.contains(&decl.key) {
            let headline = format!("the steps `{}` need themselves", name.text);
            let label = "they would never begin";
            let error = self.reporter.error("G0504", name.span, headline, label);
            self.push(error);
            return;
        }
        let anchor = Anchor::Item(Arc::clone(&decl.key));
        let reporter = Reporter::new(Arc::clone(&decl.file), anchor);
        let module = self.environment.modules.get(&decl.module).cloned().unwrap_or_default();
        let outer = (
            std::mem::replace(&mut self.reporter, reporter),
            std::mem::replace(&mut self.module, module),
            std::mem::replace(&mut self.silent, true),
        );
        self.inside.push(Arc::clone(&decl.key));
        self.run(&shared.steps);
        self.inside.pop();
        (self.reporter, self.module, self.silent) = outer;
        if !self.silent
            && let Some(headline) = self.unsaid.take()
        {
            self.overrun(name.span, headline);
        }
    }

    fn no_steps(&mut self, name: &Name) {
        let headline = format!("there are no steps `{}`", name.text);
        let error = self.reporter.error("G0504", name.span, headline, "not declared");
        let is_steps = |decl: &Declaration| matches!(&*decl.kind, ItemKind::Steps(_));
        let known = self.module.names().filter(|(_, decl)| is_steps(decl)).map(|(name, _)| name);
        let error = match closest(&name.text, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(name.span, ""), meant),
            None => error.with_help(format!("declare them: `steps {} for … {{ … }}`", name.text)),
        };
        self.push(error);
    }

    /// What a case expects is expected of the last step that says nothing itself.
    fn case(&mut self, case: Option<&Step>) {
        let Some(case) = case else { return };
        if let Some(expectation) = &case.expect {
            let expected = self.expects(expectation);
            let decides = |step: &&mut ScenarioStep| {
                step.expected.is_none()
                    && !matches!(step.action, Action::Facts(_) | Action::Wait(_))
            };
            match self.done.iter_mut().rev().find(decides) {
                Some(step) => step.expected = expected,
                // A step that is wrong is left out, and was it that this is expected of.
                None if self.failed => {}
                None => {
                    let headline = "no step is left of which a case could expect this";
                    self.wrong(expectation.verdict.span, headline, "every step says its own");
                }
            }
        }
        if self.failed {
            return;
        }
        let unread = self.columns.iter().find(|column| !self.read.contains(&column.name.text));
        if let Some(NamedValue { name, .. }) = unread {
            let headline = format!("no step reads `{}`", name.text);
            let error = self.reporter.error("G0505", name.span, headline, "changes nothing");
            self.push(error.with_help("name it where a step has a value"));
        }
    }
}

/// The rules that apply to an agent, as tests name them. A query of its own, so that a rule that changes and keeps its
/// words leaves the tests as they are.
#[salsa::tracked(returns(clone))]
fn known_rules<'db>(
    db: &'db dyn Db,
    package: Package,
    file: SourceFile,
    item: ItemNode<'db>,
) -> Arc<Vec<KnownRule>> {
    let applied = rules_of(db, package, AgentNode { file, item }).rules.into_iter();
    let checked = applied.map(|Applied { site, rule }| check_rule(db, package, site, rule));
    let of = |checked: Arc<crate::check::Checked>| {
        let known = checked
            .rules
            .iter()
            .map(|rule| KnownRule { title: rule.title.clone(), because: rule.because.clone() });
        known.collect::<Vec<_>>()
    };
    Arc::new(checked.flat_map(of).collect())
}

fn optional_float(name: &str) -> FieldTy {
    let ty = Ty::Optional(Arc::new(Ty::Float));
    FieldTy { name: name.to_owned(), ty, labels: Vec::new() }
}

fn id_of(step: usize) -> String {
    format!("call-{step}")
}

fn text(name: &str, value: &str) -> (String, Argument) {
    (name.to_owned(), Argument::Text(value.to_owned()))
}

fn texts(fields: &[(&str, &str)]) -> Argument {
    Argument::Record(fields.iter().map(|(name, value)| text(name, value)).collect())
}

fn json(value: &Argument) -> String {
    let mut bytes = Vec::new();
    value.write_json(&mut bytes);
    // It is written as UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}
