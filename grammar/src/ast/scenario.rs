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
    /// `input "…"`, `input "…" from "system"`.
    Input {
        /// A text, or the name of one.
        text: Expr,
        /// Who it is from; the user, unless it is said.
        source: Option<StringLiteral>,
    },
    /// `call read_file(file_path: "bill.txt")`.
    Call {
        /// The tool.
        tool: Path,
        /// Its arguments.
        arguments: Vec<NamedValue>,
        /// `with confidence: 0.4, cost: 2.0`: what the host says of the call.
        said: Vec<NamedValue>,
    },
    /// `result "…"`, `result { total: 2.0 }`, `fails "no such file"`: of the last call, or of the last
    /// call of the tool after `of`.
    Result {
        /// `of read_file`.
        of: Option<Path>,
        /// What the tool returned.
        value: Literal,
        /// Written as `fails`.
        failed: bool,
    },
    /// `output "…"`.
    Output(Expr),
    /// `wait 1h`: virtual time.
    Wait(DurationLiteral),
    /// `given payees: ["a"]`: facts that the host supplies.
    Given(Vec<NamedValue>),
    /// `approve by "ada"`, `reject`: a person answers what the last call was put to people for, and
    /// the call is made again.
    Answer {
        /// Written as `approve`.
        agrees: bool,
        /// Who answers.
        by: Option<StringLiteral>,
    },
    /// `after asked_to_pay`: the steps of this name.
    After(Name),
    /// `case amount: 10.0 => allow`: the steps are run with these values.
    Case(Vec<NamedValue>),
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
    /// What else must be true of it.
    pub clauses: Vec<ExpectClause>,
}

/// A part of what a decision must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectClause {
    /// What it says.
    pub kind: ExpectClauseKind,
    /// From its first word to its last token.
    pub span: Span,
}

/// The forms of a part of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectClauseKind {
    /// `because "…"`: the rule that says exactly this is a reason.
    Because(StringLiteral),
    /// `by "prohibit tool pay"`: the rule of this title is a reason.
    By(StringLiteral),
    /// `respond "…"`: the agent is told exactly this.
    Respond(StringLiteral),
    /// `to "account-owner"`: who is asked.
    To(StringLiteral),
    /// `with 2 left`: what remains of the limit of which least remains.
    Left(Expr, Name),
    /// `with "pay [card]"`: what is passed on once parts were replaced.
    With(StringLiteral),
}

/// `steps asked_to_pay for banking { … }`: steps that tests share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepsDecl {
    /// Its name.
    pub name: Name,
    /// The agent they are about.
    pub agent: Path,
    /// Events in order.
    pub steps: Vec<Step>,
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
