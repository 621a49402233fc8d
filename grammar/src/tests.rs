//! The promises of this crate: no text makes it fail, nothing of a text is lost, every bound holds.

use crate::{SOFT, lex, parse};

const POLICY: &str = "guard 1\n\n/// Pays.\ntool pay(amount: float, to: email?) { external }\n\nagent a(user: { id: string }) {\n  scope { tool pay when amount < 5.0 }\n  prohibit tool pay when has to and to.domain in [\"x.test\", \"y.test\"] // why\n    because \"r\"\n  escalate tool pay to \"o\" when any x in [1, 2]: x > 1 or not (amount == -1.0) expires 15m then deny\n}\n";

fn codes(source: &str) -> Vec<&'static str> {
    parse(source).errors.iter().map(|error| error.code).collect()
}

fn concatenated(source: &str) -> String {
    lex(source).0.all.iter().map(|token| token.span.text(source)).collect()
}

#[test]
fn the_tokens_of_a_text_are_the_text() {
    assert_eq!(concatenated(POLICY), POLICY);
    assert_eq!(codes(POLICY), [] as [&str; 0]);
}

#[test]
fn two_million_escapes_and_five_million_blanks_are_read() {
    let escapes = |count| format!("guard 1\nconst A = \"{}\"\n", "\\n".repeat(count));
    assert_eq!(codes(&escapes(2_000_000)), [] as [&str; 0]);
    // Longer than a file may be: one error, and nothing about what was not read.
    assert_eq!(codes(&escapes(2_200_000)), ["G0007"]);
    let blanks = format!("guard 1\n{}", " \n".repeat(2_000_000));
    assert_eq!(codes(&blanks), [] as [&str; 0]);
}

#[test]
fn a_hundred_thousand_operands_of_and_are_no_depth() {
    let chain = vec!["a > 1"; 100_000].join(" and ");
    let source = format!("guard 1\nagent x {{ prohibit input when {chain} }}\n");
    assert_eq!(codes(&source), [] as [&str; 0]);
}

#[test]
fn what_would_nest_too_deep_is_one_error() {
    let deep = format!("guard 1\nconst A = {}1{}\n", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(codes(&deep), ["G0008"]);
    for operator in ["not ", "- "] {
        let long = format!("guard 1\nconst A = {}1\n", operator.repeat(100_000));
        assert_eq!(codes(&long), ["G0009"], "{operator}");
    }
    let sum = format!("guard 1\nconst A = 1{}\n", " + 1".repeat(100_000));
    assert_eq!(codes(&sum), ["G0009"]);
}

#[test]
fn every_soft_word_is_the_name_of_an_argument() {
    for (word, _) in SOFT {
        let source = format!(
            "guard 1\ntool t({word}: int, other: string)\nagent a {{\n  scope {{ tool t when {word} > 1 and args.{word} < 3 }}\n  prohibit tool t when 1 < {word}\n}}\n"
        );
        assert_eq!(codes(&source), [] as [&str; 0], "{word}");
    }
}

#[test]
fn damaged_texts_are_read_to_their_end() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let signs = [
        "{", "}", "(", ")", "\"", "when", "tool", "agent", "\n", ";", "@", "r\"", "é", "\u{202e}",
        "1", ".",
    ];
    for _ in 0..3_000 {
        let mut text: Vec<char> = POLICY.chars().collect();
        for _ in 0..=next(4) {
            let at = next(text.len().max(1));
            if text.is_empty() {
                break;
            }
            match next(3) {
                0 => {
                    text.remove(at);
                }
                1 => text.splice(at..at, signs[next(signs.len())].chars()).for_each(drop),
                _ => text.truncate(at.max(1)),
            }
        }
        let text: String = text.into_iter().collect();
        let parsed = parse(&text);
        assert_eq!(concatenated(&text), text);
        for error in &parsed.errors {
            assert!(
                text.get(error.span.start as usize..error.span.end as usize).is_some(),
                "{error:?}\n{text}"
            );
        }
    }
}
