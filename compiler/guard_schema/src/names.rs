//! Names from schemas: which can be declared, which are too alike, and how each is written.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::report::Report;
use crate::site::Site;
use crate::{codes, text};

/// Words of the language that no name can be without quotes.
const RESERVED: [&str; 13] = [
    "and", "else", "false", "has", "if", "in", "not", "or", "then", "tool", "true", "unless",
    "when",
];

/// Longer than any real name (MCP advises 128); keeps messages and declarations readable.
const CHARS_MAX: usize = 256;

/// The name after NFC, in which the language compares names; `None` after reporting what is wrong.
pub(crate) fn checked(
    name: &str,
    what: &str,
    site: &Site<'_>,
    report: &mut Report,
) -> Option<String> {
    let wrong = if name.is_empty() {
        format!("the name of {what} is empty")
    } else if name.chars().any(text::is_invisible) {
        let shown: String = name.chars().take(CHARS_MAX).flat_map(char::escape_default).collect();
        format!("the name of {what} contains an invisible character: \"{shown}\"")
    } else if name.chars().count() > CHARS_MAX {
        format!("the name of {what} is longer than {CHARS_MAX} characters")
    } else {
        return Some(name.nfc().collect());
    };
    report.error(codes::BAD_NAME, site, wrong, Some("rename it where it is defined"));
    None
}

/// The names declared so far in one place.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Every form under which a name could be taken for another, with that name.
    forms: BTreeMap<(Form, String), String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Exact,
    CaseFolded,
    SameShape,
    SameShapeCaseFolded,
}

impl Declared {
    /// Adds a name; the earlier name if it is the same.
    pub(crate) fn add_exact(&mut self, name: &str) -> Option<String> {
        self.forms.insert((Form::Exact, name.to_owned()), name.to_owned())
    }

    /// Adds a name; the earlier name that it is or that it could be taken for.
    pub(crate) fn add_distinct(&mut self, name: &str) -> Option<String> {
        let shape: String = name.nfkc().map(latin_shape).collect();
        let forms = [
            (Form::Exact, name.to_owned()),
            (Form::CaseFolded, name.nfkc().collect::<String>().to_lowercase()),
            (Form::SameShape, shape.chars().map(digit_shape).collect()),
            (Form::SameShapeCaseFolded, shape.to_lowercase()),
        ];
        let mut taken = None;
        for form in forms {
            let earlier = self.forms.insert(form, name.to_owned());
            taken = taken.or(earlier);
        }
        taken
    }
}

/// What is wrong with a second name, in words.
pub(crate) fn clash(what: &str, earlier: &str, name: &str) -> String {
    if earlier == name {
        format!("{what} `{name}` is declared twice")
    } else {
        format!("{what} `{earlier}` and `{name}` differ only by case or by letters that look alike")
    }
}

/// Digits and capitals that pass for a letter: `read_fi1e`.
fn digit_shape(character: char) -> char {
    match character {
        '0' | 'O' => 'o',
        '1' | 'I' | '|' => 'l',
        other => other,
    }
}

/// The Latin letter that a letter of another script is drawn like. Compatibility forms (full width,
/// mathematical) are already folded; what is left are the scripts of Europe.
fn latin_shape(character: char) -> char {
    match character {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Ԍ' => 'G',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' | 'Ϳ' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' | 'Օ' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ԛ' => 'Q',
        'Ѕ' | 'Տ' => 'S',
        'Т' | 'Τ' => 'T',
        'Ս' => 'U',
        'Ѵ' => 'V',
        'Ԝ' => 'W',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' | 'Ү' => 'Y',
        'Ζ' => 'Z',
        'а' | 'α' | 'ɑ' => 'a',
        'Ь' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' => 'i',
        'ј' | 'ϳ' => 'j',
        'κ' | 'к' => 'k',
        'ӏ' | 'ǀ' => 'l',
        'ո' => 'n',
        'о' | 'ο' | 'օ' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'υ' | 'ս' | 'ʋ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' => 'y',
        other => other,
    }
}

/// A tool's name: words joined by dots stay as they are, everything else is quoted.
pub(crate) fn written_path(name: &str) -> String {
    if name.split('.').all(is_plain_word) { name.to_owned() } else { quoted(name) }
}

/// The name of an argument or a field.
pub(crate) fn written_word(name: &str) -> String {
    if is_plain_word(name) { name.to_owned() } else { quoted(name) }
}

fn is_plain_word(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&word)
}

/// A string literal.
pub(crate) fn quoted(value: &str) -> String {
    let mut literal = String::from('"');
    for character in value.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if text::is_invisible(c) => literal.extend(c.escape_unicode()),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A type's name from a title: `Send e-mail arguments` becomes `SendEMailArguments`.
pub(crate) fn type_name(title: &str) -> Option<String> {
    let mut name = String::new();
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut characters = word.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    (starts_well && name.len() <= CHARS_MAX).then_some(name)
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
        assert_eq!(written_word("a.b"), "\"a.b\"");
        for name in ["to", "from", "limit", "input", "text", "user", "result", "_", "type"] {
            assert_eq!(written_word(name), name);
        }
        assert_eq!(quoted("a\"\\\n\u{7}"), "\"a\\\"\\\\\\n\\u{7}\"");
    }

    #[test]
    fn names_that_pass_for_each_other_clash() {
        let pairs = [
            ("send", "send"),
            ("send_money", "Send_Money"),
            ("send_money", "sеnd_money"),
            ("send_money", "SЕND_money"),
            ("read_file", "read_fi1e"),
            ("to", "t0"),
            ("send", "ｓｅｎｄ"),
            ("Привет", "привет"),
        ];
        for (first, second) in pairs {
            let mut declared = Declared::default();
            assert_eq!(declared.add_distinct(first), None);
            assert_eq!(declared.add_distinct(second).as_deref(), Some(first), "{second}");
        }
        let mut declared = Declared::default();
        for name in ["read_file", "read_files", "read-file", "write_file", "get_a", "get_b", "é"] {
            assert_eq!(declared.add_distinct(name), None, "{name}");
        }
    }

    #[test]
    fn a_title_becomes_a_type_name() {
        assert_eq!(type_name("Input schema for `send`").as_deref(), Some("InputSchemaForSend"));
        assert_eq!(type_name("order"), Some("Order".to_owned()));
        assert_eq!(type_name("2 x"), None);
        assert_eq!(type_name("…"), None);
    }
}
