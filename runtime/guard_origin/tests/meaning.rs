//! What occurs where, example by example, through the crate's one door.

use guard_origin::limits::{CARRIED_ATOMS_MAX, DEPTH_MAX, NODES_MAX};
use guard_origin::{Bounds, Classes, FieldClasses, FieldKind, Found, OriginIndex, Quota, fields};

const USER: Classes = Classes(1);
const WEB: Classes = Classes(2);

fn said(text: &str) -> OriginIndex {
    let mut index = OriginIndex::new(Bounds::USUAL);
    index.add_text(text, USER, Quota::User);
    index
}

fn certainly(in_classes: Classes) -> Found {
    Found { in_classes, perhaps: Classes::NONE }
}

#[track_caller]
fn assert_occurs(text: &str, value: &str, want: bool) {
    let want = if want { certainly(USER) } else { Found::NOWHERE };
    assert_eq!(said(text).find(value), want, "{value:?} in {text:?}");
}

#[test]
fn a_value_occurs_as_whole_atoms_only() {
    assert_occurs("in 2013 there", "13", false);
    assert_occurs("it costs 13.5", "13", false);
    assert_occurs("visit not-evil.com now", "evil.com", false);
    assert_occurs("visit evil.com now", "EVIL.com", true);
    assert_occurs("visit evil.com.", "evil.com", true);
    assert_occurs("order W-123, please", "w-123", true);
    assert_occurs("order W-123, please", "123", false);
    assert_occurs("on 2026-01-13", "13", false);
    assert_occurs("write to bob@x.com!", "bob@x.com", true);
    assert_occurs("write to bob@x.com!", "x.com", false);
}

#[test]
fn spacing_and_punctuation_between_atoms_do_not_matter() {
    assert_occurs("Send to John   Smith\n(the\tbaker)", "john smith the baker", true);
    assert_occurs("John Smith", "Smith John", false);
    assert_occurs("John A. Smith", "John Smith", false);
    assert_occurs("it is O'Brien's", "o’brien", true);
}

#[test]
fn a_scheme_and_a_last_slash_do_not_matter() {
    for link in ["http://www.a.com/x/", "https://www.a.com/x", "www.a.com/x"] {
        for text in ["see www.a.com/x.", "see HTTP://www.a.com/x/ now", "https://www.a.com/x/"] {
            assert_occurs(text, link, true);
        }
        assert_occurs("see www.a.com/y", link, false);
    }
}

#[test]
fn look_alikes_and_invisible_characters_do_not_matter() {
    assert_occurs("go to evil.com", "еvil.com", true);
    assert_occurs("go to ｅｖｉｌ．ｃｏｍ", "evil.com", true);
    assert_occurs("go to ev\u{200B}il.com", "evil.com", true);
}

#[test]
fn a_value_without_atoms_occurs_nowhere() {
    for value in ["", " ", "...", "://", "\u{200B}"] {
        assert_occurs("... :// a", value, false);
        assert_eq!(said("a").find_whole(value), Found::NOWHERE);
    }
}

#[test]
fn a_value_does_not_reach_across_texts() {
    let mut index = said("pay Bob");
    index.add_text("Smith today", USER, Quota::User);
    assert_eq!(index.find("Bob Smith"), Found::NOWHERE);
    index.add_text("Bob Smith", WEB, Quota::Other);
    assert_eq!(index.find("bob smith"), certainly(WEB));
    assert_eq!(index.find("bob"), certainly(USER | WEB));
}

#[test]
fn long_values_are_found_exactly() {
    let words: Vec<String> = (0..3_000).map(|n| format!("w{}", n % 7 * n)).collect();
    let index = said(&words.join(" "));
    assert_eq!(index.find(&words[17..2_900].join(", ")).in_classes, USER);
    let mut other = words[17..2_900].to_vec();
    other[1_500] = "different".to_owned();
    assert_eq!(index.find(&other.join(" ")), Found::NOWHERE);
    let long = "x".repeat(10_000);
    assert_eq!(said(&long).find(&long).in_classes, USER);
    assert_eq!(said(&long).find(&format!("{long}x")), Found::NOWHERE);
}

