//! Payment cards.

use super::number;

/// Luhn's check digit: from the right every second digit doubled, its digits summed; the sum ends in
/// 0 (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let terms = digits.iter().rev().enumerate();
    let sum: u32 = terms.map(|(i, d)| if i % 2 == 1 { doubled(*d) } else { *d }).sum();
    sum.is_multiple_of(10)
}

/// First and last prefix of a range of issuers, and the shortest and longest number in it; by the
/// issuers' published ranges (ISO/IEC 7812 issuer identification numbers).
const ISSUERS: [(u64, u64, usize, usize); 26] = [
    (4, 4, 13, 19),       // Visa
    (51, 55, 16, 16),     // Mastercard
    (2221, 2720, 16, 16), // Mastercard
    (34, 34, 15, 15),     // American Express
    (37, 37, 15, 15),     // American Express
    (300, 305, 14, 19),   // Diners Club
    (3095, 3095, 14, 19), // Diners Club
    (36, 36, 14, 19),     // Diners Club
    (38, 39, 14, 19),     // Diners Club
    (6011, 6011, 16, 19), // Discover
    (644, 649, 16, 19),   // Discover
    (65, 65, 16, 19),     // Discover, RuPay
    (3528, 3589, 16, 19), // JCB
    (1800, 1800, 15, 15), // JCB
    (2131, 2131, 15, 15), // JCB
    (62, 62, 16, 19),     // UnionPay
    (81, 81, 16, 19),     // UnionPay, RuPay
    (5018, 5018, 12, 19), // Maestro
    (5020, 5020, 12, 19), // Maestro
    (5038, 5038, 12, 19), // Maestro
    (5893, 5893, 12, 19), // Maestro
    (6304, 6304, 12, 19), // Maestro
    (67, 67, 12, 19),     // Maestro, with Switch, Solo and Laser
    (2200, 2204, 16, 19), // Mir
    (508, 508, 16, 16),   // RuPay
    (9792, 9792, 16, 16), // Troy
];

/// Whether some issuer uses this prefix with this length, and the check digit is right. A number
/// of one digit repeated is none.
pub(super) fn card(digits: &[u32]) -> bool {
    let is_issued = ISSUERS.iter().any(|(first, last, shortest, longest)| {
        let places = first.checked_ilog10().map_or(1, |log| usize::try_from(log).unwrap_or(0) + 1);
        let prefix = digits.get(..places).and_then(number);
        prefix.is_some_and(|prefix| (*first..=*last).contains(&prefix))
            && (*shortest..=*longest).contains(&digits.len())
    });
    let is_varied = digits.iter().any(|digit| Some(digit) != digits.first());
    is_issued && is_varied && luhn(digits)
}
