//! A finding about a policy, for its author.

use guard_grammar::span::Span;
use guard_grammar::syntax_error::SyntaxError;
use std::sync::Arc;

/// How grave a finding is. Only errors keep a policy from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// The policy can be used, and probably does not say what its author means.
    Warning,
}

/// What a span counts from. Values that queries return must not change when text above them does,
/// so they count from the item or rule they stand in; the last query makes them absolute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// From the start of the file.
    File,
    /// From the start of the declaration with this key (its kind, its name, and which of several of
    /// that name: `tool send_money #0`).
    Item(Arc<str>),
    /// From the start of a rule: the key of the agent, and which of its rules.
    Rule(Arc<str>, u32),
}

/// A place, and what is to be said there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The file's path, relative to the package, with slashes.
    pub file: Arc<str>,
    /// What `span` counts from.
    pub anchor: Anchor,
    /// Where.
    pub span: Span,
    /// What is wrong here, or what this has to do with it.
    pub text: String,
}

/// An edit that mends a finding: replaces a place by text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// Where; its text is not shown.
    pub place: Label,
    /// The new text.
    pub replacement: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// `G0214`.
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// One line, lower case, no full stop, the author's own words in backticks.
    pub headline: String,
    /// Where it is wrong, and what is wrong there.
    pub primary: Label,
    /// What it conflicts with.
    pub related: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// The edit that does so, where it is certain.
    pub fix: Option<Fix>,
    /// What happens meanwhile, or background.
    pub note: Option<String>,
}

impl Diagnostic {
    /// An error with a headline and a label, and nothing else yet.
    pub fn error(code: &'static str, headline: impl Into<String>, primary: Label) -> Self {
        Self {
            code,
            severity: Severity::Error,
            headline: headline.into(),
            primary,
            related: Vec::new(),
            help: None,
            fix: None,
            note: None,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// With a second place.
    #[must_use]
    pub fn with_related(mut self, label: Label) -> Self {
        self.related.push(label);
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With an edit that mends it.
    #[must_use]
    pub fn with_fix(mut self, place: Label, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { place, replacement: replacement.into() });
        self
    }

    /// With background.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// A syntax error of the file at `path`.
    pub fn from_syntax(path: &Arc<str>, error: &SyntaxError) -> Self {
        let label = |span: Span, text: &str| Label {
            file: Arc::clone(path),
            anchor: Anchor::File,
            span,
            text: text.to_owned(),
        };
        Self {
            code: error.code,
            severity: Severity::Error,
            headline: error.headline.clone(),
            primary: label(error.span, &error.label),
            related: error.related.iter().map(|(span, text)| label(*span, text)).collect(),
            help: error.help.clone(),
            fix: error.fix.as_ref().map(|(span, replacement)| Fix {
                place: label(*span, ""),
                replacement: replacement.clone(),
            }),
            note: error.note.clone(),
        }
    }
}
