//! A plan: everything the runtime needs to decide the events of a package's agents.
//!
//! INVARIANT: a plan is a value. Two packages whose rules differ only in order, layout or comments
//! have plans of equal [`Plan::digest`](crate::Plan), which leaves out where things stand.

use crate::{
    Ask, Breaker, BreakerUse, Detector, Limit, LimitUse, Memory, Model, Node, NodeId, Provenance,
    RedactionUse, Service, Shape, ShapeId, SlotType, Update, Verdict,
};
use serde::{Deserialize, Serialize};

/// The version of the plan's form. A runtime refuses every other.
pub const PLAN_VERSION: u32 = 5;

/// A compiled package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`] of the compiler that wrote it.
    pub version: u32,
    /// The language's edition (`guard 1`).
    pub edition: u32,
    /// The package's name.
    pub package: String,
    /// Texts that nodes compare with.
    pub texts: Vec<String>,
    /// Sets of texts: each sorted by bytes, without duplicates.
    pub text_sets: Vec<Vec<TextId>>,
    /// Patterns over text.
    pub patterns: Vec<Pattern>,
    /// What is looked for in texts.
    pub detectors: Vec<Detector>,
    /// What gives texts a score.
    pub models: Vec<Model>,
    /// What is asked about texts outside of the process.
    pub services: Vec<Service>,
    /// Every shape; children before parents.
    pub shapes: Vec<Shape>,
    /// How events are laid out, one for each kind of event and tool that some rule concerns.
    pub layouts: Vec<Layout>,
    /// The facts that the host supplies; the root is a record of them all.
    pub data: Layout,
    /// Every declared tool, sorted by name.
    pub tools: Vec<Tool>,
    /// Every agent, sorted by name.
    pub agents: Vec<Agent>,
    /// Every rule of every agent.
    pub rules: Vec<Rule>,
    /// What clauses say, for explanations.
    pub clauses: Vec<ClauseText>,
}

/// Index into [`Plan::texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextId(pub u32);

/// Index into [`Plan::layouts`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct LayoutId(pub u32);

/// Index into [`Plan::tools`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ToolId(pub u32);

/// Index into [`Plan::agents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgentId(pub u32);

/// Index into [`Plan::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleId(pub u32);

/// Index into [`Plan::clauses`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClauseId(pub u32);

/// Index into [`Agent::entries`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryId(pub u32);

/// A regular expression over a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// Its source, in the syntax of the `regex` crate.
    pub source: String,
    /// Whether it must match the whole text (`matches`) or a part of it (`finds`).
    pub whole: bool,
}

/// How one record of slots is filled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layout {
    /// The shape of the JSON value it is read from: a call's arguments, a result's value, an
    /// agent's parameters. `None` where the event has none (input, output).
    pub root: Option<ShapeId>,
    /// The slots of the record itself.
    pub slots: Vec<Slot>,
    /// The rows of the lists below it: the slots of one element each.
    pub rows: Vec<Vec<Slot>>,
    /// Slots that the engine fills from what the host says of the event.
    pub meta: Vec<(Meta, u32)>,
    /// Slots for answers about the session: of which row (`None` is the record itself), and which
    /// slot. An entry's [`Ask`]s say what goes into them; the rest stay absent.
    pub answers: Vec<(Option<u32>, u32)>,
}

/// One slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// What the author calls it: `to.domain`, `user.role`, `text`. In a row, what follows the
    /// list: `to[]`, `to[].domain`.
    pub name: String,
    /// What it holds.
    pub ty: SlotType,
}

/// What the host says of an event besides its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Meta {
    /// `text` of an input, output or result.
    Text,
    /// `source` of an input: `"user"`, `"system"`, …
    Source,
    /// `failed` of a result.
    Failed,
    /// `call.id`.
    CallId,
    /// `call.tool`.
    CallTool,
    /// `call.confidence`, from 0 to 1; may be absent.
    CallConfidence,
    /// `call.cost`; may be absent.
    CallCost,
    /// `session.id`.
    SessionId,
    /// `session.age` in milliseconds.
    SessionAge,
    /// `session.events`: how many events came before this one.
    SessionEvents,
    /// `now`: milliseconds since 1970-01-01 UTC, as the event says; absent where it does not.
    Now,
}

impl Meta {
    /// What its slot holds.
    pub fn slot_type(self) -> SlotType {
        match self {
            Self::Failed => SlotType::Bool,
            Self::SessionAge | Self::SessionEvents | Self::Now => SlotType::Int,
            Self::CallConfidence | Self::CallCost => SlotType::Float,
            Self::Text | Self::Source | Self::CallId | Self::CallTool | Self::SessionId => {
                SlotType::Text
            }
        }
    }

    /// Its name in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Source => "source",
            Self::Failed => "failed",
            Self::CallId => "call.id",
            Self::CallTool => "call.tool",
            Self::CallConfidence => "call.confidence",
            Self::CallCost => "call.cost",
            Self::SessionId => "session.id",
            Self::SessionAge => "session.age",
            Self::SessionEvents => "session.events",
            Self::Now => "now",
        }
    }
}

/// A declared tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name, exactly as in events.
    pub name: String,
    /// How its calls are laid out.
    pub call: LayoutId,
    /// How its results are laid out.
    pub result: LayoutId,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its parameters; the root is a record of them all.
    pub parameters: Layout,
    /// What a session of it remembers.
    pub memories: Vec<Memory>,
    /// How often it may act.
    pub limits: Vec<Limit>,
    /// What stops it when too much goes wrong.
    pub breakers: Vec<Breaker>,
    /// Where its texts come from.
    pub provenance: Provenance,
    /// What is decided for each kind of event, sorted by target. A call of a declared tool that
    /// has no entry is denied; any other event without one passes.
    pub entries: Vec<Entry>,
}

