//! Values that look drawn at random, as keys and tokens do, and names, words and placeholders do not.

use super::tokens::millibits;

/// The shortest value.
const LENGTH_MIN: usize = 12;
/// The least entropy, in thousandths of a bit for each byte. Random hexadecimal digits have above 3 from 16 on.
const MILLIBITS_MIN: u32 = 2800;
/// Lower-case letters in a row that make a word rather than a value.
const WORD_MIN: usize = 9;

/// Judges the last word of the text: what stands behind the last blank, quotation mark, `=`, `:` or `>`.
pub(super) fn random_value(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '`', ';', ',']);
    let padded = text.len();
    let text = text.trim_end_matches('=');
    let is_padded = padded > text.len();
    let value = text.rsplit([' ', '\t', '"', '\'', '`', '=', ':', '>', ',', '(']).next();
    let bytes = value.unwrap_or_default().as_bytes();
    if bytes.len() < LENGTH_MIN || millibits(bytes) < MILLIBITS_MIN {
        return false;
    }
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|byte| is(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    // A version, a date, an address or a number is not what is meant, nor is a name in several words.
    let is_mixed = letters >= 2 && digits >= 2 || is_padded && upper >= 4 && lower >= 4;
    is_mixed
        && changes(bytes) * 6 >= bytes.len()
        && longest_word(bytes) < WORD_MIN.max(bytes.len() / 3)
        && !has_placeholder(bytes)
}

/// The shortest password.
const PASSWORD_MIN: usize = 4;

/// Judges what stands between the last `:` before an `@` and that `@`, else the last word: a password has a digit
/// or a sign among letters, or capitals among small letters, and does not name itself.
pub(super) fn password(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', ';']);
    let in_address = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    let value = match in_address {
        Some((user, _)) => user.split_once(':').map(|(_, value)| value),
        None => text.rsplit([' ', '"', '\'', '=', ':', '>']).next(),
    };
    let bytes = value.unwrap_or_default().as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let is_mixed = has(u8::is_ascii_digit)
        || has(|byte| matches!(byte, b'!' | b'@' | b'#' | b'&' | b'*' | b'^' | b'+' | b'~'))
        || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && !is_words(bytes);
    let is_path = bytes.starts_with(b"#") || bytes.starts_with(b"/") || bytes.contains(&b'/');
    bytes.len() >= PASSWORD_MIN
        && has(u8::is_ascii_alphabetic)
        && is_mixed
        && !is_path
        && !has_placeholder(bytes)
        && !names_itself(bytes)
}

/// `CamelCase`, as names in programs are written.
fn is_words(bytes: &[u8]) -> bool {
    changes(bytes) * 4 <= bytes.len() + 4
}

/// Whether the word for a password is most of the value.
fn names_itself(bytes: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"password", b"passwd", b"passwort", b"secret", b"pass", b"pwd"];
    let is_part =
        |word: &&[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    WORDS.iter().any(|word| bytes.len() <= word.len() + 3 && is_part(word))
}

/// How often letters in lower case, capitals, digits and other characters change.
fn changes(bytes: &[u8]) -> usize {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    bytes.iter().zip(bytes.iter().skip(1)).filter(|(a, b)| class(a) != class(b)).count()
}

fn longest_word(bytes: &[u8]) -> usize {
    bytes.split(|byte| !byte.is_ascii_lowercase()).map(<[u8]>::len).max().unwrap_or(0)
}

/// Characters that follow one another, as in `1234567` and `abcdefg`, that make a value somebody's example.
const SEQUENCE_MIN: usize = 8;

fn longest_sequence(bytes: &[u8]) -> usize {
    let (mut longest, mut length) = (0, 1);
    for (a, b) in bytes.iter().zip(bytes.iter().skip(1)) {
        length = if a.checked_add(1) == Some(*b) { length + 1 } else { 1 };
        longest = longest.max(length);
    }
    longest
}

/// Five times the same character, a sequence, or a word that says that the value is none.
fn has_placeholder(bytes: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] =
        [b"example", b"placeholder", b"changeme", b"your", b"dummy", b"replace", b"redacted"];
    let is_repeated =
        bytes.windows(5).any(|five| five.iter().all(|byte| Some(byte) == five.first()));
    let has = |word: &&[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    is_repeated || longest_sequence(bytes) >= SEQUENCE_MIN || WORDS.iter().any(has)
}
