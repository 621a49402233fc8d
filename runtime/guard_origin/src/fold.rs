//! Spellings that a reader would take for the same become the same characters.
//!
//! Invisible characters go, then NFKC, lower case, look-alikes, and NFKC once more, so that what
//! was folded is its own folding. The table of look-alikes is small and our own: letters of other
//! scripts that pass for one of ASCII in common fonts, small capitals, and digits of other
//! scripts. Case comes first, so each Greek or Cyrillic letter stands for the same ASCII letter in
//! both cases, whichever case it resembles more.

use std::ops::ControlFlow;
use unicode_normalization::UnicodeNormalization;

/// Hands the characters of the folded text to `each` until it breaks. Allocates only for more than
/// four combining marks in a row.
pub(crate) fn fold(text: &str, mut each: impl FnMut(char) -> ControlFlow<()>) -> ControlFlow<()> {
    if text.is_ascii() {
        return text.bytes().try_for_each(|byte| each(char::from(byte.to_ascii_lowercase())));
    }
    text.chars()
        .filter(|c| !is_invisible(*c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(look_alike)
        .nfkc()
        .try_for_each(each)
}

/// Unicode's default ignorable code points, and the interlinear marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The ASCII character that `c`, which is lower case, passes for; `c` itself where there is none.
fn look_alike(c: char) -> char {
    if c.is_ascii() { c } else { letter(c).or_else(|| digit(c)).or_else(|| mark(c)).unwrap_or(c) }
}

/// The ASCII letter or digit that a letter of another script passes for.
pub(crate) fn letter(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'β' | 'ʙ' | 'ƅ' => 'b',
        'с' | 'ᴄ' | 'ⅽ' => 'c',
        'ԁ' | 'ᴅ' => 'd',
        'е' | 'ε' | 'ᴇ' | 'ҽ' | '℮' => 'e',
        'ꜰ' => 'f',
        'ɡ' | 'ɢ' | 'ց' => 'g',
        'һ' | 'н' | 'ʜ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' | 'ɪ' => 'i',
        'ј' | 'ϳ' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ӏ' | 'ʟ' | 'ⵏ' => 'l',
        'м' | 'ᴍ' => 'm',
        'η' | 'ɴ' | 'ո' => 'n',
        'о' | 'ο' | 'ᴏ' | 'օ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' | 'զ' => 'q',
        'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'μ' | 'ᴜ' | 'ս' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' | 'ʏ' => 'y',
        'ζ' | 'ᴢ' => 'z',
        'з' | 'ӡ' => '3',
        'б' => '6',
        _ => return None,
    })
}

/// The ASCII digit for one of another script.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 22] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
        0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0xA620,
    ];
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|v| *v < 10));
    value.and_then(|value| char::from_digit(value, 10))
}

/// Hyphens, the minus sign, the separators of Arabic numbers, and what remains.
fn mark(c: char) -> Option<char> {
    match c {
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2212}' => Some('-'),
        '\u{66B}' => Some('.'),
        '\u{66C}' => Some(','),
        // The sigma at a word's end is the same letter.
        'ς' => Some('σ'),
        _ => None,
    }
}

/// Whether part of a word of `text` is a letter of another script that passes for an ASCII letter
/// while another part is ASCII: `pаypal.com` with a Cyrillic `а`. An index takes it for
/// `paypal.com`. Who trusts a value because the user said it should not trust one like this.
#[must_use]
pub fn is_disguised(text: &str) -> bool {
    let (mut ascii, mut foreign) = (false, false);
    let lower = text.chars().filter(|c| !is_invisible(*c)).nfkc().flat_map(char::to_lowercase);
    for c in lower {
        if c.is_whitespace() {
            (ascii, foreign) = (false, false);
        }
        ascii |= c.is_ascii_alphabetic();
        foreign |= letter(c).is_some();
        if ascii && foreign {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        let mut result = String::new();
        let _ = fold(text, |c| {
            result.push(c);
            ControlFlow::Continue(())
        });
        result
    }

    #[test]
    fn every_character_folds_to_its_own_folding() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let once = folded(c.encode_utf8(&mut [0; 4]));
            assert_eq!(folded(&once), once, "{c:?} U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn look_alikes_fold_to_ascii() {
        for (text, want) in [
            ("ｅｖｉｌ．ｃｏｍ", "evil.com"),
            ("еvіӏ.соm", "evil.com"),
            ("EVIL.com", "evil.com"),
            ("ev\u{200B}i\u{AD}l.c\u{2060}om", "evil.com"),
            ("𝐞𝐯𝐢𝐥", "evil"),
            ("Straße", "straße"),
            ("e\u{301}", "é"),
            ("e\u{200D}\u{301}", "é"),
            ("٣٫٥", "3.5"),
            ("\u{2212}5", "-5"),
        ] {
            assert_eq!(folded(text), want, "{text}");
        }
    }

    #[test]
    fn a_word_of_two_scripts_is_disguised() {
        for (text, want) in [
            ("pаypal.com", true),
            ("paypal.com", false),
            ("Привет, мир", false),
            ("Привет world", false),
            ("аррӏе.com", true),
            ("café", false),
        ] {
            assert_eq!(is_disguised(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_folded_is_its_own_folding(text in "\\PC{0,12}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
