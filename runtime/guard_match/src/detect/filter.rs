//! The first pass over a text: 64 places at once are compared with all triggers, coarsely, and what is
//! left is compared exactly.
//!
//! Coarsely: triggers are dealt into 32 buckets. For each of the four bytes of a trigger two
//! tables of 16, one by the high and one by the low half of the byte, say in which buckets it may stand
//! there; a place is left where some bucket survives all eight.
//! Exactly: for each of the four bytes a table of 256 says which triggers it fits.

use super::bytes::ByteSet;
use super::trigger::{Trigger, WIDTH};
use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

/// Places that are looked at together.
const BLOCK: usize = 64;
/// What the look at a block reads.
const WINDOW: usize = BLOCK + WIDTH - 1;
const GROUPS: usize = 4;
const BUCKETS: usize = 8 * GROUPS;
/// How many triggers are dealt with care. With more than these every place passes anyway.
const DEALT_MAX: usize = 512;

/// For each half of a byte the buckets it may stand in, four times, because 64 bytes are looked up as four times 16.
type Halves = [u8; BLOCK];

/// The triggers of a scanner as tables.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    groups: [Group; GROUPS],
    exact: Exact,
    level: Level,
}

/// Eight buckets, a bit of a byte for each.
#[derive(Debug, Clone, Copy)]
struct Group {
    high: [Halves; WIDTH],
    low: [Halves; WIDTH],
}

/// Words of bits, one bit for each trigger: `words` for each of 256 bytes for each of four places.
#[derive(Debug, Clone)]
struct Exact {
    words: usize,
    table: Vec<u64>,
    /// For each byte and place which words are not zero, a bit for each; the last bit stands for all from there on.
    summary: Vec<[u64; 256]>,
}

/// The words that have a bit of their own in a summary.
const SUMMED: usize = 63;

impl Exact {
    fn of(triggers: &[Trigger]) -> Self {
        let words = triggers.len().div_ceil(64);
        let mut table = vec![0; WIDTH * 256 * words];
        for (index, trigger) in triggers.iter().enumerate() {
            for (place, set) in trigger.bytes.iter().enumerate() {
                for byte in set.iter() {
                    let entry = (place * 256 + usize::from(byte)) * words + index / 64;
                    if let Some(word) = table.get_mut(entry) {
                        *word |= 1 << (index % 64);
                    }
                }
            }
        }
        let summary = (0..WIDTH).map(|place| {
            let mut of_byte = [0_u64; 256];
            for (byte, bits) in of_byte.iter_mut().enumerate() {
                let from = (place * 256 + byte) * words;
                let row = table.get(from..from + words).unwrap_or_default();
                let filled = row.iter().enumerate().filter(|(_, word)| **word != 0);
                filled.for_each(|(index, _)| *bits |= 1 << index.min(SUMMED));
            }
            of_byte
        });
        Self { words, summary: summary.collect(), table }
    }

    /// Which words may have a trigger that fits the bytes.
    #[expect(
        clippy::inline_always,
        reason = "must be compiled for the processor that `dispatch` chose"
    )]
    #[inline(always)]
    fn words_of(&self, bytes: [u8; WIDTH]) -> u64 {
        let rows = self.summary.iter().zip(bytes);
        rows.fold(u64::MAX, |all, (row, byte)| {
            all & row.get(usize::from(byte)).copied().unwrap_or(u64::MAX)
        })
    }

    /// Calls `pulled` with each trigger that fits the bytes.
    #[expect(
        clippy::inline_always,
        reason = "must be compiled for the processor that `dispatch` chose"
    )]
    #[inline(always)]
    fn each(&self, bytes: [u8; WIDTH], mut pulled: impl FnMut(usize)) {
        let mut summary = self.words_of(bytes);
        while summary != 0 {
            let first = usize::try_from(summary.trailing_zeros()).unwrap_or(0);
            summary &= summary - 1;
            let last = if first == SUMMED { self.words } else { first + 1 };
            for index in first..last {
                let mut bits = self.fitting(bytes, index);
                while bits != 0 {
                    // Less than 64, whatever the width of a pointer.
                    let bit = usize::try_from(bits.trailing_zeros()).unwrap_or(0);
                    pulled(index * 64 + bit);
                    bits &= bits - 1;
                }
            }
        }
    }

    /// The triggers of one word that fit the bytes.
    #[expect(
        clippy::inline_always,
        reason = "must be compiled for the processor that `dispatch` chose"
    )]
    #[inline(always)]
    fn fitting(&self, bytes: [u8; WIDTH], index: usize) -> u64 {
        bytes.iter().enumerate().fold(u64::MAX, |all, (place, byte)| {
            let entry = (place * 256 + usize::from(*byte)) * self.words + index;
            all & self.table.get(entry).copied().unwrap_or(0)
        })
    }
}

