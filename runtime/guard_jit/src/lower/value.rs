//! Values: whole numbers, numbers and texts. What is unknown leaves for the nearest condition.

use super::emit::FLOAT;
use super::{Lowering, Targets, displacement};
use crate::JitError;
use crate::frame::Root;
use crate::frame::{SLOT_BITS, SLOT_LENGTH, SLOT_STATE};
use crate::host_abi::HostFunction;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{Block, Type, Value};
use guard_plan::{Load, Node, NodeId, Operation};
use guard_value::SlotValue;

/// What a value is; the condition that uses it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Float,
    Text,
}

impl Kind {
    /// The words that hold it.
    pub(super) fn types(self) -> &'static [Type] {
        match self {
            Self::Int => &[I64],
            Self::Float => &[FLOAT],
            Self::Text => &[I64, I64],
        }
    }
}

/// A known value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The number, or the address of the text.
    pub(super) first: Value,
    /// The length of the text.
    pub(super) length: Option<Value>,
}

impl Known {
    fn words(self) -> Vec<Value> {
        std::iter::once(self.first).chain(self.length).collect()
    }
}

/// A slot's address.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotPlace {
    base: Value,
    offset: usize,
    root: Root,
}

impl Lowering<'_, '_> {
    // -- slots -----------------------------------------------------------------------------------

    /// The slot that a load names.
    pub(super) fn slot(&mut self, load: Load) -> Result<SlotPlace, JitError> {
        let rows: Vec<_> = self.rows.iter().map(|(rows, _)| *rows).collect();
        let place = self.task.unit.place(load, &rows)?;
        let base = match place.row.and_then(|row| self.rows.get(row)) {
            Some((_, pointer)) => *pointer,
            None => self.emit.load(I64, self.emit.frame, place.root.slots()),
        };
        let index = usize::try_from(load.slot).unwrap_or(usize::MAX);
        let offset = index.saturating_mul(SlotValue::SIZE);
        Ok(SlotPlace { base, offset, root: place.root })
    }

    /// One field of a slot.
    pub(super) fn slot_field(
        &mut self,
        ty: Type,
        slot: SlotPlace,
        field: i32,
    ) -> Result<Value, JitError> {
        let offset = displacement(slot.offset)?.saturating_add(field);
        Ok(self.emit.load(ty, slot.base, offset))
    }

    pub(super) fn slot_state(&mut self, slot: SlotPlace) -> Result<Value, JitError> {
        self.slot_field(I32, slot, SLOT_STATE)
    }

    /// The length of a text or list, as 64 bits.
    pub(super) fn slot_length(&mut self, slot: SlotPlace) -> Result<Value, JitError> {
        let offset = displacement(slot.offset)?.saturating_add(SLOT_LENGTH);
        Ok(self.emit.load_u32(slot.base, offset))
    }

    /// Continues where a slot holds a value.
    pub(super) fn require_present(
        &mut self,
        slot: SlotPlace,
        unknown: Block,
    ) -> Result<(), JitError> {
        let state = self.slot_state(slot)?;
        let present = self.emit.compare_with(IntCC::Equal, state, 1);
        self.emit.require(present, unknown);
        Ok(())
    }

    /// The value of a slot that is present.
    fn present_value(
        &mut self,
        kind: Kind,
        slot: SlotPlace,
        unknown: Block,
    ) -> Result<Known, JitError> {
        match kind {
            Kind::Int => number(self.slot_field(I64, slot, SLOT_BITS)?),
            Kind::Float => number(self.slot_field(FLOAT, slot, SLOT_BITS)?),
            Kind::Text => self.present_text(slot, unknown),
        }
    }

    /// The text of a slot that is present. Its range is checked, so that machine code stays inside
    /// the record's bytes whatever the record holds.
    pub(super) fn present_text(
        &mut self,
        slot: SlotPlace,
        unknown: Block,
    ) -> Result<Known, JitError> {
        let start = self.slot_field(I64, slot, SLOT_BITS)?;
        let length = self.slot_length(slot)?;
        let all = self.emit.load(I64, self.emit.frame, slot.root.text_length());
        self.require_range(start, length, all, unknown);
        let bytes = self.emit.load(I64, self.emit.frame, slot.root.text());
        let first = self.emit.add(bytes, start);
        Ok(Known { first, length: Some(length) })
    }

