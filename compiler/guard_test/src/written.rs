//! A test as it stands in a policy, from what happens in it.

use guard_grammar::{written_name, written_path, written_string};
use guard_types::scenario::{Action, Scenario, ScenarioStep};
use serde_json::{Map, Value};

/// A test of this title with these steps. What a step is expected to come to is what `expected` says of its number, in
/// the words that stand behind `=>`; nothing is expected where it says nothing.
///
/// The text is not in the one style, and what it names must be in sight where it is put.
pub fn written(
    title: &str,
    scenario: &Scenario,
    mut expected: impl FnMut(usize) -> Option<String>,
) -> String {
    let principal = object(&scenario.principal);
    let parameters =
        if principal.is_empty() { String::new() } else { format!("({})", fields(&principal)) };
    let mut text =
        format!("test {} for {}{parameters} {{\n", written_string(title), scenario.agent);
    for (index, step) in scenario.steps.iter().enumerate() {
        text.push_str("  ");
        text.push_str(&line(scenario, step));
        if let Some(words) = expected(index) {
            text.push_str(" => ");
            text.push_str(&words);
        }
        text.push('\n');
    }
    text.push_str("}\n");
    text
}

fn line(scenario: &Scenario, step: &ScenarioStep) -> String {
    match &step.action {
        Action::Facts(facts) => format!("given {}", fields(&object(facts))),
        Action::Wait(milliseconds) => format!("wait {}", time(*milliseconds)),
        Action::Event(event) => said(&object(event)),
        Action::Call(event) => call(&object(event)),
        Action::Result { call, event } => result(scenario, *call, step, &object(event)),
        Action::Answer { agrees, by, .. } => {
            let word = if *agrees { "approve" } else { "reject" };
            format!("{word} by {}", written_string(by))
        }
    }
}

fn said(event: &Map<String, Value>) -> String {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let words = written_string(text("text"));
    match (text("type"), text("source")) {
        ("output", _) => format!("output {words}"),
        (_, "user") => format!("input {words}"),
        (_, source) => format!("input {words} from {}", written_string(source)),
    }
}

fn call(event: &Map<String, Value>) -> String {
    let tool = event.get("tool").and_then(Value::as_str).unwrap_or_default();
    let arguments = event.get("args").and_then(Value::as_object).map(fields);
    let is_said = |name: &str| !matches!(name, "type" | "id" | "tool" | "args");
    let said: Map<String, Value> = event
        .iter()
        .filter(|(name, _)| is_said(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let said = if said.is_empty() { String::new() } else { format!(" with {}", fields(&said)) };
    format!("call {}({}){said}", written_path(tool), arguments.unwrap_or_default())
}

fn result(
    scenario: &Scenario,
    call: usize,
    step: &ScenarioStep,
    event: &Map<String, Value>,
) -> String {
    let word = if event.contains_key("error") { "fails" } else { "result" };
    let before = scenario.steps.iter().take_while(|other| !std::ptr::eq(*other, step));
    let is_call = |(index, step): (usize, &ScenarioStep)| {
        matches!(step.action, Action::Call(_)).then_some(index)
    };
    let is_of_last = before.enumerate().filter_map(is_call).last() == Some(call);
    let tool = event.get("tool").and_then(Value::as_str).unwrap_or_default();
    let of = if is_of_last { String::new() } else { format!("of {} ", written_path(tool)) };
    let returned = event.get("text").and_then(Value::as_str).unwrap_or_default();
    let value = match serde_json::from_str(returned) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => literal(&value),
        _ => written_string(returned),
    };
    format!("{word} {of}{value}")
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}

/// What is `null` is absent, which a test says by leaving it out.
fn fields(of: &Map<String, Value>) -> String {
    let there = of.iter().filter(|(_, value)| !value.is_null());
    let all = there.map(|(name, value)| format!("{}: {}", written_name(name), literal(value)));
    all.collect::<Vec<_>>().join(", ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => written_string(text),
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(of) => format!("{{ {} }}", fields(of)),
        other => other.to_string(),
    }
}

/// In the largest unit that leaves no rest.
fn time(milliseconds: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let unit = units.into_iter().find(|(size, _)| milliseconds % size == 0);
    match unit {
        Some((size, unit)) => format!("{}{unit}", milliseconds / size),
        None => format!("{milliseconds}ms"),
    }
}
