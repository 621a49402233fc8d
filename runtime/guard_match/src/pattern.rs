//! One pattern as automata: a full table where it is small, else a table built while searching,
//! and behind that a walk over all states at once, for as long as the work limit lets it.

use crate::{PatternError, limits, syntax};
use guard_plan::Pattern;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::hybrid;
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::nfa::thompson::{NFA, pikevm};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;
use std::sync::Arc;

pub(crate) type FullTable = dense::DFA<Vec<u32>>;

/// A compiled pattern. Cheap to clone: clones share their tables.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    anchored: Anchored,
    search: Search,
}

#[derive(Debug, Clone)]
enum Search {
    /// Every step is a table look-up; needs no memory of its own and never gives up.
    Table(Arc<FullTable>),
    /// Steps are worked out when first taken, in the session's memory.
    Lazy(Arc<Lazy>),
}

#[derive(Debug, Clone)]
struct Lazy {
    /// `None` where the pattern's smallest table would pass the cache limit.
    table: Option<hybrid::dfa::DFA>,
    walk: pikevm::PikeVM,
}

/// What a [`Lazy`] pattern keeps between searches.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    table: Option<hybrid::dfa::Cache>,
    walk: Option<pikevm::Cache>,
}

impl Program {
    /// Compiles a pattern; `table_bytes` is what a full table may use, 0 for none.
    pub(crate) fn compile(pattern: &Pattern, table_bytes: usize) -> Result<Self, PatternError> {
        let hir = syntax::parse(&pattern.source, pattern.whole)?;
        let nfa = build_nfa(&hir)?;
        let anchored = if pattern.whole { Anchored::Yes } else { Anchored::No };
        let prefilter = prefilter(&hir, pattern.whole);
        let search = match build_table(&nfa, anchored, prefilter.clone(), table_bytes) {
            Some(table) => Search::Table(Arc::new(table)),
            None => Search::Lazy(Arc::new(build_lazy(nfa, prefilter)?)),
        };
        Ok(Self { anchored, search })
    }

    /// What its full table uses, in bytes.
    pub(crate) fn table_bytes(&self) -> usize {
        match &self.search {
            Search::Table(table) => table.memory_usage(),
            Search::Lazy(_) => 0,
        }
    }

    /// The most states that a byte of a text is looked at in.
    pub(crate) fn states_a_byte(&self) -> usize {
        match &self.search {
            Search::Table(_) => 1,
            Search::Lazy(lazy) => lazy.walk.get_nfa().states().len().max(1),
        }
    }

    /// Whether the pattern matches; `None` where the work limit ended the search.
    pub(crate) fn matches(&self, text: &[u8], memory: &mut Option<Box<Memory>>) -> Option<bool> {
        let input = Input::new(text).anchored(self.anchored).earliest(true);
        match &self.search {
            Search::Table(table) => table.try_search_fwd(&input).ok().map(|found| found.is_some()),
            Search::Lazy(lazy) => {
                lazy.matches(&input, memory.get_or_insert_with(|| Box::new(lazy.memory())))
            }
        }
    }
}

impl Lazy {
    fn memory(&self) -> Memory {
        Memory { table: self.table.as_ref().map(hybrid::dfa::DFA::create_cache), walk: None }
    }

    fn matches(&self, input: &Input<'_>, memory: &mut Memory) -> Option<bool> {
        if let (Some(table), Some(cache)) = (&self.table, &mut memory.table)
            && let Ok(found) = table.try_search_fwd(cache, input)
        {
            return Some(found.is_some());
        }
        let states = self.walk.get_nfa().states().len();
        if states.saturating_mul(input.haystack().len()) > limits::STEPS_MAX {
            return None;
        }
        let cache = memory.walk.get_or_insert_with(|| self.walk.create_cache());
        Some(self.walk.search_slots(cache, input, &mut []).is_some())
    }
}

pub(crate) fn build_nfa(hir: &Hir) -> Result<NFA, PatternError> {
    let config = thompson::Config::new()
        .nfa_size_limit(Some(limits::NFA_BYTES_MAX))
        .which_captures(WhichCaptures::None);
    thompson::Compiler::new().configure(config).build_from_hir(hir).map_err(|error| {
        if error.size_limit().is_some() {
            PatternError::new("the pattern is too large once its repetitions are written out")
        } else {
            PatternError::new(error.to_string())
        }
    })
}

/// Literals that every match starts with, where searching for them is faster than the table.
fn prefilter(hir: &Hir, whole: bool) -> Option<Prefilter> {
    if whole {
        return None;
    }
    Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, hir).filter(Prefilter::is_fast)
}

pub(crate) fn build_table(
    nfa: &NFA,
    anchored: Anchored,
    prefilter: Option<Prefilter>,
    table_bytes: usize,
) -> Option<FullTable> {
    let start = if anchored.is_anchored() { StartKind::Anchored } else { StartKind::Unanchored };
    let config = dense::Config::new()
        .start_kind(start)
        .specialize_start_states(prefilter.is_some())
        .prefilter(prefilter)
        .dfa_size_limit(Some(table_bytes.min(limits::TABLE_BYTES_MAX)))
        .determinize_size_limit(Some(limits::TABLE_WORK_BYTES_MAX));
    dense::Builder::new().configure(config).build_from_nfa(nfa).ok()
}

fn build_lazy(nfa: NFA, prefilter: Option<Prefilter>) -> Result<Lazy, PatternError> {
    let config = hybrid::dfa::Config::new()
        .specialize_start_states(prefilter.is_some())
        .prefilter(prefilter.clone())
        .unicode_word_boundary(true)
        .cache_capacity(limits::CACHE_BYTES_MAX)
        .minimum_cache_clear_count(Some(limits::CACHE_CLEARS_MAX))
        .minimum_bytes_per_state(Some(10));
    let table = hybrid::dfa::Builder::new().configure(config).build_from_nfa(nfa.clone()).ok();
    let walk = pikevm::Builder::new()
        .configure(pikevm::Config::new().prefilter(prefilter))
        .build_from_nfa(nfa)
        .map_err(|error| PatternError::new(error.to_string()))?;
    Ok(Lazy { table, walk })
}
