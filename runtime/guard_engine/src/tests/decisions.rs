//! What sessions decide.

use super::world::{AGE, EVENTS, SESSION, draft, load, pay};
use guard_plan::{
    Comparison, Effect, Entry, EntryRule, EventTarget, LayoutId, Node, OnExpiry, RuleId, ToolId,
    Verdict,
};
use serde_json::Value;

#[test]
fn a_call_that_a_scope_permits_passes() {
    let mut draft = draft();
    let small = draft.amount(Comparison::LessOrEqual, 10);
    draft.rule(Effect::Allow, "tool pay", Some(small));
    let mut session = draft.session();
    let event = pay(r#"{"amount":10}"#);
    let decision = session.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Allow);
    assert_eq!(decision.reasons().map(|r| r.title()).collect::<Vec<_>>(), ["tool pay"]);
}

#[test]
fn a_call_that_no_scope_permits_is_denied_and_says_so() {
    let mut draft = draft();
    let small = draft.amount(Comparison::LessOrEqual, 10);
    draft.rule(Effect::Allow, "tool pay", Some(small));
    let mut session = draft.session();
    let event = pay(r#"{"amount":11}"#);
    let decision = session.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Deny);
    assert_eq!(decision.reasons().count(), 0);
    let report = decision.report();
    assert_eq!(report.reasons.len(), 1);
    assert_eq!(report.reasons[0].rule, "no scope permits `pay`");
    assert_eq!(report.reasons[0].line, 0);
}

#[test]
fn unknown_satisfies_a_prohibition_and_no_scope() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let flag = draft.clause("urgent", Node::Flag(load(super::world::URGENT)));
    draft.rule(Effect::Deny, "prohibit tool pay", Some(flag));
    let mut session = draft.session();
    let event = pay(r#"{"amount":1}"#);
    let decision = session.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Deny);
    let reason = decision.reasons().next().unwrap();
    assert!(reason.is_unknown());
    let report = decision.report();
    assert_eq!(report.reasons[0].clauses[0].truth, "unknown");
    let values: Vec<_> = report.reasons[0].clauses[0].values.iter().collect();
    assert_eq!(values, [("urgent", "absent")]);
}

