//! Detectors: what is looked for in texts, beside patterns that only say yes or no.

use serde::{Deserialize, Serialize};

/// What finds one kind of thing in text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Detector {
    /// What errors call it.
    pub name: String,
    /// Its patterns; where two match at one place, the first is preferred.
    pub patterns: Vec<String>,
    /// What the text of a match must pass besides.
    pub validator: Option<Validator>,
    /// What must stand near a match.
    pub near: Option<Near>,
}

/// The context that a match needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Near {
    /// One of these must stand near as a whole word, in any case. Letters and digits of ASCII and
    /// the underscore make a word longer; other characters end it.
    pub words: Vec<String>,
    /// How far from the match, in bytes before its start and after its end.
    pub window: u32,
}

/// What a rule replaces in an event's texts when it fires.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RedactionUse {
    /// Index into [`crate::Entry::rules`]; its effect is [`crate::Effect::Redact`].
    pub rule: u32,
    /// Indices into [`crate::Plan::detectors`], sorted.
    pub detectors: Vec<u32>,
    /// What a match is replaced by: `[{kind}]`.
    pub template: String,
}

/// A model that gives a text a probability.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Model {
    /// What its author calls it.
    pub name: String,
    /// What its file is.
    pub form: ModelForm,
    /// Its file.
    pub weights: Vec<u8>,
}

/// What the file of a model is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ModelForm {
    /// A linear model, as `guard_model` reads it.
    Linear,
    /// An ONNX network, which the host runs.
    Onnx {
        /// The file of its tokenizer (`tokenizer.json`); none where it reads the bytes of a text.
        tokenizer: Option<Vec<u8>>,
    },
}

/// A detector outside of the process: asked over HTTP, with an end to the wait and a stated failure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Service {
    /// What its author calls it.
    pub name: String,
    /// Where it is asked.
    pub url: String,
    /// How many milliseconds it may take, from the connection to the last byte.
    pub timeout_ms: u32,
    /// Where it does not answer, its score is 0 and not unknown.
    pub passes_on_error: bool,
}

/// A check on the text of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// A telephone number: 7 to 15 digits, an extension left out. Behind `+` or `00` the calling code is one
    /// that is assigned (ITU-T E.164, annex to Operational Bulletin 1114) and the number as long as there. No
    /// date, and not one digit alone repeated.
    Phone,
    /// What is assigned at the end of the match looks drawn at random: 12 characters or more without blanks,
    /// of letters and digits that change often, and no placeholder. See `guard_match`.
    RandomValue,
    /// What stands between `:` and `@`, or behind the last `=`, `:` or `>`, can be a password: letters with digits
    /// or signs among them, and none of the words that documentation puts there.
    Password,
    /// An address `scheme://…` whose host is not on the public Internet, in any of the spellings that resolvers take:
    /// decimal, octal, hexadecimal, shortened, inside IPv6; names of this machine, of clusters and of metadata services.
    /// Of several addresses in one another the last counts. Percent-encoding is undone once.
    PrivateUrl,
    /// Shannon's entropy of the bytes of the match, in thousandths of a bit for each byte, is at
    /// least this. Nothing is skipped.
    Entropy {
        /// The least, in thousandths of a bit; 8000 is the most there is.
        millibits_min: u32,
    },
}
