//! Layouts: that every slot is filled by exactly one value, of the slot's type.

use super::shapes::Shapes;
use super::{Budget, Check, find, require};
use crate::limits::LAYOUT_STEPS_MAX;
use crate::{Layout, PartSlot, ShapeId, ShapeKind, Slot, SlotType};

/// What a layout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Events; what the host says of them is part of it.
    Event,
    /// An agent's parameters.
    Parameters,
    /// The host's facts; lists of texts can be sets.
    Facts,
}

pub(super) fn verify(layout: &Layout, shapes: &Shapes<'_>, of: Use, budget: &mut Budget) -> Check {
    budget.is_left()?;
    let rows = layout.rows.iter();
    let is_filled =
        std::iter::once(&layout.slots).chain(rows).map(|slots| vec![false; slots.len()]);
    let mut walk = Walk { layout, shapes, of, is_filled: is_filled.collect(), steps: 0 };
    let check = values(&mut walk);
    budget.spend(walk.steps);
    check
}

fn values(walk: &mut Walk<'_, '_>) -> Check {
    let Walk { layout, shapes, of, .. } = *walk;
    if let Some(root) = layout.root {
        require(of == Use::Event || shapes.is_record(layout), "it is not read from a record")?;
        walk.value(root, RECORD)?;
    }
    walk.meta()?;
    walk.answers()?;
    let all_filled = walk.is_filled.iter().flatten().all(|is_filled| *is_filled);
    require(all_filled, "it has a slot that nothing fills")
}

/// The place of the record's own slots among all rows; row `i` of the layout is at `i + 1`.
const RECORD: usize = 0;

struct Walk<'w, 'p> {
    layout: &'w Layout,
    shapes: &'w Shapes<'p>,
    of: Use,
    is_filled: Vec<Vec<bool>>,
    steps: usize,
}

impl Walk<'_, '_> {
    /// Fills the slots of a value. A value that fills none is passed over, and a slot filled twice
    /// ends the walk, so shapes that many others share cannot make it long.
    fn value(&mut self, id: ShapeId, row: usize) -> Check {
        self.steps += 1;
        require(self.steps <= LAYOUT_STEPS_MAX, "it has too many parts")?;
        let shape = self.shapes.get(id)?;
        if !self.shapes.fills(id) {
            return Ok(());
        }
        if let Some(slot) = shape.slot {
            let ty = self.fill(row, slot)?;
            require(
                self.can_hold(ty, &shape.kind, row),
                "a value does not fit the type of its slot",
            )?;
        }
        for PartSlot { part, slot, row: inner } in &shape.parts {
            let ty = self.fill(row, *slot)?;
            let expected = part.slot_type().or(inner.map(SlotType::List));
            require(Some(ty) == expected, "a part does not fit the type of its slot")?;
            if let Some(inner) = inner {
                require(part.is_list(), "a part that is no list has rows")?;
                self.texts(*inner)?;
            }
        }
        match &shape.kind {
            ShapeKind::Record { fields, .. } => {
                fields.iter().try_for_each(|field| self.value(field.shape, row))
            }
            ShapeKind::List { element, row: Some(inner) } if shape.slot.is_some() => {
                find(&self.layout.rows, *inner, "a list has no such row")?;
                // `find` has just converted it.
                let inner = usize::try_from(*inner).unwrap_or(usize::MAX);
                self.value(*element, inner.saturating_add(1))
            }
            _ => Ok(()),
        }
    }

    /// The rows of a part that is a list of texts.
    fn texts(&mut self, row: u32) -> Check {
        find(&self.layout.rows, row, "a list has no such row")?;
        let row = usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1);
        let ty = self.fill(row, 0)?;
        require(ty == SlotType::Text, "a part does not fit the type of its slot")
    }

    /// The slots that the host fills with what it says of an event.
    fn meta(&mut self) -> Check {
        let meta = &self.layout.meta;
        require(meta.is_empty() || self.of == Use::Event, "it asks for what is said of events")?;
        for (meta, slot) in meta {
            let ty = self.fill(RECORD, *slot)?;
            require(ty == meta.slot_type(), "what is said of the event does not fit its slot")?;
        }
        Ok(())
    }

    /// The slots that answers about the session are put into.
    fn answers(&mut self) -> Check {
        let answers = &self.layout.answers;
        require(answers.is_empty() || self.of == Use::Event, "only events are asked about")?;
        for (row, slot) in answers {
            let row = match row {
                None => RECORD,
                Some(row) => {
                    find(&self.layout.rows, *row, "an answer is for a row that there is not")?;
                    usize::try_from(*row).unwrap_or(usize::MAX).saturating_add(1)
                }
            };
            let ty = self.fill(row, *slot)?;
            let is_scalar =
                matches!(ty, SlotType::Bool | SlotType::Int | SlotType::Float | SlotType::Text);
            require(is_scalar, "an answer does not fit its slot")?;
        }
        Ok(())
    }

    /// Marks a slot and tells its type.
    fn fill(&mut self, row: usize, slot: u32) -> Result<SlotType, std::borrow::Cow<'static, str>> {
        let slots: &[Slot] = match row.checked_sub(1) {
            None => &self.layout.slots,
            Some(row) => self.layout.rows.get(row).map_or(&[], Vec::as_slice),
        };
        let ty = find(slots, slot, "a value is read into a slot that there is not")?.ty;
        let index = usize::try_from(slot).unwrap_or(usize::MAX);
        let is_filled = self.is_filled.get_mut(row).and_then(|row| row.get_mut(index));
        let was_filled = is_filled.is_none_or(|is_filled| std::mem::replace(is_filled, true));
        require(!was_filled, "two values are read into one slot")?;
        Ok(ty)
    }

    fn can_hold(&self, ty: SlotType, kind: &ShapeKind, row: usize) -> bool {
        match kind {
            ShapeKind::Bool => ty == SlotType::Bool,
            ShapeKind::Int => ty == SlotType::Int,
            ShapeKind::Float => ty == SlotType::Float,
            ShapeKind::Text(_) | ShapeKind::OneOf(_) => ty == SlotType::Text,
            ShapeKind::List { row: Some(inner), .. } => ty == SlotType::List(*inner),
            ShapeKind::List { element, row: None } if ty == SlotType::TextSet => {
                self.of == Use::Facts && row == RECORD && self.is_text(*element)
            }
            ShapeKind::List { row: None, .. }
            | ShapeKind::Any
            | ShapeKind::Map(_)
            | ShapeKind::Record { .. } => ty == SlotType::Presence,
        }
    }

    fn is_text(&self, id: ShapeId) -> bool {
        let kind = self.shapes.get(id).map(|shape| &shape.kind);
        matches!(kind, Ok(ShapeKind::Text(_) | ShapeKind::OneOf(_)))
    }
}
