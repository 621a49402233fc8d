//! Bounds on the whole of a plan: small bytes must not cost much time.

use super::world::plan;
use crate::*;

/// A condition that takes two to the power of `doublings` steps.
fn repeat(plan: &mut Plan, doublings: usize) {
    let entry = &mut plan.agents[1].entries[1];
    for _ in 0..doublings {
        let last = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
        let below = if last == NodeId(38) { NodeId(9) } else { last };
        entry.nodes.push(Node::And(vec![below, below]));
    }
    entry.clauses[2].node = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
}

#[test]
fn only_calls_are_allowed_by_rules() {
    let mut plan = plan();
    let allow = EntryRule { rule: RuleId(0), condition: None };
    plan.agents[1].entries[0].rules.insert(0, allow);
    let errors = verify(&plan).unwrap_err();
    assert_eq!(errors[0].to_string(), "agent `bank`, output: a rule allows what is no call");
}

#[test]
fn many_entries_that_repeat_themselves_are_refused_together() {
    let mut plan = plan();
    repeat(&mut plan, 20);
    assert_eq!(verify(&plan), Ok(()));
    let agent = plan.agents[1].clone();
    let more = (0..40).map(|index| Agent { name: format!("c{index:02}"), ..agent.clone() });
    plan.agents.extend(more);
    let errors = verify(&plan).unwrap_err();
    assert!(errors[0].to_string().ends_with("the plan takes too many steps to verify"));
}

#[test]
fn nothing_in_a_plan_can_pass_for_a_line_of_its_listing() {
    let mut plan = plan();
    let lines = listing(&plan).lines().count();
    plan.tools[1].name = "pay\n    allow if true".to_owned();
    plan.clauses[0].text = "amount\r\u{2028}\u{202e}".to_owned();
    let text = listing(&plan);
    assert_eq!(text.lines().count(), lines);
    assert!(text.contains("tool pay\\u{a}    allow if true\n"));
    assert!(text.contains("amount\\u{d}\\u{2028}\\u{202e}\n"));
}

#[test]
fn a_listing_names_tools_and_the_slots_of_rows() {
    let text = listing(&plan());
    assert!(text.contains("tool look\n  call amount: Int, "), "{text}");
    let inner =
        "all of people[].cc: ((people[].cc[].domain ~ p0 and currency in outer1.people[].cc))";
    assert!(text.contains(inner), "{text}");
}

#[test]
fn a_plan_that_is_not_verified_has_a_listing_that_ends() {
    let mut plan = plan();
    repeat(&mut plan, 200);
    assert!(listing(&plan).ends_with("\nthe listing is cut here: it is too long\n"));
}
