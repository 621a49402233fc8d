//! Tests of what patterns mean and of their limits.

use crate::{MatchScratch, Patterns, check_pattern, limits};
use guard_plan::Pattern;
use proptest::prelude::*;
use regex_automata::{meta, util::syntax};

fn compile(source: &str, whole: bool) -> Patterns {
    Patterns::compile(&[Pattern { source: source.to_owned(), whole }]).unwrap()
}

fn finds(source: &str, text: &str) -> bool {
    compile(source, false).matches(0, text.as_bytes(), &mut MatchScratch::default()).unwrap()
}

fn matches(source: &str, text: &str) -> bool {
    compile(source, true).matches(0, text.as_bytes(), &mut MatchScratch::default()).unwrap()
}

fn refusal(source: &str) -> String {
    check_pattern(source, false).unwrap_err().to_string()
}

#[test]
fn a_whole_match_starts_at_the_first_byte_and_ends_at_the_last() {
    assert!(matches("a|ab", "ab"));
    assert!(matches("", ""));
    assert!(!matches("a|b", "ab"));
    for pattern in ["a", "^a$", "(?m)^a$", "(?m)^a", "(?mR)a$", "(?x) a # $", "a|a"] {
        assert!(matches(pattern, "a"), "{pattern}");
        for text in ["a\n", "\na", "b\na", "a\nb", "xa", "ax", "a\r", ""] {
            assert!(!matches(pattern, text), "{pattern} {text:?}");
        }
    }
    assert!(check_pattern("a)(b", true).is_err());
}

#[test]
fn classes_are_ascii_unless_the_author_says_otherwise() {
    assert!(finds(r"\d", "x7") && !finds(r"\d", "٣") && finds(r"(?u)\d", "٣"));
    assert!(!finds(r"\w", "é") && finds(r"(?u:\w)", "é"));
    assert!(!finds(r"\s", "\u{a0}") && finds(r"(?u)\s", "\u{a0}"));
    assert!(matches(r"\W", "é") && matches(r"[^\w]", "é") && matches(r"[\D]", "٣"));
    assert!(finds(r"\bcard\b", "écardé") && !finds(r"(?u)\bcard\b", "écardé"));
    assert!(finds(r"\bcard\b", "a card.") && !finds(r"\bcard\b", "acard"));
    assert!(finds(r"(?:a(?u)\d|\d)b", "٣b"), "a flag holds to the end of its group");
    assert!(!finds(r"(?:(?u)a)\db", "a٣b"), "and no further");
    assert!(finds(r"\b{start}x\b{end}", "é x"));
    assert!(finds(r"[\w--a]", "b") && !finds(r"[\w--a]", "a"));
}

#[test]
fn characters_are_matched_whole() {
    assert!(matches(".", "é") && matches(".", "😀") && !matches("..", "é"));
    assert!(!matches(".", "\n") && matches("(?s).", "\n"));
    assert!(matches("[^a]", "é") && matches("[à-ü]", "é") && matches("é+", "éé"));
    assert!(matches(r"\p{Greek}+", "λόγος"));
    assert!(!finds(r"\B", "é") || finds(r"\B", "é "), "no place inside a character counts");
}

#[test]
fn case_is_folded_beyond_ascii() {
    assert!(matches("(?i)été", "ÉTÉ") && matches("(?i)card", "CaRd"));
    assert!(matches("(?i)k", "\u{212a}"));
}

#[test]
fn what_cannot_be_compiled_is_refused_with_its_place() {
    let error = check_pattern("ab(c", false).unwrap_err();
    assert_eq!((error.message(), error.span()), ("unclosed group", Some(2..3)));
    let patterns = ["a", "[", "("].map(|source| Pattern { source: source.into(), whole: false });
    let error = Patterns::compile(&patterns).unwrap_err();
    assert_eq!(error.index(), Some(1));
    assert_eq!(error.to_string(), "pattern 1: unclosed character class");
    assert!(refusal(r"(?-u:\xFF)").contains("invalid UTF-8"));
    assert!(refusal("(a)\\1").contains("backreferences"));
    assert!(refusal(r"(?:\pL{1,1000}){1,1000}").contains("too large"));
    assert_eq!(refusal(&"a".repeat(limits::PATTERN_BYTES_MAX + 1)), "the pattern is too long");
    assert!(check_pattern(&"a".repeat(limits::PATTERN_BYTES_MAX), false).is_ok());
    assert!(refusal(&format!("{}{}", "(".repeat(7000), ")".repeat(7000))).contains("nest"));
}

