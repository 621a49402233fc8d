//! Cuts a folded text into atoms.

use crate::fold::fold;
use std::ops::Range;

/// A text, folded, and where its atoms are. Reused, so that a warm one allocates nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cut {
    pub(crate) text: String,
    pub(crate) atoms: Vec<Range<usize>>,
}

impl Cut {
    /// Cuts a text.
    pub(crate) fn cut(&mut self, text: &str) {
        self.text.clear();
        self.atoms.clear();
        fold(text, &mut self.text);
        let mut start = None;
        let mut before_is_word = false;
        let mut rest = self.text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let is_word = c.is_alphanumeric();
            let mut next_is_word = || rest.peek().is_some_and(|(_, next)| next.is_alphanumeric());
            if is_word || (is_joint(c) && before_is_word && next_is_word()) {
                start = start.or(Some(at));
            } else if let Some(start) = start.take() {
                self.atoms.push(start..at);
            }
            before_is_word = is_word;
        }
        if let Some(start) = start {
            self.atoms.push(start..self.text.len());
        }
        let text = &self.text;
        self.atoms.retain(|atom| !is_scheme(text, atom));
    }

    /// The bytes of an atom.
    pub(crate) fn atom(&self, atom: &Range<usize>) -> &[u8] {
        self.text.as_bytes().get(atom.clone()).unwrap_or_default()
    }
}

/// What joins letters and digits on both sides of it to one word.
fn is_joint(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '@' | '+' | '%')
}

/// `http` or `https` in front of `://`.
fn is_scheme(text: &str, atom: &Range<usize>) -> bool {
    let word = text.get(atom.clone()).unwrap_or_default();
    let behind = text.get(atom.end..).unwrap_or_default();
    matches!(word, "http" | "https") && behind.starts_with("://")
}
