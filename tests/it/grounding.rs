//! Claims and their sources over whole sessions: what supports a claim, what a decision says of the one that has
//! no source, and that neither saving nor the order of rules changes an answer.

use guard_engine::{DecisionReport, Engine, Interpreter, Session};
use guard_plan::{Question, Verdict};
use guard_tests::engines::{Engines, plan};
use guard_tests::random::Random;
use serde_json::{Value, json};
use std::sync::Arc;

const TOOLS: &str = r"guard 1
tool look_up(order: string) -> { text: string }
tool read_mail() -> { text: string }
";

const RULES: [&str; 4] = [
    "prohibit output when not grounded(text, in: results)",
    "scope { tool look_up tool read_mail }",
    "escalate output to \"lead\" when support(text, in: session) < 0.5",
    "prohibit input when not grounded(text, in: user) and text contains \"strict\"",
];

fn policy(rules: &[&str]) -> String {
    format!("{TOOLS}agent a {{\n{}\n}}\n", rules.join("\n"))
}

fn engine(rules: &[&str]) -> Engine {
    let plan = plan(&policy(rules));
    Engine::new(Arc::clone(&plan), Box::new(Interpreter::new(plan))).unwrap()
}

fn session(rules: &[&str]) -> Session {
    engine(rules).session("a", "s", b"{}").unwrap()
}

fn input(text: &str) -> Value {
    json!({"type": "input", "text": text})
}

fn result(text: &str) -> Value {
    json!({"type": "tool_result", "id": "1", "tool": "look_up", "text": text})
}

fn output(text: &str) -> Value {
    json!({"type": "output", "text": text})
}

fn verdict(session: &mut Session, event: &Value) -> Verdict {
    session.decide(event.to_string().as_bytes()).verdict()
}

/// Whether an output passes that says `answer` after a result that says `source`.
fn passes(source: &str, answer: &str) -> bool {
    let mut session = session(&RULES[..2]);
    assert_eq!(verdict(&mut session, &result(source)), Verdict::Allow, "{source}");
    verdict(&mut session, &output(answer)) == Verdict::Allow
}

#[test]
fn claims_are_compared_by_their_type() {
    for (source, answer) in [
        ("total: 1200", "The total is 1,200.00."),
        ("{\"total\": 1200.0, \"currency\": \"USD\"}", "The total is $1,200."),
        ("total 1.200,00 EUR", "It is €1200."),
        ("about 2 million users", "2,000,000 users"),
        ("limit: 1200", "a limit of 1.2k"),
        ("balance: -45.10", "You are 45.10 in debt."),
        ("{\"due\": \"2026-01-13T10:00:00Z\"}", "It is due on 13 January 2026."),
        ("due Jan. 13th, 2026", "due 2026-01-13, so in January 2026, on January 13"),
        ("due 13.01.2026", "due 01/13/2026"),
        ("opens 15:30", "opens at 3:30 pm"),
        (
            "{\"owner\": {\"first_name\": \"José\", \"last_name\": \"Núñez\"}}",
            "It belongs to JOSE NUNEZ.",
        ),
        ("see HTTP://WWW.Shop.example.com/a/", "read https://shop.example.com/a."),
        ("{\"note\": \"we will never pay twice\"}", "They wrote “we will never pay”."),
        ("order W-123 by bob@x.com from 10.0.0.1", "Order w-123: bob@x.com, 10.0.0.1"),
        ("three parcels", "3 parcels"),
        ("5 kg", "1. 5kg"),
    ] {
        assert!(passes(source, answer), "{source} | {answer}");
    }
}

