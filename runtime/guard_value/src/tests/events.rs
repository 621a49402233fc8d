//! Whole events.

use super::world::{Tree, World, field, optional, text};
use crate::{
    Argument, EventDraft, EventHead, EventKind, FaultKind, Reader, Record, SlotState, parse_time,
};
use guard_plan::Meta;
use proptest::prelude::*;

fn bank() -> World {
    let send = Tree::Record(
        vec![field("to", text()), field("amount", Tree::Float), optional("note", text())],
        false,
    );
    let receipt = Tree::Record(vec![field("id", text()), optional("fee", Tree::Int)], true);
    World::default()
        .call(
            "send_money",
            &send,
            &[Meta::CallId, Meta::CallTool, Meta::CallConfidence, Meta::CallCost, Meta::Now],
        )
        .result("send_money", Some(&receipt), &[Meta::Text, Meta::Failed])
        .result("read_file", None, &[Meta::Text, Meta::Failed])
        .result("greet", Some(&text()), &[])
        .input(&[Meta::Text, Meta::Source, Meta::SessionId])
        .output(&[Meta::Text])
}

fn read<T>(json: &str, check: impl FnOnce(&EventHead<'_, usize>, &Record) -> T) -> T {
    let mut reader = Reader::default();
    let mut record = Record::default();
    let world = bank();
    let head = reader.event(json.as_bytes(), &world, &mut record).unwrap();
    check(&head, &record)
}

fn refused(json: &str) -> String {
    let result = Reader::default();
    let mut reader = result;
    reader.event(json.as_bytes(), &bank(), &mut Record::default()).unwrap_err().to_string()
}

fn faults(json: &str) -> Vec<String> {
    read(json, |head, _| head.faults.described().iter().map(ToString::to_string).collect())
}

fn text_of(record: &Record, slot: usize) -> Option<String> {
    record.text(record.slot(slot)).map(|text| String::from_utf8(text.to_vec()).unwrap())
}

#[test]
fn a_call_fills_the_slots_of_its_arguments_and_of_what_it_says_itself() {
    let json = r#"{"type":"tool_call","id":"c1","tool":"send_money","confidence":0.5,
        "at":"1970-01-01T00:00:01.5Z","trace":{"x":[1]},
        "args":{"to":"A\u00e9","amount":98.7}}"#;
    read(json, |head, record| {
        assert_eq!((head.kind, head.target, head.tool), (EventKind::Call, Some(0), "send_money"));
        assert_eq!((head.id, head.at), (Some("c1"), Some(1500)));
        assert!(head.faults.is_empty(), "{:?}", head.faults);
        assert_eq!(text_of(record, 0).unwrap(), "c1");
        assert_eq!(text_of(record, 1).unwrap(), "send_money");
        assert_eq!(record.slot(2).as_float(), Some(0.5));
        assert_eq!(record.slot(3).state(), SlotState::Absent);
        assert_eq!(record.slot(4).as_int(), Some(1500));
        assert_eq!(text_of(record, 6).unwrap(), "Aé");
        assert_eq!(record.slot(7).as_float(), Some(98.7));
        assert_eq!(record.slot(8).state(), SlotState::Absent);
    });
}

#[test]
fn keys_may_come_in_any_order() {
    let fields = [
        r#""type":"tool_call""#,
        r#""id":"c1""#,
        r#""tool":"send_money""#,
        r#""args":{"to":"x","amount":1,"cc":2}"#,
    ];
    let mut orders = vec![vec![0, 1, 2, 3]];
    for a in 0..4 {
        for b in 0..4 {
            let mut order = vec![0, 1, 2, 3];
            order.swap(0, a);
            order.swap(2, b);
            orders.push(order);
        }
    }
    for order in orders {
        let fields: Vec<&str> = order.iter().map(|index| fields[*index]).collect();
        let json = format!("{{{}}}", fields.join(","));
        read(&json, |head, record| {
            assert_eq!(head.target, Some(0));
            assert_eq!(text_of(record, 6).unwrap(), "x");
            let faults: Vec<String> =
                head.faults.described().iter().map(ToString::to_string).collect();
            assert_eq!(faults, ["argument `cc` is not declared by `send_money`"], "{json}");
        });
    }
}

