//! Declarations: what stands at the top level of a file.

use super::{
    DurationLiteral, Expr, Field, Name, Path, ProveDecl, Rule, StepsDecl, StringLiteral, TestDecl,
    TypeExpr,
};
use crate::span::Span;

/// One top-level declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The lines of `///` above it, joined by newlines, without the slashes.
    pub doc: Option<String>,
    /// What it declares.
    pub kind: ItemKind,
    /// From its first word to its last token; documentation not included.
    pub span: Span,
}

/// The kinds of declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// `use std.pii`.
    Use(Path),
    /// `const LARGE = 1_000.0`, `const LARGE: float = 1_000.0`.
    Const(ConstDecl),
    /// `data payees: set[string]`.
    Data(DataDecl),
    /// `type Order = { … }`.
    Type(TypeDecl),
    /// `tool send_money(…) -> R { labels }`.
    Tool(ToolDecl),
    /// `fn internal(a: email) -> bool = …`.
    Fn(FnDecl),
    /// `detector card = r"…" where luhn(it) near r"…"`.
    Detector(DetectorDecl),
    /// `trust user > directory > web`: from the most trusted to the least.
    Trust(Vec<Name>),
    /// `agent banking(user: {…}) { rules }`.
    Agent(AgentDecl),
    /// `policy NAME(params) { rules }`.
    Policy(PolicyDecl),
    /// `layer NAME over agents matching "support-*" { rules }`.
    Layer(LayerDecl),
    /// `test "…" for agent(…) { steps }`.
    Test(TestDecl),
    /// `steps asked_to_pay for banking { … }`.
    Steps(StepsDecl),
    /// `prove "…" for agent { claims }`.
    Prove(ProveDecl),
    /// What did not parse; already reported.
    Error,
}

/// A compile-time value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstDecl {
    /// Its name.
    pub name: Name,
    /// Its type where written; otherwise that of the value.
    pub ty: Option<TypeExpr>,
    /// Its value: literals, other constants, arithmetic.
    pub value: Expr,
}

/// A fact the host supplies and refreshes at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// A name for a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDecl {
    /// Its name.
    pub name: Name,
    /// What it stands for.
    pub ty: TypeExpr,
}

/// A tool the agent can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolDecl {
    /// Its name; dots make namespaces, quotes allow any characters.
    pub name: Path,
    /// Its arguments.
    pub arguments: Vec<Field>,
    /// `(…, ...)`: further arguments are let through unread instead of refused.
    pub open: bool,
    /// What it returns.
    pub result: Option<TypeExpr>,
    /// `{ writes mail, external }`.
    pub labels: Vec<Label>,
}

/// A property of a tool that rules can name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// What it says.
    pub kind: LabelKind,
    /// The label as written.
    pub span: Span,
}

/// The forms of a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// `reads accounts`.
    Reads(Name),
    /// `writes payments`.
    Writes(Name),
    /// `trust web`: the level of its results.
    Trust(Name),
    /// `external`, `untrusted`, `irreversible`, or a word of the author's own.
    Plain(Name),
}

/// A pure function, inlined where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FnDecl {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Field>,
    /// The type of its body.
    pub result: TypeExpr,
    /// Its body.
    pub body: Expr,
}

/// Finds spans in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectorDecl {
    /// Its name.
    pub name: Name,
    /// How it finds them.
    pub source: DetectorSource,
}

/// Where a detector's findings come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetectorSource {
    /// `r"…" where luhn(it) near r"…"`: any of the patterns (`|` between them), a check, context words.
    Patterns {
        /// At least one pattern.
        patterns: Vec<StringLiteral>,
        /// `where luhn(it)`.
        check: Option<Expr>,
        /// `near "card", "visa" within 60`.
        near: Option<NearWords>,
    },
    /// `service "http://…" timeout 200ms on error deny`.
    Service {
        /// Where it is asked.
        url: StringLiteral,
        /// `timeout 200ms`.
        timeout: Option<DurationLiteral>,
        /// `on error deny`: the word after `error`.
        on_error: Option<Name>,
    },
    /// `model "…"`.
    Model(StringLiteral),
}

/// `near "card", "visa" within 60`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearWords {
    /// At least one.
    pub words: Vec<StringLiteral>,
    /// How far from the match one of them may stand, in bytes.
    pub within: Option<i64>,
}

/// The rules of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentDecl {
    /// Its name.
    pub name: Name,
    /// Facts about the session that the host supplies once: `user: { id: string }`.
    pub parameters: Vec<Field>,
    /// Its rules, in the order written, which never matters.
    pub rules: Vec<Rule>,
}

/// A reusable set of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDecl {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Field>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// An organisation's boundary over agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerDecl {
    /// Its name.
    pub name: Name,
    /// `over agents matching "support-*"`; absent means all agents.
    pub matching: Option<StringLiteral>,
    /// Its rules.
    pub rules: Vec<Rule>,
}
