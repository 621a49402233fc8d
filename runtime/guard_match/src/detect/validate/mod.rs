//! Validators: what the text of a match must pass besides its pattern, such as a check digit.
//!
//! A validator is given the text of the match; those of numbers also see whether the number goes on beside it
//! ([`stands_alone`]). Unless it says otherwise it skips spaces,
//! hyphens, dots and slashes between characters, takes letters in either case, and refuses every other
//! character. It reads each byte a bounded number of times and keeps nothing.

mod addresses;
mod business;
mod cards;
mod dates;
mod hosts;
mod iban;
mod people;
mod people_europe;
mod phones;
mod random_values;
mod tokens;

#[cfg(test)]
mod tests;

use guard_plan::Validator;

/// Whether a validator accepts a text.
pub fn accepts(validator: Validator, text: &str) -> bool {
    match validator {
        Validator::Luhn => digits(text).is_some_and(|d| d.len() >= 2 && cards::luhn(&d)),
        Validator::Card => digits(text).is_some_and(|d| cards::card(&d)),
        Validator::Iban => iban::iban(text),
        Validator::UsSsn => digits(text).is_some_and(|d| people::us_ssn(&d)),
        Validator::UsItin => digits(text).is_some_and(|d| people::us_itin(&d)),
        Validator::UsAba => digits(text).is_some_and(|d| business::us_aba(&d)),
        Validator::UkNhs => digits(text).is_some_and(|d| people::uk_nhs(&d)),
        Validator::UkNino => compact(text).is_some_and(|t| people::uk_nino(&t)),
        Validator::AuAbn => digits(text).is_some_and(|d| business::au_abn(&d)),
        Validator::AuAcn => digits(text).is_some_and(|d| business::au_acn(&d)),
        Validator::AuTfn => digits(text).is_some_and(|d| people::au_tfn(&d)),
        Validator::AuMedicare => digits(text).is_some_and(|d| people::au_medicare(&d)),
        Validator::SgNric => compact(text).is_some_and(|t| people::sg_nric(&t)),
        Validator::InAadhaar => digits(text).is_some_and(|d| people::in_aadhaar(&d)),
        Validator::InPan => compact(text).is_some_and(|t| people::in_pan(&t)),
        Validator::EsNif => compact(text).is_some_and(|t| people_europe::es_nif(&t)),
        Validator::EsNie => compact(text).is_some_and(|t| people_europe::es_nie(&t)),
        Validator::ItFiscalCode => compact(text).is_some_and(|t| people_europe::it_fiscal_code(&t)),
        Validator::ItVat => digits(text).is_some_and(|d| business::it_vat(&d)),
        Validator::PlPesel => digits(text).is_some_and(|d| people_europe::pl_pesel(&d)),
        Validator::FiPersonalId => people_europe::fi_personal_id(text),
        Validator::KrRrn => digits(text).is_some_and(|d| people::kr_rrn(&d)),
        Validator::DeTaxId => digits(text).is_some_and(|d| people_europe::de_tax_id(&d)),
        Validator::Base58Check => addresses::base58check(text),
        Validator::Bech32 => addresses::bech32(text),
        Validator::Ip => hosts::ip(text),
        Validator::Jwt => tokens::jwt(text),
        Validator::Phone => phones::phone(text),
        Validator::Password => random_values::password(text),
        Validator::PrivateUrl => hosts::private_url(text),
        Validator::RandomValue => random_values::random_value(text),
        Validator::Entropy { millibits_min } => tokens::millibits(text.as_bytes()) >= millibits_min,
    }
}

/// Whether a match is no part of a longer number, for validators of numbers: no digit stands before it with a
/// blank, hyphen, dot, slash or colon between, nor behind it with one of these but the blank between. It reads
/// two bytes on each side.
pub fn stands_alone(validator: Validator, text: &[u8], start: usize, end: usize) -> bool {
    if !matches!(
        validator,
        Validator::Card | Validator::Phone | Validator::UsSsn | Validator::UsItin
    ) {
        return true;
    }
    let byte = |place: Option<usize>| place.and_then(|place| text.get(place)).copied();
    let is_digit = |place: Option<usize>| byte(place).is_some_and(|byte| byte.is_ascii_digit());
    let joins = |byte: Option<u8>| matches!(byte, Some(b'-' | b'.' | b'/' | b':'));
    let before = byte(start.checked_sub(1));
    let is_joined_before = joins(before) || before == Some(b' ');
    let goes_on_before = is_joined_before && is_digit(start.checked_sub(2));
    let goes_on_behind = joins(byte(Some(end))) && is_digit(end.checked_add(1));
    !goes_on_before && !goes_on_behind
}

/// The most characters that a number may have; more than any that is checked here.
const COMPACT_MAX: usize = 64;

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/')
}

/// A short list of characters or digits, in place.
struct Short<T> {
    items: [T; COMPACT_MAX],
    count: usize,
}

impl<T: Copy + Default> Short<T> {
    fn new() -> Self {
        Self { items: [T::default(); COMPACT_MAX], count: 0 }
    }

    /// Adds one; nothing where there is no room.
    fn push(&mut self, item: T) -> Option<()> {
        *self.items.get_mut(self.count)? = item;
        self.count += 1;
        Some(())
    }
}

impl<T> std::ops::Deref for Short<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.get(..self.count).unwrap_or_default()
    }
}

/// The letters and digits of a text without its separators, in upper case.
fn compact(text: &str) -> Option<Short<u8>> {
    let mut kept = Short::new();
    for byte in text.bytes().filter(|byte| !is_separator(*byte)) {
        if !byte.is_ascii_alphanumeric() {
            return None;
        }
        kept.push(byte.to_ascii_uppercase())?;
    }
    Some(kept)
}

/// The same where all of them are digits, as numbers.
fn digits(text: &str) -> Option<Short<u32>> {
    digits_of(compact(text)?.iter().copied())
}

fn digits_of(text: impl IntoIterator<Item = u8>) -> Option<Short<u32>> {
    let mut digits = Short::new();
    for byte in text {
        digits.push(char::from(byte).to_digit(10)?)?;
    }
    Some(digits)
}

/// The number that digits write; `None` past 18 digits.
fn number(digits: &[u32]) -> Option<u64> {
    let is_short = digits.len() <= 18;
    is_short.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit)))
}

/// The sum of the digits times their weights, over the shorter of the two.
fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}
