//! Input that nobody should send: each kind ends in a denial or a clear error, never in a panic.

use guard_tests::engines::{Engines, Sessions};
use serde_json::Value;

const POLICY: &str = r"guard 1
tool pay(amount: int, note: string?)
agent payer {
  scope { tool pay }
  prohibit tool pay when amount > 100
}
";

fn session() -> Sessions {
    Engines::compile(POLICY).session("payer", "{}")
}

#[track_caller]
fn denied(event: &[u8], fault: &str) {
    let decision = session().decide(event);
    assert_eq!(decision["decision"], "deny", "{decision}");
    let faults: Vec<&Value> = decision["faults"].as_array().unwrap().iter().collect();
    let said = faults.iter().any(|f| f["message"].as_str().unwrap().contains(fault));
    assert!(said, "no fault says `{fault}`: {faults:?}");
}

#[test]
fn a_well_formed_event_passes() {
    let event = br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":5}}"#;
    assert_eq!(session().decide(event)["decision"], "allow");
}

#[test]
fn truncated_json_is_denied_wherever_it_is_cut() {
    let event =
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":5,"note":"a\u00e9"}}"#;
    let mut session = session();
    for length in 0..event.len() {
        let decision = session.decide(&event[..length]);
        assert_eq!(decision["decision"], "deny", "cut at {length}");
    }
}

#[test]
fn invalid_utf8_is_denied() {
    denied(
        b"{\"type\":\"tool_call\",\"id\":\"c\",\"tool\":\"pay\",\"args\":{\"note\":\"\xff\xfe\"}}",
        "UTF-8",
    );
}

#[test]
fn ten_megabytes_of_brackets_are_denied() {
    denied(&vec![b'['; 10 << 20], "");
    let mut event = br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":"#.to_vec();
    event.extend(std::iter::repeat_n(b'{', 10 << 20));
    denied(&event, "");
}

#[test]
fn a_nul_in_a_tools_name_is_denied() {
    denied(br#"{"type":"tool_call","id":"c","tool":"pay\u0000","args":{"amount":5}}"#, "");
}

#[test]
fn duplicate_keys_are_denied_wherever_they_are() {
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":5,"amount":500}}"#,
        "twice",
    );
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","tool":"pay","args":{"amount":5}}"#,
        "twice",
    );
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"am\u006funt":5,"amount":500}}"#,
        "twice",
    );
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":5},"unread":{"a":1,"a":2}}"#,
        "twice",
    );
}

#[test]
fn a_missing_an_extra_and_a_mistyped_argument_are_denied() {
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{}}"#,
        "argument `amount` is missing",
    );
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":5,"x":1}}"#,
        "argument `x` is not declared",
    );
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":"5"}}"#,
        "argument `amount` is not a whole number",
    );
}

#[test]
fn an_integer_beyond_64_bits_is_denied() {
    denied(
        br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":99999999999999999999}}"#,
        "argument `amount`",
    );
}

#[test]
fn an_empty_event_is_denied() {
    denied(b"", "");
    denied(b"   ", "");
    denied(b"null", "");
    denied(b"[]", "");
    denied(b"{}", "");
}
