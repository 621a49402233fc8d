//! The nodes of a decision: conditions and the values they compare.
//!
//! Nodes live in an arena, one an entry; a node's operands have smaller indexes, so a condition
//! cannot contain itself, and a node that several rules share stands once. Every operation is
//! total: what has no answer (a missing value, an overflow, a division by zero) is unknown, and
//! unknown flows to the nearest condition.

use crate::TextId;
use serde::{Deserialize, Serialize};

/// Index into [`crate::Entry::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// Where a value is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Load {
    /// Which frame.
    pub region: Region,
    /// Which slot of it.
    pub slot: u32,
}

/// The frames a condition can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Region {
    /// The event: arguments, text, what the host says of the call. Laid out by the entry's layout.
    Event,
    /// The agent's parameters, fixed for a session. Laid out by [`crate::Agent::parameters`].
    Principal,
    /// Facts the host refreshes. Laid out by [`crate::Plan::data`].
    Data,
    /// The element a quantifier is at; 0 is the innermost quantifier around the node.
    Row(u32),
}

/// One operation. The type of its result is stated with each group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Node {
    // -- conditions: true, false or unknown ------------------------------------------------------
    /// A fixed answer.
    Truth(bool),
    /// A boolean slot.
    Flag(Load),
    /// The clause of this index in [`crate::Entry::clauses`]. Only in a rule's condition, above
    /// every other node; never inside a clause or a quantifier.
    Clause(u32),
    /// The smallest of its operands; evaluated in order until one is false.
    And(Vec<NodeId>),
    /// The largest of its operands; evaluated in order until one is true.
    Or(Vec<NodeId>),
    /// The opposite.
    Not(NodeId),
    /// Whether a slot holds a value. Malformed is unknown.
    Present(Load),
    /// Both conditions are the same; unknown if either is.
    TruthEqual(NodeId, NodeId),
    /// Two whole numbers.
    CompareInt(Comparison, NodeId, NodeId),
    /// Two finite numbers.
    CompareFloat(Comparison, NodeId, NodeId),
    /// Two texts, byte for byte.
    TextEqual(NodeId, NodeId),
    /// A text is one of a fixed set; the set is sorted by bytes and has no duplicates.
    TextIn(NodeId, TextSetId),
    /// A text is in a set of the data region (a slot of type [`crate::SlotType::TextSet`]).
    TextInData(NodeId, u32),
    /// A text is the first slot of some row of a list.
    TextInList(NodeId, Load),
    /// The first text starts with the second.
    StartsWith(NodeId, NodeId),
    /// The first text ends with the second.
    EndsWith(NodeId, NodeId),
    /// The first text contains the second.
    Contains(NodeId, NodeId),
    /// A pattern (index into [`crate::Plan::patterns`]) matches.
    Match(NodeId, u32),
    /// A condition holds of all rows of a list, or of any. Unknown elements follow Kleene's `and`
    /// and `or`; no rows: `all` is true, `any` is false.
    Quantify {
        /// `all` rather than `any`.
        all: bool,
        /// A slot of type [`crate::SlotType::List`].
        list: Load,
        /// The condition; it reads the row as [`Region::Row`] 0.
        body: NodeId,
    },

    // -- values: one type, or unknown ------------------------------------------------------------
    /// A whole number.
    Int(i64),
    /// A finite number, as its bits, so that plans can be compared and hashed.
    Float(u64),
    /// A text.
    Text(TextId),
    /// A slot of type int, float or text.
    Load(Load),
    /// `a` where it is known, else `b`; of one type. For `x otherwise y` the first is a load that
    /// may be absent: only *absent* takes the second, malformed stays unknown.
    Otherwise(Load, NodeId),
    /// `if condition then a else b`; unknown where the condition is. Conditions or values.
    Choose(NodeId, NodeId, NodeId),
    /// Whole numbers; overflow and division by zero are unknown, division rounds towards zero.
    ArithmeticInt(Operation, NodeId, NodeId),
    /// Finite numbers; a result that is not finite is unknown.
    ArithmeticFloat(Operation, NodeId, NodeId),
    /// The number of rows of a list.
    RowCount(Load),
    /// The number of Unicode scalar values of a text.
    CharCount(NodeId),
}

/// Index into [`crate::Plan::text_sets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextSetId(pub u32);

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is done with two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Node {
    /// Calls `visit` with each operand.
    pub fn for_each_operand(&self, mut visit: impl FnMut(NodeId)) {
        match self {
            Self::Truth(_)
            | Self::Flag(_)
            | Self::Clause(_)
            | Self::Present(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Load(_)
            | Self::RowCount(_) => {}
            Self::And(operands) | Self::Or(operands) => operands.iter().copied().for_each(visit),
            Self::Not(a)
            | Self::TextIn(a, _)
            | Self::TextInData(a, _)
            | Self::TextInList(a, _)
            | Self::Match(a, _)
            | Self::Quantify { body: a, .. }
            | Self::Otherwise(_, a)
            | Self::CharCount(a) => visit(*a),
            Self::TruthEqual(a, b)
            | Self::CompareInt(_, a, b)
            | Self::CompareFloat(_, a, b)
            | Self::TextEqual(a, b)
            | Self::StartsWith(a, b)
            | Self::EndsWith(a, b)
            | Self::Contains(a, b)
            | Self::ArithmeticInt(_, a, b)
            | Self::ArithmeticFloat(_, a, b) => {
                visit(*a);
                visit(*b);
            }
            Self::Choose(a, b, c) => {
                visit(*a);
                visit(*b);
                visit(*c);
            }
        }
    }
}
