//! What is wrong with a text, in words the author understands.

use crate::span::Span;

/// One mistake in the text of a file. Codes `G0001` to `G0099` are syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// `G0003`.
    pub code: &'static str,
    /// One line, lower case, no full stop, understandable alone.
    pub headline: String,
    /// Where.
    pub span: Span,
    /// What is wrong at that place.
    pub label: String,
    /// What else it has to do with, each with its own words.
    pub related: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
    /// The edit that does so, where it is certain: replace this span by this text.
    pub fix: Option<(Span, String)>,
    /// What happens meanwhile, or background.
    pub note: Option<String>,
}

impl SyntaxError {
    pub(crate) fn new(code: &'static str, headline: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            headline: headline.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            help: None,
            fix: None,
            note: None,
        }
    }

    pub(crate) fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    pub(crate) fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }

    pub(crate) fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some((span, text.into()));
        self
    }

    /// The same error where the text that its spans count in starts at `base`.
    pub(crate) fn moved_by(mut self, base: u32) -> Self {
        self.span = self.span.absolute_from(base);
        for (span, _) in &mut self.related {
            *span = span.absolute_from(base);
        }
        if let Some((span, _)) = &mut self.fix {
            *span = span.absolute_from(base);
        }
        self
    }
}
