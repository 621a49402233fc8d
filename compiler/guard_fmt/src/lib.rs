//! Prints a policy in its one style.
//!
//! Line breaks are the author's where a break may stand, and are added where a line is too long;
//! indentation, spaces, alignment and blank lines are decided here. The printer works on tokens, with
//! the tree telling it where pieces begin, so that no comment can be lost.
//!
//! INVARIANT: the tree of the result is that of the source, spans aside, and formatting the result
//! again changes nothing. The first is checked on every run.

#![forbid(unsafe_code)]

mod break_at;
mod document;
mod gaps;
mod layout;
mod outline;
mod same;
mod tokens;

pub use same::same_tree;

use guard_grammar::syntax_error::SyntaxError;

/// The longest line, in characters, where a break can make it shorter. Comments and strings stay whole.
pub const WIDTH: usize = 120;

/// Why a text is not formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not parse; these are the errors, in the order of the text.
    Syntax(Vec<SyntaxError>),
    /// The result would have meant something else. A defect of the formatter; the text stays as it is.
    Changed,
}

/// The text in its one style.
pub fn format(source: &str) -> Result<String, Refusal> {
    let parsed = guard_grammar::parse(source);
    if !parsed.errors.is_empty() {
        return Err(Refusal::Syntax(parsed.errors));
    }
    let text = tokens::Text::new(source, &parsed.tokens);
    let pieces = outline::pieces(&parsed.file, &text);
    let formatted = document::print(&text, &pieces);
    let again = guard_grammar::parse(&formatted);
    if again.errors.is_empty() && same_tree(&parsed.file, &again.file) {
        Ok(formatted)
    } else {
        Err(Refusal::Changed)
    }
}

#[cfg(test)]
mod tests;
