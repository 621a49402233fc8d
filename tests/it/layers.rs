//! Policies and layers as plans and decisions show them.

use guard_tests::engines::{Engines, findings, plan};
use serde_json::Value;

const TOOLS: &str = "tool pay(amount: int, to: string, tags: [string])\ntool look(id: string)\ndata known: [string]\n";

fn source(rest: &str) -> String {
    format!("guard 1\n{TOOLS}{rest}\n")
}

fn pay(id: u32, amount: u32, to: &str) -> String {
    format!(
        r#"{{"type":"tool_call","id":"c{id}","tool":"pay","args":{{"amount":{amount},"to":"{to}","tags":["q"]}}}}"#
    )
}

fn decided(rest: &str, principal: &str, event: &str) -> Value {
    let engines = Engines::compile(&source(rest));
    engines.set_facts(r#"{"known":["z"]}"#);
    engines.session("a", principal).decide(event.as_bytes())
}

#[test]
fn the_order_of_includes_layers_and_lines_changes_no_digest() {
    let policies = "policy p(most: int) { prohibit tool pay when amount > most }\npolicy s(most: int) { scope { tool pay when amount < most } }\n";
    let one = format!(
        "{policies}agent a {{ scope {{ tool pay }}\n include p(1)\n include p(2) }}\nlayer x {{ scope {{ tool pay when amount > 5\n tool look }} }}\nlayer y {{ include s(7)\n include s(9) }}"
    );
    let other = format!(
        "layer y {{ include s(9)\n include s(7) }}\nlayer x {{ scope {{ tool look\n tool pay when amount > 5 }} }}\nagent a {{ include p(2)\n scope {{ tool pay }}\n include p(1) }}\n{policies}"
    );
    assert_eq!(plan(&source(&one)).digest(), plan(&source(&other)).digest());
}

#[test]
fn an_included_rule_has_its_place_and_its_words_in_the_policy() {
    let rest = "policy p(most: int, who: bool) {\n  prohibit tool pay\n    when amount > most and who\n}\nagent a(id: string) { scope { tool pay }\n  include p(2 * 3, id == \"u\" or id == \"v\")\n}";
    let decision = decided(rest, r#"{"id":"u"}"#, &pay(1, 7, "x"));
    let reason = &decision["reasons"][0];
    assert_eq!(reason["rule"], "prohibit tool pay");
    assert_eq!(reason["line"], 6);
    let texts: Vec<&str> =
        reason["clauses"].as_array().unwrap().iter().filter_map(|c| c["text"].as_str()).collect();
    assert_eq!(texts, ["amount > most", "who"]);
}

#[test]
fn a_boundary_says_which_layer_and_what_would_have_permitted() {
    let rest = "layer org {\n  scope {\n    tool pay when amount < 5\n    tool pay when to == \"friend\" unless amount > 9\n  }\n}\nagent a { scope { tool pay } }";
    let decision = decided(rest, "{}", &pay(1, 7, "x"));
    let reason = &decision["reasons"][0];
    assert_eq!(decision["decision"], "deny");
    assert_eq!(reason["rule"], "layer org");
    assert_eq!(reason["because"], "outside the boundary of layer org");
    assert_eq!(reason["line"], 6);
    assert_eq!(decided(rest, "{}", &pay(1, 7, "friend"))["decision"], "allow");
    assert_eq!(decided(rest, "{}", &pay(1, 10, "friend"))["decision"], "deny");
    let look = r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"x"}}"#;
    let wide = rest.replace("scope { tool pay } }", "scope { any tool } }");
    assert_eq!(decided(&wide, "{}", look)["reasons"][0]["rule"], "layer org");
}

#[test]
fn a_layer_without_a_line_permits_nothing() {
    let rest = "layer org { scope { } }\nagent a { scope { any tool } }";
    let found = findings(&[("test.guard", &source(rest))]);
    assert_eq!(found.iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["G0307"]);
    assert_eq!(decided(rest, "{}", &pay(1, 1, "x"))["decision"], "deny");
}

#[test]
fn a_tool_that_only_the_agents_file_declares_is_no_way_round_a_layer() {
    let files = [
        ("org.guard", "guard 1\ntool look()\nlayer org { scope { tool look } }\n"),
        ("main.guard", "guard 1\ntool own()\nagent a { scope { tool own } }\n"),
    ];
    let compiled = guard_lower::compile_texts(&guard_db::GuardDatabase::default(), "test", &files);
    let engines = Engines::of(&compiled.plan.unwrap());
    let event = br#"{"type":"tool_call","id":"c","tool":"own","args":{}}"#;
    assert_eq!(engines.session("a", "{}").decide(event)["decision"], "deny");
}

#[test]
fn a_limit_that_is_included_twice_alike_counts_once_and_that_of_a_layer_by_itself() {
    let verdicts = |rest: &str| {
        let engines = Engines::compile(&source(rest));
        let mut session = engines.session("a", "{}");
        let decide = |id| session.decide(pay(id, 1, "x").as_bytes())["decision"].clone();
        (1..6).map(decide).take_while(|verdict| verdict == "allow").count()
    };
    let policy = "policy capped(most: int) { limit tool pay to most per 1h }\n";
    let agent = "agent a { scope { tool pay }\n include capped(4)\n include capped(4)\n}";
    assert_eq!(verdicts(&format!("{policy}{agent}")), 4);
    assert_eq!(verdicts(&format!("{policy}layer l {{ include capped(4) }}\n{agent}")), 4);
    assert_eq!(verdicts(&format!("{policy}layer l {{ include capped(2) }}\n{agent}")), 2);
}

#[test]
fn who_is_asked_is_said_by_the_layer_where_an_agent_asks_too() {
    for own in ["aaa", "zzz"] {
        let rest = format!(
            "layer org {{ escalate tool pay to \"finance\" }}\nagent a {{ scope {{ tool pay }}\n escalate tool pay to \"{own}\" expires 1m then allow\n escalate tool pay to \"{own}\" expires 1m then deny\n escalate tool pay to \"{own}\" }}"
        );
        assert_eq!(decided(&rest, "{}", &pay(1, 1, "x"))["approval"]["role"], "finance", "{own}");
    }
}

#[test]
fn a_second_order_of_trust_is_refused_wherever_it_stands() {
    let rest = "trust user > web\nlayer org { prohibit tool pay when trust(to) >= web }\ntrust web > user\nagent a { scope { tool pay } }";
    assert_eq!(findings(&[("test.guard", &source(rest))]), [(7, "G0101".to_owned())]);
}
