//! Tests of detectors: what they find, what they refuse, and how much work they do.

use super::naive;
use super::{Detector, DetectorSet, Found, GaveUp, Near, Scanner, Scratch, Validator};
use crate::limits;
use proptest::prelude::*;

fn detector(patterns: &[&str]) -> Detector {
    let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    Detector { name: "one".into(), patterns, validator: None, near: None }
}

fn scan(detectors: &[Detector], text: &str) -> Vec<Found> {
    let scanner = Scanner::compile(detectors).unwrap();
    let mut found = Vec::new();
    let wanted = DetectorSet::all(detectors.len());
    scanner.scan(text, &wanted, &mut Scratch::default(), &mut found).unwrap();
    found
}

fn found<'a>(detectors: &[Detector], text: &'a str) -> Vec<(u32, &'a str)> {
    let all = scan(detectors, text).into_iter();
    all.map(|found| (found.detector, text.get(found.start..found.end).unwrap())).collect()
}

fn refusal(detector: Detector) -> String {
    Scanner::compile(&[detector]).unwrap_err().to_string()
}

#[test]
fn matches_are_found_in_order_and_do_not_overlap() {
    let detectors = [detector(&["ab", "abc|b"]), detector(&["[a-c]+"])];
    assert_eq!(found(&detectors, "abc b"), [(0, "ab"), (1, "abc"), (0, "b"), (1, "b")]);
    let places = scan(&detectors[..1], "é ab");
    assert_eq!(places, [Found { start: 3, end: 5, detector: 0 }]);
}

#[test]
fn only_the_wanted_are_asked() {
    let detectors = [detector(&["a"]), detector(&["b"])];
    let scanner = Scanner::compile(&detectors).unwrap();
    let mut found = Vec::new();
    let wanted: DetectorSet = [1].into_iter().collect();
    scanner.scan("ab", &wanted, &mut Scratch::default(), &mut found).unwrap();
    assert_eq!(found, [Found { start: 1, end: 2, detector: 1 }]);
}

#[test]
fn a_match_that_is_refused_hides_none() {
    let card = Detector { validator: Some(Validator::Card), ..detector(&[r"\d{16}"]) };
    assert_eq!(found(&[card], "1234111111111111111155"), [(0, "4111111111111111")]);
}

#[test]
fn a_word_of_the_context_stands_near() {
    let near = Near { words: vec!["card".into(), "numéro".into()], window: 12 };
    let detectors = [Detector { near: Some(near), ..detector(&[r"\d{4}"]) }];
    for text in ["Card 1234", "1234 is my CARD", "le NUMÉRO 1234", "my card: 1234", "1234567 card"]
    {
        assert_eq!(found(&detectors, text), [(0, "1234")], "{text}");
    }
    for text in ["card 1", "discard 1234", "cards 1234", "1234", "card and then 1234"] {
        assert_eq!(found(&detectors, text), [], "{text}");
    }
    // A word that the window cuts is no word.
    assert!(found(&detectors, "1234 or discard").is_empty());
    assert!(found(&detectors, "1234 or so a card").is_empty());
}

#[test]
fn patterns_mean_what_the_other_patterns_mean() {
    assert_eq!(found(&[detector(&[r"\b\d+\b"])], "é7 ٣ 8é"), [(0, "7"), (0, "8")]);
    assert_eq!(found(&[detector(&[r"(?u)\d+"])], "٣"), [(0, "٣")]);
    assert_eq!(found(&[detector(&[r"(?u)\b\w+\b"])], "naïve été"), [(0, "naïve"), (0, "été")]);
    assert_eq!(found(&[detector(&["(?i)kelvin"])], "\u{212a}ELVIN"), [(0, "\u{212a}ELVIN")]);
    assert_eq!(found(&[detector(&["^a", "(?m)^b$"])], "a\nb\nba"), [(0, "a"), (0, "b")]);
}

