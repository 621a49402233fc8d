//! Texts: comparisons with constants become comparisons of words.
//!
//! The words of a text overlap rather than leave a rest, so nothing outside the text is read: 11
//! bytes are the words at 0 and at 3.

use super::emit::word_type;
use super::value::{Kind, Known};
use super::{Lowering, Targets, displacement};
use crate::JitError;
use crate::host_abi::HostFunction;
use crate::shape::{compiled_set, text};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{Block, Type, Value};
use guard_plan::{Node, NodeId, TextSetId};

/// Constants of more bytes are compared by the host.
const WORDS_BYTES_MAX: usize = 64;

/// A part of a node's constants that is a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constant {
    node: NodeId,
    /// Where it starts among the node's constants.
    at: usize,
    length: usize,
}

impl Lowering<'_, '_> {
    /// A text's address and length.
    pub(super) fn text_words(
        &mut self,
        node: NodeId,
        unknown: Block,
    ) -> Result<(Value, Value), JitError> {
        words(self.value(Kind::Text, node, unknown)?)
    }

    /// The address of a part of a node's constants.
    pub(super) fn constant_address(&mut self, node: NodeId, at: usize) -> Result<Value, JitError> {
        let offset = self.constant(node)?.saturating_add(at);
        let offset = i64::from(displacement(offset)?);
        Ok(self.emit.add_constant(self.emit.constants, offset))
    }

    /// A word of a node's constants: in the code, or read from the table.
    pub(super) fn constant_part(
        &mut self,
        node: NodeId,
        at: usize,
        ty: Type,
    ) -> Result<Value, JitError> {
        let offset = self.constant(node)?.saturating_add(at);
        if !self.task.inline {
            return Ok(self.emit.load(ty, self.emit.constants, displacement(offset)?));
        }
        let bytes = usize::try_from(ty.bytes()).unwrap_or(0);
        let missing = JitError::NotVerified("a constant is missing");
        let end = offset.saturating_add(bytes);
        let bytes = self.task.shape.constants.get(offset..end).ok_or(missing.clone())?;
        let value = match *bytes {
            [a] => i64::from(a),
            [a, b] => i64::from(u16::from_ne_bytes([a, b])),
            [a, b, c, d] => i64::from(u32::from_ne_bytes([a, b, c, d])),
            _ => i64::from_ne_bytes(bytes.try_into().map_err(|_| missing)?),
        };
        Ok(self.emit.integer_of(ty, value))
    }

    pub(super) fn constant_text(&self, node: NodeId) -> Result<Option<Constant>, JitError> {
        let Node::Text(id) = self.node(node)? else { return Ok(None) };
        let length = text(&self.task.unit, *id)?.len();
        Ok(Some(Constant { node, at: 0, length }))
    }

    /// Whether two texts are the same.
    pub(super) fn text_equal(
        &mut self,
        a: NodeId,
        b: NodeId,
        targets: Targets,
    ) -> Result<(), JitError> {
        let (a, b) = if self.constant_text(a)?.is_some() { (b, a) } else { (a, b) };
        let a = self.value(Kind::Text, a, targets.unknown)?;
        self.known_equals(a, b, targets)
    }

    /// Whether a known text is the text of a node.
    pub(super) fn known_equals(
        &mut self,
        a: Known,
        b: NodeId,
        targets: Targets,
    ) -> Result<(), JitError> {
        let (a, a_length) = words(a)?;
        if let Some(constant) = self.constant_text(b)? {
            let same = self.emit.compare_with(IntCC::Equal, a_length, bound(constant.length)?);
            self.emit.require(same, targets.no);
            return self.bytes_equal(a, constant, targets);
        }
        let b = self.value(Kind::Text, b, targets.unknown)?;
        self.known_equal(Known { first: a, length: Some(a_length) }, b, targets)
    }

    /// Whether two known texts are the same.
    pub(super) fn known_equal(
        &mut self,
        a: Known,
        b: Known,
        targets: Targets,
    ) -> Result<(), JitError> {
        let ((a, a_length), (b, b_length)) = (words(a)?, words(b)?);
        let same = self.emit.compare(IntCC::Equal, a_length, b_length);
        self.emit.require(same, targets.no);
        let answer = self.emit.call(HostFunction::Equal, &[a, b, b_length]);
        self.answer(answer, targets);
        Ok(())
    }

