//! Tests of validators: examples that those who give out the numbers publish, and what breaks them.

use super::accepts;
use guard_plan::Validator::{self, *};
use proptest::prelude::*;

/// Numbers that are right, each written as people write it.
const RIGHT: &[(Validator, &[&str])] = &[
    (Luhn, &["79927398713", "00"]),
    (
        Card,
        &[
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "2223003122003222",
            "378282246310005",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
        ],
    ),
    (
        Iban,
        &[
            "GB82 WEST 1234 5698 7654 32",
            "DE89370400440532013000",
            "NO93 8601 1117 947",
            "nl91abna0417164300",
            "FR14 2004 1010 0505 0001 3M02 606",
            "MA56001002003004005006007008",
        ],
    ),
    (UsSsn, &["123-45-6789", "899-01-0001", "001010001"]),
    (UsItin, &["912-70-1234", "999-94-0000", "900-50-0000"]),
    (UsAba, &["021000021", "111000025"]),
    (UkNhs, &["943 476 5919", "9434765870"]),
    (UkNino, &["AB 12 34 56 C", "jg103759a"]),
    (AuAbn, &["51 824 753 556", "83 914 571 673"]),
    (AuAcn, &["000 000 019", "004 085 616"]),
    (AuTfn, &["123 456 782"]),
    (AuMedicare, &["2123 45670 1"]),
    (SgNric, &["S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K"]),
    (InAadhaar, &["2341 2341 2346"]),
    (InPan, &["ACUPA7085R"]),
    (EsNif, &["12345678Z", "54362315-K"]),
    (EsNie, &["X1234567L", "Z1234567R"]),
    (ItFiscalCode, &["RSSMRA85T10A562S"]),
    (ItVat, &["00743110157"]),
    (PlPesel, &["44051401359", "02070803628"]),
    (FiPersonalId, &["131052-308T", "131052X308T"]),
    (KrRrn, &["971013-9019902"]),
    (DeTaxId, &["36 574 261 809"]),
    (Base58Check, &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"]),
    (
        Bech32,
        &[
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        ],
    ),
    (Ip, &["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "::"]),
    (Jwt, &["eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "eyJhbGciOiJub25lIn0.e30."]),
    (
        Phone,
        &[
            "+44 20 7946 0123",
            "001-555-555-0123x42",
            "(555) 010-1234",
            "+49 (0)30 901820",
            "0555 0123",
        ],
    ),
    (
        RandomValue,
        &["x7Kq2Vb9Lm4Tz8Rw", "token=8f3b244c9986e1d05a7c42b9f0e63d18", "k: 'x7Kq2Vb9Lm4T'"],
    ),
    (Password, &["password = 'Tr0ub4dor&3'", "postgres://app:Tr0ub4dor@db.example"]),
    (
        PrivateUrl,
        &[
            "http://127.0.0.1/",
            "http://0x7f000001/",
            "http://017700000001/",
            "http://127.1/",
            "http://u:p@[::ffff:a00:1]:80/",
            "http://%31%30.0.0.1/",
            "https://good.example/?u=http://localhost/",
            "http://metadata.google.internal/",
        ],
    ),
];

/// What is nearly right.
const WRONG: &[(Validator, &[&str])] = &[
    (Luhn, &["79927398710", "0", "", "7992739871x"]),
    (Card, &["4111 1111 1111 1112", "4111 1111 111", "9111111111111113", "0000000000000000"]),
    (
        Iban,
        &[
            "GB82 WEST 1234 5698 7654 33",
            "GB82WEST123456987654321",
            "XX82WEST12345698765432",
            "DE",
            // The remainder is right, the structure is not.
            "GB25123412345698765432",
            "DE0537040044053201300A",
        ],
    ),
    (
        UsSsn,
        &["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"],
    ),
    (UsItin, &["812-70-1234", "912-69-1234", "912-93-1234", "912-49-1234"]),
    (UsAba, &["021000022", "991000021", "000000000", "0210000210"]),
    (UkNhs, &["943 476 5918", "0000000000", "94347659190"]),
    (UkNino, &["DA123456C", "AO123456C", "GB123456C", "AB123456E", "AB12345C"]),
    (AuAbn, &["51 824 753 557", "00 000 000 000"]),
    (AuAcn, &["004 085 617", "000000000"]),
    (AuTfn, &["123 456 783", "000000000"]),
    (AuMedicare, &["2123 45680 1", "1123456701", "2123 45670 0"]),
    (SgNric, &["S1234567E", "A1234567D", "S123456D"]),
    (InAadhaar, &["2341 2341 2347", "1341 2341 2346"]),
    (InPan, &["ACUXA7085R", "ACUPA0000R", "ACUPA70851"]),
    (EsNif, &["12345678A", "1234567Z"]),
    (EsNie, &["X1234567T", "W1234567L"]),
    (ItFiscalCode, &["RSSMRA85T10A562T", "RSSMRA85Z10A562S", "RSSMRA85T10A562"]),
    (ItVat, &["00743110158", "00000000000"]),
    (PlPesel, &["44051401358", "44053201353", "44131401359"]),
    (FiPersonalId, &["131052-308U", "310252-308T", "131052G308T", "131052-001T"]),
    (KrRrn, &["971013-9019903", "971313-9019902"]),
    (DeTaxId, &["36 574 261 808", "06574261809", "12345678901", "11234567899"]),
    (
        Base58Check,
        &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "0x", ""],
    ),
    (
        Bech32,
        &[
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "bC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            // The check sum of the other version, and no known network.
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
            "xx1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1",
        ],
    ),
    (
        Ip,
        &[
            "192.0.2.256",
            "192.0.2",
            "01.2.3.4",
            "2001:db8:::1",
            "192.0.2.1%eth0",
            "fe80::1%",
            " 192.0.2.1",
        ],
    ),
    (
        Jwt,
        &[
            "eyJhbGciOiJIUzI1NiJ9.e30",
            "eyJhbGciOiJIUzI1NiJ9.e30.",
            "e30.e30.c2ln",
            "a.b.c",
            "..",
            "W10.e30.c2ln",
        ],
    ),
    (
        Phone,
        &["+35020", "2024-05-01", "123-45-6789", "192.0.2.155", "5555555555", "+999 1234 5678", ""],
    ),
    (
        RandomValue,
        &[
            "aaaaaaaaaaaaaaaa",
            "refresh_token_expires",
            "your-api-key-12345",
            "0123456789abcdef",
            "x7Kq2Vb9",
        ],
    ),
    (Password, &["password = 'password'", "pg://user:secret@db", "addPassword = '#add-password'"]),
    (
        PrivateUrl,
        &["http://8.8.8.8/", "https://example.com/127.0.0.1", "http://host:port/", "http://"],
    ),
];

#[test]
fn published_examples_are_accepted() {
    for (validator, texts) in RIGHT {
        for text in *texts {
            assert!(accepts(*validator, text), "{validator:?} {text}");
        }
    }
}

#[test]
fn what_is_nearly_right_is_refused() {
    for (validator, texts) in WRONG {
        for text in *texts {
            assert!(!accepts(*validator, text), "{validator:?} {text}");
        }
    }
}

#[test]
fn one_wrong_digit_is_noticed() {
    // Those whose formula notices each single wrong digit. Dates and prefixes may refuse it as well.
    let all =
        [Luhn, Iban, UsAba, UkNhs, AuAbn, InAadhaar, EsNif, EsNie, ItVat, PlPesel, KrRrn, DeTaxId];
    for (validator, texts) in RIGHT.iter().filter(|(validator, _)| all.contains(validator)) {
        for text in *texts {
            for (place, old) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                for new in ('0'..='9').filter(|new| *new != old) {
                    let mut wrong = (*text).to_owned();
                    wrong.replace_range(place..=place, &new.to_string());
                    assert!(!accepts(*validator, &wrong), "{validator:?} {wrong}");
                }
            }
        }
    }
}

#[test]
fn entropy_is_that_of_the_bytes() {
    let millibits = |text: &str| super::tokens::millibits(text.as_bytes());
    assert_eq!(
        [millibits(""), millibits("aaaa"), millibits("abab"), millibits("abcd")],
        [0, 0, 1000, 2000]
    );
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(super::tokens::millibits(&all), 8000);
    // 1/3 and 2/3: log2(3) - 2/3 = 0.9182…
    assert_eq!(millibits("aab"), 918);
    assert!(accepts(Entropy { millibits_min: 2000 }, "abcd"));
    assert!(!accepts(Entropy { millibits_min: 2001 }, "abcd"));
}

fn every_validator() -> Vec<Validator> {
    RIGHT.iter().map(|(validator, _)| *validator).chain([Entropy { millibits_min: 1 }]).collect()
}

proptest! {
    #[test]
    fn no_text_makes_a_validator_panic(text in ".{0,80}", number in "[0-9A-Za-z -]{0,40}", long in "[0-9]{60,300}") {
        for validator in every_validator() {
            for text in [&text, &number, &long] {
                accepts(validator, text);
            }
        }
    }

    #[test]
    fn entropy_agrees_with_floating_point(bytes in prop::collection::vec(0_u8..12, 1..300)) {
        let mut counts = [0_u32; 12];
        for byte in &bytes {
            counts[usize::from(*byte)] += 1;
        }
        let n = f64::from(counts.iter().sum::<u32>());
        let counts = counts.into_iter().map(f64::from);
        let bits: f64 = counts.filter(|c| *c > 0.0).map(|c| -(c / n) * (c / n).log2()).sum();
        let millibits = f64::from(super::tokens::millibits(&bytes));
        prop_assert!((millibits - bits * 1000.0).abs() <= 1.1, "{millibits} {bits}");
    }
}
