//! Each promise that a plan makes, broken.

use super::world::plan;
use crate::limits::{DEPTH_MAX, QUANTIFIERS_MAX};
use crate::*;

/// The first thing that is wrong with a plan after a change.
fn broken(change: impl FnOnce(&mut Plan)) -> String {
    let mut plan = plan();
    change(&mut plan);
    verify(&plan).unwrap_err()[0].to_string()
}

fn pay(plan: &mut Plan) -> &mut Entry {
    &mut plan.agents[1].entries[1]
}

/// What is wrong when a node of the tool's entry is another one.
fn with_node(index: usize, node: Node) -> String {
    let error = broken(|plan| pay(plan).nodes[index] = node);
    error.strip_prefix("agent `bank`, tool `pay`: ").unwrap().to_owned()
}

fn event(slot: u32) -> Load {
    Load { region: Region::Event, slot }
}

#[test]
fn a_plan_that_keeps_its_promises_is_accepted() {
    assert_eq!(verify(&plan()), Ok(()));
}

#[test]
fn a_plan_of_another_version_is_refused() {
    assert_eq!(broken(|plan| plan.version = 1), "the plan: it is of another version");
}

#[test]
fn names_are_sorted_and_unique() {
    let twice = |plan: &mut Plan| plan.tools[0].name = "pay".to_owned();
    assert_eq!(broken(twice), "the plan: its tools are not sorted by name");
    assert_eq!(
        broken(|plan| plan.agents.swap(0, 1)),
        "the plan: its agents are not sorted by name"
    );
    assert_eq!(
        broken(|plan| plan.agents[1].entries.swap(0, 1)),
        "agent `bank`: its entries are not sorted by what they decide"
    );
    let unsorted = |plan: &mut Plan| plan.text_sets[0].swap(0, 1);
    assert_eq!(broken(unsorted), "text set 0: its texts are not sorted by their bytes");
    let unknown = |plan: &mut Plan| plan.text_sets[0][1] = TextId(2);
    assert_eq!(broken(unknown), "text set 0: it names a text that there is not");
}

#[test]
fn a_shape_is_finite() {
    let map = |of| Shape { kind: ShapeKind::Map(ShapeId(of)), slot: None, parts: Vec::new() };
    assert_eq!(
        broken(|plan| plan.shapes.push(map(15))),
        "shape 15: a shape inside it does not come before it"
    );
    let deep = |plan: &mut Plan| {
        let children = u32::try_from(plan.shapes.len()).unwrap();
        plan.shapes.push(Shape { kind: ShapeKind::Any, slot: None, parts: Vec::new() });
        let more = u32::try_from(DEPTH_MAX).unwrap();
        plan.shapes.extend((children..children + more).map(map));
    };
    assert!(broken(deep).ends_with("it nests too deep"));
}

#[test]
fn a_shape_has_the_parts_of_its_kind_and_each_key_once() {
    let port = |plan: &mut Plan| plan.shapes[4].parts[0].part = Part::Port;
    assert_eq!(broken(port), "shape 4: it has parts that such a value has not");
    let twice = |plan: &mut Plan| {
        let ShapeKind::Record { fields, .. } = &mut plan.shapes[9].kind else { panic!() };
        fields[1].name = "amount".to_owned();
    };
    assert_eq!(broken(twice), "shape 9: two of its keys have one name");
}

#[test]
fn every_slot_is_filled_once_by_a_value_of_its_type() {
    let of_layout =
        |change: fn(&mut Plan)| broken(change).strip_prefix("layout 0: ").unwrap().to_owned();
    assert_eq!(of_layout(|plan| plan.shapes[0].slot = None), "it has a slot that nothing fills");
    assert_eq!(
        of_layout(|plan| plan.shapes[0].slot = Some(2)),
        "a value does not fit the type of its slot"
    );
    assert_eq!(
        of_layout(|plan| plan.shapes[0].slot = Some(99)),
        "a value is read into a slot that there is not"
    );
    assert_eq!(
        of_layout(|plan| plan.shapes[4].parts[0].slot = 0),
        "two values are read into one slot"
    );
    assert_eq!(
        of_layout(|plan| plan.layouts[0].rows[1][1].ty = SlotType::Int),
        "a part does not fit the type of its slot"
    );
    assert_eq!(
        of_layout(|plan| plan.layouts[0].meta[0].0 = Meta::CallCost),
        "what is said of the event does not fit its slot"
    );
    assert_eq!(of_layout(|plan| plan.layouts[0].rows.truncate(1)), "a list has no such row");
    assert_eq!(
        of_layout(|plan| plan.layouts[0].slots[4].ty = SlotType::List(1)),
        "a value does not fit the type of its slot"
    );
    let set = |plan: &mut Plan| {
        plan.shapes[8].kind = ShapeKind::List { element: ShapeId(3), row: None };
        plan.layouts[0].slots[5].ty = SlotType::TextSet;
    };
    assert_eq!(of_layout(set), "a value does not fit the type of its slot");
}

