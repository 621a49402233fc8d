//! What slots hold: random shapes and values, and a naive reading of the same value beside them.

use super::world::{Tree, World, field, optional, text};
use crate::{
    About, Fault, FaultKind, Layouts, Reader, Record, SlotState, SlotValue, Subject, limits,
    read_facts,
};
use guard_plan::{Layout, Shape, ShapeId, ShapeKind, TextKind};
use proptest::prelude::*;
use serde_json::{Value, json};

const SUBJECT: Subject<'static> = Subject { about: About::Argument, owner: "send_email" };

struct Read {
    record: Record,
    faults: Vec<Fault>,
    world: World,
    layout: Layout,
}

fn read_with(tree: &Tree, json: &str) -> Result<Read, Fault> {
    let mut world = World::default();
    let layout = world.layout(Some(tree), &[]);
    let mut record = Record::default();
    let mut reader = Reader::default();
    let faults = reader.value(json.as_bytes(), &world.shapes, &layout, SUBJECT, &mut record)?;
    let faults = faults.described().to_vec();
    Ok(Read { record, faults, world, layout })
}

/// The same value in an event: as arguments read where they stand, as arguments read again, and as
/// a result, with and without escapes.
fn read_in_events(tree: &Tree, json: &str) -> Vec<Read> {
    let text = serde_json::to_string(json).unwrap();
    let escaped = text.replace('a', "\\u0061");
    let events = [
        format!(r#"{{"type":"tool_call","id":"é","tool":"send_email","args":{json},"x":"\n"}}"#),
        format!(r#"{{"args":{json},"tool":"send_email","type":"tool_call"}}"#),
        format!(r#"{{"type":"tool_result","tool":"send_email","text":{text}}}"#),
        format!(r#"{{"type":"tool_result","tool":"send_email","text":{escaped}}}"#),
    ];
    let read = |event: String| {
        let world = World::default().call("send_email", tree, &[]);
        let world = world.result("send_email", Some(tree), &[]);
        let mut record = Record::default();
        let mut reader = Reader::default();
        let head = reader.event(event.as_bytes(), &world, &mut record).unwrap();
        let faults = head.faults.described().to_vec();
        let layout = world.find(head.kind, "send_email").unwrap().1.clone();
        Read { record, faults, world, layout }
    };
    events.into_iter().map(read).collect()
}

fn faults(tree: &Tree, json: &Value) -> Vec<String> {
    read_with(tree, &json.to_string()).unwrap().faults.iter().map(ToString::to_string).collect()
}

// -- the naive reading ---------------------------------------------------------------------------

/// Checks that slots hold what the value says, and returns whether anything is wrong with it.
fn check(read: &Read, id: ShapeId, base: usize, value: &Value) -> bool {
    let shape = &read.world.shapes[id.0 as usize];
    let slot = read.record.slot(base + shape.slot.unwrap() as usize);
    match (&shape.kind, value) {
        (ShapeKind::Any, _) | (ShapeKind::Map(_), Value::Object(_)) => {
            assert_eq!(slot, SlotValue::PRESENT);
        }
        (ShapeKind::Bool, Value::Bool(value)) => assert_eq!(slot.as_bool(), Some(*value)),
        (ShapeKind::Int, Value::Number(number)) => {
            let float = number.as_f64().unwrap();
            let exact = float.abs() < 9_007_199_254_740_992.0 && float.fract() == 0.0;
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            let whole = number.as_i64().or_else(|| exact.then_some(float as i64));
            assert_eq!(slot.as_int(), whole, "{number}");
            return whole.is_none();
        }
        (ShapeKind::Float, Value::Number(number)) => assert_eq!(slot.as_float(), number.as_f64()),
        (ShapeKind::Text(TextKind::Plain), Value::String(text)) => {
            assert_eq!(read.record.text(slot), Some(text.as_bytes()));
        }
        (ShapeKind::OneOf(choices), Value::String(text)) => {
            let is_one = choices.contains(text);
            assert_eq!(read.record.text(slot), is_one.then_some(text.as_bytes()));
            return !is_one;
        }
        (ShapeKind::List { element, row }, Value::Array(items)) => {
            let width = read.layout.rows[row.unwrap() as usize].len();
            let (first, count) = read.record.rows(slot).unwrap();
            assert_eq!(count, items.len());
            let wrong = items
                .iter()
                .enumerate()
                .map(|(index, item)| check(read, *element, first + index * width, item));
            return wrong.fold(false, |a, b| a | b);
        }
        (ShapeKind::Record { fields, open }, Value::Object(object)) => {
            assert_eq!(slot, SlotValue::PRESENT);
            let declared = |key: &String| fields.iter().any(|field| field.name == *key);
            let mut wrong = !open && !object.keys().all(declared);
            for field in fields {
                let is_any = read.world.shapes[field.shape.0 as usize].kind == ShapeKind::Any;
                match object.get(&field.name) {
                    None | Some(Value::Null) if field.optional => {
                        check_all(read, field.shape, base, SlotState::Absent);
                    }
                    Some(value) if *value != Value::Null || is_any => {
                        wrong |= check(read, field.shape, base, value);
                    }
                    _ => {
                        check_all(read, field.shape, base, SlotState::Malformed);
                        wrong = true;
                    }
                }
            }
            return wrong;
        }
        _ => {
            check_all(read, id, base, SlotState::Malformed);
            return true;
        }
    }
    false
}

/// Checks that all slots of a shape have one state.
fn check_all(read: &Read, id: ShapeId, base: usize, state: SlotState) {
    let shape: &Shape = &read.world.shapes[id.0 as usize];
    assert_eq!(read.record.slot(base + shape.slot.unwrap() as usize).state(), state);
    if let ShapeKind::Record { fields, .. } = &shape.kind {
        for field in fields {
            check_all(read, field.shape, base, state);
        }
    }
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Any),
        Just(Tree::Bool),
        Just(Tree::Int),
        Just(Tree::Float),
        Just(text()),
        Just(Tree::OneOf(vec!["a".into(), "b\"\n".into()])),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let fields = prop::collection::btree_map("[a-e]", (any::<bool>(), inner.clone()), 0..5);
        prop_oneof![
            inner.prop_map(|tree| Tree::List(Box::new(tree))),
            (fields, any::<bool>()).prop_map(|(fields, open)| {
                let fields = fields.into_iter().map(|(name, (opt, tree))| (name, opt, tree));
                Tree::Record(fields.collect(), open)
            }),
        ]
    })
}

/// A value that mostly fits a shape.
fn value_for(tree: &Tree) -> BoxedStrategy<Value> {
    let fitting: BoxedStrategy<Value> = match tree {
        Tree::Any => any_value().boxed(),
        Tree::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Tree::Int => any::<i64>().prop_map(Value::from).boxed(),
        Tree::Float => prop_oneof![
            any::<f64>().prop_map(Value::from),
            any::<i32>().prop_map(|n| Value::from(f64::from(n) / 100.0)),
        ]
        .boxed(),
        Tree::Text(_) | Tree::Set(_) => ".{0,12}".prop_map(Value::from).boxed(),
        Tree::OneOf(choices) => prop::sample::select(choices.clone()).prop_map(Value::from).boxed(),
        Tree::List(inner) => {
            prop::collection::vec(value_for(inner), 0..4).prop_map(Value::from).boxed()
        }
        Tree::Map(inner) => prop::collection::btree_map("[a-e]", value_for(inner), 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
            .boxed(),
        Tree::Record(fields, _) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, _, tree)| {
                    (Just(name.clone()), prop::option::weighted(0.8, value_for(tree)))
                })
                .collect();
            let extra = prop::option::weighted(0.1, ("[a-g]", any_value()));
            (fields, extra)
                .prop_map(|(fields, extra)| {
                    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
                    let mut object: serde_json::Map<_, _> = given.collect();
                    if let Some((name, value)) = extra {
                        object.entry(name).or_insert(value);
                    }
                    Value::Object(object)
                })
                .boxed()
        }
    };
    prop_oneof![12 => fitting, 1 => any_value()].boxed()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n))),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-g]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn tree_and_value() -> impl Strategy<Value = (Tree, Value)> {
    any_tree().prop_flat_map(|tree| {
        let value = value_for(&tree);
        (Just(tree), value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn slots_hold_what_a_naive_reading_says((tree, value) in tree_and_value(), pretty: bool) {
        let json = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        let read = read_with(&tree, &json).unwrap();
        let wrong = check(&read, read.layout.root.unwrap(), 0, &value);
        prop_assert_eq!(wrong, !read.faults.is_empty(), "{:?}", read.faults);
        // `null` as arguments is none, and a text as a result is the text and no JSON.
        if matches!(tree, Tree::Record(..) | Tree::List(_)) && value != Value::Null {
            for read in read_in_events(&tree, &json) {
                let wrong = check(&read, read.layout.root.unwrap(), 0, &value);
                prop_assert_eq!(wrong, !read.faults.is_empty(), "{:?}", read.faults);
            }
        }
    }

    #[test]
    fn floats_are_read_to_the_nearest(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?") {
        let read = read_with(&Tree::Float, &text).unwrap();
        let float: f64 = text.parse().unwrap();
        prop_assert_eq!(read.record.slot(0).as_float(), Some(float).filter(|f| f.is_finite()));
    }
}

// -- facts one at a time -------------------------------------------------------------------------

fn int(text: &str) -> Option<i64> {
    read_with(&Tree::Int, text).unwrap().record.slot(0).as_int()
}

#[test]
fn whole_numbers_may_be_written_as_floats_where_that_is_exact() {
    for (text, value) in [
        ("0", 0),
        ("-0", 0),
        ("-0.0", 0),
        ("0e999999999999999999999", 0),
        ("2.0", 2),
        ("1e3", 1000),
        ("1.5e1", 15),
        ("120e-1", 12),
        ("-2.50e1", -25),
        ("1E+2", 100),
        ("0.001e3", 1),
        ("9007199254740991.0", 9_007_199_254_740_991),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        assert_eq!(int(text), Some(value), "{text}");
    }
    for text in [
        "2.5",
        "1e-1",
        "15e-1",
        "1e-999999999999999999999",
        "9007199254740992.0",
        "1e18",
        "1e999",
        "9223372036854775808",
        "-9223372036854775809",
        "1e99999999999999999999",
        "2.0000000000000000000001",
        "100000000000000000000",
    ] {
        assert_eq!(int(text), None, "{text}");
    }
}

#[test]
fn faults_speak_as_the_author_does() {
    let email = Tree::Record(
        vec![
            field("to", Tree::List(Box::new(Tree::Text(TextKind::Email)))),
            field("amount", Tree::Float),
            optional("count", Tree::Int),
            optional("when", Tree::Record(vec![field("day", text())], false)),
            optional("currency", Tree::OneOf(vec!["EUR".into(), "USD".into()])),
            optional("link", Tree::Text(TextKind::Url)),
        ],
        false,
    );
    let is = |value: Value, wanted: &[&str]| assert_eq!(faults(&email, &value), wanted);
    is(json!({"to": [], "amount": 1}), &[]);
    is(json!({"to": [], "amount": "ten"}), &["argument `amount` is not a number"]);
    is(json!({"to": [], "amount": 1, "cc": 1}), &["argument `cc` is not declared by `send_email`"]);
    is(json!({"amount": 1}), &["argument `to` is missing"]);
    is(json!({"amount": 1, "to": null}), &["argument `to` is missing"]);
    is(
        json!({"amount": 1, "to": ["a@b.c", "x", 3]}),
        &["argument `to[1]` is not an e-mail address", "argument `to[2]` is not an e-mail address"],
    );
    is(json!({"to": [], "amount": 1, "when": {}}), &["argument `when.day` is missing"]);
    is(
        json!({"to": [], "amount": 1, "when": {"day": "x", "\u{202e}\n": 1}}),
        &["argument `when.\\u{202e}\\u{a}` is not declared by `send_email`"],
    );
    is(json!({"to": [], "amount": 1, "count": 2.5}), &["argument `count` is not a whole number"]);
    is(
        json!({"to": [], "amount": 1, "count": 9_223_372_036_854_775_808_u64}),
        &["argument `count` does not fit 64 bits exactly"],
    );
    is(
        json!({"to": [], "amount": 1, "currency": "eur"}),
        &["argument `currency` is not one of \"EUR\", \"USD\""],
    );
    is(json!({"to": [], "amount": 1, "link": "/x"}), &["argument `link` is not an absolute URL"]);
    is(json!(["x"]), &["`args` is not an object"]);
    let large = read_with(&Tree::Float, "1e999").unwrap().faults;
    assert_eq!(large[0].to_string(), "`args` is not a finite number");
}

#[test]
fn faults_are_counted_and_the_first_described() {
    let list = Tree::List(Box::new(Tree::Int));
    let mut world = World::default();
    let layout = world.layout(Some(&list), &[]);
    let mut reader = Reader::default();
    let json = format!("[{}]", vec!["\"x\""; 1000].join(","));
    let mut record = Record::default();
    let faults =
        reader.value(json.as_bytes(), &world.shapes, &layout, SUBJECT, &mut record).unwrap();
    assert_eq!(faults.count(), 1000);
    assert_eq!(faults.described().len(), limits::FAULTS_MAX);
    assert_eq!(faults.described()[3].path(), "[3]");
    let long = format!("{{\"{}\":1}}", "k".repeat(5000));
    let read = read_with(&Tree::Record(vec![], false), &long).unwrap();
    assert!(read.faults[0].to_string().len() < 200);
}

#[test]
fn lists_of_checked_values_have_a_limit() {
    let list = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    let tree = Tree::List(Box::new(Tree::Int));
    assert!(read_with(&tree, &list(limits::ELEMENTS_MAX)).is_ok());
    let fault = read_with(&tree, &list(limits::ELEMENTS_MAX + 1)).err().unwrap();
    assert_eq!(fault.kind(), FaultKind::TooManyElements);
    assert!(read_with(&Tree::Any, &list(limits::ELEMENTS_MAX + 1)).is_ok());
}

#[test]
fn a_record_of_many_fields_knows_each() {
    let fields: Vec<_> = (0..200).map(|n| field(&format!("f{n}"), Tree::Int)).collect();
    let tree = Tree::Record(fields, false);
    let all: Vec<String> = (0..200).rev().map(|n| format!("\"f{n}\":{n}")).collect();
    let read = read_with(&tree, &format!("{{{}}}", all.join(","))).unwrap();
    assert!(read.faults.is_empty());
    assert_eq!(read.record.slot(151).as_int(), Some(150));
    let read = read_with(&tree, &format!("{{{}}}", all[1..].join(","))).unwrap();
    assert_eq!(read.faults[0].path(), "f199");
    let twice = format!("{{{},\"f\\u0031\":1}}", all.join(","));
    assert_eq!(read_with(&tree, &twice).err().unwrap().kind(), FaultKind::DuplicateKey);
}

#[test]
fn maps_check_each_value() {
    let tree = Tree::Map(Box::new(Tree::Int));
    assert!(read_with(&tree, r#"{"a":1,"b":2}"#).unwrap().faults.is_empty());
    let read = read_with(&tree, r#"{"a":1,"b":"x"}"#).unwrap();
    assert_eq!(read.faults[0].to_string(), "argument `b` is not a whole number");
    assert_eq!(read_with(&tree, r#"{"a":1,"a":2}"#).err().unwrap().kind(), FaultKind::DuplicateKey);
}

#[test]
fn facts_that_are_missing_are_unknown() {
    let tree = Tree::Record(
        vec![
            field("payees", Tree::Set(TextKind::Plain)),
            field("staff", Tree::Set(TextKind::Email)),
            field("limit", Tree::Float),
            field("office", Tree::Record(vec![field("city", text())], false)),
        ],
        false,
    );
    let mut world = World::default();
    let layout = world.layout(Some(&tree), &[]);
    let read = |json: &str| read_facts(json.as_bytes(), &world.shapes, &layout);
    let facts =
        read(r#"{"payees":["b","a\n","b"],"limit":2.5,"staff":["X@EXAMPLE.com"]}"#).unwrap();
    let payees = facts.texts(1).unwrap();
    assert_eq!(payees.len(), 2);
    assert!(payees.contains(b"a\n") && payees.contains(b"b") && !payees.contains(b"c"));
    assert!(facts.texts(2).unwrap().contains(b"X@example.com"));
    assert_eq!(facts.record.slot(3).as_float(), Some(2.5));
    assert_eq!(facts.record.slot(4).state(), SlotState::Absent);
    let facts = read(r#"{"payees":null}"#).unwrap();
    assert!(facts.texts(1).is_none());
    assert!(read("{}").unwrap().texts(2).is_none());
    assert!(read(r#"{"payees":[]}"#).unwrap().texts(1).unwrap().is_empty());
    let message = |json: &str| read(json).unwrap_err().to_string();
    assert_eq!(message(r#"{"payees":"b"}"#), "fact `payees` is not a list");
    assert_eq!(message(r#"{"payees":["b",1]}"#), "fact `payees[1]` is not text");
    assert_eq!(message(r#"{"staff":["b"]}"#), "fact `staff[0]` is not an e-mail address");
    assert_eq!(message(r#"{"office":{}}"#), "fact `office.city` is missing");
    assert_eq!(message(r#"{"x":1}"#), "fact `x` is not declared");
    assert_eq!(message("[]"), "the value that holds the facts is not an object");
}

#[test]
fn a_list_inside_a_fact_is_never_taken_for_a_set() {
    let names = Tree::Record(vec![field("names", Tree::List(Box::new(text())))], false);
    let tree = Tree::Record(
        vec![
            field("payees", Tree::Set(TextKind::Plain)),
            field("people", Tree::List(Box::new(names))),
        ],
        false,
    );
    let mut world = World::default();
    let layout = world.layout(Some(&tree), &[]);
    let json = br#"{"payees":["bob"],"people":[{"names":["eve"]}]}"#;
    let facts = read_facts(json, &world.shapes, &layout).unwrap();
    let payees = facts.texts(1).unwrap();
    assert!(payees.contains(b"bob") && !payees.contains(b"eve"));
}
