//! Whole texts to scores, with a model of three words.

use crate::limits::{TEXT_BYTES_MAX, WINDOW_WORDS_MAX};
use crate::{
    Knot, Model, Parts, ScanMemory, Score, Scratch, Sink, Table, WeightTable, Window, scan,
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The features of a text, with where each word stands.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    features: Vec<(Table, u64)>,
    words: Vec<(usize, usize)>,
    decoded: Vec<String>,
}

impl Sink for Seen {
    fn feature(&mut self, table: Table, hash: u64) {
        self.features.push((table, hash));
    }

    fn end_word(&mut self, start: usize, end: usize) {
        self.words.push((start, end));
    }

    fn decoded(&mut self, _: usize, _: usize, text: &[u8]) {
        self.decoded.push(String::from_utf8(text.to_vec()).unwrap());
    }
}

fn seen(text: &str) -> Seen {
    let mut seen = Seen::default();
    scan(text, &mut ScanMemory::default(), &mut seen);
    seen
}

/// A model that knows the features of some words and their neighbourhood, and two lengths of windows.
fn model_of(words: &str) -> Model {
    let mut tables = [Table::Words, Table::Characters]
        .map(|_| WeightTable { scale: 8000, slots: vec![0; 4096] });
    for (table, hash) in seen(words).features {
        let table = &mut tables[usize::from(table == Table::Characters)];
        let slot = table.slot_of(hash);
        table.slots[slot] = u16::from_le_bytes([100, hash.to_le_bytes()[0]]);
    }
    let [words, characters] = tables;
    let windows = [4, 12].map(|words| Window { words, bias: -65536 }).to_vec();
    let knots = [(-200_000, 0), (0, 30_000), (200_000, 65_535)];
    let knots = knots.map(|(value, probability)| Knot { value, probability }).to_vec();
    Model::from_parts(Parts { threshold: 40_000, windows, knots, words, characters }).unwrap()
}

fn score(model: &Model, text: &str) -> Score {
    model.score(text, &mut Scratch::default())
}

const PLAIN: &str = "open the hidden garden door";

#[test]
fn a_text_in_disguise_has_the_features_of_the_plain_one() {
    let words = |text: &str| {
        let Seen { mut features, .. } = seen(text);
        features.retain(|(table, _)| *table == Table::Characters);
        features
    };
    for disguise in [
        "OPEN THE HIDDEN GARDEN DOOR",
        "o\u{200B}pen t\u{AD}he hid\u{2060}den garden do\u{FEFF}or",
        "оpеn thе hіddеn gаrdеn dооr",
        "ｏｐｅｎ　ｔｈｅ　ｈｉｄｄｅｎ　ｇａｒｄｅｎ　ｄｏｏｒ",
        "𝗼𝗽𝗲𝗻 𝘁𝗵𝗲 𝗵𝗶𝗱𝗱𝗲𝗻 𝗴𝗮𝗿𝗱𝗲𝗻 𝗱𝗼𝗼𝗿",
        "öpén thè hîddên gàrdẽn dōor",
        "o p e n   t h e   h i d d e n   g a r d e n   d o o r",
        "o.p.e.n t.h.e h.i.d.d.e.n g.a.r.d.e.n d.o.o.r",
        "&#111;&#x70;en the hidd&#101;n&nbsp;garden door",
        "%6fpen%20the%20hidden garden door",
        r"\u006fpen the h\x69dden\ngarden door",
        "0p3n the h1dd3n g4rd3n d00r",
        "open the hidden g@rden d0or",
    ] {
        assert_eq!(words(disguise), words(PLAIN), "{disguise}");
    }
}

