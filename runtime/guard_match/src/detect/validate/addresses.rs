//! Addresses of cryptographic currencies.

use sha2::{Digest, Sha256};

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// A version, 20 bytes of a hash, 4 bytes of check sum.
const BASE58CHECK_BYTES: usize = 25;

/// Base58 to exactly 25 bytes, the last four those of SHA-256 of SHA-256 of the others (Bitcoin's
/// `Base58Check` encoding).
pub(super) fn base58check(text: &str) -> bool {
    let Some(bytes) = base58_decode(text.as_bytes()) else { return false };
    let Some((payload, check)) = bytes.split_last_chunk::<4>() else { return false };
    let digest = Sha256::digest(Sha256::digest(payload));
    digest.starts_with(check)
}

/// A big number in base 256, by multiplying and adding. The text has at most 35 characters.
fn base58_decode(text: &[u8]) -> Option<[u8; BASE58CHECK_BYTES]> {
    if !(25..=35).contains(&text.len()) {
        return None;
    }
    let mut bytes = [0_u8; BASE58CHECK_BYTES];
    for byte in text {
        let digit = BASE58.iter().position(|other| other == byte)?;
        let mut carry = u32::try_from(digit).ok()?;
        for place in bytes.iter_mut().rev() {
            let value = u32::from(*place) * 58 + carry;
            *place = value.to_le_bytes()[0];
            carry = value >> 8;
        }
        if carry > 0 {
            return None;
        }
    }
    // Each leading zero byte is written as one `1`, and nothing else is.
    let ones = text.iter().take_while(|byte| **byte == b'1').count();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    (ones == zeros).then_some(bytes)
}

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// The longest address, in characters (BIP 173).
const BECH32_MAX: usize = 90;
/// Main and test networks of Bitcoin and Litecoin.
const NETWORKS: [&str; 5] = ["bc", "tb", "bcrt", "ltc", "tltc"];

/// A network, `1`, and at most 90 characters in all of one case. The check sum is that of bech32 for
/// witness version 0 and of bech32m for 1 to 16; the program has 2 to 40 bytes, 20 or 32 in version
/// 0 (BIP 173, BIP 350, BIP 141).
pub(super) fn bech32(text: &str) -> bool {
    let is_mixed = text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase());
    let Some((network, rest)) = text.rsplit_once('1') else { return false };
    let is_network = |known: &&&str| known.eq_ignore_ascii_case(network);
    let Some(network) = NETWORKS.iter().find(is_network) else { return false };
    if is_mixed || text.len() > BECH32_MAX {
        return false;
    }
    let mut values = [0; BECH32_MAX];
    for (value, byte) in values.iter_mut().zip(rest.bytes()) {
        let Some(known) = bech32_value(byte.to_ascii_lowercase()) else { return false };
        *value = known;
    }
    let values = values.get(..rest.len()).unwrap_or_default();
    let Some((body, _check)) = values.split_last_chunk::<6>() else { return false };
    let Some((version, program)) = body.split_first() else { return false };
    let want = if *version == 0 { 1 } else { 0x2bc8_30a3 };
    *version <= 16 && bech32_sum(network, values) == want && is_program(*version, program)
}

fn bech32_value(byte: u8) -> Option<u8> {
    BECH32.iter().position(|other| *other == byte).and_then(|place| u8::try_from(place).ok())
}

fn bech32_sum(network: &str, values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = network.bytes().map(|byte| byte >> 5);
    let low = network.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values.iter().copied());
    all.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        let bits = GENERATOR.iter().zip(0..).filter(|(_, bit)| top >> bit & 1 == 1);
        bits.fold(shifted, |sum, (generator, _)| sum ^ generator)
    })
}

/// Groups of five bits make whole bytes, with less than five bits of padding, all zero.
fn is_program(version: u8, program: &[u8]) -> bool {
    let bits = program.len() * 5;
    let padding = bits % 8;
    let last = program.last().copied().unwrap_or(0);
    let is_padded = padding < 5 && last & ((1 << padding) - 1) == 0;
    let bytes = bits / 8;
    let is_length = if version == 0 { matches!(bytes, 20 | 32) } else { (2..=40).contains(&bytes) };
    is_padded && is_length
}
