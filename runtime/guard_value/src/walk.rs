//! One walk over a JSON value: checks it against its shape and fills the slots of its layout.
//!
//! A value of the wrong type leaves malformed slots and a fault, and the walk goes on; what is not
//! JSON, or past a limit, ends it.

mod lists;
mod objects;

use crate::fault::Faults;
use crate::keys::Keys;
use crate::number::{self, Whole};
use crate::scan::{Scanner, Span, Stopped, unescape};
use crate::text::{self, PartValue};
use crate::{Fault, FaultKind, Record, SlotValue, Subject, TextSet, limits};
use guard_plan::{Layout, PartSlot, Shape, ShapeId, ShapeKind, TextKind};
use std::ops::Range;

/// Memory that walks reuse.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) keys: Keys,
    /// Rows of lists that contain lists, until all rows of the outer list are read.
    rows: Vec<SlotValue>,
    /// For [`objects::Seen`]; inner records above outer.
    seen: Vec<u64>,
    /// One text without escapes.
    text: Vec<u8>,
}

impl Scratch {
    /// Forgets everything, and what memory an unusual event has left.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.rows.clear();
        self.rows.shrink_to(limits::SCRATCH_KEPT_MAX);
        self.seen.clear();
        self.text.clear();
        self.text.shrink_to(limits::SCRATCH_KEPT_MAX);
    }
}

/// Where the slots of a shape are.
#[derive(Debug, Clone, Copy)]
enum Base {
    /// From this slot of the record.
    Record(usize),
    /// From this slot of the scratch rows.
    Scratch(usize),
    /// Nothing reads them.
    Nowhere,
}

/// A walk over one value.
#[derive(Debug)]
pub(crate) struct Walk<'w, 'a> {
    json: &'w mut Scanner<'a>,
    shapes: &'w [Shape],
    layout: &'w Layout,
    record: &'w mut Record,
    scratch: &'w mut Scratch,
    faults: &'w mut Faults,
    subject: Subject<'w>,
    /// Elements of lists read so far.
    elements: usize,
    /// Where the record's text has a copy of the JSON, if it has one.
    pub(crate) copy: Option<usize>,
    /// Facts: the sets found, by slot. What a record of facts lacks is unknown and no fault.
    pub(crate) sets: Option<Vec<(u32, TextSet)>>,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// A walk that reads no sets. The record has the layout's slots.
    pub(crate) fn new(
        json: &'w mut Scanner<'a>,
        shapes: &'w [Shape],
        layout: &'w Layout,
        record: &'w mut Record,
        scratch: &'w mut Scratch,
        faults: &'w mut Faults,
        subject: Subject<'w>,
    ) -> Self {
        Self {
            json,
            shapes,
            layout,
            record,
            scratch,
            faults,
            subject,
            elements: 0,
            copy: None,
            sets: None,
        }
    }

    /// Reads the layout's value; nothing else may be in the text.
    pub(crate) fn whole(&mut self) -> Result<(), Stopped> {
        let at = self.json.space(0);
        let end = self.root(at)?;
        self.json.end(end)
    }

    /// Reads the layout's value at a place; the place behind.
    pub(crate) fn root(&mut self, at: usize) -> Result<usize, Stopped> {
        match self.layout.root {
            Some(root) => self.value(root, Base::Record(0), at),
            None => self.skip(at),
        }
    }

    /// Every slot of the layout's value is malformed.
    pub(crate) fn root_is_malformed(&mut self) {
        if let Some(root) = self.layout.root {
            self.mark_malformed(root, Base::Record(0));
        }
    }

    /// Takes a text as the layout's value, where that is a text or nothing at all.
    pub(crate) fn root_from_text(&mut self, text: &str) -> bool {
        let Some(shape) = self.layout.root.and_then(|root| self.shape(root)) else { return true };
        match &shape.kind {
            ShapeKind::Text(kind) => self.put_text(shape, *kind, Base::Record(0), text),
            ShapeKind::OneOf(choices) => self.put_choice(shape, choices, Base::Record(0), text),
            _ => return false,
        }
        true
    }

