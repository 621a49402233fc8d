//! What was decided, and why.

use std::fmt;

/// What is done with an event, from the least to the most restrictive.
///
/// ```
/// use agent_guard::Verdict;
/// assert!(Verdict::Deny > Verdict::Escalate);
/// assert_eq!(Verdict::Deny.to_string(), "deny");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It passes as it is.
    Allow,
    /// It passes with parts replaced.
    Redact,
    /// A person decides.
    Escalate,
    /// It does not pass.
    Deny,
    /// It does not pass, and nothing of this session will.
    Halt,
}

/// A decision on one event.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() {
/// use agent_guard::{Event, Verdict};
/// let mut session = mail_session();
/// let event = Event::tool_call("send_email").argument("to", vec!["eve@rival.com"]);
/// let decision = session.decide(&event);
/// match decision.verdict() {
///     Verdict::Allow | Verdict::Redact => println!("pass"),
///     Verdict::Escalate => println!("ask {}", decision.approval().unwrap().role()),
///     Verdict::Deny | Verdict::Halt => println!("{}", decision.respond().unwrap_or("refused")),
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Decision<'a> {
    inner: guard_engine::Decision<'a>,
}

/// A rule that brought a verdict.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() {
/// use agent_guard::{Event, Verdict};
/// let mut session = mail_session();
/// let event = Event::tool_call("send_email").argument("to", vec!["eve@rival.com"]);
/// let decision = session.decide(&event);
/// let reason = decision.reasons().next().unwrap();
/// assert_eq!(reason.rule(), "prohibit tool send_email");
/// assert_eq!((reason.module(), reason.line()), ("mail.guard", 3));
/// assert_eq!((reason.effect(), reason.is_unknown()), (Verdict::Deny, false));
/// assert_eq!(reason.because(), Some("rivals read along"));
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    inner: guard_engine::Reason<'a>,
}

/// Why an event is refused, apart from the rules: it is not what the policy says an event is.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() {
/// use agent_guard::Event;
/// let mut session = mail_session();
/// let decision = session.decide(&Event::tool_call("send_fax"));
/// let fault = decision.faults().next().unwrap();
/// assert_eq!(fault.kind(), "undeclared_tool");
/// assert_eq!(fault.message(), "tool `send_fax` is not declared");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Fault<'a> {
    inner: &'a guard_engine::EventFault,
}

/// Who is to be asked about an event.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() {
/// use agent_guard::{Event, Verdict};
/// let mut session = mail_session();
/// let event = Event::tool_call("send_email").argument("to", vec!["x@y.com"; 11]);
/// let decision = session.decide(&event);
/// assert_eq!(decision.verdict(), Verdict::Escalate);
/// let approval = decision.approval().unwrap();
/// assert_eq!(approval.role(), "owner");
/// assert_eq!(approval.expires_ms(), Some(60_000));
/// assert!(!approval.passes_on_expiry());
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval<'a> {
    inner: guard_engine::Approval<'a>,
}

impl<'a> Decision<'a> {
    pub(crate) fn new(inner: guard_engine::Decision<'a>) -> Self {
        Self { inner }
    }

    /// What to do with the event.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::{Event, Verdict};
    /// assert_eq!(mail_session().decide(&Event::output("Hi")).verdict(), Verdict::Allow);
    /// # }
    /// ```
    pub fn verdict(&self) -> Verdict {
        self.inner.verdict().into()
    }

    /// The rules that brought the verdict, sorted by where they stand: of an event that passes the
    /// rules that permit it, of any other all rules that fired against it. None where no scope
    /// permits a call.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::Event;
    /// let mut session = mail_session();
    /// let event = Event::tool_call("send_email").argument("to", vec!["bob@example.com"]);
    /// for reason in session.decide(&event).reasons() {
    ///     println!("{}:{} {}", reason.module(), reason.line(), reason.rule());
    /// }
    /// # }
    /// ```
    pub fn reasons(&self) -> impl Iterator<Item = Reason<'a>> + use<'a> {
        self.inner.reasons().map(|inner| Reason { inner })
    }

