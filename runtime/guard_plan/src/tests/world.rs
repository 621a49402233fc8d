//! A plan built by hand that has one of everything.

use crate::*;

fn shape(kind: ShapeKind, slot: Option<u32>) -> Shape {
    Shape { kind, slot, parts: Vec::new() }
}

fn field(name: &str, optional: bool, shape: u32) -> FieldShape {
    FieldShape { name: name.to_owned(), optional, shape: ShapeId(shape) }
}

fn slots(slots: &[(&str, SlotType)]) -> Vec<Slot> {
    slots.iter().map(|(name, ty)| Slot { name: (*name).to_owned(), ty: *ty }).collect()
}

fn record(fields: Vec<FieldShape>) -> ShapeKind {
    ShapeKind::Record { fields, open: false }
}

fn load(region: Region, slot: u32) -> Load {
    Load { region, slot }
}

fn event(slot: u32) -> Load {
    load(Region::Event, slot)
}

fn shapes() -> Vec<Shape> {
    let text = || ShapeKind::Text(TextKind::Plain);
    vec![
        shape(ShapeKind::Int, Some(0)),
        shape(ShapeKind::Float, Some(1)),
        shape(ShapeKind::Bool, Some(2)),
        shape(ShapeKind::OneOf(vec!["EUR".to_owned(), "USD".to_owned()]), Some(3)),
        Shape {
            kind: ShapeKind::Text(TextKind::Email),
            slot: Some(0),
            parts: vec![PartSlot { part: Part::Domain, slot: 1, row: None }],
        },
        shape(ShapeKind::List { element: ShapeId(4), row: Some(1) }, Some(0)),
        shape(record(vec![field("cc", true, 5)]), None),
        shape(ShapeKind::List { element: ShapeId(6), row: Some(0) }, Some(4)),
        shape(ShapeKind::Any, Some(5)),
        shape(
            record(vec![
                field("amount", false, 0),
                field("rate", false, 1),
                field("urgent", true, 2),
                field("currency", false, 3),
                field("people", false, 7),
                field("more", true, 8),
            ]),
            None,
        ),
        shape(text(), Some(0)),
        shape(record(vec![field("role", false, 10)]), None),
        shape(text(), None),
        shape(ShapeKind::List { element: ShapeId(12), row: None }, Some(0)),
        shape(record(vec![field("payees", true, 13)]), None),
    ]
}

fn nodes() -> Vec<Node> {
    use Comparison::{Greater, Less};
    let id = NodeId;
    vec![
        Node::Load(event(0)),                                                      // 0
        Node::Int(10),                                                             // 1
        Node::ArithmeticInt(Operation::Add, id(0), id(1)),                         // 2
        Node::CompareInt(Greater, id(2), id(1)),                                   // 3
        Node::Load(event(1)),                                                      // 4
        Node::Float(0.5_f64.to_bits()),                                            // 5
        Node::ArithmeticFloat(Operation::Divide, id(4), id(5)),                    // 6
        Node::CompareFloat(Less, id(6), id(5)),                                    // 7
        Node::Flag(event(2)),                                                      // 8
        Node::Truth(false),                                                        // 9
        Node::Otherwise(event(2), id(9)),                                          // 10
        Node::TruthEqual(id(8), id(10)),                                           // 11
        Node::Load(event(3)),                                                      // 12
        Node::Text(TextId(0)),                                                     // 13
        Node::TextEqual(id(12), id(13)),                                           // 14
        Node::TextIn(id(12), TextSetId(0)),                                        // 15
        Node::TextInData(id(12), 0),                                               // 16
        Node::Load(load(Region::Principal, 0)),                                    // 17
        Node::StartsWith(id(17), id(13)),                                          // 18
        Node::Load(load(Region::Row(0), 1)),                                       // 19
        Node::Match(id(19), 0),                                                    // 20
        Node::TextInList(id(12), load(Region::Row(1), 0)),                         // 21
        Node::And(vec![id(20), id(21)]),                                           // 22
        Node::Quantify { all: true, list: load(Region::Row(0), 0), body: id(22) }, // 23
        Node::Quantify { all: false, list: event(4), body: id(23) },               // 24
        Node::RowCount(event(4)),                                                  // 25
        Node::CharCount(id(13)),                                                   // 26
        Node::Choose(id(8), id(25), id(26)),                                       // 27
        Node::CompareInt(Less, id(27), id(1)),                                     // 28
        Node::Present(event(5)),                                                   // 29
        Node::EndsWith(id(12), id(13)),                                            // 30
        Node::Contains(id(12), id(13)),                                            // 31
        Node::Or(vec![id(7), id(11), id(14), id(15), id(16), id(18), id(24), id(28)]), // 32
        Node::Not(id(32)),                                                         // 33
        Node::And(vec![id(29), id(30), id(31)]),                                   // 34
        Node::Clause(0),                                                           // 35
        Node::Clause(1),                                                           // 36
        Node::Clause(2),                                                           // 37
        Node::Or(vec![id(36), id(37)]),                                            // 38
    ]
}

