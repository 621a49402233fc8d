//! JSON numbers as whole numbers of 64 bits and as finite floats.

use crate::scan::Number;

/// What a JSON number is as a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    Is(i64),
    /// It has a part after the point.
    Not,
    /// It does not fit, or another program may have rounded it before it was written so.
    OutOfRange,
}

/// Beyond this a float no longer holds every whole number, so `9007199254740993.0` may have been
/// another number before.
const EXACT_MAX: u64 = 1 << 53;

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

/// The number as a whole number; `text` is its spelling.
#[inline]
pub(crate) fn whole(number: Number, text: &str) -> Whole {
    if !number.plain || number.fraction > 0 {
        return decimal(text);
    }
    let small = number.digits.and_then(|digits| i64::try_from(digits).ok());
    match small {
        Some(digits) => Whole::Is(if number.negative { -digits } else { digits }),
        None => text.parse().map_or(Whole::OutOfRange, Whole::Is),
    }
}

/// The number as a float; `None` where it is too large for one.
#[inline]
pub(crate) fn float(number: Number, text: &str) -> Option<f64> {
    // Both operands are exact, so one correctly rounded division gives the nearest float.
    if number.plain
        && let Some(digits) = number.digits.filter(|digits| *digits <= EXACT_MAX)
        && let Some(power) = POWERS.get(number.fraction)
    {
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53, which a float holds exactly")]
        let value = digits as f64 / power;
        return Some(if number.negative { -value } else { value });
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A number with a point or an exponent, read exactly.
fn decimal(text: &str) -> Whole {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let after = after.trim_end_matches('0');
    if before == "0" && after.is_empty() {
        return Whole::Is(0);
    }
    let Ok(exponent) = exponent.parse::<i64>() else {
        // An exponent that does not fit 64 bits itself.
        return if exponent.starts_with('-') { Whole::Not } else { Whole::OutOfRange };
    };
    // From here the number is the digits of both parts times ten to the power of `scale`.
    let mut scale = exponent.saturating_sub(i64::try_from(after.len()).unwrap_or(i64::MAX));
    let mut significant = before.bytes().chain(after.bytes()).rev().peekable();
    while significant.next_if_eq(&b'0').is_some() {
        scale = scale.saturating_add(1);
    }
    if scale < 0 {
        return Whole::Not;
    }
    let digits = significant.rev().try_fold(0, |value: u64, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))
    });
    let value = u32::try_from(scale)
        .ok()
        .and_then(|scale| 10_u64.checked_pow(scale))
        .and_then(|power| digits?.checked_mul(power))
        .filter(|value| *value < EXACT_MAX)
        .and_then(|value| i64::try_from(value).ok());
    match value {
        Some(value) => Whole::Is(if negative { -value } else { value }),
        None => Whole::OutOfRange,
    }
}
