//! Words: which characters they are of, how they are folded, and their stems.

use crate::fact::{Fact, Hasher, Of};
use crate::limits::WORD_BYTES_MAX;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a character is part of a word.
#[inline]
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        c.is_alphanumeric() || is_combining_mark(c) || is_invisible(c)
    }
}

/// Whether a word can begin with a character.
#[inline]
pub(crate) fn begins_word(c: char) -> bool {
    is_word(c) && (c.is_ascii() || !is_invisible(c))
}

/// Unicode's default ignorable code points, and the interlinear marks: they may stand inside a word, and count for
/// nothing. The index of origins leaves out the same.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character is a word by itself, because its script has no spaces.
pub(crate) fn is_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A word in lower case and without accents.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    bytes: [u8; WORD_BYTES_MAX],
    length: usize,
    /// The whole word, however long.
    pub(crate) fact: Fact,
}

impl Folded {
    #[inline]
    pub(crate) fn of(word: &str) -> Self {
        let mut bytes = [0; WORD_BYTES_MAX];
        if let Some(room) = bytes.get_mut(..word.len()).filter(|_| word.is_ascii()) {
            room.copy_from_slice(word.as_bytes());
            room.make_ascii_lowercase();
            let fact = Fact::bytes(Of::Word, room);
            return Self { bytes, length: word.len(), fact };
        }
        Self::foreign(word)
    }

    fn foreign(word: &str) -> Self {
        let mut folding = Folding {
            bytes: [0; WORD_BYTES_MAX],
            length: 0,
            is_long: false,
            hash: Hasher::new(Of::Word),
        };
        let plain = word.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c));
        for c in plain.flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
            match undecomposed(c) {
                Some(letters) => folding.put(letters.as_bytes()),
                None => folding.put(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let Folding { bytes, length, is_long, hash } = folding;
        if is_long {
            return Self { bytes, length: 0, fact: hash.fact() };
        }
        Self { bytes, length, fact: Fact::bytes(Of::Word, bytes.get(..length).unwrap_or_default()) }
    }

    /// The word; nothing of one that is too long.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// That a word with this stem stands.
    #[inline]
    pub(crate) fn stem(&self) -> Fact {
        match self.bytes() {
            [] => self.fact,
            bytes => stem_fact(Of::Stem, bytes),
        }
    }

    /// That the word stands in the reach of a denial.
    pub(crate) fn denied(&self) -> Fact {
        match self.bytes() {
            [] => Fact::numbers(Of::Denied, &[self.fact.0]),
            bytes => stem_fact(Of::Denied, bytes),
        }
    }
}

struct Folding {
    bytes: [u8; WORD_BYTES_MAX],
    length: usize,
    is_long: bool,
    /// Of all of it.
    hash: Hasher,
}

impl Folding {
    fn put(&mut self, bytes: &[u8]) {
        self.hash.bytes(bytes);
        match self.bytes.get_mut(self.length..self.length + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.is_long = true,
        }
    }
}

/// Letters that Unicode does not take apart, and people do.
fn undecomposed(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// The stem of a word that is folded, as a fact of a kind.
#[inline]
pub(crate) fn stem_fact(of: Of, word: &[u8]) -> Fact {
    let (stem, ends_in_i) = stem(word);
    let fact = Fact::bytes(of, stem);
    if ends_in_i { Fact::numbers(of, &[fact.0]) } else { fact }
}

/// How long the ending is that goes, the longest where three letters remain.
#[inline]
fn ending(word: &[u8]) -> usize {
    let found = |endings: &[&[u8]]| {
        let is_it = |ending: &&&[u8]| word.len() >= ending.len() + 3 && word.ends_with(ending);
        endings.iter().find(is_it).map_or(0, |ending| ending.len())
    };
    match word {
        [.., b'l', b'y'] => found(&[b"ingly", b"edly", b"ly"]),
        [.., b'n', b's'] => found(&[b"ations", b"s"]),
        [.., b't', b's'] => found(&[b"ments", b"s"]),
        [.., b's', b's'] => found(&[b"ness", b"s"]),
        [.., b'g', b's'] => found(&[b"ings", b"s"]),
        [.., b'e', b's'] => found(&[b"ies", b"es", b"s"]),
        [.., b'r', b's'] => found(&[b"ers", b"s"]),
        [.., b's'] => found(&[b"s"]),
        [.., b'o', b'n'] => found(&[b"ation"]),
        [.., b'n', b't'] => found(&[b"ment"]),
        [.., b'n', b'g'] => found(&[b"ing"]),
        [.., b'e', b'd'] => found(&[b"ed"]),
        [.., b'e', b'r'] => found(&[b"er"]),
        _ => 0,
    }
}

/// A short stem, not a root of the dictionary: `payment`, `payments` and `paying` are `pay`. The flag is a last `i`
/// in place of a `y`.
fn stem(word: &[u8]) -> (&[u8], bool) {
    let Some(last) = word.last() else { return (word, false) };
    if last.is_ascii_digit() && word.iter().all(u8::is_ascii_digit) {
        return (word, false);
    }
    let mut stem = word.get(..word.len() - ending(word)).unwrap_or(word);
    if word.ends_with(b"ies") && stem.len() + 3 == word.len() {
        return (stem, true);
    }
    if let [rest @ .., b'e'] = stem
        && rest.len() >= 3
    {
        stem = rest;
    }
    if let [rest @ .., b'y'] = stem
        && rest.len() >= 3
    {
        return (rest, true);
    }
    if let [rest @ .., before, last] = stem
        && before == last
        && rest.len() >= 2
    {
        stem = stem.get(..stem.len() - 1).unwrap_or(stem);
    }
    (stem, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        for (left, right) in [
            ("José", "jose"),
            ("Straße", "STRASSE"),
            ("Łódź", "lodz"),
            ("ﬁne", "fine"),
            ("e\u{301}", "E"),
        ] {
            assert_eq!(Folded::of(left).fact, Folded::of(right).fact, "{left}");
        }
        assert_ne!(Folded::of("Bob").fact, Folded::of("Rob").fact);
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for group in [
            &["payment", "payments", "pay", "paying"][..],
            &["decide", "decided", "decides", "deciding"],
            &["party", "parties"],
            &["stop", "stopped", "stopping"],
        ] {
            let stems: Vec<Fact> = group.iter().map(|word| Folded::of(word).stem()).collect();
            assert!(stems.windows(2).all(|two| two[0] == two[1]), "{group:?}");
        }
        assert_ne!(Folded::of("accept").stem(), Folded::of("refuse").stem());
    }

    #[test]
    fn a_long_word_is_told_by_all_of_it() {
        let long = "a".repeat(200);
        assert_eq!(Folded::of(&long).stem(), Folded::of(&long.to_uppercase()).stem());
        assert_ne!(Folded::of(&long).stem(), Folded::of(&format!("{long}b")).stem());
        assert!(Folded::of(&long).bytes().is_empty());
    }
}
