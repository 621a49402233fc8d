//! A model and its file.
//!
//! All numbers are little-endian.
//!
//! | bytes | |
//! | --- | --- |
//! | 4 | `GMDL` |
//! | 2 | version of the format, [`FORMAT_VERSION`] |
//! | 2 | version of the features, [`FEATURES_VERSION`]: normal form, words, hashes |
//! | 2 | threshold: the probability from which the model's makers let it fire, of 65535 |
//! | 1, 1 | number of windows, number of knots |
//! | 6 each | windows, by rising length: words (2), bias (4) in units of 2^-16 |
//! | 6 each | knots, by rising value: value (4) in units of 2^-16, probability (2) of 65535 |
//! | 6, twice | a table: scale of its weights (2) in units of 2^-20, number of slots (4) |
//! | 2 each | slots, of the table of words and then of that of characters: weight (1, signed), check (1) |
//! | 8 | FNV-1a of all bytes before |

use crate::hash::check_sum;
use crate::limits::{KNOTS_MAX, MODEL_BYTES_MAX, SLOTS_MAX, WINDOW_WORDS_MAX, WINDOWS_MAX};
use crate::scan::Table;
use std::fmt;

/// The version of the file's layout that is written and read.
pub const FORMAT_VERSION: u16 = 1;

/// The version of what a feature is; it changes with the scanner.
pub const FEATURES_VERSION: u16 = 1;

const MAGIC: [u8; 4] = *b"GMDL";

/// A length of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many words it has, 1 to [`WINDOW_WORDS_MAX`].
    pub words: u16,
    /// What is added to its value, in units of 2^-16.
    pub bias: i32,
}

/// A point of the calibration; between two points it is a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knot {
    /// A value, in units of 2^-16.
    pub value: i32,
    /// The probability there, of 65535.
    pub probability: u16,
}

/// One table of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightTable {
    /// What one step of a weight is worth, in units of 2^-20.
    pub scale: u16,
    /// Weight in the lower byte, signed; the check, the lowest byte of the feature's hash, in the upper.
    pub slots: Vec<u16>,
}

/// What a model is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The probability from which it fires, of 65535.
    pub threshold: u16,
    /// Lengths of windows, rising.
    pub windows: Vec<Window>,
    /// The calibration, rising in both.
    pub knots: Vec<Knot>,
    /// The table of words.
    pub words: WeightTable,
    /// The table of characters.
    pub characters: WeightTable,
}

/// A model that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    parts: Parts,
}

/// Why bytes or parts are no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelError {
    what: &'static str,
}

impl fmt::Display for ModelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "not a model: {}", self.what)
    }
}

impl std::error::Error for ModelError {}

fn refuse<T>(what: &'static str) -> Result<T, ModelError> {
    Err(ModelError { what })
}

impl Model {
    /// A model of its parts, if they keep the limits.
    pub fn from_parts(parts: Parts) -> Result<Self, ModelError> {
        let lengths = parts.windows.iter().map(|window| usize::from(window.words));
        let is_length = |words: usize| (1..=WINDOW_WORDS_MAX).contains(&words);
        if !(1..=WINDOWS_MAX).contains(&parts.windows.len()) || !lengths.clone().all(is_length) {
            return refuse("windows past the limits");
        }
        if !lengths.is_sorted_by(|left, right| left < right) {
            return refuse("windows that do not rise");
        }
        if !(2..=KNOTS_MAX).contains(&parts.knots.len()) {
            return refuse("too few or too many points of calibration");
        }
        let rises = |left: &Knot, right: &Knot| {
            left.value < right.value && left.probability <= right.probability
        };
        if !parts.knots.is_sorted_by(rises) {
            return refuse("a calibration that does not rise");
        }
        if [&parts.words, &parts.characters]
            .iter()
            .any(|table| !(1..=SLOTS_MAX).contains(&table.slots.len()))
        {
            return refuse("a table past the limits");
        }
        Ok(Self { parts })
    }

