//! What a decision says to people and machines: one schema, keys always in the same order.

use crate::EventFault;
use guard_plan::{OnExpiry, Verdict};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A decision as JSON. Every key is always there.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct DecisionReport {
    /// The verdict.
    pub decision: Verdict,
    /// The rules that brought it, sorted by where they stand.
    pub reasons: Vec<ReasonReport>,
    /// What is wrong with the event.
    pub faults: Vec<EventFault>,
    /// For the agent or the user.
    pub respond: Option<String>,
    /// Parts of the event to be replaced, from the start to the end. They do not overlap.
    pub redactions: Vec<RedactionReport>,
    /// Who is to be asked, where the verdict is escalate.
    pub approval: Option<ApprovalReport>,
    /// Limits that counted the event, or refused it.
    pub limits: Vec<LimitReport>,
    /// What the host has to do besides.
    pub obligations: Vec<ObligationReport>,
    /// What rules on trial would have decided.
    pub shadow: Vec<ReasonReport>,
    /// What the decision is about.
    pub receipt: Receipt,
}

/// One rule that brought a verdict.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ReasonReport {
    /// The rule's first line without its condition.
    pub rule: String,
    /// The file, relative to the package; empty where no rule is the reason.
    pub module: String,
    /// Counted from 1; 0 where no rule is the reason.
    pub line: u32,
    /// The verdict the rule brings.
    pub effect: Verdict,
    /// For the log and the operator.
    pub because: Option<String>,
    /// What its condition consists of.
    pub clauses: Vec<ClauseReport>,
    /// Whether its condition was unknown rather than true.
    pub unknown: bool,
}

/// One indivisible condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ClauseReport {
    /// As written.
    pub text: String,
    /// `true`, `unknown` or `false`.
    pub truth: &'static str,
    /// What it read.
    pub values: Values,
}

/// Values by their names, in the order they were read. A JSON object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(pub(crate) Vec<(String, String)>);

/// A limit that counted an event.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct LimitReport {
    /// As written.
    pub limit: String,
    /// What is left of it for this key.
    pub remaining: f64,
    /// In how many milliseconds the oldest part of what is taken comes free.
    pub resets_in_ms: i64,
}

/// What the host has to do besides.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum ObligationReport {
    /// Attach a credential.
    Credential {
        /// Its name.
        name: String,
        /// For how many milliseconds it is needed.
        for_ms: Option<i64>,
    },
    /// Show the event to a person, some time.
    Review {
        /// The rule that samples.
        rule: String,
    },
}

/// A part of an event's text, or of a string of a call's arguments, that is replaced.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RedactionReport {
    /// Where the string stands in the arguments or in the text's JSON: a JSON pointer (RFC 6901). Empty for a
    /// text that is no JSON.
    pub at: String,
    /// Where it starts in that string, in bytes of UTF-8.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The name of the detector.
    pub kind: String,
    /// What stands there instead.
    pub replacement: String,
}

/// Who is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ApprovalReport {
    /// Who decides.
    pub role: String,
    /// How many of them must agree.
    pub quorum: u32,
    /// What the answer is given by, where the host asks people through the engine.
    pub ticket: Option<String>,
    /// How many milliseconds the question stands, where it ends.
    pub expires_ms: Option<i64>,
    /// What follows then.
    pub on_expiry: Option<OnExpiryWord>,
}

/// [`OnExpiry`] in JSON: `deny` or `allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnExpiryWord {
    /// The event is refused.
    Deny,
    /// The event passes.
    Allow,
}

/// What a decision is about: enough to find it again and to repeat it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// SHA-256 of the event's bytes, in hexadecimal.
    pub event: String,
    /// The plan's digest, in hexadecimal.
    pub policy: String,
    /// How many events of the session came before.
    pub sequence: u64,
}

impl Values {
    /// Names and values as shown: texts in quotes, `absent`, `malformed`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, shown)| (name.as_str(), shown.as_str()))
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, shown) in self.iter() {
            map.serialize_entry(name, shown)?;
        }
        map.end()
    }
}

impl From<OnExpiry> for OnExpiryWord {
    fn from(on_expiry: OnExpiry) -> Self {
        match on_expiry {
            OnExpiry::Deny => Self::Deny,
            OnExpiry::Allow => Self::Allow,
        }
    }
}
