//! The page on a decision's JSON names exactly the keys that are emitted, in their order.

use guard_tests::engines::Engines;
use guard_tests::workspace::root;
use serde_json::Value;

const POLICY: &str = "guard 1
tool pay(amount: int)
agent payer {
  scope { tool pay }
  escalate tool pay to \"owner\" when amount > 10 because \"large\" expires 15m then deny
}
";

fn documented(heading: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/decision.md")).unwrap();
    let table =
        page.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows = table.take_while(|line| line.starts_with("| `"));
    rows.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect()
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_keys_of_a_decision_are_those_of_its_page() {
    let event = br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":11}}"#;
    let decision = Engines::compile(POLICY).session("payer", "{}").decide(event);
    assert_eq!(keys(&decision), documented("key"));
    assert_eq!(keys(&decision["reasons"][0]), documented("reason"));
    assert_eq!(keys(&decision["reasons"][0]["clauses"][0]), ["text", "truth", "values"]);
    assert_eq!(
        keys(&decision["approval"]),
        ["role", "quorum", "ticket", "expires_ms", "on_expiry"]
    );
    assert_eq!(keys(&decision["receipt"]), ["event", "policy", "sequence"]);
    let malformed = Engines::compile(POLICY).session("payer", "{}").decide(b"{");
    assert_eq!(keys(&malformed), documented("key"));
    assert_eq!(keys(&malformed["faults"][0]), ["kind", "message"]);
}
