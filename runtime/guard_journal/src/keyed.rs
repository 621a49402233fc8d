//! Values that must not stand in a log: their keyed hash stands there instead.
//!
//! Equal values have equal hashes, so that a reader can follow one through the log; without the
//! key nobody can try values out.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::hex;

const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 of a value, in hexadecimal (RFC 2104).
pub fn keyed_hash(key: &[u8], value: &[u8]) -> String {
    let mut block = [0; BLOCK_BYTES];
    let hashed: [u8; 32];
    let key = if key.len() > BLOCK_BYTES {
        hashed = Sha256::digest(key).into();
        &hashed
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(value);
    let outer =
        Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner.finalize());
    hex::encode(&outer.finalize())
}

/// How many digits of the hash stand in a masked text: 64 bits, enough to follow a value through
/// a log and too few to be mistaken for proof.
const SHOWN_DIGITS: usize = 16;

/// Replaces each secret text wherever it occurs in the entry's strings and keys by
/// `⟨hmac:…⟩`. Where secrets overlap the longest that begins first is replaced.
///
/// A number or a truth value whose text is a secret is replaced as a whole. An empty secret stands
/// for nothing.
pub fn mask(entry: &mut Value, secrets: &[&str], key: &[u8]) {
    let mut masks: Vec<(&str, String)> = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .map(|secret| (*secret, sign(key, secret)))
        .collect();
    masks.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then(one.cmp(other)));
    masks.dedup();
    if !masks.is_empty() {
        mask_value(entry, &masks);
    }
}

fn sign(key: &[u8], secret: &str) -> String {
    let mut hash = keyed_hash(key, secret.as_bytes());
    hash.truncate(SHOWN_DIGITS);
    format!("⟨hmac:{hash}⟩")
}

fn mask_value(value: &mut Value, masks: &[(&str, String)]) {
    match value {
        Value::Null => {}
        Value::String(text) => {
            if let Some(masked) = mask_text(text, masks) {
                *text = masked;
            }
        }
        Value::Bool(_) | Value::Number(_) => {
            let text = value.to_string();
            if let Some((_, mask)) = masks.iter().find(|(secret, _)| *secret == text) {
                *value = Value::String(mask.clone());
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| mask_value(part, masks)),
        Value::Object(fields) => {
            for (name, mut field) in std::mem::take(fields) {
                mask_value(&mut field, masks);
                fields.insert(mask_text(&name, masks).unwrap_or(name), field);
            }
        }
    }
}

/// The text with its secrets replaced, if it has any.
fn mask_text(text: &str, masks: &[(&str, String)]) -> Option<String> {
    let mut masked = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(next) = rest.chars().next() {
        let hit = masks
            .iter()
            .find_map(|(secret, mask)| rest.strip_prefix(*secret).map(|behind| (behind, mask)));
        rest = match hit {
            Some((behind, mask)) => {
                found = true;
                masked.push_str(mask);
                behind
            }
            None => {
                masked.push(next);
                rest.strip_prefix(next).unwrap_or_default()
            }
        };
    }
    found.then_some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_keyed_hash_is_the_one_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 4] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, value, want) in cases {
            assert_eq!(keyed_hash(key, value), want);
        }
    }

    #[test]
    fn a_secret_is_replaced_in_every_string_key_and_number() {
        let mut entry = json!({
            "to": "pay DE89 and DE89", "DE89": [{"note": "xDE89y"}], "pin": 1234, "n": 12345
        });
        mask(&mut entry, &["DE89", "1234"], b"key");
        let text = entry.to_string();
        assert!(!text.contains("DE89"), "{text}");
        assert_eq!(entry["n"], json!(12345));
        assert!(entry["pin"].as_str().unwrap().starts_with("⟨hmac:"));
    }

    #[test]
    fn the_longest_of_overlapping_secrets_is_replaced() {
        let mut entry = json!("abcd");
        mask(&mut entry, &["ab", "abcd"], b"key");
        assert_eq!(entry, json!(sign(b"key", "abcd")));
    }

    proptest! {
        #[test]
        fn no_masked_entry_holds_a_secret(
            texts in proptest::collection::vec("[x-z]{0,12}", 1..5),
            secrets in proptest::collection::vec("[x-z]{1,4}", 1..4),
        ) {
            let mut entry = json!({"list": texts.clone(), texts[0].clone(): 1});
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            mask(&mut entry, &secrets, b"key");
            let text = entry.to_string();
            for secret in secrets {
                prop_assert!(!text.contains(secret), "{} in {}", secret, text);
            }
        }
    }
}
