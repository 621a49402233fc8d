//! Spans that overlap become one.

use std::cmp::Reverse;

/// A place to be replaced, in bytes of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) detector: u32,
}

/// Joins what overlaps. A joined span is of the detector whose own span starts first; of several the
/// longest, then the one of the lowest number.
pub(crate) fn merge(spans: &mut Vec<Span>) {
    spans.retain(|span| span.start < span.end);
    spans.sort_by_key(|span| (span.start, Reverse(span.end), span.detector));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    *spans = merged;
}
