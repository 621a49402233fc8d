//! The classes of defect found in systems of this kind, each as a test that it cannot happen here.
//! Those about streams, approvals and hosts come with those parts.

use guard_tests::engines::{Engines, findings, try_plan};

fn policy(rules: &str) -> String {
    format!(
        "guard 1\ntool send_email(to: email, body: string, cc: email?)\ntool look(id: string)\nagent mail {{\n{rules}\n}}\n"
    )
}

fn codes(rules: &str) -> Vec<String> {
    findings(&[("test.guard", &policy(rules))]).into_iter().map(|(_, code)| code).collect()
}

fn verdict(rules: &str, event: &str) -> String {
    let engines = Engines::compile(&policy(rules));
    engines.session("mail", "{}").decide(event.as_bytes())["decision"].as_str().unwrap().to_owned()
}

#[test]
fn a_misspelt_tool_or_argument_does_not_load() {
    assert_eq!(codes("prohibit tool sned_email"), ["G0111"]);
    assert_eq!(codes("prohibit tool send_email when too.domain == \"evil.test\""), ["G0201"]);
}

#[test]
fn an_unanchored_pattern_as_a_domain_check_is_pointed_out_and_the_typed_form_holds() {
    assert_eq!(codes("scope { tool send_email when to finds r\"acme.com\" }"), ["G0240"]);
    assert_eq!(codes("scope { tool send_email when to.domain ends with \"acme.com\" }"), ["G0241"]);
    let rules = "scope { tool send_email when to.domain == \"acme.com\" }";
    for address in
        ["mallory@mail.example", "x@compromise.test", "a@acme.com.evil.test", "acme.com@evil.test"]
    {
        let event = format!(
            r#"{{"type":"tool_call","id":"c","tool":"send_email","args":{{"to":"{address}","body":"x"}}}}"#
        );
        assert_eq!(verdict(rules, &event), "deny", "{address}");
    }
}

#[test]
fn a_missing_argument_does_not_skip_the_constraint() {
    let rules = "scope { tool send_email } prohibit tool send_email when to.domain != \"acme.com\"";
    let event = r#"{"type":"tool_call","id":"c","tool":"send_email","args":{"body":"x"}}"#;
    assert_eq!(verdict(rules, event), "deny");
    // An optional argument cannot be constrained without saying what its absence means.
    assert_eq!(codes("prohibit tool send_email when cc.domain != \"acme.com\""), ["G0231"]);
}

#[test]
fn an_error_in_a_rule_does_not_disable_the_rule() {
    let rules = "scope { tool look } prohibit tool look when id.length / (id.length - 1) > 5";
    assert_eq!(
        verdict(rules, r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#),
        "deny"
    );
    assert_eq!(
        verdict(rules, r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"abc"}}"#),
        "allow"
    );
}

#[test]
fn a_long_session_is_no_outage() {
    let engines = Engines::compile(&policy("scope { tool look when session.events < 100_000 }"));
    let mut session = engines.session("mail", "{}");
    let event = br#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#;
    for _ in 0..2_000 {
        assert_eq!(session.decide(event)["decision"], "allow");
    }
}

#[test]
fn text_is_scanned_to_its_end() {
    let rules = "prohibit output when text finds r\"needle-[0-9]{4}\"";
    let text = format!("{} needle-1234", "hay ".repeat(250_000));
    let event = format!(r#"{{"type":"output","text":"{text}"}}"#);
    assert_eq!(verdict(rules, &event), "deny");
}

#[test]
fn sessions_share_no_state() {
    let engines = Engines::compile(&policy("scope { tool look when session.events == 0 }"));
    let event = br#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#;
    let (mut a, mut b) = (engines.session("mail", "{}"), engines.session("mail", "{}"));
    assert_eq!(a.decide(event)["decision"], "allow");
    assert_eq!(a.decide(event)["decision"], "deny");
    assert_eq!(b.decide(event)["decision"], "allow");
}

#[test]
fn case_and_spelling_of_parsed_values_do_not_matter_on_either_side() {
    let rules = "scope { tool send_email when to == \"ADA@ACME.com\" or to.domain in [\"Office.EXAMPLE\"] }";
    for (address, wanted) in
        [("ADA@acme.COM", "allow"), ("bob@office.example", "allow"), ("ada@acme.com", "deny")]
    {
        let event = format!(
            r#"{{"type":"tool_call","id":"c","tool":"send_email","args":{{"to":"{address}","body":"x"}}}}"#
        );
        assert_eq!(verdict(rules, &event), wanted, "{address}");
    }
}

#[test]
fn a_rule_that_can_never_fire_does_not_load() {
    assert!(try_plan(&policy("prohibit tool look when 1 > 2")).is_err());
    assert!(try_plan(&policy("prohibit tool admin.*")).is_err());
    assert!(try_plan(&policy("scope { tool look } prohibit tool look")).is_err());
}

/// What `prohibit` with this condition makes of a call.
fn prohibited(functions: &str, condition: &str) -> bool {
    let source = format!(
        "guard 1\ntool t(tags: [string], nums: [int])\n{functions}\nagent a {{ scope {{ tool t }}\n prohibit tool t when {condition} }}\n"
    );
    let event = br#"{"type":"tool_call","id":"c","tool":"t","args":{"tags":["q","z"],"nums":[1]}}"#;
    Engines::compile(&source).session("a", "{}").decide(event)["decision"] == "deny"
}

#[test]
fn a_question_about_a_list_means_the_same_inside_another() {
    let both = "fn both(b: bool, xs: [string]) -> bool = any x in xs: b and x == \"q\"";
    assert!(prohibited(both, "both(any y in tags: y == \"z\", tags)"));
    assert!(!prohibited(both, "both(any y in tags: y == \"w\", tags)"));
    let listed = both.replace("b and", "any c in [b]: c and");
    assert!(prohibited(&listed, "both(any y in tags: y == \"z\", tags)"));
    let outer = "fn both(b: bool, xs: [string]) -> bool = all x in xs: b";
    assert!(prohibited(outer, "any w in tags: both(any y in tags: y == w, tags)"));
    assert!(!prohibited(outer, "any w in tags: both(all y in tags: y == w, tags)"));
    let number = "(if any y in tags: y == \"z\" then 1 else 2) in nums";
    assert!(prohibited("", number));
    assert!(!prohibited("", &number.replace("\"z\"", "\"w\"")));
}
