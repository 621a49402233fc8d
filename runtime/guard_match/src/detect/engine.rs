//! One detector as an automaton that is asked at one place: where does the match that begins here end?

use super::ScanError;
use crate::{PatternError, limits, pattern::FullTable};
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::hybrid;
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures, pikevm};
use regex_automata::util::{primitives::StateID, start};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

/// The automaton.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    /// A table; the usual case.
    Table(Box<Table>),
    /// Where the table would be too large, or knows of no Unicode word boundaries.
    Walk(Box<Walk>),
    /// One for each of several patterns, in their order. The alternation prefers what the first of them matches,
    /// so asking one after the other says the same.
    Each(Vec<Engine>),
}

/// A table, with the state to begin in for each byte before the match; the last is for none.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    starts: Vec<StateID>,
    dfa: FullTable,
}

/// Automata whose states are worked out while searching.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    lazy: Option<hybrid::dfa::DFA>,
    states: pikevm::PikeVM,
    /// The longest match, in bytes.
    longest: Option<usize>,
}

/// What an automaton keeps while one text is scanned.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What this detector may do on this text.
    steps_given: usize,
    /// What is left of it.
    steps_left: usize,
    known: Known,
    lazy: Option<hybrid::dfa::Cache>,
    states: Option<pikevm::Cache>,
    /// Of [`Engine::Each`], a memory for each.
    each: Vec<Memory>,
}

/// The detector's share of the work is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Memory {
    /// Makes ready for a text.
    pub(crate) fn begin(&mut self, steps: usize) {
        self.steps_given = steps;
        self.steps_left = steps;
        self.known.forget();
        self.each.iter_mut().for_each(|memory| memory.known.forget());
    }

    pub(crate) fn steps_taken(&self) -> u64 {
        u64::try_from(self.steps_given - self.steps_left).unwrap_or(u64::MAX)
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.steps_left = self.steps_left.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}

impl Engine {
    /// Compiles the patterns of a detector; `table_bytes` is what its tables may use.
    pub(crate) fn compile(patterns: &[Hir], table_bytes: usize) -> Result<Self, ScanError> {
        if let [only] = patterns {
            return Self::compile_one(only, table_bytes);
        }
        let nfa = build_nfa(&Hir::alternation(patterns.to_vec()), WhichCaptures::None)?;
        let joint_bytes = table_bytes.min(limits::JOINT_TABLE_BYTES_MAX);
        if let Some(table) = build_table(&nfa, joint_bytes).and_then(Table::new) {
            return Ok(Self::Table(Box::new(table)));
        }
        let mut room = table_bytes;
        let mut each = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let engine = Self::compile_one(pattern, room)?;
            room = room.saturating_sub(engine.table_bytes());
            each.push(engine);
        }
        Ok(Self::Each(each))
    }

    fn compile_one(hir: &Hir, table_bytes: usize) -> Result<Self, ScanError> {
        let nfa = build_nfa(hir, WhichCaptures::None)?;
        if let Some(table) = build_table(&nfa, table_bytes).and_then(Table::new) {
            return Ok(Self::Table(Box::new(table)));
        }
        let config = hybrid::dfa::Config::new()
            .unicode_word_boundary(true)
            .cache_capacity(limits::CACHE_BYTES_MAX)
            .minimum_cache_clear_count(Some(limits::CACHE_CLEARS_MAX))
            .minimum_bytes_per_state(Some(10));
        let lazy = hybrid::dfa::Builder::new().configure(config).build_from_nfa(nfa).ok();
        // The walk needs to be told where its own match begins and ends.
        let states = pikevm::Builder::new()
            .build_from_nfa(build_nfa(hir, WhichCaptures::Implicit)?)
            .map_err(|error| ScanError::new(error.to_string()))?;
        let longest = hir.properties().maximum_len();
        Ok(Self::Walk(Box::new(Walk { lazy, states, longest })))
    }

    /// What its table uses, in bytes.
    pub(crate) fn table_bytes(&self) -> usize {
        match self {
            Self::Table(table) => table.dfa.memory_usage(),
            Self::Walk(_) => 0,
            Self::Each(each) => each.iter().map(Self::table_bytes).sum(),
        }
    }

    /// Whether all of it is in tables.
    pub(crate) fn is_table(&self) -> bool {
        match self {
            Self::Table(_) => true,
            Self::Walk(_) => false,
            Self::Each(each) => each.iter().all(Self::is_table),
        }
    }

    /// The end of the match that begins at `start`, if one does.
    #[inline]
    pub(crate) fn end_of_match(
        &self,
        text: &[u8],
        start: usize,
        memory: &mut Memory,
    ) -> Result<Option<usize>, Exhausted> {
        match self {
            Self::Table(table) => run(table, text, start, memory),
            Self::Walk(walk) => walk.run(text, start, memory),
            Self::Each(each) => first_of(each, text, start, memory),
        }
    }
}

