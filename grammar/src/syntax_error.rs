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
