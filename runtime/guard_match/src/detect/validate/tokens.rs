//! Tokens: what they are made of, and how little of it repeats.

use serde::Deserialize;
use std::borrow::Cow;

/// The longest header that is read, in characters of base64url.
const HEADER_MAX: usize = 8192;
/// What it is decoded to, in bytes.
const DECODED_MAX: usize = HEADER_MAX / 4 * 3;

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
}

/// Three parts of base64url, the first a JSON object with a text `alg` (RFC 7515, section 3.1; RFC
/// 7519). The last part may be empty, where `alg` is `none`.
pub(super) fn jwt(text: &str) -> bool {
    let mut parts = text.splitn(4, '.');
    let all = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(header), Some(claims), Some(signature), None) = all else { return false };
    let is_base64 = |part: &str| part.bytes().all(|byte| base64_value(byte).is_some());
    if header.len() > HEADER_MAX
        || claims.is_empty()
        || ![claims, signature].into_iter().all(is_base64)
    {
        return false;
    }
    let mut decoded = [0; DECODED_MAX];
    let Some(json) = base64url_decode(header.as_bytes(), &mut decoded) else { return false };
    let header: Result<Header<'_>, _> = serde_json::from_slice(json);
    header.is_ok_and(|header| {
        !header.alg.is_empty() && signature.is_empty() == (header.alg == "none")
    })
}

fn base64_value(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

/// Base64url without padding (RFC 4648, section 5).
fn base64url_decode<'a>(text: &[u8], room: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut length = 0;
    for group in text.chunks(4) {
        let mut word = 0;
        for byte in group {
            word = word << 6 | base64_value(*byte)?;
        }
        word <<= 6 * (4 - group.len());
        let [_, decoded @ ..] = word.to_be_bytes();
        // Two characters hold one byte, three two, four three; one holds none.
        let count = group.len().checked_sub(1).filter(|count| *count > 0)?;
        room.get_mut(length..length + count)?.copy_from_slice(decoded.get(..count)?);
        length += count;
    }
    room.get(..length)
}

/// Shannon's entropy of the bytes' frequencies in thousandths of a bit for each byte, rounded down (C.
/// E. Shannon, A mathematical theory of communication, 1948, section 6). In whole numbers, so that
/// every machine says the same.
pub(super) fn millibits(bytes: &[u8]) -> u32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let Some(length) = u32::try_from(bytes.len()).ok().filter(|length| *length > 0) else {
        return 0;
    };
    // log2(n) - sum(c × log2(c)) / n
    let repeated: u64 =
        counts.iter().filter(|count| **count > 1).map(|c| u64::from(*c) * log2(*c)).sum();
    let entropy = log2(length).saturating_sub(repeated / u64::from(length));
    u32::try_from((entropy * 1000) >> LOG_BITS).unwrap_or(u32::MAX)
}

/// Binary digits behind the point of [`log2`].
const LOG_BITS: u32 = 24;

/// The binary logarithm in fixed point, digit by digit: squaring doubles it. 0 for 0.
fn log2(value: u32) -> u64 {
    let Some(whole) = value.checked_ilog2() else { return 0 };
    // Between 1 and 2, with 31 binary digits behind the point.
    let mut mantissa = u64::from(value) << (31 - whole);
    let mut log = u64::from(whole);
    for _ in 0..LOG_BITS {
        mantissa = (mantissa * mantissa) >> 31;
        let digit = mantissa >> 32;
        mantissa >>= digit;
        log = (log << 1) | digit;
    }
    log
}
