//! Conditions over the rows of a list: loops.

use super::value::Kind;
use super::{Lowering, Targets, displacement};
use crate::JitError;
use crate::frame::SLOT_BITS;
use crate::scope::Rows;
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{Block, Value};
use cranelift_frontend::Variable;
use guard_plan::{Load, NodeId, Region};
use guard_value::SlotValue;

/// A loop over rows that is being written.
struct Loop {
    head: Block,
    next: Block,
    end: Block,
    pointer: Value,
    remaining: Value,
    row_bytes: i64,
    /// Whether the condition was unknown for a row.
    unknown_met: Variable,
}

impl<'p> Lowering<'_, 'p> {
    /// Whether a condition holds of all rows, or of any.
    pub(super) fn quantify(
        &mut self,
        all: bool,
        list: Load,
        body: NodeId,
        targets: Targets,
    ) -> Result<(), JitError> {
        let rows = self.list_rows(list)?;
        let each = self.begin_rows(list, rows, targets.unknown)?;
        let unknown = self.emit.cold();
        let row = if all {
            Targets { yes: each.next, unknown, no: targets.no }
        } else {
            Targets { yes: targets.yes, unknown, no: each.next }
        };
        self.rows.push((rows, each.pointer));
        self.condition(body, row)?;
        self.rows.pop();
        let at_end = if all { targets.yes } else { targets.no };
        self.end_rows(&each, unknown, targets.unknown, at_end);
        Ok(())
    }

    /// Whether a text is the first slot of some row.
    pub(super) fn text_in_list(
        &mut self,
        text: NodeId,
        list: Load,
        targets: Targets,
    ) -> Result<(), JitError> {
        let rows = self.list_rows(list)?;
        // A constant is compared word by word; anything else is evaluated once, before the loop.
        let known = match self.constant_text(text)? {
            Some(_) => None,
            None => Some(self.value(Kind::Text, text, targets.unknown)?),
        };
        let each = self.begin_rows(list, rows, targets.unknown)?;
        let unknown = self.emit.cold();
        self.rows.push((rows, each.pointer));
        let slot = self.slot(Load { region: Region::Row(0), slot: 0 })?;
        self.rows.pop();
        self.require_present(slot, unknown)?;
        let element = self.present_text(slot, unknown)?;
        let row = Targets { yes: targets.yes, unknown, no: each.next };
        match known {
            Some(known) => self.known_equal(known, element, row)?,
            None => self.known_equals(element, text, row)?,
        }
        self.end_rows(&each, unknown, targets.unknown, targets.no);
        Ok(())
    }

    fn list_rows(&self, list: Load) -> Result<Rows<'p>, JitError> {
        let rows: Vec<_> = self.rows.iter().map(|(rows, _)| *rows).collect();
        self.task.unit.rows_of(list, &rows)
    }

    /// Continues at a row of the list. That all rows lie inside the record is checked once.
    fn begin_rows(&mut self, list: Load, rows: Rows<'p>, unknown: Block) -> Result<Loop, JitError> {
        let slot = self.slot(list)?;
        self.require_present(slot, unknown)?;
        let first = self.slot_field(I64, slot, SLOT_BITS)?;
        let count = self.slot_length(slot)?;
        let width = i64::from(displacement(rows.width())?);
        let slots = self.emit.multiply_constant(count, width);
        let all = self.emit.load(I64, self.emit.frame, rows.root.slot_count());
        self.require_range(first, slots, all, unknown);
        let base = self.emit.load(I64, self.emit.frame, rows.root.slots());
        let first = self.emit.shift_left(first, i64::from(SlotValue::SIZE.trailing_zeros()));
        let first = self.emit.add(base, first);
        let unknown_met = self.emit.variable(I8, 0);

        let (head, body) = (self.emit.block(), self.emit.block());
        let (next, end) = (self.emit.block(), self.emit.block());
        let pointer = self.emit.parameter(head, I64);
        let remaining = self.emit.parameter(head, I64);
        self.emit.jump_with(head, &[first, count]);
        self.emit.start_open(head);
        self.emit.branch(remaining, body, end);
        self.emit.start(body);
        let row_bytes = i64::from(displacement(rows.width().saturating_mul(SlotValue::SIZE))?);
        Ok(Loop { head, next, end, pointer, remaining, row_bytes, unknown_met })
    }

    /// Ends a loop: `unknown` is where a row's unknown goes, the last two where the loop's end goes.
    fn end_rows(&mut self, each: &Loop, unknown: Block, some_unknown: Block, at_end: Block) {
        self.emit.start(unknown);
        self.emit.set_constant(each.unknown_met, I8, 1);
        self.emit.jump(each.next);
        self.emit.start(each.next);
        let pointer = self.emit.add_constant(each.pointer, each.row_bytes);
        let remaining = self.emit.add_constant(each.remaining, -1);
        self.emit.jump_with(each.head, &[pointer, remaining]);
        self.emit.seal(each.head);
        self.emit.start(each.end);
        let unknown_met = self.emit.get(each.unknown_met);
        self.emit.branch(unknown_met, some_unknown, at_end);
    }
}
