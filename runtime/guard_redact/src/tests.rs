//! What is promised of a redacted text, and a stream against the whole text for every cut.
#![expect(clippy::string_slice, reason = "tests cut at boundaries of characters")]

use crate::*;
use guard_match::detect::{DetectorSet, Scanner, Scratch};
use guard_plan::{Detector, Near, Validator};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

fn detector(name: &str, pattern: &str) -> Detector {
    let patterns = vec![pattern.to_owned()];
    Detector { name: name.to_owned(), patterns, validator: None, near: None }
}

/// A card with its check digit, an address, a word with digits, and a number that needs a word beside it.
static SCANNER: LazyLock<Arc<Scanner>> = LazyLock::new(|| {
    let near = Some(Near { words: vec!["pin".to_owned()], window: 12 });
    Scanner::compile(&[
        Detector {
            validator: Some(Validator::Luhn),
            ..detector("card", r"\b\d(?:[ -]?\d){12,18}\b")
        },
        detector("email", r"[a-z0-9.]{1,20}@[a-z0-9]{1,20}\.[a-z]{2,6}"),
        detector("word", r"\bab\d{1,4}cd"),
        Detector { near, ..detector("pin", r"\b\d{4}\b") },
    ])
    .unwrap()
    .into()
});

fn templates(text: &str) -> Vec<Template> {
    vec![Template::parse(text).unwrap(); 4]
}

fn redact_as(text: &str, form: Form, template: &str) -> Result<Option<Redacted>, RedactError> {
    let templates = templates(template);
    let key = Pseudonyms::with_key([7; 64]);
    let wanted: Vec<Wanted<'_>> =
        (0..).zip(&templates).map(|(detector, template)| Wanted { detector, template }).collect();
    let redactor = Redactor { scanner: &SCANNER, wanted: &wanted, pseudonyms: Some(&key) };
    redactor.redact(text, form, &mut Scratch::default(), &mut Vec::new())
}

fn redact(text: &str) -> Option<String> {
    redact_as(text, Form::Text, Template::DEFAULT).unwrap().map(|redacted| redacted.text)
}

#[test]
fn a_text_without_what_is_found_is_left_as_it_is() {
    assert_eq!(redact("nothing here, not even 1234"), None);
    assert_eq!(redact(""), None);
}

#[test]
fn spans_that_overlap_are_replaced_as_one() {
    let text = "to ab12cd@example.org now";
    assert_eq!(redact(text).unwrap(), "to [email] now");
    let told = redact_as(text, Form::Text, "[{kind}]").unwrap().unwrap();
    assert_eq!(told.redactions.len(), 1);
    assert_eq!((told.redactions[0].start, told.redactions[0].end), (3, 21));
    assert_eq!(told.originals, ["ab12cd@example.org"]);
}

#[test]
fn json_stays_json() {
    let text = r#"{"mail": "to a\u0040b.org and 4111 1111 1111 1111", "n": [4111111111111111, 7], "ab7cd": true}"#;
    let redacted = redact_as(text, Form::Text, "<\"{kind}\">").unwrap().unwrap();
    let value: serde_json::Value = serde_json::from_str(&redacted.text).unwrap();
    assert_eq!(value["mail"], "to <\"email\"> and <\"card\">");
    assert_eq!(value["n"], serde_json::json!(["<\"card\">", 7]));
    assert_eq!(value["<\"word\">"], true);
    let places: Vec<&str> = redacted.redactions.iter().map(|of| of.at.as_str()).collect();
    assert_eq!(places, ["/mail", "/mail", "/n/0", "/ab7cd"]);
}

