//! What a session remembers of earlier events: one [`Table`] for each memory of the plan.
//!
//! INVARIANT: a table never says false of what may be true. What could not be noted, or did not fit,
//! makes it unsure: from then on what it does not find is unknown.

use guard_plan::limits::{MEMORY_ROWS_MAX, MEMORY_TEXT_BYTES_MAX};
use guard_plan::{Memory, SlotType, Truth};
use guard_value::{Record, SlotState, SlotValue};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The bytes of a key; equal keys have equal bytes.
pub(crate) type KeyBytes = Vec<u8>;

/// A value that outlives its event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kept {
    Absent,
    /// Malformed then, or too long to be kept.
    Unknown,
    Bool(bool),
    Int(i64),
    /// The bits of a finite number.
    Float(u64),
    Text(Box<str>),
}

impl Kept {
    /// The value of a slot.
    pub(crate) fn of(value: SlotValue, ty: SlotType, record: &Record) -> Self {
        match value.state() {
            SlotState::Absent => return Self::Absent,
            SlotState::Malformed => return Self::Unknown,
            SlotState::Present => {}
        }
        let kept = match ty {
            SlotType::Bool => value.as_bool().map(Self::Bool),
            SlotType::Int => value.as_int().map(Self::Int),
            SlotType::Float => value.as_float().map(|value| Self::Float(value.to_bits())),
            _ => record.text(value).filter(|text| text.len() <= MEMORY_TEXT_BYTES_MAX).and_then(
                |text| Some(Self::Text(std::str::from_utf8(text).ok()?.to_owned().into())),
            ),
        };
        kept.unwrap_or(Self::Unknown)
    }

    /// Puts the value into a slot.
    pub(crate) fn put(&self, record: &mut Record, slot: usize) {
        let value = match self {
            Self::Absent => SlotValue::ABSENT,
            Self::Unknown => SlotValue::MALFORMED,
            Self::Bool(value) => SlotValue::from_bool(*value),
            Self::Int(value) => SlotValue::from_int(*value),
            Self::Float(bits) => SlotValue::from_float(f64::from_bits(*bits)),
            Self::Text(text) => return record.set_text(slot, text),
        };
        record.set(slot, value);
    }
}

/// Appends one part of a key. False where it has no value, so that there is no key.
pub(crate) fn push_part(
    key: &mut KeyBytes,
    value: SlotValue,
    ty: SlotType,
    record: &Record,
) -> bool {
    if value.state() != SlotState::Present {
        return false;
    }
    let mut push = |bytes: &[u8]| {
        // Lengths first, so that no two keys run into the same bytes.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        key.extend_from_slice(&length.to_le_bytes());
        key.extend_from_slice(bytes);
        true
    };
    match ty {
        SlotType::Bool => value.as_bool().is_some_and(|value| push(&[u8::from(value)])),
        SlotType::Int => value.as_int().is_some_and(|value| push(&value.to_le_bytes())),
        SlotType::Float => value.as_float().is_some_and(|value| {
            // The two zeros are equal.
            let value = if value == 0.0 { 0.0 } else { value };
            push(&value.to_bits().to_le_bytes())
        }),
        _ => {
            record.text(value).filter(|text| text.len() <= MEMORY_TEXT_BYTES_MAX).is_some_and(push)
        }
    }
}

/// What is noted under one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    /// True or unknown; a row that is there is never false.
    is_sure: bool,
    fields: Vec<Kept>,
    /// The last times, the oldest first; as many as the memory counts.
    times: VecDeque<i64>,
    /// How often, where no window is counted.
    count: u32,
}

/// What one memory of the plan holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    rows: BTreeMap<KeyBytes, Row>,
    is_unsure: bool,
}

impl Table {
    /// Notes an event under a key; `None` is a key that could not be read.
    pub(crate) fn note(
        &mut self,
        memory: &Memory,
        key: Option<&[u8]>,
        fields: Vec<Kept>,
        truth: Truth,
        now: i64,
    ) {
        let Some(key) = key.filter(|_| truth != Truth::False) else {
            self.is_unsure |= truth != Truth::False;
            return;
        };
        let is_true = truth == Truth::True;
        // Whoever cannot be read is not the first.
        if memory.is_first && fields.iter().any(|f| matches!(f, Kept::Absent | Kept::Unknown)) {
            return;
        }
        if let Some(row) = self.rows.get_mut(key) {
            row.add(memory, fields, is_true, now);
        } else if self.rows.len() < MEMORY_ROWS_MAX {
            let (times, count) = (VecDeque::new(), 0);
            let mut row = Row { is_sure: is_true, fields: Vec::new(), times, count };
            row.add(memory, fields, is_true, now);
            self.rows.insert(key.to_vec(), row);
        } else {
            self.is_unsure = true;
        }
    }

    /// Forgets everything, or no longer relies on it.
    pub(crate) fn clear(&mut self, truth: Truth) {
        match truth {
            Truth::True => *self = Self::default(),
            Truth::Unknown => self.rows.values_mut().for_each(|row| row.is_sure = false),
            Truth::False => {}
        }
    }

    /// Something happened of which nothing is known.
    pub(crate) fn lose(&mut self) {
        self.is_unsure = true;
    }

    /// Whether something was noted.
    pub(crate) fn noted(&self, key: &[u8]) -> Truth {
        match self.rows.get(key) {
            Some(row) if row.is_sure => Truth::True,
            Some(_) => Truth::Unknown,
            None if self.is_unsure => Truth::Unknown,
            None => Truth::False,
        }
    }

    /// How often; nothing where it cannot be told.
    pub(crate) fn count(&self, memory: &Memory, key: &[u8], now: i64) -> Option<u32> {
        let Some(row) = self.rows.get(key) else { return (!self.is_unsure).then_some(0) };
        if !row.is_sure || self.is_unsure {
            return None;
        }
        let Some(window) = memory.window_ms else { return Some(row.count.min(memory.most)) };
        let since = now.saturating_sub(window);
        let recent = row.times.iter().rev().take_while(|time| **time > since).count();
        Some(u32::try_from(recent).unwrap_or(memory.most).min(memory.most))
    }

    /// A field of what was noted last.
    pub(crate) fn last(&self, key: &[u8], field: u32) -> &Kept {
        match self.rows.get(key) {
            Some(row) if row.is_sure => usize::try_from(field)
                .ok()
                .and_then(|field| row.fields.get(field))
                .unwrap_or(&Kept::Unknown),
            Some(_) => &Kept::Unknown,
            None if self.is_unsure => &Kept::Unknown,
            None => &Kept::Absent,
        }
    }
}

impl Row {
    fn add(&mut self, memory: &Memory, fields: Vec<Kept>, is_true: bool, now: i64) {
        if memory.is_first && self.is_sure && !self.fields.is_empty() {
            return;
        }
        if !memory.fields.is_empty() {
            // The last value is known again as soon as one event surely happened.
            self.is_sure = is_true;
            self.fields = fields;
        } else if memory.most > 0 {
            self.is_sure &= is_true;
        } else {
            self.is_sure |= is_true;
        }
        if memory.most == 0 {
            return;
        }
        self.count = self.count.saturating_add(1).min(memory.most);
        if let Some(window) = memory.window_ms {
            let since = now.saturating_sub(window);
            while self.times.front().is_some_and(|time| *time <= since) {
                self.times.pop_front();
            }
            let most = usize::try_from(memory.most).unwrap_or(usize::MAX);
            while self.times.len() >= most {
                self.times.pop_front();
            }
            self.times.push_back(now);
        }
    }
}
