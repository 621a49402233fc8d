//! Conditions in Kleene's logic as control flow.

use super::emit::FLOAT;
use super::value::Kind;
use super::{Lowering, Targets};
use crate::JitError;
use crate::frame::SLOT_BITS;
use crate::host_abi::HostFunction;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{I8, I32, I64};
use guard_plan::{Comparison, Load, Node, NodeId};

impl Lowering<'_, '_> {
    /// Writes a condition; where it stands ends, and control goes on in one of the targets.
    pub(super) fn condition(&mut self, node: NodeId, targets: Targets) -> Result<(), JitError> {
        match self.node(node)? {
            Node::Truth(truth) => {
                self.emit.jump(if *truth { targets.yes } else { targets.no });
                Ok(())
            }
            Node::Flag(load) => self.flag(*load, targets),
            Node::Clause(clause) => self.clause(*clause, targets),
            Node::And(operands) => self.all_of(operands, targets, |t| t),
            // De Morgan: the order of evaluation and where it stops are the same.
            Node::Or(operands) => self.all_of(operands, targets.opposite(), Targets::opposite),
            Node::Not(a) => self.condition(*a, targets.opposite()),
            Node::Present(load) => self.present(*load, targets),
            Node::TruthEqual(a, b) => self.truth_equal(*a, *b, targets),
            Node::CompareInt(how, a, b) => {
                let a = self.integer(*a, targets.unknown)?;
                let b = self.integer(*b, targets.unknown)?;
                let holds = self.emit.compare(int_condition(*how), a, b);
                self.emit.branch(holds, targets.yes, targets.no);
                Ok(())
            }
            Node::CompareFloat(how, a, b) => {
                let a = self.float(*a, targets.unknown)?;
                let b = self.float(*b, targets.unknown)?;
                let holds = self.emit.compare_float(float_condition(*how), a, b);
                self.emit.branch(holds, targets.yes, targets.no);
                Ok(())
            }
            Node::TextEqual(a, b) => self.text_equal(*a, *b, targets),
            Node::TextIn(a, set) => self.text_in(node, *a, *set, targets),
            Node::TextInData(a, slot) => {
                let (text, length) = self.text_words(*a, targets.unknown)?;
                let slot = self.emit.integer(i64::from(*slot));
                self.look_up(HostFunction::InData, slot, text, length, targets);
                Ok(())
            }
            Node::TextInList(a, list) => self.text_in_list(*a, *list, targets),
            Node::StartsWith(a, b) => self.affix(*a, *b, false, targets),
            Node::EndsWith(a, b) => self.affix(*a, *b, true, targets),
            Node::Contains(a, b) => {
                let (hay, hay_length) = self.text_words(*a, targets.unknown)?;
                let (needle, needle_length) = self.text_words(*b, targets.unknown)?;
                let words = [hay, hay_length, needle, needle_length];
                let answer = self.emit.call(HostFunction::Contains, &words);
                self.answer(answer, targets);
                Ok(())
            }
            Node::Match(a, _) => {
                let (text, length) = self.text_words(*a, targets.unknown)?;
                let pattern = self.word_constant(node, 0)?;
                self.look_up(HostFunction::Matches, pattern, text, length, targets);
                Ok(())
            }
            Node::Quantify { all, list, body } => self.quantify(*all, *list, *body, targets),
            Node::Otherwise(load, otherwise) => self.flag_otherwise(*load, *otherwise, targets),
            Node::Choose(condition, a, b) => {
                let (yes, no) = (self.emit.block(), self.emit.block());
                self.condition(*condition, Targets { yes, unknown: targets.unknown, no })?;
                self.emit.start(yes);
                self.condition(*a, targets)?;
                self.emit.start(no);
                self.condition(*b, targets)
            }
            _ => Err(JitError::NotVerified("a value stands for a condition")),
        }
    }

    /// Goes where an answer of the host says; what is no truth is unknown.
    pub(super) fn answer(&mut self, answer: Value, targets: Targets) {
        let rest = self.emit.block();
        let holds = self.emit.compare_with(IntCC::Equal, answer, 2);
        self.emit.branch(holds, targets.yes, rest);
        self.emit.start(rest);
        self.emit.branch(answer, targets.unknown, targets.no);
    }

    /// Asks the host whether a text is in, or matched by, something with a number.
    pub(super) fn look_up(
        &mut self,
        function: HostFunction,
        which: Value,
        text: Value,
        length: Value,
        targets: Targets,
    ) {
        let words = [self.emit.frame, which, text, length];
        let answer = self.emit.call(function, &words);
        self.answer(answer, targets);
    }

    /// A word of a node's constants.
    pub(super) fn word_constant(&mut self, node: NodeId, at: usize) -> Result<Value, JitError> {
        self.constant_part(node, at, I64)
    }