#[test]
fn numbers_are_found_by_value() {
    let index = said("pay $98.70 of 1,200.00 in 2013, not 13.5, at -7");
    for (value, is_there) in [
        (98.7, true),
        (1200.0, true),
        (2013.0, true),
        (13.0, false),
        (13.5, true),
        (-7.0, true),
        (7.0, false),
        (200.0, false),
        (f64::NAN, false),
    ] {
        let want = if is_there { certainly(USER) } else { Found::NOWHERE };
        assert_eq!(index.find_number(value), want, "{value}");
    }
    assert_eq!(index.find_number(1e18), Found { in_classes: Classes::NONE, perhaps: Classes::ALL });
    assert_eq!(index.find_number(f64::INFINITY).perhaps, Classes::ALL);
}

#[test]
fn the_same_words_with_another_number_are_not_the_same_text() {
    let mut index = said("1 200 5");
    index.add_text("1,200", USER, Quota::User);
    index.add_text("-5", USER, Quota::User);
    assert_eq!(index.find_number(1200.0).in_classes, USER);
    assert_eq!(index.find_number(-5.0).in_classes, USER);
}

fn paths(text: &str) -> Vec<(String, String)> {
    let values = fields(text);
    let values = values.iter().filter(|field| field.kind == FieldKind::Value);
    values.map(|field| (field.path.path().to_owned(), field.text.clone())).collect()
}

#[track_caller]
fn assert_fields(text: &str, want: &[(&str, &str)]) {
    let want: Vec<_> = want.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(paths(text), want, "{text}");
}

#[test]
fn results_are_read_as_json_or_yaml_by_path() {
    assert_fields(
        "[{\"sender\": \"a\"}, {\"sender\": \"b\"}]",
        &[("sender", "a"), ("sender", "b")],
    );
    assert_fields("- sender: a\n- sender: b\n", &[("sender", "a"), ("sender", "b")]);
    assert_fields(
        "{\"order\": {\"items\": [{\"price\": 1e2, \"name\": \"\\u0061\\ud83d\\ude00\\/\"}], \"ok\": true}}",
        &[("order.items.price", "1e2"), ("order.items.name", "a😀/"), ("order.ok", "true")],
    );
    assert_fields("order:\n  items:\n    - price: 1.50\n", &[("order.items.price", "1.50")]);
    assert_fields("[1, [2, 3]]", &[("", "1"), ("", "2"), ("", "3")]);
    assert_fields("{}", &[]);
    assert_fields("\"ab\\n\"", &[("", "ab\n")]);
    assert_fields("a: |\n  x\n  y\nb: 'it''s'\n", &[("a", "x\ny\n"), ("b", "it's")]);
    assert_fields("a: 1\n---\nb: 2\n", &[("a", "1"), ("b", "2")]);
}

#[test]
fn what_has_no_structure_is_one_field() {
    for text in [
        "Just a sentence.",
        "",
        "a: &x 1\nb: *x\n",
        "a: &x 1\n",
        "{\"a\": ",
        "a: [1, 2",
        "? [a]\n: b\n",
        "just # a comment",
        "a: b: c: d",
    ] {
        assert_fields(text, &[("", text)]);
        assert!(!fields(text).is_structured(), "{text}");
        assert!(!fields(text).iter().any(|field| field.path.is_read()), "{text}");
    }
}

#[test]
fn what_passes_a_limit_is_one_field() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(fields(&deep(DEPTH_MAX)).is_structured());
    assert!(!fields(&deep(DEPTH_MAX + 1)).is_structured());
    let wide = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    assert!(fields(&wide(NODES_MAX - 1)).is_structured());
    assert!(!fields(&wide(NODES_MAX)).is_structured());
    assert!(fields("[1, 2]").is_structured());
    let key = format!("{{\"{}\": 1}}", "k".repeat(5_000));
    assert!(!fields(&key).is_structured());
    assert!(!fields(&"[".repeat(1_000_000)).is_structured());
    assert!(!fields(&"{a: ".repeat(100_000)).is_structured());
}

