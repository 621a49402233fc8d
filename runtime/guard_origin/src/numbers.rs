//! The numbers that stand in a text, by value: `1,200.00` is 1200.

use crate::atoms::Cut;
use std::ops::Range;

/// Calls `found` with the bits of each number. A number is an atom of digits with at most one point;
/// groups of three digits after commas belong to it.
pub(crate) fn numbers(cut: &Cut, mut found: impl FnMut(u64)) {
    let mut atoms = cut.atoms.iter().peekable();
    let mut digits = String::new();
    while let Some(first) = atoms.next() {
        let word = word(cut, first);
        if !is_number(word) {
            continue;
        }
        digits.clear();
        digits.push_str(word);
        let mut end = first.end;
        if word.len() <= 3 && !word.contains('.') {
            while let Some(group) = atoms.next_if(|next| is_group(cut, end, next)) {
                digits.push_str(self::word(cut, group));
                end = group.end;
                if digits.contains('.') {
                    break;
                }
            }
        }
        if let Ok(value) = digits.parse::<f64>() {
            found(bits(if is_negative(&cut.text, first.start) { -value } else { value }));
        }
    }
}

/// What two equal numbers share.
pub(crate) fn bits(value: f64) -> u64 {
    // The two zeros are equal.
    if value == 0.0 { 0 } else { value.to_bits() }
}

fn word<'c>(cut: &'c Cut, atom: &Range<usize>) -> &'c str {
    cut.text.get(atom.clone()).unwrap_or_default()
}

fn is_number(word: &str) -> bool {
    let points = word.bytes().filter(|byte| *byte == b'.').count();
    points <= 1 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `,200` or `,200.00` right behind a number.
fn is_group(cut: &Cut, end: usize, next: &Range<usize>) -> bool {
    let between = cut.text.get(end..next.start).unwrap_or_default();
    let word = word(cut, next);
    let whole = word.split('.').next().unwrap_or_default();
    between == "," && whole.len() == 3 && is_number(word)
}

/// A sign that belongs to the number: nothing is joined by it.
fn is_negative(text: &str, start: usize) -> bool {
    let Some(before) = text.get(..start).and_then(|before| before.strip_suffix('-')) else {
        return false;
    };
    !before.chars().next_back().is_some_and(char::is_alphanumeric)
}
