//! Collects findings about one declaration or rule, with spans that count from its start.

use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::span::Span;
use std::sync::Arc;

/// Where findings are made, and those made so far.
#[derive(Debug, Clone)]
pub struct Reporter {
    file: Arc<str>,
    anchor: Anchor,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Reporter {
    /// A reporter for what stands at `anchor` of a file.
    pub fn new(file: Arc<str>, anchor: Anchor) -> Self {
        Self { file, anchor, diagnostics: Vec::new() }
    }

    /// A reporter for the same place, without findings.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(Arc::clone(&self.file), self.anchor.clone())
    }

    /// A place, with words.
    pub fn label(&self, span: Span, text: impl Into<String>) -> Label {
        Label { file: Arc::clone(&self.file), anchor: self.anchor.clone(), span, text: text.into() }
    }

    /// An error at a place, to be finished and pushed.
    pub fn error(
        &self,
        code: &'static str,
        span: Span,
        headline: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(code, headline, self.label(span, label))
    }

    /// Takes a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
