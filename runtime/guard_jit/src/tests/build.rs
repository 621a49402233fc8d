//! Plans and records built by hand, over one fixed layout.

use super::Inputs;
use guard_plan::*;
use guard_value::{Facts, Record, SlotValue, TextSet};

pub(crate) const BOOL: u32 = 0;
pub(crate) const INT: u32 = 2;
pub(crate) const FLOAT: u32 = 4;
pub(crate) const TEXT: u32 = 6;
pub(crate) const LIST: u32 = 8;
pub(crate) const PEOPLE: u32 = 9;
pub(crate) const PRESENCE: u32 = 10;
/// Of the data region.
pub(crate) const DATA_SET: u32 = 3;

fn slots(types: &[SlotType]) -> Vec<Slot> {
    types.iter().map(|ty| Slot { name: String::new(), ty: *ty }).collect()
}

/// The event's slots, and its rows: texts with an int and a bool; people with a nested list.
pub(crate) fn layout() -> Layout {
    use SlotType::{Bool, Float, Int, List, Presence, Text};
    Layout {
        root: None,
        slots: slots(&[Bool, Bool, Int, Int, Float, Float, Text, Text, List(0), List(1), Presence]),
        rows: vec![slots(&[Text, Int, Bool]), slots(&[Text, List(2)]), slots(&[Text, Float])],
        meta: Vec::new(),
        answers: Vec::new(),
    }
}

fn parameters() -> Layout {
    use SlotType::{Bool, Int, List, Text};
    let rows = vec![slots(&[Text, Int])];
    Layout { slots: slots(&[Text, Int, Bool, List(0)]), rows, ..Layout::default() }
}

fn data() -> Layout {
    use SlotType::{Bool, Float, Int, Text, TextSet};
    Layout { slots: slots(&[Int, Text, Bool, TextSet, TextSet, Float]), ..Layout::default() }
}

/// A plan without agents.
pub(crate) fn plan() -> Plan {
    let rule = |effect| Rule {
        effect,
        title: String::new(),
        condition: None,
        because: None,
        respond: None,
        place: Place::default(),
    };
    Plan {
        detectors: Vec::new(),
        models: Vec::new(),
        services: Vec::new(),
        version: PLAN_VERSION,
        edition: 1,
        package: "test".to_owned(),
        texts: Vec::new(),
        text_sets: Vec::new(),
        patterns: vec![
            Pattern { source: "a+b".to_owned(), whole: false },
            Pattern { source: "[a-z]+@[a-z.]+".to_owned(), whole: true },
        ],
        shapes: Vec::new(),
        layouts: vec![layout()],
        data: data(),
        tools: Vec::new(),
        agents: Vec::new(),
        rules: vec![
            rule(Effect::Allow),
            rule(Effect::Escalate { role: "owner".to_owned(), quorum: 1, expires: None }),
            rule(Effect::Deny),
            rule(Effect::Halt),
        ],
        clauses: Vec::new(),
    }
}

/// An agent.
pub(crate) fn agent(entries: Vec<Entry>) -> Agent {
    Agent { name: "agent".to_owned(), parameters: parameters(), entries, ..Agent::default() }
}

/// An entry for calls.
pub(crate) fn entry(nodes: Vec<Node>, clauses: Vec<EntryClause>, rules: Vec<EntryRule>) -> Entry {
    Entry {
        target: EventTarget::Call(ToolId(0)),
        layout: LayoutId(0),
        nodes,
        clauses,
        rules,
        ..Entry::default()
    }
}

pub(crate) fn clause(node: u32, eager: bool) -> EntryClause {
    EntryClause { node: NodeId(node), eager, text: ClauseId(0) }
}

pub(crate) fn rule(rule: u32, condition: Option<u32>) -> EntryRule {
    EntryRule { rule: RuleId(rule), condition: condition.map(NodeId) }
}

/// A text of the plan; added where it is new.
pub(crate) fn text(plan: &mut Plan, text: &str) -> TextId {
    let at = plan.texts.iter().position(|t| t == text).unwrap_or_else(|| {
        plan.texts.push(text.to_owned());
        plan.texts.len() - 1
    });
    TextId(u32::try_from(at).unwrap())
}

/// A set of texts of the plan.
pub(crate) fn set(plan: &mut Plan, texts: &[String]) -> TextSetId {
    let mut texts = texts.to_vec();
    texts.sort_unstable();
    texts.dedup();
    let ids = texts.iter().map(|t| text(plan, t)).collect();
    plan.text_sets.push(ids);
    TextSetId(u32::try_from(plan.text_sets.len() - 1).unwrap())
}

/// Records of the right size that hold nothing.
pub(crate) fn nothing() -> Inputs {
    let (mut event, mut principal) = (Record::default(), Record::default());
    event.reset(layout().slots.len());
    principal.reset(parameters().slots.len());
    Inputs { event, principal, facts: Facts::unknown(data().slots.len()) }
}

/// Records of which everything is known.
pub(crate) fn everything() -> Inputs {
    let mut inputs = nothing();
    let event = &mut inputs.event;
    event.set(0, SlotValue::from_bool(true));
    event.set(1, SlotValue::from_bool(false));
    event.set(2, SlotValue::from_int(7));
    event.set(3, SlotValue::from_int(-3));
    event.set(4, SlotValue::from_float(1.5));
    event.set(5, SlotValue::from_float(-0.25));
    event.set_text(6, "alice@example.com");
    event.set_text(7, "example.com");
    event.set(10, SlotValue::PRESENT);
    let first = event.push_row(3);
    event.push_row(3);
    event.set_rows(8, first, 2);
    for (row, (text, number)) in [("alice", 1), ("example.com", 2)].into_iter().enumerate() {
        event.set_text(first + row * 3, text);
        event.set(first + row * 3 + 1, SlotValue::from_int(number));
        event.set(first + row * 3 + 2, SlotValue::from_bool(number == 1));
    }
    let first = event.push_row(2);
    event.set_rows(9, first, 1);
    event.set_text(first, "bob");
    let inner = event.push_row(2);
    event.set_rows(first + 1, inner, 1);
    event.set_text(inner, "carol");
    event.set(inner + 1, SlotValue::from_float(2.0));
    inputs.principal.set_text(0, "admin");
    inputs.principal.set(1, SlotValue::from_int(100));
    inputs.principal.set(2, SlotValue::from_bool(true));
    inputs.facts.record.set_text(1, "prod");
    inputs.facts.set_texts(3, TextSet::new(["alice@example.com", "bob"]));
    inputs
}