/// The match of the first engine that has one. What the engines learn of a text is kept apart.
fn first_of(
    each: &[Engine],
    text: &[u8],
    start: usize,
    memory: &mut Memory,
) -> Result<Option<usize>, Exhausted> {
    memory.each.resize_with(each.len(), Memory::default);
    let mut own = std::mem::take(&mut memory.each);
    let mut found = Ok(None);
    for (engine, own) in each.iter().zip(&mut own) {
        own.steps_left = memory.steps_left;
        found = engine.end_of_match(text, start, own);
        memory.steps_left = own.steps_left;
        if !matches!(found, Ok(None)) {
            break;
        }
    }
    memory.each = own;
    found
}

impl Table {
    /// `None` where some byte must not stand before a match, which tables without quit bytes know nothing of.
    fn new(dfa: FullTable) -> Option<Self> {
        let before = (0..=255).map(Some).chain([None]);
        let config = start::Config::new().anchored(Anchored::Yes);
        let starts = before.map(|byte| dfa.start_state(&config.clone().look_behind(byte)).ok());
        Some(Self { starts: starts.collect::<Option<Vec<StateID>>>()?, dfa })
    }
}

impl Walk {
    fn run(
        &self,
        text: &[u8],
        start: usize,
        memory: &mut Memory,
    ) -> Result<Option<usize>, Exhausted> {
        let left = text.len().saturating_sub(start);
        let reach = self.longest.map_or(left, |longest| left.min(longest.saturating_add(1)));
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        if let Some(lazy) = &self.lazy {
            memory.spend(reach / 4 + 1)?;
            let cache = memory.lazy.get_or_insert_with(|| lazy.create_cache());
            if let Ok(found) = lazy.try_search_fwd(cache, &input) {
                return Ok(found.map(|half| half.offset()));
            }
        }
        memory.spend(reach.saturating_mul(self.states.get_nfa().states().len() / 8 + 1))?;
        let cache = memory.states.get_or_insert_with(|| self.states.create_cache());
        Ok(self.states.find(cache, input).map(|found| found.end()))
    }
}

/// Walks the table from `start`. The last place where a match was seen is its end, because the table
/// prefers as the pattern does.
#[inline]
fn run(
    table: &Table,
    text: &[u8],
    start: usize,
    memory: &mut Memory,
) -> Result<Option<usize>, Exhausted> {
    let before = start.checked_sub(1).and_then(|place| text.get(place));
    let before = before.map_or(256, |byte| usize::from(*byte));
    let Some(mut state) = table.starts.get(before).copied() else { return Err(Exhausted) };
    let table = &table.dfa;
    let mut end = None;
    let rest = text.get(start..).unwrap_or_default();
    let mut steps = 0;
    // Most walks end within a few steps; those that do not look at what earlier walks have learnt.
    let head = rest.get(..FREE_STEPS).unwrap_or(rest);
    for byte in head {
        state = table.next_state(state, *byte);
        if table.is_special_state(state) {
            if table.is_match_state(state) {
                end = Some(start + steps);
            } else if table.is_dead_state(state) {
                memory.spend(steps + 1)?;
                return Ok(end);
            }
        }
        steps += 1;
    }
    if rest.len() > FREE_STEPS {
        return run_on(table, text, start, state, end, memory);
    }
    memory.spend(steps + 1)?;
    if table.is_match_state(table.next_eoi_state(state)) {
        end = Some(text.len());
    }
    Ok(end)
}

