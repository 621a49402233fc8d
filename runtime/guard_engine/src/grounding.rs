//! Whether what a text claims has a source: the answers to `grounded` and `support`, and which claim had none.

use crate::origins::Origins;
use guard_ground::{Claim, Known};
use guard_plan::{Sources, Truth};
use guard_value::{Record, SlotValue};

/// A claim of the event without a source, or of which that is not known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing {
    /// Where the answer stands in the record.
    answer: usize,
    /// Where the text stands.
    subject: usize,
    claim: Claim,
    known: Known,
}

/// Whether all claims of the text at `subject` stand in these sources; what is missing is noted.
pub(crate) fn grounded(
    answer: usize,
    subject: usize,
    sources: Sources,
    event: &Record,
    origins: &Origins,
    missing: &mut Vec<Missing>,
) -> Truth {
    let Some(checked) = text_at(event, subject).and_then(|text| origins.check(text, sources))
    else {
        return Truth::Unknown;
    };
    if let Some(claim) = checked.missing {
        missing.push(Missing { answer, subject, claim, known: checked.known });
    }
    match checked.known {
        Known::Yes => Truth::True,
        Known::No => Truth::False,
        Known::Perhaps => Truth::Unknown,
    }
}

/// How much of the text at `subject` these sources support.
pub(crate) fn support(
    subject: usize,
    sources: Sources,
    event: &Record,
    origins: &Origins,
) -> SlotValue {
    let support = text_at(event, subject).and_then(|text| origins.support(text, sources));
    support.map_or(SlotValue::MALFORMED, SlotValue::from_float)
}

fn text_at(event: &Record, subject: usize) -> Option<&str> {
    event.text(event.slot(subject)).and_then(|text| std::str::from_utf8(text).ok())
}

/// What is missing where an answer stands, in words: `"1,250.00" (amount) has no source`.
pub(crate) fn missing_words(
    missing: &[Missing],
    answer: usize,
    event: &Record,
    shown: impl Fn(&[u8]) -> String,
) -> Option<String> {
    let Missing { subject, claim, known, .. } = missing.iter().find(|of| of.answer == answer)?;
    let text = event.text(event.slot(*subject))?.get(claim.start..claim.end)?;
    let words = if *known == Known::No { "has no source" } else { "may have no source" };
    Some(format!("{} ({}) {words}", shown(text), claim.kind))
}
