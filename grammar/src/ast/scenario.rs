//! Tests and proofs that stand beside the rules.

use super::{Clause, DurationLiteral, Expr, Name, Path, StringLiteral, Target};
use crate::span::Span;

/// `test "…" for banking(user: {…}) { steps }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestDecl {
    /// What it states.
    pub title: StringLiteral,
    /// The agent it is about.
    pub agent: Path,
    /// Values of the agent's parameters.
    pub arguments: Vec<NamedValue>,
    /// Events in order.
    pub steps: Vec<Step>,
}

/// `name: value` inside a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedValue {
    /// The parameter's, argument's or field's name.
    pub name: Name,
    /// Its value.
    pub value: Literal,
}

/// A value written out in a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A string, number, boolean, duration, constant or arithmetic.
    Scalar(Expr),
    /// `[a, b]`.
    List(Vec<Literal>),
    /// `{ id: "u1", role: "owner" }`.
    Record(Vec<NamedValue>),
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub kind: StepKind,
    /// `=> deny "came from content"`.
    pub expect: Option<Expectation>,
    /// The whole step.
    pub span: Span,
}

/// The forms of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// `input "…"`.
    Input(StringLiteral),
    /// `call read_file(file_path: "bill.txt")`.
    Call(Path, Vec<NamedValue>),
    /// `result "…"`: of the last call.
    Result(StringLiteral),
    /// `output "…"`.
    Output(StringLiteral),
    /// `wait 1h`: virtual time.
    Wait(DurationLiteral),
    /// What did not parse; already reported.
    Error,
}

/// What a step's decision must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `allow`, `redact`, `escalate`, `deny`, `halt`.
    pub verdict: Name,
    /// Words that a reason must contain.
    pub reason: Option<StringLiteral>,
}

/// `prove "…" for banking { claims }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProveDecl {
    /// What it states.
    pub title: StringLiteral,
    /// The agent it is about.
    pub agent: Path,
    /// What must hold.
    pub claims: Vec<Claim>,
}

/// `never allow tool send_money when amount > LARGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `never` or `always`.
    pub mode: Name,
    /// `allow`, `escalate`, `deny`, …
    pub verdict: Name,
    /// Which events.
    pub target: Target,
    /// `when …`, `unless …`.
    pub clauses: Vec<Clause>,
    /// The whole claim.
    pub span: Span,
}
