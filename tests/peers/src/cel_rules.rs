//! cel: one program for each rule, asked in order, or all rules in one expression. `matches` compiles
//! its pattern at every call, so both idioms are measured with the patterns as host functions, and the
//! first also with `matches`.

use crate::call::{
    ALLOW, CURRENCIES, DENY, DESTROYS, ESCALATE, HOSTS, MAIL_ENDINGS, RUNS_FETCHED, TOOLS_IN_SCOPE,
};
use crate::rule_set::{Condition, Rule, RuleSet, agent_name, tool_name};
use cel::{Context, Program, Value};
use regex::Regex;
use std::sync::{Arc, LazyLock};

static DESTROYS_REGEX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(DESTROYS).expect("well formed"));
static RUNS_FETCHED_REGEX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(RUNS_FETCHED).expect("well formed"));

/// How the patterns are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patterns {
    Matches,
    HostFunctions,
}

/// The twelve rules and what each decides, denials first.
pub fn policy(patterns: Patterns) -> Vec<(String, u64)> {
    let (destroys, runs_fetched) = match patterns {
        Patterns::Matches => (
            format!("input.args.command.matches(r'{DESTROYS}')"),
            format!("input.args.command.matches(r'{RUNS_FETCHED}')"),
        ),
        Patterns::HostFunctions => (
            "destroys(input.args.command)".to_owned(),
            "runs_fetched(input.args.command)".to_owned(),
        ),
    };
    let endings: Vec<String> =
        MAIL_ENDINGS.iter().map(|ending| format!("to.endsWith('{ending}')")).collect();
    let endings = endings.join(" || ");
    let (tools, currencies, hosts) = (list(&TOOLS_IN_SCOPE), list(&CURRENCIES), list(&HOSTS));
    let files = "(input.tool == 'read_file' || input.tool == 'write_file')";
    let path = "input.args.path";
    vec![
        (format!("!(input.tool in {tools})"), DENY),
        (format!("input.tool == 'shell' && {destroys}"), DENY),
        (format!("input.tool == 'shell' && {runs_fetched}"), DENY),
        (
            "input.tool == 'pay' && input.args.amount > 10000 && input.user.role != 'treasurer'"
                .to_owned(),
            DENY,
        ),
        (format!("input.tool == 'pay' && !(input.args.currency in {currencies})"), DENY),
        (format!("input.tool == 'send_email' && !input.args.to.all(to, {endings})"), DENY),
        (format!("{files} && !{path}.startsWith('/srv/team/')"), DENY),
        (format!("{files} && {path}.contains('..')"), DENY),
        (
            format!(
                "input.tool == 'write_file' && ({path}.endsWith('.env') || {path}.endsWith('.pem'))"
            ),
            DENY,
        ),
        (format!("input.tool == 'http_get' && !(input.args.host in {hosts})"), DENY),
        ("input.tool == 'pay' && input.args.amount > 1000".to_owned(), ESCALATE),
        ("input.tool == 'send_email' && size(input.args.to) > 10".to_owned(), ESCALATE),
    ]
}

/// All rules as one expression that is a number.
pub fn one_expression(rules: &[(String, u64)]) -> String {
    rules
        .iter()
        .rev()
        .fold("0".to_owned(), |rest, (rule, decision)| format!("({rule}) ? {decision} : ({rest})"))
}

fn list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}

/// One expression for each rule of a set.
pub fn rule_set_policy(set: &RuleSet) -> Vec<(String, u64)> {
    set.rules.iter().map(|rule| (rule_expression(rule), DENY)).collect()
}

fn rule_expression(rule: &Rule) -> String {
    let condition = match &rule.condition {
        Condition::AmountAbove(bound) => format!("input.args.amount > {bound}"),
        Condition::ProductionUnlessAdmin => {
            "input.args.stage == 'production' && input.user.role != 'admin'".to_owned()
        }
        Condition::PathOutside(folder) => format!("!input.args.path.startsWith('{folder}')"),
        Condition::MailOutside(ending) => {
            format!("!input.args.to.all(to, to.endsWith('{ending}'))")
        }
    };
    let (agent, tool) = (agent_name(rule.agent), tool_name(rule.tool));
    format!("input.agent == '{agent}' && input.tool == '{tool}' && {condition}")
}

/// Programs, each with what it decides.
pub struct Cel(Vec<(Program, u64)>);

impl Cel {
    pub fn load(rules: &[(String, u64)]) -> Self {
        let program = |text: &str| Program::compile(text).expect("the expression parses");
        Self(rules.iter().map(|(text, decision)| (program(text), *decision)).collect())
    }

    /// Asks the programs in order.
    #[inline(never)]
    pub fn decide(&self, context: &Context<'_, '_>) -> u64 {
        Self::first_true(&self.0, context)
    }

    /// Asks only the programs that a host's own index names.
    #[inline(never)]
    pub fn decide_some(&self, from: usize, count: usize, context: &Context<'_, '_>) -> u64 {
        Self::first_true(&self.0[from..from + count], context)
    }

    /// For a single program that is a number.
    #[inline(never)]
    pub fn decide_by_number(&self, context: &Context<'_, '_>) -> u64 {
        match self.0.first().map(|(program, _)| program.execute(context)) {
            Some(Ok(Value::Int(0))) => ALLOW,
            Some(Ok(Value::Int(1))) => ESCALATE,
            _ => DENY,
        }
    }

    fn first_true(programs: &[(Program, u64)], context: &Context<'_, '_>) -> u64 {
        for (program, decision) in programs {
            match program.execute(context) {
                Ok(Value::Bool(false)) => {}
                Ok(Value::Bool(true)) => return *decision,
                _ => return DENY,
            }
        }
        ALLOW
    }
}

/// The functions that all contexts share.
pub fn root() -> Context<'static, 'static> {
    let mut root = Context::default();
    let destroys = |command: Arc<String>| DESTROYS_REGEX.is_match(&command);
    let runs_fetched = |command: Arc<String>| RUNS_FETCHED_REGEX.is_match(&command);
    root.add_function("destroys", destroys).expect("the name is free");
    root.add_function("runs_fetched", runs_fetched).expect("the name is free");
    root
}

/// The context of a decision, built before the clock starts where the table says so.
pub fn context<'p>(
    root: &'p Context<'static, 'static>,
    input: &serde_json::Value,
) -> Context<'p, 'static> {
    let mut context = root.new_inner_scope();
    let input = cel::to_value(input).expect("every JSON value is a CEL value");
    context.add_variable_from_value("input", input);
    context
}
