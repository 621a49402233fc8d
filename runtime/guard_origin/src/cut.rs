//! Cuts a text into atoms, and finds the numbers that stand in it.
//!
//! Both work on the folded characters, one after the other, in memory of fixed size.

use crate::fold::fold;
use crate::limits::ATOM_BYTES_MAX;
use crate::number::{Number, NumberCutter};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use unicode_normalization::char::is_combining_mark;

/// Who is told what stands in a text, in its order.
pub(crate) trait Sink {
    /// An atom's bytes, or what stands for a long one. To break is to be told no more.
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()>;

    /// A number. Its atoms were told before.
    fn number(&mut self, _number: Number) {}
}

/// Tells `sink` of the atoms of `text`.
pub(crate) fn cut(text: &str, sink: &mut impl Sink) {
    let mut atoms = AtomCutter::new();
    let end = fold(text, |c| atoms.push(c, sink));
    if end.is_continue() {
        let _ = atoms.finish(sink);
    }
}

/// Tells `sink` of the atoms and numbers of `text`.
pub(crate) fn cut_with_numbers(text: &str, sink: &mut impl Sink) {
    let mut atoms = AtomCutter::new();
    let mut numbers = NumberCutter::new();
    let end = fold(text, |c| {
        atoms.push(c, sink)?;
        numbers.push(c, sink);
        ControlFlow::Continue(())
    });
    if end.is_continue() && atoms.finish(sink).is_continue() {
        numbers.finish(sink);
    }
}

pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        c.is_alphanumeric() || is_combining_mark(c)
    }
}

pub(crate) fn is_connector(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '@' | '+' | '%')
}

/// What follows a scheme.
const AFTER_SCHEME: [char; 3] = [':', '/', '/'];

struct AtomCutter {
    bytes: [u8; ATOM_BYTES_MAX],
    length: usize,
    /// Set when the atom is longer than `bytes`; then it has seen all of it.
    digest: Option<Sha256>,
    /// A connector after the atom, which belongs to it if it goes on.
    pending: Option<char>,
    /// How much of `://` was seen after the atom, which is `http` or `https`.
    scheme: usize,
}

impl AtomCutter {
    fn new() -> Self {
        Self { bytes: [0; ATOM_BYTES_MAX], length: 0, digest: None, pending: None, scheme: 0 }
    }