    /// Continues where `start..start + length` lies inside `0..all`.
    pub(super) fn require_range(
        &mut self,
        start: Value,
        length: Value,
        all: Value,
        unknown: Block,
    ) {
        let starts_inside = self.emit.compare(IntCC::UnsignedLessThanOrEqual, start, all);
        self.emit.require(starts_inside, unknown);
        let room = self.emit.subtract(all, start);
        let ends_inside = self.emit.compare(IntCC::UnsignedLessThanOrEqual, length, room);
        self.emit.require(ends_inside, unknown);
    }

    // -- values ----------------------------------------------------------------------------------

    /// Writes a value; control continues where it is known.
    pub(super) fn value(
        &mut self,
        kind: Kind,
        node: NodeId,
        unknown: Block,
    ) -> Result<Known, JitError> {
        match (self.node(node)?, kind) {
            (Node::Load(load), _) => {
                let slot = self.slot(*load)?;
                self.require_present(slot, unknown)?;
                self.present_value(kind, slot, unknown)
            }
            (Node::Otherwise(load, otherwise), _) => {
                self.otherwise(kind, *load, *otherwise, unknown)
            }
            (Node::Choose(condition, a, b), _) => self.choose(kind, (*condition, *a, *b), unknown),
            (Node::Int(value), Kind::Int) => {
                if self.task.inline {
                    number(self.emit.integer(*value))
                } else {
                    self.pooled(node, I64)
                }
            }
            (Node::Float(bits), Kind::Float) => {
                if self.task.inline {
                    number(self.emit.float(*bits))
                } else {
                    self.pooled(node, FLOAT)
                }
            }
            (Node::Text(id), Kind::Text) => {
                let length = crate::shape::text(&self.task.unit, *id)?.len();
                let first = self.constant_address(node, 0)?;
                let length = i64::try_from(length);
                let length = length.map_err(|_| JitError::TooLarge("a text is too long"))?;
                Ok(Known { first, length: Some(self.emit.integer(length)) })
            }
            (Node::ArithmeticInt(how, a, b), Kind::Int) => {
                let a = self.value(kind, *a, unknown)?.first;
                let b = self.value(kind, *b, unknown)?.first;
                number(self.arithmetic_int(*how, a, b, unknown))
            }
            (Node::ArithmeticFloat(how, a, b), Kind::Float) => {
                let a = self.value(kind, *a, unknown)?.first;
                let b = self.value(kind, *b, unknown)?.first;
                let result = match how {
                    Operation::Add => self.emit.add_float(a, b),
                    Operation::Subtract => self.emit.subtract_float(a, b),
                    Operation::Multiply => self.emit.multiply_float(a, b),
                    Operation::Divide => self.emit.divide_float(a, b),
                };
                self.require_finite(result, unknown);
                number(result)
            }
            (Node::RowCount(list), Kind::Int) => {
                let slot = self.slot(*list)?;
                self.require_present(slot, unknown)?;
                number(self.slot_length(slot)?)
            }
            (Node::CharCount(text), Kind::Int) => {
                let (text, length) = self.text_words(*text, unknown)?;
                let count = self.emit.call(HostFunction::CharCount, &[text, length]);
                let counted = self.emit.compare_with(IntCC::SignedGreaterThanOrEqual, count, 0);
                self.emit.require(counted, unknown);
                number(count)
            }
            _ => Err(JitError::NotVerified("a value is of another type than its user")),
        }
    }

    fn pooled(&mut self, node: NodeId, ty: Type) -> Result<Known, JitError> {
        let offset = displacement(self.constant(node)?)?;
        number(self.emit.load(ty, self.emit.constants, offset))
    }

