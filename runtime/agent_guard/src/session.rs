//! One run of an agent.

use crate::{Decision, Event, OutputStream, RestoreError};
use std::fmt;

/// One run of an agent. Ask it about every event, in order; it keeps what the rules need to know
/// of the past. Send it to another thread, or share it behind a lock.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use agent_guard::{Engine, Event, Verdict};
/// let engine = Engine::new(&mail_policy())?;
/// let mut session = engine.session("mail", "session-1", br#"{"domain": "example.com"}"#)?;
/// assert_eq!(session.decide(&Event::input("user", "hello")).verdict(), Verdict::Allow);
/// assert_eq!(session.events(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session {
    inner: guard_engine::Session,
    /// The last event that was built here.
    event: Vec<u8>,
}

/// Why an event is decided as it is: every rule that concerns it with what its condition came to
/// and the values it read, and the conditions that alone would change the verdict.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use agent_guard::{Engine, Event};
/// let engine = Engine::new(&mail_policy())?;
/// let mut session = engine.session("mail", "session-1", br#"{"domain": "example.com"}"#)?;
/// let event = Event::tool_call("send_email").argument("to", vec!["eve@rival.com"]);
/// let explanation = session.explain(&event.to_bytes());
/// println!("{explanation}");
/// assert!(explanation.to_json().contains("flips"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Explanation {
    inner: guard_engine::Explanation,
}

impl Session {
    pub(crate) fn new(inner: guard_engine::Session) -> Self {
        Self { inner, event: Vec::new() }
    }

    /// The id given at its beginning.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().id(), "session-1");
    /// # }
    /// ```
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// How many events it has decided.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_session().events(), 0);
    /// # }
    /// ```
    pub fn events(&self) -> u64 {
        self.inner.events()
    }

    /// Whether a rule ended it; every further event is denied.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(!mail_session().is_halted());
    /// # }
    /// ```
    pub fn is_halted(&self) -> bool {
        self.inner.is_halted()
    }

    /// Decides an event.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::{Event, Verdict};
    /// let mut session = mail_session();
    /// let event = Event::tool_call("send_email").argument("to", vec!["bob@example.com"]);
    /// assert_eq!(session.decide(&event).verdict(), Verdict::Allow);
    /// # }
    /// ```
    pub fn decide<'a>(&'a mut self, event: &Event) -> Decision<'a> {
        self.event.clear();
        event.write(&mut self.event);
        Decision::new(self.inner.decide(&self.event))
    }

    /// Begins an output that streams: what it gives out has what is to be replaced replaced, and nothing of a
    /// match is given out however the text is cut. When it has ended, decide the whole as an output.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use agent_guard::{Event, Verdict};
    /// let mut session = mail_session();
    /// let mut stream = session.stream_output();
    /// let mut shown = stream.push("hello ")?;
    /// shown += &stream.push("there")?;
    /// let ended = stream.finish()?;
    /// let decision = session.decide(&Event::output(&ended.whole));
    /// assert_eq!(decision.verdict(), Verdict::Allow);
    /// assert_eq!(shown + &ended.rest, "hello there");
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream_output(&self) -> OutputStream {
        self.inner.stream_output()
    }

    /// Decides an event from its JSON. Reading it is one pass; it may have at most 16 MiB.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::Verdict;
    /// let mut session = mail_session();
    /// let event = br#"{"type": "output", "text": "hello"}"#;
    /// assert_eq!(session.decide_json(event).verdict(), Verdict::Allow);
    /// assert_eq!(session.decide_json(b"{").verdict(), Verdict::Deny);
    /// # }
    /// ```
    pub fn decide_json<'a>(&'a mut self, event: &'a [u8]) -> Decision<'a> {
        Decision::new(self.inner.decide(event))
    }

    /// Everything that its later decisions depend on, to go on with in another process: the same
    /// history gives the same bytes. The principal and the facts stay with the host.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut session = mail_session();
    /// session.decide_json(br#"{"type": "output", "text": "hello"}"#);
    /// let mut elsewhere = mail_session();
    /// elsewhere.restore(&session.to_bytes())?;
    /// assert_eq!(elsewhere.events(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        self.inner.to_bytes()
    }

    /// Goes on where [`Session::to_bytes`] left off. Bytes that were altered, or are those of another
    /// policy, agent, principal or id, are refused, and the session stays as it is.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(mail_session().restore(b"something else").is_err());
    /// # }
    /// ```
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        self.inner.restore(bytes)
    }

    /// Explains how an event would be decided now, and leaves the session as it is. Takes longer
    /// than a decision: the more, the more conditions there are.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// let mut session = mail_session();
    /// println!("{}", session.explain(br#"{"type": "output", "text": "hello"}"#));
    /// assert_eq!(session.events(), 0);
    /// # }
    /// ```
    pub fn explain(&mut self, event: &[u8]) -> Explanation {
        Explanation { inner: self.inner.explain(event) }
    }
}

impl Explanation {
    /// The explanation as JSON, on one line.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// let explanation = mail_session().explain(b"{");
    /// assert!(explanation.to_json().starts_with('{'));
    /// # }
    /// ```
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them: writing them cannot fail.
        serde_json::to_string(&self.inner).unwrap_or_default()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