#[test]
fn escaped_keys_and_names_are_the_same_keys_and_names() {
    let json = r#"{"\u0074ype":"tool\u005fcall","tool":"send\u005fmoney",
        "args":{"t\u006f":"x","amount":1}}"#;
    read(json, |head, record| {
        assert_eq!((head.target, head.tool), (Some(0), "send_money"));
        assert_eq!(text_of(record, 6).unwrap(), "x");
        assert!(head.faults.is_empty());
    });
    assert!(refused(r#"{"type":"input","text":"a","\u0074ext":"b"}"#).contains("a key twice"));
}

#[test]
fn absent_and_null_arguments_are_no_arguments() {
    for args in ["", r#","args":null"#, r#","args":{}"#] {
        let json = format!(r#"{{"type":"tool_call","id":"1","tool":"send_money"{args}}}"#);
        let wanted = ["argument `to` is missing", "argument `amount` is missing"];
        assert_eq!(faults(&json), wanted, "{args}");
    }
}

#[test]
fn a_call_of_an_unknown_tool_is_checked_and_has_no_target() {
    read(r#"{"type":"tool_call","tool":"x","args":{"a":[1]}}"#, |head, record| {
        assert_eq!((head.target, head.tool), (None, "x"));
        assert!(record.slots().is_empty());
    });
    let twice = r#"{"type":"tool_call","tool":"x","args":{"a":[{"b":1,"b":2}]}}"#;
    assert!(refused(twice).contains("a key twice"));
}

#[test]
fn inputs_and_outputs_have_text() {
    read(r#"{"type":"input","role":"user","text":"a\nb","device_action":true}"#, |head, record| {
        assert_eq!((head.kind, head.target, head.tool), (EventKind::Input, Some(0), ""));
        assert_eq!((head.text, head.source), (Some("a\nb"), Some("user")));
        assert_eq!(text_of(record, 0).unwrap(), "a\nb");
        assert_eq!(text_of(record, 1).unwrap(), "user");
        assert_eq!(record.slot(2).state(), SlotState::Absent);
    });
    read(r#"{"type":"output","text":"done","final":false}"#, |head, record| {
        assert_eq!((head.kind, head.text), (EventKind::Output, Some("done")));
        assert_eq!(text_of(record, 0).unwrap(), "done");
    });
    assert_eq!(faults(r#"{"type":"output"}"#), ["the event's `text` is missing"]);
    assert_eq!(faults(r#"{"type":"output","text":1}"#), ["the event's `text` is not text"]);
    read(r#"{"type":"input","text":1}"#, |_, record| {
        assert_eq!(record.slot(0).state(), SlotState::Malformed);
    });
}

#[test]
fn results_have_text_and_a_value_when_it_is_typed() {
    let result = |text: &str, more: &str| {
        let text = serde_json::to_string(text).unwrap();
        format!(r#"{{"type":"tool_result","id":"1","tool":"send_money","text":{text}{more}}}"#)
    };
    read(&result(r#"{"id": "r\u0031", "fee": 2, "x": 1}"#, ""), |head, record| {
        assert!(head.faults.is_empty(), "{:?}", head.faults);
        assert!(!head.failed);
        assert_eq!(record.slot(1).as_bool(), Some(false));
        assert_eq!(text_of(record, 3).unwrap(), "r1");
        assert_eq!(record.slot(4).as_int(), Some(2));
    });
    assert_eq!(faults(&result("{}", "")), ["result value `id` is missing"]);
    let not_json = result("id: r1", "");
    assert_eq!(faults(&not_json), ["the result is not valid JSON: expected a value at byte 0"]);
    read(&not_json, |head, record| {
        assert_eq!(head.faults.described()[0].kind(), FaultKind::NotJson);
        assert_eq!(text_of(record, 0).unwrap(), "id: r1");
        assert_eq!(record.slot(3).state(), SlotState::Malformed);
    });
    // A failure has no value.
    read(&result("no such account", r#","error":true"#), |head, record| {
        assert!(head.failed && head.faults.is_empty());
        assert_eq!(record.slot(1).as_bool(), Some(true));
        assert_eq!(record.slot(3).state(), SlotState::Absent);
    });
    // A value that is declared as text is the text itself.
    read(r#"{"type":"tool_result","tool":"greet","text":"hi"}"#, |head, record| {
        assert!(head.faults.is_empty());
        assert_eq!(text_of(record, 0).unwrap(), "hi");
    });
    read(r#"{"type":"tool_result","tool":"read_file","text":"{"}"#, |head, _| {
        assert!(head.faults.is_empty());
    });
}

#[test]
fn what_is_no_event_is_refused_in_plain_words() {
    for (json, message) in [
        ("", "the event is not valid JSON: expected a value at byte 0"),
        ("[]", "the event is not an object"),
        ("null", "the event is not an object"),
        ("{}", "the event has no `type`"),
        (r#"{"type":1}"#, "the event's `type` is not text"),
        (
            r#"{"type":"call"}"#,
            "the event's `type` is none of `input`, `tool_call`, `tool_result`, `output`",
        ),
        (r#"{"type":"tool_call"}"#, "the event has no `tool`"),
        (r#"{"type":"tool_call","tool":null}"#, "the event has no `tool`"),
        (r#"{"type":"tool_call","tool":1,"args":{}}"#, "the event's `tool` is not text"),
        (r#"{"type":"tool_call","tool":""}"#, "the event's `tool` is empty"),
        (
            r#"{"type":"tool_call","tool":"send\u0000money"}"#,
            "the event's `tool` contains a control character",
        ),
        (
            r#"{"type":"input","type":"output"}"#,
            "the event has a key twice in one object at byte 17",
        ),
    ] {
        assert_eq!(refused(json), message, "{json}");
    }
}

#[test]
fn known_keys_of_the_wrong_type_are_faults() {
    let call = |more: &str| {
        format!(
            r#"{{"type":"tool_call","tool":"send_money","args":{{"to":"x","amount":1}},{more}}}"#
        )
    };
    for (more, fault) in [
        (r#""id":1"#, "the event's `id` is not text"),
        (r#""confidence":"high""#, "the event's `confidence` is not a number"),
        (r#""confidence":1.5"#, "the event's `confidence` is not between 0 and 1"),
        (r#""cost":1e999"#, "the event's `cost` is not a finite number"),
        (
            r#""at":"yesterday""#,
            "the event's `at` is not a time: milliseconds since 1970, or as RFC 3339 writes it",
        ),
    ] {
        assert_eq!(faults(&call(more)), [fault]);
    }
    read(&call(r#""confidence":"high","cost":null"#), |_, record| {
        assert_eq!(record.slot(2).state(), SlotState::Malformed);
        assert_eq!(record.slot(3).state(), SlotState::Absent);
    });
    let both = r#"{"type":"input","text":"x","role":"user","source":"system"}"#;
    assert_eq!(faults(both).len(), 1);
}

#[test]
fn times_are_read_as_rfc_3339_writes_them() {
    for (text, time) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-01T10:11:12.25Z", 1_772_359_872_250),
        ("2024-02-29T23:59:60Z", 1_709_251_199_000),
        ("2000-01-01t01:00:00+01:00", 946_684_800_000),
        ("1969-12-31 23:59:59.999Z", -1),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ] {
        assert_eq!(parse_time(text), Some(time), "{text}");
    }
    for text in [
        "",
        "2026",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00",
        "é",
        "2026-01-01T00:00:0éZ",
        "2026-00-10T00:00:00Z",
    ] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}

#[test]
fn drafts_are_read_like_any_event() {
    let arguments = vec![
        ("to".to_owned(), Argument::Text("\"a\\\u{1}é\"".to_owned())),
        ("amount".to_owned(), Argument::Float(1e300)),
    ];
    let mut json = Vec::new();
    let draft = EventDraft::call("c", "send_money", arguments).at(5).at(7).confidence(0.25);
    draft.write_json(&mut json);
    read(std::str::from_utf8(&json).unwrap(), |head, record| {
        assert!(head.faults.is_empty(), "{:?}", head.faults);
        assert_eq!(head.at, Some(7));
        assert_eq!(text_of(record, 6).unwrap(), "\"a\\\u{1}é\"");
        assert_eq!(record.slot(7).as_float(), Some(1e300));
    });
    let mut json = Vec::new();
    let arguments =
        vec![("to".to_owned(), Argument::Int(3)), ("amount".to_owned(), Argument::Float(f64::NAN))];
    EventDraft::call("c", "send_money", arguments).write_json(&mut json);
    let wanted = ["argument `to` is not text", "argument `amount` is not a finite number"];
    assert_eq!(faults(std::str::from_utf8(&json).unwrap()), wanted);
    let mut deep = Argument::Null;
    for _ in 0..1000 {
        deep = Argument::List(vec![deep]);
    }
    let mut json = Vec::new();
    EventDraft::call("c", "x", vec![("a".to_owned(), deep)]).write_json(&mut json);
    assert!(refused(std::str::from_utf8(&json).unwrap()).contains("too deeply"));
}

#[test]
fn a_reader_forgets_the_event_before() {
    let world = bank();
    let mut reader = Reader::default();
    let mut record = Record::default();
    let good = br#"{"type":"tool_call","tool":"send_money","args":{"to":"x","amount":1}}"#;
    let bad = br#"{"type":"tool_call","tool":"send_money","args":{"to":1,"amount":[{"a":1,"a":"#;
    for _ in 0..3 {
        assert!(reader.event(bad, &world, &mut record).is_err());
        let head = reader.event(good, &world, &mut record).unwrap();
        assert!(head.faults.is_empty());
        assert_eq!(text_of(&record, 6).unwrap(), "x");
    }
}

proptest! {
    #[test]
    fn damaged_events_never_panic(
        which in 0_usize..4, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut: bool,
    ) {
        let events = [
            r#"{"type":"tool_call","id":"c","tool":"send_money","args":{"to":"x\n","amount":1.5e2}}"#,
            r#"{"args":{"to":"x","amount":1},"type":"tool_call","tool":"send\u005fmoney","at":12}"#,
            r#"{"type":"tool_result","tool":"send_money","text":"{\"id\":\"\\u0031\",\"fee\":3}"}"#,
            r#"{"type":"input","text":"\ud83d\ude00 x","role":"user","at":"2026-01-01T00:00:00Z"}"#,
        ];
        let mut bytes = events[which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let result = Reader::default().event(&bytes, &bank(), &mut Record::default()).is_ok();
        if result {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        }
    }
}
