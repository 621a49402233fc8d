//! Text that streams: gives out what no pending match can still cover.

use crate::merge::{Span, merge};
use crate::redact::{Form, Redactor, Wanted};
use crate::{Pseudonyms, RedactError, Template, limits};
use guard_match::detect::{DetectorSet, Found, Scanner, Scratch};
use std::sync::Arc;

/// How much a stream holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldBack {
    /// So many bytes at the most while nothing is found.
    Bytes(usize),
    /// Everything until its end, because a match may be of any length.
    All,
}

/// A character that says whether a word ends here, and the bytes of a split one.
const MARGIN: usize = 8;

/// What a stream with these detectors holds back: the longest match, and how far behind it a word of its
/// context may stand.
pub fn hold_back(scanner: &Scanner, detectors: impl IntoIterator<Item = u32>) -> HoldBack {
    let mut most = 0;
    for detector in detectors {
        let Some(longest) = scanner.longest_match(detector) else { return HoldBack::All };
        most = most.max(longest + window(scanner, detector) + MARGIN);
    }
    if most > limits::HELD_BYTES_MAX / 2 { HoldBack::All } else { HoldBack::Bytes(most) }
}

fn window(scanner: &Scanner, detector: u32) -> usize {
    let index = usize::try_from(detector).ok();
    let detector = index.and_then(|index| scanner.detectors().get(index));
    let near = detector.and_then(|detector| detector.near.as_ref());
    near.map_or(0, |near| usize::try_from(near.window).unwrap_or(usize::MAX))
}

/// A text that streams and is redacted on its way. It is a text and no JSON: what it gives out while it
/// streams was not searched again after it was replaced.
#[derive(Debug)]
pub struct Stream {
    scanner: Arc<Scanner>,
    wanted: Vec<(u32, Template)>,
    set: DetectorSet,
    pseudonyms: Option<Pseudonyms>,
    hold: HoldBack,
    /// How much of what was given out is kept, as context of what follows.
    context: usize,
    /// What is kept and what is held back.
    text: String,
    /// Where that which is held back begins.
    pending: usize,
    /// Spans of which it is known that they are found, and that are not yet given out.
    decided: Vec<Span>,
    /// For each detector behind which place it goes on.
    behind: Vec<usize>,
    scratch: Scratch,
    found: Vec<Found>,
    replaced: usize,
}

impl Stream {
    /// A stream in which each detector is replaced by its template.
    pub fn new(
        scanner: Arc<Scanner>,
        wanted: Vec<(u32, Template)>,
        pseudonyms: Option<Pseudonyms>,
    ) -> Self {
        let detectors = || wanted.iter().map(|(detector, _)| *detector);
        let hold = hold_back(&scanner, detectors());
        let window = detectors().map(|detector| window(&scanner, detector)).max().unwrap_or(0);
        Self {
            set: detectors().collect(),
            behind: vec![0; scanner.detectors().len()],
            scanner,
            wanted,
            pseudonyms,
            hold,
            context: window + MARGIN,
            text: String::new(),
            pending: 0,
            decided: Vec::new(),
            scratch: Scratch::default(),
            found: Vec::new(),
            replaced: 0,
        }
    }

    /// What it holds back.
    pub fn hold_back(&self) -> HoldBack {
        self.hold
    }

    /// How many places were replaced in what was given out.
    pub fn replaced(&self) -> usize {
        self.replaced
    }

    /// Takes more of the text; what may be given out now. After an error nothing more may be.
    pub fn push(&mut self, more: &str) -> Result<String, RedactError> {
        self.text.push_str(more);
        let released = match self.hold {
            HoldBack::All => Ok(String::new()),
            HoldBack::Bytes(hold) => {
                let decided = self.text.floor_char_boundary(self.text.len().saturating_sub(hold));
                self.release(decided)
            }
        };
        if self.text.len() - self.pending > limits::HELD_BYTES_MAX {
            return Err(RedactError::TooMuchHeld);
        }
        released
    }

    /// The text has ended; what is left of it.
    pub fn finish(mut self) -> Result<(String, usize), RedactError> {
        if self.hold == HoldBack::All {
            let wanted: Vec<Wanted<'_>> = self.wanted.iter().map(wanted).collect();
            let (scanner, pseudonyms) = (&*self.scanner, self.pseudonyms.as_ref());
            let redactor = Redactor { scanner, wanted: &wanted, pseudonyms };
            let redacted =
                redactor.redact(&self.text, Form::Text, &mut self.scratch, &mut self.found)?;
            return Ok(match redacted {
                Some(redacted) => (redacted.text, redacted.redactions.len()),
                None => (self.text, 0),
            });
        }
        let rest = self.release(self.text.len())?;
        Ok((rest, self.replaced))
    }

    /// Decides all matches that begin before `decided`, and gives out what they leave.
    fn release(&mut self, decided: usize) -> Result<String, RedactError> {
        if decided <= self.pending {
            return Ok(String::new());
        }
        let (scratch, found) = (&mut self.scratch, &mut self.found);
        self.scanner.scan_behind(&self.text, &self.behind, &self.set, scratch, found)?;
        for found in self.found.iter().filter(|found| found.start < decided) {
            let (start, end, detector) = (found.start, found.end, found.detector);
            self.decided.push(Span { start, end, detector });
            let behind = usize::try_from(detector).ok().and_then(|d| self.behind.get_mut(d));
            if let Some(behind) = behind {
                *behind = end.max(*behind);
            }
        }
        for behind in &mut self.behind {
            *behind = decided.max(*behind);
        }
        merge(&mut self.decided);
        // A span that reaches further may yet be joined with what follows.
        let end = match self.decided.last() {
            Some(span) if span.end > decided => span.start,
            _ => decided,
        };
        let mut out = String::new();
        let mut rest = Vec::new();
        for span in std::mem::take(&mut self.decided) {
            if span.end > end {
                rest.push(span);
                continue;
            }
            out.push_str(self.text.get(self.pending..span.start).unwrap_or_default());
            out.push_str(&self.fill(&span)?);
            self.pending = span.end;
            self.replaced += 1;
        }
        out.push_str(self.text.get(self.pending..end).unwrap_or_default());
        self.pending = self.pending.max(end);
        self.decided = rest;
        self.forget();
        Ok(out)
    }

    fn fill(&self, span: &Span) -> Result<String, RedactError> {
        let index = usize::try_from(span.detector).ok();
        let kind = index.and_then(|index| self.scanner.detectors().get(index));
        let kind = kind.map_or("", |detector| detector.name.as_str());
        let template = self.wanted.iter().find(|(detector, _)| *detector == span.detector);
        let (_, template) = template.ok_or(RedactError::Unstable)?;
        let matched = self.text.get(span.start..span.end).unwrap_or_default();
        template.fill(kind, matched, self.pseudonyms.as_ref())
    }

    /// Forgets what was given out and is no context any more.
    fn forget(&mut self) {
        let from = self.text.floor_char_boundary(self.pending.saturating_sub(self.context));
        if from == 0 {
            return;
        }
        self.text.drain(..from);
        self.pending -= from;
        for span in &mut self.decided {
            span.start -= from;
            span.end -= from;
        }
        for behind in &mut self.behind {
            *behind = behind.saturating_sub(from);
        }
    }
}

fn wanted(pair: &(u32, Template)) -> Wanted<'_> {
    Wanted { detector: pair.0, template: &pair.1 }
}
