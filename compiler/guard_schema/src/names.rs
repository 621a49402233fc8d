//! Names from schemas: which can be declared, which are too alike, and how each is written.

use std::collections::BTreeMap;

use guard_grammar::is_invisible;
use unicode_normalization::UnicodeNormalization;

use crate::codes;
use crate::report::Report;
use crate::site::Site;

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
    } else if name.chars().any(is_invisible) {
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
