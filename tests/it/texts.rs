//! Texts that are looked at: streams, what a host must be able to do, what is written down.

use guard_engine::{Duties, Engine, HoldBack, Interpreter, Pseudonyms, Session, Surroundings};
use guard_plan::Verdict;
use guard_tests::engines::{plan, try_plan};
use std::sync::Arc;

const DETECTORS: &str = r#"guard 1
detector card = r"\b\d(?:[ -]?\d){12,18}\b" where luhn(it)
detector account = r"\b\d{6,10}\b" near "account" within 20
detector open = r"<[^>]+>"
"#;

fn engine(rules: &str, around: Surroundings) -> Engine {
    let plan = plan(&format!("{DETECTORS}agent a {{ {rules} }}"));
    let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
    Engine::within(plan, interpreter, around).unwrap()
}

fn all_duties() -> Surroundings {
    Surroundings { duties: Duties::ALL, ..Surroundings::default() }
}

fn session(rules: &str) -> Session {
    engine(rules, all_duties()).session("a", "s", b"{}").unwrap()
}

fn output(text: &str) -> Vec<u8> {
    serde_json::json!({"type": "output", "text": text}).to_string().into_bytes()
}

#[test]
fn a_streamed_output_is_what_the_decision_on_the_whole_would_pass_on() {
    let text = "é card 4111 1111 1111 1111, account 1234567é, and far from any such word 7654321";
    let mut session = session("redact card, account in output");
    let expected = session.decide(&output(text)).redacted().unwrap().to_owned();
    assert_eq!(expected, "é card [card], account [account]é, and far from any such word 7654321");
    for cut in 0..=text.len() {
        let cut = text.floor_char_boundary(cut);
        let mut stream = session.stream_output();
        let mut shown = stream.push(&text[..cut]).unwrap();
        assert!(expected.starts_with(&shown), "cut at {cut}");
        shown += &stream.push(&text[cut..]).unwrap();
        assert!(expected.starts_with(&shown), "cut at {cut}");
        let ended = stream.finish().unwrap();
        assert_eq!(shown + &ended.rest, expected, "cut at {cut}");
        assert_eq!((ended.whole.as_str(), ended.is_held), (text, false));
    }
}

#[test]
fn what_a_rule_may_refuse_is_held_back_as_a_whole() {
    let held = [
        "redact card in output prohibit output when text contains \"x\"",
        "redact card in output when text contains \"x\"",
        "escalate output to \"lead\"",
        "redact open in output",
        "limit output to 3 per 1h",
    ];
    for rules in held {
        let session = session(rules);
        let mut stream = session.stream_output();
        assert_eq!(stream.hold_back(), HoldBack::All, "{rules}");
        assert_eq!(stream.push("a card").unwrap(), "", "{rules}");
    }
    let session = session("prohibit input when text finds card");
    let mut stream = session.stream_output();
    assert_eq!(stream.hold_back(), HoldBack::Bytes(0));
    assert_eq!(stream.push("4111111111111111").unwrap(), "4111111111111111");
}

#[test]
fn a_host_that_passes_no_redacted_events_on_gets_a_denial() {
    let engine = engine("redact card in output", Surroundings::default());
    let mut session = engine.session("a", "s", b"{}").unwrap();
    let event = output("4111111111111111");
    let decision = session.decide(&event);
    assert_eq!((decision.verdict(), decision.redacted()), (Verdict::Deny, None));
    assert_eq!(decision.faults()[0].kind(), "obligation");
    assert_eq!(session.decide(&output("nothing")).verdict(), Verdict::Allow);
    assert_eq!(session.stream_output().hold_back(), HoldBack::All);
}

#[test]
fn a_pseudonym_without_a_key_is_a_denial_and_with_one_can_be_read() {
    let rules = "redact card in output with \"<{pseudonym}>\"";
    let mut without = session(rules);
    let event = output("4111111111111111");
    let decision = without.decide(&event);
    assert_eq!((decision.verdict(), decision.redacted()), (Verdict::Deny, None));
    assert_eq!(decision.faults()[0].kind(), "redaction");
    let key = Pseudonyms::with_key([3; 64]);
    let around = Surroundings { pseudonyms: Some(key.clone()), ..all_duties() };
    let mut with = engine(rules, around).session("a", "s", b"{}").unwrap();
    let decision = with.decide(&event);
    let name = decision.redacted().unwrap().trim_matches(['<', '>']);
    assert_eq!(key.read("card", name).as_deref(), Some("4111111111111111"));
}

#[test]
fn what_was_replaced_is_concealed_from_the_journal() {
    let mut session = session("redact card in output");
    let event = output("pay 4111111111111111");
    let decision = session.decide(&event);
    assert!(decision.conceals("the card 4111111111111111"));
    assert!(!decision.conceals("the card"));
    assert!(!decision.to_json().contains("4111111111111111"));
    let rules = "redact card in output prohibit output when text contains \"pay\"";
    let mut session = self::session(rules);
    let decision = session.decide(&event);
    assert_eq!((decision.verdict(), decision.redacted()), (Verdict::Deny, None));
    assert!(decision.conceals("the card 4111111111111111"), "refused, and still not written down");
}

#[test]
fn a_text_that_no_search_comes_to_an_end_with_is_refused() {
    // More is found than can be told.
    let text = "<a>".repeat(70_000);
    let mut session = session("prohibit output when text finds open");
    assert_eq!(session.decide(&output(&text)).verdict(), Verdict::Deny);
    let mut session = self::session("redact open in output");
    let event = output(&text);
    let decision = session.decide(&event);
    assert_eq!((decision.verdict(), decision.redacted()), (Verdict::Deny, None));
}

#[test]
fn the_order_of_rules_with_detectors_changes_no_plan() {
    let digest = |rules: &str| plan(&format!("{DETECTORS}agent a {{ {rules} }}")).digest();
    assert_eq!(
        digest("redact card, account in output\nprohibit input when text finds card"),
        digest("prohibit input when text finds card\nredact card, account in output"),
    );
    assert_ne!(digest("redact card in output"), digest("redact account in output"));
}

#[test]
fn a_detector_that_matches_nothing_at_all_is_an_error_at_its_pattern() {
    let errors = try_plan("guard 1\ndetector d = r\"a\" | r\"b*\"\nagent a { }").unwrap_err();
    assert_eq!((errors[0].code, errors[0].line), ("G0250", 2));
    assert!(errors[0].message.contains("matches nothing"), "{}", errors[0].message);
}
