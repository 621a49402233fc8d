//! Numbers, times and patterns, a little off.

use crate::Operator;
use crate::edits::Edits;
use guard_grammar::ast::DurationLiteral;
use guard_grammar::span::Span;

/// How many word boundaries of one pattern are dropped, each apart.
const BOUNDARIES_MAX: usize = 4;

/// Below this a number is moved by a tenth of itself, from here on by one.
const SMALL: f64 = 2.0;

impl Edits<'_> {
    pub(crate) fn whole_number(&mut self, span: Span, value: i64) {
        for moved in [value.checked_add(1), value.checked_sub(1)].into_iter().flatten() {
            self.edit(Operator::MoveBound, span, moved.to_string());
        }
    }

    pub(crate) fn float(&mut self, span: Span, digits: &str) {
        let Ok(value) = digits.parse::<f64>() else { return };
        let step = if value != 0.0 && value < SMALL { value / 10.0 } else { 1.0 };
        for moved in [value + step, value - step] {
            // The language has no exponents.
            let written = format!("{moved:?}");
            if !written.contains('e') {
                self.edit(Operator::MoveBound, span, written);
            }
        }
    }

    pub(crate) fn time(&mut self, literal: DurationLiteral) {
        self.milliseconds(literal.span, literal.milliseconds);
    }

    pub(crate) fn milliseconds(&mut self, span: Span, value: Option<i64>) {
        let Some(value) = value else { return };
        for moved in [value.checked_mul(2), Some(value / 2)].into_iter().flatten() {
            self.edit(Operator::MoveBound, span, written_time(moved));
        }
    }

    /// Drops what ties a regular expression to the start, the end or the edge of a word.
    pub(crate) fn pattern(&mut self, span: Span) {
        let text = self.text(span);
        let Some(open) = text.find('"') else { return };
        let Some(close) = text.rfind('"').filter(|close| *close > open) else { return };
        let inner = text.get(open + 1..close).unwrap_or_default();
        let flags = inner.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
        let flags = flags.filter(|(flags, _)| flags.bytes().all(|b| b.is_ascii_alphabetic()));
        let begins = open + 1 + flags.map_or(0, |(flags, _)| "(?".len() + flags.len() + 1);
        let mut drop = |at: usize, length: usize| {
            let (before, after) = (text.get(..at), text.get(at + length..));
            if let (Some(before), Some(after)) = (before, after) {
                self.edit(Operator::WidenPattern, span, [before, after].concat());
            }
        };
        if text.get(begins..).is_some_and(|rest| rest.starts_with('^')) {
            drop(begins, 1);
        }
        if inner.ends_with('$') && !inner.ends_with("\\$") {
            drop(close - 1, 1);
        }
        for (found, _) in inner.match_indices("\\b").take(BOUNDARIES_MAX) {
            // `\\b` is a backslash and a letter.
            let slashes = inner.get(..found).unwrap_or_default();
            let slashes = slashes.len() - slashes.trim_end_matches('\\').len();
            if slashes % 2 == 0 {
                drop(open + 1 + found, 2);
            }
        }
    }

    /// Lets `like "x"` fit what only begins or ends so.
    pub(crate) fn wildcard(&mut self, span: Span) {
        let text = self.text(span);
        let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
            return;
        };
        if !inner.starts_with('*') {
            self.edit(Operator::WidenPattern, span, format!("\"*{inner}\""));
        }
        if !inner.ends_with('*') {
            self.edit(Operator::WidenPattern, span, format!("\"{inner}*\""));
        }
    }
}

/// In the largest unit that leaves no rest.
pub(crate) fn written_time(milliseconds: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let unit = units.into_iter().find(|(size, _)| milliseconds % size == 0 && milliseconds != 0);
    match unit {
        Some((size, unit)) => format!("{}{unit}", milliseconds / size),
        None => format!("{milliseconds}ms"),
    }
}
