//! `guardc measure`: what a detector says of labelled texts.

use crate::args::{MeasureArguments, MeasureFormat};
use crate::exit::{Answer, Exit, Failure};
use crate::measure::{
    Chosen, Declarations, Detector, Interval, Label, area_under_curve, each_labelled, interval,
    load_model, number, threshold_at,
};
use crate::output::Output;
use crate::report::shown_on_one_line;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

/// Scores all texts and prints a row for each label, source and category, and the whole in the last line.
pub(crate) fn run(arguments: &MeasureArguments, out: &mut Output) -> Answer {
    if arguments.support {
        return super::measure_support::run(arguments, out);
    }
    if !arguments.spans.is_empty() {
        return super::measure_spans::run(arguments, out);
    }
    let mut detector = match &arguments.model {
        Some(model) => load_model(model)?,
        None => {
            let declared = Declarations::load(arguments.policy.as_deref(), out)?;
            declared.detector(&arguments.detector, out)?
        }
    };
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
    misses(&scored, threshold, arguments.misses, out)?;
    Ok(Exit::Clean)
}

/// Scores by what they are scores of.
#[derive(Debug, Default)]
struct Scored {
    rows: BTreeMap<(Label, String, String), Vec<f64>>,
    /// The texts themselves, where some are to be shown.
    texts: Vec<(Label, f64, String)>,
    bytes: usize,
    spent: Duration,
}

impl Scored {
    fn of(&self, label: Label) -> Vec<f64> {
        let of_label = self.rows.iter().filter(|((own, ..), _)| *own == label);
        of_label.flat_map(|(_, scores)| scores.iter().copied()).collect()
    }
}

fn scored(arguments: &MeasureArguments, detector: &mut dyn Detector) -> Answer<Scored> {
    let mut scored = Scored::default();
    let chosen = Chosen {
        tasks: &arguments.task,
        sources: &arguments.source,
        without: &arguments.without,
        only: &arguments.only,
    };
    for file in &arguments.files {
        each_labelled(file, &chosen, |text| {
            let begin = Instant::now();
            let score = detector.score(&text.text);
            scored.spent += begin.elapsed();
            scored.bytes += text.text.len();
            if arguments.misses > 0 {
                scored.texts.push((text.label, score, text.text));
            }
            scored.rows.entry((text.label, text.source, text.category)).or_default().push(score);
            Ok(())
        })?;
    }
    if scored.rows.is_empty() {
        return Err(Failure::broke("there is no text to measure"));
    }
    Ok(scored)
}

/// The texts whose scores are farthest on the wrong side.
fn misses(scored: &Scored, threshold: f64, count: usize, out: &mut Output) -> Answer<()> {
    let is_wrong = |label: Label, score: f64| (label == Label::Positive) != (score >= threshold);
    let mut wrong: Vec<_> =
        scored.texts.iter().filter(|(label, score, _)| is_wrong(*label, *score)).collect();
    wrong.sort_by(|(_, a, _), (_, b, _)| (b - threshold).abs().total_cmp(&(a - threshold).abs()));
    for (label, score, text) in wrong.into_iter().take(count) {
        writeln!(out, "{:<8} {score:.3}  {}", name(*label), shown_on_one_line(text))?;
    }
    Ok(())
}

impl Scored {
    /// Millions of bytes in a second, reading the corpus left out.
    fn megabytes_per_second(&self) -> f64 {
        number(self.bytes) / 1e6 / self.spent.as_secs_f64().max(1e-9)
    }

    /// What issue trackers and tables call the figures.
    fn figures(&self, threshold: f64) -> Figures {
        let [positive, ordinary, hard] = [Label::Positive, Label::Ordinary, Label::Hard]
            .map(|label| share(&self.of(label), threshold));
        let flagged = number(positive.flagged + ordinary.flagged + hard.flagged);
        let precision = number(positive.flagged) / flagged.max(1.0);
        let recall = positive.share;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-12);
        let negatives: Vec<f64> =
            [Label::Ordinary, Label::Hard].into_iter().flat_map(|label| self.of(label)).collect();
        let at_one_percent =
            threshold_at(&negatives, 0.01).map(|at| share(&self.of(Label::Positive), at).share);
        Figures { precision, recall, f1, at_one_percent, negatives: negatives.len() }
    }
}

/// Precision, recall and what follows from them, over all texts.
struct Figures {
    precision: f64,
    recall: f64,
    f1: f64,
    /// The recall where 1 % of all negatives are flagged; nothing where no threshold does that.
    at_one_percent: Option<f64>,
    negatives: usize,
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
    let Figures { precision, recall, f1, .. } = scored.figures(threshold);
    writeln!(out, "precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}")?;
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
    let Figures { precision, recall, f1, at_one_percent, negatives } = scored.figures(threshold);
    for (name, value) in [
        ("positives", json!(scored.of(Label::Positive).len())),
        ("negatives", json!(negatives)),
        ("precision", json!(precision)),
        ("recall", json!(recall)),
        ("f1", json!(f1)),
        ("fpr", json!(share(&scored.of(Label::Ordinary), threshold).share)),
        ("fpr_hard", json!(share(&scored.of(Label::Hard), threshold).share)),
        ("recall_at_1pct_fpr", json!(at_one_percent)),
        ("mb_per_s", json!(scored.megabytes_per_second())),
        ("by_source", by_source(threshold, scored)),
    ] {
        summary.insert(name.to_owned(), value);
    }
    writeln!(out, "{}", Value::Object(summary))?;
    Ok(())
}

/// For each source the texts of each label and how many were flagged.
fn by_source(threshold: f64, scored: &Scored) -> Value {
    let mut sources: BTreeMap<&str, BTreeMap<&str, (usize, usize)>> = BTreeMap::new();
    for ((label, source, _), scores) in &scored.rows {
        let Tally { texts, flagged, .. } = share(scores, threshold);
        let row = sources.entry(source).or_default().entry(name(*label)).or_default();
        *row = (row.0 + texts, row.1 + flagged);
    }
    let rows = sources.into_iter().map(|(source, labels)| {
        let labels = labels.into_iter().map(|(label, (texts, flagged))| {
            (label.to_owned(), json!({ "texts": texts, "flagged": flagged }))
        });
        (source.to_owned(), Value::Object(labels.collect()))
    });
    Value::Object(rows.collect())
}
