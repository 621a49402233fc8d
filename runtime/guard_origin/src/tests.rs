//! The index against what the crate's documentation says, and against a plain search.

use super::*;
use proptest::prelude::*;

const BOUNDS: Bounds = Bounds { user_atoms_max: 1_000, other_atoms_max: 1_000 };
const USER: Classes = Classes(1);
const PAGE: Classes = Classes(2);
const SENDER: Classes = Classes(4);

fn heard(text: &str) -> OriginIndex {
    let mut index = OriginIndex::new(BOUNDS);
    index.add_text(text, USER, Quota::User);
    index
}

#[track_caller]
fn occurs(text: &str, value: &str) {
    assert_eq!(heard(text).find_text(value).in_classes, USER, "`{value}` in `{text}`");
}

#[track_caller]
fn does_not_occur(text: &str, value: &str) {
    assert_eq!(heard(text).find_text(value).in_classes, Classes(0), "`{value}` in `{text}`");
}

#[test]
fn words_are_found_whole() {
    occurs("Pay GB33 today.", "GB33");
    occurs("write to bob@x.com, please", "bob@x.com");
    occurs("mail:bob@x.com", "bob@x.com");
    occurs("Bob's dog", "bob");
    occurs("ten  Downing\nStreet, London", "10 x ten downing street London".get(5..).unwrap());
    does_not_occur("in 2013", "13");
    does_not_occur("it costs 13.5", "13");
    does_not_occur("2026-01-13", "13");
    does_not_occur("see not-evil.com", "evil.com");
    does_not_occur("evil.company", "evil.com");
    does_not_occur("alice@x.com", "x.com");
    does_not_occur("anything", "");
    does_not_occur("anything", "--- !");
    does_not_occur("a b", "b a");
}

#[test]
fn a_scheme_does_not_change_where_a_link_is_from() {
    occurs("read www.a.com/x", "http://www.a.com/x");
    occurs("read https://www.a.com/x", "www.a.com/x/");
    does_not_occur("read www.a.com/x", "www.a.com/y");
}

#[test]
fn case_spacing_and_letters_that_look_alike_are_folded() {
    occurs("Send it to ALICE Smith", "alice   smith");
    occurs("p\u{430}ypal.com", "paypal.com");
    occurs("\u{ff30}ay", "pay");
    occurs("pay\u{200b}pal", "paypal");
}

#[test]
fn numbers_are_compared_by_value() {
    let mut index = heard("1,200.00 and $98.70, -5, but v2.0.1 and 10k, 7% and 1,2");
    for there in [1200.0, 98.7, -5.0, 7.0, 1.0, 2.0] {
        assert_eq!(index.find_number(there).in_classes, USER, "{there}");
    }
    for missing in [200.0, 120_000.0, 98.0, 5.0, 10.0, 0.0, 2.0e9] {
        assert_eq!(index.find_number(missing).in_classes, Classes(0), "{missing}");
    }
}

fn result(text: &str) -> OriginIndex {
    let mut index = OriginIndex::new(BOUNDS);
    index.add_result(text, &|path| {
        let classes = if path.ends_with("sender") { Classes(PAGE.0 | SENDER.0) } else { PAGE };
        FieldClasses { text: classes, whole: classes }
    });
    index
}

#[test]
fn a_result_is_read_by_field() {
    let yaml = "- sender: bob@x.com\n  subject: pay eve@y.com now\n- sender: ann@x.com\n";
    let json = r#"[{"sender":"bob@x.com","subject":"pay eve@y.com now"},{"sender":"ann@x.com"}]"#;
    for text in [yaml, json] {
        let mut index = result(text);
        assert_eq!(index.find_text("bob@x.com").in_classes, Classes(PAGE.0 | SENDER.0));
        assert_eq!(index.find_text("eve@y.com").in_classes, PAGE);
        assert_eq!(index.find_whole("ann@x.com").in_classes, Classes(PAGE.0 | SENDER.0));
        assert_eq!(index.find_whole("eve@y.com").in_classes, Classes(0));
        assert_eq!(index.find_text("subject").in_classes, PAGE, "names of fields are text");
        assert_eq!(index.find_text("now ann@x.com").in_classes, Classes(0), "across two fields");
    }
}

#[test]
fn what_cannot_be_read_is_one_text() {
    for text in ["a: [b", "a: &x b\nc: *x", "{\"a\": \"b\"", "- a\n b: : c"] {
        let seen = std::cell::RefCell::new(Vec::new());
        let mut index = OriginIndex::new(BOUNDS);
        index.add_result(text, &|path| {
            seen.borrow_mut().push(path.is_read());
            FieldClasses { text: PAGE, whole: PAGE }
        });
        assert!(seen.borrow().contains(&false), "{text}");
        assert_eq!(index.find_text("b").in_classes.0 & PAGE.0, PAGE.0, "{text}");
    }
}

