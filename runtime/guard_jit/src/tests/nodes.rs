//! Each kind of node: where it is true, false and unknown.

use super::build::{
    BOOL, DATA_SET, FLOAT, INT, LIST, PEOPLE, PRESENCE, TEXT, agent, clause, entry, everything,
    nothing, plan, rule, set, text,
};
use super::{Inputs, decide, expect_same};
use crate::host_abi::broken;
use crate::{JitError, MachineCode};
use guard_match::{MatchScratch, Patterns};
use guard_plan::Truth::{False, True, Unknown};
use guard_plan::*;
use guard_value::{Record, SlotValue};

fn id(node: u32) -> NodeId {
    NodeId(node)
}

fn event(slot: u32) -> Load {
    Load { region: Region::Event, slot }
}

fn row(slot: u32) -> Load {
    Load { region: Region::Row(0), slot }
}

/// A plan whose only clause is the last of these nodes.
fn plan_of(nodes: impl FnOnce(&mut Plan) -> Vec<Node>) -> Plan {
    let mut plan = plan();
    let mut nodes = nodes(&mut plan);
    let last = u32::try_from(nodes.len()).unwrap() - 1;
    nodes.push(Node::Clause(0));
    let rules = vec![rule(0, Some(last + 1)), rule(3, Some(last + 1))];
    plan.agents.push(agent(vec![entry(nodes, vec![clause(last, true)], rules)]));
    plan
}

/// What a machine finds the only clause to be.
fn clause_of(machine: &MachineCode, plan: &Plan, inputs: &Inputs) -> Truth {
    let patterns = Patterns::compile(&plan.patterns).unwrap();
    let outcome = decide(machine, plan, (0, 0), inputs, &patterns, &mut MatchScratch::default());
    match (outcome.clauses_true[0], outcome.clauses_unknown[0]) {
        (1, 0) => True,
        (0, 1) => Unknown,
        (0, 0) => False,
        bits => panic!("{bits:?}"),
    }
}

/// The last node is as expected, in machine code and in the interpreter.
fn check(inputs: &Inputs, nodes: impl FnOnce(&mut Plan) -> Vec<Node>, expected: Truth) {
    let plan = plan_of(nodes);
    let machine = MachineCode::compile(&plan).unwrap();
    let nodes = &plan.agents[0].entries[0].nodes;
    assert_eq!(clause_of(&machine, &plan, inputs), expected, "{nodes:#?}");
    expect_same(&plan, [(0, 0, inputs.clone())]);
}

/// A node over no others.
fn check_leaf(inputs: &Inputs, node: Node, expected: Truth) {
    check(inputs, |_| vec![node], expected);
}

fn malformed() -> Inputs {
    let mut inputs = nothing();
    for slot in 0..11 {
        inputs.event.set(slot, SlotValue::MALFORMED);
    }
    inputs
}

/// Conditions of a fixed truth: false, unknown and true, at 0, 1 and 2. Nothing must be known.
fn truths() -> Vec<Node> {
    vec![Node::Truth(false), Node::Flag(event(BOOL)), Node::Truth(true)]
}

const ALL: [Truth; 3] = [False, Unknown, True];

#[test]
fn truths_and_flags() {
    check_leaf(&nothing(), Node::Truth(true), True);
    check_leaf(&nothing(), Node::Truth(false), False);
    check_leaf(&everything(), Node::Flag(event(BOOL)), True);
    check_leaf(&everything(), Node::Flag(event(BOOL + 1)), False);
    check_leaf(&nothing(), Node::Flag(event(BOOL)), Unknown);
    check_leaf(&malformed(), Node::Flag(event(BOOL)), Unknown);
}

#[test]
fn a_slot_is_present_absent_or_malformed() {
    for slot in [BOOL, INT, FLOAT, TEXT, LIST, PRESENCE] {
        check_leaf(&everything(), Node::Present(event(slot)), True);
        check_leaf(&nothing(), Node::Present(event(slot)), False);
        check_leaf(&malformed(), Node::Present(event(slot)), Unknown);
    }
}

