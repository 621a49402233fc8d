//! Personal numbers outside the European Union.

use super::{dates::is_date, digits_of, number, weighted};

/// Area 001 to 899 without 666, group and serial not zero (SSA, since June 2011), and neither of the
/// two numbers that were printed in advertisements and withdrawn.
pub(super) fn us_ssn(digits: &[u32]) -> bool {
    let parts = (digits.get(..3), digits.get(3..5), digits.get(5..9));
    let (Some(area), Some(group), Some(serial)) = parts else { return false };
    let area = number(area);
    let is_area = matches!(area, Some(1..=665 | 667..=899));
    let is_zero = |part: &[u32]| part.iter().all(|digit| *digit == 0);
    let is_withdrawn = matches!(number(digits), Some(78_051_120 | 219_099_999));
    digits.len() == 9 && is_area && !is_zero(group) && !is_zero(serial) && !is_withdrawn
}

/// 9, and a group of 50 to 65, 70 to 88, 90 to 92 or 94 to 99 (IRS, Internal Revenue Manual
/// 3.21.263).
pub(super) fn us_itin(digits: &[u32]) -> bool {
    let group = digits.get(3..5).and_then(number);
    let is_group = matches!(group, Some(50..=65 | 70..=88 | 90..=92 | 94..=99));
    digits.len() == 9 && digits.first() == Some(&9) && is_group
}

/// Ten digits; 11 less the sum with weights 10 to 2 modulo 11 is the last, 11 stands for 0, and 10 is
/// not given out (NHS Data Dictionary, NHS number).
pub(super) fn uk_nhs(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    digits.len() == 10 && sum > 0 && sum.is_multiple_of(11)
}

/// Two letters without D, F, I, Q, U, V, the second no O, no prefix that is kept free; six digits; A to
/// D (HMRC, National Insurance Manual NIM39110).
pub(super) fn uk_nino(text: &[u8]) -> bool {
    let [first, second, middle @ .., suffix] = text else { return false };
    let may_stand = |letter: &u8| letter.is_ascii_uppercase() && !b"DFIQUV".contains(letter);
    let kept_free = [*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"];
    may_stand(first)
        && may_stand(second)
        && *second != b'O'
        && !kept_free.contains(&[*first, *second])
        && middle.len() == 6
        && middle.iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(suffix)
}

/// Nine digits with weights 1 4 3 7 5 8 6 9 10, or eight with 10 7 8 4 6 3 5 1; the sum is divisible by
/// 11 (ATO, TFN algorithm).
pub(super) fn au_tfn(digits: &[u32]) -> bool {
    let sum = match digits.len() {
        9 => weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]),
        8 => weighted(digits, &[10, 7, 8, 4, 6, 3, 5, 1]),
        _ => return false,
    };
    sum > 0 && sum.is_multiple_of(11)
}

/// Ten or eleven digits: 2 to 6; the ninth is the sum of the first eight with weights 1 3 7 9 1 3 7 9
/// modulo 10; an issue number, not 0 (Services Australia, Medicare card number).
pub(super) fn au_medicare(digits: &[u32]) -> bool {
    let [number @ .., check, issue] = digits.get(..10).unwrap_or_default() else { return false };
    matches!(digits.len(), 10 | 11)
        && matches!(number.first(), Some(2..=6))
        && weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == *check
        && *issue > 0
}

/// A series, seven digits with weights 2 7 6 5 4 3 2, and 4 more for T and G, 3 more for M; the letter
/// by the remainder modulo 11 (Singapore, NRIC and FIN; the M series of 2022).
pub(super) fn sg_nric(text: &[u8]) -> bool {
    let [series, digits @ .., letter] = text else { return false };
    let Some(digits) = digits_of(digits.iter().copied()).filter(|digits| digits.len() == 7) else {
        return false;
    };
    let (more, letters) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let remainder = (weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + more) % 11;
    letters.iter().zip(0..).any(|(wanted, place)| place == remainder && wanted == letter)
}

/// Twelve digits that begin with 2 to 9, the last by Verhoeff (UIDAI).
pub(super) fn in_aadhaar(digits: &[u32]) -> bool {
    digits.len() == 12 && matches!(digits.first(), Some(2..=9)) && verhoeff(digits)
}

/// Verhoeff's check digit: a product in the dihedral group of order 10, each digit first permuted by
/// its place (J. Verhoeff, Error detecting decimal codes, 1969). 0 is the group's identity.
fn verhoeff(digits: &[u32]) -> bool {
    let permuted = |digit: u32, place: usize| (0..place % 8).fold(digit, |d, _| permutation(d));
    let places = digits.iter().rev().enumerate();
    places.fold(0, |product, (place, digit)| dihedral(product, permuted(*digit, place))) == 0
}

/// Rotations are 0 to 4, reflections 5 to 9.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (5 + a - b) % 5,
    }
}

/// Verhoeff's permutation (1 5 8 9 4 2 7 0)(3 6).
fn permutation(digit: u32) -> u32 {
    match digit {
        0 => 1,
        1 => 5,
        2 => 7,
        3 => 6,
        4 => 2,
        5 => 8,
        6 => 3,
        7 => 0,
        8 => 9,
        _ => 4,
    }
}

/// Five letters, the fourth a kind of holder, four digits that are not all 0, a letter (Income Tax
/// Department, structure of the PAN).
pub(super) fn in_pan(text: &[u8]) -> bool {
    let parts = (text.get(..5), text.get(5..9), text.get(9..));
    let (Some(letters), Some(digits), Some([last])) = parts else { return false };
    letters.iter().all(u8::is_ascii_uppercase)
        && letters.get(3).is_some_and(|kind| b"ABCFGHJLPT".contains(kind))
        && digits.iter().all(u8::is_ascii_digit)
        && digits != b"0000"
        && last.is_ascii_uppercase()
}

/// Date of birth, a digit for century and sex, five digits, and 11 less the sum with weights 2 to 9,
/// 2 to 5 modulo 11, of which the last digit counts (Resident Registration Act, enforcement rules).
pub(super) fn kr_rrn(digits: &[u32]) -> bool {
    let [y1, y2, m1, m2, d1, d2, sex, .., check] = digits else { return false };
    let century = match sex {
        9 | 0 => 1800,
        1 | 2 | 5 | 6 => 1900,
        _ => 2000,
    };
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    digits.len() == 13
        && is_date(century + y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2)
        && (11 - sum % 11) % 10 == *check
}
