//! Why an event is not in order, whatever its rules say.

use guard_value::{About, Fault, Faults};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write;

/// Why an event is refused, apart from the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventFault {
    kind: &'static str,
    message: Cow<'static, str>,
}

/// The longest name that a fault quotes, in bytes.
const QUOTE_BYTES_MAX: usize = 64;

impl EventFault {
    /// A stable word: those of [`guard_value::FaultKind`], `undeclared_tool`, `halted`,
    /// `stopped`, `state_store`, `approvals`, `audit`, `obligation`, `redaction`, `further_faults`, `too_much_work`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What is wrong: lower case, no full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn halted() -> Self {
        Self { kind: "halted", message: Cow::Borrowed("the session was halted") }
    }

    pub(crate) fn stopped(why: &str) -> Self {
        let message = format!("stopped: {}", quoted(why));
        Self { kind: "stopped", message: Cow::Owned(message) }
    }

    pub(crate) fn store(error: &guard_state::StoreError) -> Self {
        Self { kind: "state_store", message: Cow::Owned(error.to_string()) }
    }

    pub(crate) fn approver(error: &crate::ApproverError) -> Self {
        Self { kind: "approvals", message: Cow::Owned(error.to_string()) }
    }

    pub(crate) fn witness(error: &crate::WitnessError) -> Self {
        Self { kind: "audit", message: Cow::Owned(error.to_string()) }
    }

    pub(crate) fn answered(what: &'static str) -> Self {
        Self { kind: "approvals", message: Cow::Borrowed(what) }
    }

    pub(crate) fn duty(what: &str) -> Self {
        let message = format!("the rules ask for {what}, and the host does not carry it out");
        Self { kind: "obligation", message: Cow::Owned(message) }
    }

    pub(crate) fn redaction(error: guard_redact::RedactError) -> Self {
        Self { kind: "redaction", message: Cow::Owned(error.to_string()) }
    }

    pub(crate) fn too_much_work() -> Self {
        let message = "the event's lists are too long together for the rules that go over them";
        Self { kind: "too_much_work", message: Cow::Borrowed(message) }
    }

    pub(crate) fn undeclared_tool(tool: &str) -> Self {
        let message = format!("tool `{}` is not declared", quoted(tool));
        Self { kind: "undeclared_tool", message: Cow::Owned(message) }
    }

    pub(crate) fn unreadable(fault: &Fault) -> Self {
        Self { kind: fault.kind().word(), message: Cow::Owned(fault.to_string()) }
    }

    /// All that is wrong with an event that can be read.
    ///
    /// What a tool returned is text; that it is not what its declaration says leaves its slots
    /// malformed, so that rules about it are unknown, and is no fault of the event.
    pub(crate) fn of_values(faults: &Faults) -> impl Iterator<Item = Self> + '_ {
        let of_event = |fault: &&Fault| fault.about() != About::Value;
        let described = faults.described();
        // The reader comes to a result's value last: what is not described is of the same kind as
        // the last that is.
        let further = match described.last() {
            Some(last) if of_event(&last) => faults.count().saturating_sub(described.len()),
            _ => 0,
        };
        let further = (further > 0).then(|| Self {
            kind: "further_faults",
            message: Cow::Owned(format!("{further} further faults")),
        });
        described.iter().filter(of_event).map(Self::unreadable).chain(further)
    }
}

impl std::fmt::Display for EventFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// A text of the event on one line, short and with its control characters visible.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if quoted.len() >= QUOTE_BYTES_MAX {
            quoted.push('…');
            break;
        }
        if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' {
            quoted.push(c);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
        }
    }
    quoted
}