    fn shape(&self, id: ShapeId) -> Option<&'w Shape> {
        self.shapes.get(usize::try_from(id.0).ok()?)
    }

    fn skip(&mut self, at: usize) -> Result<usize, Stopped> {
        self.json.skip(at, &mut self.scratch.keys)
    }

    // The depth limit bounds the recursion.
    #[inline]
    fn value(&mut self, id: ShapeId, base: Base, at: usize) -> Result<usize, Stopped> {
        // A plan that names no such shape has not been verified; nothing can be read for it.
        let Some(shape) = self.shape(id) else { return self.skip(at) };
        match &shape.kind {
            ShapeKind::Any => {
                self.put(shape, base, SlotValue::PRESENT);
                self.skip(at)
            }
            ShapeKind::Bool => self.bool(shape, base, at),
            ShapeKind::Int => self.int(shape, base, at),
            ShapeKind::Float => self.float(shape, base, at),
            ShapeKind::Text(TextKind::Plain) => self.plain_text(shape, base, at),
            ShapeKind::Text(kind) => self.text(shape, *kind, base, at),
            ShapeKind::OneOf(choices) => self.one_of(shape, choices, base, at),
            ShapeKind::List { element, row } => self.list(shape, *element, *row, base, at),
            ShapeKind::Map(value) => self.map(shape, *value, base, at),
            ShapeKind::Record { fields, open } => self.record(shape, fields, *open, base, at),
        }
    }

    // -- slots -----------------------------------------------------------------------------------

    #[inline]
    fn set(&mut self, base: Base, slot: u32, value: SlotValue) {
        let Ok(slot) = usize::try_from(slot) else { return };
        match base {
            Base::Record(start) => self.record.set(start + slot, value),
            Base::Scratch(start) => {
                if let Some(place) = self.scratch.rows.get_mut(start + slot) {
                    *place = value;
                }
            }
            Base::Nowhere => {}
        }
    }

    #[inline]
    fn put(&mut self, shape: &Shape, base: Base, value: SlotValue) {
        if let Some(slot) = shape.slot {
            self.set(base, slot, value);
        }
    }

    /// The slots of a shape and of everything below it but the rows of lists.
    fn mark_malformed(&mut self, id: ShapeId, base: Base) {
        if let Some(shape) = self.shape(id) {
            self.mark_shape_malformed(shape, base);
        }
    }

    fn mark_shape_malformed(&mut self, shape: &'w Shape, base: Base) {
        self.put(shape, base, SlotValue::MALFORMED);
        for of in &shape.parts {
            self.set(base, of.slot, SlotValue::MALFORMED);
        }
        if let ShapeKind::Record { fields, .. } = &shape.kind {
            for field in fields {
                self.mark_malformed(field.shape, base);
            }
        }
    }

    #[cold]
    fn malformed(&mut self, shape: &'w Shape, base: Base, kind: FaultKind, expected: &'static str) {
        let subject = self.subject;
        self.faults.add(|| Fault::new(kind, subject, expected));
        self.mark_shape_malformed(shape, base);
    }

    /// The value is of another type: checks it as JSON; the place behind.
    #[cold]
    fn mismatch(
        &mut self,
        shape: &'w Shape,
        base: Base,
        expected: &'static str,
        at: usize,
    ) -> Result<usize, Stopped> {
        let end = self.skip(at)?;
        self.malformed(shape, base, FaultKind::WrongType, expected);
        Ok(end)
    }

    // -- scalars ---------------------------------------------------------------------------------

    fn bool(&mut self, shape: &'w Shape, base: Base, at: usize) -> Result<usize, Stopped> {
        let (value, end) = match self.json.byte(at) {
            b't' => (true, self.json.word(at, b"true")?),
            b'f' => (false, self.json.word(at, b"false")?),
            _ => return self.mismatch(shape, base, "`true` or `false`", at),
        };
        self.put(shape, base, SlotValue::from_bool(value));
        Ok(end)
    }

    #[inline(never)]
    fn int(&mut self, shape: &'w Shape, base: Base, at: usize) -> Result<usize, Stopped> {
        if !self.is_number(at) {
            return self.mismatch(shape, base, "a whole number", at);
        }
        let number = self.json.number(at)?;
        match number::whole(number, self.json.number_text(number)) {
            Whole::Is(value) => self.put(shape, base, SlotValue::from_int(value)),
            Whole::Not => self.malformed(shape, base, FaultKind::WrongType, "a whole number"),
            Whole::OutOfRange => {
                self.malformed(shape, base, FaultKind::OutOfRange, "does not fit 64 bits exactly");
            }
        }
        Ok(number.end)
    }

    #[inline(never)]
    fn float(&mut self, shape: &'w Shape, base: Base, at: usize) -> Result<usize, Stopped> {
        if !self.is_number(at) {
            return self.mismatch(shape, base, "a number", at);
        }
        let number = self.json.number(at)?;
        match number::float(number, self.json.number_text(number)) {
            Some(value) => self.put(shape, base, SlotValue::from_float(value)),
            None => self.malformed(shape, base, FaultKind::OutOfRange, "is not a finite number"),
        }
        Ok(number.end)
    }

    fn is_number(&self, at: usize) -> bool {
        matches!(self.json.byte(at), b'-' | b'0'..=b'9')
    }

    // -- texts -----------------------------------------------------------------------------------

    #[inline]
    fn plain_text(&mut self, shape: &'w Shape, base: Base, at: usize) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'"' {
            return self.mismatch(shape, base, text::noun(TextKind::Plain), at);
        }
        let span = self.json.string(at)?;
        if let Some(slot) = shape.slot {
            let value = match self.copy {
                Some(copy) if !span.escaped => {
                    self.record.text_value(copy + span.start..copy + span.end)
                }
                _ => self.copied_text(span),
            };
            self.set(base, slot, value);
        }
        Ok(span.end + 1)
    }

    #[inline(never)]
    fn copied_text(&mut self, span: Span) -> SlotValue {
        let start = self.record.text_len();
        let raw = self.json.raw_bytes(span);
        if span.escaped {
            unescape(raw, self.record.text_end());
        } else {
            self.record.text_end().extend_from_slice(raw);
        }
        self.record.text_value(start..self.record.text_len())
    }

    #[inline(never)]
    fn text(
        &mut self,
        shape: &'w Shape,
        kind: TextKind,
        base: Base,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'"' {
            return self.mismatch(shape, base, text::noun(kind), at);
        }
        let span = self.json.string(at)?;
        self.with_text(span, |walk, text| walk.put_text(shape, kind, base, text));
        Ok(span.end + 1)
    }

    #[inline(never)]
    fn one_of(
        &mut self,
        shape: &'w Shape,
        choices: &'w [String],
        base: Base,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'"' {
            return self.mismatch(shape, base, "text", at);
        }
        let span = self.json.string(at)?;
        self.with_text(span, |walk, text| walk.put_choice(shape, choices, base, text));
        Ok(span.end + 1)
    }

    /// Calls `read` with the text that a string stands for.
    fn with_text<T>(&mut self, span: Span, read: impl FnOnce(&mut Self, &str) -> T) -> T {
        let raw = self.json.raw(span);
        if !span.escaped {
            return read(self, raw);
        }
        let mut text = std::mem::take(&mut self.scratch.text);
        text.clear();
        unescape(raw.as_bytes(), &mut text);
        let result = read(self, std::str::from_utf8(&text).unwrap_or_default());
        self.scratch.text = text;
        result
    }

    fn put_text(&mut self, shape: &'w Shape, kind: TextKind, base: Base, text: &str) {
        let start = self.record.text_len();
        let Some(parsed) = text::parse(kind, text, self.record.text_end()) else {
            self.record.truncate_text(start);
            return self.malformed(shape, base, FaultKind::MalformedText, text::noun(kind));
        };
        let end = start + parsed.length(self.record.text_len() - start);
        if shape.slot.is_none() && shape.parts.is_empty() {
            return self.record.truncate_text(start);
        }
        let value = self.record.text_value(start..end);
        self.put(shape, base, value);
        for PartSlot { part, slot, row } in &shape.parts {
            let value = match parsed.part(*part) {
                PartValue::Absent => SlotValue::ABSENT,
                PartValue::Int(value) => SlotValue::from_int(value),
                PartValue::Bool(value) => SlotValue::from_bool(value),
                PartValue::Text(Range { start: from, end: to }) => {
                    self.record.text_value(start + from..start + to)
                }
                PartValue::Texts(ranges) => self.texts(*row, start, &ranges),
            };
            self.set(base, *slot, value);
        }
    }

    /// The rows of a list of texts that a text was parsed into; they begin with the text.
    fn texts(&mut self, row: Option<u32>, start: usize, ranges: &[Range<usize>]) -> SlotValue {
        let row = row.and_then(|row| usize::try_from(row).ok());
        let row = row.and_then(|row| self.layout.rows.get(row));
        let Some(width) = row.map(Vec::len) else { return SlotValue::MALFORMED };
        self.elements += ranges.len();
        if self.elements > limits::ELEMENTS_MAX {
            return SlotValue::MALFORMED;
        }
        let first = self.record.slots().len();
        for range in ranges {
            let row = self.record.push_row(width);
            let text = self.record.text_value(start + range.start..start + range.end);
            self.record.set(row, text);
        }
        SlotValue::from_rows(first, ranges.len())
    }

    fn put_choice(&mut self, shape: &'w Shape, choices: &'w [String], base: Base, text: &str) {
        if !choices.iter().any(|choice| choice == text) {
            let subject = self.subject;
            self.faults.add(|| Fault::new(FaultKind::NotOneOf, subject, choices_noun(choices)));
            return self.mark_shape_malformed(shape, base);
        }
        if shape.slot.is_some() {
            let start = self.record.text_len();
            self.record.append(text);
            let value = self.record.text_value(start..self.record.text_len());
            self.put(shape, base, value);
        }
    }
}

/// `one of "EUR", "USD"`.
fn choices_noun(choices: &[String]) -> String {
    const SHOWN_MAX: usize = 8;
    let shown: Vec<String> = choices
        .iter()
        .take(SHOWN_MAX)
        .map(|choice| format!("\"{}\"", crate::fault::quoted(choice)))
        .collect();
    let more = if choices.len() > SHOWN_MAX { ", …" } else { "" };
    format!("one of {}{more}", shown.join(", "))
}
