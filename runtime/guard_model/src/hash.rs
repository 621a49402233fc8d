//! The hash of a feature. It is part of the format: a model's weights stand where it says.

/// The fractional part of the golden ratio, as Fibonacci hashing has it.
const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
/// A multiplier of `SplitMix64`'s finaliser.
const SECOND: u64 = 0xBF58_476D_1CE4_E5B9;

/// Spreads a value over all 64 bits: two rounds of multiply and fold, from `SplitMix64`.
#[inline]
pub(crate) fn mix(value: u64) -> u64 {
    let first = value.wrapping_mul(FIRST);
    let second = (first ^ (first >> 29)).wrapping_mul(SECOND);
    second ^ (second >> 32)
}

/// Spreads the six symbols of an n-gram: one round, since it is asked for every symbol of a text.
#[inline]
pub(crate) fn mix_gram(symbols: u64) -> u64 {
    let first = symbols.wrapping_mul(FIRST);
    first ^ (first >> 32)
}

/// A value and another, in this order.
#[inline]
pub(crate) fn pair(first: u64, second: u64) -> u64 {
    first.wrapping_mul(SECOND).rotate_left(23) ^ second
}

/// FNV-1a with 64 bits, for the file's check sum.
pub(crate) fn check_sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
