//! Character references of HTML, percent-encoding, and the escapes of JSON, JavaScript and C.

use crate::limits::ESCAPE_BYTES_MAX;

/// What an escape at the start of some bytes stands for, and how many bytes it takes.
pub(crate) fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [b'&', rest @ ..] => reference(rest).map(|(character, taken)| (character, taken + 1)),
        [b'%', ..] => percent(bytes),
        [b'\\', rest @ ..] => backslash(rest).map(|(character, taken)| (character, taken + 1)),
        _ => None,
    }
}

/// `#73;`, `#x49;`, `lt;`. The semicolon may be missing behind a number, as browsers have it.
fn reference(bytes: &[u8]) -> Option<(char, usize)> {
    const NAMES: [(&[u8], char); 8] = [
        (b"amp;", '&'),
        (b"lt;", '<'),
        (b"gt;", '>'),
        (b"quot;", '"'),
        (b"apos;", '\''),
        (b"nbsp;", ' '),
        (b"Tab;", ' '),
        (b"NewLine;", '\n'),
    ];
    match bytes {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16).map(|(c, taken)| (c, taken + 2)),
        [b'#', digits @ ..] => number(digits, 10).map(|(c, taken)| (c, taken + 1)),
        _ => NAMES
            .iter()
            .find(|(name, _)| bytes.starts_with(name))
            .map(|(name, character)| (*character, name.len())),
    }
}

fn number(bytes: &[u8], base: u32) -> Option<(char, usize)> {
    let (value, taken) = digits(bytes, base, ESCAPE_BYTES_MAX - 2)?;
    let semicolon = usize::from(bytes.get(taken) == Some(&b';'));
    char::from_u32(value).map(|character| (character, taken + semicolon))
}

/// The digits at the start, at most `most` of them.
fn digits(bytes: &[u8], base: u32, most: usize) -> Option<(u32, usize)> {
    let mut value = 0_u32;
    let mut taken = 0;
    for byte in bytes.iter().take(most) {
        let Some(digit) = char::from(*byte).to_digit(base) else { break };
        value = value.checked_mul(base)?.checked_add(digit)?;
        taken += 1;
    }
    (taken > 0).then_some((value, taken))
}

/// The value of exactly `count` hexadecimal digits.
fn exactly(bytes: &[u8], count: usize) -> Option<u32> {
    digits(bytes, 16, count).filter(|(_, taken)| *taken == count).map(|(value, _)| value)
}

/// One character in UTF-8, each byte as `%XX`.
fn percent(bytes: &[u8]) -> Option<(char, usize)> {
    let byte_at = |index: usize| {
        let triple = bytes.get(index * 3..)?;
        let value = exactly(triple.strip_prefix(b"%")?, 2)?;
        u8::try_from(value).ok()
    };
    let first = byte_at(0)?;
    let length = match first {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut encoded = [0_u8; 4];
    for (index, slot) in encoded.iter_mut().enumerate().take(length) {
        *slot = byte_at(index)?;
    }
    let character = std::str::from_utf8(encoded.get(..length)?).ok()?.chars().next()?;
    Some((character, length * 3))
}

/// What stands behind a backslash.
fn backslash(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [b'n' | b'r', ..] => Some(('\n', 1)),
        [b't', ..] => Some((' ', 1)),
        [b'"', ..] => Some(('"', 1)),
        [b'x', hex @ ..] => char::from_u32(exactly(hex, 2)?).map(|character| (character, 3)),
        [b'u', b'{', hex @ ..] => {
            let (value, taken) = digits(hex, 16, 6)?;
            let character = char::from_u32(value)?;
            (hex.get(taken) == Some(&b'}')).then_some((character, taken + 3))
        }
        [b'u', hex @ ..] => {
            let high = exactly(hex, 4)?;
            let low = hex.get(4..).and_then(|rest| rest.strip_prefix(br"\u"));
            match low.and_then(|low| exactly(low, 4)) {
                Some(low)
                    if (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low) =>
                {
                    let value = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    char::from_u32(value).map(|character| (character, 11))
                }
                _ => char::from_u32(high).map(|character| (character, 5)),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_whole() {
        for (text, want, taken) in [
            ("&#73;x", 'I', 5),
            ("&#x49;x", 'I', 6),
            ("&#73 x", 'I', 4),
            ("&lt;", '<', 4),
            ("%49g", 'I', 3),
            ("%C3%A9", 'é', 6),
            (r"\u0049g", 'I', 6),
            (r"\u{49}g", 'I', 6),
            (r"\x49g", 'I', 4),
            (r"\ud835\udc08", '𝐈', 12),
            (r"\n", '\n', 2),
        ] {
            assert_eq!(unescape(text.as_bytes()), Some((want, taken)), "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_is_left_alone() {
        for text in [
            "& b",
            "&#;",
            "&#99999999999;",
            "100% of",
            "%C3x",
            r"\d",
            r"\ud800",
            r"\u12",
            "",
            "&",
            "%",
            r"\",
        ] {
            assert_eq!(unescape(text.as_bytes()), None, "{text}");
        }
    }
}
