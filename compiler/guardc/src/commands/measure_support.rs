//! `guardc measure --support`: how well the support of a claim tells apart what a source says and what it
//! does not.
//!
//! A line of the corpus has a `text`, the `context` that is its only source, and a `label`: `positive` is what the
//! source does not support.

use crate::args::{MeasureArguments, MeasureFormat};
use crate::exit::{Answer, Exit, Failure};
use crate::measure::{area_under_curve, number};
use crate::output::Output;
use crate::report::shown_on_one_line;
use crate::traces::lines;
use guard_ground::{Known, check, support};
use guard_origin::{Bounds, Classes, OriginIndex, Quota};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    label: String,
    #[serde(default)]
    context: Option<String>,
    #[serde(default)]
    task: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    subtype: String,
}

/// The figures of some texts.
#[derive(Debug, Default)]
struct Scores {
    /// 1 minus the support of texts that the source does not support, and of those that it does.
    unsupported: Vec<f64>,
    supported: Vec<f64>,
    /// How many of either had a claim without a source.
    ungrounded: [usize; 2],
    /// Time for the source and for the text, and bytes of the source.
    spent: Vec<(Duration, Duration, usize)>,
}

/// Bytes of a source for which times are given.
const SOURCE_BYTES: std::ops::Range<usize> = 2_500..3_500;

/// Prints a row for each source, each of its kinds, kinds of one sort in all sources, and the whole.
pub(crate) fn run(arguments: &MeasureArguments, out: &mut Output) -> Answer {
    let mut rows: BTreeMap<(String, String), Scores> = BTreeMap::new();
    for file in &arguments.files {
        each(file, &arguments.task, &mut |line, context| {
            let (of_source, of_kind) = (line.source.clone(), line.subtype.clone());
            let measured = measured(&line.text, context);
            let group =
                of_kind.split_once(':').map_or_else(String::new, |(group, _)| group.to_owned());
            let mut keys =
                vec![Default::default(), (of_source.clone(), of_kind), (of_source, String::new())];
            if !group.is_empty() {
                // Of kinds such as `dialogue:films` also all that are dialogues.
                keys.push((String::new(), group));
            }
            for key in keys {
                rows.entry(key).or_default().add(line.label == "positive", measured);
            }
        })?;
    }
    if rows.is_empty() {
        return Err(Failure::broke("there is no text with a `context` to measure"));
    }
    if arguments.format == MeasureFormat::Pretty {
        writeln!(
            out,
            "support, 1 minus it as the score; claims without a source as `not grounded`\n"
        )?;
        writeln!(out, "   AUC  texts + < 0.5 - < 0.5  + without  - without  source, kind")?;
    }
    for ((source, kind), scores) in &rows {
        match arguments.format {
            MeasureFormat::Pretty => pretty(source, kind, scores, out)?,
            MeasureFormat::Json => as_json(source, kind, scores, out)?,
        }
    }
    Ok(Exit::Clean)
}

fn each(path: &Path, tasks: &[String], take: &mut impl FnMut(&Line, &str)) -> Answer<()> {
    let failed = |error| Failure::file(path, error);
    let mut input = lines::open(path, |_| {}).map_err(failed)?;
    let mut bytes = Vec::new();
    while input.next(&mut bytes).map_err(failed)? {
        let broken = |problem: &dyn std::fmt::Display| {
            Failure::broke(format!("`{}`, line {}: {problem}", path.display(), input.number))
        };
        let line: Line = serde_json::from_slice(&bytes).map_err(|error| broken(&error))?;
        if !matches!(line.label.as_str(), "positive" | "negative") {
            return Err(broken(&format!("`{}` is no label: positive or negative", line.label)));
        }
        if let Some(context) = line.context.as_deref()
            && (tasks.is_empty() || tasks.contains(&line.task))
        {
            take(&line, context);
        }
    }
    Ok(())
}

/// The support of a text whose only source is `context`, whether a claim has no source, and what both took.
#[derive(Debug, Clone, Copy)]
struct Measured {
    support: f64,
    is_grounded: bool,
    spent: (Duration, Duration, usize),
}