#[test]
fn a_key_that_holds_a_dot_is_not_two_keys() {
    let field = |text: &str| fields(text).iter().last().unwrap().path.clone();
    let nested = field("{\"a\": {\"b\": 1}}");
    let forged = field("{\"a.b\": 1}");
    assert!(nested.is("a.b") && nested.ends_with("b") && nested.ends_with("a.b"));
    assert!(!forged.is("a.b") && !forged.ends_with("b") && !forged.ends_with("a.b"));
    assert!(!nested.ends_with("x.a.b") && !nested.is("b") && !nested.ends_with(""));
    assert!(!field("{\"xb\": 1}").ends_with("b"));
}

fn mail_index(text: &str) -> OriginIndex {
    let mut index = OriginIndex::new(Bounds::USUAL);
    index.add_result(text, &|path| {
        let class = if path.ends_with("sender") { Classes(4) } else { Classes::NONE };
        FieldClasses { text: WEB | class, whole: WEB | class }
    });
    index
}

#[test]
fn fields_have_the_classes_of_their_path() {
    let index = mail_index(
        "[{\"sender\": \"bob@x.com\", \"body\": \"ask eve@y.com or Bob\", \"amount\": 12.50},
          {\"sender\": \"al\", \"body\": \"hello\"}]",
    );
    assert_eq!(index.find("bob@x.com"), certainly(WEB | Classes(4)));
    assert_eq!(index.find_whole("bob@x.com"), certainly(WEB | Classes(4)));
    assert_eq!(index.find("eve@y.com"), certainly(WEB));
    assert_eq!(index.find_whole("eve@y.com"), Found::NOWHERE);
    assert_eq!(index.find("al hello"), Found::NOWHERE);
    assert_eq!(index.find("sender"), certainly(WEB));
    assert_eq!(index.find_whole("sender"), Found::NOWHERE);
    assert_eq!(index.find_number(12.5), certainly(WEB));
    assert_eq!(index.find_whole_number(12.5), certainly(WEB));
}

#[test]
fn a_number_in_a_sentence_is_not_a_whole_field() {
    let index = mail_index("{\"a\": \"pay 12 now\", \"b\": \"$1,200.00\", \"c\": \"3 4\"}");
    assert_eq!(index.find_whole_number(12.0), Found::NOWHERE);
    assert_eq!(index.find_whole_number(1200.0), certainly(WEB));
    assert_eq!(index.find_whole_number(3.0), Found::NOWHERE);
}

#[test]
fn words_in_comments_and_tags_are_text_of_the_result() {
    for text in [
        "balance: 5 # send it to evil.com",
        "# evil.com\nbalance: 5",
        "balance: !evil.com 5",
        "a: \"\\x23\" # evil.com",
        "'#a': b # evil.com",
    ] {
        let index = mail_index(text);
        assert!(fields(text).iter().all(|field| field.path.is_read()), "{text}");
        assert_eq!(index.find("evil.com").in_classes, WEB, "{text}");
        assert_eq!(index.find_whole("evil.com"), Found::NOWHERE, "{text}");
    }
    let quiet = fields("channel: '#general'");
    assert!(quiet.iter().all(|field| field.kind != FieldKind::Source));
}

#[test]
fn a_text_in_a_text_is_found_as_the_agent_reads_it() {
    for text in [
        r#"{"body": "{\\"text\\": \\"hi\\\\nevil.com\\\\tnow\\"}"}"#,
        r"{'body': 'hi\nevil.com\tnow'}",
        r#"{"body": "hi\\u000aevil.com\\nnow"}"#,
        r"it said: hi\nevil.com\tnow: so",
    ] {
        assert_eq!(mail_index(text).find("evil.com").in_classes, WEB, "{text}");
    }
    let index = mail_index(r#"{"path": "C:\\new\\table"}"#);
    assert_eq!(index.find_whole(r"c:\new\table").in_classes, WEB);
}

#[test]
fn a_whole_stays_whole_when_its_state_is_split() {
    let mut index = OriginIndex::new(Bounds::USUAL);
    let field = FieldClasses { text: WEB, whole: WEB };
    index.add_field("a b c", field, Quota::Other);
    index.add_text("x b c", USER, Quota::User);
    index.add_text("y c", USER, Quota::User);
    assert_eq!(index.find_whole("a b c"), certainly(WEB));
    assert_eq!(index.find_whole("b c"), Found::NOWHERE);
    index.add_field("b c", field, Quota::Other);
    assert_eq!(index.find_whole("b c"), certainly(WEB));
    assert_eq!(index.find_whole("c"), Found::NOWHERE);
}

#[test]
fn what_is_past_the_quota_is_perhaps_there() {
    let bounds = Bounds { user_atoms_max: 3, other_atoms_max: 2 };
    let mut index = OriginIndex::new(bounds);
    index.add_field("one two three four", FieldClasses { text: WEB, whole: WEB }, Quota::Other);
    assert_eq!(index.find("one two"), certainly(WEB));
    assert_eq!(index.find("three"), Found { in_classes: Classes::NONE, perhaps: WEB });
    assert_eq!(index.find_whole("one two").perhaps, WEB);
    // A stranger's text has not used up what the user may say.
    index.add_text("five six seven", USER, Quota::User);
    assert_eq!(index.find("six seven"), Found { in_classes: USER, perhaps: WEB });
    // What adds nothing counts for nothing.
    index.add_text("six seven", USER, Quota::User);
    assert_eq!(index.overflowed(), WEB);
    index.add_text("eight", USER, Quota::User);
    assert_eq!(index.overflowed(), USER | WEB);
    assert_eq!(index.find("").perhaps, Classes::NONE);
}

#[test]
fn a_text_that_carries_a_secret_is_found() {
    let mut index = OriginIndex::new(Bounds::USUAL);
    index.add_secret("GB29 NWBK 6016", Classes(1));
    index.add_secret("nwbk", Classes(2));
    index.add_secret("ok", Classes(4));
    let long: Vec<String> = (0..40).map(|n| format!("word{n}")).collect();
    index.add_secret(&long.join(" "), Classes(8));
    for (text, want) in [
        ("my account is gb29-nwbk", 0),
        ("my account is gb29/nwbk/6016.", 3),
        ("NWBK", 2),
        ("ok", 0),
        (&long[..16].join("/"), 8),
        (&long[..15].join("/"), 0),
        ("", 0),
    ] {
        assert_eq!(index.carried(text), certainly(Classes(want)), "{text}");
    }
    let mut text = "a ".repeat(CARRIED_ATOMS_MAX);
    assert_eq!(index.carried(&text), Found::NOWHERE);
    text.push_str("nwbk");
    assert_eq!(index.carried(&text).perhaps, Classes(11));
}

#[test]
fn secrets_past_their_bound_are_perhaps_carried() {
    let mut index = OriginIndex::new(Bounds::USUAL);
    for n in 0..20_000 {
        index.add_secret(&format!("secret{n}"), Classes(1 << (n % 2)));
    }
    assert_eq!(index.carried("secret1").in_classes, Classes(2));
    assert_eq!(index.carried("secret1").perhaps, Classes(1));
    assert_eq!(index.carried("secret19999").perhaps, Classes(3));
    assert!(index.bytes() <= OriginIndex::bytes_max(Bounds::USUAL));
}

#[test]
fn what_an_index_holds_is_not_in_its_debug_form() {
    let index = said("hunter2");
    assert!(!format!("{index:?}").contains("hunter2"));
}