#[test]
fn connectives_are_those_of_kleene() {
    for (a, x) in ALL.into_iter().enumerate() {
        let with = |node: Node| {
            move |_: &mut Plan| {
                let mut nodes = truths();
                nodes.push(node);
                nodes
            }
        };
        let a = u32::try_from(a).unwrap();
        check(&nothing(), with(Node::Not(id(a))), x.not());
        for (b, y) in ALL.into_iter().enumerate() {
            let b = u32::try_from(b).unwrap();
            check(&nothing(), with(Node::And(vec![id(a), id(b)])), x.and(y));
            check(&nothing(), with(Node::Or(vec![id(a), id(b)])), x.or(y));
            let same = if x == Unknown || y == Unknown { Unknown } else { Truth::from(x == y) };
            check(&nothing(), with(Node::TruthEqual(id(a), id(b))), same);
            for (c, z) in ALL.into_iter().enumerate() {
                let c = u32::try_from(c).unwrap();
                let all = vec![id(a), id(b), id(c)];
                check(&nothing(), with(Node::And(all.clone())), x.and(y).and(z));
                check(&nothing(), with(Node::Or(all)), x.or(y).or(z));
                let chosen = match x {
                    True => y,
                    False => z,
                    Unknown => Unknown,
                };
                check(&nothing(), with(Node::Choose(id(a), id(b), id(c))), chosen);
            }
        }
    }
    check_leaf(&nothing(), Node::And(Vec::new()), True);
    check_leaf(&nothing(), Node::Or(Vec::new()), False);
}

const COMPARISONS: [(Comparison, [bool; 3]); 6] = [
    (Comparison::Equal, [false, true, false]),
    (Comparison::NotEqual, [true, false, true]),
    (Comparison::Less, [true, false, false]),
    (Comparison::LessOrEqual, [true, true, false]),
    (Comparison::Greater, [false, false, true]),
    (Comparison::GreaterOrEqual, [false, true, true]),
];

#[test]
fn numbers_compare() {
    for (how, expected) in COMPARISONS {
        // The slots hold 7 and 1.5: less than, equal to and greater than these.
        for ((int, float), holds) in [(8, 1.75), (7, 1.5), (-9, -2.0)].into_iter().zip(expected) {
            let ints = move |_: &mut Plan| {
                let load = Node::Load(event(INT));
                vec![load, Node::Int(int), Node::CompareInt(how, id(0), id(1))]
            };
            check(&everything(), ints, Truth::from(holds));
            check(&nothing(), ints, Unknown);
            check(&malformed(), ints, Unknown);
            let floats = move |_: &mut Plan| {
                let load = Node::Load(event(FLOAT));
                let float = Node::Float(f64::to_bits(float));
                vec![load, float, Node::CompareFloat(how, id(0), id(1))]
            };
            check(&everything(), floats, Truth::from(holds));
            check(&nothing(), floats, Unknown);
        }
    }
}

#[test]
fn whole_numbers_overflow_into_unknown() {
    use Operation::{Add, Divide, Multiply, Subtract};
    let (least, most) = (i64::MIN, i64::MAX);
    for (how, a, b, result) in [
        (Add, 2, 3, Some(5)),
        (Add, most, 1, None),
        (Add, least, -1, None),
        (Add, least, most, Some(-1)),
        (Subtract, 2, 3, Some(-1)),
        (Subtract, least, 1, None),
        (Subtract, 0, least, None),
        (Subtract, -1, least, Some(most)),
        (Multiply, -4, 5, Some(-20)),
        (Multiply, most, 2, None),
        (Multiply, least, -1, None),
        (Multiply, least, 1, Some(least)),
        (Divide, 7, 2, Some(3)),
        (Divide, -7, 2, Some(-3)),
        (Divide, 7, 0, None),
        (Divide, least, -1, None),
        (Divide, 5, -1, Some(-5)),
        (Divide, least, 1, Some(least)),
    ] {
        let nodes = |_: &mut Plan| {
            vec![
                Node::Int(a),
                Node::Int(b),
                Node::ArithmeticInt(how, id(0), id(1)),
                Node::Int(result.unwrap_or(0)),
                Node::CompareInt(Comparison::Equal, id(2), id(3)),
            ]
        };
        check(&nothing(), nodes, result.map_or(Unknown, |_| True));
    }
}

