//! Number literals by their value, in the ways in which people part thousands and decimals.

use crate::limits::{DIGITS_MAX, LITERAL_BYTES_MAX};

/// The values that a literal can mean: one, or two where it is written in a way that two countries read
/// differently.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Values {
    pub(crate) first: f64,
    pub(crate) second: Option<f64>,
}

/// Marks that part thousands and nothing else.
pub(crate) fn is_group_mark(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{A0}' | '\u{202F}' | '\u{2009}')
}

/// Reads ASCII digits with marks between them: `1200`, `1,200.00`, `1.200,00`, `1'200`. `scale` is the power of
/// ten that a `k` or a `million` behind it means. Nothing for what is no number: `10.0.0.1`, `007`.
pub(crate) fn read(literal: &str, scale: u32) -> Option<Values> {
    if literal.len() > LITERAL_BYTES_MAX || !literal.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (dots, commas) = (count(literal, '.'), count(literal, ','));
    let grouped = literal.contains(is_group_mark);
    let decimal = match (dots, commas) {
        (1, 0) if grouped || !ends_in_group(literal, '.') => Some('.'),
        (0, 1) if grouped || !ends_in_group(literal, ',') => Some(','),
        (1, 0) => {
            // `1.200` is 1.2 for one half of the world and 1200 for the other.
            let first = value(literal, Some('.'), scale)?;
            return Some(Values { first, second: value(literal, None, scale) });
        }
        // None, or several, which can only part thousands.
        (0, _) | (_, 0) => None,
        (1, _) if literal.rfind('.') > literal.rfind(',') => Some('.'),
        (_, 1) if literal.rfind(',') > literal.rfind('.') => Some(','),
        _ => return None,
    };
    Some(Values { first: value(literal, decimal, scale)?, second: None })
}

fn count(literal: &str, mark: char) -> usize {
    literal.matches(mark).count()
}

/// Whether one to three digits stand before the mark and three after it: it may part thousands.
fn ends_in_group(literal: &str, mark: char) -> bool {
    literal.split_once(mark).is_some_and(|(whole, rest)| {
        rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0')
    })
}

/// The value of a literal in which `decimal` parts the fraction, and all other marks part thousands.
fn value(literal: &str, decimal: Option<char>, scale: u32) -> Option<f64> {
    let (whole, fraction) = match decimal.and_then(|mark| literal.rsplit_once(mark)) {
        Some((whole, fraction)) => (whole, fraction),
        None => (literal, ""),
    };
    let mut groups = whole.split(|c: char| !c.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let is_grouped = rest.peek().is_some();
    let is_code = first.is_empty() || (first.len() > 1 && first.starts_with('0'));
    if is_code || (is_grouped && first.len() > 3) || !rest.all(|group| group.len() == 3) {
        return None;
    }
    let mut buffer = Buffer::default();
    whole.bytes().filter(u8::is_ascii_digit).for_each(|digit| buffer.put(digit));
    if buffer.length + fraction.len() > DIGITS_MAX {
        return None;
    }
    buffer.put(b'.');
    fraction.bytes().for_each(|digit| buffer.put(digit));
    buffer.put(b'0');
    buffer.put(b'e');
    // A power of ten below a hundred has two digits.
    buffer.put(b'0' + u8::try_from(scale / 10 % 10).unwrap_or(0));
    buffer.put(b'0' + u8::try_from(scale % 10).unwrap_or(0));
    // Written out and read at once, so that 2.3 million is the double next to it.
    let value: f64 = buffer.text().parse().ok()?;
    value.is_finite().then_some(value)
}

/// Room for a literal.
#[derive(Default)]
struct Buffer {
    bytes: [u8; 32],
    length: usize,
}

impl Buffer {
    fn put(&mut self, byte: u8) {
        if let Some(room) = self.bytes.get_mut(self.length) {
            *room = byte;
            self.length += 1;
        }
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_by_value() {
        let one = |first| Some(Values { first, second: None });
        for (literal, want) in [
            ("1200", one(1200.0)),
            ("1,200.00", one(1200.0)),
            ("1.200,00", one(1200.0)),
            ("1'200", one(1200.0)),
            ("1\u{A0}200,5", one(1200.5)),
            ("12,345,678", one(12_345_678.0)),
            ("12.345.678", one(12_345_678.0)),
            ("1,200", one(1200.0)),
            ("1,25", one(1.25)),
            ("98.70", one(98.7)),
            ("1.200", Some(Values { first: 1.2, second: Some(1200.0) })),
            ("0.125", one(0.125)),
            ("0", one(0.0)),
            ("007", None),
            ("10.0.0.1", None),
            ("1,2,3", None),
            ("1,2000.5", None),
            ("1234567890123456", None),
            ("", None),
        ] {
            assert_eq!(read(literal, 0), want, "{literal}");
        }
        assert_eq!(read("2.3", 6), one(2_300_000.0));
        assert_eq!(read("1.2", 3), one(1200.0));
        assert_eq!(read("4", 12), one(4e12));
    }
}