/// Which events an entry decides.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum EventTarget {
    /// Text to the agent.
    #[default]
    Input,
    /// Text from the agent.
    Output,
    /// A call of this tool.
    Call(ToolId),
    /// A result of this tool.
    Result(ToolId),
}

/// The decision for one agent and one kind of event.
///
/// Evaluation, which interpreter and machine code must share to the last bit:
/// 1. clauses marked `eager` are evaluated in order;
/// 2. rules are evaluated in order; a clause that is not eager is evaluated when first asked for
///    and then remembered; `And` and `Or` stop as [`Node::And`] and [`Node::Or`] say;
/// 3. a rule with effect [`Effect::Allow`] fires when its condition is true, every other when it is
///    true or unknown; a rule without a condition always fires;
/// 4. the verdict is the most restrictive of the rules that fired, and of `Deny` where the target
///    is a call and no allow rule fired.
///
/// A clause's two bits are set when it was evaluated and came out true, or unknown.
///
/// Before step 1 the engine has put the answers to [`Entry::asks`] into the event's slots; after step
/// 4 it sees to limits, and notes what happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Which events.
    pub target: EventTarget,
    /// How they are laid out.
    pub layout: LayoutId,
    /// Operands before the nodes that use them.
    pub nodes: Vec<Node>,
    /// The indivisible conditions, each once however many rules share it.
    pub clauses: Vec<EntryClause>,
    /// The rules that concern these events; allow rules first.
    pub rules: Vec<EntryRule>,
    /// What is asked of the session before the rules run.
    pub asks: Vec<Ask>,
    /// What the session notes when the event happens.
    pub updates: Vec<Update>,
    /// The limits that the event counts against.
    pub limits: Vec<LimitUse>,
    /// The breakers that count the event.
    pub breakers: Vec<BreakerUse>,
    /// What is replaced in the event's texts.
    pub redactions: Vec<RedactionUse>,
}

/// One indivisible condition of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryClause {
    /// The condition; it contains no [`Node::Clause`].
    pub node: NodeId,
    /// Evaluated at the start, because it is cheap and several rules use it.
    pub eager: bool,
    /// What it says.
    pub text: ClauseId,
}

/// One rule of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryRule {
    /// Which rule.
    pub rule: RuleId,
    /// When it fires; `None` means always. Only [`Node::Clause`], [`Node::And`], [`Node::Or`],
    /// [`Node::Not`], [`Node::Choose`] and [`Node::Truth`] occur in it.
    pub condition: Option<NodeId>,
}

/// What a rule does when it fires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// Permits a call.
    Allow,
    /// Asks a person.
    Escalate {
        /// Who decides.
        role: String,
        /// How many of them must agree; at least 1.
        quorum: u32,
        /// How many milliseconds the question stands, and what follows then.
        expires: Option<(i64, OnExpiry)>,
    },
    /// Refuses.
    Deny,
    /// Refuses, and ends the session.
    Halt,
    /// Refuses, ends the session, and stops all sessions of the agent until the host lets it go on.
    HaltAgent,
    /// Decides nothing: [`Entry::updates`] say what the session notes.
    Note,
    /// Refuses where [`Entry::limits`] say that the limit is used up.
    Limit,
    /// Replaces what [`Entry::redactions`] find; where they find nothing it decides nothing.
    Redact,
    /// A sample of such events is to be looked at by a person.
    Review {
        /// How many of 10,000.
        share: u32,
    },
    /// The host is to attach a credential.
    Credential {
        /// Its name.
        name: String,
        /// For how many milliseconds it is needed.
        for_ms: Option<i64>,
    },
    /// What a rule would do; it is logged and not done.
    Shadow(Box<Effect>),
}

impl Effect {
    /// The verdict it brings. What decides nothing brings [`Verdict::Allow`] and permits nothing.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Allow
            | Self::Note
            | Self::Limit
            | Self::Redact
            | Self::Review { .. }
            | Self::Credential { .. }
            | Self::Shadow(_) => Verdict::Allow,
            Self::Escalate { .. } => Verdict::Escalate,
            Self::Deny => Verdict::Deny,
            Self::Halt | Self::HaltAgent => Verdict::Halt,
        }
    }

    /// Whether it is among the reasons of a decision when it fires.
    pub fn decides(&self) -> bool {
        *self == Self::Allow || self.verdict() != Verdict::Allow
    }
}

/// What follows when nobody answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OnExpiry {
    /// The event is refused.
    Deny,
    /// The event passes.
    Allow,
}

/// A rule as its author and readers know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it does.
    pub effect: Effect,
    /// The rule's first line without its condition, one space between words:
    /// `prohibit tool send_money`. Not unique.
    pub title: String,
    /// Its condition as written, one space between words.
    pub condition: Option<String>,
    /// For the log and the operator.
    pub because: Option<String>,
    /// For the agent or the user.
    pub respond: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Where something stands in the source. Not part of a plan's digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the package, with slashes.
    pub module: String,
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
}

/// What a clause says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClauseText {
    /// As written, one space between words.
    pub text: String,
    /// Where it stands first.
    pub place: Place,
}