#[test]
fn numbers_that_are_not_finite_are_unknown() {
    use Operation::{Add, Divide, Multiply, Subtract};
    for (how, a, b, result) in [
        (Add, 1.5, 0.25, Some(1.75)),
        (Add, f64::MAX, f64::MAX, None),
        (Subtract, f64::MIN, f64::MAX, None),
        (Subtract, 1.0, 0.5, Some(0.5)),
        (Multiply, 1e200, 1e200, None),
        (Multiply, -2.0, 0.5, Some(-1.0)),
        (Divide, 1.0, 0.0, None),
        (Divide, 0.0, 0.0, None),
        (Divide, 1.0, 4.0, Some(0.25)),
    ] {
        let nodes = |_: &mut Plan| {
            vec![
                Node::Float(f64::to_bits(a)),
                Node::Float(f64::to_bits(b)),
                Node::ArithmeticFloat(how, id(0), id(1)),
                Node::Float(f64::to_bits(result.unwrap_or(0.0))),
                Node::CompareFloat(Comparison::Equal, id(2), id(3)),
            ]
        };
        check(&nothing(), nodes, result.map_or(Unknown, |_| True));
    }
    let zeros = |_: &mut Plan| {
        let (zero, minus) = (0.0_f64.to_bits(), (-0.0_f64).to_bits());
        let equal = Node::CompareFloat(Comparison::Equal, id(0), id(1));
        vec![Node::Float(zero), Node::Float(minus), equal]
    };
    check(&nothing(), zeros, True);
}

#[test]
fn texts_of_every_length_compare_with_constants() {
    for length in (0..40).chain([63, 64, 65, 66, 127, 128, 300]) {
        let same: String = ('a'..='z').cycle().take(length).collect();
        let mut variants = vec![(same.clone(), True), (format!("{same}x"), False)];
        for at in [0, length / 2, length.saturating_sub(1)] {
            if length > 0 {
                let mut other = same.clone();
                other.replace_range(at..=at, "#");
                variants.push((other, False));
                variants.push((same.chars().take(at).collect(), False));
            }
        }
        let plan = plan_of(|plan| {
            let constant = Node::Text(text(plan, &same));
            vec![Node::Load(event(TEXT)), constant, Node::TextEqual(id(0), id(1))]
        });
        let swapped = plan_of(|plan| {
            let constant = Node::Text(text(plan, &same));
            vec![constant, Node::Load(event(TEXT)), Node::TextEqual(id(0), id(1))]
        });
        let in_set = plan_of(|plan| {
            let set = set(plan, &[same.clone(), "no".to_owned(), "nope".to_owned()]);
            vec![Node::Load(event(TEXT)), Node::TextIn(id(0), set)]
        });
        for plan in [plan, swapped, in_set] {
            let machine = MachineCode::compile(&plan).unwrap();
            for (value, expected) in &variants {
                let mut inputs = nothing();
                // What stands around the text is not part of it.
                inputs.event.append("zz");
                inputs.event.set_text(usize::try_from(TEXT).unwrap(), value);
                inputs.event.append("zzzzzzzz");
                assert_eq!(clause_of(&machine, &plan, &inputs), *expected, "{value:?} {same:?}");
            }
            assert_eq!(clause_of(&machine, &plan, &nothing()), Unknown);
            assert_eq!(clause_of(&machine, &plan, &malformed()), Unknown);
        }
    }
}

