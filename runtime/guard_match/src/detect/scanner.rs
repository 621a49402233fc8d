//! Many detectors over one text: candidates from the filter, then each detector at its candidates.
//!
//! INVARIANT: each place where a match of a detector begins is a candidate of that detector before it is
//! passed, and a detector's candidates are tried in order. So what is found does not depend on the triggers.

use super::engine::{Engine, Exhausted, Memory};
use super::filter::Filter;
use super::near::Context;
use super::trigger::{Trigger, likelihood, merge, triggers};
use super::validate::{accepts, stands_alone};
use super::{Detector, DetectorSet, Found, GaveUp, ScanError, Validator, wire};
use crate::{limits, syntax};
use regex_syntax::hir::Hir;
use std::sync::atomic::{AtomicU64, Ordering};

/// Compiled detectors, shared by all threads.
#[derive(Debug, Clone)]
pub struct Scanner {
    /// What they were compiled from.
    sources: Vec<Detector>,
    compiled: Vec<Compiled>,
    /// The triggers of all.
    triggers: Vec<Trigger>,
    /// What is needed of each trigger when it is pulled, in little room, because that happens often.
    pulls: Vec<Pull>,
    /// Each with the number of its first trigger. All triggers of a detector are in one of them, so that its
    /// candidates come in order.
    filters: Vec<(usize, Filter)>,
    /// Tells scratch memory of these detectors from that of others.
    identity: u64,
}

#[derive(Debug, Clone)]
struct Compiled {
    engine: Engine,
    validator: Option<Validator>,
    near: Option<Context>,
    /// The longest match, in bytes.
    longest: Option<usize>,
    /// How far before a trigger a match may start.
    reach: Option<usize>,
}

/// Where a match of which detector may begin when a trigger is pulled.
#[derive(Debug, Clone, Copy)]
struct Pull {
    detector: u32,
    /// The trigger's distance from the start of the match, where it is always the same.
    distance: Option<i32>,
}

impl Pull {
    fn of(detector: u32, trigger: &Trigger) -> Self {
        let is_fixed = trigger.distance_max == Some(trigger.distance_min);
        let distance = i32::try_from(trigger.distance_min).ok().filter(|_| is_fixed);
        Self { detector, distance }
    }
}

/// Scratch memory for scans: one a thread. It fits itself to the scanner it is used with, and keeps its
/// memory, so that a scan allocates nothing once it has seen texts of its size.
#[derive(Debug, Default)]
pub struct Scratch {
    detectors: Vec<Progress>,
    /// For each trigger how far it has looked.
    looked: Vec<Looked>,
    /// The detectors that have candidates.
    touched: Vec<u32>,
    identity: u64,
    steps: u64,
}

/// Where a detector stands in a text.
#[derive(Debug, Default)]
struct Progress {
    memory: Memory,
    /// Places where a match may begin: first and last, in bytes.
    candidates: Vec<(usize, usize)>,
    is_sorted: bool,
    /// All places before it are done.
    resume: usize,
    is_touched: bool,
}

/// Between these places all bytes may stand before the trigger.
#[derive(Debug, Default, Clone, Copy)]
struct Looked {
    from: usize,
    to: usize,
}

/// How many candidates are collected before they are tried.
const CANDIDATES_MAX: usize = 4096;
/// How many a detector may have whose matches may start any distance before their trigger.
const CANDIDATES_FAR_MAX: usize = 1 << 20;

