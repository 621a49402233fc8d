//! Lists: each element a row, the rows of one list side by side; and lists that are sets of facts.

use super::{Base, Walk};
use crate::fault::Segment;
use crate::scan::Stopped;
use crate::text;
use crate::{FaultKind, SlotValue, TextSet, limits};
use guard_plan::{Shape, ShapeId, ShapeKind, SlotType, TextKind};

impl<'w> Walk<'w, '_> {
    #[inline(never)]
    pub(super) fn list(
        &mut self,
        shape: &'w Shape,
        element: ShapeId,
        row: Option<u32>,
        base: Base,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'[' {
            return self.mismatch(shape, base, "a list", at);
        }
        if let Some(slot) = self.set_slot(shape, base) {
            return self.text_set(shape, element, slot, at);
        }
        // Without a slot nothing can reach the rows.
        let slots = row.filter(|_| shape.slot.is_some()).and_then(|row| self.row(row));
        let (value, end) = match slots {
            None => {
                let (count, end) = self.elements(element, at, |_| Base::Nowhere)?;
                (SlotValue::from_rows(self.record.slots().len(), count), end)
            }
            Some((width, false)) => {
                let first = self.record.slots().len();
                let (count, end) =
                    self.elements(element, at, |walk| Base::Record(walk.record.push_row(width)))?;
                (SlotValue::from_rows(first, count), end)
            }
            Some((width, true)) => self.rows_with_lists(element, width, at)?,
        };
        self.put(shape, base, value);
        Ok(end)
    }

    /// Reads a list whose rows contain lists: its rows wait in scratch memory until the lists inside
    /// have put theirs into the record.
    fn rows_with_lists(
        &mut self,
        element: ShapeId,
        width: usize,
        at: usize,
    ) -> Result<(SlotValue, usize), Stopped> {
        let first = self.scratch.rows.len();
        let (count, end) = self.elements(element, at, |walk| {
            let start = walk.scratch.rows.len();
            walk.scratch.rows.resize(start.saturating_add(width), SlotValue::ABSENT);
            Base::Scratch(start)
        })?;
        let rows = self.scratch.rows.get(first..).unwrap_or_default();
        let start = self.record.push_rows(rows);
        self.scratch.rows.truncate(first);
        Ok((SlotValue::from_rows(start, count), end))
    }

    /// The width of a row, and whether it contains lists.
    fn row(&self, row: u32) -> Option<(usize, bool)> {
        let slots = self.layout.rows.get(usize::try_from(row).ok()?)?;
        Some((slots.len(), slots.iter().any(|slot| matches!(slot.ty, SlotType::List(_)))))
    }

    /// Reads the elements of a list to where `next` says, and counts them.
    fn elements(
        &mut self,
        element: ShapeId,
        at: usize,
        mut next: impl FnMut(&mut Self) -> Base,
    ) -> Result<(usize, usize), Stopped> {
        let mut count = 0;
        let (mut at, mut more) = self.json.open(at, b']')?;
        while more {
            self.count_element(at)?;
            let base = next(self);
            let mark = self.faults.mark();
            at = self.value(element, base, at)?;
            self.faults.extend_paths(mark, Segment::Index(count));
            count += 1;
            (at, more) = self.json.more(at, b']')?;
        }
        Ok((count, at))
    }

    fn count_element(&mut self, at: usize) -> Result<(), Stopped> {
        self.elements += 1;
        if self.elements <= limits::ELEMENTS_MAX {
            return Ok(());
        }
        Err(self.json.fail(FaultKind::TooManyElements, "has too many list elements", at))
    }

    // -- sets of facts ---------------------------------------------------------------------------

    fn set_slot(&self, shape: &Shape, base: Base) -> Option<u32> {
        self.sets.as_ref()?;
        // Sets stand in the record itself; the slots of a row are numbered anew.
        let Base::Record(0) = base else { return None };
        let slot = shape.slot?;
        let ty = self.layout.slots.get(usize::try_from(slot).ok()?)?.ty;
        (ty == SlotType::TextSet).then_some(slot)
    }

    /// A list of texts as a set. Its texts leave no trace in the record.
    fn text_set(
        &mut self,
        shape: &'w Shape,
        element: ShapeId,
        slot: u32,
        at: usize,
    ) -> Result<usize, Stopped> {
        let kind = match self.shape(element).map(|shape| &shape.kind) {
            Some(ShapeKind::Text(kind)) => *kind,
            _ => TextKind::Plain,
        };
        let mut texts = Vec::new();
        let mut index = 0;
        let (mut at, mut more) = self.json.open(at, b']')?;
        while more {
            self.count_element(at)?;
            let mark = self.faults.mark();
            at = self.element_of_set(shape, kind, &mut texts, at)?;
            self.faults.extend_paths(mark, Segment::Index(index));
            index += 1;
            (at, more) = self.json.more(at, b']')?;
        }
        if let Some(sets) = &mut self.sets {
            sets.push((slot, TextSet::new(texts)));
        }
        Ok(at)
    }

    fn element_of_set(
        &mut self,
        shape: &'w Shape,
        kind: TextKind,
        texts: &mut Vec<String>,
        at: usize,
    ) -> Result<usize, Stopped> {
        if self.json.byte(at) != b'"' {
            return self.mismatch(shape, Base::Nowhere, text::noun(kind), at);
        }
        let span = self.json.string(at)?;
        let canonical = self.with_text(span, |_, text| text::canonical_text(kind, text));
        if let Some(text) = canonical {
            texts.push(text);
        } else {
            self.malformed(shape, Base::Nowhere, FaultKind::MalformedText, text::noun(kind));
        }
        Ok(span.end + 1)
    }
}