    /// `and` of conditions, each seen through `view`.
    fn all_of(
        &mut self,
        operands: &[NodeId],
        targets: Targets,
        view: impl Fn(Targets) -> Targets,
    ) -> Result<(), JitError> {
        let Some((last, before)) = operands.split_last() else {
            self.emit.jump(targets.yes);
            return Ok(());
        };
        if before.is_empty() {
            return self.condition(*last, view(targets));
        }
        let unknown_met = self.emit.variable(I8, 0);
        for operand in before {
            let (next, unknown) = (self.emit.block(), self.emit.cold());
            self.condition(*operand, view(Targets { yes: next, unknown, no: targets.no }))?;
            self.emit.start(unknown);
            self.emit.set_constant(unknown_met, I8, 1);
            self.emit.jump(next);
            self.emit.start(next);
        }
        let yes = self.emit.block();
        self.condition(*last, view(Targets { yes, ..targets }))?;
        self.emit.start(yes);
        let unknown_met = self.emit.get(unknown_met);
        self.emit.branch(unknown_met, targets.unknown, targets.yes);
        Ok(())
    }

    fn flag(&mut self, load: Load, targets: Targets) -> Result<(), JitError> {
        let slot = self.slot(load)?;
        self.require_present(slot, targets.unknown)?;
        let bits = self.slot_field(I64, slot, SLOT_BITS)?;
        self.emit.branch(bits, targets.yes, targets.no);
        Ok(())
    }

    fn flag_otherwise(
        &mut self,
        load: Load,
        otherwise: NodeId,
        targets: Targets,
    ) -> Result<(), JitError> {
        let (present, absent) = (self.emit.block(), self.emit.block());
        self.present(load, Targets { yes: present, unknown: targets.unknown, no: absent })?;
        self.emit.start(present);
        self.flag(load, targets)?;
        self.emit.start(absent);
        self.condition(otherwise, targets)
    }

    /// Goes by a slot's state: present, malformed or absent.
    pub(super) fn present(&mut self, load: Load, targets: Targets) -> Result<(), JitError> {
        let slot = self.slot(load)?;
        let state = self.slot_state(slot)?;
        let rest = self.emit.block();
        let present = self.emit.compare_with(IntCC::Equal, state, 1);
        self.emit.branch(present, targets.yes, rest);
        self.emit.start(rest);
        self.emit.branch(state, targets.unknown, targets.no);
        Ok(())
    }

    fn truth_equal(&mut self, a: NodeId, b: NodeId, targets: Targets) -> Result<(), JitError> {
        let (a_yes, a_no, second) = (self.emit.block(), self.emit.block(), self.emit.block());
        let first_holds = self.emit.parameter(second, I32);
        self.condition(a, Targets { yes: a_yes, unknown: targets.unknown, no: a_no })?;
        for (block, truth) in [(a_yes, 1), (a_no, 0)] {
            self.emit.start(block);
            let truth = self.emit.integer_of(I32, truth);
            self.emit.jump_with(second, &[truth]);
        }
        self.emit.start(second);
        let (b_yes, b_no) = (self.emit.block(), self.emit.block());
        self.condition(b, Targets { yes: b_yes, unknown: targets.unknown, no: b_no })?;
        self.emit.start(b_yes);
        self.emit.branch(first_holds, targets.yes, targets.no);
        self.emit.start(b_no);
        self.emit.branch(first_holds, targets.no, targets.yes);
        Ok(())
    }

    /// A number that is not known to be finite is unknown.
    pub(super) fn require_finite(&mut self, number: Value, unknown: cranelift_codegen::ir::Block) {
        const EXPONENT: i64 = 0x7FF0_0000_0000_0000;
        let bits = self.emit.bits(number);
        let mask = self.emit.integer(EXPONENT);
        let exponent = self.emit.and(bits, mask);
        let finite = self.emit.compare(IntCC::NotEqual, exponent, mask);
        self.emit.require(finite, unknown);
    }

    fn integer(
        &mut self,
        node: NodeId,
        unknown: cranelift_codegen::ir::Block,
    ) -> Result<Value, JitError> {
        Ok(self.value(Kind::Int, node, unknown)?.first)
    }

    fn float(
        &mut self,
        node: NodeId,
        unknown: cranelift_codegen::ir::Block,
    ) -> Result<Value, JitError> {
        debug_assert_eq!(Kind::Float.types(), [FLOAT]);
        Ok(self.value(Kind::Float, node, unknown)?.first)
    }
}

fn int_condition(how: Comparison) -> IntCC {
    match how {
        Comparison::Equal => IntCC::Equal,
        Comparison::NotEqual => IntCC::NotEqual,
        Comparison::Less => IntCC::SignedLessThan,
        Comparison::LessOrEqual => IntCC::SignedLessThanOrEqual,
        Comparison::Greater => IntCC::SignedGreaterThan,
        Comparison::GreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
    }
}

fn float_condition(how: Comparison) -> FloatCC {
    match how {
        Comparison::Equal => FloatCC::Equal,
        Comparison::NotEqual => FloatCC::NotEqual,
        Comparison::Less => FloatCC::LessThan,
        Comparison::LessOrEqual => FloatCC::LessThanOrEqual,
        Comparison::Greater => FloatCC::GreaterThan,
        Comparison::GreaterOrEqual => FloatCC::GreaterThanOrEqual,
    }
}