#[test]
fn texts_start_end_and_contain() {
    type Test = fn(NodeId, NodeId) -> Node;
    let tests: [(Test, &str, Truth); 12] = [
        (Node::StartsWith, "alice", True),
        (Node::StartsWith, "", True),
        (Node::StartsWith, "alicia", False),
        (Node::StartsWith, "alice@example.com.and.more", False),
        (Node::EndsWith, "@example.com", True),
        (Node::EndsWith, "", True),
        (Node::EndsWith, "@example.org", False),
        (Node::EndsWith, "and.alice@example.com", False),
        (Node::Contains, "@", True),
        (Node::Contains, "", True),
        (Node::Contains, "example.", True),
        (Node::Contains, "#", False),
    ];
    for (test, part, expected) in tests {
        let constant = |plan: &mut Plan| {
            let part = Node::Text(text(plan, part));
            vec![Node::Load(event(TEXT)), part, test(id(0), id(1))]
        };
        check(&everything(), constant, expected);
        check(&nothing(), constant, Unknown);
        let mut inputs = everything();
        inputs.event.set_text(usize::try_from(TEXT).unwrap() + 1, part);
        let slots = |_: &mut Plan| {
            vec![Node::Load(event(TEXT)), Node::Load(event(TEXT + 1)), test(id(0), id(1))]
        };
        check(&inputs, slots, expected);
        inputs.event.set(usize::try_from(TEXT).unwrap() + 1, SlotValue::ABSENT);
        check(&inputs, slots, Unknown);
    }
}

#[test]
fn texts_in_sets() {
    for (count, compiled) in [(1, true), (64, true), (65, false), (200, false)] {
        for (present, expected) in [(true, True), (false, False)] {
            let nodes = move |plan: &mut Plan| {
                let mut texts: Vec<_> = (1..count).map(|i| format!("user-{i}@example")).collect();
                texts.push(if present { "alice@example.com" } else { "alice@example.net" }.into());
                vec![Node::Load(event(TEXT)), Node::TextIn(id(0), set(plan, &texts))]
            };
            check(&everything(), nodes, expected);
            check(&nothing(), nodes, Unknown);
            let clif = crate::clif(&plan_of(nodes), AgentId(0), EntryId(0)).unwrap();
            assert_eq!(clif.contains("call_indirect"), !compiled, "{clif}");
        }
    }
    let empty =
        |plan: &mut Plan| vec![Node::Load(event(TEXT)), Node::TextIn(id(0), set(plan, &[]))];
    check(&everything(), empty, False);
    check(&nothing(), empty, Unknown);
}

#[test]
fn texts_in_data_and_lists() {
    let of = |node: Node| move |_: &mut Plan| vec![Node::Load(event(TEXT)), node];
    let in_data = || Node::TextInData(id(0), DATA_SET);
    check(&everything(), of(in_data()), True);
    check(&nothing(), of(in_data()), Unknown);
    let mut inputs = everything();
    inputs.event.set_text(usize::try_from(TEXT).unwrap(), "mallory");
    check(&inputs, of(in_data()), False);
    inputs.facts = nothing().facts;
    check(&inputs, of(in_data()), Unknown);

    let in_list = || Node::TextInList(id(0), event(LIST));
    check(&everything(), of(in_list()), False);
    let second =
        |_: &mut Plan| vec![Node::Load(event(TEXT + 1)), Node::TextInList(id(0), event(LIST))];
    check(&everything(), second, True);
    check(&nothing(), second, Unknown);
    let constant = |plan: &mut Plan| {
        let alice = Node::Text(text(plan, "alice"));
        vec![alice, Node::TextInList(id(0), event(LIST))]
    };
    check(&everything(), constant, True);
    // One element unknown: found elsewhere it is found, else it cannot be told.
    let mut inputs = everything();
    let (first, _) = inputs.event.rows(inputs.event.slot(8)).unwrap();
    inputs.event.set(first, SlotValue::MALFORMED);
    check(&inputs, second, True);
    check(&inputs, constant, Unknown);
}

#[test]
fn patterns() {
    let of = |slot, pattern| {
        move |_: &mut Plan| vec![Node::Load(event(slot)), Node::Match(id(0), pattern)]
    };
    check(&everything(), of(TEXT, 1), True);
    check(&everything(), of(TEXT + 1, 1), False);
    check(&nothing(), of(TEXT, 1), Unknown);
    check(&everything(), of(TEXT, 9), Unknown);
}