    /// Only *absent* takes the second; malformed stays unknown.
    fn otherwise(
        &mut self,
        kind: Kind,
        load: Load,
        otherwise: NodeId,
        unknown: Block,
    ) -> Result<Known, JitError> {
        let (yes, no, join) = (self.emit.block(), self.emit.block(), self.emit.block());
        let joined = self.joined(kind, join);
        self.present(load, Targets { yes, unknown, no })?;
        self.emit.start(yes);
        let slot = self.slot(load)?;
        let present = self.present_value(kind, slot, unknown)?;
        self.emit.jump_with(join, &present.words());
        self.emit.start(no);
        let second = self.value(kind, otherwise, unknown)?;
        self.emit.jump_with(join, &second.words());
        self.emit.start(join);
        joined
    }

    fn choose(
        &mut self,
        kind: Kind,
        (condition, a, b): (NodeId, NodeId, NodeId),
        unknown: Block,
    ) -> Result<Known, JitError> {
        let (yes, no, join) = (self.emit.block(), self.emit.block(), self.emit.block());
        let joined = self.joined(kind, join);
        self.condition(condition, Targets { yes, unknown, no })?;
        for (block, value) in [(yes, a), (no, b)] {
            self.emit.start(block);
            let value = self.value(kind, value, unknown)?;
            self.emit.jump_with(join, &value.words());
        }
        self.emit.start(join);
        joined
    }

    /// The parameters of a block that a value is brought to.
    fn joined(&mut self, kind: Kind, join: Block) -> Result<Known, JitError> {
        let mut words = Vec::new();
        for ty in kind.types() {
            words.push(self.emit.parameter(join, *ty));
        }
        let first = words.first().copied();
        let first = first.ok_or(JitError::NotVerified("a value of no kind"))?;
        Ok(Known { first, length: words.get(1).copied() })
    }

    /// Overflow and division by zero are unknown.
    fn arithmetic_int(&mut self, how: Operation, a: Value, b: Value, unknown: Block) -> Value {
        match how {
            Operation::Add => {
                let sum = self.emit.add(a, b);
                // Overflown where both operands' signs differ from the sum's.
                let (x, y) = (self.emit.exclusive_or(a, sum), self.emit.exclusive_or(b, sum));
                self.require_sign_clear(x, y, unknown);
                sum
            }
            Operation::Subtract => {
                let difference = self.emit.subtract(a, b);
                // Overflown where the operands' signs differ, and the first's from the result's.
                let x = self.emit.exclusive_or(a, b);
                let y = self.emit.exclusive_or(a, difference);
                self.require_sign_clear(x, y, unknown);
                difference
            }
            Operation::Multiply => {
                let product = self.emit.multiply(a, b);
                let (high, sign) = (self.emit.multiply_high(a, b), self.emit.sign(product));
                let fits = self.emit.compare(IntCC::Equal, high, sign);
                self.emit.require(fits, unknown);
                product
            }
            Operation::Divide => self.divide(a, b, unknown),
        }
    }

    fn require_sign_clear(&mut self, x: Value, y: Value, unknown: Block) {
        let both = self.emit.and(x, y);
        let fits = self.emit.compare_with(IntCC::SignedGreaterThanOrEqual, both, 0);
        self.emit.require(fits, unknown);
    }

    /// The two inputs that would trap are excluded before: a divisor of 0, and the least dividend
    /// by -1, which overflows.
    fn divide(&mut self, a: Value, b: Value, unknown: Block) -> Value {
        self.emit.require(b, unknown);
        let (minus_one, divides) = (self.emit.block(), self.emit.block());
        let negates = self.emit.compare_with(IntCC::Equal, b, -1);
        self.emit.branch(negates, minus_one, divides);
        self.emit.start(minus_one);
        let least = self.emit.compare_with(IntCC::Equal, a, i64::MIN);
        self.emit.branch(least, unknown, divides);
        self.emit.start(divides);
        self.emit.divide(a, b)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "ends the arms of `value` as the others end")]
fn number(first: Value) -> Result<Known, JitError> {
    Ok(Known { first, length: None })
}
