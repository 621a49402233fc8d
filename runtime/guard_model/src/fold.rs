//! What a character looks like, whatever it is: the symbol a reader takes it for.
//!
//! A symbol is one byte. Letters that look like a Latin letter are that letter in lower case, `l` and `i` are one;
//! other letters are 128 and more, seven bits of their code point. The tables are a selection from Unicode's
//! confusables (UTS 39) and blocks of decorated letters; compatibility forms are undone by Unicode's own tables.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What a character is to the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    /// Nothing that is seen.
    Nothing,
    /// A blank or a line's end.
    Blank,
    /// A letter or digit, as a symbol.
    Symbol(u8),
    /// A sign that is a word by itself, as Chinese and Japanese have them.
    Ideograph(u8),
    /// Anything else.
    Other(u8),
}

/// The symbol of an ASCII letter or digit, 0 for what is neither.
pub(crate) const ASCII_SYMBOLS: [u8; 256] = ascii_symbols();

const fn ascii_symbols() -> [u8; 256] {
    let mut symbols = [0_u8; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            let lower = byte.to_ascii_lowercase();
            // In many typefaces they are one stroke.
            #[expect(
                clippy::indexing_slicing,
                reason = "a byte is below 256, and this runs while compiling"
            )]
            {
                symbols[byte as usize] = if lower == b'l' { b'i' } else { lower };
            }
        }
        byte += 1;
    }
    symbols
}

/// The symbol of an ASCII byte, 0 for what is neither a letter nor a digit.
#[inline]
pub(crate) fn ascii_symbol(byte: u8) -> u8 {
    ASCII_SYMBOLS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Folds one character; `put` is called for each part, since `㎏` has two.
pub(crate) fn fold(character: char, mut put: impl FnMut(Folded)) {
    if character.is_ascii() {
        return put(fold_part(character));
    }
    if is_invisible(character) {
        return put(Folded::Nothing);
    }
    if let Some(letter) = decorated(character) {
        return put(Folded::Symbol(ascii_symbol(letter)));
    }
    // Syllables of Hangul would fall apart into their letters.
    if matches!(character, '\u{AC00}'..='\u{D7A3}') {
        return put(Folded::Symbol(high_symbol(character)));
    }
    decompose_compatible(character, |part| put(fold_part(part)));
}

fn fold_part(part: char) -> Folded {
    if let Ok(byte) = u8::try_from(part)
        && byte < 128
    {
        return match ascii_symbol(byte) {
            0 if byte.is_ascii_whitespace() => Folded::Blank,
            0 if byte.is_ascii_control() => Folded::Nothing,
            0 => Folded::Other(byte),
            symbol => Folded::Symbol(symbol),
        };
    }
    if is_combining_mark(part) {
        return Folded::Nothing;
    }
    let lower = part.to_lowercase().next().unwrap_or(part);
    if let Some(letter) = looks_like(lower) {
        return Folded::Symbol(letter);
    }
    match lower {
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}' => {
            Folded::Ideograph(high_symbol(lower))
        }
        _ if lower.is_alphanumeric() => Folded::Symbol(high_symbol(lower)),
        _ if lower.is_whitespace() => Folded::Blank,
        _ => Folded::Other(high_symbol(lower)),
    }
}

/// Letters of one alphabet stand together, so seven bits keep most of them apart.
fn high_symbol(character: char) -> u8 {
    let [low, ..] = u32::from(character).to_le_bytes();
    low | 0x80
}

/// What takes no room: joiners, marks of direction, variation selectors, soft hyphens.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E001F}' | '\u{E007F}'..='\u{E0FFF}'
    )
}

/// Letters in circles, squares and flags, and the invisible tags that repeat ASCII, as their letter.
fn decorated(character: char) -> Option<u8> {
    let from = |start: char| {
        let offset = u32::from(character) - u32::from(start);
        u8::try_from(offset % 26).ok().and_then(|offset| b'a'.checked_add(offset))
    };
    match character {
        '\u{1F150}'..='\u{1F169}' => from('\u{1F150}'),
        '\u{1F170}'..='\u{1F189}' => from('\u{1F170}'),
        '\u{1F1E6}'..='\u{1F1FF}' => from('\u{1F1E6}'),
        _ => None,
    }
}

/// The ASCII character that an invisible tag character repeats.
pub(crate) fn tagged(character: char) -> Option<char> {
    match character {
        '\u{E0020}'..='\u{E007E}' => char::from_u32(u32::from(character) - 0xE_0000),
        _ => None,
    }
}

/// The Latin letter that a letter in lower case is mistaken for, as a symbol.
fn looks_like(lower: char) -> Option<u8> {
    let at = LOOKALIKES.binary_search_by_key(&lower, |(other, _)| *other).ok()?;
    LOOKALIKES.get(at).map(|(_, letter)| *letter)
}

