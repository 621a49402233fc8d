//! A finding with its places worked out: what the formats for machines write.

use super::Sources;
use guard_diagnostic::{Diagnostic, Label, LineColumn, Severity};
use serde::Serialize;

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    /// `G0214`.
    pub(crate) code: String,
    /// `error` or `warning`.
    pub(crate) severity: &'static str,
    /// The headline.
    pub(crate) message: String,
    /// Where it is wrong, and what is wrong there.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What it conflicts with.
    pub(crate) related: Vec<Place>,
    /// What to write instead.
    pub(crate) help: Option<String>,
    /// The edit that does so.
    pub(crate) fix: Option<FindingFix>,
    /// What happens meanwhile.
    pub(crate) note: Option<String>,
}

/// A place, and what is to be said there.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Place {
    /// As the user would call it.
    pub(crate) file: String,
    /// Where it begins, in texts that have lines.
    pub(crate) start: Option<Position>,
    /// Where it ends; the position after its last character.
    pub(crate) end: Option<Position>,
    /// A JSON pointer, in schemas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema_path: Option<String>,
    /// What is said there.
    pub(crate) label: String,
}

/// A position in a text.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Position {
    /// From 1.
    pub(crate) line: u32,
    /// In characters, from 1.
    pub(crate) column: u32,
    /// Offset in bytes, from 0.
    pub(crate) byte: u32,
}

/// An edit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FindingFix {
    /// What to replace.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// By what.
    pub(crate) replacement: String,
}

/// The word for a severity.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

impl Finding {
    /// Works out the places of a diagnostic.
    pub(crate) fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let place = |label| Place::new(label, sources);
        Self {
            code: diagnostic.code.to_owned(),
            severity: severity_word(diagnostic.severity),
            message: diagnostic.headline.clone(),
            place: place(&diagnostic.primary),
            related: diagnostic.related.iter().map(place).collect(),
            help: diagnostic.help.clone(),
            fix: diagnostic.fix.as_ref().map(|fix| FindingFix {
                place: place(&fix.place),
                replacement: fix.replacement.clone(),
            }),
            note: diagnostic.note.clone(),
        }
    }
}

impl Place {
    fn new(label: &Label, sources: &Sources) -> Self {
        let file = sources.file(&label.file);
        let position = |offset: u32| {
            file.map(|file| {
                let LineColumn { line, column } = file.line_column(offset as usize);
                Position { line, column, byte: offset }
            })
        };
        Self {
            file: sources.shown_path(&label.file).to_owned(),
            start: position(label.span.start),
            end: position(label.span.end),
            schema_path: None,
            label: label.text.clone(),
        }
    }
}
