//! Objects: records with the keys their shape names, and maps with any.

use super::{Base, Walk};
use crate::fault::Segment;
use crate::keys::duplicate;
use crate::scan::{Span, Stopped};
use crate::{Fault, FaultKind, SlotValue};
use guard_plan::{FieldShape, Shape, ShapeId, ShapeKind, TextKind};

/// Which fields of a record have been seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// The first 64.
    first: u64,
    /// Where the others are in scratch memory.
    others: usize,
}

impl Seen {
    #[inline]
    fn open(fields: usize, scratch: &mut Vec<u64>) -> Self {
        let others = scratch.len();
        if fields > 64 {
            scratch.resize(others + fields.div_ceil(64), 0);
        }
        Self { first: 0, others }
    }

    /// Marks a field; whether it has not been marked before.
    #[inline]
    fn mark(&mut self, index: usize, scratch: &mut [u64]) -> bool {
        let word = match index {
            0..64 => &mut self.first,
            _ => match scratch.get_mut(self.others + index / 64) {
                Some(word) => word,
                None => return false,
            },
        };
        let bit = 1_u64 << (index % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn has(&self, index: usize, scratch: &[u64]) -> bool {
        let word = match index {
            0..64 => self.first,
            _ => scratch.get(self.others + index / 64).copied().unwrap_or(0),
        };
        word >> (index % 64) & 1 == 1
    }

    #[inline]
    fn close(self, scratch: &mut Vec<u64>) {
        scratch.truncate(self.others);
    }
}

impl<'w> Walk<'w, '_> {
    #[inline(never)]
    pub(super) fn map(
        &mut self,
        shape: &'w Shape,
        value: ShapeId,
        base: Base,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'{' {
            return self.mismatch(shape, base, "an object", at);
        }
        self.put(shape, base, SlotValue::PRESENT);
        let object = self.scratch.keys.open();
        let (mut at, mut more) = self.json.open(at, b'}')?;
        while more {
            let (key, place) = self.json.key(at)?;
            self.scratch.keys.add(self.json, object, key)?;
            let mark = self.faults.mark();
            // Nothing can name one value of a map, so no slot may depend on which came last.
            at = self.value(value, Base::Nowhere, place)?;
            self.faults.extend_paths(mark, Segment::Field(self.json.raw(key)));
            (at, more) = self.json.more(at, b'}')?;
        }
        self.scratch.keys.close(self.json, object)?;
        Ok(at)
    }

    #[inline(never)]
    pub(super) fn record(
        &mut self,
        shape: &'w Shape,
        fields: &'w [FieldShape],
        open: bool,
        base: Base,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'{' {
            return self.mismatch(shape, base, "an object", at);
        }
        self.put(shape, base, SlotValue::PRESENT);
        let object = self.scratch.keys.open();
        let mut seen = Seen::open(fields.len(), &mut self.scratch.seen);
        let mut next = 0;
        let mut found = 0;
        let (mut at, mut more) = self.json.open(at, b'}')?;
        while more {
            let (key, place) = self.json.key(at)?;
            if let Some((index, field)) = self.find_field(fields, key, next) {
                if !seen.mark(index, &mut self.scratch.seen) {
                    return Err(duplicate(self.json, key.start));
                }
                next = index + 1;
                found += 1;
                let mark = self.faults.mark();
                at = self.field(field, base, place)?;
                self.faults.extend_paths(mark, Segment::Field(&field.name));
            } else {
                at = self.other_field(object, key, open, place)?;
            }
            (at, more) = self.json.more(at, b'}')?;
        }
        self.scratch.keys.close(self.json, object)?;
        if found < fields.len() {
            self.missing(fields, &seen, base);
        }
        seen.close(&mut self.scratch.seen);
        Ok(at)
    }

    /// A key that is not declared.
    #[inline(never)]
    fn other_field(
        &mut self,
        object: usize,
        key: Span,
        open: bool,
        at: usize,
    ) -> Result<usize, Stopped> {
        self.scratch.keys.add(self.json, object, key)?;
        if !open {
            self.undeclared(key);
        }
        self.skip(at)
    }

    /// The field of a key. Keys mostly come in the order declared, so the search starts at `next`.
    #[inline]
    fn find_field(
        &mut self,
        fields: &'w [FieldShape],
        key: Span,
        next: usize,
    ) -> Option<(usize, &'w FieldShape)> {
        if let Some(field) = fields.get(next)
            && !key.escaped
            && is_same(field.name.as_bytes(), self.json.raw_bytes(key))
        {
            return Some((next, field));
        }
        self.with_text(key, |_, name| find_from(fields, name.as_bytes(), next))
    }

    #[inline]
    fn field(&mut self, field: &'w FieldShape, base: Base, at: usize) -> Result<usize, Stopped> {
        match self.json.byte(at) {
            b'n' => return self.null(field, base, at),
            b'"' => {
                if let Some(shape) = self.shape(field.shape)
                    && matches!(shape.kind, ShapeKind::Text(TextKind::Plain))
                {
                    return self.plain_text(shape, base, at);
                }
            }
            _ => {}
        }
        self.value(field.shape, base, at)
    }

    #[cold]
    fn null(&mut self, field: &'w FieldShape, base: Base, at: usize) -> Result<usize, Stopped> {
        let end = self.json.word(at, b"null")?;
        let facts = self.sets.is_some() && self.json.depth() == 1;
        if field.optional || facts {
            return Ok(end);
        }
        match self.shape(field.shape) {
            Some(shape) if shape.kind == ShapeKind::Any => {
                self.put(shape, base, SlotValue::PRESENT);
            }
            _ => self.missing_field(field, base),
        }
        Ok(end)
    }

    fn missing(&mut self, fields: &'w [FieldShape], seen: &Seen, base: Base) {
        let facts = self.sets.is_some() && self.json.depth() == 0;
        for (index, field) in fields.iter().enumerate() {
            if !field.optional && !facts && !seen.has(index, &self.scratch.seen) {
                let mark = self.faults.mark();
                self.missing_field(field, base);
                self.faults.extend_paths(mark, Segment::Field(&field.name));
            }
        }
    }

    #[cold]
    fn missing_field(&mut self, field: &'w FieldShape, base: Base) {
        let subject = self.subject;
        self.faults.add(|| Fault::new(FaultKind::Missing, subject, "given"));
        self.mark_malformed(field.shape, base);
    }

    #[cold]
    fn undeclared(&mut self, key: Span) {
        let subject = self.subject;
        let mut faults = std::mem::take(self.faults);
        self.with_text(key, |_, name| {
            faults.add(|| Fault::new(FaultKind::Undeclared, subject, "declared").below(name));
        });
        *self.faults = faults;
    }
}

#[inline(never)]
fn find_from<'w>(
    fields: &'w [FieldShape],
    name: &[u8],
    next: usize,
) -> Option<(usize, &'w FieldShape)> {
    let (before, after) = fields.split_at_checked(next).unwrap_or((fields, &[]));
    let is_named = |(_, field): &(usize, &FieldShape)| is_same(field.name.as_bytes(), name);
    (next..).zip(after).find(is_named).or_else(|| before.iter().enumerate().find(is_named))
}

/// Names are short: comparing their ends, which overlap, is faster than a call.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().zip(b).all(|(a, b)| a == b),
        4..8 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a == b,
    }
}
