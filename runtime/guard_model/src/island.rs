//! Base64 and hexadecimal digits inside a text, decoded where they hold a text themselves.

use crate::limits::{ISLAND_BYTES_MAX, ISLAND_BYTES_MIN};

/// Of decoded bytes, at least these per hundred are printable, or they are no text.
const PRINTABLE_PERCENT_MIN: usize = 95;

/// Decodes what begins at the start of `bytes` and appends it to `out`. Gives the length of the encoded
/// run, or nothing, and then `out` is as it was.
///
/// A line's end inside base64 is passed over where a full line stands before it, as mail breaks them.
pub(crate) fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let before = out.len();
    for attempt in [hexadecimal, base64] {
        if let Some(taken) = attempt(bytes, out) {
            let length = text_length(out.get(before..).unwrap_or_default());
            if taken >= ISLAND_BYTES_MIN && length > 0 {
                out.truncate(before + length);
                return Some(taken);
            }
        }
        out.truncate(before);
    }
    None
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut taken = 0;
    for pair in bytes.chunks_exact(2).take(ISLAND_BYTES_MAX / 2) {
        let [high, low] = pair else { break };
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else { break };
        out.push(high << 4 | low);
        taken += 2;
    }
    // Half a byte more, and these were no bytes.
    bytes.get(taken).is_none_or(|byte| !byte.is_ascii_alphanumeric()).then_some(taken)
}

fn base64(bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    const LINE_BYTES_MIN: usize = 60;
    let (mut bits, mut count, mut taken, mut line) = (0_u32, 0_u32, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(taken).filter(|_| taken < ISLAND_BYTES_MAX) {
        let Some(value) = base64_digit(*byte) else {
            let end = line_end(bytes.get(taken..).unwrap_or_default());
            let goes_on = bytes.get(taken + end).is_some_and(|next| base64_digit(*next).is_some());
            if end > 0 && line >= LINE_BYTES_MIN && goes_on {
                taken += end;
                line = 0;
                continue;
            }
            break;
        };
        bits = (bits << 6 | value) & 0xFF_FFFF;
        count += 1;
        taken += 1;
        line += 1;
        if count.is_multiple_of(4) {
            let [_, first, second, third] = bits.to_be_bytes();
            out.extend_from_slice(&[first, second, third]);
        }
    }
    match count % 4 {
        2 => out.extend_from_slice(bits.checked_shl(12)?.to_be_bytes().get(1..2)?),
        3 => out.extend_from_slice(bits.checked_shl(6)?.to_be_bytes().get(1..3)?),
        1 => return None,
        _ => {}
    }
    let padding = bytes.iter().skip(taken).take(2).take_while(|byte| **byte == b'=').count();
    Some(taken + padding)
}

fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}

/// RFC 4648, both alphabets.
fn base64_digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// How many of the bytes are a text: all but a character that was cut off at the end, or none.
fn text_length(bytes: &[u8]) -> usize {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return 0,
    };
    let (mut printable, mut letters, mut all) = (0, 0, 0);
    for character in text.chars() {
        all += 1;
        printable += usize::from(!character.is_control() || character.is_whitespace());
        letters += usize::from(character.is_alphabetic());
    }
    let is_text = letters * 4 > all && printable * 100 >= all * PRINTABLE_PERCENT_MIN;
    if is_text { text.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<(String, usize)> {
        let mut out = Vec::new();
        let taken = decode(text.as_bytes(), &mut out)?;
        Some((String::from_utf8(out).unwrap(), taken))
    }

    #[test]
    fn texts_are_decoded() {
        let plain = "hold the door open";
        for (text, taken) in [
            ("aG9sZCB0aGUgZG9vciBvcGVu and more", 24),
            ("aG9sZCB0aGUgZG9vciBvcGVu", 24),
            ("686f6c642074686520646f6f72206f70656e", 36),
        ] {
            assert_eq!(decoded(text), Some((plain.to_owned(), taken)), "{text}");
        }
        assert_eq!(decoded("aG9sZCB0aGUgZG9vcnM=").unwrap(), ("hold the doors".to_owned(), 20));
        assert_eq!(decoded("aG9sZCB0aGUgZG9vcnM").unwrap(), ("hold the doors".to_owned(), 19));
    }

    #[test]
    fn words_and_keys_are_not() {
        for text in
            ["internationalisation", "AKIAIOSFODNN7EXAMPLE", "d41d8cd98f00b204e9800998ecf8427e", ""]
        {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