#[test]
fn a_fault_denies_what_the_rules_permit() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let mut session = draft.session();
    for (arguments, kind) in [
        (r#"{"amount":"ten"}"#, "wrong_type"),
        ("{}", "missing"),
        (r#"{"amount":1,"extra":1}"#, "undeclared"),
    ] {
        let event = pay(arguments);
        let decision = session.decide(event.as_bytes());
        assert_eq!(decision.verdict(), Verdict::Deny, "{arguments}");
        assert_eq!(decision.faults()[0].kind(), kind);
    }
    assert_eq!(session.decide(pay(r#"{"amount":1}"#).as_bytes()).verdict(), Verdict::Allow);
}

#[test]
fn a_tool_that_is_not_declared_is_denied_with_a_fault() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let mut session = draft.session();
    for event in [
        r#"{"type":"tool_call","id":"1","tool":"pay2","args":{}}"#,
        r#"{"type":"tool_call","id":"1","tool":"Pay","args":{}}"#,
        r#"{"type":"tool_result","id":"1","tool":"pay2","text":"done"}"#,
    ] {
        let decision = session.decide(event.as_bytes());
        assert_eq!(decision.verdict(), Verdict::Deny);
        assert_eq!(decision.faults()[0].kind(), "undeclared_tool", "{event}");
    }
}

#[test]
fn events_without_rules_pass_unless_they_are_calls() {
    let draft = draft();
    let mut plan = draft.plan();
    plan.agents[0].entries.clear();
    let plan = std::sync::Arc::new(plan);
    let evaluator = Box::new(crate::Interpreter::new(plan.clone()));
    let engine = crate::Engine::new(plan, evaluator).unwrap();
    let mut session = engine.session("bank", "s", br#"{"role":"clerk"}"#).unwrap();
    let mut decide = |event: &str| session.decide(event.as_bytes()).verdict();
    assert_eq!(decide(r#"{"type":"input","text":"hello"}"#), Verdict::Allow);
    assert_eq!(decide(r#"{"type":"output","text":"hello"}"#), Verdict::Allow);
    assert_eq!(
        decide(r#"{"type":"tool_result","id":"1","tool":"pay","text":"done"}"#),
        Verdict::Allow
    );
    assert_eq!(decide(&pay(r#"{"amount":1}"#)), Verdict::Deny);
}

#[test]
fn a_halted_session_denies_everything_after() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let large = draft.amount(Comparison::Greater, 100);
    draft.rule(Effect::Halt, "halt tool pay", Some(large));
    let mut session = draft.session();
    assert_eq!(session.decide(pay(r#"{"amount":1}"#).as_bytes()).verdict(), Verdict::Allow);
    assert_eq!(session.decide(pay(r#"{"amount":101}"#).as_bytes()).verdict(), Verdict::Halt);
    assert!(session.is_halted());
    let event = pay(r#"{"amount":1}"#);
    let decision = session.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Deny);
    assert_eq!(decision.faults()[0].message(), "the session was halted");
    assert_eq!(decision.reasons().count(), 0);
}

#[test]
fn what_cannot_be_read_is_denied_and_counted() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let mut session = draft.session();
    let deep = "[".repeat(100_000);
    for event in ["", "{", "null", "\"x\"", r#"{"type":"other"}"#, &deep] {
        let decision = session.decide(event.as_bytes());
        assert_eq!(decision.verdict(), Verdict::Deny);
        assert_eq!(decision.faults().len(), 1, "{event}");
    }
    assert_eq!(session.decide(b"\xff").verdict(), Verdict::Deny);
    assert_eq!(session.events(), 7);
}

#[test]
fn escalation_says_whom_to_ask() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let effect = |role: &str, on_expiry| Effect::Escalate {
        quorum: 1,
        role: role.to_owned(),
        expires: Some((60_000, on_expiry)),
    };
    draft.rule(effect("clerk", OnExpiry::Allow), "escalate tool pay", None).respond =
        Some("wait".to_owned());
    draft.rule(effect("owner", OnExpiry::Deny), "escalate tool pay", None).because =
        Some("money".to_owned());
    let mut session = draft.session();
    let event = pay(r#"{"amount":1}"#);
    let decision = session.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Escalate);
    let approval = decision.approval().unwrap();
    assert_eq!((approval.role, approval.expires), ("owner", Some((60_000, OnExpiry::Deny))));
    assert_eq!(decision.respond(), Some("wait"));
    assert_eq!(decision.because(), Some("money"));
}

#[test]
fn time_and_count_are_the_sessions() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let age = draft.node(Node::Load(load(AGE)));
    let limit = draft.node(Node::Int(1000));
    let old = draft.clause("session.age > 1s", Node::CompareInt(Comparison::Greater, age, limit));
    let events = draft.node(Node::Load(load(EVENTS)));
    let three = draft.node(Node::Int(3));
    let many =
        draft.clause("session.events > 3", Node::CompareInt(Comparison::Greater, events, three));
    let has_age = draft.clause("has age", Node::Present(load(AGE)));
    let both = draft.node(Node::And(vec![has_age, old]));
    draft.rule(Effect::Deny, "prohibit", Some(both));
    draft.rule(Effect::Halt, "halt", Some(many));
    let id = draft.node(Node::Load(load(SESSION)));
    let other = draft.text("s-1");
    let same = draft.clause("session.id == \"s-1\"", Node::TextEqual(id, other));
    let differs = draft.node(Node::Not(same));
    draft.rule(Effect::Halt, "halt", Some(differs));
    let mut session = draft.session();
    let mut decide = |at: &str| {
        let event =
            format!(r#"{{"type":"tool_call","id":"1","tool":"pay","args":{{"amount":1}}{at}}}"#);
        session.decide(event.as_bytes()).verdict()
    };
    assert_eq!(decide(r#","at":5000"#), Verdict::Allow);
    assert_eq!(decide(r#","at":1000"#), Verdict::Allow);
    assert_eq!(decide(""), Verdict::Allow);
    assert_eq!(decide(r#","at":6001"#), Verdict::Deny);
    assert_eq!(decide(r#","at":5000"#), Verdict::Halt);
}

#[test]
fn facts_are_unknown_until_set_and_replaced_whole() {
    let mut draft = draft();
    let memo = draft.node(Node::Load(load(super::world::MEMO)));
    let known = draft.clause("memo in payees", Node::TextInData(memo, 0));
    draft.rule(Effect::Allow, "tool pay", Some(known));
    let engine = draft.engine();
    let mut session = engine.session("bank", "s", br#"{"role":"clerk"}"#).unwrap();
    let event = pay(r#"{"amount":1,"memo":"alice"}"#);
    assert_eq!(session.decide(event.as_bytes()).verdict(), Verdict::Deny);
    engine.set_facts(br#"{"payees":["alice","bob"]}"#).unwrap();
    assert_eq!(session.decide(event.as_bytes()).verdict(), Verdict::Allow);
    assert!(engine.set_facts(br#"{"payees":["carol"],"x":1}"#).is_err());
    assert_eq!(session.decide(event.as_bytes()).verdict(), Verdict::Allow);
    engine.set_facts(br#"{"payees":["carol"]}"#).unwrap();
    assert_eq!(session.decide(event.as_bytes()).verdict(), Verdict::Deny);
}

#[test]
fn a_result_is_read_as_json_and_its_value_may_be_anything() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let mut plan = draft.plan();
    plan.rules.push(guard_plan::Rule { effect: Effect::Deny, ..plan.rules[0].clone() });
    plan.clauses.push(guard_plan::ClauseText {
        text: "not value.ok".to_owned(),
        place: guard_plan::Place::default(),
    });
    plan.agents[0].entries.push(Entry {
        target: EventTarget::Result(ToolId(0)),
        layout: LayoutId(1),
        nodes: vec![Node::Flag(load(0)), Node::Not(guard_plan::NodeId(0)), Node::Clause(0)],
        clauses: vec![guard_plan::EntryClause {
            node: guard_plan::NodeId(1),
            eager: true,
            text: guard_plan::ClauseId(0),
        }],
        rules: vec![EntryRule { rule: RuleId(1), condition: Some(guard_plan::NodeId(2)) }],
        ..Entry::default()
    });
    let plan = std::sync::Arc::new(plan);
    let evaluator = Box::new(crate::Interpreter::new(plan.clone()));
    let engine = crate::Engine::new(plan, evaluator).unwrap();
    let mut session = engine.session("bank", "s", br#"{"role":"clerk"}"#).unwrap();
    let mut decide = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        let event = format!(r#"{{"type":"tool_result","id":"1","tool":"pay","text":{text}}}"#);
        let decision = session.decide(event.as_bytes());
        assert!(decision.faults().is_empty(), "{text}");
        decision.verdict()
    };
    assert_eq!(decide(r#"{"ok":true}"#), Verdict::Allow);
    assert_eq!(decide(r#"{"ok":true,"more":1}"#), Verdict::Allow);
    assert_eq!(decide(r#"{"ok":false}"#), Verdict::Deny);
    assert_eq!(decide("no JSON at all"), Verdict::Deny);
}

#[test]
fn a_session_needs_its_agent_and_all_its_parameters() {
    let engine = draft().engine();
    assert!(engine.session("nobody", "s", br#"{"role":"clerk"}"#).is_err());
    for principal in [&b""[..], b"{}", br#"{"role":1}"#, br#"{"role":"a","more":1}"#, b"[]"] {
        assert!(engine.session("bank", "s", principal).is_err());
    }
}

#[test]
fn the_json_of_a_decision_has_every_key_in_one_order() {
    let mut draft = draft();
    let small = draft.amount(Comparison::LessOrEqual, 10);
    draft.rule(Effect::Allow, "tool pay", Some(small));
    let mut session = draft.session();
    let allowed = session.decide(pay(r#"{"amount":1}"#).as_bytes()).to_json();
    let broken = session.decide(b"{").to_json();
    for json in [&allowed, &broken] {
        let Value::Object(object) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
        let keys: Vec<&str> = object.keys().map(String::as_str).collect();
        assert_eq!(
            keys.join(" "),
            "decision reasons faults respond redactions approval limits obligations shadow receipt"
        );
    }
    assert!(allowed.starts_with(
        r#"{"decision":"allow","reasons":[{"rule":"tool pay","module":"bank.guard","line":1,"effect":"allow","because":null,"clauses":[{"text":"amount LessOrEqual 10","truth":"true","values":{"amount":"1"}}],"unknown":false}],"faults":[],"respond":null,"redactions":[],"approval":null,"#
    ), "{allowed}");
    assert!(allowed.contains(r#""sequence":0}"#));
    assert!(broken.contains(r#""sequence":1}"#));
}

#[test]
fn an_explanation_names_what_alone_would_change_the_verdict() {
    let mut draft = draft();
    let small = draft.amount(Comparison::LessOrEqual, 10);
    draft.rule(Effect::Allow, "tool pay", Some(small));
    let huge = draft.amount(Comparison::Greater, 1000);
    let flag = draft.clause("urgent", Node::Flag(load(super::world::URGENT)));
    let both = draft.node(Node::And(vec![huge, flag]));
    draft.rule(Effect::Halt, "halt tool pay", Some(both));
    let mut session = draft.session();
    let event = pay(r#"{"amount":11,"urgent":true}"#);
    let explanation = session.explain(event.as_bytes());
    assert_eq!(session.events(), 0);
    assert_eq!(explanation.decision.decision, Verdict::Deny);
    let flips: Vec<_> =
        explanation.flips.iter().map(|f| (f.clause.as_str(), f.would_be, f.decision)).collect();
    assert_eq!(
        flips,
        [
            ("amount LessOrEqual 10", "true", Verdict::Allow),
            ("amount Greater 1000", "true", Verdict::Halt)
        ]
    );
    assert!(explanation.rules[1].close && !explanation.rules[1].fired);
    let text = explanation.to_string();
    assert!(text.contains("allow if `amount LessOrEqual 10` were true, not false"), "{text}");
}

#[test]
fn an_agent_without_parameters_takes_an_empty_object() {
    let mut plan = draft().plan();
    plan.agents[0].parameters = guard_plan::Layout::default();
    let plan = std::sync::Arc::new(plan);
    let evaluator = Box::new(crate::Interpreter::new(plan.clone()));
    let engine = crate::Engine::new(plan, evaluator).unwrap();
    assert!(engine.session("bank", "s", b"{}").is_ok());
    assert!(engine.session("bank", "s", b"").is_err());
}
