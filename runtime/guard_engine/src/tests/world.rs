//! A small plan built by hand: an agent that sends mail.

use crate::{Engine, Interpreter, Session};
use guard_plan::*;
use std::sync::Arc;

pub(super) const AMOUNT: u32 = 0;
pub(super) const MEMO: u32 = 1;
pub(super) const URGENT: u32 = 2;
pub(super) const TO: u32 = 3;
pub(super) const AGE: u32 = 4;
pub(super) const EVENTS: u32 = 5;
pub(super) const SESSION: u32 = 6;

pub(super) fn load(slot: u32) -> Load {
    Load { region: Region::Event, slot }
}

/// A plan in the making, with one entry: calls of `pay`.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) plan: Plan,
    pub(super) entry: Entry,
}

fn slots(slots: &[(&str, SlotType)]) -> Vec<Slot> {
    slots.iter().map(|(name, ty)| Slot { name: (*name).to_owned(), ty: *ty }).collect()
}

fn shape(kind: ShapeKind, slot: Option<u32>) -> Shape {
    Shape { kind, slot, parts: Vec::new() }
}

fn field(name: &str, optional: bool, shape: u32) -> FieldShape {
    FieldShape { name: name.to_owned(), optional, shape: ShapeId(shape) }
}

pub(super) fn draft() -> Draft {
    use SlotType::{Bool, Int, List, Text};
    let call = Layout {
        root: Some(ShapeId(5)),
        slots: slots(&[
            ("amount", Int),
            ("memo", Text),
            ("urgent", Bool),
            ("to", List(0)),
            ("session.age", Int),
            ("session.events", Int),
            ("session.id", Text),
        ]),
        rows: vec![slots(&[("to[]", Text)])],
        meta: vec![
            (Meta::SessionAge, AGE),
            (Meta::SessionEvents, EVENTS),
            (Meta::SessionId, SESSION),
        ],
        answers: Vec::new(),
    };
    let result = Layout {
        root: Some(ShapeId(8)),
        slots: slots(&[("value.ok", Bool), ("text", Text)]),
        rows: Vec::new(),
        meta: vec![(Meta::Text, 1)],
        answers: Vec::new(),
    };
    let text = ShapeKind::Text(TextKind::Plain);
    let shapes = vec![
        shape(ShapeKind::Int, Some(AMOUNT)),
        shape(text.clone(), Some(MEMO)),
        shape(ShapeKind::Bool, Some(URGENT)),
        shape(text.clone(), Some(0)),
        shape(ShapeKind::List { element: ShapeId(3), row: Some(0) }, Some(TO)),
        shape(
            ShapeKind::Record {
                fields: vec![
                    field("amount", false, 0),
                    field("memo", true, 1),
                    field("urgent", true, 2),
                    field("to", true, 4),
                ],
                open: false,
            },
            None,
        ),
        shape(text, Some(0)),
        shape(ShapeKind::Bool, Some(0)),
        shape(ShapeKind::Record { fields: vec![field("ok", false, 7)], open: false }, None),
        shape(ShapeKind::Record { fields: vec![field("role", false, 6)], open: false }, None),
        shape(ShapeKind::List { element: ShapeId(3), row: None }, Some(0)),
        shape(ShapeKind::Record { fields: vec![field("payees", false, 10)], open: false }, None),
    ];
    let plan = Plan {
        version: PLAN_VERSION,
        edition: 1,
        package: "test".to_owned(),
        texts: Vec::new(),
        text_sets: Vec::new(),
        patterns: Vec::new(),
        detectors: Vec::new(),
        models: Vec::new(),
        services: Vec::new(),
        shapes,
        layouts: vec![call, result],
        data: Layout {
            root: Some(ShapeId(11)),
            slots: slots(&[("payees", SlotType::TextSet)]),
            ..Layout::default()
        },
        tools: vec![Tool { name: "pay".to_owned(), call: LayoutId(0), result: LayoutId(1) }],
        agents: vec![Agent {
            name: "bank".to_owned(),
            parameters: Layout {
                root: Some(ShapeId(9)),
                slots: slots(&[("user.role", Text)]),
                ..Layout::default()
            },
            ..Agent::default()
        }],
        rules: Vec::new(),
        clauses: Vec::new(),
    };
    let entry = Entry {
        target: EventTarget::Call(ToolId(0)),
        layout: LayoutId(0),
        nodes: Vec::new(),
        clauses: Vec::new(),
        rules: Vec::new(),
        ..Entry::default()
    };
    Draft { plan, entry }
}

impl Draft {
    pub(super) fn node(&mut self, node: Node) -> NodeId {
        self.entry.nodes.push(node);
        NodeId(u32::try_from(self.entry.nodes.len() - 1).unwrap())
    }

    pub(super) fn text(&mut self, text: &str) -> NodeId {
        self.plan.texts.push(text.to_owned());
        let id = TextId(u32::try_from(self.plan.texts.len() - 1).unwrap());
        self.node(Node::Text(id))
    }

    /// A clause, as a node of conditions.
    pub(super) fn clause(&mut self, text: &str, node: Node) -> NodeId {
        let node = self.node(node);
        let place = Place::default();
        self.plan.clauses.push(ClauseText { text: text.to_owned(), place });
        let text = ClauseId(u32::try_from(self.plan.clauses.len() - 1).unwrap());
        self.entry.clauses.push(EntryClause { node, eager: false, text });
        let clause = u32::try_from(self.entry.clauses.len() - 1).unwrap();
        self.node(Node::Clause(clause))
    }

    /// `amount <how> value`
    pub(super) fn amount(&mut self, how: Comparison, value: i64) -> NodeId {
        let amount = self.node(Node::Load(load(AMOUNT)));
        let limit = self.node(Node::Int(value));
        self.clause(&format!("amount {how:?} {value}"), Node::CompareInt(how, amount, limit))
    }

    pub(super) fn rule(
        &mut self,
        effect: Effect,
        title: &str,
        condition: Option<NodeId>,
    ) -> &mut Rule {
        let line = u32::try_from(self.plan.rules.len() + 1).unwrap();
        let rule = RuleId(line - 1);
        self.entry.rules.push(EntryRule { rule, condition });
        self.plan.rules.push(Rule {
            effect,
            title: title.to_owned(),
            condition: condition.map(|_| "a condition".to_owned()),
            because: None,
            respond: None,
            place: Place { module: "bank.guard".to_owned(), line, column: 1 },
        });
        self.plan.rules.last_mut().unwrap()
    }

    pub(super) fn plan(self) -> Plan {
        let Self { mut plan, entry } = self;
        plan.agents[0].entries.push(entry);
        plan.agents[0].entries.sort_by_key(|entry| entry.target);
        plan
    }

    pub(super) fn engine(self) -> Engine {
        let plan = Arc::new(self.plan());
        Engine::new(Arc::clone(&plan), Box::new(Interpreter::new(plan))).unwrap()
    }

    pub(super) fn session(self) -> Session {
        self.engine().session("bank", "s-1", br#"{"role":"clerk"}"#).unwrap()
    }
}

pub(super) fn pay(arguments: &str) -> String {
    format!(r#"{{"type":"tool_call","id":"c1","tool":"pay","args":{arguments}}}"#)
}
