//! International bank account numbers.

use super::compact;

/// The national part of a country: counts of digits (`n`), letters (`a`) and both (`c`).
type Structure = (&'static [u8; 2], &'static str);

/// Of each country in SWIFT's IBAN registry.
#[rustfmt::skip]
const REGISTERED: [Structure; 89] = [
    (b"AD", "8n12c"), (b"AE", "19n"), (b"AL", "8n16c"), (b"AT", "16n"), (b"AZ", "4a20c"), (b"BA", "16n"),
    (b"BE", "12n"), (b"BG", "4a6n8c"), (b"BH", "4a14c"), (b"BI", "23n"), (b"BR", "23n1a1c"), (b"BY", "4c4n16c"),
    (b"CH", "5n12c"), (b"CR", "18n"), (b"CY", "8n16c"), (b"CZ", "20n"), (b"DE", "18n"), (b"DJ", "23n"),
    (b"DK", "14n"), (b"DO", "4c20n"), (b"EE", "16n"), (b"EG", "25n"), (b"ES", "20n"), (b"FI", "14n"),
    (b"FK", "2a12n"), (b"FO", "14n"), (b"FR", "10n11c2n"), (b"GB", "4a14n"), (b"GE", "2a16n"), (b"GI", "4a15c"),
    (b"GL", "14n"), (b"GR", "7n16c"), (b"GT", "24c"), (b"HN", "4a20n"), (b"HR", "17n"), (b"HU", "24n"),
    (b"IE", "4a14n"), (b"IL", "19n"), (b"IQ", "4a15n"), (b"IS", "22n"), (b"IT", "1a10n12c"), (b"JO", "4a4n18c"),
    (b"KW", "4a22c"), (b"KZ", "3n13c"), (b"LB", "4n20c"), (b"LC", "4a24c"), (b"LI", "5n12c"), (b"LT", "16n"),
    (b"LU", "3n13c"), (b"LV", "4a13c"), (b"LY", "21n"), (b"MC", "10n11c2n"), (b"MD", "20c"), (b"ME", "18n"),
    (b"MK", "3n10c2n"), (b"MN", "16n"), (b"MR", "23n"), (b"MT", "4a5n18c"), (b"MU", "4a19n3a"), (b"NI", "4a20n"),
    (b"NL", "4a10n"), (b"NO", "11n"), (b"OM", "3n16c"), (b"PK", "4a16c"), (b"PL", "24n"), (b"PS", "4a21c"),
    (b"PT", "21n"), (b"QA", "4a21c"), (b"RO", "4a16c"), (b"RS", "18n"), (b"RU", "14n15c"), (b"SA", "2n18c"),
    (b"SC", "4a20n3a"), (b"SD", "14n"), (b"SE", "20n"), (b"SI", "15n"), (b"SK", "20n"), (b"SM", "1a10n12c"),
    (b"SO", "19n"), (b"ST", "21n"), (b"SV", "4a20n"), (b"TL", "19n"), (b"TN", "20n"), (b"TR", "6n16c"),
    (b"UA", "6n19c"), (b"VA", "18n"), (b"VG", "4a16n"), (b"XK", "16n"), (b"YE", "4a4n18c"),
];

/// Of countries whose banks write such numbers, and which are in no registry.
#[rustfmt::skip]
const IN_USE: [Structure; 8] = [
    (b"AO", "21n"), (b"CM", "23n"), (b"CV", "21n"), (b"DZ", "22n"), (b"IR", "22n"), (b"MA", "24n"), (b"MG", "23n"),
    (b"MZ", "21n"),
];

/// The national part has the country's structure, the first four characters go to the end, letters become 10 to 35,
/// and the number leaves 1 modulo 97 (ISO 13616-1, ISO/IEC 7064 MOD 97-10). Check digits 00, 01 and 99 are not given out.
pub(super) fn iban(text: &str) -> bool {
    let Some(text) = compact(text) else { return false };
    let Some((head, rest)) = text.split_first_chunk::<4>() else { return false };
    let [a, b, check @ ..] = head;
    let is_check =
        check.iter().all(u8::is_ascii_digit) && ![*b"00", *b"01", *b"99"].contains(check);
    let mut countries = REGISTERED.iter().chain(&IN_USE);
    let structure = countries.find(|(country, _)| **country == [*a, *b]);
    is_check
        && structure.is_some_and(|(_, structure)| has_structure(rest, structure.as_bytes()))
        && remainder_97(rest.iter().chain(head)) == Some(1)
}

fn has_structure(mut text: &[u8], structure: &[u8]) -> bool {
    let mut count = 0;
    for byte in structure {
        if byte.is_ascii_digit() {
            count = 10 * count + usize::from(byte - b'0');
            continue;
        }
        let Some((part, rest)) = text.split_at_checked(count) else { return false };
        let is_kind = match byte {
            b'n' => u8::is_ascii_digit,
            b'a' => u8::is_ascii_uppercase,
            _ => u8::is_ascii_alphanumeric,
        };
        if !part.iter().all(is_kind) {
            return false;
        }
        (text, count) = (rest, 0);
    }
    text.is_empty()
}

fn remainder_97<'a>(text: impl Iterator<Item = &'a u8>) -> Option<u32> {
    text.map(|byte| char::from(*byte).to_digit(36)).try_fold(0, |remainder, value| {
        let value = value?;
        Some((remainder * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}