#[test]
fn arguments_keep_their_types_and_keys() {
    let redacted = redact_as(r#"{"a":["x","4111-1111-1111-1111"]}"#, Form::Arguments, "{mask 4}");
    assert_eq!(redacted.unwrap().unwrap().text, r#"{"a":["x","****-****-****-1111"]}"#);
    for text in [r#"{"a":4111111111111111}"#, r#"{"ab7cd":1}"#] {
        assert_eq!(redact_as(text, Form::Arguments, "x"), Err(RedactError::NoText), "{text}");
    }
}

#[test]
fn a_key_is_context_for_its_value() {
    assert_eq!(redact(r#"{"pin":"4321"}"#).unwrap(), r#"{"pin":"[pin]"}"#);
    assert_eq!(redact(r#"{"year":"4321"}"#), None);
}

#[test]
fn a_replacement_that_is_context_for_another_match_leads_to_one_more_round() {
    // The name of the second detector's match is the word that the fourth waits for.
    let template = "pin";
    let redacted = redact_as("ab1cd 4321", Form::Text, template).unwrap().unwrap();
    assert_eq!(redacted.text, "pin pin");
    assert_eq!(redacted.redactions.len(), 2);
}

#[test]
fn a_replacement_that_is_found_itself_gives_nothing_out() {
    assert_eq!(redact_as("ab1cd", Form::Text, "ab12cd"), Err(RedactError::Unstable));
}

#[test]
fn a_pseudonym_is_the_same_for_the_same_value_and_can_be_read_with_the_key() {
    let redacted = redact_as("a@b.org, c@d.org, a@b.org", Form::Text, "<{pseudonym}>").unwrap();
    let text = redacted.unwrap().text;
    let names: Vec<&str> = text.split(", ").map(|name| name.trim_matches(['<', '>'])).collect();
    assert_eq!(names[0], names[2]);
    assert_ne!(names[0], names[1]);
    let key = Pseudonyms::with_key([7; 64]);
    assert_eq!(key.read("email", names[0]).unwrap(), "a@b.org");
    assert_eq!(key.read("card", names[0]), None);
    assert_eq!(Pseudonyms::with_key([8; 64]).read("email", names[0]), None);
    assert_eq!(format!("{key:?}"), "Pseudonyms { .. }", "the key is not shown");
}

#[test]
fn a_mask_never_shows_more_than_half() {
    let template = Template::parse("{mask 4}").unwrap();
    let fill = |text| template.fill("k", text, None).unwrap();
    assert_eq!(fill("123456"), "***456");
    assert_eq!(fill("4111 1111 1111 1234"), "**** **** **** 1234");
    assert_eq!(fill("é"), "*");
}

#[test]
fn what_is_no_template_says_so() {
    for text in ["{", "}", "{kinds}", "{mask x}", "a}b{kind}"] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
    assert!(Template::parse(&"x".repeat(limits::TEMPLATE_BYTES_MAX + 1)).is_err());
}

/// Cut at all these places.
fn streamed(text: &str, cuts: &[usize]) -> (String, Vec<String>) {
    let wanted: Vec<(u32, Template)> = (0..).zip(templates(Template::DEFAULT)).collect();
    let mut stream = Stream::new(Arc::clone(&SCANNER), wanted, None);
    let (mut out, mut steps, mut at) = (String::new(), Vec::new(), 0);
    for cut in cuts.iter().copied().chain([text.len()]) {
        out.push_str(&stream.push(&text[at..cut]).unwrap());
        steps.push(out.clone());
        at = cut;
    }
    out.push_str(&stream.finish().unwrap().0);
    (out, steps)
}

/// What one pass over the whole text replaces.
fn one_pass(text: &str) -> String {
    streamed(text, &[]).0
}

#[test]
fn a_stream_gives_out_the_same_text_wherever_it_is_cut() {
    let texts = [
        "to a.b@example.org, card 4111 1111 1111 1111, ab12cd; pin: 4321 and then, far away, 9876 alone",
        "4111111111111111 4111 1111 1111 1111x ab1cdab2cd@x.yz",
        "1234 is the pin, é 4321é pin",
    ];
    for text in texts {
        let whole = one_pass(text);
        assert_eq!(Some(&whole), redact(text).as_ref(), "{text}");
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for first in &boundaries {
            let (cut, steps) = streamed(text, &[*first]);
            assert_eq!(cut, whole, "{text} at {first}");
            // What was given out is never taken back.
            assert!(steps.iter().all(|step| whole.starts_with(step.as_str())), "{text} at {first}");
        }
        assert_eq!(streamed(text, &boundaries).0, whole, "every character alone");
    }
}

#[test]
fn a_stream_holds_back_no_more_than_it_says() {
    let wanted: Vec<(u32, Template)> = (0..).zip(templates(Template::DEFAULT)).collect();
    let mut stream = Stream::new(Arc::clone(&SCANNER), wanted, None);
    let HoldBack::Bytes(held) = stream.hold_back() else { panic!("these detectors have bounds") };
    let text = "plain words without anything in them ".repeat(40);
    let mut given = 0;
    for (at, c) in text.char_indices() {
        given += stream.push(&c.to_string()).unwrap().len();
        assert!(at + c.len_utf8() - given <= held);
    }
}

#[test]
fn a_stream_without_a_bound_waits_for_its_end() {
    let scanner = Arc::new(Scanner::compile(&[detector("open", r"<[^>]+>")]).unwrap());
    assert_eq!(hold_back(&scanner, [0]), HoldBack::All);
    let mut stream = Stream::new(scanner, vec![(0, Template::parse("x").unwrap())], None);
    assert_eq!(stream.push("a <b").unwrap(), "");
    assert_eq!(stream.push("> c").unwrap(), "");
    assert_eq!(stream.finish().unwrap(), ("a x c".to_owned(), 1));
    let scanner = Arc::new(Scanner::compile(&[detector("open", r"<[^>]+>")]).unwrap());
    let mut stream = Stream::new(scanner, vec![(0, Template::parse("x").unwrap())], None);
    let long = "a".repeat(limits::HELD_BYTES_MAX + 1);
    assert_eq!(stream.push(&long), Err(RedactError::TooMuchHeld));
}

/// Texts in which much is found, and what is found overlaps.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "4111 1111 1111 1111",
        "a@b.org",
        "ab12cd",
        "pin",
        "4321",
        " ",
        "x",
        "é",
        "-",
        "@",
        "4",
        "\"",
        "\\",
        "{",
        "}",
        ":",
        ",",
        "[",
        "]",
        "\\u0040",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn nothing_is_found(text: &str) -> bool {
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    SCANNER.scan(text, &DetectorSet::all(4), &mut scratch, &mut found).unwrap();
    found.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_redacted_is_redacted_to_itself(text in texts()) {
        match redact_as(&text, Form::Text, "[{kind}]") {
            Ok(None) => prop_assert!(nothing_is_found(&text)),
            Ok(Some(redacted)) => {
                prop_assert!(nothing_is_found(&redacted.text), "{}", redacted.text);
                prop_assert_eq!(redact(&redacted.text), None);
                let mut ends = 0;
                let mut at = "";
                for of in &redacted.redactions {
                    if at == of.at { prop_assert!(of.start >= ends, "they overlap"); }
                    (at, ends) = (&of.at, of.end);
                }
            }
            Err(error) => prop_assert_eq!(error, RedactError::Unstable),
        }
    }

    #[test]
    fn strings_of_json_hold_nothing_afterwards(strings in prop::collection::vec(texts(), 1..6)) {
        let text = serde_json::to_string(&strings).unwrap();
        if let Ok(redacted) = redact_as(&text, Form::Arguments, "[{kind}]") {
            let after = redacted.map_or(text.clone(), |redacted| redacted.text);
            let after: Vec<String> = serde_json::from_str(&after).unwrap();
            prop_assert_eq!(after.len(), strings.len());
            for string in after {
                prop_assert!(nothing_is_found(&string), "{}", string);
            }
        }
    }

    #[test]
    fn a_stream_is_one_pass_however_it_is_cut(text in texts(), cuts in prop::collection::vec(0_usize..400, 0..8)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(*cut)).collect();
        cuts.sort_unstable();
        prop_assert_eq!(streamed(&text, &cuts).0, one_pass(&text));
    }
}
