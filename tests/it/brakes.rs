//! Breakers, rules that halt, and the host's own brakes.

use guard_engine::{Engine, Interpreter, Session, Surroundings};
use guard_plan::Verdict;
use guard_state::{Claim, Claimed, Key, MemoryStore, Rates, StateStore, StoreError, What};
use guard_tests::engines::plan;
use std::sync::Arc;

const TOOLS: &str = "guard 1\ntool pay(amount: int)\ntool look()\n";

/// An engine of its own, as another process would have, over a store.
fn engine(rules: &str, store: &Arc<dyn StateStore>) -> Engine {
    let source = format!("{TOOLS}agent bank {{\n  scope {{ tool pay, look }}\n  {rules}\n}}\n");
    let plan = plan(&source);
    let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
    let around = Surroundings { store: Arc::clone(store), ..Surroundings::default() };
    Engine::within(plan, evaluator, around).unwrap()
}

fn store() -> Arc<dyn StateStore> {
    Arc::new(MemoryStore::new())
}

fn pay(session: &mut Session, amount: u32, at: u32) -> Verdict {
    let event = format!(
        r#"{{"type":"tool_call","id":"c","tool":"pay","args":{{"amount":{amount}}},"at":{at}}}"#
    );
    session.decide(event.as_bytes()).verdict()
}

fn result(session: &mut Session, error: bool, at: u32) -> Verdict {
    let event = format!(
        r#"{{"type":"tool_result","id":"c","tool":"pay","text":"x","error":{error},"at":{at}}}"#
    );
    session.decide(event.as_bytes()).verdict()
}

const BREAKER: &str =
    "breaker b on tool pay opens when failures > 50% of at least 2 over 1m closes after 10s";

#[test]
fn a_breaker_is_of_all_sessions_of_an_agent_and_of_one_tenant() {
    let store = store();
    let engines = [engine(BREAKER, &store), engine(BREAKER, &store)];
    let mut one = engines[0].session("bank", "one", b"{}").unwrap();
    let mut other = engines[1].session("bank", "two", b"{}").unwrap();
    let mut elsewhere = engines[1].session("bank", "three", b"{}").unwrap().of_tenant("t");
    for at in [1, 2] {
        assert_eq!(pay(&mut one, 1, at), Verdict::Allow);
        result(&mut one, true, at);
    }
    assert_eq!(pay(&mut one, 1, 3), Verdict::Deny);
    assert_eq!(pay(&mut other, 1, 3), Verdict::Deny);
    assert_eq!(pay(&mut elsewhere, 1, 3), Verdict::Allow);
    // It closes by itself, and counts anew.
    assert_eq!(pay(&mut other, 1, 10_001), Verdict::Deny);
    assert_eq!(pay(&mut other, 1, 10_002), Verdict::Allow);
    result(&mut other, true, 10_003);
    assert_eq!(pay(&mut other, 1, 10_004), Verdict::Allow);
}