    fn push(&mut self, c: char, sink: &mut impl Sink) -> ControlFlow<()> {
        if self.scheme > 0 {
            if AFTER_SCHEME.get(self.scheme) == Some(&c) {
                self.scheme += 1;
                if self.scheme == AFTER_SCHEME.len() {
                    self.clear();
                }
                return ControlFlow::Continue(());
            }
            self.finish(sink)?;
        }
        if is_word(c) {
            if let Some(connector) = self.pending.take() {
                self.put(connector);
            }
            self.put(c);
        } else if self.length > 0 {
            if self.pending.is_none() && is_connector(c) {
                self.pending = Some(c);
            } else if self.pending.is_none() && c == ':' && self.is_scheme() {
                self.scheme = 1;
            } else {
                self.finish(sink)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn finish(&mut self, sink: &mut impl Sink) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        if let Some(digest) = self.digest.take() {
            // No atom begins with this byte, because it is not UTF-8.
            let mut name = [0xFF; DIGEST_NAME_BYTES];
            for (to, from) in name.iter_mut().skip(1).zip(digest.finalize()) {
                *to = from;
            }
            flow = sink.atom(&name);
        } else if self.length > 0 {
            flow = sink.atom(self.bytes.get(..self.length).unwrap_or_default());
        }
        self.clear();
        flow
    }

    fn clear(&mut self) {
        self.length = 0;
        self.digest = None;
        self.pending = None;
        self.scheme = 0;
    }

    fn is_scheme(&self) -> bool {
        self.digest.is_none() && matches!(self.bytes.get(..self.length), Some(b"http" | b"https"))
    }

    fn put(&mut self, c: char) {
        let mut encoded = [0; 4];
        let encoded = c.encode_utf8(&mut encoded).as_bytes();
        if self.digest.is_none() {
            let end = self.length + encoded.len();
            if let Some(room) = self.bytes.get_mut(self.length..end) {
                room.copy_from_slice(encoded);
                self.length = end;
                return;
            }
        }
        let so_far = self.bytes.get(..self.length).unwrap_or_default();
        self.digest.get_or_insert_with(|| Sha256::new().chain_update(so_far)).update(encoded);
    }
}

/// What stands for a long atom: one byte that no other atom begins with, and its SHA-256.
pub(crate) const DIGEST_NAME_BYTES: usize = 33;

/// Whether an atom can be these bytes, or be called by them.
pub(crate) fn is_atom_name(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(0xFF) => bytes.len() == DIGEST_NAME_BYTES,
        Some(_) => bytes.len() <= ATOM_BYTES_MAX && std::str::from_utf8(bytes).is_ok(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Texts(Vec<String>);

    impl Sink for Texts {
        fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            self.0.push(String::from_utf8_lossy(bytes).into_owned());
            ControlFlow::Continue(())
        }
    }

    struct Names(Vec<Vec<u8>>);
    impl Sink for Names {
        fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            self.0.push(bytes.to_vec());
            ControlFlow::Continue(())
        }
    }

    fn atoms(text: &str) -> Vec<String> {
        let mut texts = Texts(Vec::new());
        cut(text, &mut texts);
        texts.0
    }

    #[test]
    fn weak_connectors_join_and_strong_characters_part() {
        for (text, want) in [
            ("bob@x.com", vec!["bob@x.com"]),
            ("not-evil.com, W-123", vec!["not-evil.com", "w-123"]),
            ("2026-01-13 13.5 2013.", vec!["2026-01-13", "13.5", "2013"]),
            ("a..b -c- d.-e", vec!["a", "b", "c", "d", "e"]),
            ("don't “say” O’Brien", vec!["don", "t", "say", "o", "brien"]),
            ("a/b?c=d&e#f~g;h|i<j>k", vec!["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]),
            ("", vec![]),
            ("... --- ///", vec![]),
            ("a%20b 50%", vec!["a%20b", "50"]),
        ] {
            assert_eq!(atoms(text), want, "{text}");
        }
    }

    #[test]
    fn a_scheme_and_a_last_slash_are_no_atoms() {
        let want = vec!["www.a.com", "x"];
        for text in
            ["http://www.a.com/x/", "HTTPS://www.a.com/x", "www.a.com/x", "ｈttp://www.a.com/x"]
        {
            assert_eq!(atoms(text), want, "{text}");
        }
        assert_eq!(atoms("http"), ["http"]);
        assert_eq!(atoms("http: x"), ["http", "x"]);
        assert_eq!(atoms("http:/x"), ["http", "x"]);
        assert_eq!(atoms("http://http://x"), ["x"]);
        assert_eq!(atoms("ftp://x x-http://y"), ["ftp", "x", "x-http", "y"]);
        assert_eq!(atoms("see http:"), ["see", "http"]);
    }

    #[test]
    fn a_long_atom_has_another_name_than_any_short_one() {
        let long = "a".repeat(ATOM_BYTES_MAX);
        assert_eq!(atoms(&long), [long.as_str()]);
        let mut names = Names(Vec::new());
        cut(&format!("{long}a {long}b {long}a {long}"), &mut names);
        assert_eq!(names.0[0], names.0[2]);
        assert_ne!(names.0[0], names.0[1]);
        assert_eq!(names.0[0].len(), DIGEST_NAME_BYTES);
        assert!(names.0.iter().all(|name| is_atom_name(name)));
    }

    /// The definition, character by character, of a text that is its own folding.
    fn naive_atoms(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let is_word_at =
            |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_word(*c));
        let is_inside = |at: usize| {
            let joins = is_connector(chars[at]);
            is_word_at(Some(at))
                || (joins && is_word_at(at.checked_sub(1)) && is_word_at(Some(at + 1)))
        };
        let mut found = Vec::new();
        let mut start = 0;
        for end in 0..=chars.len() {
            if end < chars.len() && is_inside(end) {
                continue;
            }
            let atom: String = chars[start..end].iter().collect();
            let is_name = atom == "http" || atom == "https";
            let is_scheme = is_name && chars[end..].starts_with(&AFTER_SCHEME);
            if !atom.is_empty() && !is_scheme {
                found.push(atom);
            }
            start = end + 1;
        }
        found
    }

    proptest! {
        #[test]
        fn atoms_are_what_the_definition_says(text in "(http|https|://|[ab1é.@:/ _,-]){0,24}") {
            prop_assert_eq!(atoms(&text), naive_atoms(&text));
        }
    }
}
