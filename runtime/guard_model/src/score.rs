//! The score of a text: that of its worst window, in one pass and in whole numbers.
//!
//! A window is so many words in a row. Its value is the sum of the weights of its features, divided by the square
//! root of its words and four, and its length's bias. Every window of every length is valued, also those inside
//! what was encoded; a text shorter than a length is one window of it. Sums are differences of running sums, so the
//! cost does not depend on the length of windows.

use crate::limits::{DECODE_DEPTH_MAX, TEXT_BYTES_MAX, WINDOW_WORDS_MAX};
use crate::model::{Model, Parts};
use crate::scan::{ScanMemory, Sink, Table, scan};

/// What is known of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// How probable it is that the text is what the model looks for, 0 to 1, where the one is as frequent as the
    /// other. The same text has the same value on every machine.
    pub probability: f64,
    /// The value before calibration, in units of 2^-16.
    pub value: i32,
    /// Where the worst window begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether all of the text was read. What is longer than [`TEXT_BYTES_MAX`] was not, and nothing is known of
    /// the rest.
    pub is_whole: bool,
}

impl Score {
    /// Whether a detector with this threshold fires. It fires on a text that was not read whole.
    pub fn fires(&self, threshold: f64) -> bool {
        !self.is_whole || self.probability >= threshold
    }
}

/// Memory for scoring, for use again: one a thread. After the first texts scoring allocates nothing.
#[derive(Debug, Default, Clone)]
pub struct Scratch {
    scan: ScanMemory,
    levels: [Level; DECODE_DEPTH_MAX],
}

/// What was decoded at one depth.
#[derive(Debug, Default, Clone)]
struct Level {
    bytes: Vec<u8>,
    islands: Vec<Island>,
}

/// A decoded text: where in the level's bytes, and where it stood in the text.
#[derive(Debug, Clone, Copy)]
struct Island {
    from: usize,
    to: usize,
    span: (usize, usize),
}

impl Model {
    /// Scores a text. Time is linear in the text, and bounded by [`TEXT_BYTES_MAX`].
    pub fn score(&self, text: &str, scratch: &mut Scratch) -> Score {
        let (text, is_whole) = head(text);
        let mut worst = Worst::default();
        self.score_level(text, None, 0, scratch, &mut worst);
        let mut depth = 0;
        while let Some(mut level) = scratch.levels.get_mut(depth).map(std::mem::take) {
            for island in &level.islands {
                let bytes = level.bytes.get(island.from..island.to).unwrap_or_default();
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                self.score_level(text, Some(island.span), depth + 1, scratch, &mut worst);
            }
            level.bytes.clear();
            level.islands.clear();
            if let Some(slot) = scratch.levels.get_mut(depth) {
                *slot = level;
            }
            depth += 1;
        }
        let Worst { value, span, .. } = worst;
        let value = value.unwrap_or(i32::MIN);
        let probability = f64::from(self.probability(value)) / f64::from(u16::MAX);
        Score { probability, value, start: span.0, end: span.1, is_whole }
    }

    fn score_level(
        &self,
        text: &str,
        span: Option<(usize, usize)>,
        depth: usize,
        scratch: &mut Scratch,
        worst: &mut Worst,
    ) {
        let level = scratch.levels.get_mut(depth);
        let mut windows = Windows {
            parts: self.parts(),
            level,
            outer: span,
            words: 0,
            characters: 0,
            total: 0,
            count: 0,
            ring: [(0, 0); RING],
            last_end: 0,
            worst,
        };
        scan(text, &mut scratch.scan, &mut windows);
        windows.finish();
    }
}

/// The part of a text that is scored.
fn head(text: &str) -> (&str, bool) {
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    (text.get(..end).unwrap_or_default(), end == text.len())
}

#[derive(Debug, Default, Clone, Copy)]
struct Worst {
    value: Option<i32>,
    span: (usize, usize),
}

