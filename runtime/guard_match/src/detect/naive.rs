//! What a detector finds, written to be obviously right and nothing else: the oracle of the tests.

use super::validate::{accepts, stands_alone};
use super::{Detector, Found, near::Context};
use crate::syntax;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

/// All that `detectors` find in `text`, in the order of their starts.
pub(crate) fn scan(detectors: &[Detector], text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, detector) in detectors.iter().enumerate() {
        let detector_index = u32::try_from(index).unwrap();
        let spans = spans(detector, text).into_iter();
        found.extend(spans.map(|(start, end)| Found { start, end, detector: detector_index }));
    }
    found.sort_unstable();
    found
}

fn spans(detector: &Detector, text: &str) -> Vec<(usize, usize)> {
    let patterns = detector.patterns.iter().map(|source| syntax::parse(source, false).unwrap());
    let hir = Hir::alternation(patterns.collect());
    let nfa = regex_automata::nfa::thompson::Compiler::new().build_from_hir(&hir).unwrap();
    let walk = PikeVM::new_from_nfa(nfa).unwrap();
    let mut cache = walk.create_cache();
    let near = detector.near.as_ref().map(|near| Context::compile(near).unwrap());
    let mut spans = Vec::new();
    let mut resume = 0;
    for (start, _) in text.char_indices() {
        if start < resume {
            continue;
        }
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let Some(found) = walk.find(&mut cache, input) else { continue };
        let (start, end) = (found.start(), found.end());
        let is_valid = detector.validator.is_none_or(|validator| {
            accepts(validator, text.get(start..end).unwrap())
                && stands_alone(validator, text.as_bytes(), start, end)
        });
        if is_valid && near.as_ref().is_none_or(|n| n.stands_near(text.as_bytes(), start, end)) {
            spans.push((start, end));
            resume = end;
        }
    }
    spans
}
