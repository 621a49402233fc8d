//! What the interpreter makes of nodes.

use super::world::{AMOUNT, MEMO, TO, URGENT, draft, load, pay};
use guard_plan::{Comparison, Effect, Load, Node, NodeId, Operation, Region, Truth, Verdict};

/// The truth of one node for a call with these arguments.
fn truth(arguments: &str, build: impl FnOnce(&mut super::world::Draft) -> Node) -> Truth {
    let mut draft = draft();
    let node = build(&mut draft);
    let clause = draft.clause("it", node);
    let opposite = draft.node(Node::Not(clause));
    draft.rule(Effect::Allow, "it", Some(clause));
    draft.rule(Effect::Halt, "its opposite", Some(opposite));
    let mut session = draft.session();
    let event = pay(arguments);
    let explanation = session.explain(event.as_bytes());
    let decided = session.decide(event.as_bytes()).verdict();
    assert_eq!(explanation.decision.decision, decided);
    match (explanation.rules[0].truth, decided) {
        ("true", Verdict::Allow) => Truth::True,
        ("false", Verdict::Halt) => Truth::False,
        ("unknown", Verdict::Halt) => Truth::Unknown,
        other => panic!("{other:?}"),
    }
}

const ALL: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

/// A node of this truth; what is unknown is an absent flag.
fn of(draft: &mut super::world::Draft, truth: Truth) -> NodeId {
    draft.node(match truth {
        Truth::False => Node::Truth(false),
        Truth::Unknown => Node::Flag(load(URGENT)),
        Truth::True => Node::Truth(true),
    })
}

fn of_two(a: Truth, b: Truth, node: fn(NodeId, NodeId) -> Node) -> Truth {
    truth(r#"{"amount":1}"#, |draft| {
        let (a, b) = (of(draft, a), of(draft, b));
        node(a, b)
    })
}

#[test]
fn and_or_and_equality_follow_kleene() {
    for a in ALL {
        for b in ALL {
            assert_eq!(of_two(a, b, |a, b| Node::And(vec![a, b])), a.min(b));
            assert_eq!(of_two(a, b, |a, b| Node::Or(vec![a, b])), a.max(b));
            let equal = of_two(a, b, Node::TruthEqual);
            let is_unknown = a == Truth::Unknown || b == Truth::Unknown;
            assert_eq!(equal, if is_unknown { Truth::Unknown } else { Truth::from(a == b) });
        }
    }
}

#[test]
fn and_and_or_of_nothing_are_true_and_false() {
    assert_eq!(truth(r#"{"amount":1}"#, |_| Node::And(Vec::new())), Truth::True);
    assert_eq!(truth(r#"{"amount":1}"#, |_| Node::Or(Vec::new())), Truth::False);
}

#[test]
fn overflow_and_division_by_zero_are_unknown() {
    for (how, by, expected) in [
        (Operation::Add, 1, Truth::Unknown),
        (Operation::Multiply, 2, Truth::Unknown),
        (Operation::Divide, 0, Truth::Unknown),
        (Operation::Subtract, 1, Truth::True),
    ] {
        let found = truth(r#"{"amount":9223372036854775807}"#, |draft| {
            let amount = draft.node(Node::Load(load(AMOUNT)));
            let by = draft.node(Node::Int(by));
            let result = draft.node(Node::ArithmeticInt(how, amount, by));
            let zero = draft.node(Node::Int(0));
            Node::CompareInt(Comparison::Greater, result, zero)
        });
        assert_eq!(found, expected, "{how:?}");
    }
}

#[test]
fn only_absence_takes_what_otherwise_says() {
    for (arguments, expected) in [
        (r#"{"amount":1}"#, Truth::True),
        (r#"{"amount":1,"memo":null}"#, Truth::True),
        (r#"{"amount":1,"memo":"none"}"#, Truth::True),
        (r#"{"amount":1,"memo":"x"}"#, Truth::False),
    ] {
        let found = truth(arguments, |draft| {
            let none = draft.text("none");
            let memo = draft.node(Node::Otherwise(load(MEMO), none));
            Node::TextEqual(memo, none)
        });
        assert_eq!(found, expected, "{arguments}");
    }
}

#[test]
fn quantifiers_read_each_row() {
    let quantify = |all: bool| {
        move |draft: &mut super::world::Draft| {
            let row = draft.node(Node::Load(Load { region: Region::Row(0), slot: 0 }));
            let end = draft.text("@bank");
            let body = draft.node(Node::EndsWith(row, end));
            Node::Quantify { all, list: load(TO), body }
        }
    };
    for (arguments, all, any) in [
        (r#"{"amount":1,"to":["a@bank","b@bank"]}"#, Truth::True, Truth::True),
        (r#"{"amount":1,"to":["a@bank","b"]}"#, Truth::False, Truth::True),
        (r#"{"amount":1,"to":[]}"#, Truth::True, Truth::False),
        (r#"{"amount":1}"#, Truth::Unknown, Truth::Unknown),
    ] {
        assert_eq!(truth(arguments, quantify(true)), all, "{arguments}");
        assert_eq!(truth(arguments, quantify(false)), any, "{arguments}");
    }
}

#[test]
fn values_of_rows_are_shown_with_their_place() {
    let mut draft = draft();
    draft.rule(Effect::Allow, "tool pay", None);
    let row = draft.node(Node::Load(Load { region: Region::Row(0), slot: 0 }));
    let word = draft.text("rival");
    let body = draft.node(Node::Contains(row, word));
    let any = draft.clause("any to", Node::Quantify { all: false, list: load(TO), body });
    draft.rule(Effect::Deny, "prohibit tool pay", Some(any));
    let mut session = draft.session();
    let event = pay(r#"{"amount":1,"to":["a","a rival\n"]}"#);
    let report = session.decide(event.as_bytes()).report();
    let values: Vec<_> = report.reasons[0].clauses[0].values.iter().collect();
    assert_eq!(values, [("to", "2 elements"), ("to[0]", "\"a\""), ("to[1]", "\"a rival\\n\"")]);
}

#[test]
fn what_no_verified_plan_contains_is_unknown() {
    for node in [
        Node::Flag(load(99)),
        Node::Not(NodeId(999)),
        Node::Int(1),
        Node::Match(NodeId(0), 7),
        Node::Present(Load { region: Region::Row(3), slot: 0 }),
    ] {
        let mut draft = draft();
        let node = draft.node(node);
        let run = &mut crate::interpret::Run::new(
            &draft.plan,
            &draft.plan.agents[0],
            &guard_plan::Entry {
                clauses: vec![guard_plan::EntryClause {
                    node,
                    eager: false,
                    text: guard_plan::ClauseId(0),
                }],
                ..draft.entry
            },
            crate::Frames {
                event: &guard_value::Record::default(),
                principal: &guard_value::Record::default(),
                facts: &guard_value::Facts::default(),
                patterns: &guard_match::Patterns::default(),
            },
            &mut guard_match::MatchScratch::default(),
            (),
        )
        .clause(0);
        assert_ne!(*run, Truth::True);
    }
}
