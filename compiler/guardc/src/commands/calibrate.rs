//! `guardc calibrate`: the threshold for a rate of false positives on somebody's own harmless texts.

use crate::args::{CalibrateArguments, MeasureFormat};
use crate::exit::{Answer, Exit, Failure};
use crate::measure::{each_text, interval, load_model, number, threshold_at};
use crate::output::{Output, remark};
use serde_json::json;
use std::io::Write;

/// The upper end of a 95 % interval around 0 of n is 3 / n: with fewer texts than this many times the inverse of
/// the rate, not even a threshold that flags none of them is known to keep it.
const TEXTS_FOR_RATE: f64 = 3.0;

/// Prints the threshold, and what it does to the texts it was chosen by.
pub(crate) fn run(arguments: &CalibrateArguments, out: &mut Output) -> Answer {
    let rate = arguments.rate;
    if !(rate > 0.0 && rate < 1.0) {
        return Err(Failure::usage("a rate is between 0 and 1, such as 0.005"));
    }
    let mut detector = load_model(&arguments.model)?;
    let mut scores = Vec::new();
    for file in &arguments.files {
        each_text(file, |text| scores.push(detector.score(text)))?;
    }
    if scores.is_empty() {
        return Err(Failure::broke("there is no text to calibrate by"));
    }
    let threshold = threshold_at(&scores, rate).ok_or_else(|| {
        Failure::broke("no threshold reaches that rate: too many texts have the highest score")
            .with_help("these texts are what the detector looks for, or not for this detector")
    })?;
    let flagged = scores.iter().filter(|score| **score >= threshold).count();
    let share = number(flagged) / number(scores.len());
    let bounds = interval(flagged, scores.len());
    let needed = (TEXTS_FOR_RATE / rate).ceil();
    let is_enough = number(scores.len()) >= needed;
    match arguments.format {
        MeasureFormat::Pretty => {
            writeln!(out, "threshold {threshold:.6}")?;
            let texts = scores.len();
            writeln!(
                out,
                "flags {flagged} of {texts} texts: {share:.5}, with 95 % confidence {:.5} to {:.5}",
                bounds.low, bounds.high
            )?;
        }
        MeasureFormat::Json => {
            let answer = json!({
                "detector": detector.name(), "rate": rate, "threshold": threshold, "texts": scores.len(),
                "flagged": flagged, "share": share, "low": bounds.low, "high": bounds.high, "enough": is_enough,
            });
            writeln!(out, "{answer}")?;
        }
    }
    if !is_enough {
        let texts = scores.len();
        remark(
            "warning",
            &format!("{texts} texts cannot support a rate of {rate}: at least {needed} are needed"),
        );
    }
    Ok(Exit::Clean)
}
