//! Events built in Rust. They become JSON and are read like all others.

use guard_value::{Argument, EventKind};

/// A JSON value, made `from` a `bool`, a whole number, a float, a text, a list, or `()` for `null`.
///
/// ```
/// use agent_guard::Value;
/// let address = Value::record([("name", Value::from("Bob")), ("age", Value::from(7))]);
/// let addresses = Value::from(vec![address]);
/// # let _ = addresses;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Value(Argument);

impl Value {
    /// An object. A key that comes twice makes the event unreadable.
    ///
    /// ```
    /// let empty = agent_guard::Value::record::<String>([]);
    /// # let _ = empty;
    /// ```
    pub fn record<N: Into<String>>(fields: impl IntoIterator<Item = (N, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.0));
        Self(Argument::Record(fields.collect()))
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self(Argument::Null)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(Argument::Bool(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self(Argument::Int(value))
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self(Argument::Int(value.into()))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self(Argument::Int(value.into()))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self(Argument::Float(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self(Argument::Text(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self(Argument::Text(value))
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self(Argument::List(items.into_iter().map(|item| item.into().0).collect()))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Argument::Null), Into::into)
    }
}

/// What an agent is about to read, do or say.
///
/// ```
/// use agent_guard::Event;
/// let call = Event::tool_call("send_email")
///     .id("call-7")
///     .argument("to", vec!["bob@example.com"])
///     .argument("subject", "Hello")
///     .at(1_767_225_600_000);
/// assert!(call.to_bytes().starts_with(br#"{"type":"tool_call","tool":"send_email","#));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    kind: EventKind,
    /// All but the arguments.
    fields: Vec<(String, Argument)>,
    arguments: Vec<(String, Argument)>,
}

impl Event {
    /// Text to the agent. `source` is who it comes from: `user`, `system`, …
    ///
    /// ```
    /// let event = agent_guard::Event::input("user", "What is new?");
    /// # let _ = event;
    /// ```
    pub fn input(source: &str, text: &str) -> Self {
        Self::new(EventKind::Input)
            .with("source", Value::from(source).0)
            .with("text", Value::from(text).0)
    }

    /// Text from the agent.
    ///
    /// ```
    /// let event = agent_guard::Event::output("Nothing much.");
    /// # let _ = event;
    /// ```
    pub fn output(text: &str) -> Self {
        Self::new(EventKind::Output).with("text", Value::from(text).0)
    }

    /// A call of a tool, without arguments yet.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_call("read_inbox");
    /// # let _ = event;
    /// ```
    pub fn tool_call(tool: &str) -> Self {
        Self::new(EventKind::Call).with("tool", Value::from(tool).0)
    }

    /// What a tool returned. Where the policy declares what it is, it is read as JSON.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_result("read_inbox", r#"[{"sender": "a@b.com"}]"#);
    /// # let _ = event;
    /// ```
    pub fn tool_result(tool: &str, text: &str) -> Self {
        Self::new(EventKind::Result)
            .with("tool", Value::from(tool).0)
            .with("text", Value::from(text).0)
    }

    /// An argument of a call. One that comes twice makes the event unreadable.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_call("pay").argument("amount", 12.5);
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn argument(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.push((name.to_owned(), value.into().0));
        self
    }

    /// The call's id; that of its result is the same.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_call("pay").id("call-1");
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.with("id", Value::from(id).0)
    }

    /// That a result is a failure.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_result("pay", "no such account").failed();
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn failed(self) -> Self {
        self.with("error", Argument::Bool(true))
    }

    /// When it happened, in milliseconds since 1970-01-01 UTC.
    ///
    /// ```
    /// let event = agent_guard::Event::output("Good morning.").at(1_767_225_600_000);
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn at(self, milliseconds: i64) -> Self {
        self.with("at", Argument::Int(milliseconds))
    }

    /// How sure the agent is of a call, from 0 to 1.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_call("pay").confidence(0.9);
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn confidence(self, confidence: f64) -> Self {
        self.with("confidence", Argument::Float(confidence))
    }

    /// What a call costs.
    ///
    /// ```
    /// let event = agent_guard::Event::tool_call("search").cost(0.02);
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn cost(self, cost: f64) -> Self {
        self.with("cost", Argument::Float(cost))
    }

    /// The event as JSON.
    ///
    /// ```
    /// let event = agent_guard::Event::output("Hi");
    /// assert_eq!(event.to_bytes(), br#"{"type":"output","text":"Hi"}"#);
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let mut fields = self.fields.clone();
        if self.kind == EventKind::Call || !self.arguments.is_empty() {
            fields.push(("args".to_owned(), Argument::Record(self.arguments.clone())));
        }
        Argument::Record(fields).write_json(bytes);
    }

    fn new(kind: EventKind) -> Self {
        let event = Self { kind, fields: Vec::new(), arguments: Vec::new() };
        event.with("type", Value::from(kind.word()).0)
    }

    fn with(mut self, name: &str, value: Argument) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value));
        self
    }
}