#[test]
fn quantifiers() {
    use Comparison::{Equal, Less};
    // Rows of LIST: alice, 1, true; example.com, 2, false.
    let ints = |all, how, bound| {
        move |_: &mut Plan| {
            vec![
                Node::Load(row(1)),
                Node::Int(bound),
                Node::CompareInt(how, id(0), id(1)),
                Node::Quantify { all, list: event(LIST), body: id(2) },
            ]
        }
    };
    for (all, how, bound, expected) in [
        (true, Less, 3, True),
        (true, Less, 2, False),
        (false, Equal, 2, True),
        (false, Equal, 3, False),
    ] {
        check(&everything(), ints(all, how, bound), expected);
        check(&nothing(), ints(all, how, bound), Unknown);
    }
    let mut inputs = everything();
    let (first, _) = inputs.event.rows(inputs.event.slot(8)).unwrap();
    inputs.event.set(first + 1, SlotValue::ABSENT);
    for (all, how, bound, expected) in [
        (true, Less, 3, Unknown),
        (true, Less, 2, False),
        (false, Equal, 2, True),
        (false, Equal, 3, Unknown),
    ] {
        check(&inputs, ints(all, how, bound), expected);
    }
    inputs.event.set_rows(8, first, 0);
    check(&inputs, ints(true, Less, 0), True);
    check(&inputs, ints(false, Less, 9), False);
}

#[test]
fn quantifiers_inside_quantifiers() {
    // Some person has a friend of whom the person is not the namesake, and the event's text is not.
    let nested = |name: &'static str| {
        move |plan: &mut Plan| {
            vec![
                Node::Load(row(0)),
                Node::Load(Load { region: Region::Row(1), slot: 0 }),
                Node::TextEqual(id(0), id(1)),
                Node::Not(id(2)),
                Node::Text(text(plan, name)),
                Node::TextEqual(id(0), id(4)),
                Node::And(vec![id(3), id(5)]),
                Node::Quantify { all: false, list: row(1), body: id(6) },
                Node::Quantify { all: false, list: event(PEOPLE), body: id(7) },
            ]
        }
    };
    check(&everything(), nested("carol"), True);
    check(&everything(), nested("bob"), False);
    check(&nothing(), nested("bob"), Unknown);
}

#[test]
fn otherwise_takes_the_second_only_for_absent() {
    let of = |plan: &mut Plan| {
        let other = Node::Text(text(plan, "other"));
        let otherwise = Node::Otherwise(event(TEXT), id(0));
        vec![other, otherwise, Node::TextEqual(id(1), id(0))]
    };
    check(&everything(), of, False);
    check(&nothing(), of, True);
    check(&malformed(), of, Unknown);
}

#[test]
fn a_value_is_chosen() {
    let of = |flag| {
        move |plan: &mut Plan| {
            vec![
                Node::Flag(event(flag)),
                Node::Text(text(plan, "yes")),
                Node::Load(event(TEXT)),
                Node::Choose(id(0), id(1), id(2)),
                Node::TextEqual(id(3), id(1)),
            ]
        }
    };
    check(&everything(), of(BOOL), True);
    check(&everything(), of(BOOL + 1), False);
    check(&nothing(), of(BOOL), Unknown);
}

#[test]
fn rows_and_characters_are_counted() {
    let rows = |count| {
        move |_: &mut Plan| {
            let equal = Node::CompareInt(Comparison::Equal, id(0), id(1));
            vec![Node::RowCount(event(LIST)), Node::Int(count), equal]
        }
    };
    check(&everything(), rows(2), True);
    check(&everything(), rows(1), False);
    check(&nothing(), rows(0), Unknown);
    let chars = |count| {
        move |plan: &mut Plan| {
            vec![
                Node::Text(text(plan, "aé漢🙂")),
                Node::CharCount(id(0)),
                Node::Int(count),
                Node::CompareInt(Comparison::Equal, id(1), id(2)),
            ]
        }
    };
    check(&nothing(), chars(4), True);
    check(&nothing(), chars(10), False);
}

#[test]
fn other_regions_are_read() {
    let in_region = |region, slot, value: &'static str| {
        move |plan: &mut Plan| {
            let constant = Node::Text(text(plan, value));
            vec![Node::Load(Load { region, slot }), constant, Node::TextEqual(id(0), id(1))]
        }
    };
    check(&everything(), in_region(Region::Principal, 0, "admin"), True);
    check(&everything(), in_region(Region::Data, 1, "prod"), True);
    check(&nothing(), in_region(Region::Data, 1, "prod"), Unknown);
}

