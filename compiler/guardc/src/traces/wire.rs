//! Writes events in Guard's own form from the parts that other forms have.
//!
//! INVARIANT: a part goes in either as a JSON value that was read as one, or as a string that is
//! escaped here; no text that others wrote can add a field to an event.

use serde_json::value::RawValue;

/// The arguments of a call as they were recorded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arguments<'a> {
    /// None were recorded.
    Missing,
    /// A call without arguments.
    Empty,
    /// A JSON value.
    Json(&'a RawValue),
    /// Text that should have been a JSON value.
    Malformed(&'a str),
}

impl<'a> Arguments<'a> {
    /// Arguments that were recorded as text. Models write nothing at all for a call without
    /// arguments, and those who carry it out take that for `{}`.
    pub(super) fn from_text(text: &'a str) -> Self {
        if text.trim().is_empty() {
            return Self::Empty;
        }
        serde_json::from_str(text).map_or(Self::Malformed(text), Self::Json)
    }
}

/// One event in the making; its buffer is used again for the next.
#[derive(Debug, Default)]
pub(super) struct EventText {
    bytes: Vec<u8>,
}

impl EventText {
    /// `{"type":"input","role":…,"text":…}`
    pub(super) fn input(&mut self, role: &str, text: &str) -> &[u8] {
        self.begin("input").text("role", role).text("text", text).end()
    }

    /// `{"type":"output","text":…}`, with `"final":false` where the agent goes on.
    pub(super) fn output(&mut self, text: &str, goes_on: bool) -> &[u8] {
        self.begin("output").text("text", text);
        if goes_on {
            self.raw("final", "false");
        }
        self.end()
    }

    /// `{"type":"tool_call","id":…,"tool":…,"args":…}`
    pub(super) fn call(
        &mut self,
        id: Option<&str>,
        tool: Option<&str>,
        arguments: Arguments<'_>,
    ) -> &[u8] {
        self.begin("tool_call").optional("id", id).optional("tool", tool);
        match arguments {
            Arguments::Missing => {}
            Arguments::Empty => self.raw("args", "{}"),
            Arguments::Json(value) => self.raw("args", value.get()),
            Arguments::Malformed(text) => {
                self.text("args", text);
            }
        }
        self.end()
    }

    /// `{"type":"tool_result","id":…,"tool":…,"text":…}`, with `"error":true` where it failed.
    pub(super) fn result(
        &mut self,
        id: Option<&str>,
        tool: Option<&str>,
        text: &str,
        failed: bool,
    ) -> &[u8] {
        self.begin("tool_result").optional("id", id).optional("tool", tool).text("text", text);
        if failed {
            self.raw("error", "true");
        }
        self.end()
    }

    fn begin(&mut self, kind: &str) -> &mut Self {
        self.bytes.clear();
        self.bytes.extend_from_slice(b"{\"type\":");
        self.string(kind);
        self
    }

    fn end(&mut self) -> &[u8] {
        self.bytes.push(b'}');
        &self.bytes
    }

    fn optional(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.string(value);
        self
    }

    fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.bytes.extend_from_slice(json.as_bytes());
    }

    fn key(&mut self, key: &str) {
        self.bytes.push(b',');
        self.string(key);
        self.bytes.push(b':');
    }

    fn string(&mut self, text: &str) {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }
}
