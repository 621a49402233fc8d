//! Which entries share code, what is shown of it, and what is recorded.

use super::build::{agent, clause, entry, everything, plan, rule, text};
use super::{decide, expect_same};
use crate::{MachineCode, Options, asm, clif};
use guard_match::{MatchScratch, Patterns};
use guard_plan::*;

fn event(slot: u32) -> Load {
    Load { region: Region::Event, slot }
}

/// `amount > bound` escalates, and a text equal to `name` permits.
fn two_rules(plan: &mut Plan, bound: i64, name: &str) -> Entry {
    let nodes = vec![
        Node::Load(event(2)),
        Node::Int(bound),
        Node::CompareInt(Comparison::Greater, NodeId(0), NodeId(1)),
        Node::Load(event(6)),
        Node::Text(text(plan, name)),
        Node::TextEqual(NodeId(3), NodeId(4)),
        Node::Clause(0),
        Node::Clause(1),
    ];
    let clauses = vec![clause(2, false), clause(5, false)];
    entry(nodes, clauses, vec![rule(0, Some(7)), rule(1, Some(6))])
}

#[test]
fn entries_that_differ_in_constants_share_code() {
    let mut plan = plan();
    for number in 0..50 {
        let entry = two_rules(&mut plan, number, &format!("user-{}", number + 10));
        plan.agents.push(agent(vec![entry]));
    }
    let stats = MachineCode::compile(&plan).unwrap().stats();
    assert_eq!((stats.entries, stats.shapes, stats.functions), (50, 1, 1));
    assert_eq!(stats.constant_bytes, 50 * 16);
    expect_same(&plan, (0..50).map(|agent| (agent, 0, everything())));
}

#[test]
fn few_constants_stand_in_the_code() {
    let mut plan = plan();
    for _ in 0..10 {
        for name in ["user-1", "user-2"] {
            let entry = two_rules(&mut plan, 5, name);
            plan.agents.push(agent(vec![entry]));
        }
    }
    let stats = MachineCode::compile(&plan).unwrap().stats();
    assert_eq!((stats.entries, stats.shapes, stats.functions), (20, 1, 2));
}

#[test]
fn texts_of_other_lengths_are_another_shape() {
    let mut plan = plan();
    for name in ["a", "b", "c", "dd"] {
        let entry = two_rules(&mut plan, 5, name);
        plan.agents.push(agent(vec![entry]));
    }
    let stats = MachineCode::compile(&plan).unwrap().stats();
    assert_eq!((stats.shapes, stats.functions), (2, 2));
}

#[test]
fn what_is_shown_repeats() {
    let mut plan = plan();
    let entry = two_rules(&mut plan, 5, "alice@example.com");
    plan.agents.push(agent(vec![entry]));
    let show = || {
        let (agent, entry) = (AgentId(0), EntryId(0));
        (clif(&plan, agent, entry).unwrap(), asm(&plan, agent, entry).unwrap())
    };
    let (clif_text, asm_text) = show();
    assert!(clif_text.starts_with("function u0:0(i64, i64)"), "{clif_text}");
    assert!(!clif_text.split_whitespace().any(|word| word.starts_with("trap")), "{clif_text}");
    assert!(asm_text.contains("ret"), "{asm_text}");
    assert_eq!(show(), (clif_text, asm_text));
    assert!(clif(&plan, AgentId(0), EntryId(1)).is_err());
    assert!(clif(&plan, AgentId(1), EntryId(0)).is_err());
}

#[test]
fn without_clauses_verdict_and_rules_are_the_same() {
    let mut plan = plan();
    let entry = two_rules(&mut plan, 5, "alice@example.com");
    plan.agents.push(agent(vec![entry]));
    let patterns = Patterns::default();
    let by = |keep_clauses| {
        let machine = MachineCode::compile_with(&plan, Options { keep_clauses }).unwrap();
        let mut scratch = MatchScratch::default();
        decide(&machine, &plan, (0, 0), &everything(), &patterns, &mut scratch)
    };
    let (with, without) = (by(true), by(false));
    assert_eq!(with.verdict, Verdict::Escalate);
    assert_eq!((with.clauses_true[0], without.clauses_true[0]), (0b11, 0));
    assert_eq!(with.verdict, without.verdict);
    assert_eq!(with.rules_fired, without.rules_fired);
}
