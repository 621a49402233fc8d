//! regorus: Rego on its register machine (RVM). Rule sets come in two idioms: one Rego rule for each,
//! and rules as data that four Rego rules look up.

use crate::call::{
    ALLOW, CURRENCIES, DENY, DESTROYS, ESCALATE, HOSTS, MAIL_ENDINGS, RUNS_FETCHED, TOOLS_IN_SCOPE,
};
use crate::rule_set::{Condition, RuleSet, agent_name, tool_name};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};
use serde_json::json;
use std::collections::BTreeMap;

const HEAD: &str = "package guard\n\nimport rego.v1\n\n";
const ENTRY: &str = "data.guard.decision";

/// The twelve rules.
pub fn policy() -> String {
    let tools = set(&TOOLS_IN_SCOPE);
    let hosts = set(&HOSTS);
    let currencies = set(&CURRENCIES);
    let domains: Vec<&str> =
        MAIL_ENDINGS.iter().map(|ending| ending.trim_start_matches('@')).collect();
    let domains = set(&domains);
    format!(
        r#"{HEAD}tools := {tools}
hosts := {hosts}
currencies := {currencies}
domains := {domains}
file_tools := {{"read_file", "write_file"}}

deny contains "scope" if not input.tool in tools

deny contains "destroys" if {{
	input.tool == "shell"
	regex.match(`{DESTROYS}`, input.args.command)
}}

deny contains "runs fetched" if {{
	input.tool == "shell"
	regex.match(`{RUNS_FETCHED}`, input.args.command)
}}

deny contains "large" if {{
	input.tool == "pay"
	input.args.amount > 10000
	input.user.role != "treasurer"
}}

escalate contains "pay" if {{
	input.tool == "pay"
	input.args.amount > 1000
}}

deny contains "currency" if {{
	input.tool == "pay"
	not input.args.currency in currencies
}}

deny contains "recipients" if {{
	input.tool == "send_email"
	some address in input.args.to
	not split(address, "@")[1] in domains
}}

escalate contains "many" if {{
	input.tool == "send_email"
	count(input.args.to) > 10
}}

deny contains "outside" if {{
	input.tool in file_tools
	not startswith(input.args.path, "/srv/team/")
}}

deny contains "upwards" if {{
	input.tool in file_tools
	contains(input.args.path, "..")
}}

deny contains "secrets" if {{
	input.tool == "write_file"
	some ending in {{".env", ".pem"}}
	endswith(input.args.path, ending)
}}

deny contains "hosts" if {{
	input.tool == "http_get"
	not input.args.host in hosts
}}

default decision := "allow"

decision := "deny" if {{
	count(deny) > 0
}} else := "escalate" if {{
	count(escalate) > 0
}}
"#
    )
}

fn set(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("{{{}}}", quoted.join(", "))
}

/// One Rego rule for each rule of a set.
pub fn rule_set_policy(set: &RuleSet) -> String {
    let mut text = String::from(HEAD);
    text += "default decision := \"allow\"\n\ndecision := \"deny\" if count(deny) > 0\n\n";
    for (index, rule) in set.rules.iter().enumerate() {
        let condition = match &rule.condition {
            Condition::AmountAbove(bound) => format!("input.args.amount > {bound}"),
            Condition::ProductionUnlessAdmin => {
                "input.args.stage == \"production\"\n\tinput.user.role != \"admin\"".to_owned()
            }
            Condition::PathOutside(folder) => {
                format!("not startswith(input.args.path, \"{folder}\")")
            }
            Condition::MailOutside(ending) => {
                format!("some address in input.args.to\n\tnot endswith(address, \"{ending}\")")
            }
        };
        let (agent, tool) = (agent_name(rule.agent), tool_name(rule.tool));
        text += &format!(
            "deny contains {index} if {{\n\tinput.agent == \"{agent}\"\n\tinput.tool == \"{tool}\"\n\t{condition}\n}}\n\n"
        );
    }
    text
}

/// Rules as data: the same for a set of any size.
pub const DATA_POLICY: &str = r#"package guard

import rego.v1

default decision := "allow"

decision := "deny" if count(deny) > 0

rules := data.rules[input.agent][input.tool]

