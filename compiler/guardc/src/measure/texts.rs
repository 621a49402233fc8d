//! Texts to measure on: labelled corpora, and plain texts, one a line.

use crate::exit::{Answer, Failure};
use crate::traces::lines;
use serde::Deserialize;
use std::path::Path;

/// What a detector should say of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// It should fire.
    Positive,
    /// It should not.
    Ordinary,
    /// It should not, and the text was chosen because it looks as if.
    Hard,
}

/// A labelled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labelled {
    /// The text itself.
    pub(crate) text: String,
    /// What should be said of it.
    pub(crate) label: Label,
    /// Where it comes from; empty where the corpus does not say.
    pub(crate) source: String,
    /// Which kind of its source it is; empty where the corpus does not say.
    pub(crate) category: String,
    /// How it was labelled; empty for running text.
    pub(crate) unit: String,
    /// The labelled places, where it has any.
    pub(crate) spans: Vec<LabelledSpan>,
}

/// A labelled place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct LabelledSpan {
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Where it ends, in bytes.
    pub(crate) end: usize,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// A line of a corpus, as far as it is read. Further keys are passed over.
#[derive(Debug, Deserialize)]
struct CorpusLine {
    text: String,
    label: String,
    #[serde(default)]
    task: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    subtype: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    spans: Vec<LabelledSpan>,
    #[serde(default)]
    hard: bool,
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

/// A line of somebody's own texts.
#[derive(Debug, Deserialize)]
struct TextLine {
    text: String,
}

/// Which lines of a corpus are read.
#[derive(Debug, Default)]
pub(crate) struct Chosen<'a> {
    /// Those of one of these tasks; of none, all.
    pub(crate) tasks: &'a [String],
    /// Those of one of these sources; of none, all.
    pub(crate) sources: &'a [String],
    /// Those without any of these keys that is `true`.
    pub(crate) without: &'a [String],
    /// Those that have each of these keys with the text after its `=`.
    pub(crate) only: &'a [String],
}

impl Chosen<'_> {
    fn has(&self, line: &CorpusLine) -> bool {
        let is_one = |wanted: &[String], of: &String| wanted.is_empty() || wanted.contains(of);
        let is_true =
            |key: &String| line.others.get(key).and_then(serde_json::Value::as_bool) == Some(true);
        let says = |wanted: &String| {
            let (key, text) = wanted.split_once('=').unwrap_or((wanted, ""));
            line.others.get(key).and_then(serde_json::Value::as_str).unwrap_or_default() == text
        };
        is_one(self.tasks, &line.task)
            && is_one(self.sources, &line.source)
            && !self.without.iter().any(is_true)
            && self.only.iter().all(says)
    }
}

/// Reads a corpus: one JSON object a line, plain or gzipped, with `text` and `label` (`positive` or `negative`).
pub(crate) fn each_labelled(
    path: &Path,
    chosen: &Chosen<'_>,
    mut take: impl FnMut(Labelled) -> Answer<()>,
) -> Answer<()> {
    each_line(path, |line, place| {
        let line: CorpusLine = serde_json::from_str(line).map_err(|error| broken(place, &error))?;
        if !chosen.has(&line) {
            return Ok(());
        }
        let label = match (line.label.as_str(), line.hard) {
            ("positive", _) => Label::Positive,
            ("negative", true) => Label::Hard,
            ("negative", false) => Label::Ordinary,
            (other, _) => {
                return Err(broken(place, &format!("`{other}` is no label: positive or negative")));
            }
        };
        let category = if line.category.is_empty() { line.subtype } else { line.category };
        let CorpusLine { text, source, unit, spans, .. } = line;
        take(Labelled { text, label, source, category, unit, spans })
    })
}

/// Reads texts: a line that begins with `{` is a JSON object with `text`, any other is the text itself.
pub(crate) fn each_text(path: &Path, mut take: impl FnMut(&str)) -> Answer<()> {
    each_line(path, |line, place| {
        if line.trim_start().starts_with('{') {
            let line: TextLine =
                serde_json::from_str(line).map_err(|error| broken(place, &error))?;
            take(&line.text);
        } else {
            take(line);
        }
        Ok(())
    })
}

fn each_line(path: &Path, mut take: impl FnMut(&str, &str) -> Answer<()>) -> Answer<()> {
    let failed = |error| Failure::file(path, error);
    let mut input = lines::open(path, |_| {}).map_err(failed)?;
    let mut line = Vec::new();
    while input.next(&mut line).map_err(failed)? {
        let place = format!("`{}`, line {}", path.display(), input.number);
        let text = std::str::from_utf8(&line).map_err(|_| broken(&place, &"not UTF-8"))?;
        take(text, &place)?;
    }
    Ok(())
}

fn broken(place: &str, problem: &dyn std::fmt::Display) -> Failure {
    Failure::broke(format!("{place}: {problem}"))
}
