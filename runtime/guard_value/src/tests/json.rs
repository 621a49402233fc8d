//! What is JSON: the reader and another parser agree on every text.

use super::world::{Tree, World};
use crate::{About, FaultKind, Reader, Record, Subject, limits};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

const SUBJECT: Subject<'static> = Subject { about: About::Event, owner: "" };

/// What reading the bytes as any JSON value comes to.
fn read(bytes: &[u8]) -> Result<(), FaultKind> {
    let mut world = World::default();
    let layout = world.layout(Some(&Tree::Any), &[]);
    let mut record = Record::default();
    let mut reader = Reader::default();
    let result = reader.value(bytes, &world.shapes, &layout, SUBJECT, &mut record);
    result.map(|faults| assert!(faults.is_empty())).map_err(|fault| fault.kind())
}

fn message(text: &str) -> String {
    let mut world = World::default();
    let layout = world.layout(Some(&Tree::Any), &[]);
    let mut reader = Reader::default();
    let result =
        reader.value(text.as_bytes(), &world.shapes, &layout, SUBJECT, &mut Record::default());
    result.unwrap_err().to_string()
}

/// A JSON value without duplicate keys, as another parser sees it.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !keys.insert(key) {
                return Err(A::Error::custom("key twice"));
            }
            map.next_value::<Self>()?;
        }
        Ok(self)
    }
}

fn agrees(bytes: &[u8]) {
    let ours = read(bytes);
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict) => assert!(
            matches!(ours, Ok(()) | Err(FaultKind::TooDeep)),
            "{ours:?} for {}",
            String::from_utf8_lossy(bytes)
        ),
        // It reads every number as a float; that a number is too large is no matter of syntax.
        Err(error) if error.to_string().starts_with("number out of range") => {}
        Err(error) => {
            assert!(ours.is_err(), "{error} for {}", String::from_utf8_lossy(bytes));
        }
    }
}

/// JSON texts, most of them valid, with everything the grammar has.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?",
        any_string(),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let space = "[ \n\r\t]{0,2}";
        let list = prop::collection::vec((space, inner.clone()), 0..8).prop_map(|items| {
            let items: Vec<String> = items.into_iter().map(|(s, v)| format!("{s}{v}{s}")).collect();
            format!("[{}]", items.join(","))
        });
        let object = prop::collection::vec((any_string(), space, inner), 0..40).prop_map(|items| {
            let items: Vec<String> =
                items.into_iter().map(|(k, s, v)| format!("{s}{k}{s}:{s}{v}{s}")).collect();
            format!("{{{}}}", items.join(","))
        });
        prop_oneof![list, object]
    })
}

/// String literals; short ones of few letters, so that keys collide.
fn any_string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c]{0,3}",
        1 => "[ -!#-\\[\\]-~é€😀]{0,30}",
        1 => Just("\\n".to_owned()),
        1 => Just("\\\"".to_owned()),
        1 => "\\\\u00[0-9a-fA-F]{2}",
        1 => Just("\\u0061".to_owned()),
        1 => Just("\\ud83d\\ude00".to_owned()),
        1 => "\\\\u[dD][89a-fA-F][0-9a-f]{2}",
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_json_is_what_another_parser_says(text in any_json()) {
        agrees(text.as_bytes());
    }

    #[test]
    fn one_changed_byte_changes_both_answers(
        text in any_json(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        agrees(&bytes);
    }

    #[test]
    fn a_cut_off_text_is_refused_as_there(
        text in any_json(), at in any::<prop::sample::Index>(),
    ) {
        agrees(&text.as_bytes()[..at.index(text.len())]);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        agrees(&bytes);
    }

    #[test]
    fn json_like_bytes_never_panic(text in "[\\[\\]{},:\"\\\\/0-9eE+.a-fntrul \\-]{0,60}") {
        agrees(text.as_bytes());
    }
}

#[test]
fn the_grammar_is_strict() {
    for text in [
        "",
        " ",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "0x10",
        "NaN",
        "Infinity",
        "tru",
        "nul",
        "nulll",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{'a':1}",
        "{,}",
        "[",
        "]",
        "{",
        "\"",
        "\"\\\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "\"\t\"",
        "\"\n\"",
        "\"\0\"",
        "1 2",
        "{} {}",
        "// 1\n1",
        "1 // x",
        "\u{feff}1",
        "\u{a0}1",
        "\"\\u+123\"",
        "1\0",
        "[1]\0",
    ] {
        assert_eq!(read(text.as_bytes()), Err(FaultKind::NotJson), "{text:?}");
        agrees(text.as_bytes());
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_wherever_they_stand() {
    for bytes in [&b"\"\xff\""[..], b"{\"a\":\"\xc3\"}", b"\xed\xa0\x80", b"1\x80"] {
        assert_eq!(read(bytes), Err(FaultKind::NotUtf8));
    }
}

#[test]
fn a_key_twice_is_refused_in_every_object() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"{"x":[{"y":{"k":1,"j":2,"k":3}}]}"#,
        r#"{"abcdefghi":1,"abcdefghi":2}"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(read(text.as_bytes()), Err(FaultKind::DuplicateKey), "{text}");
    }
    for text in [
        r#"{"a":1,"A":2}"#,
        r#"{"a":{"a":{"a":1}}}"#,
        r#"[{"a":1},{"a":2}]"#,
        r#"{"abcdefghi":1,"abcdefghj":2}"#,
        r#"{"a":1,"a\u0000":2}"#,
    ] {
        assert_eq!(read(text.as_bytes()), Ok(()), "{text}");
    }
}

#[test]
fn a_key_twice_is_found_among_many_in_little_time() {
    let keys: Vec<String> = (0..200_000).map(|n| format!("\"same-head-{n}\":0")).collect();
    assert_eq!(read(format!("{{{}}}", keys.join(",")).as_bytes()), Ok(()));
    let twice = format!("{{{},\"same-head-7\":1}}", keys.join(","));
    assert_eq!(read(twice.as_bytes()), Err(FaultKind::DuplicateKey));
    let escaped = format!("{{{},\"same-head-\\u0037\":1}}", keys.join(","));
    assert_eq!(read(escaped.as_bytes()), Err(FaultKind::DuplicateKey));
}

#[test]
fn depth_is_limited_and_does_not_overflow_the_stack() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(read(nested(limits::DEPTH_MAX).as_bytes()), Ok(()));
    assert_eq!(read(nested(limits::DEPTH_MAX + 1).as_bytes()), Err(FaultKind::TooDeep));
    assert_eq!(read("[".repeat(10_000_000).as_bytes()), Err(FaultKind::TooDeep));
    assert_eq!(read("{\"a\":".repeat(1_000_000).as_bytes()), Err(FaultKind::TooDeep));
}

#[test]
fn size_is_limited() {
    let text = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    assert_eq!(read(text(limits::EVENT_BYTES_MAX).as_bytes()), Ok(()));
    assert_eq!(read(text(limits::EVENT_BYTES_MAX + 1).as_bytes()), Err(FaultKind::TooLarge));
}

#[test]
fn messages_name_the_place() {
    assert_eq!(message("[1,"), "the event is not valid JSON: expected a value at byte 3");
    assert_eq!(
        message("{\"a\":1 \"b\":2}"),
        "the event is not valid JSON: expected a comma or a closing bracket at byte 7"
    );
    assert_eq!(message("{\"a\":1,\"a\":2}"), "the event has a key twice in one object at byte 8");
    assert_eq!(
        message("[1] x"),
        "the event is not valid JSON: something follows its end at byte 4"
    );
}
