//! Telephone numbers.

use super::{Short, dates::is_date, number};

/// First and last calling code of a range, and the fewest and most digits behind it (ITU-T E.164 and the
/// national numbering plans; where a plan is open, the least and most that it gives out).
const CALLING_CODES: [(u32, u32, usize, usize); 60] = [
    (1, 1, 10, 10),
    (7, 7, 10, 10),
    (20, 20, 8, 10),
    (27, 27, 9, 9),
    (30, 30, 10, 10),
    (31, 31, 9, 9),
    (32, 32, 8, 9),
    (33, 33, 9, 9),
    (34, 34, 9, 9),
    (36, 36, 8, 9),
    (39, 39, 6, 12),
    (40, 40, 9, 9),
    (41, 41, 9, 9),
    (43, 43, 6, 13),
    (44, 44, 9, 10),
    (45, 45, 8, 8),
    (46, 46, 7, 10),
    (47, 47, 8, 8),
    (48, 48, 9, 9),
    (49, 49, 6, 12),
    (51, 51, 8, 9),
    (52, 52, 10, 11),
    (53, 53, 7, 8),
    (54, 54, 10, 11),
    (55, 55, 10, 11),
    (56, 56, 9, 9),
    (57, 57, 8, 10),
    (58, 58, 10, 10),
    (60, 60, 8, 10),
    (61, 61, 9, 9),
    (62, 62, 8, 12),
    (63, 63, 8, 10),
    (64, 64, 8, 10),
    (65, 65, 8, 11),
    (66, 66, 8, 9),
    (81, 81, 9, 10),
    (82, 82, 8, 11),
    (84, 84, 9, 10),
    (86, 86, 9, 12),
    (90, 90, 10, 10),
    (91, 91, 10, 10),
    (92, 92, 9, 10),
    (93, 93, 9, 9),
    (94, 94, 9, 9),
    (95, 95, 7, 10),
    (98, 98, 10, 10),
    (211, 213, 8, 9),
    (216, 216, 8, 8),
    (218, 218, 8, 9),
    (220, 269, 6, 10),
    (290, 291, 4, 7),
    (297, 299, 6, 7),
    (350, 359, 6, 12),
    (370, 389, 6, 10),
    (420, 423, 7, 9),
    (500, 509, 5, 9),
    (590, 599, 6, 9),
    (670, 692, 5, 8),
    (800, 888, 7, 11),
    (960, 998, 7, 10),
];
/// Digits of a whole number without a calling code.
const NATIONAL: std::ops::RangeInclusive<usize> = 6..=12;

/// Blanks, hyphens, dots, slashes and brackets are skipped; behind `x`, `#` or `ext` is an extension.
pub(super) fn phone(text: &str) -> bool {
    let number_end = text.bytes().position(|byte| byte == b'#' || byte.is_ascii_alphabetic());
    let text = text.get(..number_end.unwrap_or(text.len())).unwrap_or_default();
    let Some(digits) = digits_without_trunk(text) else { return false };
    let is_varied = digits.iter().any(|digit| Some(digit) != digits.first());
    if !is_varied || looks_like_date(text) || is_of_other_kind(text) {
        return false;
    }
    match international(text, &digits) {
        Some(digits) => is_in_plan(digits),
        None => NATIONAL.contains(&digits.len()),
    }
}

/// The digits, without a `(0)` that is left out when calling from abroad.
fn digits_without_trunk(text: &str) -> Option<Short<u32>> {
    let mut digits = Short::new();
    let (before, after) = match text.split_once("(0)") {
        Some((before, after)) if text.starts_with(['+', '0']) => (before, after),
        _ => (text, ""),
    };
    for byte in before.bytes().chain(after.bytes()) {
        match byte {
            b'0'..=b'9' => digits.push(u32::from(byte - b'0'))?,
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// The digits behind `+` or `00`.
fn international<'a>(text: &str, digits: &'a [u32]) -> Option<&'a [u32]> {
    if text.starts_with('+') {
        return Some(digits);
    }
    match digits {
        [0, 0, rest @ ..] => Some(rest),
        _ => None,
    }
}

fn is_in_plan(digits: &[u32]) -> bool {
    // National numbers of most plans do not keep the 0 in front; people write it all the same.
    (1..=3).any(|places| {
        let code = digits.get(..places).and_then(number);
        let rest = digits.get(places..).unwrap_or_default();
        let length = rest.strip_prefix(&[0]).map_or(rest.len(), |rest| rest.len() + 1);
        CALLING_CODES.iter().any(|(first, last, least, most)| {
            let is_code =
                code.is_some_and(|code| (u64::from(*first)..=u64::from(*last)).contains(&code));
            is_code && *least <= length && length <= *most + usize::from(rest.first() == Some(&0))
        })
    })
}

/// An address of IPv4, or three digits, two and four with hyphens, as American social security numbers have.
fn is_of_other_kind(text: &str) -> bool {
    let mut parts = text.split('-').map(str::len);
    let lengths = (parts.next(), parts.next(), parts.next(), parts.next());
    lengths == (Some(3), Some(2), Some(4), None) || text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `2024-05-01`, `01.05.2024`, `1/5/2024`.
fn looks_like_date(text: &str) -> bool {
    let mut parts = text.splitn(4, ['-', '.', '/', ' ']);
    let (Some(a), Some(b), Some(c)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let value = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    let (Some(first), Some(middle), Some(last)) = (value(a), value(b), value(c)) else {
        return false;
    };
    let is_year = |year: u32| (1900..2100).contains(&year);
    is_year(first) && a.len() == 4 && is_date(first, middle, last)
        || is_year(last)
            && c.len() == 4
            && (is_date(last, middle, first) || is_date(last, first, middle))
}
