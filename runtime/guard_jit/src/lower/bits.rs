//! The outcome's bitmaps: in registers where each is one word, else in memory.

use super::emit::Emit;
use crate::JitError;
use crate::frame::Bitmap;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_frontend::Variable;

/// Where the bits of a part are.
pub(super) struct Bits {
    /// One word each in the order of [`ALL`]; `None` where they are in memory.
    words: Option<[Variable; 4]>,
    /// The bitmaps of which some bit is set somewhere, in the same order. The others stay as the
    /// caller cleared them.
    set: [bool; 4],
}

const ALL: [Bitmap; 4] =
    [Bitmap::RulesFired, Bitmap::RulesUnknown, Bitmap::ClausesTrue, Bitmap::ClausesUnknown];

impl Bits {
    /// No bit set, for a part that is the whole entry; else the bits that earlier parts left.
    pub(super) fn new(emit: &mut Emit<'_>, whole: bool) -> Self {
        Self { words: whole.then(|| ALL.map(|_| emit.variable(I64, 0))), set: [false; 4] }
    }

    fn word(&self, bitmap: Bitmap) -> Option<Variable> {
        let words = self.words.as_ref()?;
        ALL.iter().zip(words).find(|(b, _)| **b == bitmap).map(|(_, word)| *word)
    }

    /// Sets a bit.
    pub(super) fn set(
        &mut self,
        emit: &mut Emit<'_>,
        bitmap: Bitmap,
        index: usize,
    ) -> Result<(), JitError> {
        for (of, set) in ALL.iter().zip(&mut self.set) {
            *set |= *of == bitmap;
        }
        if let Some(variable) = self.word(bitmap) {
            let word = emit.get(variable);
            let word = emit.or_constant(word, mask(index));
            emit.set(variable, word);
        } else {
            let pointer = emit.load(I64, emit.frame, bitmap.pointer());
            let offset = word_offset(index)?;
            let word = emit.load(I64, pointer, offset);
            let word = emit.or_constant(word, mask(index));
            emit.store(word, pointer, offset);
        }
        Ok(())
    }

    /// Whether a bit is set, as a condition.
    pub(super) fn test(
        &self,
        emit: &mut Emit<'_>,
        bitmap: Bitmap,
        index: usize,
    ) -> Result<Value, JitError> {
        let word = if let Some(variable) = self.word(bitmap) {
            emit.get(variable)
        } else {
            let pointer = emit.load(I64, emit.frame, bitmap.pointer());
            emit.load(I64, pointer, word_offset(index)?)
        };
        let bit = emit.and_constant(word, mask(index));
        Ok(emit.compare_with(IntCC::NotEqual, bit, 0))
    }

    /// Writes words kept in registers to the outcome, which the caller has cleared.
    pub(super) fn store(&self, emit: &mut Emit<'_>, keep_clauses: bool) {
        for (bitmap, set) in ALL.into_iter().zip(self.set) {
            let of_clauses = matches!(bitmap, Bitmap::ClausesTrue | Bitmap::ClausesUnknown);
            let wanted = set && (keep_clauses || !of_clauses);
            if let Some(variable) = self.word(bitmap).filter(|_| wanted) {
                let pointer = emit.load(I64, emit.frame, bitmap.pointer());
                let word = emit.get(variable);
                emit.store(word, pointer, 0);
            }
        }
    }
}

fn mask(index: usize) -> i64 {
    1_i64.rotate_left(u32::try_from(index % 64).unwrap_or(0))
}

fn word_offset(index: usize) -> Result<i32, JitError> {
    super::displacement(index / 64 * 8)
}