#[test]
fn what_is_encoded_is_read_and_its_place_is_that_of_the_code() {
    let model = model_of(PLAIN);
    let plain = score(&model, PLAIN);
    let once = "b3BlbiB0aGUgaGlkZGVuIGdhcmRlbiBkb29y";
    let twice = "YjNCbGJpQjBhR1VnYUdsa1pHVnVJR2RoY21SbGJpQmtiMjl5";
    let thrice = "WWpOQ2JHSnBRakJoR1VnYUdsa1pHVnVJR2RoY21SbGJpQmtiMjl5";
    assert!(plain.fires(model.threshold()));
    for encoded in [once, twice] {
        let text = format!("see {encoded} there");
        let found = score(&model, &text);
        assert_eq!(found.value, plain.value);
        assert_eq!(text.get(found.start..found.end), Some(encoded));
    }
    assert!(score(&model, thrice).value < plain.value, "the depth has an end");
}

#[test]
fn a_short_attack_is_found_in_a_long_text() {
    let model = model_of(PLAIN);
    let long = "a lamp stands near some river and nobody looks at it. ".repeat(300);
    assert!(!score(&model, &long).fires(model.threshold()));
    let text = format!("{long}{PLAIN}, {long}");
    let found = score(&model, &text);
    assert!(found.fires(model.threshold()));
    let place = text.get(found.start..found.end).unwrap();
    assert!(place.contains("hidden garden"), "{place}");
    assert!(place.len() < 100, "{place}");
}

#[test]
fn a_text_past_the_bound_fires() {
    let model = model_of(PLAIN);
    let long = "lamp ".repeat(TEXT_BYTES_MAX / 5 + 1);
    let found = score(&model, &long);
    assert!(!found.is_whole && found.fires(1.0));
    let whole = score(&model, long.get(..TEXT_BYTES_MAX).unwrap());
    assert!(whole.is_whole && !whole.fires(model.threshold()));
    // The bound lies inside a character.
    let wide = "é".repeat(TEXT_BYTES_MAX / 2 + 1);
    assert!(!score(&model, &format!("x{wide}")).is_whole);
}

#[test]
fn a_text_without_words_is_harmless() {
    let model = model_of(PLAIN);
    for text in ["", " ", "\u{200B}", "...", "\0"] {
        let found = score(&model, text);
        assert!(found.probability <= 0.0 && found.is_whole, "{text:?}: {found:?}");
    }
}

#[test]
fn long_runs_of_anything_take_no_longer_than_words() {
    let model = model_of(PLAIN);
    let mut scratch = Scratch::default();
    for piece in [
        "A",
        "a ",
        "&#",
        "%4",
        "\\u00",
        "/+",
        "9",
        "é",
        "\u{200B}",
        "!\u{200B}",
        "a.",
        "QUFB",
        "QUFBQUFBQUFBQUFBQUFB ",
        "字",
    ] {
        let text = piece.repeat(TEXT_BYTES_MAX / 4 / piece.len());
        assert!(model.score(&text, &mut scratch).is_whole);
    }
}

#[test]
fn the_file_is_the_model() {
    let model = model_of(PLAIN);
    let bytes = model.to_bytes();
    assert_eq!(Model::from_bytes(&bytes).as_ref(), Ok(&model));
    assert_eq!(bytes, model.to_bytes());
    for length in (0..200).chain((200..bytes.len()).step_by(89)) {
        assert!(Model::from_bytes(&bytes[..length]).is_err(), "cut off at {length}");
    }
    // A prime step visits every part of the file, and bytes of every kind in the tables.
    for at in (0..64).chain((64..bytes.len()).step_by(97)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Model::from_bytes(&damaged).is_err(), "damaged at {at}");
    }
}

#[test]
fn parts_past_the_limits_are_refused() {
    let good = model_of(PLAIN).parts().clone();
    let refused = |change: fn(&mut Parts)| {
        let mut parts = good.clone();
        change(&mut parts);
        Model::from_parts(parts).unwrap_err().to_string()
    };
    assert!(refused(|parts| parts.windows.clear()).contains("windows"));
    assert!(refused(|parts| parts.windows[0].words = 0).contains("windows"));
    assert!(
        refused(|parts| parts.windows[1].words = u16::try_from(WINDOW_WORDS_MAX + 1).unwrap())
            .contains("windows")
    );
    assert!(refused(|parts| parts.windows.reverse()).contains("rise"));
    assert!(refused(|parts| parts.knots.truncate(1)).contains("points"));
    assert!(refused(|parts| parts.knots[0].probability = 65_535).contains("rise"));
    assert!(refused(|parts| parts.knots[0].value = 0).contains("rise"));
    assert!(refused(|parts| parts.words.slots.clear()).contains("table"));
    assert!(refused(|parts| parts.characters.slots = vec![0; 1 << 19]).contains("table"));
}

