//! What machine code is given: one [`Frame`] built on the stack for each evaluation.
//!
//! INVARIANT: generated code knows these structures only by the offsets below.

use crate::host_abi::HostTable;
use guard_match::{MatchScratch, Patterns};
use guard_value::{Facts, Record, SlotValue};
use std::mem::offset_of;

/// A compiled part of an entry. It writes its result into the outcome that the frame names.
pub(crate) type Function = unsafe extern "C" fn(frame: *const Frame, constants: *const u8);

/// Where one region's slots and texts are.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct RegionFrame {
    slots: *const SlotValue,
    slot_count: u64,
    text: *const u8,
    text_length: u64,
}

impl RegionFrame {
    /// Points at a record, which must outlive the frame.
    pub(crate) fn of(record: &Record) -> Self {
        let (slots, text) = (record.slots(), record.text_bytes());
        Self {
            slots: slots.as_ptr(),
            slot_count: slots.len() as u64,
            text: text.as_ptr(),
            text_length: text.len() as u64,
        }
    }
}

/// Everything a function reads and where it writes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Frame {
    pub(crate) event: RegionFrame,
    pub(crate) principal: RegionFrame,
    pub(crate) data: RegionFrame,
    pub(crate) host: *const HostTable,
    pub(crate) rules_fired: *mut u64,
    pub(crate) rules_unknown: *mut u64,
    pub(crate) clauses_true: *mut u64,
    pub(crate) clauses_unknown: *mut u64,
    pub(crate) facts: *const Facts,
    pub(crate) patterns: *const Patterns,
    pub(crate) scratch: *mut MatchScratch,
    pub(crate) large_sets: *const LargeSets,
}

/// Text sets that are searched rather than compiled, by their place in the plan; the others are
/// empty.
#[derive(Debug, Default)]
pub(crate) struct LargeSets {
    pub(crate) sets: Vec<Vec<Box<[u8]>>>,
}

impl LargeSets {
    /// Whether a text is in a set, if there is such a set.
    pub(crate) fn contains(&self, set: u64, text: &[u8]) -> Option<bool> {
        let set = self.sets.get(usize::try_from(set).ok()?)?;
        Some(set.binary_search_by(|t| (**t).cmp(text)).is_ok())
    }
}

/// The record that a region's slots, and the rows below them, stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Event,
    Principal,
    Data,
}

impl Root {
    fn offset(self) -> usize {
        match self {
            Self::Event => offset_of!(Frame, event),
            Self::Principal => offset_of!(Frame, principal),
            Self::Data => offset_of!(Frame, data),
        }
    }

    pub(crate) fn slots(self) -> i32 {
        displacement(self.offset() + offset_of!(RegionFrame, slots))
    }

    pub(crate) fn slot_count(self) -> i32 {
        displacement(self.offset() + offset_of!(RegionFrame, slot_count))
    }

    pub(crate) fn text(self) -> i32 {
        displacement(self.offset() + offset_of!(RegionFrame, text))
    }

    pub(crate) fn text_length(self) -> i32 {
        displacement(self.offset() + offset_of!(RegionFrame, text_length))
    }
}

/// The bitmaps of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bitmap {
    RulesFired,
    RulesUnknown,
    ClausesTrue,
    ClausesUnknown,
}

impl Bitmap {
    /// Where the frame keeps the address of its first word.
    pub(crate) fn pointer(self) -> i32 {
        displacement(match self {
            Self::RulesFired => offset_of!(Frame, rules_fired),
            Self::RulesUnknown => offset_of!(Frame, rules_unknown),
            Self::ClausesTrue => offset_of!(Frame, clauses_true),
            Self::ClausesUnknown => offset_of!(Frame, clauses_unknown),
        })
    }
}

/// Where the frame keeps the address of the host's functions.
pub(crate) const HOST: i32 = displacement(offset_of!(Frame, host));

/// Where a slot keeps its state.
pub(crate) const SLOT_STATE: i32 = displacement(SlotValue::STATE_OFFSET);
/// Where a slot keeps the length of its text or list.
pub(crate) const SLOT_LENGTH: i32 = displacement(SlotValue::LENGTH_OFFSET);
/// Where a slot keeps its bits.
pub(crate) const SLOT_BITS: i32 = displacement(SlotValue::BITS_OFFSET);

/// An offset inside a small structure as an instruction takes it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "offsets of fields are far below 2^31; TryFrom is not const"
)]
pub(crate) const fn displacement(offset: usize) -> i32 {
    assert!(offset < 1 << 20, "no frame structure is that large");
    offset as i32
}
