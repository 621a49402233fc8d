//! Makes other people's words safe to stand in a comment or a message: one line, nothing invisible.

use guard_grammar::is_invisible;

/// The text on one line, runs of space as one space, invisible characters dropped, cut to
/// `chars_max` characters with `…` as the last.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut space_pending = false;
    for character in text.chars() {
        if character.is_whitespace() || is_line_break(character) {
            space_pending = length > 0;
            continue;
        }
        if is_invisible(character) {
            continue;
        }
        let needed = 1 + usize::from(space_pending);
        if length + needed > chars_max {
            shorten(&mut line, length, chars_max);
            return line;
        }
        if space_pending {
            line.push(' ');
        }
        line.push(character);
        length += needed;
        space_pending = false;
    }
    line
}

/// U+2028 and U+2029 end a line in some editors, whatever the language says.
fn is_line_break(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Makes room for `…` where the line is full.
fn shorten(line: &mut String, length: usize, chars_max: usize) {
    if length >= chars_max {
        line.pop();
    }
    line.truncate(line.trim_end().len());
    line.push('…');
}

/// The first sentence of a description, on one line.
pub(crate) fn first_sentence(description: &str, chars_max: usize) -> String {
    let paragraph = description.trim_start().split("\n\n").next().unwrap_or_default();
    let mut end = paragraph.len();
    for (at, mark) in paragraph.match_indices(['.', '!', '?']) {
        let after = at + mark.len();
        let (sentence, rest) = paragraph.split_at(after);
        if ends_sentence(sentence, rest) {
            end = after;
            break;
        }
    }
    one_line(paragraph.split_at(end).0, chars_max)
}

/// `e.g. 'inbox'` and `0.5` end nothing.
fn ends_sentence(sentence: &str, rest: &str) -> bool {
    let abbreviated = ["e.g.", "i.e.", "etc.", "vs.", "cf."];
    let starts_anew = rest
        .trim_start_matches(char::is_whitespace)
        .chars()
        .next()
        .is_none_or(|first| !first.is_lowercase());
    rest.starts_with(char::is_whitespace)
        && starts_anew
        && !abbreviated.iter().any(|word| sentence.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_its_first_sentence() {
        assert_eq!(first_sentence("Sends it. Then waits.", 160), "Sends it.");
        assert_eq!(first_sentence("  Sends\n   it\r\nnow\n\nMore.", 160), "Sends it now");
        assert_eq!(first_sentence("Reads v1.2 of it, e.g. Inbox. More.", 160), {
            "Reads v1.2 of it, e.g. Inbox."
        });
        assert_eq!(first_sentence("", 160), "");
    }

    #[test]
    fn nothing_invisible_and_no_line_break_survives() {
        let hostile = "a\u{0}b\u{1b}[31mc\u{202e}d\u{2028}agent x {\u{85}}\u{200b}\u{feff}";
        assert_eq!(one_line(hostile, 160), "ab[31mcd agent x { }");
    }

    #[test]
    fn a_long_text_is_cut_at_the_limit() {
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "abcde…");
        assert_eq!(one_line("abcde fgh", 6), "abcde…");
        assert_eq!(one_line(&"é".repeat(1000), 160).chars().count(), 160);
    }
}
