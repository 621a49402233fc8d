//! Writes the code of one part of an entry.
//!
//! Conditions become control flow to three places ([`Targets`]); a truth is kept in a variable only
//! where a later operand needs it. Slots are checked where they are read.

mod bits;
mod condition;
mod emit;
mod list;
mod rule;
mod text;
mod value;

use crate::JitError;
use crate::part::Part;
use crate::scope::{Rows, Unit};
use crate::shape::Shape;
use bits::Bits;
use cranelift_codegen::ir::{Block, Function, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use emit::Emit;
pub(crate) use emit::signature;
use guard_plan::{Node, NodeId};

/// What is lowered and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'p> {
    pub(crate) unit: Unit<'p>,
    pub(crate) shape: &'p Shape,
    /// Whether constants stand in the code rather than in the table.
    pub(crate) inline: bool,
    /// Whether clauses are recorded for explanations.
    pub(crate) keep_clauses: bool,
}

/// Where a condition goes. Every path of a condition ends in one of them.
#[derive(Debug, Clone, Copy)]
struct Targets {
    yes: Block,
    unknown: Block,
    no: Block,
}

impl Targets {
    fn opposite(self) -> Self {
        Self { yes: self.no, unknown: self.unknown, no: self.yes }
    }
}

struct Lowering<'f, 'p> {
    emit: Emit<'f>,
    task: Task<'p>,
    bits: Bits,
    /// The quantifiers around what is being lowered: their rows and where the current one is.
    rows: Vec<(Rows<'p>, Value)>,
    clauses: rule::Clauses,
}

/// Writes a function for a part.
pub(crate) fn lower(
    task: Task<'_>,
    part: &Part,
    isa: &dyn TargetIsa,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<(), JitError> {
    let mut emit = Emit::new(function, context, isa.default_call_conv());
    let bits = Bits::new(&mut emit, part.whole);
    let clauses = rule::Clauses::default();
    let mut lowering = Lowering { emit, task, bits, rows: Vec::new(), clauses };
    lowering.part(part)?;
    lowering.emit.finish(isa.frontend_config());
    Ok(())
}

impl<'p> Lowering<'_, 'p> {
    fn node(&self, node: NodeId) -> Result<&'p Node, JitError> {
        self.task.unit.node(node)
    }

    /// Where a node's constants stand in the table.
    fn constant(&self, node: NodeId) -> Result<usize, JitError> {
        let offset = crate::scope::item(&self.task.shape.offsets, node.0, "a node has no shape")?;
        usize::try_from(*offset).map_err(|_| JitError::TooLarge("a constant stands too far out"))
    }
}

/// An offset as an instruction takes it.
fn displacement(offset: usize) -> Result<i32, JitError> {
    i32::try_from(offset).map_err(|_| JitError::TooLarge("a slot or constant stands too far out"))
}
