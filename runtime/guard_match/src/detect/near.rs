//! Whether a word of a match's context stands near it.

use super::{Near, ScanError};
use crate::{PatternError, limits, pattern, syntax};
use regex_automata::dfa::{Automaton, dense};
use regex_automata::{Anchored, Input};

/// The words of a context as one table.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    words: dense::DFA<Vec<u32>>,
    window: usize,
}

impl Context {
    pub(crate) fn compile(near: &Near) -> Result<Self, ScanError> {
        if near.words.is_empty() || near.words.iter().any(String::is_empty) {
            return Err(ScanError::new("a context needs words"));
        }
        if near.words.len() > limits::NEAR_WORDS_MAX {
            return Err(ScanError::new("the context has too many words"));
        }
        if near.window > limits::NEAR_WINDOW_MAX {
            return Err(ScanError::new("the context's window is too wide"));
        }
        let words: Vec<String> = near.words.iter().map(|word| regex_syntax::escape(word)).collect();
        // Boundaries of ASCII, as everywhere: the author of the text cannot make them slow.
        let source = format!(r"\b{{start-half}}(?i:{})\b{{end-half}}", words.join("|"));
        let of_context = |error: PatternError| {
            ScanError::new(format!("the context's words: {}", error.message()))
        };
        let hir = syntax::parse(&source, false).map_err(of_context)?;
        let nfa = pattern::build_nfa(&hir).map_err(of_context)?;
        let words = pattern::build_table(&nfa, Anchored::No, None, limits::TABLE_BYTES_MAX)
            .ok_or_else(|| ScanError::new("the context's words make too large a table"))?;
        let window = usize::try_from(near.window).unwrap_or(usize::MAX);
        Ok(Self { words, window })
    }

    /// Whether a word stands wholly before `start` or wholly after `end`, within the window.
    pub(crate) fn stands_near(&self, text: &[u8], start: usize, end: usize) -> bool {
        let before = start.saturating_sub(self.window)..start;
        let after = end..text.len().min(end.saturating_add(self.window));
        [before, after].into_iter().any(|range| {
            let input = Input::new(text).range(range).earliest(true);
            matches!(self.words.try_search_fwd(&input), Ok(Some(_)))
        })
    }

    /// The most bytes that one question reads.
    pub(crate) fn steps(&self) -> usize {
        2 * self.window
    }
}
