//! Rules: what stands inside an agent, a policy or a layer.

use super::{Argument, DurationLiteral, Expr, Name, Path, StringLiteral};
use crate::span::Span;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The lines of `///` above it.
    pub doc: Option<String>,
    /// `shadow`, `rollout 10% by user.id`, in the order written.
    pub modifiers: Vec<Modifier>,
    /// What it does.
    pub kind: RuleKind,
    /// From its first modifier or word to its last token.
    pub span: Span,
}

/// A word in front of a rule that changes how it is enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modifier {
    /// Decided and logged, not enforced.
    Shadow(Span),
    /// Enforced for a stable share of the keys.
    Rollout {
        /// The share.
        share: Percent,
        /// What is hashed.
        key: Expr,
        /// From `rollout` to the key.
        span: Span,
    },
}

/// `20%`, `2.5%`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Percent {
    /// The digits as written, without the sign.
    pub digits: String,
    /// The literal.
    pub span: Span,
}

/// The kinds of rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleKind {
    /// `scope { tool … [when] ; reads … ; writes … }`.
    Scope(Vec<ScopeItem>),
    /// `prohibit TARGET clauses`.
    Prohibit(Target, Vec<Clause>),
    /// `escalate TARGET [to ROLE] clauses`.
    Escalate(Target, Vec<Clause>),
    /// `limit [sum of X on] TARGET to N …`.
    Limit(Box<LimitRule>),
    /// `redact DETECTOR, … in TARGET clauses`.
    Redact(Vec<Path>, Target, Vec<Clause>),
    /// `require TARGET that CONDITION clauses`.
    Require(Target, Expr, Vec<Clause>),
    /// `breaker NAME on TARGET opens when … closes after …`.
    Breaker(Box<BreakerRule>),
    /// `halt session|agent [on TARGET] clauses`.
    Halt(Name, Option<Target>, Vec<Clause>),
    /// `review 2% of TARGET clauses`.
    Review(Percent, Target, Vec<Clause>),
    /// `use credential "crm-read" [for 5m] on TARGET clauses`.
    Credential(StringLiteral, Option<DurationLiteral>, Target, Vec<Clause>),
    /// `mark NAME on TARGET clauses`.
    Mark(Name, Target, Vec<Clause>),
    /// `clear NAME on TARGET clauses`.
    Clear(Name, Target, Vec<Clause>),
    /// `subject VALUE on TARGET clauses`.
    Subject(Expr, Target, Vec<Clause>),
    /// `include NAME(arguments)`.
    Include(Path, Vec<Argument>),
    /// What did not parse; already reported.
    Error,
}

/// One line of a `scope`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeItem {
    /// What it permits or states.
    pub kind: ScopeItemKind,
    /// The whole line.
    pub span: Span,
}

/// The forms of a scope's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeItemKind {
    /// `tool a, b when …`: permitted when the condition is true.
    Permit(Target, Vec<Clause>),
    /// `reads accounts, transactions`: what permitted tools may read at most.
    Reads(Vec<Name>),
    /// `writes payments`: what permitted tools may write at most.
    Writes(Vec<Name>),
    /// What did not parse; already reported.
    Error,
}

/// Which events a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// What it names.
    pub kind: TargetKind,
    /// The whole target.
    pub span: Span,
}

/// The forms of a target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// `input`.
    Input,
    /// `output`.
    Output,
    /// `tool a, ns.*, "x-y"`.
    Tools(Vec<ToolPattern>),
    /// `any tool`.
    AnyTool,
    /// `tool labelled external, writes mail`: tools with every one of these labels.
    Labelled(Vec<super::Label>),
    /// `result of a, b`, `result of any tool`, `result of tool labelled untrusted`.
    ResultOf(Box<Target>),
}

/// One tool, or all tools of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ToolPattern {
    /// The words before `.*`, or the whole name.
    pub path: Path,
    /// Whether `.*` follows.
    pub wildcard: bool,
    /// The whole pattern.
    pub span: Span,
}

/// What follows a rule's target, in any order. Repetition is checked after parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// From its first word to its last token.
    pub span: Span,
}

/// The forms of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClauseKind {
    /// `when CONDITION`.
    When(Expr),
    /// `unless CONDITION`.
    Unless(Expr),
    /// `because "…"`: for the log and the operator.
    Because(StringLiteral),
    /// `respond "…"`: what the agent or user is told.
    Respond(StringLiteral),
    /// `to "account-owner"`, `to 2 of "finance"`: who decides, and how many of them.
    To {
        /// How many must agree; absent means one.
        quorum: Option<i64>,
        /// Their role.
        role: StringLiteral,
    },
    /// `expires 15m then deny`.
    Expires {
        /// After how long.
        after: DurationLiteral,
        /// `deny` or `allow`.
        then: Name,
    },
    /// `with "[{kind}]"`.
    With(StringLiteral),
}

/// `limit [sum of X on] TARGET to N per D [per KEY] [burst B]`, or `… to N at once`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRule {
    /// `sum of X on`: what is added up; absent counts events.
    pub sum_of: Option<Expr>,
    /// Which events.
    pub target: Target,
    /// N.
    pub amount: Expr,
    /// `per 1h`; absent when `at once`.
    pub window: Option<DurationLiteral>,
    /// `per user.id`, each after its own `per`.
    pub keys: Vec<Expr>,
    /// `burst 5`.
    pub burst: Option<Expr>,
    /// `at once`: concurrent calls.
    pub at_once: bool,
    /// What follows.
    pub clauses: Vec<Clause>,
}

/// `breaker NAME on TARGET opens when failures > 20% of at least 20 over 5m closes after 10m then escalate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerRule {
    /// Its name.
    pub name: Name,
    /// Which events it watches.
    pub target: Target,
    /// `failures` or `denials`.
    pub counts: Name,
    /// `> 20%`.
    pub share: Percent,
    /// `of at least 20`.
    pub at_least: i64,
    /// `over 5m`.
    pub over: DurationLiteral,
    /// `closes after 10m`.
    pub closes_after: DurationLiteral,
    /// `then escalate`.
    pub then: Option<Name>,
    /// `to "role"`, `because`, `respond`.
    pub clauses: Vec<Clause>,
}
