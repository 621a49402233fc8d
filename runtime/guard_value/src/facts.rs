//! The facts a host supplies at run time: scalars as slots, sets of texts beside them.

use crate::{Record, SlotState, SlotValue};

/// A set of texts, for `x in payees`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextSet {
    /// Sorted by bytes, without duplicates.
    texts: Vec<Box<[u8]>>,
}

impl TextSet {
    /// The set of these texts.
    pub fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut texts: Vec<Box<[u8]>> =
            texts.into_iter().map(|t| t.as_ref().as_bytes().into()).collect();
        texts.sort_unstable();
        texts.dedup();
        Self { texts }
    }

    /// Whether `text` is in the set.
    pub fn contains(&self, text: &[u8]) -> bool {
        self.texts.binary_search_by(|t| (**t).cmp(text)).is_ok()
    }

    /// How many texts it holds.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// One version of all facts. A session holds one and takes the next when the host has put it in
/// place, never in the middle of a decision.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Slots as [`guard_plan::Plan::data`] lays them out.
    pub record: Record,
    /// One for each slot of the record; empty for slots that are no sets.
    sets: Vec<TextSet>,
}

impl Facts {
    /// Facts of which none is known yet, for a layout of `slots` slots.
    pub fn unknown(slots: usize) -> Self {
        let mut record = Record::default();
        record.reset(slots);
        Self { record, sets: vec![TextSet::default(); slots] }
    }

    /// Supplies a set.
    pub fn set_texts(&mut self, slot: usize, texts: TextSet) {
        if let Some(set) = self.sets.get_mut(slot) {
            *set = texts;
            self.record.set(slot, SlotValue::PRESENT);
        }
    }

    /// The set in a slot, where the host has supplied it.
    pub fn texts(&self, slot: usize) -> Option<&TextSet> {
        if self.record.slot(slot).state() != SlotState::Present {
            return None;
        }
        self.sets.get(slot)
    }
}
