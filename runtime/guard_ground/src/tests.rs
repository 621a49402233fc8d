//! Tables of claims, and what must hold of every text.

use crate::limits::FACTS_OF_A_WORD_MAX;
use crate::scan::{Item, Visitor, Word, scan};
use crate::{Claim, Fact, Kind, Known, Sources, check, facts, support};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// Sources that say nothing, or everything, or do not know.
struct Always(Known);

impl Sources for Always {
    fn fact(&self, _: Fact) -> Known {
        self.0
    }

    fn run(&self, _: &str) -> Known {
        self.0
    }
}

/// One text as the source; runs of words are looked for by their facts.
struct Said {
    facts: HashSet<Fact>,
    words: Vec<String>,
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
}

impl Said {
    fn new(text: &str) -> Self {
        let mut said = HashSet::new();
        facts(text, None, &mut |fact| {
            said.insert(fact);
        });
        let words = words(text).into_iter().filter(|word| !word.is_empty()).collect();
        Self { facts: said, words }
    }
}

impl Sources for Said {
    fn fact(&self, fact: Fact) -> Known {
        self.facts.contains(&fact).into()
    }

    fn run(&self, text: &str) -> Known {
        let wanted: Vec<String> = words(text).into_iter().filter(|word| !word.is_empty()).collect();
        (!wanted.is_empty() && self.words.windows(wanted.len()).any(|own| own == wanted)).into()
    }
}

/// All claims of a text, one after the other: each is the first once those before it are taken away.
fn claims(text: &str) -> Vec<(Kind, &str)> {
    struct Noting(RefCell<Vec<Claim>>);
    impl Visitor for Noting {
        fn word(&mut self, _: &str, _: Word) {}
        fn item(&mut self, _: &str, item: Item, start: usize, end: usize) {
            let kind = match item {
                Item::Number(_, crate::scan::Unit::None) => Kind::Number,
                Item::Number(..) => Kind::Amount,
                Item::Date(..) => Kind::Date,
                Item::Time(..) => Kind::Time,
                Item::Link(_) => Kind::Link,
                Item::Identifier => Kind::Identifier,
                Item::Quotation => Kind::Quotation,
            };
            self.0.borrow_mut().push(Claim { kind, start, end });
        }
    }
    let mut noting = Noting(RefCell::default());
    scan(text, &mut noting);
    let claims = noting.0.into_inner();
    claims.iter().map(|claim| (claim.kind, text.get(claim.start..claim.end).unwrap())).collect()
}