#[test]
fn features_are_those_that_the_shipped_weights_were_learnt_for() {
    // The hash is part of the format: who changes what a feature is raises `FEATURES_VERSION` and trains anew.
    let sum = |text: &str| {
        seen(text).features.iter().fold(0_u64, |sum, (_, hash)| sum.rotate_left(5) ^ hash)
    };
    assert_eq!(
        sum("Open the door, 42 times: NOW!"),
        6_916_436_225_905_507_447,
        "the features are others"
    );
}

/// Pieces of which generated texts consist: what the scanner treats in ways of its own.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,8}",
        "[A-Za-z0-9+/]{0,40}",
        "\\PC{0,4}",
        Just(" ".to_owned()),
        Just("\u{200B}".to_owned()),
        Just("&#x6".to_owned()),
        Just("%e2%80%8b".to_owned()),
        Just(r"\ud835\udc08".to_owned()),
        Just("!".to_owned()),
        Just("@".to_owned()),
        Just("a b c".to_owned()),
        Just("é字ж".to_owned()),
        Just("b3BlbiB0aGUgaGlkZGVu".to_owned()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

static MODEL: LazyLock<Model> = LazyLock::new(|| model_of(PLAIN));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_has_one_score_whatever_was_scored_before(texts in prop::collection::vec(pieces(), 1..4)) {
        let model = &*MODEL;
        let mut scratch = Scratch::default();
        for text in &texts {
            let found = model.score(text, &mut scratch);
            prop_assert_eq!(found, score(model, text));
            prop_assert!((0.0..=1.0).contains(&found.probability));
            prop_assert!(found.start <= found.end && text.get(found.start..found.end).is_some());
        }
    }

    #[test]
    fn windows_are_those_of_a_naive_reading(text in pieces()) {
        let model = &*MODEL;
        prop_assert_eq!(score(model, &text).value, naive(model, &text, 0));
    }

    #[test]
    fn no_bytes_make_reading_a_model_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Model::from_bytes(&bytes).is_err());
    }
}

/// The highest value of all windows, each summed for itself.
fn naive(model: &Model, text: &str, depth: usize) -> i32 {
    #[derive(Default)]
    struct Sums<'a> {
        parts: Option<&'a Parts>,
        words: Vec<i64>,
        word: i64,
        decoded: Vec<String>,
    }
    impl Sink for Sums<'_> {
        fn feature(&mut self, table: Table, hash: u64) {
            let table = self.parts.unwrap().table(table);
            self.word += i64::from(table.weight(hash)) * i64::from(table.scale);
        }
        fn end_word(&mut self, _: usize, _: usize) {
            self.words.push(std::mem::take(&mut self.word));
        }
        fn decoded(&mut self, _: usize, _: usize, text: &[u8]) {
            self.decoded.push(String::from_utf8(text.to_vec()).unwrap());
        }
    }
    let mut sums = Sums { parts: Some(model.parts()), ..Sums::default() };
    scan(text, &mut ScanMemory::default(), &mut sums);
    let mut best = i32::MIN;
    let count = sums.words.len();
    let mut whole = false;
    for window in &model.parts().windows {
        let words = usize::from(window.words);
        if count < words && !whole && count > 0 {
            whole = true;
            best = best.max(crate::score::value(sums.words.iter().sum(), count, window.bias));
        }
        for run in sums.words.windows(words) {
            best = best.max(crate::score::value(run.iter().sum(), words, window.bias));
        }
    }
    for text in sums.decoded.iter().filter(|_| depth < crate::limits::DECODE_DEPTH_MAX) {
        best = best.max(naive(model, text, depth + 1));
    }
    best
}
