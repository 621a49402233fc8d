//! A text as the parts that may change: all of it, or the strings and numbers of its JSON.

use crate::merge::{Span, merge};
use crate::pieces::{PieceKind, Pieces, decode_into, unescape};
use crate::redact::Form;
use guard_match::detect::{DetectorSet, Found, GaveUp, Scanner, Scratch};
use std::borrow::Cow;

/// A text and its parts.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) raw: &'a str,
    pub(crate) is_json: bool,
    pub(crate) parts: Vec<Part<'a>>,
}

/// A part that may change.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) kind: PieceKind,
    /// Where it stands in the raw text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    is_escaped: bool,
    /// What it says, without escapes.
    pub(crate) text: Cow<'a, str>,
}

/// What scans share.
pub(crate) struct Scan<'s> {
    pub(crate) scanner: &'s Scanner,
    pub(crate) wanted: &'s DetectorSet,
    pub(crate) scratch: &'s mut Scratch,
    pub(crate) found: &'s mut Vec<Found>,
}

impl<'a> Document<'a> {
    pub(crate) fn of(raw: &'a str, form: Form) -> Self {
        let is_json = form == Form::Arguments || is_json(raw);
        let parts = if is_json {
            Pieces::of(raw).map(|piece| Part::of(raw, &piece)).collect()
        } else {
            let text = Cow::Borrowed(raw);
            vec![Part { kind: PieceKind::Text, start: 0, end: raw.len(), is_escaped: false, text }]
        };
        Self { raw, is_json, parts }
    }

    /// What is found in each part, joined.
    ///
    /// The text is searched as it stands, so that a key is context for its value; what has escapes
    /// is searched once more without them.
    pub(crate) fn find(&self, scan: &mut Scan<'_>) -> Result<Vec<Vec<Span>>, GaveUp> {
        scan.scanner.scan(self.raw, scan.wanted, scan.scratch, scan.found)?;
        let mut whole: Vec<Span> = scan.found.iter().map(span).collect();
        whole.sort_by_key(|span| span.start);
        let mut all = Vec::with_capacity(self.parts.len());
        let mut first = 0;
        for part in &self.parts {
            // Spans are sorted by their starts, and parts by theirs; one span may reach over many parts.
            while whole.get(first).is_some_and(|span| span.end <= part.start) {
                first += 1;
            }
            let over = whole.get(first..).unwrap_or_default().iter();
            let over = over.take_while(|span| span.start < part.end);
            let mut spans: Vec<Span> = over
                .filter(|span| span.end > part.start)
                .map(|span| Span {
                    start: span.start.max(part.start) - part.start,
                    end: span.end.min(part.end) - part.start,
                    ..*span
                })
                .collect();
            if part.is_escaped {
                part.unescape(self.raw, &mut spans);
                scan.scanner.scan(&part.text, scan.wanted, scan.scratch, scan.found)?;
                spans.extend(scan.found.iter().map(span));
            }
            merge(&mut spans);
            all.push(spans);
        }
        Ok(all)
    }
}

impl<'a> Part<'a> {
    fn of(raw: &'a str, piece: &crate::Piece) -> Self {
        let written = raw.get(piece.start..piece.end).unwrap_or_default();
        let text = if piece.is_escaped {
            let mut text = String::with_capacity(written.len());
            decode_into(written, &mut text);
            Cow::Owned(text)
        } else {
            Cow::Borrowed(written)
        };
        let (start, end, is_escaped) = (piece.start, piece.end, piece.is_escaped);
        Self { kind: piece.kind, start, end, is_escaped, text }
    }

    /// Turns places in the text as written into places in the text that it means. An escape that is
    /// touched is covered as a whole.
    fn unescape(&self, raw: &str, spans: &mut [Span]) {
        let written = raw.get(self.start..self.end).unwrap_or_default();
        // INVARIANT: `starts` and `ends` are sorted, so that one walk serves all of them.
        let mut starts: Vec<usize> = spans.iter().map(|span| span.start).collect();
        let mut ends: Vec<usize> = spans.iter().map(|span| span.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let (meant_starts, meant_ends) =
            (meant(written, &starts, false), meant(written, &ends, true));
        let look_up = |from: &[usize], to: &[usize], place: usize| {
            let index = from.partition_point(|known| *known < place);
            to.get(index).copied().unwrap_or(self.text.len())
        };
        for span in spans {
            span.start = look_up(&starts, &meant_starts, span.start);
            span.end = look_up(&ends, &meant_ends, span.end);
        }
    }
}

/// Where sorted places of a written text are in the text that it means; those inside an escape move to
/// its start, or with `is_end` to its end.
fn meant(written: &str, places: &[usize], is_end: bool) -> Vec<usize> {
    let mut found = Vec::with_capacity(places.len());
    let mut places = places.iter().copied().peekable();
    let (mut at, mut meant) = (0, 0);
    while let Some(place) = places.peek().copied() {
        let rest = written.get(at..).unwrap_or_default();
        let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        if place <= at + plain {
            found.push(meant + place.saturating_sub(at));
            places.next();
            continue;
        }
        if plain == rest.len() {
            found.push(meant + plain);
            places.next();
            continue;
        }
        let (decoded, length) = unescape(rest.get(plain..).unwrap_or_default());
        let width = decoded.map_or(length, char::len_utf8);
        at += plain + length;
        meant += plain;
        while let Some(place) = places.next_if(|place| *place < at) {
            let _ = place;
            found.push(if is_end { meant + width } else { meant });
        }
        meant += width;
    }
    found
}

fn span(found: &Found) -> Span {
    Span { start: found.start, end: found.end, detector: found.detector }
}

/// Whether a text is an object or a list; anything else is read as a text.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
