//! Runs the tables of `tests/conformance`: every row on the interpreter and on machine code.

use crate::engines::Engines;
use serde_json::Value;
use std::fmt::Write as _;

/// Runs one table and returns how many cases it has.
///
/// # Panics
/// With every row that does not hold, by name.
pub fn run(file: &str, table: &str) -> usize {
    let table: toml::Table = table.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let cases = table.get("case").and_then(toml::Value::as_array).expect("a table has cases");
    let mut broken = String::new();
    for case in cases {
        let name = text(case.get("name")).expect("a case has a name");
        if let Some(problem) = problem(&table, case) {
            writeln!(broken, "{file}: {name}\n    {problem}").unwrap();
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
    cases.len()
}

fn text(value: Option<&toml::Value>) -> Option<&str> {
    value.and_then(toml::Value::as_str)
}

/// What is not as the row says.
fn problem(table: &toml::Table, case: &toml::Value) -> Option<String> {
    let of = |key: &str| case.get(key).or_else(|| table.get(key));
    let parameters = text(of("parameters")).map(|p| format!("({p})")).unwrap_or_default();
    let rules = case.get("rules").and_then(toml::Value::as_array).expect("a case has rules");
    let rules: Vec<&str> = rules.iter().filter_map(toml::Value::as_str).collect();
    let source = format!(
        "guard 1\n{}\nagent tested{parameters} {{\n{}\n}}\n",
        text(of("declarations")).unwrap_or_default(),
        rules.join("\n")
    );
    let engines = Engines::compile(&source);
    if let Some(facts) = of("facts") {
        engines.set_facts(&json(facts).to_string());
    }
    let principal = of("principal").map_or_else(|| "{}".to_owned(), |p| json(p).to_string());
    let mut session = engines.session("tested", &principal);
    let decision = session.decide(&event(case));
    let want = case.get("want").expect("a case wants something");
    differences(&decision, session.redacted(), want)
}

fn json(value: &toml::Value) -> Value {
    serde_json::to_value(value).expect("a table's values are JSON")
}

fn event(case: &toml::Value) -> Vec<u8> {
    if let Some(raw) = text(case.get("raw")) {
        return raw.as_bytes().to_vec();
    }
    let event = case.get("event").expect("a case has an event");
    let mut wire = serde_json::Map::new();
    let mut put = |key: &str, value: Value| {
        wire.insert(key.to_owned(), value);
    };
    if let Some(tool) = text(event.get("call")) {
        put("type", "tool_call".into());
        put("id", "c".into());
        put("tool", tool.into());
        put("args", event.get("args").map_or_else(|| Value::Object(serde_json::Map::new()), json));
    } else if let Some(tool) = text(event.get("result")) {
        put("type", "tool_result".into());
        put("id", "c".into());
        put("tool", tool.into());
        put("text", text(event.get("text")).unwrap_or_default().into());
    } else if let Some(input) = text(event.get("input")) {
        put("type", "input".into());
        put("role", "user".into());
        put("text", input.into());
    } else if let Some(output) = text(event.get("output")) {
        put("type", "output".into());
        put("text", output.into());
    }
    for key in ["at", "confidence", "cost", "error"] {
        if let Some(value) = event.get(key) {
            put(key, json(value));
        }
    }
    Value::Object(wire).to_string().into_bytes()
}

fn differences(decision: &Value, redacted: Option<&str>, want: &toml::Value) -> Option<String> {
    let mut problems = Vec::new();
    let mut compare = |what: &str, found: Option<&str>| {
        if let Some(wanted) = text(want.get(what))
            && found != Some(wanted)
        {
            problems.push(format!("{what} is {found:?}, not {wanted:?}"));
        }
    };
    compare("verdict", decision["decision"].as_str());
    compare(
        "because",
        decision["reasons"].as_array().and_then(|r| r.iter().find_map(|r| r["because"].as_str())),
    );
    compare("respond", decision["respond"].as_str());
    compare("role", decision["approval"]["role"].as_str());
    compare("redacted", redacted);
    let faults: Vec<&str> = decision["faults"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|f| f["message"].as_str())
        .collect();
    match text(want.get("fault")) {
        Some(wanted) if !faults.iter().any(|fault| fault.contains(wanted)) => {
            problems.push(format!("the faults are {faults:?}, none says {wanted:?}"));
        }
        None if !faults.is_empty() => problems.push(format!("there are faults: {faults:?}")),
        _ => {}
    }
    if let Some(wanted) = want.get("reasons").and_then(toml::Value::as_integer) {
        let rules = decision["reasons"].as_array().into_iter().flatten();
        let found =
            rules.filter(|r| r["line"].as_u64() != Some(0) && r["effect"] != "allow").count();
        if i64::try_from(found) != Ok(wanted) {
            problems.push(format!("{found} rules are given as reasons, not {wanted}: {decision}"));
        }
    }
    (!problems.is_empty()).then(|| problems.join("; "))
}
