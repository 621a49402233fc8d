//! Texts and names as a policy writes them, for programs that write policies.

use crate::token::RESERVED;

/// A string literal.
pub fn written_string(value: &str) -> String {
    let mut literal = String::from('"');
    for character in value.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if is_invisible(c) => literal.extend(c.escape_unicode()),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// The name of an argument, a field or a parameter: quoted where it is no plain word.
pub fn written_name(name: &str) -> String {
    if is_plain_word(name) { name.to_owned() } else { written_string(name) }
}

/// A tool's name: words joined by dots stay as they are, everything else is quoted.
pub fn written_path(name: &str) -> String {
    if name.split('.').all(is_plain_word) { name.to_owned() } else { written_string(name) }
}

fn is_plain_word(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.iter().any(|(reserved, _)| *reserved == word)
}

/// Characters that are not seen, or change how those around them are shown.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_go_without_quotes() {
        assert_eq!(written_path("bank.admin.close_2"), "bank.admin.close_2");
        for name in ["my-tool", "a..b", ".a", "2nd", "a.if", "when", "naïve", "a b", "a/b"] {
            assert_eq!(written_path(name), format!("\"{name}\""));
        }
        assert_eq!(written_name("a.b"), "\"a.b\"");
        for name in ["to", "from", "limit", "input", "text", "user", "result", "_", "type"] {
            assert_eq!(written_name(name), name);
        }
        assert_eq!(written_string("a\"\\\n\u{7}"), "\"a\\\"\\\\\\n\\u{7}\"");
    }
}