#[test]
fn the_longest_match_is_known() {
    let detectors = [detector(&["ab{2,4}", "é"]), detector(&["a+"]), detector(&["[à-ü]{3}"])];
    let scanner = Scanner::compile(&detectors).unwrap();
    let longest: Vec<_> = (0..4).map(|detector| scanner.longest_match(detector)).collect();
    assert_eq!(longest, [Some(5), None, Some(6), None]);
}

#[test]
fn what_is_refused_is_named_with_its_place() {
    let error = Scanner::compile(&[detector(&["a"]), detector(&["b", "x(c"])]).unwrap_err();
    assert_eq!((error.detector(), error.pattern()), (Some(1), Some(1)));
    assert_eq!(error.reason().span(), Some(1..2));
    assert_eq!(error.to_string(), "detector `one`: pattern 1: unclosed group");
    assert!(refusal(detector(&["a*"])).contains("nothing at all"));
    assert!(refusal(detector(&[])).contains("no pattern"));
    assert!(refusal(detector(&[r"(?:\pL{1,1000}){1,1000}"])).contains("too large"));
    assert!(refusal(detector(&vec!["a"; limits::DETECTOR_PATTERNS_MAX + 1])).contains("too many"));
    let name = "n".repeat(limits::DETECTOR_NAME_BYTES_MAX + 1);
    assert!(refusal(Detector { name, ..detector(&["a"]) }).contains("too long"));
    let near = |words: Vec<String>, window| Detector {
        near: Some(Near { words, window }),
        ..detector(&["a"])
    };
    assert!(refusal(near(vec![], 1)).contains("words"));
    assert!(refusal(near(vec![String::new()], 1)).contains("words"));
    assert!(refusal(near(vec!["a".into()], limits::NEAR_WINDOW_MAX + 1)).contains("window"));
    assert!(refusal(near(vec!["a".into(); limits::NEAR_WORDS_MAX + 1], 1)).contains("too many"));
    let many = vec![detector(&["a"]); limits::DETECTORS_MAX + 1];
    assert!(Scanner::compile(&many).unwrap_err().to_string().contains("too many"));
}

#[test]
fn what_cannot_be_told_is_no_answer() {
    let scanner = Scanner::compile(&[detector(&["a"])]).unwrap();
    let mut found = Vec::new();
    let (all, mut scratch) = (DetectorSet::all(1), Scratch::default());
    let text = "a".repeat(limits::FOUND_MAX);
    assert_eq!(scanner.scan(&text, &all, &mut scratch, &mut found), Ok(()));
    assert_eq!(found.len(), limits::FOUND_MAX);
    let text = "a".repeat(limits::FOUND_MAX + 1);
    assert_eq!(scanner.scan(&text, &all, &mut scratch, &mut found), Err(GaveUp::TooMany));
    assert!(found.is_empty());
    let text = "b".repeat(limits::SCAN_TEXT_BYTES_MAX + 1);
    assert_eq!(scanner.scan(&text, &all, &mut scratch, &mut found), Err(GaveUp::TooLong));
}

/// The steps of a scan that has an answer.
fn steps(patterns: &[&str], text: &str) -> u64 {
    let scanner = Scanner::compile(&[detector(patterns)]).unwrap();
    let mut scratch = Scratch::default();
    scanner.scan(text, &DetectorSet::all(1), &mut scratch, &mut Vec::new()).unwrap();
    scratch.steps()
}

