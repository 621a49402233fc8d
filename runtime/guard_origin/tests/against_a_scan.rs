//! The index answers what a naive scan of everything that was added answers, and so does its copy
//! from bytes.

use guard_origin::{Bounds, Classes, FieldClasses, Found, OriginIndex, Quota};
use proptest::prelude::*;

/// Everything that was added, as it was added.
#[derive(Default)]
struct Scan {
    texts: Vec<(Vec<String>, FieldClasses)>,
}

impl Scan {
    fn occurs(&self, value: &[String]) -> Classes {
        let holds = |text: &[String]| text.windows(value.len()).any(|part| part == value);
        let texts = self.texts.iter().filter(|(text, _)| !value.is_empty() && holds(text));
        texts.fold(Classes::NONE, |all, (_, classes)| all | classes.text)
    }

    fn is_whole(&self, value: &[String]) -> Classes {
        let texts = self.texts.iter().filter(|(text, _)| !value.is_empty() && text == value);
        texts.fold(Classes::NONE, |all, (_, classes)| all | classes.whole)
    }

    fn numbers(&self, value: f64) -> Classes {
        let is_it = |atom: &String| {
            atom.parse::<f64>().is_ok_and(|number| number.to_bits() == value.to_bits())
        };
        let texts = self.texts.iter().filter(|(text, _)| text.iter().any(is_it));
        texts.fold(Classes::NONE, |all, (_, classes)| all | classes.text)
    }
}

/// Few words, so that texts share runs.
fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![4 => "[ab]", 1 => "[a-c]{2}", 1 => "[1-3]{1,2}", 1 => "b\\.c"];
    proptest::collection::vec(word, 0..9)
}

#[derive(Clone, Debug)]
struct Step {
    words: Vec<String>,
    classes: FieldClasses,
    quota: Quota,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mask = || (0u64..16).prop_map(Classes);
    let step =
        (words(), mask(), mask(), any::<bool>()).prop_map(|(words, text, whole, user)| Step {
            words,
            classes: FieldClasses { text, whole },
            quota: if user { Quota::User } else { Quota::Other },
        });
    proptest::collection::vec(step, 0..14)
}

fn built(steps: &[Step], bounds: Bounds) -> OriginIndex {
    let mut index = OriginIndex::new(bounds);
    for step in steps {
        index.add_field(&step.words.join(" "), step.classes, step.quota);
    }
    index
}

fn certainly(in_classes: Classes) -> Found {
    Found { in_classes, perhaps: Classes::NONE }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_is_a_naive_scan(
        steps in steps(),
        values in proptest::collection::vec(words(), 12),
        part in any::<proptest::sample::Selector>(),
    ) {
        let index = built(&steps, Bounds::USUAL);
        let copy = OriginIndex::from_bytes(&index.to_bytes(), Bounds::USUAL).unwrap();
        let scan = Scan { texts: steps.iter().map(|s| (s.words.clone(), s.classes)).collect() };
        let mut values = values;
        // Whole texts, and the middle of one, are likelier to occur than chance makes them.
        values.extend(steps.iter().map(|step| step.words.clone()));
        if let Some(step) = part.try_select(steps.iter()) {
            values.extend((0..step.words.len()).map(|start| step.words[start..].to_vec()));
        }
        for value in values {
            let text = value.join(", ");
            for index in [&index, &copy] {
                prop_assert_eq!(index.find(&text), certainly(scan.occurs(&value)), "{}", text);
                prop_assert_eq!(index.find_whole(&text), certainly(scan.is_whole(&value)), "{}", text);
            }
        }
        for number in 0..40 {
            let number = f64::from(number);
            prop_assert_eq!(index.find_number(number), certainly(scan.numbers(number)));
            prop_assert_eq!(copy.find_number(number), certainly(scan.numbers(number)));
        }
    }

    #[test]
    fn past_the_quota_no_class_is_lost_and_none_invented(
        steps in steps(),
        values in proptest::collection::vec(words(), 12),
        user_atoms_max in 0u32..12,
        other_atoms_max in 0u32..12,
    ) {
        let bounds = Bounds { user_atoms_max, other_atoms_max };
        let index = built(&steps, bounds);
        let scan = Scan { texts: steps.iter().map(|s| (s.words.clone(), s.classes)).collect() };
        for value in values.into_iter().chain(steps.iter().map(|step| step.words.clone())) {
            let text = value.join(" ");
            for (found, want) in [
                (index.find(&text), scan.occurs(&value)),
                (index.find_whole(&text), scan.is_whole(&value)),
            ] {
                prop_assert!(want.contains(found.in_classes), "{}: {:?} of {:?}", text, found, want);
                prop_assert!((found.in_classes | found.perhaps).contains(want), "{}: {:?} of {:?}", text, found, want);
                prop_assert!(!found.in_classes.meets(found.perhaps));
            }
        }
        for number in (0..40).map(f64::from) {
            let (found, want) = (index.find_number(number), scan.numbers(number));
            prop_assert!(want.contains(found.in_classes), "{}: {:?}", number, found);
            prop_assert!((found.in_classes | found.perhaps).contains(want), "{}: {:?}", number, found);
        }
        prop_assert!(index.bytes() <= OriginIndex::bytes_max(bounds));
        let copy = OriginIndex::from_bytes(&index.to_bytes(), bounds).unwrap();
        prop_assert_eq!(copy.to_bytes(), index.to_bytes());
    }

    #[test]
    fn the_same_history_is_the_same_bytes(steps in steps()) {
        prop_assert_eq!(built(&steps, Bounds::USUAL).to_bytes(), built(&steps, Bounds::USUAL).to_bytes());
    }

    #[test]
    fn a_copy_goes_on_as_the_index_does(before in steps(), after in steps()) {
        let bounds = Bounds { user_atoms_max: 30, other_atoms_max: 30 };
        let mut index = built(&before, bounds);
        let mut copy = OriginIndex::from_bytes(&index.to_bytes(), bounds).unwrap();
        for step in after {
            for index in [&mut index, &mut copy] {
                index.add_field(&step.words.join(" "), step.classes, step.quota);
                index.add_secret(&step.words.join(" "), step.classes.text);
            }
        }
        prop_assert_eq!(index.to_bytes(), copy.to_bytes());
        let again = OriginIndex::from_bytes(&index.to_bytes(), bounds).unwrap();
        prop_assert_eq!(again.to_bytes(), index.to_bytes());
    }

    #[test]
    fn carried_is_a_naive_scan(
        secrets in proptest::collection::vec(("[a-c]{2,4}( [a-c]{2,4}){0,3}", 1u64..16), 0..6),
        text in "([a-c]{2,4} ){0,20}",
    ) {
        let mut index = OriginIndex::new(Bounds::USUAL);
        let mut want = Classes::NONE;
        for (secret, classes) in &secrets {
            index.add_secret(secret, Classes(*classes));
            let is_long = secret.replace(' ', "").len() >= 4;
            if is_long && format!(" {text} ").contains(&format!(" {secret} ")) {
                want |= Classes(*classes);
            }
        }
        prop_assert_eq!(index.carried(&text), certainly(want));
    }

    #[test]
    fn no_text_panics_and_every_text_holds_itself(text in "\\PC{0,60}", json in any::<bool>()) {
        let text = if json { format!("{{\"a\": {text}}}") } else { text };
        let mut index = OriginIndex::new(Bounds::USUAL);
        let classes = FieldClasses { text: Classes(1), whole: Classes(1) };
        index.add_result(&text, &|_| classes);
        index.add_field(&text, classes, Quota::User);
        let has_atoms = index.find(&text) == certainly(Classes(1));
        prop_assert_eq!(index.find_whole(&text) == certainly(Classes(1)), has_atoms);
        let _ = index.carried(&text);
        let copy = OriginIndex::from_bytes(&index.to_bytes(), Bounds::USUAL).unwrap();
        prop_assert_eq!(copy.find(&text), index.find(&text));
    }

    #[test]
    fn what_looks_like_yaml_never_panics(text in "([-a:?#&*!|>'\"%@`{}\\[\\],\\\\ \t\n.~<=0]{0,40})") {
        let found = guard_origin::fields(&text);
        prop_assert!(found.iter().count() <= guard_origin::limits::NODES_MAX);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = OriginIndex::from_bytes(&bytes, Bounds::USUAL);
    }

    #[test]
    fn damaged_bytes_are_refused_or_another_sound_index(
        steps in steps(),
        place in any::<proptest::sample::Index>(),
        with in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = built(&steps, Bounds::USUAL).to_bytes();
        let place = place.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] = with }
        if let Ok(index) = OriginIndex::from_bytes(&bytes, Bounds::USUAL) {
            prop_assert_eq!(index.to_bytes(), bytes);
        }
    }
}

