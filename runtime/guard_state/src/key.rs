//! The name under which state is kept: a digest, so that no value of an event lies in a store.

use sha2::{Digest, Sha256};
use std::fmt;

/// A digest of what a limit, a breaker or a novelty question is asked for.
///
/// Two keys are equal when scope and parts are (up to a collision of SHA-256 at 128 bits). Who can
/// guess a value can compute its key: put a secret of the host into the scope where that matters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    /// The key of `parts` within `scope`, which names the limit and its policy.
    ///
    /// ```
    /// # use guard_state::Key;
    /// assert_ne!(Key::new("l", &[b"ab", b"c"]), Key::new("l", &[b"a", b"bc"]));
    /// ```
    pub fn new(scope: &str, parts: &[&[u8]]) -> Self {
        Self(u128::from_be_bytes(first_bytes(&digest(scope, parts))))
    }

    /// The key of these bits, as [`Key::bits`] gave them.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The key's bits, for a store's own naming.
    pub const fn bits(self) -> u128 {
        self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:032x})", self.0)
    }
}

/// Every part has its length in front, so that no two lists of parts are hashed alike.
pub(crate) fn digest(scope: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(scope.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The first bytes of a digest.
pub(crate) fn first_bytes<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
    let mut first = [0; N];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = *from;
    }
    first
}
