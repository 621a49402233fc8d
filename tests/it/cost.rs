//! No event makes a decision long: what its lists cost together is known before a rule is asked.

use guard_tests::engines::{Engines, Sessions};
use serde_json::Value;

fn session(rules: &str) -> Sessions {
    let source = format!(
        "guard 1\ntype Item = {{ name: string, tags: [string] }}\ntool t(xs: [int], words: [string], items: [Item], body: string)\nagent a {{ scope {{ tool t }}\n{rules}\n}}\n"
    );
    Engines::compile(&source).session("a", "{}")
}

fn call(xs: &str, words: &str, items: &str, body: &str) -> String {
    format!(
        r#"{{"type":"tool_call","id":"c","tool":"t","args":{{"xs":[{xs}],"words":[{words}],"items":[{items}],"body":"{body}"}}}}"#
    )
}

fn numbers(count: usize) -> String {
    vec!["1"; count].join(",")
}

#[track_caller]
fn too_much(decision: &Value) {
    assert_eq!(decision["decision"], "deny");
    let faults = decision["faults"].as_array().unwrap();
    assert!(faults.iter().any(|fault| fault["kind"] == "too_much_work"), "{faults:?}");
}

#[test]
fn lists_that_multiply_are_denied_before_they_are_gone_over() {
    let mut two = session("prohibit tool t when any a in xs: any b in xs: a + b == 0");
    assert_eq!(two.decide(call(&numbers(1_000), "", "", "").as_bytes())["decision"], "allow");
    // Ten thousand million pairs.
    too_much(&two.decide(call(&numbers(99_000), "", "", "").as_bytes()));
    let quantifiers: Vec<String> = ('a'..='p').map(|name| format!("any {name} in xs: ")).collect();
    let deepest = quantifiers.concat();
    let mut deepest = session(&format!("prohibit tool t when {deepest} a + p == 0"));
    assert_eq!(deepest.decide(call("1,1", "", "", "").as_bytes())["decision"], "allow");
    too_much(&deepest.decide(call(&numbers(4), "", "", "").as_bytes()));
}

#[test]
fn a_session_goes_on_after_an_event_that_was_too_much() {
    let mut session = session("prohibit tool t when any a in xs: any b in xs: a + b == 0");
    too_much(&session.decide(call(&numbers(50_000), "", "", "").as_bytes()));
    assert_eq!(session.decide(call("1,2", "", "", "").as_bytes())["decision"], "allow");
    assert_eq!(session.decide(call("1,-1", "", "", "").as_bytes())["decision"], "deny");
}

#[test]
fn lists_inside_lists_do_not_multiply() {
    let mut session =
        session("prohibit tool t when any item in items: any tag in item.tags: tag == \"z\"");
    let item = format!(r#"{{"name":"n","tags":[{}]}}"#, vec!["\"q\""; 100].join(","));
    let items = vec![item; 900].join(",");
    assert_eq!(session.decide(call("", "", &items, "").as_bytes())["decision"], "allow");
}

#[test]
fn a_text_that_is_searched_for_every_element_is_denied_and_the_elements_own_are_not() {
    let words = vec!["\"abcdefghij\""; 90_000].join(",");
    let body = "hay ".repeat(250_000);
    let mut whole = session("prohibit tool t when any w in words: body contains w");
    too_much(&whole.decide(call("", &words, "", &body).as_bytes()));
    let mut own = session("prohibit tool t when any w in words: w finds r\"needle\"");
    assert_eq!(own.decide(call("", &words, "", &body).as_bytes())["decision"], "allow");
    let mut compared = session("prohibit tool t when any w in words: w == body");
    assert_eq!(compared.decide(call("", &words, "", &body).as_bytes())["decision"], "allow");
}

#[test]
fn what_is_too_much_to_decide_is_not_explained_at_length() {
    let mut session = session("prohibit tool t when any a in xs: any b in xs: a + b == 0");
    let explained = session.explain(call(&numbers(99_000), "", "", "").as_bytes());
    assert!(explained.contains("too long together"), "{explained}");
}
