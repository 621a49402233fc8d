//! Makes text that others wrote safe to show: nothing in it can steer a terminal, hide itself or
//! change the order in which a line reads.
//!
//! INVARIANT: shown text holds no control character but newline and tab, and no bidirectional or
//! invisible formatting character.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character must not reach a terminal as it is.
pub(crate) fn must_be_escaped(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        _ => {
            c.is_control()
                || matches!(c,
                    '\u{00ad}' | '\u{061c}' | '\u{180e}'
                    | '\u{200b}' | '\u{200e}' | '\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                    | '\u{e0000}'..='\u{e007f}')
        }
    }
}

/// The text with every such character written as `\u{202e}`. Lines stay lines.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(must_be_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push_shown(&mut safe, c));
    Cow::Owned(safe)
}

/// The same for text that must stay on one line.
pub(crate) fn shown_on_one_line(text: &str) -> Cow<'_, str> {
    match shown(text) {
        safe if !safe.contains(['\n', '\t']) => safe,
        safe => Cow::Owned(safe.replace('\n', "\\n").replace('\t', "\\t")),
    }
}

fn push_shown(safe: &mut String, c: char) {
    if must_be_escaped(c) {
        // Writing to a String cannot fail.
        let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
    } else {
        safe.push(c);
    }
}

/// A source text made safe to show, and where its bytes went.
#[derive(Debug)]
pub(crate) struct ShownSource {
    /// The safe text.
    pub(crate) text: String,
    /// For each character of the original its byte offset and its character offset in `text`;
    /// ends with the end of both.
    moved: Vec<(usize, usize)>,
}

impl ShownSource {
    /// Makes a source safe to show.
    pub(crate) fn new(source: &str) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut moved = Vec::new();
        let mut characters = 0;
        let mut chars = source.char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            moved.push((offset, characters));
            let before_newline = chars.peek().is_some_and(|(_, next)| *next == '\n');
            if c == '\r' && before_newline {
                // Half of a line end, and not a character that anyone wrote.
                continue;
            }
            let start = text.len();
            push_shown(&mut text, c);
            characters += text.get(start..).unwrap_or_default().chars().count();
        }
        moved.push((source.len(), characters));
        Self { text, moved }
    }

    /// A byte range of the original as characters of the safe text: clamped to the text and grown
    /// to whole characters.
    pub(crate) fn characters(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let end_of_text = self.moved.last().map_or(0, |(_, characters)| *characters);
        let first = self.moved.partition_point(|(offset, _)| *offset <= start).saturating_sub(1);
        let from = self.moved.get(first).map_or(end_of_text, |(_, characters)| *characters);
        if end <= start {
            return from..from;
        }
        let last = self.moved.partition_point(|(offset, _)| *offset < end);
        let to = self.moved.get(last).map_or(end_of_text, |(_, characters)| *characters);
        from..to.max(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        let hostile = "a\u{1b}[31mb\u{202e}c\u{9b}d\u{7f}e\0f\rg\u{2066}h\u{2028}i";
        let safe = shown(hostile);
        assert!(!safe.chars().any(must_be_escaped), "{safe}");
        assert!(safe.starts_with("a\\u{1b}[31mb\\u{202e}c"), "{safe}");
        assert_eq!(shown_on_one_line("a\nb\tc"), "a\\nb\\tc");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(shown("naïve\tтекст 漢字 👍"), Cow::Borrowed(_)));
    }

    #[test]
    fn offsets_follow_what_escaping_moved() {
        let source = "é\u{1b}x\r\ny";
        let shown = ShownSource::new(source);
        assert_eq!(shown.text, "é\\u{1b}x\ny");
        let x = source.find('x').unwrap();
        let moved = shown.characters(x, x + 1);
        assert_eq!(shown.text.chars().nth(moved.start), Some('x'));
        assert_eq!(moved.len(), 1);
        assert_eq!(shown.characters(1, 2), 0..1, "half a character grows to the whole");
        assert_eq!(shown.characters(500, 900), 10..10);
    }
}
