/// The plan of this package, built by hand:
///
/// ```text
/// agent mail(domain: text) {
///   scope { tool send_email }
///   prohibit tool send_email when any to ends_with "@rival.com"
///   escalate tool send_email to owner when count(to) > 10
/// }
/// ```
pub(crate) fn mail_plan() -> guard_plan::Plan {
    use guard_plan::*;
    let slot = |name: &str, ty| Slot { name: name.to_owned(), ty };
    let shape = |kind, slot| Shape { kind, slot, parts: Vec::new() };
    let field = |name: &str, optional, shape| FieldShape {
        name: name.to_owned(),
        optional,
        shape: ShapeId(shape),
    };
    let record = |fields| ShapeKind::Record { fields, open: false };
    let text = || ShapeKind::Text(TextKind::Plain);
    let to = Load { region: Region::Event, slot: 0 };
    let row = Load { region: Region::Row(0), slot: 0 };
    let rule = |effect, title: &str, condition: Option<&str>, line| Rule {
        effect,
        title: title.to_owned(),
        condition: condition.map(str::to_owned),
        because: None,
        respond: None,
        place: Place { module: "mail.guard".to_owned(), line, column: 3 },
    };
    let clause = |text: &str, line| ClauseText {
        text: text.to_owned(),
        place: Place { module: "mail.guard".to_owned(), line, column: 33 },
    };
    let owner =
        Effect::Escalate { role: "owner".to_owned(), quorum: 1, expires: Some((60_000, OnExpiry::Deny)) };
    let (is_rival, are_many) = ("any to ends_with \"@rival.com\"", "count(to) > 10");
    Plan {
        detectors: Vec::new(),
        models: Vec::new(),
        services: Vec::new(),
        version: PLAN_VERSION,
        edition: 1,
        package: "mail".to_owned(),
        texts: vec!["@rival.com".to_owned()],
        text_sets: Vec::new(),
        patterns: Vec::new(),
        shapes: vec![
            shape(text(), Some(0)),
            shape(ShapeKind::List { element: ShapeId(0), row: Some(0) }, Some(0)),
            shape(record(vec![field("to", false, 1)]), None),
            shape(record(vec![field("domain", false, 0)]), None),
            shape(text(), None),
            shape(ShapeKind::List { element: ShapeId(4), row: None }, Some(0)),
            shape(record(vec![field("trusted", true, 5)]), None),
        ],
        layouts: vec![
            Layout {
                root: Some(ShapeId(2)),
                slots: vec![slot("to", SlotType::List(0))],
                rows: vec![vec![slot("to[]", SlotType::Text)]],
                meta: Vec::new(),
                answers: Vec::new(),
            },
            Layout::default(),
        ],
        data: Layout {
            root: Some(ShapeId(6)),
            slots: vec![slot("trusted", SlotType::TextSet)],
            ..Layout::default()
        },
        tools: vec![Tool { name: "send_email".to_owned(), call: LayoutId(0), result: LayoutId(1) }],
        agents: vec![Agent {
            name: "mail".to_owned(),
            parameters: Layout {
                root: Some(ShapeId(3)),
                slots: vec![slot("domain", SlotType::Text)],
                ..Layout::default()
            },
            entries: vec![Entry {
                target: EventTarget::Call(ToolId(0)),
                layout: LayoutId(0),
                nodes: vec![
                    Node::Load(row),
                    Node::Text(TextId(0)),
                    Node::EndsWith(NodeId(0), NodeId(1)),
                    Node::Quantify { all: false, list: to, body: NodeId(2) },
                    Node::RowCount(to),
                    Node::Int(10),
                    Node::CompareInt(Comparison::Greater, NodeId(4), NodeId(5)),
                    Node::Clause(0),
                    Node::Clause(1),
                ],
                clauses: vec![
                    EntryClause { node: NodeId(3), eager: false, text: ClauseId(0) },
                    EntryClause { node: NodeId(6), eager: false, text: ClauseId(1) },
                ],
                rules: vec![
                    EntryRule { rule: RuleId(0), condition: None },
                    EntryRule { rule: RuleId(1), condition: Some(NodeId(7)) },
                    EntryRule { rule: RuleId(2), condition: Some(NodeId(8)) },
                ],
                ..Entry::default()
            }],
            ..Agent::default()
        }],
        rules: vec![
            rule(Effect::Allow, "tool send_email", None, 2),
            Rule {
                because: Some("rivals read along".to_owned()),
                respond: Some("ask a person".to_owned()),
                ..rule(Effect::Deny, "prohibit tool send_email", Some(is_rival), 3)
            },
            rule(owner, "escalate tool send_email to owner", Some(are_many), 4),
        ],
        clauses: vec![clause(is_rival, 3), clause(are_many, 4)],
    }
}

/// The policy of [`mail_plan`].
#[expect(clippy::unwrap_used, reason = "the plan above is valid")]
pub(crate) fn mail_policy() -> agent_guard::Policy {
    agent_guard::Policy::from_plan(mail_plan()).unwrap()
}

/// A session of it.
#[expect(clippy::unwrap_used, reason = "the plan above is valid")]
pub(crate) fn mail_session() -> agent_guard::Session {
    let engine = agent_guard::Engine::new(&mail_policy()).unwrap();
    engine.session("mail", "session-1", br#"{"domain": "example.com"}"#).unwrap()
}
