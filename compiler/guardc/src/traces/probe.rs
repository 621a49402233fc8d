//! Sees from the first value of a file what the file holds.

use super::chat::Dialect;
use super::unit::Unit;
use crate::args::InputFormat;
use crate::exit::{Answer, Failure};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// What a file holds. Where a value has the marks of several, it is the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// Guard traces.
    Traces,
    /// MCP messages of one session.
    Mcp,
    /// Guard events of one session.
    Events,
    /// Messages of a chat API.
    Chat(Dialect),
}

/// The keys that give a layout away. A key that stands twice is no obstacle: whether it may is for
/// the reader to say, or for the engine.
#[derive(Debug, Default)]
struct Keys<'a> {
    clues: Vec<Layout>,
    /// Where a message may be wrapped up.
    inner: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Keys<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for KeysVisitor<'a> {
            type Value = Keys<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys<'a>, A::Error> {
                let mut keys = Keys::default();
                while let Some(key) = map.next_key::<String>()? {
                    let value: &'a RawValue = map.next_value()?;
                    match key.as_str() {
                        "events" => keys.clues.push(Layout::Traces),
                        "jsonrpc" => keys.clues.push(Layout::Mcp),
                        "type" if is_event_type(value.get()) => keys.clues.push(Layout::Events),
                        "messages" | "role" => keys.clues.push(Layout::Chat(Dialect::AsSeen)),
                        "message" | "payload" => keys.inner = Some(value),
                        _ => {}
                    }
                }
                Ok(keys)
            }
        }

        deserializer.deserialize_map(KeysVisitor(PhantomData))
    }
}

/// What the file that begins with this value holds.
pub(super) fn layout(first: &Unit<'_>, format: Option<InputFormat>) -> Answer<Layout> {
    if let Some(format) = format {
        return Ok(match format {
            InputFormat::Trace => Layout::Traces,
            InputFormat::Events => Layout::Events,
            InputFormat::Openai => Layout::Chat(Dialect::OpenAi),
            InputFormat::Anthropic => Layout::Chat(Dialect::Anthropic),
            InputFormat::Mcp => Layout::Mcp,
        });
    }
    let elements = first.elements("a list of JSON objects")?;
    elements.first().and_then(|element| recognise(element.get())).ok_or_else(|| unknown(first))
}

fn unknown(first: &Unit<'_>) -> Failure {
    first
        .failure("this is neither a trace, an event, a chat message nor an MCP message")
        .with_help("name the form with `--input-format`")
}

fn recognise(value: &str) -> Option<Layout> {
    let keys: Keys<'_> = serde_json::from_str(value).ok()?;
    if let Some(layout) = keys.clues.iter().min() {
        return Some(*layout);
    }
    let inner: Keys<'_> = serde_json::from_str(keys.inner?.get()).ok()?;
    inner.clues.contains(&Layout::Mcp).then_some(Layout::Mcp)
}

fn is_event_type(json: &str) -> bool {
    matches!(json, r#""input""# | r#""tool_call""# | r#""tool_result""# | r#""output""#)
}