#[test]
fn failures_are_a_share_of_the_results_in_the_window() {
    let engine = engine(BREAKER, &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap();
    for (at, failed, next) in [
        (0, true, Verdict::Allow),
        // One of two is not more than half.
        (1, false, Verdict::Allow),
        (2, true, Verdict::Deny),
    ] {
        assert_eq!(pay(&mut session, 1, at), Verdict::Allow);
        result(&mut session, failed, at);
        if next == Verdict::Deny {
            assert_eq!(pay(&mut session, 1, at), Verdict::Deny);
        }
    }
    let mut slow = engine.session("bank", "s", b"{}").unwrap().of_tenant("slow");
    for minute in 0..5 {
        assert_eq!(pay(&mut slow, 1, minute * 60_000), Verdict::Allow);
        result(&mut slow, true, minute * 60_000);
    }
}

#[test]
fn on_trial_one_that_goes_wrong_opens_it_anew_and_one_that_goes_well_closes_it() {
    let engine = engine(&format!("{BREAKER} then escalate to \"on-call\""), &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap();
    for at in [1, 2] {
        pay(&mut session, 1, at);
        result(&mut session, true, at);
    }
    let event = br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":1},"at":10002}"#;
    let decision = session.decide(event);
    assert_eq!(decision.verdict(), Verdict::Escalate);
    assert_eq!(decision.approval().unwrap().role, "on-call");
    result(&mut session, true, 10_003);
    assert_eq!(pay(&mut session, 1, 20_002), Verdict::Deny);
    assert_eq!(pay(&mut session, 1, 20_003), Verdict::Escalate);
    result(&mut session, false, 20_004);
    assert_eq!(pay(&mut session, 1, 20_005), Verdict::Allow);
}

#[test]
fn a_breaker_that_stays_open_is_closed_by_the_host() {
    let engine = engine(&format!("{BREAKER} then deny"), &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap();
    for at in [1, 2] {
        pay(&mut session, 1, at);
        result(&mut session, true, at);
    }
    assert_eq!(pay(&mut session, 1, 900_000), Verdict::Deny);
    assert_eq!(engine.close_breaker("bank", "other", ""), Ok(false));
    assert_eq!(pay(&mut session, 1, 900_001), Verdict::Deny);
    assert_eq!(engine.close_breaker("bank", "b", ""), Ok(true));
    assert_eq!(pay(&mut session, 1, 900_002), Verdict::Allow);
}

#[test]
fn denials_open_a_breaker_and_its_own_do_not_keep_it_open() {
    let rules = "prohibit tool pay when amount > 5\n  breaker b on tool pay opens when denials > 50% of at least 2 over 1m closes after 10s";
    let engine = engine(rules, &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap();
    assert_eq!(pay(&mut session, 9, 1), Verdict::Deny);
    assert_eq!(pay(&mut session, 9, 2), Verdict::Deny);
    for at in 3..10 {
        assert_eq!(pay(&mut session, 1, at * 1_000), Verdict::Deny);
    }
    assert_eq!(pay(&mut session, 1, 10_002), Verdict::Allow);
}

#[test]
fn a_rule_halts_every_session_of_its_agent_until_the_host_lets_it_go_on() {
    let store = store();
    let rules = "halt agent on tool pay when amount > 100";
    let engines = [engine(rules, &store), engine(rules, &store)];
    let mut one = engines[0].session("bank", "one", b"{}").unwrap();
    let mut near = engines[0].session("bank", "two", b"{}").unwrap();
    let mut far = engines[1].session("bank", "three", b"{}").unwrap();
    assert_eq!(pay(&mut far, 1, 1), Verdict::Allow);
    assert_eq!(pay(&mut one, 101, 2), Verdict::Halt);
    for session in [&mut near, &mut far] {
        assert_eq!(pay(session, 1, 3), Verdict::Deny);
    }
    assert_eq!(engines[0].resume("bank"), Ok(true));
    for session in [&mut near, &mut far] {
        assert_eq!(pay(session, 1, 4), Verdict::Allow);
    }
    // The session that did it has ended.
    assert_eq!(pay(&mut one, 1, 5), Verdict::Deny);
}

#[test]
fn explaining_counts_nothing_and_halts_nobody() {
    let rules = format!("{BREAKER}\n  halt agent on tool pay when amount > 100");
    let engine = engine(&rules, &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap();
    for _ in 0..4 {
        session.explain(br#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":101}}"#);
        session.explain(br#"{"type":"tool_result","id":"c","tool":"pay","text":"","error":true}"#);
    }
    assert_eq!(pay(&mut session, 1, 1), Verdict::Allow);
}

#[test]
fn a_switch_of_the_host_holds_for_the_next_decision_of_a_running_session() {
    let engine = engine("", &store());
    let mut session = engine.session("bank", "s", b"{}").unwrap().of_tenant("t");
    assert_eq!(pay(&mut session, 1, 1), Verdict::Allow);
    for what in
        [What::Agent("bank".into()), What::Tool("pay".into()), What::Tenant("t".into()), What::All]
    {
        engine.brakes().stop(what.clone(), "an incident");
        assert_eq!(pay(&mut session, 1, 2), Verdict::Deny, "{what:?}");
        engine.brakes().release(&what);
        assert_eq!(pay(&mut session, 1, 3), Verdict::Allow, "{what:?}");
    }
}

/// A store that nobody can reach.
#[derive(Debug)]
struct Lost;

impl Lost {
    fn answer<T>() -> Result<T, StoreError> {
        Err(StoreError::Unreachable("no route".to_owned()))
    }
}

impl StateStore for Lost {
    fn claim(&self, _: &[Claim], _: i64, _: u64) -> Result<Claimed, StoreError> {
        Self::answer()
    }
    fn give_back(&self, _: &[Claim], _: u64) -> Result<(), StoreError> {
        Self::answer()
    }
    fn peek(&self, _: &[Claim], _: i64) -> Result<Claimed, StoreError> {
        Self::answer()
    }
    fn first_time(&self, _: Key) -> Result<bool, StoreError> {
        Self::answer()
    }
    fn remember(&self, _: Key) -> Result<(), StoreError> {
        Self::answer()
    }
    fn record(&self, _: Key, _: bool, _: i64, _: i64) -> Result<(), StoreError> {
        Self::answer()
    }
    fn rates(&self, _: Key, _: i64, _: i64) -> Result<Rates, StoreError> {
        Self::answer()
    }
    fn open(&self, _: Key, _: i64, _: i64) -> Result<(), StoreError> {
        Self::answer()
    }
    fn close(&self, _: Key) -> Result<(), StoreError> {
        Self::answer()
    }
}

#[test]
fn a_lost_store_refuses_what_breakers_and_halting_rules_concern() {
    let lost: Arc<dyn StateStore> = Arc::new(Lost);
    for rules in [BREAKER, "halt agent on tool pay when amount > 100"] {
        let engine = engine(rules, &lost);
        let mut session = engine.session("bank", "s", b"{}").unwrap();
        assert_eq!(pay(&mut session, 1, 1), Verdict::Deny, "{rules}");
    }
    // A result that cannot be counted is withheld.
    let mut session = engine(BREAKER, &lost).session("bank", "s", b"{}").unwrap();
    assert_eq!(result(&mut session, true, 1), Verdict::Deny);
    let mut other = engine("", &lost).session("bank", "s", b"{}").unwrap();
    assert_eq!(pay(&mut other, 1, 1), Verdict::Allow);
}
