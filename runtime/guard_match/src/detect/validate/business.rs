//! Numbers of banks and companies; of accounts, see `iban`.

use super::{cards::luhn, number, weighted};

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