#[test]
fn what_has_a_type_is_found_with_its_span() {
    use Kind::{Amount, Date, Identifier, Link, Number, Quotation, Time};
    for (text, want) in [
        ("pay $1,250.00, now", vec![(Amount, "$1,250.00")]),
        ("50 EUR or 50€ or €50", vec![(Amount, "50 EUR"), (Amount, "50€"), (Amount, "€50")]),
        ("USD 20 and 5 percent, 5%", vec![(Amount, "20"), (Amount, "5 percent"), (Amount, "5%")]),
        (
            "1.2k, 3 million, 5kg, 2nd",
            vec![(Number, "1.2k"), (Number, "3 million"), (Number, "5kg"), (Number, "2nd")],
        ),
        ("3 million dollars", vec![(Amount, "3 million dollars")]),
        (
            "10-20, 24/7, (7)",
            vec![(Number, "10"), (Number, "20"), (Number, "24"), (Number, "7"), (Number, "7")],
        ),
        (
            "on 2026-01-13T10:00 or 13th of January 2026.",
            vec![(Date, "2026-01-13T10:00"), (Date, "13th of January 2026")],
        ),
        ("January 13, 2026, may 5 be", vec![(Date, "January 13, 2026"), (Date, "may 5")]),
        ("it may be 5", vec![(Number, "5")]),
        ("at 10:30, 3pm, 3:00 p.m.", vec![(Time, "10:30"), (Time, "3pm"), (Time, "3:00 p.m.")]),
        (
            "W-123 a_b bob@x.com 10.0.0.1 007 12AB 5G",
            vec![
                (Identifier, "W-123"),
                (Identifier, "a_b"),
                (Identifier, "bob@x.com"),
                (Identifier, "10.0.0.1"),
                (Identifier, "007"),
                (Identifier, "12AB"),
                (Identifier, "5G"),
            ],
        ),
        (
            "(https://a.example/x?y=1). www.b.example, shop.example.com!",
            vec![
                (Link, "https://a.example/x?y=1"),
                (Link, "www.b.example"),
                (Link, "shop.example.com"),
            ],
        ),
        (
            "say \"one two\" and “three four five”, \"six\"",
            vec![(Quotation, "one two"), (Quotation, "three four five")],
        ),
        ("\"one\ntwo\" \"three\" four \"five\"", vec![]),
        ("1. one\n2) two\n- 3. three", vec![(Number, "3")]),
        ("e.g. and/or well-known o'brien", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(claims(text), want, "{text}");
    }
}

/// The names of a text: what is missing where nothing was said, if the text has no other claims.
fn first_name(text: &str) -> Option<&str> {
    let missing = check(text, &Always(Known::No)).missing?;
    assert_eq!(missing.kind, Kind::Name, "{text}");
    text.get(missing.start..missing.end)
}

#[test]
fn names_are_words_with_a_capital_that_begin_no_sentence() {
    for (text, want) in [
        ("I met Bob Stone there", Some("Bob Stone")),
        ("Yesterday Bob left", Some("Bob")),
        ("Ann Lee left", Some("Ann Lee")),
        ("Parcels arrive. Trucks too. Is that so? Sure!", None),
        ("Ask Mr. Stone about it", Some("Stone")),
        ("written by J. Stone", Some("J. Stone")),
        ("written by Jean-Luc", Some("Jean-Luc")),
        ("on Monday, in May I am OK", None),
        ("# Account Summary\nall fine", None),
        ("- Total Amount: nothing", None),
        ("it went to Total Amount: nothing", Some("Amount")),
        ("the Ångström unit", Some("Ångström")),
    ] {
        assert_eq!(first_name(text), want, "{text}");
    }
}

#[test]
fn a_name_needs_its_words_next_to_each_other() {
    let said = Said::new("José Núñez called Eve Stone");
    for (text, want) in [
        ("met Jose Nunez", Known::Yes),
        ("met EVE STONE", Known::Yes),
        ("met Jose Stone", Known::No),
        ("met Nunez", Known::Yes),
        ("met Nune", Known::No),
    ] {
        assert_eq!(check(text, &said).known, want, "{text}");
    }
}

#[test]
fn what_is_certainly_missing_outweighs_what_is_unknown() {
    struct Half;
    impl Sources for Half {
        fn fact(&self, _: Fact) -> Known {
            Known::Perhaps
        }
        fn run(&self, _: &str) -> Known {
            Known::No
        }
    }
    let text = "pay 5 for W-1 and W-2";
    let checked = check(text, &Half);
    let missing = checked.missing.unwrap();
    assert_eq!((checked.known, checked.missing_count), (Known::No, 2));
    assert_eq!(text.get(missing.start..missing.end), Some("W-1"));
    let unknown = check("pay 5 and 6", &Half);
    assert_eq!(
        (unknown.known, unknown.missing.map(|claim| claim.start)),
        (Known::Perhaps, Some(4))
    );
    assert_eq!(support("pay 5", &Half), None);
}

#[test]
fn support_falls_with_what_speaks_against_a_text() {
    let said = Said::new("The parcel is large and will arrive on Friday. We do not offer refunds.");
    let of = |text: &str| support(text, &said).unwrap();
    assert!(of("the parcel arrives on Friday") > 0.9);
    let falling =
        ["the parcel will arrive", "the parcel will not arrive", "the letter will not come"];
    assert!(falling.windows(2).all(|two| of(two[0]) > of(two[1])), "{:?}", falling.map(of));
    assert!(of("we do not offer refunds") > 0.9);
    assert!(of("the parcel is small") < of("the parcel is heavy"), "an opposite weighs more");
    assert!(of("will the parcel arrive?") < of("the parcel will arrive"));
    assert!(of("the parcel of Ann Lee will arrive") < of("the parcel of the lee will arrive"));
    assert!((of("…") - 1.0).abs() < 1e-9);
}

/// Pieces that lie on each other's borders.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[A-Za-z]{1,6}",
        "[0-9.,:/'-]{1,8}",
        Just("January 13th, 2026".to_owned()),
        Just("https://www.".to_owned()),
        "[$€%“”\"«»„@_#? \n\u{A0}\u{202F}-]{1,4}",
        "(million|pm|a\\.m\\.|of|th|k|USD|not|un)",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_panics_and_spans_lie_on_character_boundaries(text in texts()) {
        for known in [Known::Yes, Known::No, Known::Perhaps] {
            let sources = Always(known);
            let checked = check(&text, &sources);
            let missing = checked.missing;
            prop_assert_eq!(missing.is_none(), checked.known == Known::Yes);
            if let Some(claim) = missing {
                prop_assert!(claim.start < claim.end);
                prop_assert!(text.get(claim.start..claim.end).is_some());
            }
            if let Some(support) = support(&text, &sources) {
                prop_assert!((0.0..=1.0).contains(&support));
            }
        }
        for (_, shown) in claims(&text) {
            prop_assert!(!shown.is_empty());
        }
    }

    #[test]
    fn words_are_told_once_each_in_order(text in texts()) {
        struct Ends(usize);
        impl Visitor for Ends {
            fn word(&mut self, text: &str, word: Word) {
                assert!(self.0 <= word.start && word.start < word.end);
                assert!(text.get(self.0..word.start).unwrap().chars().all(|c| !crate::word::begins_word(c)));
                self.0 = word.end;
            }
            fn item(&mut self, _: &str, _: Item, _: usize, _: usize) {}
        }
        let mut ends = Ends(0);
        scan(&text, &mut ends);
        prop_assert!(text.get(ends.0..).unwrap().chars().all(|c| !crate::word::begins_word(c)));
    }

    #[test]
    fn a_text_grounds_itself(text in texts()) {
        prop_assert_eq!(check(&text, &Own(Said::new(&text))).known, Known::Yes);
    }
}

