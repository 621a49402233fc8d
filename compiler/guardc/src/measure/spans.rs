//! Places that detectors find, compared with places that people labelled.

use super::texts::{Label, Labelled, LabelledSpan};
use crate::exit::{Answer, Failure};
use guard_match::detect::{DetectorSet, Found, Scanner, Scratch};
use guard_plan::Detector;
use std::collections::BTreeMap;

/// Detectors that find the places of one type.
pub(crate) struct Spans {
    scanner: Scanner,
    wanted: DetectorSet,
    scratch: Scratch,
    found: Vec<Found>,
}

impl Spans {
    pub(super) fn new(detectors: &[Detector]) -> Answer<Self> {
        let scanner =
            Scanner::compile(detectors).map_err(|error| Failure::broke(error.to_string()))?;
        let wanted = DetectorSet::all(detectors.len());
        Ok(Self { scanner, wanted, scratch: Scratch::default(), found: Vec::new() })
    }

    /// Where they find something, overlapping places joined. What gives up has found everything.
    pub(super) fn find(&mut self, text: &str) -> Vec<(usize, usize)> {
        if self.scanner.scan(text, &self.wanted, &mut self.scratch, &mut self.found).is_err() {
            return vec![(0, text.len())];
        }
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for found in &self.found {
            match joined.last_mut() {
                Some((_, end)) if found.start < *end => *end = found.end.max(*end),
                _ => joined.push((found.start, found.end)),
            }
        }
        joined
    }
}

/// A type, and what should find it.
pub(crate) struct Wanted {
    /// As the corpus writes it.
    pub(crate) kind: String,
    /// What finds it.
    pub(crate) spans: Spans,
}

/// Counts of one type in one source.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SpanRow {
    /// Labelled places.
    pub(crate) labelled: usize,
    /// Places that were found.
    pub(crate) found: usize,
    /// Those that are the same: what they share is at least half of what they cover together.
    pub(crate) same: usize,
    /// Those that are the same to the byte.
    pub(crate) exact: usize,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct SpanScores {
    /// By type and source.
    pub(crate) rows: BTreeMap<(String, String), SpanRow>,
    /// Texts without a labelled place of any wanted type, and how many of them were flagged.
    pub(crate) clean: (usize, usize),
    /// Texts that went wrong: the type, what was found or missed, and the text.
    pub(crate) misses: Vec<(String, &'static str, String, String)>,
}

impl SpanScores {
    /// Adds a text of running text.
    pub(crate) fn add(&mut self, text: &Labelled, wanted: &mut [Wanted]) {
        let is_clean = text.label != Label::Positive;
        let mut is_flagged = false;
        for Wanted { kind, spans } in wanted {
            let found = spans.find(&text.text);
            is_flagged |= !found.is_empty();
            let labelled: Vec<&LabelledSpan> =
                text.spans.iter().filter(|span| span.kind == *kind).collect();
            let mut is_taken = vec![false; labelled.len()];
            let row = self.rows.entry((kind.clone(), text.source.clone())).or_default();
            row.labelled += labelled.len();
            row.found += found.len();
            for (start, end) in found {
                let mut pairs = labelled.iter().zip(&mut is_taken);
                let hit = pairs.find(|(span, taken)| !**taken && is_same(span, start, end));
                let shown = text.text.get(start..end).unwrap_or_default().to_owned();
                if let Some((span, taken)) = hit {
                    *taken = true;
                    row.same += 1;
                    row.exact += usize::from((span.start, span.end) == (start, end));
                } else {
                    self.misses.push((kind.clone(), "found", shown, text.text.clone()));
                }
            }
            for (span, _) in labelled.iter().zip(&is_taken).filter(|(_, taken)| !**taken) {
                let shown = text.text.get(span.start..span.end).unwrap_or_default().to_owned();
                self.misses.push((kind.clone(), "missed", shown, text.text.clone()));
            }
        }
        if is_clean {
            self.clean.0 += 1;
            self.clean.1 += usize::from(is_flagged);
        }
    }

    /// Adds a text that as a whole is or is not of a type. What a source has of other types is passed over.
    pub(crate) fn add_whole(&mut self, text: &Labelled, wanted: &mut [Wanted]) {
        for Wanted { kind, spans } in wanted {
            let is_labelled = text.spans.iter().any(|span| span.kind == *kind);
            let of_type = text.category.split([':', '(']).any(|part| part == kind);
            if !is_labelled && !of_type {
                continue;
            }
            let whole = (0, text.text.len());
            let is_found = spans.find(&text.text).contains(&whole);
            let row = self.rows.entry((kind.clone(), text.source.clone())).or_default();
            row.labelled += usize::from(is_labelled);
            row.found += usize::from(is_found);
            row.same += usize::from(is_found && is_labelled);
            row.exact += usize::from(is_found && is_labelled);
            if is_found != is_labelled {
                let what = if is_found { "found" } else { "missed" };
                self.misses.push((kind.clone(), what, text.category.clone(), text.text.clone()));
            }
        }
    }
}

fn is_same(span: &LabelledSpan, start: usize, end: usize) -> bool {
    let shared = span.end.min(end).saturating_sub(span.start.max(start));
    let together = span.end.max(end) - span.start.min(start);
    shared > 0 && 2 * shared >= together
}
