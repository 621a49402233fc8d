//! Shares of keys and events that are the same on every machine.

use sha2::{Digest as _, Sha256};

/// Which of 10,000 equal parts some bytes fall into. They are hashed with SHA-256, so that nobody
/// finds a part by trying ids in order.
pub(crate) fn share_of(bytes: &[u8]) -> u32 {
    let digest = Sha256::digest(bytes);
    let first = digest.iter().take(4).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    // The product is below 10,000 times two to the power of 32.
    u32::try_from((first * 10_000) >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::share_of;

    #[test]
    fn a_share_is_stable_and_spread() {
        assert_eq!(share_of(b"u1"), share_of(b"u1"));
        let below = (0..10_000_u32).filter(|n| share_of(&n.to_le_bytes()) < 2_500).count();
        assert!((2_300..2_700).contains(&below), "{below} of 10,000 fall into a quarter");
    }
}