deny contains rule.id if {
	some rule in rules
	rule.kind == "amount"
	input.args.amount > rule.bound
}

deny contains rule.id if {
	some rule in rules
	rule.kind == "production"
	input.args.stage == "production"
	input.user.role != "admin"
}

deny contains rule.id if {
	some rule in rules
	rule.kind == "path"
	not startswith(input.args.path, rule.folder)
}

deny contains rule.id if {
	some rule in rules
	rule.kind == "mail"
	some address in input.args.to
	not endswith(address, rule.ending)
}
"#;

/// The data of [`DATA_POLICY`].
pub fn rule_set_data(set: &RuleSet) -> String {
    let mut rules: BTreeMap<String, BTreeMap<String, Vec<serde_json::Value>>> = BTreeMap::new();
    for (index, rule) in set.rules.iter().enumerate() {
        let row = match &rule.condition {
            Condition::AmountAbove(bound) => {
                json!({ "id": index, "kind": "amount", "bound": bound })
            }
            Condition::ProductionUnlessAdmin => json!({ "id": index, "kind": "production" }),
            Condition::PathOutside(folder) => {
                json!({ "id": index, "kind": "path", "folder": folder })
            }
            Condition::MailOutside(ending) => {
                json!({ "id": index, "kind": "mail", "ending": ending })
            }
        };
        let tools = rules.entry(agent_name(rule.agent)).or_default();
        tools.entry(tool_name(rule.tool)).or_default().push(row);
    }
    json!({ "rules": rules }).to_string()
}

/// A loaded register machine.
pub struct Rego(RegoVM);

impl Rego {
    /// Loads a policy; `Err` says why regorus refuses it.
    pub fn load(policy: &str, data: Option<&str>) -> Result<Self, String> {
        let mut engine = Engine::new();
        for (index, part) in parts(policy).into_iter().enumerate() {
            engine
                .add_policy(format!("part{index}.rego"), part)
                .map_err(|error| error.to_string())?;
        }
        if let Some(data) = data {
            engine.add_data_json(data).map_err(|error| error.to_string())?;
        }
        let entry: Rc<str> = ENTRY.into();
        let compiled = engine.compile_with_entrypoint(&entry).map_err(|error| error.to_string())?;
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY])
            .map_err(|error| error.to_string())?;
        let mut machine = RegoVM::new();
        machine.set_max_instructions(usize::MAX / 2);
        machine.load_program(program);
        if let Some(data) = data {
            let data = Value::from_json_str(data).map_err(|error| error.to_string())?;
            machine.set_data(data).map_err(|error| error.to_string())?;
        }
        Ok(Self(machine))
    }

    #[inline(never)]
    pub fn decide(&mut self, input: &Value) -> u64 {
        self.0.set_input(input.clone());
        self.execute()
    }

    #[inline(never)]
    pub fn decide_json(&mut self, input: &str) -> u64 {
        let Ok(input) = Value::from_json_str(input) else { return DENY };
        self.0.set_input(input);
        self.execute()
    }

    fn execute(&mut self) -> u64 {
        let decision = self.0.execute().expect("the program runs");
        match decision.as_string().map(|word| &**word) {
            Ok("allow") => ALLOW,
            Ok("escalate") => ESCALATE,
            _ => DENY,
        }
    }
}

/// The input of a decision, built before the clock starts.
pub fn input(document: &serde_json::Value) -> Value {
    Value::from_json_str(&document.to_string()).expect("it was just written")
}

/// regorus refuses a file beyond a size, so a long policy is cut between rules into several files of
/// one package.
fn parts(policy: &str) -> Vec<String> {
    const PART_BYTES_MAX: usize = 800_000;
    const PART_LINES_MAX: usize = 16_000;
    let mut parts = vec![String::new()];
    let mut lines = 0;
    for block in policy.split_inclusive("\n\n") {
        let is_full = parts.last().is_some_and(|part| part.len() + block.len() > PART_BYTES_MAX);
        if is_full || lines > PART_LINES_MAX {
            parts.push(HEAD.to_owned());
            lines = 0;
        }
        lines += block.lines().count();
        if let Some(part) = parts.last_mut() {
            part.push_str(block);
        }
    }
    parts
}