fn rule(effect: Effect, title: &str, line: u32) -> Rule {
    Rule {
        effect,
        title: title.to_owned(),
        condition: Some("amount + 10 > 10".to_owned()),
        because: Some("no reason".to_owned()),
        respond: None,
        place: Place { module: "bank.guard".to_owned(), line, column: 3 },
    }
}

/// A plan that verifies.
pub(super) fn plan() -> Plan {
    use SlotType::{Bool, Float, Int, List, Presence, Text, TextSet};
    let clause = |text: &str| ClauseText { text: text.to_owned(), place: Place::default() };
    let entry_clause =
        |node, eager, text| EntryClause { node: NodeId(node), eager, text: ClauseId(text) };
    let entry_rule =
        |rule, condition| EntryRule { rule: RuleId(rule), condition: Some(NodeId(condition)) };
    let owner = Effect::Escalate {
        role: "owner".to_owned(),
        quorum: 1,
        expires: Some((60_000, OnExpiry::Deny)),
    };
    Plan {
        detectors: Vec::new(),
        models: Vec::new(),
        services: Vec::new(),
        version: PLAN_VERSION,
        edition: 1,
        package: "bank".to_owned(),
        texts: vec!["EUR".to_owned(), "USD".to_owned()],
        text_sets: vec![vec![TextId(0), TextId(1)]],
        patterns: vec![Pattern { source: "rival".to_owned(), whole: false }],
        shapes: shapes(),
        layouts: vec![
            Layout {
                root: Some(ShapeId(9)),
                slots: slots(&[
                    ("amount", Int),
                    ("rate", Float),
                    ("urgent", Bool),
                    ("currency", Text),
                    ("people", List(0)),
                    ("more", Presence),
                    ("session.age", Int),
                ]),
                rows: vec![
                    slots(&[("people[].cc", List(1))]),
                    slots(&[("people[].cc[]", Text), ("people[].cc[].domain", Text)]),
                ],
                meta: vec![(Meta::SessionAge, 6)],
                answers: Vec::new(),
            },
            Layout {
                slots: slots(&[("text", Text)]),
                meta: vec![(Meta::Text, 0)],
                ..Layout::default()
            },
        ],
        data: Layout {
            root: Some(ShapeId(14)),
            slots: slots(&[("payees", TextSet)]),
            ..Layout::default()
        },
        tools: vec![
            Tool { name: "look".to_owned(), call: LayoutId(0), result: LayoutId(1) },
            Tool { name: "pay".to_owned(), call: LayoutId(0), result: LayoutId(1) },
        ],
        agents: vec![
            Agent { name: "aide".to_owned(), ..Agent::default() },
            Agent {
                name: "bank".to_owned(),
                parameters: Layout {
                    root: Some(ShapeId(11)),
                    slots: slots(&[("role", Text)]),
                    ..Layout::default()
                },
                entries: vec![
                    Entry {
                        target: EventTarget::Output,
                        layout: LayoutId(1),
                        nodes: Vec::new(),
                        clauses: Vec::new(),
                        rules: vec![EntryRule { rule: RuleId(2), condition: None }],
                        ..Entry::default()
                    },
                    Entry {
                        target: EventTarget::Call(ToolId(1)),
                        layout: LayoutId(0),
                        nodes: nodes(),
                        clauses: vec![
                            entry_clause(3, true, 0),
                            entry_clause(33, false, 1),
                            entry_clause(34, false, 2),
                        ],
                        rules: vec![entry_rule(0, 35), entry_rule(1, 38)],
                        ..Entry::default()
                    },
                ],
                ..Agent::default()
            },
        ],
        rules: vec![
            rule(Effect::Allow, "tool pay", 2),
            rule(owner, "escalate tool pay to owner", 3),
            rule(Effect::Deny, "prohibit output", 4),
        ],
        clauses: vec![clause("amount + 10 > 10"), clause("not …"), clause("has more")],
    }
}

/// Numbers that look random, the same at every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % most
    }
}
