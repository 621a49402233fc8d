//! Plans assembled from typed rules written by hand, so that this crate is tested apart from the
//! checker.

use crate::{AgentProgram, Fragment, Program, ToolSignature, assemble};
use guard_grammar::span::Span;
use guard_plan::{
    Comparison, Effect, EventTarget, Meta, Node, Part, Place, Region, ShapeKind, SlotType,
    TextKind, ToolId,
};
use guard_types::tir::{CheckedRule, EventRef, Expr, ExprKind, Root, ValueRef};
use guard_types::ty::{FieldTy, RecordTy, Ty};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Every expression has a place of its own, as in a file.
fn expr(kind: ExprKind) -> Expr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let at = NEXT.fetch_add(1, Ordering::Relaxed);
    Expr { kind, span: Span::new(at, at + 1) }
}

fn value(root: Root, path: &[&str], part: Option<Part>) -> ValueRef {
    ValueRef { root, path: path.iter().map(|s| (*s).to_owned()).collect(), part }
}

fn argument(name: &str) -> ValueRef {
    value(Root::Arguments, &[name], None)
}

fn above(name: &str, bound: i64) -> Expr {
    let left = Box::new(expr(ExprKind::Value(argument(name))));
    expr(ExprKind::CompareInt(Comparison::Greater, left, Box::new(expr(ExprKind::Int(bound)))))
}

fn rule(effect: Effect, tools: &[&str], condition: Option<Expr>) -> CheckedRule {
    let condition_text = condition.as_ref().map(|c| format!("{:?}", c.kind));
    CheckedRule {
        title: format!("{effect:?} {tools:?}"),
        effect,
        does: guard_types::asked::Does::Nothing,
        events: tools.iter().map(|tool| EventRef::Call((*tool).to_owned())).collect(),
        condition,
        condition_text,
        because: None,
        respond: None,
        span: Span::new(0, 0),
    }
}

fn record(fields: &[(&str, Ty)]) -> RecordTy {
    let fields = fields.iter().map(|(name, ty)| FieldTy {
        name: (*name).to_owned(),
        ty: ty.clone(),
        labels: Vec::new(),
    });
    RecordTy { fields: fields.collect(), open: false }
}

fn program(rules: &[CheckedRule]) -> Program {
    let text = || Ty::Text(TextKind::Plain);
    let item = record(&[("size", Ty::Int), ("tags", Ty::List(text().into()))]);
    let items = Ty::List(Ty::Record(item.into()).into());
    let tool = |name: &str, fields: &[(&str, Ty)]| ToolSignature {
        name: name.to_owned(),
        arguments: record(fields).into(),
        result: Some(Ty::Record(record(&[("status", Ty::Int)]).into())),
        is_untrusted: false,
        is_confidential: false,
        labelled_fields: Vec::new(),
    };
    let rules = rules.iter().zip(1..).map(|(rule, line)| {
        let place = Place { module: "a.guard".to_owned(), line, column: 1 };
        (Arc::new(Fragment::of(rule, "")), place)
    });
    Program {
        package: "p".to_owned(),
        tools: vec![
            tool(
                "pay",
                &[("amount", Ty::Int), ("count", Ty::Int), ("to", Ty::Text(TextKind::Email))],
            ),
            tool("buy", &[("unread", text()), ("amount", Ty::Int), ("items", items)]),
        ],
        data: vec![("known".to_owned(), Ty::Set(text().into()))],
        agents: vec![AgentProgram {
            name: "agent".to_owned(),
            parameters: record(&[("level", Ty::Int)]).into(),
            rules: rules.collect(),
        }],
    }
}

#[test]
fn a_clause_that_two_rules_share_stands_once_and_is_computed_first() {
    let plan = assemble(&program(&[
        rule(Effect::Deny, &["pay"], Some(above("amount", 10))),
        rule(
            Effect::Deny,
            &["pay"],
            Some(expr(ExprKind::And(vec![above("amount", 10), above("count", 2)]))),
        ),
    ]));
    let entry = &plan.agents[0].entries[0];
    assert_eq!(entry.clauses.len(), 2);
    let eager: Vec<bool> = entry.clauses.iter().map(|clause| clause.eager).collect();
    assert_eq!(eager.iter().filter(|eager| **eager).count(), 1);
}

