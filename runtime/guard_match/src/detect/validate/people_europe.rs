//! Personal numbers of countries of the European Union.

use super::{dates::is_date, digits_of, number, weighted};

/// The letter for a number modulo 23 (Spain, Real Decreto 1553/2005).
const NIF_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn has_nif_letter(digits: impl IntoIterator<Item = u8>, letter: u8) -> bool {
    let value = digits_of(digits).filter(|digits| digits.len() == 8).and_then(|d| number(&d));
    let wanted = value.and_then(|value| usize::try_from(value % 23).ok());
    wanted.and_then(|place| NIF_LETTERS.get(place)) == Some(&letter)
}

/// Eight digits and the letter for their remainder modulo 23.
pub(super) fn es_nif(text: &[u8]) -> bool {
    let [digits @ .., letter] = text else { return false };
    has_nif_letter(digits.iter().copied(), *letter)
}

/// X, Y or Z, which stand for 0, 1 and 2, seven digits, and the letter as for the NIF.
pub(super) fn es_nie(text: &[u8]) -> bool {
    let [first, digits @ .., letter] = text else { return false };
    let first = match first {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        _ => return false,
    };
    has_nif_letter([first].into_iter().chain(digits.iter().copied()), *letter)
}

/// What a character in an odd place counts, for 0 to 9 and then A to Z; the letter of the same place in
/// the alphabet as a digit counts the same.
const FISCAL_ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Six letters, seven places of digits among letters, and the check letter: characters in odd places
/// by a table, in even places by their value, modulo 26. Digits may be the letters LMNPQRSTUV, where
/// two persons would have the same code (Italy, decree of 23 December 1976).
pub(super) fn it_fiscal_code(text: &[u8]) -> bool {
    const SHAPE: &[u8; 16] = b"AAAAAA00M00A000A";
    let fits = text.iter().zip(SHAPE).all(|(byte, kind)| match kind {
        b'A' => byte.is_ascii_uppercase(),
        b'M' => b"ABCDEHLMPRST".contains(byte),
        _ => byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte),
    });
    let [body @ .., check] = text else { return false };
    let value = |byte: u8| u32::from(byte - if byte.is_ascii_digit() { b'0' } else { b'A' });
    if text.len() != 16 || !fits {
        return false;
    }
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, byte)| (place % 2 == 0, value(*byte)))
        .map(|(is_odd, value)| if is_odd { fiscal_odd(value) } else { value })
        .sum();
    sum % 26 == value(*check)
}

fn fiscal_odd(value: u32) -> u32 {
    usize::try_from(value).ok().and_then(|value| FISCAL_ODD.get(value)).copied().unwrap_or(0)
}

/// Eleven digits with a date, whose month says the century, and weights 1 3 7 9 1 3 7 9 1 3 1 that give
/// a multiple of 10 (Poland, Act on population registration, art. 15).
pub(super) fn pl_pesel(digits: &[u32]) -> bool {
    let [y1, y2, m1, m2, d1, d2, ..] = digits else { return false };
    let month = m1 * 10 + m2;
    let century = match month / 20 {
        0 => 1900,
        1 => 2000,
        2 => 2100,
        3 => 2200,
        _ => 1800,
    };
    digits.len() == 11
        && is_date(century + y1 * 10 + y2, month % 20, d1 * 10 + d2)
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Date, century sign, a number from 002, and a sign for the remainder of the nine digits modulo 31
/// (Finland, Digital and Population Data Services Agency; the signs added in 2023). Nothing is
/// skipped, because the century sign may be a hyphen.
pub(super) fn fi_personal_id(text: &str) -> bool {
    const SIGNS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let text = text.as_bytes();
    let parts = (text.get(..6), text.get(6), text.get(7..10), text.get(10..));
    let (Some(date), Some(century), Some(serial), Some([check])) = parts else { return false };
    let century = match century.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let Some(digits) = digits_of(date.iter().chain(serial).copied()) else { return false };
    let [d1, d2, m1, m2, y1, y2, serial @ ..] = &*digits else { return false };
    let remainder = number(&digits).and_then(|value| usize::try_from(value % 31).ok());
    is_date(century + y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2)
        && number(serial).is_some_and(|serial| serial >= 2)
        && remainder.and_then(|place| SIGNS.get(place)) == Some(&check.to_ascii_uppercase())
}

/// Eleven digits, the first not 0. Among the first ten exactly one digit stands twice or three times,
/// never three times in a row; the last by ISO/IEC 7064 MOD 11,10 (Germany, Bundeszentralamt für
/// Steuern, build-up of the identification number).
pub(super) fn de_tax_id(digits: &[u32]) -> bool {
    let [body @ .., check] = digits else { return false };
    if digits.len() != 11 || digits.first() == Some(&0) {
        return false;
    }
    let counts = (0..10).map(|digit| body.iter().filter(|other| **other == digit).count());
    let mut repeated = counts.filter(|count| *count > 1);
    let in_a_row = body.windows(3).any(|three| three.iter().all(|d| Some(d) == three.first()));
    let is_one_repeated = matches!((repeated.next(), repeated.next()), (Some(2 | 3), None));
    is_one_repeated && !in_a_row && mod_11_10(body) == *check
}

/// The check digit of ISO/IEC 7064 MOD 11,10.
fn mod_11_10(digits: &[u32]) -> u32 {
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}