/// A power of two, so that the index is a mask; above the longest window.
const RING: usize = 2 * WINDOW_WORDS_MAX;

/// Values windows while a text is scanned.
struct Windows<'a> {
    parts: &'a Parts,
    level: Option<&'a mut Level>,
    /// Where the text stood that this one was decoded from.
    outer: Option<(usize, usize)>,
    /// Sums of the word being read, one a table.
    words: i32,
    characters: i32,
    /// The sum of all words so far, in units of 2^-20.
    total: i64,
    count: usize,
    /// For the last words, the sum before each and where it begins.
    ring: [(i64, usize); RING],
    last_end: usize,
    worst: &'a mut Worst,
}

impl Windows<'_> {
    fn consider(&mut self, words: usize, bias: i32, end: usize) {
        let (before, start) =
            self.ring.get((self.count - words) % RING).copied().unwrap_or_default();
        let value = value(self.total - before, words, bias);
        if self.worst.value.is_none_or(|worst| value > worst) {
            *self.worst = Worst { value: Some(value), span: self.outer.unwrap_or((start, end)) };
        }
    }

    /// A text that is shorter than a window is one of that length.
    fn finish(&mut self) {
        let count = self.count;
        let longer = self.parts.windows.iter().find(|window| count < usize::from(window.words));
        if let Some(window) = longer.filter(|_| count > 0) {
            self.consider(count, window.bias, self.last_end);
        }
    }
}

impl Sink for Windows<'_> {
    #[inline]
    fn feature(&mut self, table: Table, hash: u64) {
        let weight = self.parts.table(table).weight(hash);
        match table {
            // A word has at most 37 features, so nothing wraps; the check would be paid for every byte.
            Table::Words => self.words = self.words.wrapping_add(weight),
            Table::Characters => self.characters = self.characters.wrapping_add(weight),
        }
    }

    #[inline]
    fn end_word(&mut self, start: usize, end: usize) {
        if let Some(slot) = self.ring.get_mut(self.count % RING) {
            *slot = (self.total, start);
        }
        let parts = self.parts;
        self.total += i64::from(self.words) * i64::from(parts.words.scale)
            + i64::from(self.characters) * i64::from(parts.characters.scale);
        (self.words, self.characters) = (0, 0);
        self.count += 1;
        self.last_end = end;
        for window in &parts.windows {
            let words = usize::from(window.words);
            if self.count < words {
                break;
            }
            self.consider(words, window.bias, end);
        }
    }

    fn decoded(&mut self, start: usize, end: usize, text: &[u8]) {
        let Some(level) = &mut self.level else { return };
        let from = level.bytes.len();
        level.bytes.extend_from_slice(text);
        let span = self.outer.unwrap_or((start, end));
        level.islands.push(Island { from, to: level.bytes.len(), span });
    }
}

/// The value of a window, in units of 2^-16, rounded down.
pub(crate) fn value(sum: i64, words: usize, bias: i32) -> i32 {
    let shrink = SHRINKS.get(words).copied().unwrap_or_default();
    // 2^-20 times 2^-16, less 2^-20.
    let value = ((sum * shrink) >> 20) + i64::from(bias);
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

/// 2^16 divided by the square root of so many words and four.
const SHRINKS: [i64; WINDOW_WORDS_MAX + 1] = shrinks();

const fn shrinks() -> [i64; WINDOW_WORDS_MAX + 1] {
    let mut table = [0; WINDOW_WORDS_MAX + 1];
    let mut words = 0;
    while words <= WINDOW_WORDS_MAX {
        // The root of 2^32 / n, rounded down.
        let square = (1_u64 << 32) / (words as u64 + 4);
        #[expect(
            clippy::indexing_slicing,
            reason = "the index is below the length, and this runs while compiling"
        )]
        {
            table[words] = square.isqrt().cast_signed();
        }
        words += 1;
    }
    table
}
