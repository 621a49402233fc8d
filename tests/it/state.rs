//! What a session keeps is bounded, and the bound is what the plan's listing prints.

use guard_engine::{Engine, Interpreter, Session};
use guard_plan::StateBound;
use guard_tests::engines::plan;
use std::sync::Arc;

const POLICY: &str = r#"guard 1
tool look(id: string) { untrusted }
tool pay(id: string, to: string, amount: int)
agent desk {
  scope { tool look, pay }
  mark asked on input when text contains "pay"
  subject id on tool look when id contains "0"
  prohibit tool pay when not asked
  prohibit tool pay when not seen(look when id == args.id)
  prohibit tool pay when count(look, over: 1h) > 900
  prohibit tool pay when last(pay when to == args.to).amount > amount
  prohibit tool pay when succeeded(pay when id == args.id)
  prohibit tool pay when to from untrusted
}
"#;

fn session() -> (Session, usize) {
    let plan = plan(POLICY);
    let bound = StateBound::of(&plan.agents[0]).total();
    let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
    let engine = Engine::new(plan, evaluator).unwrap();
    (engine.session("desk", "s", b"{}").unwrap(), bound)
}

#[test]
fn the_listing_prints_the_bound() {
    let plan = plan(POLICY);
    let listing = guard_plan::listing(&plan);
    let total = StateBound::of(&plan.agents[0]).total();
    assert!(listing.contains(&format!("a session keeps at most {total} bytes")), "{listing}");
    for kept in ["1 row of", "1024 rows of", "256 calls without a result", "where values came from"]
    {
        assert!(listing.contains(kept), "{kept}: {listing}");
    }
}

#[test]
fn a_session_that_has_kept_all_it_can_stays_within_its_bound() {
    let (mut session, bound) = session();
    let long = "x".repeat(1_000);
    let mut largest = 0;
    for number in 0..3_000_u64 {
        let at = number * 10;
        let call = |tool: &str, rest: &str| {
            format!(
                r#"{{"type":"tool_call","id":"{long}{number}","tool":"{tool}","args":{{"id":"{number}{long}"{rest}}},"at":{at}}}"#
            )
        };
        session.decide(br#"{"type":"input","role":"user","text":"pay"}"#);
        session.decide(call("look", "").as_bytes());
        session.decide(call("pay", &format!(r#","to":"{number}{long}","amount":1"#)).as_bytes());
        if number % 500 == 0 {
            largest = largest.max(session.to_bytes().len());
        }
    }
    largest = largest.max(session.to_bytes().len());
    assert!(largest > 1_000_000, "{largest}");
    assert!(largest <= bound, "{largest} of {bound}");
}
