//! Pseudonyms: the same for the same value, and readable for who holds the key.
//!
//! AES-SIV (RFC 5297) without a nonce: equal values of a kind have equal pseudonyms, and nothing else of a
//! value shows but its length. The bytes are written in sixteen letters in groups of eight, so that no
//! detector of numbers, tokens or keys finds them.

use crate::{RedactError, limits};
use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use std::fmt;

/// A key that makes pseudonyms and reads them.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; 64],
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms").finish_non_exhaustive()
    }
}

/// None of them is a digit, none looks like another.
const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrstv";
const GROUP: usize = 8;

impl Pseudonyms {
    /// With a key of 64 random bytes, which the host keeps.
    pub fn with_key(key: [u8; 64]) -> Self {
        Self { key }
    }

    /// The pseudonym of a value of a kind.
    pub fn of(&self, kind: &str, value: &str) -> Result<String, RedactError> {
        if value.len() > limits::PSEUDONYM_BYTES_MAX {
            return Err(RedactError::NoPseudonym);
        }
        let mut cipher = Aes256Siv::new((&self.key).into());
        let sealed = cipher.encrypt([kind.as_bytes()], value.as_bytes());
        let sealed = sealed.map_err(|_| RedactError::NoPseudonym)?;
        Ok(letters(&sealed))
    }

    /// The value of a pseudonym of a kind; nothing where it was not made with this key.
    pub fn read(&self, kind: &str, pseudonym: &str) -> Option<String> {
        if pseudonym.len() > limits::PSEUDONYM_BYTES_MAX * 4 {
            return None;
        }
        let sealed = bytes(pseudonym)?;
        let mut cipher = Aes256Siv::new((&self.key).into());
        let opened = cipher.decrypt([kind.as_bytes()], &sealed).ok()?;
        String::from_utf8(opened).ok()
    }
}

fn letters(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut written = String::with_capacity(bytes.len() * 9 / 4);
    for (index, half) in halves.enumerate() {
        if index > 0 && index.is_multiple_of(GROUP) {
            written.push('-');
        }
        written.extend(LETTERS.get(usize::from(half)).map(|letter| char::from(*letter)));
    }
    written
}

fn bytes(letters: &str) -> Option<Vec<u8>> {
    let halves = letters.bytes().filter(|letter| *letter != b'-');
    let halves = halves.map(|letter| LETTERS.iter().position(|known| *known == letter));
    let halves: Vec<u8> = halves.map(|half| u8::try_from(half?).ok()).collect::<Option<_>>()?;
    let (pairs, rest) = halves.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
