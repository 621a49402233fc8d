//! Finds patterns in text; the only crate that knows regex-automata.
//!
//! # What a pattern means
//!
//! The syntax is the `regex` crate's. Text is a sequence of Unicode characters, and what is
//! different from that crate is chosen so that the text's author cannot make a search slow:
//!
//! - `\b \w \d \s` and their opposites know ASCII only. `(?u)`, or `(?u:…)` around a part, makes
//!   them Unicode's; a Unicode `\b` is several hundred times slower on text that is not ASCII.
//! - `.`, `[^…]`, `\W \D \S` match one whole character, never part of one; `.` does not match a
//!   line feed unless `(?s)` says so.
//! - Literals, classes (`[à-ü]`) and `\p{…}` may name any character.
//! - `(?i)` folds as Unicode's simple folding says, so `é` finds `É`. Two ASCII letters have a
//!   partner outside ASCII: `(?i)k` finds the Kelvin sign and `(?i)s` the long s.
//! - A pattern that matches the whole text starts at its first byte and ends at its last, whatever
//!   flags it sets; `$` never stands before a final line feed.
//! - Parts that can match what is not UTF-8 (`(?-u:\xFF)`) are refused.
//!
//! Detectors, which find the spans of many patterns at once, are in [`detect`]; their patterns mean the
//! same.
//!
//! A search is linear in the text. One that would need too much work gives up, and its answer is
//! unknown; with a `(?u)`-free pattern of ordinary size that does not happen.

#![forbid(unsafe_code)]

pub mod detect;
mod error;
pub mod limits;
mod pattern;
mod syntax;

pub use error::PatternError;

use guard_plan::Pattern;
use pattern::{Memory, Program};
use std::sync::atomic::{AtomicU64, Ordering};

/// The compiled patterns of a plan, shared by all sessions.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    programs: Vec<Program>,
    /// What each was compiled from.
    sources: Vec<Pattern>,
    /// Tells scratch memory of these patterns from that of others; 0 for no patterns.
    identity: u64,
}

/// Scratch memory for searches: one a session, so that threads share nothing.
///
/// It fits itself to the patterns it is used with. Only patterns without a full table use it, and
/// each takes its memory at its first search.
#[derive(Debug, Default)]
pub struct MatchScratch {
    memories: Vec<Option<Box<Memory>>>,
    identity: u64,
}

impl Patterns {
    /// Compiles a plan's patterns. The error names the first that is refused.
    pub fn compile(patterns: &[Pattern]) -> Result<Self, PatternError> {
        Self::compile_beside(patterns, &Self::default())
    }

    /// The same; those that `known` has are taken from there and not compiled again. How fast a pattern is may then
    /// differ from what [`Patterns::compile`] makes of it, and what it finds may not.
    pub fn compile_beside(patterns: &[Pattern], known: &Self) -> Result<Self, PatternError> {
        static NEXT_IDENTITY: AtomicU64 = AtomicU64::new(1);
        let mut room = limits::TABLES_BYTES_MAX;
        let mut programs = Vec::with_capacity(patterns.len());
        for (index, pattern) in patterns.iter().enumerate() {
            let program = match known.program(pattern) {
                Some(program) => program.clone(),
                None => Program::compile(pattern, room).map_err(|error| error.of_pattern(index))?,
            };
            room = room.saturating_sub(program.table_bytes());
            programs.push(program);
        }
        let identity = NEXT_IDENTITY.fetch_add(1, Ordering::Relaxed);
        Ok(Self { programs, sources: patterns.to_vec(), identity })
    }

    fn program(&self, pattern: &Pattern) -> Option<&Program> {
        let index = self.sources.iter().position(|source| source == pattern)?;
        self.programs.get(index)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.programs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// How many steps a search for pattern `index` takes for a byte at the most: one where it has a
    /// full table, else one for each state of the pattern.
    pub fn states_a_byte(&self, index: u32) -> usize {
        let index = usize::try_from(index).ok();
        index.and_then(|index| self.programs.get(index)).map_or(1, Program::states_a_byte)
    }

    /// Whether the pattern at `index` matches `text`, which is UTF-8. `None` where there is no such
    /// pattern or the search gave up.
    pub fn matches(&self, index: u32, text: &[u8], scratch: &mut MatchScratch) -> Option<bool> {
        let index = usize::try_from(index).ok()?;
        let program = self.programs.get(index)?;
        if scratch.identity != self.identity {
            scratch.fit(self);
        }
        program.matches(text, scratch.memories.get_mut(index)?)
    }
}

impl MatchScratch {
    /// Forgets the memory of other patterns and makes room for these.
    fn fit(&mut self, patterns: &Patterns) {
        self.memories.clear();
        self.memories.resize_with(patterns.programs.len(), || None);
        self.identity = patterns.identity;
    }
}

/// Whether a pattern would be accepted by [`Patterns::compile`]; the same code and limits.
pub fn check_pattern(source: &str, whole: bool) -> Result<(), PatternError> {
    let pattern = Pattern { source: source.to_owned(), whole };
    // Without a table: whether one fits changes how fast a pattern is, not whether it is accepted.
    Program::compile(&pattern, 0).map(|_| ())
}

#[cfg(test)]
mod tests;
