//! What a count is kept under.

use sha2::{Digest as _, Sha256};

/// 128 bits of a SHA-256: nobody finds a second key with the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u128);

impl Key {
    /// The key of some values within a scope: the limit's or the question's own words.
    pub fn new(scope: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            // Lengths first, so that no two keys run into the same bytes.
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(scope.as_bytes());
        for bytes in parts {
            part(bytes);
        }
        let digest = hash.finalize();
        let first = digest.iter().take(16);
        Self(first.fold(0, |all, byte| (all << 8) | u128::from(*byte)))
    }
}