impl Filter {
    pub(crate) fn new(triggers: &[Trigger]) -> Self {
        let mut groups = [Group { high: [[0; BLOCK]; WIDTH], low: [[0; BLOCK]; WIDTH] }; GROUPS];
        for (trigger, bucket) in triggers.iter().zip(deal(triggers)) {
            let Some(group) = groups.get_mut(bucket / 8) else { continue };
            for (place, set) in trigger.bytes.iter().enumerate() {
                for byte in set.iter() {
                    mark(&mut group.high, place, byte >> 4, bucket % 8);
                    mark(&mut group.low, place, byte & 15, bucket % 8);
                }
            }
        }
        Self { groups, exact: Exact::of(triggers), level: Level::new() }
    }

    /// Calls `pulled` with the place and the number of each trigger, places in order. The place -1 is
    /// before the text, where a line feed is imagined; behind the text are zero bytes.
    #[inline]
    pub(crate) fn pass<E>(
        &self,
        text: &[u8],
        mut pulled: impl FnMut(i64, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        let first = bytes_at(text, -1);
        self.exact.each(first, |trigger| {
            if failed.is_none() {
                failed = pulled(-1, trigger).err();
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        dispatch!(self.level, simd => self.blocks(simd, text, &mut pulled))
    }

    #[expect(
        clippy::inline_always,
        reason = "must be compiled for the processor that `dispatch` chose"
    )]
    #[inline(always)]
    fn blocks<S: Simd, E>(
        &self,
        simd: S,
        text: &[u8],
        pulled: &mut impl FnMut(i64, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let zero = u8x64::splat(simd, 0);
        let mut place = 0;
        let mut padded;
        while place < text.len() {
            let window = match text.get(place..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
                Some(window) => window,
                None => {
                    padded = [0_u8; WINDOW];
                    let rest = text.get(place..).unwrap_or_default();
                    padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                    &padded
                }
            };
            let (high_a, low_a) = halves_at(simd, window, 0);
            let (high_b, low_b) = halves_at(simd, window, 1);
            let (high_c, low_c) = halves_at(simd, window, 2);
            let (high_d, low_d) = halves_at(simd, window, 3);
            let mut buckets = zero;
            for Group { high: [ha, hb, hc, hd], low: [la, lb, lc, ld] } in &self.groups {
                let a = looked_up(simd, ha, high_a) & looked_up(simd, la, low_a);
                let b = looked_up(simd, hb, high_b) & looked_up(simd, lb, low_b);
                let c = looked_up(simd, hc, high_c) & looked_up(simd, lc, low_c);
                let d = looked_up(simd, hd, high_d) & looked_up(simd, ld, low_d);
                buckets |= (a & b) & (c & d);
            }
            let mut left = !buckets.simd_eq(zero).to_bitmask();
            let behind = text.len() - place;
            if behind < BLOCK {
                left &= (1 << behind) - 1;
            }
            while left != 0 {
                let offset = usize::try_from(left.trailing_zeros()).unwrap_or(0);
                left &= left - 1;
                let bytes = window.get(offset..).and_then(|rest| rest.first_chunk::<WIDTH>());
                let at = i64::try_from(place + offset).unwrap_or(i64::MAX);
                let mut failed = None;
                self.exact.each(*bytes.unwrap_or(&[0; WIDTH]), |trigger| {
                    if failed.is_none() {
                        failed = pulled(at, trigger).err();
                    }
                });
                if let Some(error) = failed {
                    return Err(error);
                }
            }
            place += BLOCK;
        }
        Ok(())
    }
}

/// Says of a half of a byte that it may stand at a place in a bucket.
fn mark(tables: &mut [Halves; WIDTH], place: usize, half: u8, bucket: usize) {
    let Some(table) = tables.get_mut(place) else { return };
    for entry in (usize::from(half)..BLOCK).step_by(16) {
        if let Some(entry) = table.get_mut(entry) {
            *entry |= 1 << bucket;
        }
    }
}

/// The halves of 64 bytes from `place` on.
#[expect(
    clippy::inline_always,
    reason = "must be compiled for the processor that `dispatch` chose"
)]
#[inline(always)]
fn halves_at<S: Simd>(simd: S, window: &[u8; WINDOW], place: usize) -> (u8x64<S>, u8x64<S>) {
    // INVARIANT: `place` is less than `WIDTH`, so the slice is in bounds.
    let bytes = u8x64::from_slice(simd, window.get(place..place + BLOCK).unwrap_or(&[0; BLOCK]));
    (bytes >> 4, bytes & u8x64::splat(simd, 15))
}

/// The buckets of a table for 64 halves.
#[expect(
    clippy::inline_always,
    reason = "must be compiled for the processor that `dispatch` chose"
)]
#[inline(always)]
fn looked_up<S: Simd>(simd: S, table: &Halves, halves: u8x64<S>) -> u8x64<S> {
    u8x64::from_slice(simd, table).swizzle_dyn_within_blocks(halves)
}