#[test]
fn work_grows_with_the_text_and_not_faster() {
    // Each text is made of what its pattern nearly matches, at every place.
    let cases: [(&[&str], &str); 9] = [
        (&["<[^>]*>"], "<"),
        (&[r"\w+@\w+"], "a"),
        (&[r"[\w.+-]{1,64}@[\w.-]+\.[a-z]{2,9}"], "a@"),
        (
            &[r"[\w.+-]{1,64}@[\w.-]+\.[a-z]{2,9}"],
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@@",
        ),
        (&[r"\b(?:\d[ -]?){13,19}\b"], "1 2-"),
        (&[r"(?i)ignore\s+(?:all\s+)?previous"], "ignore "),
        (&[r"(?i)ignore\s+(?:all\s+)?previous"], "ignore                              "),
        (&["a.*z", "a"], "a"),
        (&[r"eyJ[\w-]{10,60}\.eyJ[\w-]{10,60}\.[\w-]{10,60}"], "eyJ"),
    ];
    for (patterns, unit) in cases {
        let of_length = |bytes: usize| steps(patterns, &unit.repeat(bytes / unit.len()));
        let (short, long) = (of_length(10_000), of_length(40_000));
        assert!(long <= 5 * short + 10_000, "{patterns:?} {short} {long}");
        assert!(long <= 40_000 * 64, "{patterns:?} {long}");
    }
}

#[test]
fn a_detector_that_needs_more_gives_up() {
    // No two walks meet, and each goes on for a thousand steps.
    let scanner =
        Scanner::compile(&[detector(&["[a-z]{1,1000}!"]), detector(&["[a-z]{1,50}!"])]).unwrap();
    let mut scratch = Scratch::default();
    let text = format!("{} !", "a".repeat(200_000));
    let mut found = Vec::new();
    let all = DetectorSet::all(2);
    assert!(
        scanner.scan(&text, &all, &mut scratch, &mut found).is_ok(),
        "no exclamation mark is near"
    );
    let text = format!("{}!", "a".repeat(300));
    assert_eq!(scanner.scan(&text, &all, &mut scratch, &mut found), Ok(()));
    assert_eq!(found.len(), 2);
    let starts = Scanner::compile(&[detector(&["a[a-z]{1,5000}e"])]).unwrap();
    let text = "a".repeat(5000) + "!";
    let answer = starts.scan(&text.repeat(20), &DetectorSet::all(1), &mut scratch, &mut found);
    assert_eq!(answer, Err(GaveUp::TooMuchWork { detector: 0 }));
    assert!(
        scratch.steps()
            <= (limits::SCAN_STEPS_FREE + 20 * text.len() * limits::SCAN_STEPS_PER_BYTE_MAX) as u64
    );
}

#[test]
fn scratch_memory_fits_itself_to_the_scanner() {
    let (one, two) = (
        Scanner::compile(&[detector(&["a+b"])]).unwrap(),
        Scanner::compile(&[detector(&["b"]), detector(&["a"])]).unwrap(),
    );
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    for _ in 0..3 {
        one.scan("aab", &DetectorSet::all(1), &mut scratch, &mut found).unwrap();
        assert_eq!(found, [Found { start: 0, end: 3, detector: 0 }]);
        two.scan("ab", &DetectorSet::all(2), &mut scratch, &mut found).unwrap();
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn bytes_are_read_back_or_refused() {
    let near = Some(Near { words: vec!["card".into()], window: 40 });
    let detectors =
        [Detector { near, validator: Some(Validator::Card), ..detector(&[r"\d{16}", "x"]) }];
    let bytes = Scanner::compile(&detectors).unwrap().to_bytes();
    let read = Scanner::from_bytes(&bytes).unwrap();
    assert_eq!(read.detectors(), detectors);
    assert_eq!(read.to_bytes(), bytes);
    for length in 0..bytes.len() {
        assert!(Scanner::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    assert!(Scanner::from_bytes(&[bytes.as_slice(), b"x"].concat()).is_err());
    assert!(Scanner::from_bytes(&vec![0; limits::SCANNER_BYTES_MAX + 1]).is_err());
}

/// Patterns as people write them, in small, over few letters so that texts often match.
fn any_pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => "[abé1@ ]{1,3}",
        1 => Just(r"\b".to_owned()),
        1 => Just(r"\B".to_owned()),
        2 => Just(r"\w".to_owned()),
        2 => Just(r"\d".to_owned()),
        1 => Just(r"\D".to_owned()),
        1 => Just(r"\s".to_owned()),
        1 => Just(".".to_owned()),
        1 => Just("^".to_owned()),
        1 => Just("$".to_owned()),
        1 => Just(r"[\w.-]".to_owned()),
        1 => Just(r"[^a\s]".to_owned()),
        1 => Just("[à-üb]".to_owned()),
        1 => Just(r"\p{Greek}".to_owned()),
        1 => Just(r"(?u:\w)".to_owned()),
        1 => Just(r"(?u:\b)".to_owned()),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..5).prop_map(|parts| parts.concat()),
            1 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            1 => (inner.clone(), "[*+?][?]?|\\{1,3\\}|\\{2\\}|\\{3,\\}|\\{0,9\\}|\\{5,70\\}").prop_map(|(a, n)| format!("(?:{a}){n}")),
            1 => (inner.clone(), "[ims]").prop_map(|(a, flag)| format!("(?{flag}:{a})")),
            1 => inner.prop_map(|a| format!(r"\b{a}\b")),
        ]
    })
}