fn measured(text: &str, context: &str) -> Measured {
    const SOURCE: Classes = Classes(1);
    let begin = Instant::now();
    let mut index = OriginIndex::with_facts(Bounds::USUAL);
    index.add_text(context, SOURCE, Quota::Other);
    let of_source = begin.elapsed();
    let begin = Instant::now();
    let support = support(text, &index.among(SOURCE)).unwrap_or(0.0);
    let spent = (of_source, begin.elapsed(), context.len());
    let is_grounded = check(text, &index.among(SOURCE)).known == Known::Yes;
    Measured { support, is_grounded, spent }
}

impl Scores {
    fn add(&mut self, is_unsupported: bool, measured: Measured) {
        let side = if is_unsupported { &mut self.unsupported } else { &mut self.supported };
        side.push(1.0 - measured.support);
        let [of_unsupported, of_supported] = &mut self.ungrounded;
        let count = if is_unsupported { of_unsupported } else { of_supported };
        *count += usize::from(!measured.is_grounded);
        self.spent.push(measured.spent);
    }

    fn auc(&self) -> Option<f64> {
        area_under_curve(&self.unsupported, &self.supported)
    }

    /// The shares of both sides whose support is below a half.
    fn below_half(&self) -> [f64; 2] {
        [&self.unsupported, &self.supported].map(|side| {
            number(side.iter().filter(|score| **score > 0.5).count()) / number(side.len().max(1))
        })
    }

    /// The shares of both sides that have a claim without a source.
    fn shares(&self) -> [f64; 2] {
        let [first, second] = self.ungrounded;
        let share = |count, all: &Vec<f64>| number(count) / number(all.len().max(1));
        [share(first, &self.unsupported), share(second, &self.supported)]
    }

    /// Microseconds that sources of some 3,000 bytes took to be kept, and their texts to be valued: the median and
    /// the 95th percentile of each.
    fn micros(&self) -> Option<[f64; 4]> {
        let near = self.spent.iter().filter(|(.., bytes)| SOURCE_BYTES.contains(bytes));
        let (mut sources, mut texts) = (Vec::new(), Vec::new());
        for (source, text, _) in near {
            sources.push(source.as_secs_f64() * 1e6);
            texts.push(text.as_secs_f64() * 1e6);
        }
        let at = |micros: &[f64], hundredths: usize| {
            micros.get(micros.len() * hundredths / 100).copied()
        };
        sources.sort_by(f64::total_cmp);
        texts.sort_by(f64::total_cmp);
        Some([at(&sources, 50)?, at(&sources, 95)?, at(&texts, 50)?, at(&texts, 95)?])
    }
}

fn pretty(source: &str, kind: &str, scores: &Scores, out: &mut Output) -> Answer<()> {
    let all = if source.is_empty() { "all" } else { source };
    let place = format!("{all}, {kind}");
    let place = shown_on_one_line(place.trim_end_matches(", ")).to_string();
    let auc = scores.auc().map_or_else(|| "     -".to_owned(), |auc| format!("{auc:6.3}"));
    let texts = scores.spent.len();
    let ([unsupported, supported], [low, wrongly_low]) = (scores.shares(), scores.below_half());
    writeln!(
        out,
        "{auc} {texts:>6} {low:>7.3} {wrongly_low:>7.3} {unsupported:>10.3} {supported:>10.3}  {place}"
    )?;
    if source.is_empty()
        && kind.is_empty()
        && let Some([source, source_95, text, text_95]) = scores.micros()
    {
        let (least, most) = (SOURCE_BYTES.start, SOURCE_BYTES.end);
        writeln!(
            out,
            "       sources of {least} to {most} bytes: {text:.0} µs for a text (95 of 100 below {text_95:.0}), \
             {source:.0} µs to keep the source (below {source_95:.0})"
        )?;
    }
    Ok(())
}

fn as_json(source: &str, kind: &str, scores: &Scores, out: &mut Output) -> Answer<()> {
    let ([unsupported, supported], [low, wrongly_low]) = (scores.shares(), scores.below_half());
    let micros = scores.micros();
    let row = json!({
        "detector": "support", "source": source, "category": kind,
        "positives": scores.unsupported.len(), "negatives": scores.supported.len(), "auc": scores.auc(),
        "below_half_positives": low, "below_half_negatives": wrongly_low,
        "ungrounded_positives": unsupported, "ungrounded_negatives": supported,
        "micros_source_3kb": micros.map(|[source, ..]| source), "micros_text_3kb": micros.map(|[_, _, text, _]| text),
    });
    writeln!(out, "{row}")?;
    Ok(())
}