#[test]
fn cheap_operands_come_before_patterns() {
    let pattern = expr(ExprKind::Match(
        Box::new(expr(ExprKind::Value(value(Root::Arguments, &["to"], None)))),
        "x".to_owned(),
        false,
    ));
    let both = expr(ExprKind::And(vec![pattern, above("amount", 10)]));
    let plan = assemble(&program(&[rule(Effect::Deny, &["pay"], Some(both))]));
    let entry = &plan.agents[0].entries[0];
    let first = entry.clauses[0].node;
    assert!(matches!(entry.nodes[first.0 as usize], Node::CompareInt(..)));
}

#[test]
fn slots_are_given_only_to_what_is_read() {
    let plan = assemble(&program(&[rule(Effect::Deny, &["buy"], Some(above("amount", 1)))]));
    let entry = &plan.agents[0].entries[0];
    let layout = &plan.layouts[entry.layout.0 as usize];
    let names: Vec<&str> = layout.slots.iter().map(|slot| slot.name.as_str()).collect();
    assert_eq!(names, ["amount"]);
    assert!(layout.rows.is_empty());
}

#[test]
fn nested_lists_have_rows_of_their_own_and_elements_come_first() {
    let size = expr(ExprKind::Value(value(Root::Element(1), &["size"], None)));
    let zero = expr(ExprKind::Int(0));
    let tag = expr(ExprKind::Value(value(Root::Element(0), &[], None)));
    let word = expr(ExprKind::Text("x".to_owned()));
    let inner = expr(ExprKind::And(vec![
        expr(ExprKind::CompareInt(Comparison::Less, size.into(), zero.into())),
        expr(ExprKind::TextEqual(tag.into(), word.into())),
    ]));
    let tags = value(Root::Element(0), &["tags"], None);
    let any_tag = expr(ExprKind::Quantify(false, tags, inner.into()));
    let condition = expr(ExprKind::Quantify(true, argument("items"), any_tag.into()));
    let plan = assemble(&program(&[rule(Effect::Deny, &["buy"], Some(condition))]));
    let entry = &plan.agents[0].entries[0];
    let layout = &plan.layouts[entry.layout.0 as usize];
    assert_eq!(layout.slots.len(), 1);
    assert_eq!(layout.slots[0].ty, SlotType::List(0));
    assert_eq!(layout.rows[0].len(), 2);
    assert_eq!(layout.rows[1].len(), 1);
    let rows: Vec<u32> = entry
        .nodes
        .iter()
        .filter_map(|node| match node {
            Node::Load(load) => match load.region {
                Region::Row(depth) => Some(depth),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(rows, [1, 0]);
}

#[test]
fn facts_are_optional_and_sets_are_sets() {
    let text = expr(ExprKind::Value(argument("to")));
    let condition = expr(ExprKind::TextInData(text.into(), "known".to_owned()));
    let plan = assemble(&program(&[rule(Effect::Deny, &["pay"], Some(condition))]));
    assert_eq!(plan.data.slots[0].ty, SlotType::TextSet);
    let root = &plan.shapes[plan.data.root.unwrap().0 as usize];
    let ShapeKind::Record { fields, .. } = &root.kind else { panic!("facts are a record") };
    assert!(fields[0].optional);
}

#[test]
fn the_order_of_rules_shows_only_in_their_places() {
    let rules = vec![
        rule(Effect::Allow, &["buy", "pay"], None),
        rule(Effect::Deny, &["pay"], Some(above("amount", 10))),
        rule(Effect::Deny, &["pay"], Some(above("amount", 20))),
        rule(Effect::Deny, &["buy", "pay"], Some(above("amount", 30))),
    ];
    let mut reversed = rules.clone();
    reversed.reverse();
    let without_places = |rules: Vec<CheckedRule>| {
        let mut plan = assemble(&program(&rules));
        plan.rules.iter_mut().for_each(|rule| rule.place = Place::default());
        plan.clauses.iter_mut().for_each(|clause| clause.place = Place::default());
        plan
    };
    assert_eq!(without_places(rules), without_places(reversed));
}

#[test]
fn what_the_host_says_has_slots_after_the_arguments() {
    let cost = ValueRef { root: Root::Meta(Meta::CallCost), path: Vec::new(), part: None };
    let both = expr(ExprKind::And(vec![expr(ExprKind::Present(cost)), above("amount", 1)]));
    let plan = assemble(&program(&[rule(Effect::Deny, &["pay"], Some(both))]));
    let tool = plan.tools.iter().position(|tool| tool.name == "pay").unwrap();
    let layout = &plan.layouts[plan.tools[tool].call.0 as usize];
    assert_eq!(layout.meta, [(Meta::CallCost, 1)]);
    let target = EventTarget::Call(ToolId(u32::try_from(tool).unwrap()));
    assert_eq!(plan.agents[0].entries[0].target, target);
}