    /// What is wrong with the event. Any fault denies.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().decide_json(b"{").faults().count(), 1);
    /// # }
    /// ```
    pub fn faults(&self) -> impl Iterator<Item = Fault<'a>> + use<'a> {
        self.inner.faults().iter().map(|inner| Fault { inner })
    }

    /// What is to be passed on in place of the event's text, or of a call's arguments as JSON, where the
    /// verdict is redact, or escalate and parts are to be replaced once people agree.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// let output = br#"{"type": "output", "text": "hello"}"#;
    /// assert_eq!(mail_session().decide_json(output).redacted(), None);
    /// # }
    /// ```
    pub fn redacted(&self) -> Option<&'a str> {
        self.inner.redacted()
    }

    /// What to tell the agent or the user, where a rule says something.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().decide_json(b"{").respond(), None);
    /// # }
    /// ```
    pub fn respond(&self) -> Option<&'a str> {
        self.inner.respond()
    }

    /// Why, for the log and the operator, where a rule says something. Not for the agent.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().decide_json(b"{").because(), None);
    /// # }
    /// ```
    pub fn because(&self) -> Option<&'a str> {
        self.inner.because()
    }

    /// Who is to be asked, where the verdict is [`Verdict::Escalate`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().decide_json(b"{").approval(), None);
    /// # }
    /// ```
    pub fn approval(&self) -> Option<Approval<'a>> {
        self.inner.approval().map(|inner| Approval { inner })
    }

    /// The decision as JSON, on one line, always with the same keys in the same order. Its
    /// `receipt` has the event's SHA-256 and the policy's digest.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::Event;
    /// let json = mail_session().decide(&Event::output("Hi")).to_json();
    /// assert!(json.starts_with(r#"{"decision":"allow","reasons":[],"faults":[],"#));
    /// # }
    /// ```
    pub fn to_json(&self) -> String {
        self.inner.to_json()
    }
}

impl<'a> Reason<'a> {
    /// The rule's first line without its condition.
    pub fn rule(&self) -> &'a str {
        self.inner.title()
    }

    /// The file, relative to the package.
    pub fn module(&self) -> &'a str {
        self.inner.module()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.inner.line()
    }

    /// The verdict it brings.
    pub fn effect(&self) -> Verdict {
        self.inner.verdict().into()
    }

    /// For the log and the operator.
    pub fn because(&self) -> Option<&'a str> {
        self.inner.because()
    }

    /// Whether its condition was unknown rather than true: a value was missing, malformed or out of
    /// range.
    pub fn is_unknown(&self) -> bool {
        self.inner.is_unknown()
    }
}

impl<'a> Fault<'a> {
    /// A stable word: `undeclared_tool`, `wrong_type`, …
    pub fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    /// What is wrong. Quotes of the event are short and on one line.
    pub fn message(&self) -> &'a str {
        self.inner.message()
    }
}

impl<'a> Approval<'a> {
    /// Who decides.
    pub fn role(&self) -> &'a str {
        self.inner.role
    }

    /// How many milliseconds the question stands, where it ends.
    pub fn expires_ms(&self) -> Option<i64> {
        self.inner.expires.map(|(milliseconds, _)| milliseconds)
    }

    /// Whether the event passes when nobody answered in time; else it is refused.
    pub fn passes_on_expiry(&self) -> bool {
        matches!(self.inner.expires, Some((_, guard_plan::OnExpiry::Allow)))
    }
}

impl From<guard_plan::Verdict> for Verdict {
    fn from(verdict: guard_plan::Verdict) -> Self {
        match verdict {
            guard_plan::Verdict::Allow => Self::Allow,
            guard_plan::Verdict::Redact => Self::Redact,
            guard_plan::Verdict::Escalate => Self::Escalate,
            guard_plan::Verdict::Deny => Self::Deny,
            guard_plan::Verdict::Halt => Self::Halt,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Escalate => "escalate",
            Self::Deny => "deny",
            Self::Halt => "halt",
        })
    }
}
