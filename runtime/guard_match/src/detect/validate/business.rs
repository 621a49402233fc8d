//! Numbers of banks, accounts and companies.

use super::{cards::luhn, compact, number, weighted};

/// The length of an IBAN for each country (SWIFT's IBAN registry).
#[rustfmt::skip]
const IBAN_LENGTHS: [(&[u8; 2], usize); 89] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28),
    (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22),
    (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23),
    (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28),
    (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];

/// The first four characters go to the end, letters become 10 to 35, and the number leaves 1 modulo
/// 97 (ISO 13616-1, ISO/IEC 7064 MOD 97-10). Check digits 00, 01 and 99 are not given out.
pub(super) fn iban(text: &str) -> bool {
    let Some(text) = compact(text) else { return false };
    let Some((head, rest)) = text.split_first_chunk::<4>() else { return false };
    let [a, b, check @ ..] = head;
    let is_length =
        |(country, length): &(&[u8; 2], usize)| **country == [*a, *b] && *length == text.len();
    let is_check =
        check.iter().all(u8::is_ascii_digit) && ![*b"00", *b"01", *b"99"].contains(check);
    is_check
        && IBAN_LENGTHS.iter().any(is_length)
        && remainder_97(rest.iter().chain(head)) == Some(1)
}

fn remainder_97<'a>(text: impl Iterator<Item = &'a u8>) -> Option<u32> {
    text.map(|byte| char::from(*byte).to_digit(36)).try_fold(0, |remainder, value| {
        let value = value?;
        Some((remainder * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

/// Nine digits, the first two a Federal Reserve district (00 to 12), a thrift (21 to 32), electronic
/// (61 to 72) or a traveller's cheque (80); 3 7 1 3 7 1 3 7 1 modulo 10 (ABA routing number policy).
pub(super) fn us_aba(digits: &[u32]) -> bool {
    let prefix = digits.get(..2).and_then(number);
    let is_prefix = matches!(prefix, Some(0..=12 | 21..=32 | 61..=72 | 80));
    let sum = weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    digits.len() == 9 && is_prefix && sum > 0 && sum.is_multiple_of(10)
}

/// Eleven digits; 1 is taken from the first, and the sum with weights 10, 1, 3, 5 … 19 is divisible by
/// 89 (Australian Business Register, format of the ABN).
pub(super) fn au_abn(digits: &[u32]) -> bool {
    let [first, rest @ ..] = digits else { return false };
    let rest_sum = weighted(rest, &[1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digits.len() == 11 && *first > 0 && ((first - 1) * 10 + rest_sum).is_multiple_of(89)
}

/// Nine digits; the last completes the sum with weights 8 to 1 to a multiple of 10 (ASIC, ACN check).
pub(super) fn au_acn(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    digits.len() == 9 && sum > 0 && sum.is_multiple_of(10)
}

/// Eleven digits, the last by Luhn (Agenzia delle Entrate, partita IVA).
pub(super) fn it_vat(digits: &[u32]) -> bool {
    digits.len() == 11 && digits.iter().any(|digit| *digit > 0) && luhn(digits)
}