/// Sorted by the first. `l` stands as `i`.
const LOOKALIKES: &[(char, u8)] = &[
    ('ø', b'o'),
    ('đ', b'd'),
    ('ħ', b'h'),
    ('ı', b'i'),
    ('ł', b'i'),
    ('ƅ', b'b'),
    ('ƒ', b'f'),
    ('ƽ', b's'),
    ('ǀ', b'i'),
    ('ȷ', b'j'),
    ('ɐ', b'a'),
    ('ɑ', b'a'),
    ('ɒ', b'a'),
    ('ɓ', b'b'),
    ('ɔ', b'c'),
    ('ɕ', b'c'),
    ('ɗ', b'd'),
    ('ɘ', b'e'),
    ('ə', b'e'),
    ('ɛ', b'e'),
    ('ɡ', b'g'),
    ('ɢ', b'g'),
    ('ɣ', b'y'),
    ('ɥ', b'u'),
    ('ɦ', b'h'),
    ('ɩ', b'i'),
    ('ɪ', b'i'),
    ('ɫ', b'i'),
    ('ɯ', b'm'),
    ('ɴ', b'n'),
    ('ɵ', b'o'),
    ('ɹ', b'r'),
    ('ɾ', b'r'),
    ('ʀ', b'r'),
    ('ʂ', b's'),
    ('ʇ', b't'),
    ('ʋ', b'u'),
    ('ʌ', b'v'),
    ('ʍ', b'w'),
    ('ʏ', b'y'),
    ('ʙ', b'b'),
    ('ʜ', b'h'),
    ('ʟ', b'i'),
    ('α', b'a'),
    ('β', b'b'),
    ('γ', b'y'),
    ('ε', b'e'),
    ('η', b'n'),
    ('ι', b'i'),
    ('κ', b'k'),
    ('μ', b'u'),
    ('ν', b'v'),
    ('ο', b'o'),
    ('ρ', b'p'),
    ('ς', b'c'),
    ('σ', b'o'),
    ('τ', b't'),
    ('υ', b'u'),
    ('χ', b'x'),
    ('ω', b'w'),
    ('ϲ', b'c'),
    ('ϳ', b'j'),
    ('а', b'a'),
    ('в', b'b'),
    ('г', b'r'),
    ('е', b'e'),
    ('к', b'k'),
    ('м', b'm'),
    ('н', b'h'),
    ('о', b'o'),
    ('п', b'n'),
    ('р', b'p'),
    ('с', b'c'),
    ('т', b't'),
    ('у', b'y'),
    ('х', b'x'),
    ('ь', b'b'),
    ('ѕ', b's'),
    ('і', b'i'),
    ('ј', b'j'),
    ('ѡ', b'w'),
    ('ѵ', b'v'),
    ('ґ', b'r'),
    ('ү', b'y'),
    ('һ', b'h'),
    ('ӏ', b'i'),
    ('ө', b'o'),
    ('ԁ', b'd'),
    ('ԛ', b'q'),
    ('ԝ', b'w'),
    ('ա', b'w'),
    ('հ', b'h'),
    ('ո', b'n'),
    ('ռ', b'n'),
    ('ս', b'u'),
    ('ց', b'g'),
    ('ք', b'p'),
    ('օ', b'o'),
    ('ᴀ', b'a'),
    ('ᴄ', b'c'),
    ('ᴅ', b'd'),
    ('ᴇ', b'e'),
    ('ᴊ', b'j'),
    ('ᴋ', b'k'),
    ('ᴍ', b'm'),
    ('ᴏ', b'o'),
    ('ᴘ', b'p'),
    ('ᴛ', b't'),
    ('ᴜ', b'u'),
    ('ᴠ', b'v'),
    ('ᴡ', b'w'),
    ('ᴢ', b'z'),
    ('ꜰ', b'f'),
    ('ꜱ', b's'),
    ('ꞯ', b'q'),
    ('ꟾ', b'i'),
    ('ꭵ', b'i'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        for character in text.chars() {
            fold(tagged(character).unwrap_or(character), |part| match part {
                Folded::Symbol(symbol) => out.push(char::from(symbol)),
                Folded::Blank | Folded::Other(_) | Folded::Ideograph(_) => out.push(' '),
                Folded::Nothing => {}
            });
        }
        out
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(LOOKALIKES.is_sorted_by(|(left, _), (right, _)| left < right));
    }

    #[test]
    fn disguises_of_one_word_look_alike() {
        for disguise in [
            "Prompt",
            "ｐｒｏｍｐｔ",
            "ⓟⓡⓞⓜⓟⓣ",
            "𝗽𝗿𝗼𝗺𝗽𝘁",
            "prоmpt",
            "p\u{200B}r\u{AD}ompt",
            "ᴘʀᴏᴍᴘᴛ",
            "přömpt",
            "\u{E0070}\u{E0072}\u{E006F}\u{E006D}\u{E0070}\u{E0074}",
            "🅟🅡🅞🅜🅟🅣",
        ] {
            assert_eq!(folded(disguise), "prompt", "{disguise}");
        }
        assert_eq!(folded("Illi"), folded("lIIl"));
    }
}