/// The rest of a long walk.
#[cold]
fn run_on(
    table: &FullTable,
    text: &[u8],
    start: usize,
    mut state: StateID,
    mut end: Option<usize>,
    memory: &mut Memory,
) -> Result<Option<usize>, Exhausted> {
    memory.spend(FREE_STEPS)?;
    memory.known.begin_walk();
    let rest = text.get(start + FREE_STEPS..).unwrap_or_default();
    for (place, byte) in (start + FREE_STEPS..).zip(rest) {
        if place.is_multiple_of(SPACING) && memory.known.leads_nowhere(place, state) {
            memory.known.end_walk(end);
            return Ok(end);
        }
        memory.spend(1)?;
        state = table.next_state(state, *byte);
        if table.is_special_state(state) {
            if table.is_match_state(state) {
                end = Some(place);
            } else if table.is_dead_state(state) {
                memory.known.end_walk(end);
                return Ok(end);
            }
        }
    }
    if table.is_match_state(table.next_eoi_state(state)) {
        end = Some(text.len());
    }
    memory.known.end_walk(end);
    Ok(end)
}

/// How far a walk goes before it remembers and asks what is remembered.
const FREE_STEPS: usize = 32;
/// The distance between the places where states are remembered.
const SPACING: usize = 16;
/// How many places are remembered.
const KNOWN_MAX: usize = 4096;

/// What walks over this text have learnt: that from this state at this place no match ends later. Two walks
/// that meet in one state stay together, so the later one may stop. With it a pattern such as
/// `<[^>]*>` is linear on a text of opening brackets.
#[derive(Debug, Default)]
struct Known {
    /// In a ring: text, place and state.
    states: Vec<(u64, usize, StateID)>,
    /// Where the present walk has been.
    walk: Vec<(usize, StateID)>,
    /// The number of the present text; what was learnt from others is not true of it.
    text: u64,
}

impl Known {
    fn forget(&mut self) {
        self.text += 1;
    }

    fn begin_walk(&mut self) {
        self.walk.clear();
    }

    /// Whether it is known that no match ends after `place`; notes the state where it is not.
    fn leads_nowhere(&mut self, place: usize, state: StateID) -> bool {
        if self.states.get(place / SPACING % KNOWN_MAX) == Some(&(self.text, place, state)) {
            return true;
        }
        if self.walk.len() < KNOWN_MAX {
            self.walk.push((place, state));
        }
        false
    }

    /// Learns from a walk whose last match ended at `end`.
    fn end_walk(&mut self, end: Option<usize>) {
        self.states.resize(KNOWN_MAX, (0, 0, StateID::ZERO));
        for (place, state) in self.walk.drain(..) {
            // A state at the very end of a match reports that match one step later.
            if end.is_none_or(|end| place > end)
                && let Some(known) = self.states.get_mut(place / SPACING % KNOWN_MAX)
            {
                *known = (self.text, place, state);
            }
        }
    }
}

fn build_nfa(hir: &Hir, captures: WhichCaptures) -> Result<NFA, ScanError> {
    let config = thompson::Config::new()
        .nfa_size_limit(Some(limits::DETECTOR_NFA_BYTES_MAX))
        .which_captures(captures);
    let built = thompson::Compiler::new().configure(config).build_from_hir(hir);
    built.map_err(|error| {
        if error.size_limit().is_some() {
            let message = "the patterns are too large once their repetitions are written out";
            ScanError::new(message)
        } else {
            ScanError::new(PatternError::new(error.to_string()).to_string())
        }
    })
}

fn build_table(nfa: &NFA, table_bytes: usize) -> Option<FullTable> {
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(table_bytes.min(limits::DETECTOR_TABLE_BYTES_MAX)))
        .determinize_size_limit(Some(limits::DETECTOR_TABLE_WORK_BYTES_MAX));
    dense::Builder::new().configure(config).build_from_nfa(nfa).ok()
}