/// Says all runs of words: whether one is found is the index's business.
struct Own(Said);

impl Sources for Own {
    fn fact(&self, fact: Fact) -> Known {
        self.0.fact(fact)
    }

    fn run(&self, _: &str) -> Known {
        Known::Yes
    }
}

#[test]
fn work_is_in_proportion_to_the_text() {
    /// Counts what it is asked.
    struct Counting {
        facts: Cell<usize>,
        bytes: Cell<usize>,
    }
    impl Sources for Counting {
        fn fact(&self, _: Fact) -> Known {
            self.facts.set(self.facts.get() + 1);
            Known::No
        }
        fn run(&self, text: &str) -> Known {
            self.bytes.set(self.bytes.get() + text.len());
            Known::No
        }
    }
    // Were a piece of these looked at for each of its characters, the test would not end.
    for piece in [
        "a", "1", "A ", "1-", "1.", "1,", "1:", "a.", "a@", "-", "\"", "“a b ", "$", " ", "not ",
        "www.", "1 ", "January ", "13 of ", "e\u{301}", "\u{301}", "\u{200B}", "漢", "http://",
        "x_", "\n", "1\u{A0}",
    ] {
        let text = piece.repeat((1 << 15) / piece.len());
        let counting = Counting { facts: Cell::new(0), bytes: Cell::new(0) };
        check(&text, &counting);
        support(&text, &counting);
        assert!(counting.bytes.get() <= 4 * text.len(), "{piece:?}");
        assert!(counting.facts.get() <= 32 * text.len(), "{piece:?}");
        let (mut told, mut words) = (0, Words(0));
        facts(&text, None, &mut |_| told += 1);
        scan(&text, &mut words);
        assert!(told <= words.0.max(1) * FACTS_OF_A_WORD_MAX, "{piece:?}: {told} of {}", words.0);
    }
}

struct Words(usize);

impl Visitor for Words {
    fn word(&mut self, _: &str, _: Word) {
        self.0 += 1;
    }

    fn item(&mut self, _: &str, _: Item, _: usize, _: usize) {}
}
