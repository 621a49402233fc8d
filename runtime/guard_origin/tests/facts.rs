//! Facts of an index: which texts support a claim, and that what is kept is bounded and can be saved.

use guard_ground::{Kind, Known, Sources, check, support};
use guard_origin::{Bounds, Classes, FieldClasses, OriginIndex, Quota};
use proptest::prelude::*;

const USER: Classes = Classes(1);
const WEB: Classes = Classes(2);

fn index() -> OriginIndex {
    let mut index = OriginIndex::with_facts(Bounds::USUAL);
    index.add_text("pay 70 to Bob Stone", USER, Quota::User);
    index.add_result("{\"first_name\": \"Ann\", \"last_name\": \"Lee\", \"sum\": 1200.0}", &|_| {
        FieldClasses { text: WEB, whole: WEB }
    });
    index
}

#[test]
fn a_claim_is_looked_for_in_its_classes_alone() {
    let index = index();
    for (text, classes, want) in [
        ("for $70 to BOB STONE", USER, Known::Yes),
        ("for $70 to BOB STONE", WEB, Known::No),
        ("from Ann Lee: 1,200.00", WEB, Known::Yes),
        ("from Ann Lee: 70", USER | WEB, Known::Yes),
        ("from Ann Stone", USER | WEB, Known::No),
    ] {
        assert_eq!(check(text, &index.among(classes)).known, want, "{text}");
    }
}

#[test]
fn an_index_without_facts_knows_of_none() {
    let mut index = OriginIndex::new(Bounds::USUAL);
    index.add_text("pay 70", USER, Quota::User);
    assert_eq!(check("pay 70", &index.among(USER)).known, Known::Perhaps);
    assert_eq!(support("pay 70", &index.among(USER)), None);
    assert!(!index.has_facts());
}

#[test]
fn a_code_that_only_looks_like_one_that_was_said_may_be_another() {
    let mut index = index();
    index.add_text("order ac-1", USER, Quota::User);
    assert_eq!(index.among(USER).run("AC-1"), Known::Yes);
    assert_eq!(index.among(USER).run("\u{430}c-1"), Known::Perhaps);
}

#[test]
fn what_is_full_is_perhaps_there_and_takes_no_more_room() {
    let bounds = Bounds { user_atoms_max: 50, other_atoms_max: 200 };
    let mut index = OriginIndex::with_facts(bounds);
    // Without an atom that is new there are new facts still: dates part by their marks.
    for n in 0..4_000_u32 {
        let text = format!("{}/{}/20{:02} {}", 1 + n % 12, 1 + n % 28, n % 100, n % 40);
        index.add_text(&text, WEB, Quota::Other);
        index.add_text("pay 70 to Bob Stone", USER, Quota::User);
        assert!(
            index.bytes() <= OriginIndex::bytes_max(bounds) + OriginIndex::facts_bytes_max(bounds)
        );
    }
    assert!(index.overflowed().contains(WEB));
    let unsure = check("see 99999", &index.among(WEB));
    assert_eq!((unsure.known, unsure.missing.unwrap().kind), (Known::Perhaps, Kind::Number));
    // What strangers write uses up none of the user's room.
    assert_eq!(check("70 to Bob Stone, 99999", &index.among(USER)).known, Known::No);
    let saved = index.to_bytes();
    index.add_text("more words and more 12345", WEB, Quota::Other);
    assert_eq!(index.to_bytes(), saved);
    let again = OriginIndex::from_bytes(&saved, bounds).unwrap();
    assert_eq!(again.to_bytes(), saved);
    let less = Bounds { user_atoms_max: 50, other_atoms_max: 100 };
    assert!(OriginIndex::from_bytes(&saved, less).is_err());
}

#[test]
fn facts_that_do_not_fit_are_perhaps_there_though_their_words_fit() {
    let bounds = Bounds { user_atoms_max: 10, other_atoms_max: 10 };
    let (mut with_facts, mut without) = (OriginIndex::with_facts(bounds), OriginIndex::new(bounds));
    for index in [&mut with_facts, &mut without] {
        index.add_text("13/01/2025 14/02/2026 15/03/2027", WEB, Quota::Other);
    }
    assert!(without.overflowed().is_empty());
    assert_eq!(with_facts.overflowed(), WEB);
    assert_eq!(check("on 16 March", &with_facts.among(WEB)).known, Known::Perhaps);
}

proptest! {
    #[test]
    fn a_copy_answers_alike_and_goes_on_alike(
        texts in prop::collection::vec("([A-C][a-c]{0,2} |[0-9,.$]{1,6} |not |Jan 1, 2026 |w-1 ){0,6}", 1..8),
        asked in "([A-C][a-c]{0,2} |[0-9,.$]{1,6} |not |Jan 1, 2026 |w-1 ){0,6}",
        place in any::<prop::sample::Index>(),
        with in any::<u8>(),
    ) {
        let mut index = OriginIndex::with_facts(Bounds::USUAL);
        for (text, class) in texts.iter().zip([USER, WEB].into_iter().cycle()) {
            let quota = if class == USER { Quota::User } else { Quota::Other };
            index.add_text(text, class, quota);
        }
        let mut bytes = index.to_bytes();
        let mut copy = OriginIndex::from_bytes(&bytes, Bounds::USUAL).unwrap();
        for classes in [USER, WEB, USER | WEB] {
            let (one, other) = (index.among(classes), copy.among(classes));
            prop_assert_eq!(check(&asked, &one), check(&asked, &other));
            prop_assert_eq!(support(&asked, &one), support(&asked, &other));
        }
        // Whoever said a text is its source.
        for (text, class) in texts.iter().zip([USER, WEB].into_iter().cycle()) {
            prop_assert_eq!(check(text, &index.among(class)).known, Known::Yes, "{}", text);
        }
        for index in [&mut index, &mut copy] {
            index.add_text(&asked, USER, Quota::User);
        }
        prop_assert_eq!(index.to_bytes(), copy.to_bytes());
        let place = place.index(bytes.len());
        bytes[place] = with;
        if let Ok(damaged) = OriginIndex::from_bytes(&bytes, Bounds::USUAL) {
            prop_assert_eq!(damaged.to_bytes(), bytes);
        }
    }
}