    /// Reads a model's file. The tables are copied; nothing else of the bytes is kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > MODEL_BYTES_MAX {
            return refuse("longer than a model may be");
        }
        let Some((body, sum)) = bytes.split_last_chunk::<8>() else { return refuse("cut off") };
        if check_sum(body) != u64::from_le_bytes(*sum) {
            return refuse("damaged: the check sum is another");
        }
        let mut reader = Reader { rest: body };
        if reader.take::<4>()? != MAGIC {
            return refuse("another kind of file");
        }
        if reader.short()? != FORMAT_VERSION {
            return refuse("another version of the format");
        }
        if reader.short()? != FEATURES_VERSION {
            return refuse("made for another version of the scanner");
        }
        let threshold = reader.short()?;
        let [windows, knots] = reader.take::<2>()?;
        let windows = (0..windows).map(|_| reader.window()).collect::<Result<_, _>>()?;
        let knots = (0..knots).map(|_| reader.knot()).collect::<Result<_, _>>()?;
        let mut tables = [reader.table_head()?, reader.table_head()?].map(|(scale, slots)| {
            let length = slots.checked_mul(2).filter(|_| slots <= SLOTS_MAX);
            let bytes = length.and_then(|length| reader.split(length));
            bytes.map(|bytes| WeightTable { scale, slots: slots_of(bytes) })
        });
        let [Some(words), Some(characters)] = tables.each_mut().map(Option::take) else {
            return refuse("cut off in a table");
        };
        if !reader.rest.is_empty() {
            return refuse("longer than it says");
        }
        Self::from_parts(Parts { threshold, windows, knots, words, characters })
    }

    /// The model's file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = &self.parts;
        let mut out = Vec::new();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        out.extend_from_slice(&FEATURES_VERSION.to_le_bytes());
        out.extend_from_slice(&parts.threshold.to_le_bytes());
        // Both are below 65: `from_parts` has seen to it.
        out.push(u8::try_from(parts.windows.len()).unwrap_or_default());
        out.push(u8::try_from(parts.knots.len()).unwrap_or_default());
        for window in &parts.windows {
            out.extend_from_slice(&window.words.to_le_bytes());
            out.extend_from_slice(&window.bias.to_le_bytes());
        }
        for knot in &parts.knots {
            out.extend_from_slice(&knot.value.to_le_bytes());
            out.extend_from_slice(&knot.probability.to_le_bytes());
        }
        for table in [&parts.words, &parts.characters] {
            out.extend_from_slice(&table.scale.to_le_bytes());
            let slots = u32::try_from(table.slots.len()).unwrap_or_default();
            out.extend_from_slice(&slots.to_le_bytes());
        }
        for slot in parts.words.slots.iter().chain(&parts.characters.slots) {
            out.extend_from_slice(&slot.to_le_bytes());
        }
        let sum = check_sum(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// The probability from which the model's makers let it fire, 0 to 1.
    pub fn threshold(&self) -> f64 {
        f64::from(self.parts.threshold) / f64::from(u16::MAX)
    }

    /// What it is made of.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The calibrated probability of a value, of 65535.
    pub(crate) fn probability(&self, value: i32) -> u16 {
        let knots = &self.parts.knots;
        let above = knots.partition_point(|knot| knot.value <= value);
        let below = above.checked_sub(1).and_then(|index| knots.get(index));
        match (below, knots.get(above)) {
            (Some(low), Some(high)) => between(*low, *high, value),
            (Some(low), None) => low.probability,
            (None, high) => high.map_or(0, |high| high.probability),
        }
    }
}

/// On the straight line between two knots, rounded down.
fn between(low: Knot, high: Knot, value: i32) -> u16 {
    let along = i64::from(value) - i64::from(low.value);
    let length = i64::from(high.value) - i64::from(low.value);
    let rise = i64::from(high.probability) - i64::from(low.probability);
    let probability = i64::from(low.probability) + along * rise / length.max(1);
    u16::try_from(probability).unwrap_or(u16::MAX)
}

impl WeightTable {
    /// Where a feature's weight stands.
    #[inline]
    pub fn slot_of(&self, hash: u64) -> usize {
        let slots = self.slots.len() as u64;
        usize::try_from(((hash >> 32) * slots) >> 32).unwrap_or_default()
    }

    /// The weight of a feature; 0 for one that has none.
    #[inline]
    pub(crate) fn weight(&self, hash: u64) -> i32 {
        let slot = self.slots.get(self.slot_of(hash)).copied().unwrap_or_default();
        let [weight, check] = slot.to_le_bytes();
        let [low, ..] = hash.to_le_bytes();
        if check == low { i32::from(weight.cast_signed()) } else { 0 }
    }
}

impl Parts {
    /// The table in which a feature has its weight.
    #[inline]
    pub(crate) fn table(&self, table: Table) -> &WeightTable {
        match table {
            Table::Words => &self.words,
            Table::Characters => &self.characters,
        }
    }
}

fn slots_of(bytes: &[u8]) -> Vec<u16> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return refuse("cut off");
        };
        self.rest = rest;
        Ok(*taken)
    }

    fn split(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn short(&mut self) -> Result<u16, ModelError> {
        self.take().map(u16::from_le_bytes)
    }

    fn integer(&mut self) -> Result<i32, ModelError> {
        self.take().map(i32::from_le_bytes)
    }

    fn window(&mut self) -> Result<Window, ModelError> {
        Ok(Window { words: self.short()?, bias: self.integer()? })
    }

    fn knot(&mut self) -> Result<Knot, ModelError> {
        Ok(Knot { value: self.integer()?, probability: self.short()? })
    }

    fn table_head(&mut self) -> Result<(u16, usize), ModelError> {
        let scale = self.short()?;
        let slots = self.take().map(u32::from_le_bytes)?;
        Ok((scale, usize::try_from(slots).unwrap_or(usize::MAX)))
    }
}
