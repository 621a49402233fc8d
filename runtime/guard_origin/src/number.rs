//! Numbers that stand in a text, by their value.

use crate::cut::{Sink, is_connector, is_word};
use crate::limits::NUMBER_MAX;

/// A number that stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) key: NumberKey,
    /// How many atoms it is written with: one more than it has commas.
    pub(crate) atoms: usize,
}

/// The bits of a number, of which there is one for each value.
pub(crate) type NumberKey = u64;

/// `None` for what an `f64` does not tell apart from its neighbours, and for what is no number.
pub(crate) fn number_key(value: f64) -> Option<NumberKey> {
    // Adding zero turns -0 into 0.
    (value.abs() <= NUMBER_MAX).then(|| (value + 0.0).to_bits())
}

/// Longer literals are no numbers.
const LITERAL_BYTES_MAX: usize = 48;

/// Looks for number literals: atoms, joined by commas where these part thousands.
pub(crate) struct NumberCutter {
    literal: String,
    is_open: bool,
    is_too_long: bool,
    pending: Option<char>,
    /// The three characters before the literal, and before the next character.
    before: [char; 3],
    last: [char; 3],
}

impl NumberCutter {
    pub(crate) fn new() -> Self {
        Self {
            literal: String::new(),
            is_open: false,
            is_too_long: false,
            pending: None,
            before: [' '; 3],
            last: [' '; 3],
        }
    }

    pub(crate) fn push(&mut self, c: char, sink: &mut impl Sink) {
        if is_word(c) {
            if let Some(joint) = self.pending.take() {
                if joint == ',' && !c.is_ascii_digit() {
                    self.finish(sink);
                } else {
                    self.put(joint);
                }
            }
            if !self.is_open {
                self.is_open = true;
                self.before = self.last;
            }
            self.put(c);
        } else if self.is_open {
            let joins = is_connector(c) || (c == ',' && groups_thousands(&self.literal));
            if self.pending.is_none() && joins {
                self.pending = Some(c);
            } else {
                self.finish(sink);
            }
        }
        self.last = [self.last[1], self.last[2], c];
    }

    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        if self.is_open && !self.is_too_long {
            report(&self.literal, self.before, sink);
        }
        self.literal.clear();
        self.is_open = false;
        self.is_too_long = false;
        self.pending = None;
    }

    fn put(&mut self, c: char) {
        self.is_too_long |= !c.is_ascii() || self.literal.len() == LITERAL_BYTES_MAX;
        if !self.is_too_long {
            self.literal.push(c);
        }
    }
}

fn report(literal: &str, before: [char; 3], sink: &mut impl Sink) {
    if let Some(number) = read(literal, before) {
        sink.number(number);
        return;
    }
    // The commas did not part thousands but the members of a list.
    if literal.contains(',') {
        let mut before = before;
        for part in literal.split(',') {
            if let Some(number) = read(part, before) {
                sink.number(number);
            }
            before = [' ', ' ', ','];
        }
    }
}

fn read(literal: &str, [third, second, first]: [char; 3]) -> Option<Number> {
    let is_fraction = first == '.' && second != '.';
    let sign = if is_fraction { (third, second) } else { (second, first) };
    let is_negative = sign.1 == '-' && !is_word(sign.0);
    let value = if is_fraction {
        format!("0.{literal}").parse().ok().filter(|_| is_digits(literal))
    } else {
        value(literal)
    };
    let value: f64 = value?;
    let key = number_key(if is_negative { -value } else { value })?;
    Some(Number { key, atoms: 1 + literal.matches(',').count() })
}

fn value(literal: &str) -> Option<f64> {
    let (mantissa, exponent) = literal.split_once('e').unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent_digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let is_whole = if whole.contains(',') { groups_thousands(whole) } else { is_digits(whole) };
    // `007` is a code and `08` a part of a time of day.
    let is_code = whole.len() > 1 && whole.starts_with('0');
    if !is_whole || is_code || !is_digits(fraction) || !is_digits(exponent_digits) {
        return None;
    }
    literal.replace(',', "").parse().ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` is `1`, `12`, `123`, or such a number with groups of three: `12,345,678`.
fn groups_thousands(text: &str) -> bool {
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    first.len() <= 3 && is_digits(first) && groups.all(|group| group.len() == 3 && is_digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    struct Numbers(Vec<f64>);

    impl Sink for Numbers {
        fn atom(&mut self, _: &[u8]) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn number(&mut self, number: Number) {
            self.0.push(f64::from_bits(number.key));
        }
    }

    #[test]
    fn numbers_are_read_by_value() {
        for (text, want) in [
            ("1,200.00", vec![1200.0]),
            ("pay $98.70!", vec![98.7]),
            ("1200 and 1.2e3 and 1E+3", vec![1200.0, 1200.0, 1000.0]),
            ("1 200", vec![1.0, 200.0]),
            ("2013 13.5", vec![2013.0, 13.5]),
            ("W-123 v2 2026-01-13 x5 5x", vec![]),
            ("-5 (-7) 5-3 a-4 $-9 -$8", vec![-5.0, -7.0, -9.0, 8.0]),
            ("1,2,3 1,23 [10,20,30,40]", vec![1.0, 2.0, 3.0, 1.0, 23.0, 10.0, 20.0, 30.0, 40.0]),
            ("1,2000 12,345,678 1234,567", vec![1.0, 2000.0, 12_345_678.0, 1234.0, 567.0]),
            (".5 -.25 a .5 ...5", vec![0.5, -0.25, 0.5, 5.0]),
            ("007 08:30 0 0.5 00", vec![30.0, 0.0, 0.5]),
            ("9007199254740992 9007199254740994 1e999", vec![9_007_199_254_740_992.0]),
            ("50% 5. 6, x,7 8,y", vec![50.0, 5.0, 6.0, 7.0, 8.0]),
            ("٣٫٥ １３", vec![3.5, 13.0]),
            ("-0", vec![0.0]),
        ] {
            let mut numbers = Numbers(Vec::new());
            crate::cut::cut_with_numbers(text, &mut numbers);
            assert_eq!(numbers.0, want, "{text}");
        }
    }
}
