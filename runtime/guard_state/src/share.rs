//! The stable share of keys for `rollout P% by KEY` and `review P%`.

use crate::key::{digest, first_bytes};

/// Where `key` stands among ten thousand, the same on every machine and in every version.
///
/// `rollout 12.5%` enforces its rule for the keys below 1,250. A different `salt` (the rule's name)
/// chooses different keys. The remainder favours the low shares by less than one in 10^15.
pub fn stable_share(key: &[u8], salt: &str) -> u32 {
    let number = u64::from_be_bytes(first_bytes(&digest(salt, &[key])));
    u32::try_from(number % 10_000).unwrap_or(0)
}