impl Scanner {
    /// Compiles detectors. The error names the first that is refused.
    pub fn compile(detectors: &[Detector]) -> Result<Self, ScanError> {
        static NEXT_IDENTITY: AtomicU64 = AtomicU64::new(1);
        if detectors.len() > limits::DETECTORS_MAX {
            return Err(ScanError::new("these are too many detectors"));
        }
        let mut room = limits::TABLES_BYTES_MAX;
        let mut compiled = Vec::with_capacity(detectors.len());
        let (mut all_triggers, mut pulls) = (Vec::new(), Vec::new());
        for (index, (detector, number)) in detectors.iter().zip(0..).enumerate() {
            let (one, triggers) = compile_one(detector, &mut room)
                .map_err(|error| error.of_detector(index, &detector.name))?;
            compiled.push(one);
            pulls.extend(triggers.iter().map(|trigger| Pull::of(number, trigger)));
            all_triggers.extend(triggers);
        }
        Ok(Self {
            sources: detectors.to_vec(),
            compiled,
            filters: filters(&all_triggers, &pulls),
            triggers: all_triggers,
            pulls,
            identity: NEXT_IDENTITY.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// What [`Scanner::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::to_bytes(&self.sources)
    }

    /// Reads what [`Scanner::to_bytes`] wrote. Any bytes may be given: what they may cost is bounded as in
    /// [`Scanner::compile`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ScanError> {
        wire::from_bytes(bytes)
    }

    /// The detectors, in the order of their numbers.
    pub fn detectors(&self) -> &[Detector] {
        &self.sources
    }

    /// The longest match of a detector in bytes; `None` where there is no longest. Text that streams is safe
    /// to release up to so many bytes and one more before its present end; the words of a context
    /// (see [`super::Near`]) may come later still.
    pub fn longest_match(&self, detector: u32) -> Option<usize> {
        let index = usize::try_from(detector).ok()?;
        self.compiled.get(index)?.longest
    }

    /// What the table of a detector uses, in bytes; `None` where it has none, because it would be too large, and
    /// its states are worked out while scanning.
    pub fn table_bytes(&self, detector: u32) -> Option<usize> {
        let index = usize::try_from(detector).ok()?;
        self.compiled
            .get(index)
            .filter(|one| one.engine.is_table())
            .map(|one| one.engine.table_bytes())
    }

    /// How many triggers a detector has. A scanner with more than some hundreds looks at each place with care.
    pub fn trigger_count(&self, detector: u32) -> usize {
        self.pulls.iter().filter(|pull| pull.detector == detector).count()
    }

    /// At which share of the places of prose a detector is asked, estimated. It decides how fast a scan is.
    pub fn asked_share(&self, detector: u32) -> f64 {
        let pulls = self.pulls.iter().zip(&self.triggers);
        let own = pulls.filter(|(pull, _)| pull.detector == detector);
        own.map(|(_, trigger)| likelihood(&trigger.bytes)).sum()
    }

    /// Puts what the wanted detectors find in `text` into `found`, by start, end and detector. Matches of
    /// one detector do not overlap. Where it gives up, `found` is empty.
    pub fn scan(
        &self,
        text: &str,
        wanted: &DetectorSet,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<(), GaveUp> {
        self.scan_behind(text, &[], wanted, scratch, found)
    }

    /// The same, where detectors go on behind a place: each behind the one of its number in `behind`, what
    /// has no place there from the start. For text that streams, where an earlier scan has found the rest.
    pub fn scan_behind(
        &self,
        text: &str,
        behind: &[usize],
        wanted: &DetectorSet,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<(), GaveUp> {
        found.clear();
        let scanned = self.scan_bytes(text.as_bytes(), behind, wanted, scratch, found);
        scratch.end();
        match scanned {
            Ok(()) => found.sort_unstable(),
            Err(_) => found.clear(),
        }
        scanned
    }

    fn scan_bytes(
        &self,
        text: &[u8],
        behind: &[usize],
        wanted: &DetectorSet,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<(), GaveUp> {
        if text.len() > limits::SCAN_TEXT_BYTES_MAX {
            return Err(GaveUp::TooLong);
        }
        scratch.fit(self);
        let share = limits::SCAN_STEPS_FREE + text.len() * limits::SCAN_STEPS_PER_BYTE_MAX;
        for (first, filter) in &self.filters {
            filter.pass(text, |place, trigger| {
                self.pulled(text, behind, wanted, share, scratch, found, place, first + trigger)
            })?;
        }
        for touched in 0..scratch.touched.len() {
            let Some(detector) = scratch.touched.get(touched) else { continue };
            let detector = *detector;
            self.try_candidates(text, detector, usize::MAX, scratch, found)?;
        }
        Ok(())
    }

    /// Notes where a match may begin that has this trigger at this place.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "the state of a scan, which lives on the stack")]
    fn pulled(
        &self,
        text: &[u8],
        behind: &[usize],
        wanted: &DetectorSet,
        share: usize,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
        place: i64,
        number: usize,
    ) -> Result<(), GaveUp> {
        let Some(Pull { detector, distance }) = self.pulls.get(number).copied() else {
            return Ok(());
        };
        if !wanted.contains(detector) {
            return Ok(());
        }
        let index = usize::try_from(detector).unwrap_or(usize::MAX);
        let Some(progress) = scratch.detectors.get_mut(index) else { return Ok(()) };
        if !progress.is_touched {
            progress.begin(share, behind.get(index).copied().unwrap_or(0));
            scratch.touched.push(detector);
        }
        let starts = match distance {
            Some(distance) => {
                let start = usize::try_from(place - i64::from(distance)).ok();
                start.map(|start| (start, start))
            }
            None => {
                let trigger = self.triggers.get(number).zip(scratch.looked.get_mut(number));
                let Some((trigger, looked)) = trigger else { return Ok(()) };
                let first = first_start(text, place, trigger, looked, &mut progress.memory);
                let first = first.map_err(|Exhausted| GaveUp::TooMuchWork { detector })?;
                let last = usize::try_from(place.saturating_sub(trigger.distance_min)).ok();
                last.map(|last| (first, last)).filter(|(first, last)| first <= last)
            }
        };
        let Some((first, last)) = starts else { return Ok(()) };
        progress.add(first, last);
        if progress.candidates.len() >= CANDIDATES_MAX {
            self.try_early(text, detector, place, scratch, found)?;
        }
        Ok(())
    }

    /// Tries the candidates before which no other can come any more.
    #[cold]
    fn try_early(
        &self,
        text: &[u8],
        detector: u32,
        place: i64,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<(), GaveUp> {
        let reach =
            usize::try_from(detector).ok().and_then(|index| self.compiled.get(index)?.reach);
        let now = usize::try_from(place).unwrap_or(0);
        if let Some(reach) = reach {
            return self.try_candidates(text, detector, now.saturating_sub(reach), scratch, found);
        }
        let index = usize::try_from(detector).unwrap_or(usize::MAX);
        let count = scratch.detectors.get(index).map_or(0, |progress| progress.candidates.len());
        if count > CANDIDATES_FAR_MAX { Err(GaveUp::TooMuchWork { detector }) } else { Ok(()) }
    }

    /// Tries the candidates of a detector that begin before `until`, in order.
    fn try_candidates(
        &self,
        text: &[u8],
        detector: u32,
        until: usize,
        scratch: &mut Scratch,
        found: &mut Vec<Found>,
    ) -> Result<(), GaveUp> {
        let Ok(index) = usize::try_from(detector) else { return Ok(()) };
        let compiled = self.compiled.get(index);
        let Some((compiled, progress)) = compiled.zip(scratch.detectors.get_mut(index)) else {
            return Ok(());
        };
        let gave_up = |Exhausted| GaveUp::TooMuchWork { detector };
        progress.sort();
        let mut done = 0;
        'ranges: for (first, last) in &mut progress.candidates {
            let mut start = (*first).max(progress.resume);
            while start <= *last && start < text.len() {
                if start >= until {
                    *first = start;
                    break 'ranges;
                }
                let end = compiled
                    .engine
                    .end_of_match(text, start, &mut progress.memory)
                    .map_err(gave_up)?;
                progress.resume = start + 1;
                if let Some(end) = end
                    && compiled.accepts(text, start, end, &mut progress.memory).map_err(gave_up)?
                {
                    if found.len() >= limits::FOUND_MAX {
                        return Err(GaveUp::TooMany);
                    }
                    found.push(Found { start, end, detector });
                    progress.resume = end;
                }
                start = progress.resume;
            }
            done += 1;
        }
        progress.candidates.drain(..done);
        Ok(())
    }
}

impl Compiled {
    /// Whether validator and context accept a match.
    fn accepts(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        memory: &mut Memory,
    ) -> Result<bool, Exhausted> {
        if let Some(validator) = &self.validator {
            memory.spend(end - start)?;
            let matched = text.get(start..end).and_then(|text| std::str::from_utf8(text).ok());
            let is_accepted = matched.is_some_and(|text| accepts(*validator, text));
            if !is_accepted || !stands_alone(*validator, text, start, end) {
                return Ok(false);
            }
        }
        let Some(near) = &self.near else { return Ok(true) };
        memory.spend(near.steps())?;
        Ok(near.stands_near(text, start, end))
    }
}

impl Progress {
    fn begin(&mut self, share: usize, resume: usize) {
        self.memory.begin(share);
        self.candidates.clear();
        self.is_sorted = true;
        self.resume = resume;
        self.is_touched = true;
    }

    /// Adds the places from `first` to `last`, in one piece with those before where they touch.
    #[inline]
    fn add(&mut self, first: usize, last: usize) {
        if let Some((previous_first, previous_last)) = self.candidates.last_mut() {
            if first >= *previous_first && first <= *previous_last + 1 {
                *previous_last = last.max(*previous_last);
                return;
            }
            self.is_sorted &= first > *previous_first;
        }
        self.candidates.push((first, last));
    }

    fn sort(&mut self) {
        if !self.is_sorted {
            self.candidates.sort_unstable();
            self.is_sorted = true;
        }
    }
}

impl Scratch {
    /// How many steps the last scan took beside the filter's pass: bytes that automata walked, or less where
    /// an automaton cannot count. For tests of how cost grows.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Forgets the memory of other detectors, and makes ready for a text.
    fn fit(&mut self, scanner: &Scanner) {
        if self.identity != scanner.identity {
            self.detectors.clear();
            self.detectors.resize_with(scanner.compiled.len(), Progress::default);
            self.identity = scanner.identity;
        }
        self.looked.clear();
        self.looked.resize(scanner.triggers.len(), Looked::default());
        self.steps = 0;
    }

    fn end(&mut self) {
        self.touched.clear();
        for progress in &mut self.detectors {
            if progress.is_touched {
                progress.is_touched = false;
                self.steps += progress.memory.steps_taken();
            }
        }
    }
}

/// The first place from which only bytes that may stand there lead to the trigger.
fn first_start(
    text: &[u8],
    place: i64,
    trigger: &Trigger,
    looked: &mut Looked,
    memory: &mut Memory,
) -> Result<usize, Exhausted> {
    let to = usize::try_from(place).unwrap_or(0);
    let farthest = trigger.distance_max.map_or(0, |distance| place.saturating_sub(distance));
    let farthest = usize::try_from(farthest).unwrap_or(0);
    let is_far = trigger.distance_max.is_none();
    let mut first = to;
    while first > farthest {
        // INVARIANT: from `looked.from` to `looked.to` all bytes may stand there, and the byte before
        // `looked.from` may not.
        if is_far && first == looked.to {
            first = looked.from;
            break;
        }
        if !text.get(first - 1).is_some_and(|byte| trigger.between.contains(*byte)) {
            break;
        }
        memory.spend(1)?;
        first -= 1;
    }
    if is_far {
        *looked = Looked { from: first, to };
    }
    Ok(first)
}

/// Whether [`Scanner::compile`] would accept a detector; by the same code and limits.
pub fn check(detector: &Detector) -> Result<(), ScanError> {
    // Without a table: whether one fits changes how fast a detector is, not whether it is accepted.
    compile_one(detector, &mut 0).map(|_| ())
}

/// How many triggers one pass looks for; with more of them too many places look as if one stood there, and a further
/// pass costs less.
const PASS_MAX: usize = 64;

fn filters(triggers: &[Trigger], pulls: &[Pull]) -> Vec<(usize, Filter)> {
    let mut filters = Vec::new();
    let mut first = 0;
    let mut begins = 0;
    for (place, (pull, next)) in pulls.iter().zip(pulls.iter().skip(1)).enumerate() {
        if pull.detector == next.detector {
            continue;
        }
        // A detector's end: begin a pass with it where it would not fit into the present one.
        let end = place + 1;
        if end - first > PASS_MAX && begins > first {
            filters.push((first, Filter::new(triggers.get(first..begins).unwrap_or_default())));
            first = begins;
        }
        begins = end;
    }
    if triggers.len() - first > PASS_MAX && begins > first {
        filters.push((first, Filter::new(triggers.get(first..begins).unwrap_or_default())));
        first = begins;
    }
    filters.push((first, Filter::new(triggers.get(first..).unwrap_or_default())));
    filters
}

fn compile_one(
    detector: &Detector,
    room: &mut usize,
) -> Result<(Compiled, Vec<Trigger>), ScanError> {
    if detector.name.len() > limits::DETECTOR_NAME_BYTES_MAX {
        return Err(ScanError::new("its name is too long"));
    }
    if detector.patterns.is_empty() {
        return Err(ScanError::new("it has no pattern"));
    }
    if detector.patterns.len() > limits::DETECTOR_PATTERNS_MAX {
        return Err(ScanError::new("it has too many patterns"));
    }
    let patterns = detector.patterns.iter().enumerate().map(|(index, source)| {
        let of_pattern = |error| ScanError::of_pattern(index, error);
        let hir = syntax::parse(source, false).map_err(of_pattern)?;
        if hir.properties().minimum_len() == Some(0) {
            let message = "the pattern also matches nothing at all, which is everywhere";
            return Err(of_pattern(crate::PatternError::new(message)));
        }
        Ok(hir)
    });
    let patterns = patterns.collect::<Result<Vec<Hir>, ScanError>>()?;
    let engine = Engine::compile(&patterns, *room)?;
    // A table that could not be built has cost as much time as one that could.
    let spent = engine.table_bytes();
    let spent = if engine.is_table() { spent } else { spent.max(limits::DETECTOR_TABLE_BYTES_MAX) };
    *room = room.saturating_sub(spent);
    let near = detector.near.as_ref().map(Context::compile).transpose()?;
    // Pattern by pattern, because the shapes of all together may be too many to tell apart.
    let mut triggers: Vec<Trigger> = patterns.iter().flat_map(triggers).collect();
    merge(&mut triggers);
    let reach = triggers
        .iter()
        .map(|trigger| trigger.distance_max)
        .try_fold(0, |most, distance| Some(most.max(usize::try_from(distance?.max(0)).ok()?)));
    let longest = patterns
        .iter()
        .map(|pattern| pattern.properties().maximum_len())
        .try_fold(0, |longest: usize, one| Some(longest.max(one?)));
    let compiled = Compiled { engine, validator: detector.validator, near, longest, reach };
    Ok((compiled, triggers))
}