#[test]
fn there_is_no_answer_for_a_pattern_that_does_not_exist() {
    let patterns = compile("a", false);
    assert_eq!(patterns.matches(1, b"a", &mut MatchScratch::default()), None);
    assert_eq!(Patterns::default().matches(0, b"a", &mut MatchScratch::default()), None);
}

#[test]
fn a_search_that_needs_too_much_work_gives_up() {
    // A Unicode word boundary beside a character that is not ASCII needs the slow walk.
    let patterns = compile(r"(?u)\b[a-z]+\d\b", false);
    let mut scratch = MatchScratch::default();
    let short = "é".repeat(1000);
    assert_eq!(patterns.matches(0, short.as_bytes(), &mut scratch), Some(false));
    let long = "é zebra ".repeat(1_000_000);
    assert_eq!(patterns.matches(0, long.as_bytes(), &mut scratch), None);
    // The same without `u` goes by a table.
    let patterns = compile(r"\b[a-z]+\d\b", false);
    assert_eq!(patterns.matches(0, long.as_bytes(), &mut scratch), Some(false));
}

#[test]
fn scratch_memory_fits_itself_to_the_patterns() {
    let large = |end: char| format!("[a-z]*[ab][a-z]{{18}}{end}");
    let (one, other) = (compile(&large('x'), false), compile(&large('y'), false));
    assert!(one.programs.iter().all(|program| program.table_bytes() == 0));
    let mut scratch = MatchScratch::default();
    let text = "ab".repeat(20);
    for _ in 0..3 {
        assert_eq!(one.matches(0, format!("{text}x").as_bytes(), &mut scratch), Some(true));
        assert_eq!(other.matches(0, format!("{text}x").as_bytes(), &mut scratch), Some(false));
        assert_eq!(other.matches(0, format!("{text}y").as_bytes(), &mut scratch), Some(true));
    }
}

#[test]
fn tables_stay_within_their_limit() {
    let program = &compile(r"\b(?:\d[ -]?){13,19}\b", false).programs[0];
    assert!(program.table_bytes() <= limits::TABLE_BYTES_MAX);
}

/// The same pattern for another engine: ASCII by its own flag, anchors by its own syntax. Only for
/// patterns and texts that are ASCII, where both must agree.
fn oracle(source: &str, whole: bool, text: &str) -> bool {
    let source = if whole { format!(r"\A(?:{source})\z") } else { source.to_owned() };
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let config = meta::Config::new().utf8_empty(false);
    let regex = meta::Builder::new().syntax(syntax).configure(config).build(&source).unwrap();
    regex.is_match(text)
}

fn any_pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "[a-c ]{1,3}",
        1 => Just(r"\b".to_owned()),
        1 => Just(r"\B".to_owned()),
        1 => Just(r"\w".to_owned()),
        1 => Just(r"\D".to_owned()),
        1 => Just(r"\s".to_owned()),
        1 => Just(".".to_owned()),
        1 => Just("^".to_owned()),
        1 => Just("$".to_owned()),
        1 => Just(r"[\w-]".to_owned()),
        1 => Just(r"[^a\s]".to_owned()),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            (inner.clone(), "[*+?]|\\{1,3\\}|\\{2\\}").prop_map(|(a, n)| format!("(?:{a}){n}")),
            (inner, "[ims]").prop_map(|(a, flag)| format!("(?{flag}:{a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn patterns_mean_what_another_engine_says(
        source in any_pattern(), whole: bool, text in "[a-c0 \nC]{0,12}",
    ) {
        let pattern = Pattern { source: source.clone(), whole };
        let mut scratch = MatchScratch::default();
        let wanted = oracle(&source, whole, &text);
        let patterns = Patterns::compile(std::slice::from_ref(&pattern)).unwrap();
        prop_assert_eq!(patterns.matches(0, text.as_bytes(), &mut scratch), Some(wanted));
        // Without a table the answer is the same.
        let program = crate::pattern::Program::compile(&pattern, 0).unwrap();
        prop_assert_eq!(program.matches(text.as_bytes(), &mut None), Some(wanted));
    }

    #[test]
    fn any_source_is_compiled_or_refused_without_panic(source in ".{0,20}", text in ".{0,20}") {
        if check_pattern(&source, true).is_ok() {
            let answer = compile(&source, true);
            answer.matches(0, text.as_bytes(), &mut MatchScratch::default());
        }
    }
}