fn bytes_at(text: &[u8], place: i64) -> [u8; WIDTH] {
    let byte = |offset: i64| match usize::try_from(place + offset) {
        Ok(place) => text.get(place).copied().unwrap_or(0),
        Err(_) => b'\n',
    };
    [byte(0), byte(1), byte(2), byte(3)]
}

/// The halves of bytes that may stand at each of the places of a trigger: high ones, low ones.
type Bucket = [(u16, u16); WIDTH];

/// Deals triggers into buckets so that few places pass: each goes where it adds least, and is
/// then taken out and dealt again, twice. Which buckets come out decides how fast a scan is and never
/// what it finds.
fn deal(triggers: &[Trigger]) -> Vec<usize> {
    let frequencies = Frequencies::new();
    let wanted: Vec<Bucket> = triggers.iter().map(|trigger| trigger.bytes.map(halves)).collect();
    // Wide triggers first: each spoils the bucket it is in.
    let mut order: Vec<usize> = (0..triggers.len()).collect();
    let width = |index: &usize| wanted.get(*index).map_or(0.0, |one| frequencies.passing(one));
    order.sort_by(|a, b| width(b).total_cmp(&width(a)));
    let mut home: Vec<usize> = (0..triggers.len()).map(|index| index % BUCKETS).collect();
    let mut buckets = [[(0, 0); WIDTH]; BUCKETS];
    let mut is_dealt = vec![false; triggers.len()];
    for round in 0..3 {
        for index in order.iter().copied().take(DEALT_MAX) {
            let Some(one) = wanted.get(index) else { continue };
            if round > 0 {
                is_dealt.get_mut(index).into_iter().for_each(|is_dealt| *is_dealt = false);
                let left = home.get(index).copied().unwrap_or(0);
                let members = home.iter().zip(&is_dealt).zip(&wanted);
                let members = members.filter(|((home, is_dealt), _)| **home == left && **is_dealt);
                let rest = members.fold([(0, 0); WIDTH], |sum, (_, one)| joined(&sum, one));
                buckets.get_mut(left).into_iter().for_each(|bucket| *bucket = rest);
            }
            let added = |bucket: &Bucket| {
                frequencies.passing(&joined(bucket, one)) - frequencies.passing(bucket)
            };
            let costs = buckets.iter().map(added).enumerate();
            let best = costs.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(best, _)| best);
            buckets.get_mut(best).into_iter().for_each(|bucket| *bucket = joined(bucket, one));
            home.get_mut(index).into_iter().for_each(|home| *home = best);
            is_dealt.get_mut(index).into_iter().for_each(|is_dealt| *is_dealt = true);
        }
    }
    home
}

fn halves(set: ByteSet) -> (u16, u16) {
    set.iter().fold((0, 0), |(high, low), byte| (high | 1 << (byte >> 4), low | 1 << (byte & 15)))
}

fn joined(bucket: &Bucket, one: &Bucket) -> Bucket {
    let mut joined = *bucket;
    for ((high, low), (more_high, more_low)) in joined.iter_mut().zip(one) {
        *high |= more_high;
        *low |= more_low;
    }
    joined
}

/// How often each byte is in prose, by its halves.
struct Frequencies([[f64; 16]; 16]);

impl Frequencies {
    fn new() -> Self {
        let of = |byte: u8| f64::from(ByteSet::from_iter([byte]).frequency()) / 1e6;
        Self(NUMBERS.map(|high| NUMBERS.map(|low| of(high << 4 | low))))
    }

    /// How often a bucket lets a place of prose pass.
    fn passing(&self, bucket: &Bucket) -> f64 {
        bucket.iter().map(|(high, low)| self.of_halves(*high, *low).min(1.0)).product()
    }

    fn of_halves(&self, high: u16, low: u16) -> f64 {
        let is_in = |mask: u16, half: usize| mask >> half & 1 == 1;
        let rows = self.0.iter().enumerate().filter(|(half, _)| is_in(high, *half));
        let row_sum = |row: &[f64; 16]| -> f64 {
            row.iter().enumerate().filter(|(half, _)| is_in(low, *half)).map(|(_, f)| f).sum()
        };
        rows.map(|(_, row)| row_sum(row)).sum()
    }
}

const NUMBERS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