#[test]
fn more_text_than_the_bounds_allow_is_refused() {
    let mut index = OriginIndex::new(Bounds::USUAL);
    index.add_text("one two three", Classes(1), Quota::User);
    let bounds = Bounds { user_atoms_max: 2, other_atoms_max: 100 };
    let refused = OriginIndex::from_bytes(&index.to_bytes(), bounds).unwrap_err();
    assert_eq!(refused.to_string(), "the saved origins are more than the bounds allow");
    let mut bytes = index.to_bytes();
    bytes.push(0);
    assert!(OriginIndex::from_bytes(&bytes, Bounds::USUAL).is_err());
    assert!(OriginIndex::from_bytes(&[], Bounds::USUAL).is_err());
}

#[test]
fn a_full_index_takes_no_more_memory_than_its_bound() {
    let bounds = Bounds { user_atoms_max: 500, other_atoms_max: 2_000 };
    let mut index = OriginIndex::new(bounds);
    let long = "x".repeat(250);
    for n in 0..3_000 {
        let text = format!("{long}{n} {n}.5 {} {}", n / 2, n % 3);
        index.add_field(
            &text,
            FieldClasses { text: Classes(1 << (n % 8)), whole: Classes(1) },
            Quota::Other,
        );
        index.add_text(&text, Classes(1 << 9), Quota::User);
        assert!(index.bytes() <= OriginIndex::bytes_max(bounds));
    }
    assert!(index.overflowed().contains(Classes(0x2FF)));
    let (bytes, saved) = (index.bytes(), index.to_bytes());
    for n in 0..3_000 {
        index.add_text(&format!("new{n} words{n}"), Classes(1 << (n % 8)), Quota::Other);
    }
    assert_eq!((index.bytes(), index.to_bytes()), (bytes, saved));
}

#[test]
fn texts_that_repeat_themselves_stay_within_two_states_an_atom() {
    let bounds = Bounds { user_atoms_max: 4_000, other_atoms_max: 4_000 };
    for text in [
        "a ".repeat(4_000),
        "a b ".repeat(2_000),
        format!("{}{}", "a b ".repeat(1_000), "b ".repeat(2_000)),
    ] {
        let mut index = OriginIndex::new(bounds);
        index.add_text(&text, Classes(1), Quota::User);
        for n in 1..200 {
            index.add_text(text.get(..20 * n).unwrap(), Classes(1 << (n % 60)), Quota::Other);
        }
        assert!(index.bytes() <= OriginIndex::bytes_max(bounds));
    }
}