    /// Whether a text starts or ends with another.
    pub(super) fn affix(
        &mut self,
        a: NodeId,
        b: NodeId,
        at_end: bool,
        targets: Targets,
    ) -> Result<(), JitError> {
        let (a, a_length) = self.text_words(a, targets.unknown)?;
        let constant = self.constant_text(b)?;
        let known = match constant {
            Some(_) => None,
            None => Some(self.text_words(b, targets.unknown)?),
        };
        let b_length = match (constant, known) {
            (Some(constant), _) => self.emit.integer(bound(constant.length)?),
            (None, Some((_, length))) => length,
            (None, None) => return Err(JitError::NotVerified("a text is missing")),
        };
        let fits = self.emit.compare(IntCC::UnsignedGreaterThanOrEqual, a_length, b_length);
        self.emit.require(fits, targets.no);
        let mut start = a;
        if at_end {
            let before = self.emit.subtract(a_length, b_length);
            start = self.emit.add(a, before);
        }
        match (constant, known) {
            (Some(constant), _) => self.bytes_equal(start, constant, targets),
            (None, known) => {
                let (b, length) = known.ok_or(JitError::NotVerified("a text is missing"))?;
                let answer = self.emit.call(HostFunction::Equal, &[start, b, length]);
                self.answer(answer, targets);
                Ok(())
            }
        }
    }

    /// Whether a text is one of a fixed set.
    pub(super) fn text_in(
        &mut self,
        node: NodeId,
        a: NodeId,
        set: TextSetId,
        targets: Targets,
    ) -> Result<(), JitError> {
        let (a, length) = self.text_words(a, targets.unknown)?;
        let Some(texts) = compiled_set(&self.task.unit, set)? else {
            let set = self.word_constant(node, 0)?;
            self.look_up(HostFunction::InLargeSet, set, a, length, targets);
            return Ok(());
        };
        let mut at = 0;
        let mut groups: Vec<(u32, Block, Vec<Constant>)> = Vec::new();
        for text in texts {
            let constant = Constant { node, at, length: text.len() };
            at += text.len();
            let case = u32::try_from(text.len());
            let case = case.map_err(|_| JitError::TooLarge("a text is too long"))?;
            match groups.last_mut() {
                Some((c, _, constants)) if *c == case => constants.push(constant),
                _ => groups.push((case, self.emit.block(), vec![constant])),
            }
        }
        let cases: Vec<_> = groups.iter().map(|(case, block, _)| (*case, *block)).collect();
        // A text's length is one of a slot or of a constant: at most 32 bits.
        let length = self.emit.narrow(length);
        self.emit.switch(length, &cases, targets.no);
        for (_, block, constants) in groups {
            self.emit.start(block);
            for constant in constants {
                let next = self.emit.block();
                self.bytes_equal(a, constant, Targets { no: next, ..targets })?;
                self.emit.start(next);
            }
            self.emit.jump(targets.no);
        }
        Ok(())
    }

    /// Whether the bytes at an address, at least as many as the constant has, are the constant's.
    fn bytes_equal(
        &mut self,
        bytes: Value,
        constant: Constant,
        targets: Targets,
    ) -> Result<(), JitError> {
        if constant.length > WORDS_BYTES_MAX {
            let address = self.constant_address(constant.node, constant.at)?;
            let length = self.emit.integer(bound(constant.length)?);
            let answer = self.emit.call(HostFunction::Equal, &[bytes, address, length]);
            self.answer(answer, targets);
            return Ok(());
        }
        let mut differences = None;
        let pieces = pieces(constant.length);
        let single = pieces.len() == 1;
        for (at, size) in pieces {
            let ty = word_type(size);
            let ours = self.emit.load(ty, bytes, displacement(at)?);
            let theirs = self.constant_part(constant.node, constant.at.saturating_add(at), ty)?;
            if single {
                let same = self.emit.compare(IntCC::Equal, ours, theirs);
                self.emit.branch(same, targets.yes, targets.no);
                return Ok(());
            }
            let mut difference = self.emit.exclusive_or(ours, theirs);
            if ty != I64 {
                difference = self.emit.widen(difference);
            }
            differences = Some(match differences {
                None => difference,
                Some(before) => self.emit.or(before, difference),
            });
        }
        match differences {
            Some(differences) => self.emit.branch(differences, targets.no, targets.yes),
            // No bytes at all.
            None => self.emit.jump(targets.yes),
        }
        Ok(())
    }
}

/// The words that cover so many bytes: where each starts and its size.
fn pieces(length: usize) -> Vec<(usize, usize)> {
    let size = [8, 4, 2, 1].into_iter().find(|size| *size <= length);
    let Some(size) = size else { return Vec::new() };
    let last = length - size;
    let mut pieces: Vec<_> = (0..last).step_by(size).map(|at| (at, size)).collect();
    pieces.push((last, size));
    pieces
}

fn words(text: Known) -> Result<(Value, Value), JitError> {
    let length = text.length.ok_or(JitError::NotVerified("a number stands for a text"))?;
    Ok((text.first, length))
}

fn bound(length: usize) -> Result<i64, JitError> {
    Ok(i64::from(displacement(length)?))
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn the_pieces_of_a_text_cover_it_and_nothing_else() {
        for length in 0..200 {
            let mut covered = vec![false; length];
            for (at, size) in pieces(length) {
                covered[at..at + size].fill(true);
            }
            assert!(covered.iter().all(|c| *c), "{length}");
        }
    }
}
