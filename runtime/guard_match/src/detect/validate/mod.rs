//! Validators: what the text of a match must pass besides its pattern, such as a check digit.
//!
//! A validator is given the text of the match alone. Unless it says otherwise it skips spaces,
//! hyphens, dots and slashes between characters, takes letters in either case, and refuses every other
//! character. It reads each byte a bounded number of times and keeps nothing.

mod addresses;
mod business;
mod cards;
mod dates;
mod people;
mod people_europe;
mod tokens;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// A check on the text of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Validator {
    /// Luhn's check digit (ISO/IEC 7812-1, annex B), 2 digits or more.
    Luhn,
    /// A payment card: an issuer's prefix with a length that it uses, and Luhn's check digit.
    Card,
    /// An IBAN (ISO 13616): the country's length, and a remainder of 1 modulo 97 (ISO 7064).
    Iban,
    /// A social security number of the USA that can have been issued (SSA, randomisation of 2011).
    UsSsn,
    /// A taxpayer number of the USA (IRS, ITIN): 9, then a group in the issued ranges.
    UsItin,
    /// A bank's routing number of the USA (ABA): prefix in use, weights 3 7 1 modulo 10.
    UsAba,
    /// An NHS number of the United Kingdom (NHS Data Dictionary): weights 10 to 2 modulo 11.
    UkNhs,
    /// A national insurance number of the United Kingdom (HMRC, NIM39110): prefix and suffix.
    UkNino,
    /// A business number of Australia (ABR): weights 10, 1, 3 to 19 modulo 89.
    AuAbn,
    /// A company number of Australia (ASIC): weights 8 to 1 modulo 10.
    AuAcn,
    /// A tax file number of Australia (ATO), 8 or 9 digits: weighted sum modulo 11.
    AuTfn,
    /// A Medicare number of Australia (Services Australia), 10 or 11 digits: weights 1 3 7 9.
    AuMedicare,
    /// A number of an identity card of Singapore (NRIC and FIN, all series): weights modulo 11.
    SgNric,
    /// An Aadhaar number of India (UIDAI): 12 digits, Verhoeff's check digit.
    InAadhaar,
    /// A permanent account number of India (Income Tax Department): a holder's kind in place 4.
    InPan,
    /// A tax number of a person in Spain (NIF of the DNI): letter by the remainder modulo 23.
    EsNif,
    /// A foreigner's number in Spain (NIE): X, Y, Z are 0, 1, 2, then as the NIF.
    EsNie,
    /// A fiscal code of a person in Italy (decree of 23 December 1976), those for equal names too.
    ItFiscalCode,
    /// A VAT number of Italy (partita IVA): 11 digits, Luhn's check digit.
    ItVat,
    /// A PESEL of Poland: weights 1 3 7 9 modulo 10, and a date with its century.
    PlPesel,
    /// A personal identity code of Finland (DVV): date, century sign, remainder modulo 31.
    FiPersonalId,
    /// A resident registration number of Korea: date, and weights 2 to 9, 2 to 5 modulo 11. Numbers
    /// of births registered after October 2020 have no check digit and may be refused.
    KrRrn,
    /// A tax number of a person in Germany (IdNr): ISO 7064 MOD 11,10, and how digits repeat.
    DeTaxId,
    /// `Base58Check` with a version and 20 bytes, as addresses of Bitcoin (P2PKH, P2SH) have it:
    /// four bytes of a double SHA-256. Case counts, and nothing is skipped.
    Base58Check,
    /// A segwit address (BIP 173 and BIP 350) of Bitcoin or Litecoin. Nothing is skipped.
    Bech32,
    /// An address of IPv4 in four decimals without leading zeros, or of IPv6 (RFC 4291). Nothing is
    /// skipped.
    Ip,
    /// A signed JSON web token (RFC 7515, RFC 7519): three parts of base64url, of which the first is a
    /// JSON object with a text `alg`. Nothing is skipped.
    Jwt,
    /// Shannon's entropy of the bytes of the match, in thousandths of a bit for each byte, is at
    /// least this. Nothing is skipped.
    Entropy {
        /// The least, in thousandths of a bit; 8000 is the most there is.
        millibits_min: u32,
    },
}

impl Validator {
    /// Whether it accepts a text.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Luhn => digits(text).is_some_and(|d| d.len() >= 2 && cards::luhn(&d)),
            Self::Card => digits(text).is_some_and(|d| cards::card(&d)),
            Self::Iban => business::iban(text),
            Self::UsSsn => digits(text).is_some_and(|d| people::us_ssn(&d)),
            Self::UsItin => digits(text).is_some_and(|d| people::us_itin(&d)),
            Self::UsAba => digits(text).is_some_and(|d| business::us_aba(&d)),
            Self::UkNhs => digits(text).is_some_and(|d| people::uk_nhs(&d)),
            Self::UkNino => compact(text).is_some_and(|t| people::uk_nino(&t)),
            Self::AuAbn => digits(text).is_some_and(|d| business::au_abn(&d)),
            Self::AuAcn => digits(text).is_some_and(|d| business::au_acn(&d)),
            Self::AuTfn => digits(text).is_some_and(|d| people::au_tfn(&d)),
            Self::AuMedicare => digits(text).is_some_and(|d| people::au_medicare(&d)),
            Self::SgNric => compact(text).is_some_and(|t| people::sg_nric(&t)),
            Self::InAadhaar => digits(text).is_some_and(|d| people::in_aadhaar(&d)),
            Self::InPan => compact(text).is_some_and(|t| people::in_pan(&t)),
            Self::EsNif => compact(text).is_some_and(|t| people_europe::es_nif(&t)),
            Self::EsNie => compact(text).is_some_and(|t| people_europe::es_nie(&t)),
            Self::ItFiscalCode => compact(text).is_some_and(|t| people_europe::it_fiscal_code(&t)),
            Self::ItVat => digits(text).is_some_and(|d| business::it_vat(&d)),
            Self::PlPesel => digits(text).is_some_and(|d| people_europe::pl_pesel(&d)),
            Self::FiPersonalId => people_europe::fi_personal_id(text),
            Self::KrRrn => digits(text).is_some_and(|d| people::kr_rrn(&d)),
            Self::DeTaxId => digits(text).is_some_and(|d| people_europe::de_tax_id(&d)),
            Self::Base58Check => addresses::base58check(text),
            Self::Bech32 => addresses::bech32(text),
            Self::Ip => text.parse::<std::net::IpAddr>().is_ok(),
            Self::Jwt => tokens::jwt(text),
            Self::Entropy { millibits_min } => tokens::millibits(text.as_bytes()) >= *millibits_min,
        }
    }
}

/// The most characters that a number may have; more than any that is checked here.
const COMPACT_MAX: usize = 64;

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/')
}

/// The letters and digits of a text without its separators, in upper case.
fn compact(text: &str) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(text.len().min(COMPACT_MAX));
    for byte in text.bytes().filter(|byte| !is_separator(*byte)) {
        if !byte.is_ascii_alphanumeric() || kept.len() == COMPACT_MAX {
            return None;
        }
        kept.push(byte.to_ascii_uppercase());
    }
    Some(kept)
}

/// The same where all of them are digits, as numbers.
fn digits(text: &str) -> Option<Vec<u32>> {
    digits_of(&compact(text)?)
}

fn digits_of(text: &[u8]) -> Option<Vec<u32>> {
    text.iter().map(|byte| char::from(*byte).to_digit(10)).collect()
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