#[test]
fn only_events_have_something_said_of_them() {
    let now = |plan: &mut Plan| plan.data.meta.push((Meta::Now, 0));
    assert_eq!(broken(now), "the facts: it asks for what is said of events");
    let source = |plan: &mut Plan| plan.layouts[1].meta[0].0 = Meta::Source;
    assert_eq!(
        broken(source),
        "agent `bank`, output: its layout names what the host does not say of such events"
    );
}

#[test]
fn parameters_facts_and_arguments_are_records() {
    let list = |plan: &mut Plan| plan.data.root = Some(ShapeId(13));
    assert_eq!(broken(list), "the facts: it is not read from a record");
    let none = |plan: &mut Plan| plan.tools[0].call = LayoutId(1);
    assert_eq!(broken(none), "tool `look`: its arguments are not a record");
}

#[test]
fn an_entry_has_the_layout_of_its_events() {
    let other = "its layout is that of other events";
    assert_eq!(
        broken(|plan| pay(plan).layout = LayoutId(1)),
        format!("agent `bank`, tool `pay`: {other}")
    );
    assert_eq!(
        broken(|plan| plan.agents[1].entries[0].layout = LayoutId(0)),
        format!("agent `bank`, output: {other}")
    );
    assert_eq!(
        broken(|plan| pay(plan).target = EventTarget::Call(ToolId(2))),
        "agent `bank`, tool `?`: it names a tool that there is not"
    );
}

#[test]
fn an_operand_comes_before_its_use() {
    assert_eq!(with_node(33, Node::Not(NodeId(33))), "an operand does not come before its use");
}

#[test]
fn operations_get_values_of_their_types() {
    let other = "an operand is of another type";
    assert_eq!(with_node(1, Node::Float(0)), other);
    assert_eq!(with_node(5, Node::Int(1)), other);
    assert_eq!(with_node(9, Node::Int(1)), other);
    assert_eq!(with_node(13, Node::Int(1)), other);
    assert_eq!(with_node(26, Node::Text(TextId(0))), other);
    assert_eq!(with_node(33, Node::Not(NodeId(0))), other);
    assert_eq!(with_node(33, Node::Int(1)), "a clause is no condition");
    assert_eq!(with_node(5, Node::Float(f64::NAN.to_bits())), "a number is not finite");
}

#[test]
fn loads_name_slots_of_the_right_type() {
    assert_eq!(with_node(0, Node::Load(event(7))), "it reads a slot that there is not");
    assert_eq!(with_node(0, Node::Load(event(2))), "a boolean is read as a value");
    assert_eq!(with_node(0, Node::Load(event(5))), "a slot is read that holds no value");
    assert_eq!(with_node(8, Node::Flag(event(0))), "a flag is no boolean");
    assert_eq!(with_node(25, Node::RowCount(event(0))), "it goes over the rows of what is no list");
    assert_eq!(
        with_node(21, Node::TextInList(NodeId(12), event(4))),
        "a text is looked for in a list of other things"
    );
    assert_eq!(with_node(16, Node::TextInData(NodeId(12), 1)), "it reads a slot that there is not");
}

#[test]
fn ids_name_what_there_is() {
    let text = NodeId(12);
    assert_eq!(with_node(13, Node::Text(TextId(2))), "it names a text that there is not");
    assert_eq!(
        with_node(15, Node::TextIn(text, TextSetId(1))),
        "it names a set of texts that there is not"
    );
    assert_eq!(with_node(20, Node::Match(NodeId(19), 1)), "it names a pattern that there is not");
    assert_eq!(with_node(35, Node::Clause(3)), "it names a clause that there is not");
    let rule = |plan: &mut Plan| pay(plan).rules[1].rule = RuleId(3);
    assert!(broken(rule).ends_with("it names a rule that there is not"));
    let clause = |plan: &mut Plan| pay(plan).clauses[1].text = ClauseId(3);
    assert!(broken(clause).ends_with("a clause has no text"));
}

