//! Questions to people: what exactly is asked, and who keeps the answers.
//!
//! INVARIANT: an approval is for one call, by the hash of its tool and arguments, under one policy, in
//! one session. It lets the call pass once, and not if something untrusted was read after it was given.

use guard_plan::OnExpiry;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fmt::Write as _;

/// A call that a person is asked about.
#[derive(Debug, Clone, Copy)]
pub struct AskedCall<'a> {
    /// SHA-256 of [`AskedCall::shown`].
    pub hash: [u8; 32],
    /// The call as it is shown: tool and arguments, keys sorted.
    pub shown: &'a str,
    /// The digest of the policy.
    pub policy: &'a str,
    /// Whose call.
    pub agent: &'a str,
    /// In which session.
    pub session: &'a str,
    /// How many events of the session came before.
    pub sequence: u64,
    /// The name of the tool.
    pub tool: &'a str,
    /// When the last untrusted text was read; an earlier answer counts no more.
    pub not_before_ms: Option<i64>,
    /// The time of the call.
    pub now_ms: i64,
}

/// Who is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedOf<'a> {
    /// Their role.
    pub role: &'a str,
    /// How many of them must agree.
    pub quorum: u32,
    /// How many milliseconds the question stands, and what follows then.
    pub expires: Option<(i64, OnExpiry)>,
}

/// A question that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// What people answer by.
    pub ticket: String,
    /// They have agreed, and the call waits for others.
    pub has_agreed: bool,
}

/// What people said of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answered {
    /// All of them agreed, and the agreement is used up.
    Granted,
    /// They refused.
    Rejected,
    /// Nobody answered in time, and the policy says what follows.
    Expired(OnExpiry),
    /// They have been asked, or would have to be asked again.
    Open,
}

/// Why nobody can be asked. The call is refused then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproverError(pub String);

impl fmt::Display for ApproverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "approvals do not answer: {}", self.0)
    }
}

impl std::error::Error for ApproverError {}

/// Keeps questions to people and their answers.
pub trait Approver: Send + Sync + fmt::Debug {
    /// Puts a question to a role, once however often it is put.
    fn ask(&self, call: &AskedCall<'_>, of: AskedOf<'_>) -> Result<Put, ApproverError>;

    /// Uses the answers of all these roles up, if all said yes; otherwise none. What another role said
    /// does not count. Two processes never use the same.
    fn redeem(&self, call: &AskedCall<'_>, roles: &[&str]) -> Result<Answered, ApproverError>;

    /// Whether the user said yes to the call; the answer is not used up.
    fn is_confirmed(&self, call: &AskedCall<'_>) -> Result<bool, ApproverError>;
}

/// Tool and arguments of a call, keys sorted, and nothing else of the event: the call's id and time
/// are not what a person agrees to. Nothing for what is no call.
pub fn shown_call(event_json: &[u8]) -> Option<String> {
    let event: Value = serde_json::from_slice(event_json).ok()?;
    let (tool, args) = (event.get("tool")?, event.get("args"));
    let mut shown = String::from("{\"tool\":");
    write_sorted(tool, &mut shown);
    shown.push_str(",\"args\":");
    write_sorted(args.unwrap_or(&Value::Null), &mut shown);
    shown.push('}');
    Some(shown)
}

/// The hash that an approval is bound to.
pub(crate) fn hash_of(shown: &str) -> [u8; 32] {
    Sha256::digest(shown.as_bytes()).into()
}

// The reader has refused events that nest deeper than this can follow.
fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                // Writing to a `String` cannot fail.
                let _ = write!(out, "{}:", Value::String(name.clone()));
                write_sorted(value, out);
            }
            out.push('}');
        }
        Value::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_sorted(value, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_the_call_and_neither_its_id_nor_the_order_of_its_keys() {
        let one =
            br#"{"type":"tool_call","id":"1","tool":"pay","args":{"b":[1,{"d":2,"c":3}],"a":"x"}}"#;
        let other = br#"{"args":{"a":"x","b":[1,{"c":3,"d":2}]},"at":5,"tool":"pay","id":"2"}"#;
        assert_eq!(shown_call(one), shown_call(other));
        assert_eq!(
            shown_call(one).unwrap(),
            r#"{"tool":"pay","args":{"a":"x","b":[1,{"c":3,"d":2}]}}"#
        );
        let changed = br#"{"tool":"pay","args":{"a":"y","b":[1,{"c":3,"d":2}]}}"#;
        assert_ne!(shown_call(one), shown_call(changed));
        assert_eq!(shown_call(b"{}"), None);
    }
}
