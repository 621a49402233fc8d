//! `guardc measure`: what a detector says of labelled texts.

use crate::args::{MeasureArguments, MeasureFormat};
use crate::exit::{Answer, Exit, Failure};
use crate::measure::{
    Detector, Interval, Label, area_under_curve, each_labelled, interval, load_model, threshold_at,
};
use crate::output::Output;
use crate::report::shown_on_one_line;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// Scores all texts and prints a row for each label, source and category, and the whole in the last line.
pub(crate) fn run(arguments: &MeasureArguments, out: &mut Output) -> Answer {
    let mut detector = load_model(&arguments.model)?;
    let scored = scored(arguments, detector.as_mut())?;
    let threshold = match (arguments.threshold, arguments.rate) {
        (Some(threshold), _) => threshold,
        (None, Some(rate)) => threshold_at(&scored.of(Label::Ordinary), rate).ok_or_else(|| {
            Failure::broke("no threshold reaches that rate: too many texts have the highest score")
        })?,
        (None, None) => detector.threshold(),
    };
    match arguments.format {
        MeasureFormat::Pretty => pretty(detector.name(), threshold, &scored, out)?,
        MeasureFormat::Json => as_json(detector.name(), threshold, &scored, out)?,
    }
    Ok(Exit::Clean)
}

/// Scores by what they are scores of.
#[derive(Debug, Default)]
struct Scored {
    rows: BTreeMap<(Label, String, String), Vec<f64>>,
}

impl Scored {
    fn of(&self, label: Label) -> Vec<f64> {
        let of_label = self.rows.iter().filter(|((own, ..), _)| *own == label);
        of_label.flat_map(|(_, scores)| scores.iter().copied()).collect()
    }
}

fn scored(arguments: &MeasureArguments, detector: &mut dyn Detector) -> Answer<Scored> {
    let mut scored = Scored::default();
    for file in &arguments.files {
        each_labelled(file, &arguments.task, |text| {
            let score = detector.score(&text.text);
            scored.rows.entry((text.label, text.source, text.category)).or_default().push(score);
            Ok(())
        })?;
    }
    if scored.rows.is_empty() {
        return Err(Failure::broke("there is no text to measure"));
    }
    Ok(scored)
}

/// How many of some texts were flagged.
struct Tally {
    texts: usize,
    flagged: usize,
    share: f64,
    interval: Interval,
}

fn share(scores: &[f64], threshold: f64) -> Tally {
    let flagged = scores.iter().filter(|score| **score >= threshold).count();
    let share = crate::measure::number(flagged) / crate::measure::number(scores.len().max(1));
    Tally { texts: scores.len(), flagged, share, interval: interval(flagged, scores.len()) }
}

fn name(label: Label) -> &'static str {
    match label {
        Label::Positive => "positive",
        Label::Ordinary => "ordinary",
        Label::Hard => "hard",
    }
}

fn pretty(detector: &str, threshold: f64, scored: &Scored, out: &mut Output) -> Answer<()> {
    writeln!(out, "{}, fires from {threshold:.6}\n", shown_on_one_line(detector))?;
    writeln!(out, "label     texts flagged  share  source, category")?;
    for ((label, source, category), scores) in &scored.rows {
        let Tally { texts, flagged, share, .. } = share(scores, threshold);
        let place = format!("{source}, {category}");
        let place = shown_on_one_line(place.trim_end_matches(", "));
        writeln!(out, "{:<8} {texts:>6} {flagged:>7} {share:>6.3}  {place}", name(*label))?;
    }
    writeln!(out)?;
    for label in [Label::Positive, Label::Ordinary, Label::Hard] {
        let Tally { texts, flagged, share, interval } = share(&scored.of(label), threshold);
        let (name, low, high) = (name(label), interval.low, interval.high);
        writeln!(
            out,
            "{name:<8} {texts:>6} {flagged:>7} {share:>6.4}  95 %: {low:.4} to {high:.4}"
        )?;
    }
    if let Some(area) = area_under_curve(&scored.of(Label::Positive), &scored.of(Label::Ordinary)) {
        writeln!(out, "AUC, positive against ordinary: {area:.4}")?;
    }
    Ok(())
}

/// One object a line; the last one has `"summary": true`.
fn as_json(detector: &str, threshold: f64, scored: &Scored, out: &mut Output) -> Answer<()> {
    for ((label, source, category), scores) in &scored.rows {
        let Tally { texts, flagged, share, .. } = share(scores, threshold);
        let row = json!({
            "label": name(*label), "source": source, "category": category,
            "texts": texts, "flagged": flagged, "share": share,
            "auc": area_under_curve(scores, &scored.of(Label::Ordinary)).filter(|_| *label == Label::Positive),
        });
        writeln!(out, "{row}")?;
    }
    let mut summary = Map::new();
    summary.insert("summary".to_owned(), Value::Bool(true));
    summary.insert("detector".to_owned(), json!(detector));
    summary.insert("threshold".to_owned(), json!(threshold));
    for label in [Label::Positive, Label::Ordinary, Label::Hard] {
        let Tally { texts, flagged, share, interval } = share(&scored.of(label), threshold);
        let value = json!({
            "texts": texts, "flagged": flagged, "share": share, "low": interval.low, "high": interval.high,
        });
        summary.insert(name(label).to_owned(), value);
    }
    let area = area_under_curve(&scored.of(Label::Positive), &scored.of(Label::Ordinary));
    summary.insert("auc".to_owned(), json!(area));
    writeln!(out, "{}", Value::Object(summary))?;
    Ok(())
}