#[test]
fn a_panic_in_a_search_is_unknown() {
    for node in [
        Node::Match(id(0), 1),
        Node::Contains(id(0), id(0)),
        Node::TextInData(id(0), DATA_SET),
        Node::TextEqual(id(0), id(0)),
    ] {
        let plan = plan_of(|_| vec![Node::Load(event(TEXT)), node]);
        let machine = MachineCode::compile(&plan).unwrap();
        assert_eq!(clause_of(&machine, &plan, &everything()), True);
        let machine = machine.with_host(&broken::TABLE);
        assert_eq!(clause_of(&machine, &plan, &everything()), Unknown);
    }
    let counted = plan_of(|_| {
        let count = Node::CharCount(id(0));
        vec![
            Node::Load(event(TEXT)),
            count,
            Node::CompareInt(Comparison::Less, id(1), id(1)),
            Node::Not(id(2)),
        ]
    });
    let machine = MachineCode::compile(&counted).unwrap().with_host(&broken::TABLE);
    assert_eq!(clause_of(&machine, &counted, &everything()), Unknown);
}

#[test]
fn records_of_another_layout_are_refused_or_unknown() {
    let plan = plan_of(|plan| {
        let a = Node::Text(text(plan, "alice@example.com"));
        vec![Node::Load(event(TEXT)), a, Node::TextEqual(id(0), id(1))]
    });
    let machine = MachineCode::compile(&plan).unwrap();
    let mut short = everything();
    short.event.reset(5);
    let patterns = Patterns::default();
    let outcome = decide(&machine, &plan, (0, 0), &short, &patterns, &mut MatchScratch::default());
    assert_eq!((outcome.verdict, outcome.rules_fired[0]), (Verdict::Deny, 0));

    // A slot of another record names bytes that this one does not have.
    let mut longer = Record::default();
    longer.reset(1);
    longer.append("some bytes before");
    longer.set_text(0, "alice@example.com");
    let mut foreign = nothing();
    foreign.event.set(usize::try_from(TEXT).unwrap(), longer.slot(0));
    assert_eq!(clause_of(&machine, &plan, &foreign), Unknown);
    let far = SlotValue::from_int(-1);
    foreign.event.set(usize::try_from(TEXT).unwrap(), far);
    assert_eq!(clause_of(&machine, &plan, &foreign), Unknown);

    let all = plan_of(|_| {
        vec![Node::Flag(row(2)), Node::Quantify { all: true, list: event(LIST), body: id(0) }]
    });
    let machine = MachineCode::compile(&all).unwrap();
    for (first, count) in [(11, 1), (usize::MAX, 1), (0, usize::try_from(u32::MAX).unwrap())] {
        let mut broken = nothing();
        broken.event.set_rows(8, first, count);
        assert_eq!(clause_of(&machine, &all, &broken), Unknown);
    }
}

#[test]
fn plans_that_are_not_verified_are_refused() {
    let cases: [(Vec<Node>, &str); 6] = [
        (vec![Node::Load(event(TEXT)), Node::Not(id(0))], "a value as a condition"),
        (vec![Node::Flag(event(99))], "no such slot"),
        (vec![Node::Flag(row(0))], "a row outside quantifiers"),
        (vec![Node::Not(id(7))], "an operand that does not come before"),
        (vec![Node::TextInList(id(0), event(TEXT))], "its own operand"),
        (vec![Node::Clause(0)], "a clause inside a clause"),
    ];
    for (nodes, what) in cases {
        let error = MachineCode::compile(&plan_of(|_| nodes)).unwrap_err();
        assert!(matches!(error, JitError::NotVerified(_)), "{what}: {error}");
    }
    let mut deep = vec![Node::Truth(true)];
    deep.extend((0..1_000).map(|n| Node::Not(id(n))));
    let error = MachineCode::compile(&plan_of(|_| deep)).unwrap_err();
    assert!(matches!(error, JitError::TooLarge(_)), "{error}");
    let mut wide = vec![Node::Truth(true)];
    wide.extend((0..60).map(|n| Node::And(vec![id(n), id(n)])));
    let error = MachineCode::compile(&plan_of(|_| wide)).unwrap_err();
    assert!(matches!(error, JitError::TooLarge(_)), "{error}");
}