fn any_detector() -> impl Strategy<Value = Detector> {
    let validator = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Validator::Luhn)),
        1 => Just(Some(Validator::Entropy { millibits_min: 900 })),
    ];
    let near = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Near { words: vec!["ab".into(), "é".into()], window: 6 })),
    ];
    let patterns = prop::collection::vec(any_pattern(), 1..4);
    (patterns, validator, near).prop_map(|(patterns, validator, near)| Detector {
        name: "any".into(),
        patterns,
        validator,
        near,
    })
}

/// Short texts, and long ones made of a few pieces, so that blocks have borders inside of matches.
fn any_text() -> impl Strategy<Value = String> {
    let piece = "[ab1@ éλ٣“\u{212a}😀\n.-]{0,12}";
    let long = (prop::collection::vec(piece, 1..4), 1_usize..60)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times));
    prop_oneof![2 => "[ab1@ éλ٣“😀\nA.-]{0,80}", 1 => long]
}

fn cases() -> u32 {
    std::option_env!("GUARD_MATCH_CASES").and_then(|cases| cases.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn the_scanner_finds_what_the_naive_search_finds(
        detectors in prop::collection::vec(any_detector(), 1..5), texts in prop::collection::vec(any_text(), 1..6),
    ) {
        let detectors: Vec<Detector> =
            detectors.into_iter().filter(|one| Scanner::compile(std::slice::from_ref(one)).is_ok()).collect();
        let scanner = Scanner::compile(&detectors).unwrap();
        let mut scratch = Scratch::default();
        let mut found = Vec::new();
        for text in texts {
            let wanted = DetectorSet::all(detectors.len());
            match scanner.scan(&text, &wanted, &mut scratch, &mut found) {
                Ok(()) => prop_assert_eq!(&found, &naive::scan(&detectors, &text), "{:?} {:?}", detectors, text),
                Err(GaveUp::TooMuchWork { .. }) => {}
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
    }

    #[test]
    fn damaged_bytes_never_panic(
        detectors in prop::collection::vec(any_detector(), 0..3), place: usize, byte: u8, cut: usize,
    ) {
        let detectors: Vec<Detector> =
            detectors.into_iter().filter(|one| Scanner::compile(std::slice::from_ref(one)).is_ok()).collect();
        let mut bytes = Scanner::compile(&detectors).unwrap().to_bytes();
        let length = bytes.len();
        bytes[place % length] = byte;
        if let Ok(scanner) = Scanner::from_bytes(&bytes) {
            scanner.scan("ab1 é", &DetectorSet::all(4), &mut Scratch::default(), &mut Vec::new()).ok();
        }
        Scanner::from_bytes(&bytes[..cut % length]).ok();
    }
}