#[test]
fn rows_are_read_inside_their_quantifiers() {
    let outside = "a row is read outside its quantifier";
    let row = |depth| Load { region: Region::Row(depth), slot: 0 };
    assert_eq!(with_node(29, Node::Present(row(0))), outside);
    assert_eq!(with_node(21, Node::TextInList(NodeId(12), row(2))), outside);
}

#[test]
fn clauses_stand_in_rules_and_nowhere_else() {
    assert_eq!(
        with_node(38, Node::Or(vec![NodeId(36), NodeId(3)])),
        "a rule's condition is not made of clauses"
    );
    let inner = |plan: &mut Plan| pay(plan).clauses[2].node = NodeId(35);
    assert!(broken(inner).ends_with("a clause contains a clause"));
}

#[test]
fn rules_that_allow_come_first() {
    let swapped = |plan: &mut Plan| pay(plan).rules.swap(0, 1);
    assert!(broken(swapped).ends_with("a rule that allows comes after one that does not"));
}

#[test]
fn no_prohibition_is_left_out() {
    let forgotten = |plan: &mut Plan| plan.agents[1].entries[0].rules.clear();
    assert_eq!(broken(forgotten), "bank.guard:4 `prohibit output`: no event asks this rule");
    let mut plan = plan();
    // A permission that is left out permits nothing.
    pay(&mut plan).rules.remove(0);
    assert_eq!(verify(&plan), Ok(()));
}

#[test]
fn conditions_are_no_deeper_than_they_may_be() {
    let with_nots = |count: usize| {
        let mut plan = plan();
        let entry = pay(&mut plan);
        for _ in 0..count {
            let last = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
            let below = if last == NodeId(38) { NodeId(9) } else { last };
            entry.nodes.push(Node::Not(below));
        }
        entry.clauses[2].node = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
        verify(&plan)
    };
    assert_eq!(with_nots(DEPTH_MAX - 1), Ok(()));
    let errors = with_nots(DEPTH_MAX).unwrap_err();
    assert!(errors[0].to_string().ends_with("its conditions nest too deep"));
}

#[test]
fn a_condition_that_repeats_itself_without_end_is_refused() {
    let doubled = |plan: &mut Plan| {
        let entry = pay(plan);
        for _ in 0..64 {
            let last = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
            let below = if last == NodeId(38) { NodeId(9) } else { last };
            entry.nodes.push(Node::And(vec![below, below]));
        }
        entry.clauses[2].node = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
    };
    assert!(broken(doubled).ends_with("its conditions take too many steps"));
}

#[test]
fn quantifiers_do_not_multiply_without_end() {
    let nested = |plan: &mut Plan| {
        let entry = pay(plan);
        for _ in 0..=QUANTIFIERS_MAX {
            let last = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
            let body = if last == NodeId(38) { NodeId(9) } else { last };
            entry.nodes.push(Node::Quantify { all: true, list: event(4), body });
        }
        entry.clauses[2].node = NodeId(u32::try_from(entry.nodes.len() - 1).unwrap());
    };
    assert!(broken(nested).ends_with("too many quantifiers stand in each other"));
}

#[test]
fn a_layout_of_shapes_that_share_their_parts_is_walked_in_bounded_time() {
    let shared = |plan: &mut Plan| {
        for _ in 0..100 {
            let last = ShapeId(u32::try_from(plan.shapes.len() - 1).unwrap());
            let field =
                |name: &str| FieldShape { name: name.to_owned(), optional: true, shape: last };
            let kind = ShapeKind::Record { fields: vec![field("a"), field("b")], open: true };
            plan.shapes.push(Shape { kind, slot: None, parts: Vec::new() });
        }
        plan.data.root = Some(ShapeId(u32::try_from(plan.shapes.len() - 1).unwrap()));
    };
    assert_eq!(broken(shared), "the facts: two values are read into one slot");
}
