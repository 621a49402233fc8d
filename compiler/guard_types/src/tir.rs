//! Typed rules: every name resolved, every expression of a known type, functions and constants
//! inlined, conveniences reduced to few forms. What the checker promises and the lowering reads.
//!
//! Spans are relative to the start of the rule, so that a rule's typed form does not change when
//! text above it does. Inside an inlined function every span is that of the call.

use crate::asked::{Asked, Does};
use guard_grammar::span::Span;
use guard_plan::{Comparison, Effect, Meta, Operation, Part};
use std::sync::Arc;

/// One rule, or one line of a `scope`, ready to be lowered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CheckedRule {
    /// What it does.
    pub effect: Effect,
    /// What it does besides.
    pub does: Does,
    /// The events it concerns, sorted, without duplicates; never empty.
    pub events: Vec<EventRef>,
    /// When it fires; `None` means always. `unless c` has become `and not c`.
    pub condition: Option<Expr>,
    /// The rule's words up to its condition, one space between words: `prohibit tool send_money`;
    /// for a line of a scope `scope tool send_money`.
    pub title: String,
    /// The condition as written (`when …`, `unless …` without the word), one space between words.
    pub condition_text: Option<String>,
    /// For the log and the operator.
    pub because: Option<String>,
    /// For the agent or the user.
    pub respond: Option<String>,
    /// Where the rule or the line of the scope stands, relative to the rule.
    pub span: Span,
}

/// A kind of event a rule concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventRef {
    /// Text to the agent.
    Input,
    /// Text from the agent.
    Output,
    /// A call of the tool of this (full, exact) name.
    Call(String),
    /// A result of the tool of this name.
    Result(String),
}

/// A typed expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written, relative to the rule; what a clause built from it will show.
    pub span: Span,
}

/// The forms of a typed expression. Those of one group are of one type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExprKind {
    // -- conditions
    /// A fixed answer.
    Truth(bool),
    /// A boolean value.
    Flag(ValueRef),
    /// All hold.
    And(Vec<Expr>),
    /// Some hold.
    Or(Vec<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// There is a value.
    Present(ValueRef),
    /// Two conditions are the same.
    TruthEqual(Box<Expr>, Box<Expr>),
    /// Two whole numbers, durations or times.
    CompareInt(Comparison, Box<Expr>, Box<Expr>),
    /// Two finite numbers.
    CompareFloat(Comparison, Box<Expr>, Box<Expr>),
    /// Two texts (also of parsed kinds and string unions). `!=` has become `not ==`.
    TextEqual(Box<Expr>, Box<Expr>),
    /// A text is one of these; canonical for its kind, sorted by bytes, without duplicates.
    TextIn(Box<Expr>, Vec<String>),
    /// A text is in a `data` set of this name.
    TextInData(Box<Expr>, String),
    /// A text is an element of a list of texts.
    TextInList(Box<Expr>, ValueRef),
    /// The first text starts with the second.
    StartsWith(Box<Expr>, Box<Expr>),
    /// The first text ends with the second.
    EndsWith(Box<Expr>, Box<Expr>),
    /// The first text contains the second.
    Contains(Box<Expr>, Box<Expr>),
    /// A pattern matches: its source, and whether the whole text. `like` has become one of these
    /// where it is no simple prefix, suffix or equality.
    Match(Box<Expr>, String, bool),
    /// `all` (true) or `any` (false) over the elements of a list; the body reads the element as
    /// [`Root::Element`] 0. Lists written out in the policy have become `and` and `or`.
    Quantify(bool, ValueRef, Box<Expr>),

    // -- values
    /// A whole number; durations and times in milliseconds.
    Int(i64),
    /// A finite number, as its bits.
    Float(u64),
    /// A text, canonical for its kind.
    Text(String),
    /// A value of the event, the session or the host.
    Value(ValueRef),
    /// `x otherwise y`: the second where the first is absent. For lists of which one side is
    /// written out, and for conditions, the checker makes `Choose(Present(x), …)` instead.
    Otherwise(ValueRef, Box<Expr>),
    /// Arithmetic on whole numbers.
    ArithmeticInt(Operation, Box<Expr>, Box<Expr>),
    /// Arithmetic on finite numbers.
    ArithmeticFloat(Operation, Box<Expr>, Box<Expr>),
    /// How many elements a list has.
    RowCount(ValueRef),
    /// How many characters a text has.
    CharCount(Box<Expr>),

    // -- either
    /// `if c then a else b`.
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// A value that is read at run time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValueRef {
    /// Where reading starts.
    pub root: Root,
    /// The fields on the way, from the root.
    pub path: Vec<String>,
    /// A part of the parsed text that stands there.
    pub part: Option<Part>,
}

/// Where a value is read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Root {
    /// The arguments of the call; the path starts with the argument's name.
    Arguments,
    /// The value of a result.
    ResultValue,
    /// What the host says of the event; the path is empty.
    Meta(Meta),
    /// The agent's parameters; the path starts with the parameter's name.
    Principal,
    /// The host's facts; the path starts with the name of the `data` declaration.
    Data,
    /// The element of a quantifier, 0 being the innermost around the expression.
    Element(u32),
    /// The answer to a question about the session. The path is empty but for [`Asked::Last`].
    Asked(Arc<Asked>),
}