#[test]
fn what_nobody_said_has_no_source() {
    for (source, answer) in [
        ("total: 1200", "The total is 1,250.00."),
        ("total €50", "The total is $50."),
        ("share 5%", "It is $5."),
        ("12000", "1200"),
        ("due 2026-01-13", "due 14 January 2026"),
        ("due 2026-01-13", "due January 13, 2027"),
        ("opens 15:30", "opens at 3:30 am"),
        ("Bob Stone and Eve Smith", "ask Bob Smith"),
        ("see https://shop.example.com/a", "see https://shop.example.com/b"),
        ("see https://shop.example.com/a", "see https://shop.example.org/a"),
        ("we will never pay twice", "They wrote “we will pay twice”."),
        ("order W-123", "order W-124"),
        ("order 007", "order 0007"),
        ("paypal", "ask p\u{430}ypal, or P\u{430}ypal"),
    ] {
        assert!(!passes(source, answer), "{source} | {answer}");
    }
}

#[test]
fn the_user_is_a_source_among_the_results_and_results_are_none_of_the_users() {
    let rules = ["prohibit output when not grounded(text, in: results)"];
    let mut by_all = session(&rules);
    assert_eq!(verdict(&mut by_all, &input("pay 70 to Bob Stone")), Verdict::Allow);
    assert_eq!(verdict(&mut by_all, &output("I pay 70 to Bob Stone")), Verdict::Allow);
    let other = json!({"type": "input", "text": "pay 80", "source": "other"});
    assert_eq!(verdict(&mut by_all, &other), Verdict::Allow);
    assert_eq!(verdict(&mut by_all, &output("I pay 80")), Verdict::Deny);

    let mut by_user = session(&["prohibit output when not grounded(text, in: user)"]);
    assert_eq!(verdict(&mut by_user, &result("total 90")), Verdict::Allow);
    assert_eq!(verdict(&mut by_user, &output("total 90")), Verdict::Deny);

    let mut anybody = session(&["prohibit output when not grounded(text, in: session)"]);
    assert_eq!(verdict(&mut anybody, &other), Verdict::Allow);
    assert_eq!(verdict(&mut anybody, &output("I pay 80")), Verdict::Allow);
}

#[test]
fn the_decision_says_which_claim_has_no_source() {
    let mut session = session(&RULES[..2]);
    verdict(&mut session, &result("total: 1200 USD, due 2026-01-13"));
    let event = output("The total of $1,250.00 is due on 2026-01-13.").to_string();
    let report = session.decide(event.as_bytes()).report();
    let clause = &report.reasons[0].clauses[0];
    let values: Vec<_> = clause.values.iter().collect();
    assert_eq!(values, [("grounded(text, in: results)", "\"$1,250.00\" (amount) has no source")]);
    let explained = session.explain(event.as_bytes()).to_string();
    assert!(explained.contains("\"$1,250.00\" (amount) has no source"), "{explained}");
}

#[test]
fn what_no_longer_fits_is_unknown_and_an_output_is_refused() {
    let rules =
        ["prohibit output when not grounded(text)", "prohibit output when support(text) < 0.01"];
    let mut full = session(&rules);
    let long = (0..70_000).map(|number| format!("w{number}x")).collect::<Vec<_>>().join(" ");
    assert_eq!(verdict(&mut full, &result(&long)), Verdict::Allow);
    let event = output("Order Q-77 of Ann Lee").to_string();
    let decision = full.decide(event.as_bytes());
    assert_eq!(decision.verdict(), Verdict::Deny);
    assert!(
        decision.report().reasons.iter().all(|reason| reason.unknown),
        "{:?}",
        decision.report()
    );
    // What is remembered for certain has its source still.
    assert_eq!(verdict(&mut session(&rules[..1]), &output("fine")), Verdict::Allow);
}

#[test]
fn saved_facts_are_bounded_and_checked() {
    let engine = engine(&RULES[..2]);
    let mut first = engine.session("a", "s", b"{}").unwrap();
    verdict(&mut first, &result("total 1200"));
    let bytes = first.to_bytes();
    let mut second = engine.session("a", "s", b"{}").unwrap();
    second.restore(&bytes).unwrap();
    assert_eq!(verdict(&mut second, &output("1,200.00")), Verdict::Allow);
    assert_eq!(verdict(&mut second, &output("1,201.00")), Verdict::Deny);
    assert_eq!(second.state_hash(), {
        verdict(&mut first, &output("1,200.00"));
        verdict(&mut first, &output("1,201.00"));
        first.state_hash()
    });
}

