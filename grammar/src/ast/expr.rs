//! Expressions: what stands after `when`, `unless`, `=` and `per`.
//!
//! `and`, `or` and list literals are flat vectors, so that ten thousand operands do not make ten
//! thousand levels; every other nesting is bounded before parsing (see `limits`).

use super::{Name, StringLiteral, Target};
use crate::span::Span;

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The whole expression; parentheses included where written.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExprKind {
    /// `true`, `false`.
    Bool(bool),
    /// `250`, `1_000`; `None` where it overflows 64 bits.
    Int(Option<i64>),
    /// `250.0`: the digits as written without underscores, so that the tree keeps `Eq`.
    Float(String),
    /// `"text"`.
    String(String),
    /// `r"…"`.
    Regex(String),
    /// `15m`, in milliseconds; `None` where it overflows.
    Duration(Option<i64>),
    /// `["a", "b"]`.
    List(Vec<Expr>),
    /// A name in scope.
    Name(String),
    /// `x.domain`, `x."content-type"`.
    Field(Box<Expr>, Name),
    /// `x[0]`, `x["key"]`.
    Index(Box<Expr>, Box<Expr>),
    /// `f(a, per: b)`, `x.within("/w")`, and the questions about the past: `seen(T when …)`,
    /// `count(T, over: 10m)`, `last(T)`, `succeeded(T when …)`. Which it is, names decide later.
    Call(Box<Expr>, Vec<Argument>),
    /// `not x`.
    Not(Box<Expr>),
    /// `-x`.
    Negate(Box<Expr>),
    /// `a and b and c`.
    And(Vec<Expr>),
    /// `a or b or c`.
    Or(Vec<Expr>),
    /// `a < b`.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a + b`.
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// `a in b`; `true` for `not in`.
    In(Box<Expr>, Box<Expr>, bool),
    /// `a like "*.acme.com"`, `a starts with b`, …
    Text(TextOp, Box<Expr>, Box<Expr>),
    /// `all x in xs: body`, `any x in xs: body`.
    Quantifier(Quantifier, Name, Box<Expr>, Box<Expr>),
    /// `if c then a else b`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `has cc`, `has order.note`.
    Has(Box<Expr>),
    /// `cc otherwise []`.
    Otherwise(Box<Expr>, Box<Expr>),
    /// `x from user`, `x whole from result of T`; the bool says `whole`.
    From(Box<Expr>, bool, Origin),
    /// `seen(A) since B`.
    Since(Box<Expr>, Box<EventPattern>),
    /// `confirmed by user`.
    ConfirmedBy(Name),
    /// What did not parse; already reported.
    Error,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Argument {
    /// `per:` in `novel(x, per: k)`.
    pub name: Option<Name>,
    /// The value, or the event asked about.
    pub value: ArgumentValue,
    /// The whole argument.
    pub span: Span,
}

/// What an argument holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ArgumentValue {
    /// An ordinary expression. A bare tool name (`last(get_order)`) is one too.
    Value(Expr),
    /// `get_order when order_id == x`, `tool send_money when …`, `any tool`, `input`.
    Event(EventPattern),
}

/// A kind of event, and a condition on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventPattern {
    /// Which events. A bare name is `TargetKind::Tools` of one.
    pub target: Target,
    /// `when …`.
    pub condition: Option<Box<Expr>>,
    /// The whole pattern.
    pub span: Span,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// What it names.
    pub kind: OriginKind,
    /// From the first word after `from`.
    pub span: Span,
}

/// The forms of an origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// `user`, `untrusted`, `nowhere`, or a trust level by name.
    Named(Name),
    /// `result of T`.
    ResultOf(Target),
    /// `field "sender" of read_inbox`.
    FieldOf(StringLiteral, Target),
}

/// `==`, `!=`, `<`, `<=`, `>`, `>=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
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

/// `+`, `-`, `*`, `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// Questions about text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOp {
    /// `like "*.acme.com"`: `*` stands for any characters.
    Like,
    /// `starts with "x"`.
    StartsWith,
    /// `ends with "x"`.
    EndsWith,
    /// `contains "x"`.
    Contains,
    /// `matches r"…"`: the whole text.
    Matches,
    /// `finds r"…"`: a part of it.
    Finds,
}

/// `all` or `any`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// Every element; true of none.
    All,
    /// At least one element; false of none.
    Any,
}
