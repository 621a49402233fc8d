//! Replaces what is found in one text.

use crate::document::{Document, Scan};
use crate::merge::{Span, merge};
use crate::pieces::{PieceKind, Pieces};
use crate::{Pseudonyms, RedactError, Template, limits};
use guard_match::detect::{DetectorSet, Found, Scanner, Scratch};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text, or JSON that is text to whoever reads it.
    Text,
    /// The arguments of a call as JSON: only strings may change.
    Arguments,
}

/// What is to be replaced, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// A detector of the scanner.
    pub detector: u32,
    /// What its matches are replaced by.
    pub template: &'a Template,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// Where the string stands, as a JSON pointer (RFC 6901); empty for a text that is no JSON.
    pub at: String,
    /// Where it starts in that string, in bytes of UTF-8 without escapes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The detector.
    pub detector: u32,
    /// What stands there instead.
    pub replacement: String,
}

/// A text without what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text to be given out.
    pub text: String,
    /// What was replaced, from the start to the end.
    pub redactions: Vec<Redaction>,
    /// What stood there, which must not be written anywhere.
    pub originals: Vec<String>,
}

/// Replaces what some detectors find.
#[derive(Debug, Clone, Copy)]
pub struct Redactor<'a> {
    /// The detectors.
    pub scanner: &'a Scanner,
    /// Which of them, each with its template. Where a detector stands twice, the first counts.
    pub wanted: &'a [Wanted<'a>],
    /// What makes pseudonyms, where the host has a key.
    pub pseudonyms: Option<&'a Pseudonyms>,
}

impl Redactor<'_> {
    /// The text without what is found in it; `None` where nothing is.
    pub fn redact(
        &self,
        text: &str,
        form: Form,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<Option<Redacted>, RedactError> {
        let wanted: DetectorSet = self.wanted.iter().map(|wanted| wanted.detector).collect();
        let mut scan = Scan { scanner: self.scanner, wanted: &wanted, scratch, found };
        let document = Document::of(text, form);
        let mut spans = document.find(&mut scan)?;
        if spans.iter().all(Vec::is_empty) {
            return Ok(None);
        }
        for _ in 0..limits::ROUNDS_MAX {
            let written = self.write(&document, &spans, form)?;
            let after = Document::of(&written.text, form);
            let found = after.find(&mut scan)?;
            if found.iter().all(Vec::is_empty) {
                return Ok(Some(self.told(&document, &spans, written)?));
            }
            if found.len() != spans.len() || !grow(&mut spans, &found, &written.segments) {
                return Err(RedactError::Unstable);
            }
        }
        Err(RedactError::Unstable)
    }

    fn template(&self, detector: u32) -> Option<&Template> {
        self.wanted.iter().find(|wanted| wanted.detector == detector).map(|wanted| wanted.template)
    }

    fn kind(&self, detector: u32) -> &str {
        let index = usize::try_from(detector).ok();
        let detector = index.and_then(|index| self.scanner.detectors().get(index));
        detector.map_or("", |detector| detector.name.as_str())
    }

    fn fill(&self, detector: u32, matched: &str) -> Result<String, RedactError> {
        let template = self.template(detector).ok_or(RedactError::Unstable)?;
        template.fill(self.kind(detector), matched, self.pseudonyms)
    }

    /// The text with all spans replaced, and where its parts came from.
    fn write(
        &self,
        document: &Document<'_>,
        spans: &[Vec<Span>],
        form: Form,
    ) -> Result<Written, RedactError> {
        let mut text = String::with_capacity(document.raw.len());
        let mut segments = Vec::with_capacity(spans.len());
        let mut copied = 0;
        for (part, spans) in document.parts.iter().zip(spans) {
            if spans.is_empty() {
                segments.push(vec![Segment::kept(0, 0, part.text.len())]);
                continue;
            }
            if form == Form::Arguments && part.kind != PieceKind::Text {
                return Err(RedactError::NoText);
            }
            text.push_str(document.raw.get(copied..part.start).unwrap_or_default());
            copied = part.end;
            let (replaced, of_part) = self.replaced(&part.text, spans)?;
            segments.push(of_part);
            if document.is_json {
                let quoted = serde_json::Value::String(replaced).to_string();
                let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                // A number becomes a string.
                let written = if part.kind == PieceKind::Number { &quoted } else { inside };
                text.push_str(written);
            } else {
                text.push_str(&replaced);
            }
        }
        text.push_str(document.raw.get(copied..).unwrap_or_default());
        Ok(Written { text, segments })
    }

    fn replaced(&self, text: &str, spans: &[Span]) -> Result<(String, Vec<Segment>), RedactError> {
        let (mut out, mut segments) = (String::with_capacity(text.len()), Vec::new());
        let mut copied = 0;
        for span in spans {
            segments.push(Segment::kept(out.len(), copied, span.start));
            out.push_str(text.get(copied..span.start).unwrap_or_default());
            let matched = text.get(span.start..span.end).ok_or(RedactError::Unstable)?;
            let start = out.len();
            out.push_str(&self.fill(span.detector, matched)?);
            let (from, to) = (span.start, span.end);
            segments.push(Segment { start, end: out.len(), from, to, is_kept: false });
            copied = span.end;
        }
        segments.push(Segment::kept(out.len(), copied, text.len()));
        out.push_str(text.get(copied..).unwrap_or_default());
        Ok((out, segments))
    }

    fn told(
        &self,
        document: &Document<'_>,
        spans: &[Vec<Span>],
        written: Written,
    ) -> Result<Redacted, RedactError> {
        let (mut redactions, mut originals) = (Vec::new(), Vec::new());
        let mut pieces = document.is_json.then(|| Pieces::of(document.raw));
        for (part, spans) in document.parts.iter().zip(spans) {
            if let Some(pieces) = &mut pieces {
                pieces.next();
            }
            let Some(_) = spans.first() else { continue };
            let at = pieces.as_ref().map(Pieces::pointer).unwrap_or_default();
            for span in spans {
                let matched = part.text.get(span.start..span.end).unwrap_or_default();
                let replacement = self.fill(span.detector, matched)?;
                let (start, end, detector) = (span.start, span.end, span.detector);
                redactions.push(Redaction { at: at.clone(), start, end, detector, replacement });
                originals.push(matched.to_owned());
            }
        }
        Ok(Redacted { text: written.text, redactions, originals })
    }
}

