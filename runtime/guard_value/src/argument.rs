//! Events built in Rust. They are written as JSON and read like all others, so that there is one
//! meaning of what an event says.

use crate::{EventKind, limits};
use std::io::Write;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number. One that is not finite makes a fault when it is read.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Argument>),
    /// An object. A key that comes twice makes the event unreadable.
    Record(Vec<(String, Argument)>),
}

impl Argument {
    /// Appends it as JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_at_depth(out, 1);
    }

    // What is nested deeper than the reader goes is cut off where the reader refuses it anyway.
    fn write_at_depth(&self, out: &mut Vec<u8>, depth: usize) {
        let is_too_deep = depth > limits::DEPTH_MAX + 1;
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => write_display(out, value),
            Self::Int(value) => write_display(out, value),
            Self::Float(value) if value.is_finite() => write_debug(out, *value),
            // The reader reports a number that is not finite.
            Self::Float(_) => out.extend_from_slice(b"1e999"),
            Self::Text(text) => write_text(out, text),
            Self::List(_) | Self::Record(_) if is_too_deep => out.extend_from_slice(b"[]"),
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    separate(out, index);
                    item.write_at_depth(out, depth + 1);
                }
                out.push(b']');
            }
            Self::Record(fields) => {
                out.push(b'{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    separate(out, index);
                    write_text(out, name);
                    out.push(b':');
                    value.write_at_depth(out, depth + 1);
                }
                out.push(b'}');
            }
        }
    }
}

fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}

// Writing to a `Vec` cannot fail.
fn write_display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// The shortest spelling that reads back as the same float; with an exponent where that is shorter.
fn write_debug(out: &mut Vec<u8>, value: f64) {
    let _ = write!(out, "{value:?}");
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend_from_slice(&[b'\\', u8::try_from(c).unwrap_or(b'?')]),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// An event in the making.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDraft {
    fields: Vec<(&'static str, Argument)>,
}

impl EventDraft {
    /// Text to the agent. `source` is who it comes from: `user`, `system`, …
    pub fn input(source: &str, text: &str) -> Self {
        Self::new(EventKind::Input).with("source", text_of(source)).with("text", text_of(text))
    }

    /// A call of a tool.
    pub fn call(id: &str, tool: &str, arguments: Vec<(String, Argument)>) -> Self {
        Self::new(EventKind::Call)
            .with("id", text_of(id))
            .with("tool", text_of(tool))
            .with("args", Argument::Record(arguments))
    }

    /// A tool's result; `id` is that of its call.
    pub fn result(id: &str, tool: &str, text: &str, failed: bool) -> Self {
        Self::new(EventKind::Result)
            .with("id", text_of(id))
            .with("tool", text_of(tool))
            .with("text", text_of(text))
            .with("error", Argument::Bool(failed))
    }

    /// Text from the agent.
    pub fn output(text: &str) -> Self {
        Self::new(EventKind::Output).with("text", text_of(text))
    }

    /// When it happened, in milliseconds since 1970-01-01 UTC. Replaces an earlier time.
    #[must_use]
    pub fn at(self, milliseconds: i64) -> Self {
        self.with("at", Argument::Int(milliseconds))
    }

    /// How sure the agent is of a call, from 0 to 1. Replaces an earlier one.
    #[must_use]
    pub fn confidence(self, confidence: f64) -> Self {
        self.with("confidence", Argument::Float(confidence))
    }

    /// What a call costs. Replaces an earlier cost.
    #[must_use]
    pub fn cost(self, cost: f64) -> Self {
        self.with("cost", Argument::Float(cost))
    }

    /// Appends it as JSON, for [`crate::Reader::event`].
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (index, (name, value)) in self.fields.iter().enumerate() {
            separate(out, index);
            write_text(out, name);
            out.push(b':');
            value.write_at_depth(out, 2);
        }
        out.push(b'}');
    }

    fn new(kind: EventKind) -> Self {
        Self { fields: Vec::new() }.with("type", text_of(kind.word()))
    }

    fn with(mut self, name: &'static str, value: Argument) -> Self {
        self.fields.retain(|(field, _)| *field != name);
        self.fields.push((name, value));
        self
    }
}

fn text_of(text: &str) -> Argument {
    Argument::Text(text.to_owned())
}