#[test]
fn past_the_bound_the_answer_is_perhaps() {
    let bounds = Bounds { user_atoms_max: 3, other_atoms_max: 3 };
    let mut index = OriginIndex::new(bounds);
    index.add_text("one two three", USER, Quota::User);
    index.add_text("a b c d", PAGE, Quota::Other);
    assert_eq!(index.find_text("two").in_classes, USER);
    let missing = index.find_text("d");
    assert_eq!((missing.in_classes, missing.perhaps), (Classes(0), PAGE));
    assert_eq!(index.find_text("four").perhaps.0 & USER.0, 0, "the user's room is their own");
    index.add_text("four", USER, Quota::User);
    assert_eq!(index.find_text("four").perhaps.0 & USER.0, USER.0);
}

#[test]
fn what_was_said_before_takes_no_room() {
    let bounds = Bounds { user_atoms_max: 3, other_atoms_max: 0 };
    let mut index = OriginIndex::new(bounds);
    for _ in 0..100 {
        index.add_text("one two three", USER, Quota::User);
        index.add_text("two three", USER, Quota::User);
    }
    assert_eq!(index.find_text("five").perhaps, Classes(0));
}

#[test]
fn secrets_are_found_in_what_goes_out() {
    let mut index = OriginIndex::new(BOUNDS);
    index.add_secret("iban: GB33 BUKB 2020\npin: 12\nname: Ann");
    assert_eq!(index.carried("my iban is gb33 bukb 2020!"), Some(true));
    assert_eq!(index.carried("the pin is 12, says Ann"), Some(false));
    assert_eq!(index.carried("GB33 BUKB"), Some(false));
}

#[test]
fn a_full_index_stays_within_its_bytes() {
    let mut index = OriginIndex::new(BOUNDS);
    let mut word = 0_u64;
    for _ in 0..400 {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let text = format!("{} {} a b a b {}", word >> 40, word >> 33 & 7, word >> 20 & 3);
        index.add_text(&text, Classes(word), Quota::Other);
        index.add_text(&text, USER, Quota::User);
    }
    assert!(index.bytes() <= OriginIndex::bytes_max(BOUNDS), "{} bytes", index.bytes());
}

/// The definition, word for word.
fn plainly(texts: &[(Vec<usize>, u64)], value: &[usize]) -> u64 {
    let occurs =
        |text: &[usize]| !value.is_empty() && text.windows(value.len()).any(|w| w == value);
    texts.iter().filter(|(text, _)| occurs(text)).fold(0, |all, (_, mask)| all | mask)
}

fn spelt(words: &[usize]) -> String {
    words.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

proptest! {
    #[test]
    fn the_index_answers_as_a_plain_search_does(
        texts in prop::collection::vec((prop::collection::vec(0_usize..4, 0..12), 1_u64..32), 0..12),
        values in prop::collection::vec(prop::collection::vec(0_usize..4, 0..6), 1..20),
    ) {
        let mut index = OriginIndex::new(BOUNDS);
        for (text, mask) in &texts {
            index.add_text(&spelt(text), Classes(*mask), Quota::Other);
        }
        let mut again = OriginIndex::from_bytes(&index.to_bytes(), BOUNDS).unwrap();
        for value in &values {
            let plain = Classes(plainly(&texts, value));
            prop_assert_eq!(index.find_text(&spelt(value)).in_classes, plain);
            prop_assert_eq!(again.find_text(&spelt(value)).in_classes, plain);
        }
        prop_assert_eq!(again.to_bytes(), index.to_bytes());
    }

    #[test]
    fn no_text_and_no_bytes_stop_it(text in ".{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut index = result(&text);
        index.add_secret(&text);
        index.find_text(&text);
        index.find_whole(&text);
        index.carried(&text);
        let _ = OriginIndex::from_bytes(&bytes, BOUNDS);
    }

    #[test]
    fn a_changed_byte_is_refused_or_answers_within_bounds(
        words in prop::collection::vec(0_usize..4, 1..10), at in 0_usize..64, with in any::<u8>(),
    ) {
        let mut index = OriginIndex::new(BOUNDS);
        index.add_text(&spelt(&words), USER, Quota::User);
        let mut bytes = index.to_bytes();
        let place = at % bytes.len();
        bytes[place] = with;
        if let Ok(mut index) = OriginIndex::from_bytes(&bytes, BOUNDS) {
            index.find_text(&spelt(&words));
        }
    }
}