/// Whether [`Redactor::redact`] may find something: where this is false it finds nothing. It allocates nothing
/// once `scratch` and `found` are warm.
pub fn may_find(
    scanner: &Scanner,
    wanted: &DetectorSet,
    text: &str,
    form: Form,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) -> Result<bool, RedactError> {
    scanner.scan(text, wanted, scratch, found)?;
    let has_escapes = || {
        let may_be_json = form == Form::Arguments || text.trim_start().starts_with(['{', '[']);
        may_be_json && memchr::memchr(b'\\', text.as_bytes()).is_some()
    };
    Ok(!found.is_empty() || has_escapes())
}

/// A text with its spans replaced.
struct Written {
    text: String,
    /// Of each part.
    segments: Vec<Vec<Segment>>,
}

/// A stretch of a part that was written, and what of the part it stands for.
#[derive(Debug, Clone, Copy)]
struct Segment {
    start: usize,
    end: usize,
    from: usize,
    to: usize,
    is_kept: bool,
}

impl Segment {
    fn kept(start: usize, from: usize, to: usize) -> Self {
        Self { start, end: start + (to - from), from, to, is_kept: true }
    }
}

/// Adds to the spans what was found in the text as written; false where all of it lies in replacements.
fn grow(spans: &mut [Vec<Span>], found: &[Vec<Span>], segments: &[Vec<Segment>]) -> bool {
    let mut is_more = false;
    for ((spans, found), segments) in spans.iter_mut().zip(found).zip(segments) {
        let before = spans.clone();
        for span in found {
            // All that it stands for, from its first part to its last.
            let starts = segments.iter().filter(|s| s.end > span.start).map(|s| {
                if s.is_kept { s.from + span.start.saturating_sub(s.start) } else { s.from }
            });
            let ends = segments
                .iter()
                .filter(|s| s.start < span.end)
                .map(|s| if s.is_kept { s.to.min(s.from + (span.end - s.start)) } else { s.to });
            if let (Some(start), Some(end)) = (starts.min(), ends.max()) {
                spans.push(Span { start, end, detector: span.detector });
            }
        }
        merge(spans);
        let covers = |spans: &[Span]| spans.iter().map(|s| (s.start, s.end)).collect::<Vec<_>>();
        is_more |= covers(spans) != covers(&before);
    }
    is_more
}