/// Texts in which some claims come again and most do not.
fn event(random: &mut Random) -> Value {
    const PIECES: [&str; 16] = [
        "Ann Lee ",
        "Bob ",
        "pays ",
        "never ",
        "strict ",
        "$",
        "1,200 ",
        "1200 ",
        "13 January 2026 ",
        "2026-01-13 ",
        "W-1 ",
        "“a b” ",
        ", ",
        ". ",
        "\n",
        "15:30 ",
    ];
    let text: String = (0..random.below(10)).map(|_| *random.pick(&PIECES)).collect();
    match random.below(4) {
        0 => input(&text),
        1 => result(&text),
        2 => result(&json!({"name": text, "sum": 1200}).to_string()),
        _ => output(&text),
    }
}

#[test]
fn decisions_are_the_same_after_saving_and_for_rules_in_any_order() {
    let engines = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]]
        .map(|order| engine(&order.map(|index: usize| RULES[index])));
    for seed in 1..=60 {
        let mut random = Random::new(seed);
        let [mut kept, mut second, mut third] =
            engines.each_ref().map(|engine| engine.session("a", "s", b"{}").unwrap());
        let mut saved = kept.to_bytes();
        for _ in 0..8 {
            let bytes = event(&mut random).to_string().into_bytes();
            let mut restored = engines[0].session("a", "s", b"{}").unwrap();
            restored.restore(&saved).unwrap();
            let report = kept.decide(&bytes).report();
            assert_eq!(restored.decide(&bytes).report(), report, "seed {seed}");
            saved = restored.to_bytes();
            assert_eq!(saved, kept.to_bytes(), "seed {seed}");
            let reasons = said(&report);
            for session in [&mut second, &mut third] {
                let other = session.decide(&bytes).report();
                assert_eq!(
                    (other.decision, said(&other)),
                    (report.decision, reasons.clone()),
                    "seed {seed}"
                );
            }
        }
    }
}

/// What a decision says, whatever the lines of its rules.
fn said(report: &DecisionReport) -> Vec<String> {
    let mut said: Vec<String> = report
        .reasons
        .iter()
        .map(|reason| format!("{} {:?}", reason.rule, reason.clauses))
        .collect();
    said.sort();
    said
}

type Change = fn(&mut guard_plan::Agent);

#[test]
fn a_plan_that_looks_for_claims_where_nothing_is_kept_is_refused() {
    let whole = plan(&policy(&RULES));
    assert_eq!(guard_plan::verify(&whole), Ok(()));
    let changes: [(Change, &str); 3] = [
        (|agent| agent.provenance.has_facts = false, "where nothing is kept"),
        (|agent| agent.provenance.names.clear(), "a source that there is not"),
        (
            |agent| {
                for ask in agent.entries.iter_mut().flat_map(|entry| &mut entry.asks) {
                    if let Question::Grounded { subject, .. } = &mut ask.question {
                        *subject = ask.slot;
                    }
                }
            },
            "what is no text claims nothing",
        ),
    ];
    for (change, why) in changes {
        let mut plan = (*whole).clone();
        plan.agents.iter_mut().for_each(change);
        let errors = guard_plan::verify(&plan).unwrap_err();
        assert!(errors[0].to_string().contains(why), "{}", errors[0]);
    }
}

#[test]
fn both_engines_answer_alike() {
    let engines = Engines::compile(&policy(&RULES));
    let mut session = engines.session("a", "{}");
    for event in [result("total 1200"), output("1,200.00 it is"), output("1,300.00")] {
        session.decide(event.to_string().as_bytes());
    }
}
