//! A record of slots: what one walk over an event's bytes leaves behind for conditions to read.
//!
//! INVARIANT: every present text slot names a range inside `text`, and every present list slot a
//! range of whole rows inside `slots`; only the methods here make such slots. Machine code relies
//! on it and reads `slots` and `text` through the layout that `SlotValue` fixes.

use std::ops::Range;

/// Whether a slot holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum SlotState {
    /// The event has no such value, or `null`.
    Absent = 0,
    /// It holds a value of its type.
    Present = 1,
    /// There was something, but not what the type says.
    Malformed = 2,
}

/// One slot, 16 bytes, laid out as `{ state: u32, length: u32, bits: u64 }`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct SlotValue {
    /// A [`SlotState`].
    state: u32,
    /// Bytes of a text, rows of a list; else 0.
    length: u32,
    /// A bool (0 or 1), an `i64`, the bits of an `f64`, the offset of a text in the record's bytes,
    /// or the index of a list's first row's first slot.
    bits: u64,
}

impl SlotValue {
    /// Where `state` stands, in bytes.
    pub const STATE_OFFSET: usize = 0;
    /// Where `length` stands, in bytes.
    pub const LENGTH_OFFSET: usize = 4;
    /// Where `bits` stands, in bytes.
    pub const BITS_OFFSET: usize = 8;
    /// The size of a slot, in bytes.
    pub const SIZE: usize = 16;

    /// A slot that says only that something is there.
    pub const PRESENT: Self = Self { state: SlotState::Present as u32, length: 0, bits: 0 };
    /// A slot that holds what does not fit its type.
    pub const MALFORMED: Self = Self { state: SlotState::Malformed as u32, length: 0, bits: 0 };
    /// A slot without a value.
    pub const ABSENT: Self = Self { state: SlotState::Absent as u32, length: 0, bits: 0 };

    /// A boolean.
    pub fn from_bool(value: bool) -> Self {
        Self { bits: u64::from(value), ..Self::PRESENT }
    }

    /// A whole number.
    pub fn from_int(value: i64) -> Self {
        Self { bits: value.cast_unsigned(), ..Self::PRESENT }
    }

    /// A number; one that is not finite is malformed.
    pub fn from_float(value: f64) -> Self {
        if value.is_finite() {
            Self { bits: value.to_bits(), ..Self::PRESENT }
        } else {
            Self::MALFORMED
        }
    }

    /// A list of `count` rows from slot `first`.
    pub(crate) fn from_rows(first: usize, count: usize) -> Self {
        match (u64::try_from(first), u32::try_from(count)) {
            (Ok(bits), Ok(length)) => Self { length, bits, ..Self::PRESENT },
            _ => Self::MALFORMED,
        }
    }

    /// Whether it holds a value.
    pub fn state(self) -> SlotState {
        match self.state {
            0 => SlotState::Absent,
            1 => SlotState::Present,
            _ => SlotState::Malformed,
        }
    }

    /// The boolean, for a slot of that type.
    pub fn as_bool(self) -> Option<bool> {
        (self.state() == SlotState::Present).then_some(self.bits != 0)
    }

    /// The whole number, for a slot of that type.
    pub fn as_int(self) -> Option<i64> {
        (self.state() == SlotState::Present).then_some(self.bits.cast_signed())
    }

    /// The number, for a slot of that type.
    pub fn as_float(self) -> Option<f64> {
        (self.state() == SlotState::Present).then_some(f64::from_bits(self.bits))
    }
}

/// Slots and the bytes of their texts. Reused from event to event, so that a warm one allocates
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The record's own slots first, then the rows of its lists.
    slots: Vec<SlotValue>,
    /// The texts, one after another; UTF-8.
    text: Vec<u8>,
}

impl Record {
    /// Empties the record and gives it `slots` absent slots.
    pub fn reset(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, SlotValue::ABSENT);
        self.text.clear();
    }

    /// All slots: the record's own, then rows.
    pub fn slots(&self) -> &[SlotValue] {
        &self.slots
    }

    /// The bytes that text slots name.
    pub fn text_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The slot at `index`; absent where there is none.
    pub fn slot(&self, index: usize) -> SlotValue {
        self.slots.get(index).copied().unwrap_or(SlotValue::ABSENT)
    }

    /// Puts a value that carries no text and no rows into a slot.
    pub fn set(&mut self, index: usize, value: SlotValue) {
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = value;
        }
    }

    /// Appends `text` and makes the slot name it.
    pub fn set_text(&mut self, index: usize, text: &str) {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        self.set_text_from(index, start);
    }

    /// Makes the slot name everything appended since `start`, a length that
    /// [`Record::text_len`] gave before the appending.
    pub fn set_text_from(&mut self, index: usize, start: usize) {
        self.set(index, self.text_value(start..self.text.len()));
    }

    /// A slot that names a range of the text; malformed where the range is not within it.
    pub(crate) fn text_value(&self, range: Range<usize>) -> SlotValue {
        let length = range.end.checked_sub(range.start).and_then(|n| u32::try_from(n).ok());
        match (length, u64::try_from(range.start)) {
            (Some(length), Ok(bits)) if range.end <= self.text.len() => {
                SlotValue { state: SlotState::Present as u32, length, bits }
            }
            _ => SlotValue::MALFORMED,
        }
    }

    /// The text's bytes, to append UTF-8 to.
    pub(crate) fn text_end(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// How many bytes of text there are.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Appends bytes of text for a later [`Record::set_text_from`].
    pub fn append(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Forgets the text appended since `length`. No slot may name any of it.
    pub fn truncate_text(&mut self, length: usize) {
        self.text.truncate(length);
    }

    /// The text a slot names, for a slot of that type.
    pub fn text(&self, slot: SlotValue) -> Option<&[u8]> {
        if slot.state() != SlotState::Present {
            return None;
        }
        let start = usize::try_from(slot.bits).ok()?;
        let length = usize::try_from(slot.length).ok()?;
        self.text.get(start..start.checked_add(length)?)
    }

    /// Adds one row of `width` absent slots at the end and returns where it starts.
    ///
    /// INVARIANT for lists: the rows of one list stand one after another, so a caller adds all rows
    /// of a list before the rows of a list inside it.
    pub fn push_row(&mut self, width: usize) -> usize {
        let start = self.slots.len();
        self.slots.resize(start.saturating_add(width), SlotValue::ABSENT);
        start
    }

    /// Adds whole rows at the end and returns where the first starts.
    pub(crate) fn push_rows(&mut self, rows: &[SlotValue]) -> usize {
        let start = self.slots.len();
        self.slots.extend_from_slice(rows);
        start
    }

    /// Makes the slot a list of `count` rows from `first`, which [`Record::push_row`] returned.
    pub fn set_rows(&mut self, index: usize, first: usize, count: usize) {
        self.set(index, SlotValue::from_rows(first, count));
    }

    /// Where a list's first row starts and how many rows it has, for a slot of that type.
    pub fn rows(&self, slot: SlotValue) -> Option<(usize, usize)> {
        if slot.state() != SlotState::Present {
            return None;
        }
        Some((usize::try_from(slot.bits).ok()?, usize::try_from(slot.length).ok()?))
    }
}
