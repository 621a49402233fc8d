//! From the bytes of an event to a decision by hand: a well-kept JSON crate, then the rules of
//! [`crate::hand`] with the DFA. The typed forms refuse duplicate and unknown keys, the trees do not.

use crate::call::{DENY, Tool};
use crate::hand::{Facts, decide, is_bad_command_dfa};
use serde::Deserialize;
use serde::de::IgnoredAny;
use simd_json::prelude::{ValueAsScalar, ValueIntoString};
use std::borrow::Cow;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event<'a> {
    r#type: &'a str,
    #[serde(borrow, rename = "id")]
    _id: Cow<'a, str>,
    #[serde(borrow)]
    tool: Cow<'a, str>,
    #[serde(borrow)]
    args: Arguments<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments<'a> {
    #[serde(borrow, default)]
    command: Option<Cow<'a, str>>,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(borrow, default)]
    currency: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    to: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    path: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    host: Option<Cow<'a, str>>,
    #[serde(default, rename = "payee")]
    _payee: Option<IgnoredAny>,
    #[serde(default, rename = "subject")]
    _subject: Option<IgnoredAny>,
    #[serde(default, rename = "append")]
    _append: Option<IgnoredAny>,
    #[serde(default, rename = "page")]
    _page: Option<IgnoredAny>,
    #[serde(rename = "note")]
    _note: IgnoredAny,
}

/// A call whose tool needs an argument that is not there is denied.
fn decide_event(event: &Event<'_>, role: &str) -> u64 {
    let arguments = &event.args;
    let tool = Tool::from_name(&event.tool);
    let complete = match tool {
        Tool::Shell => arguments.command.is_some(),
        Tool::Pay => arguments.amount.is_some() && arguments.currency.is_some(),
        Tool::SendEmail => arguments.to.is_some(),
        Tool::ReadFile | Tool::WriteFile => arguments.path.is_some(),
        Tool::HttpGet => arguments.host.is_some(),
        Tool::Search | Tool::BookMeeting | Tool::Other => true,
    };
    if event.r#type != "tool_call" || !complete {
        return DENY;
    }
    let to = arguments.to.as_deref().unwrap_or_default();
    let facts = Facts {
        tool,
        role,
        command: arguments.command.as_deref().unwrap_or_default(),
        amount: arguments.amount.unwrap_or_default(),
        currency: arguments.currency.as_deref().unwrap_or_default(),
        path: arguments.path.as_deref().unwrap_or_default(),
        host: arguments.host.as_deref().unwrap_or_default(),
        to: to.iter().map(|address| &**address),
        to_count: to.len(),
    };
    decide(facts, is_bad_command_dfa)
}

#[inline(never)]
pub fn serde_typed(bytes: &[u8], role: &str) -> u64 {
    serde_json::from_slice::<Event<'_>>(bytes).map_or(DENY, |event| decide_event(&event, role))
}

#[inline(never)]
pub fn sonic_typed(bytes: &[u8], role: &str) -> u64 {
    sonic_rs::from_slice::<Event<'_>>(bytes).map_or(DENY, |event| decide_event(&event, role))
}

#[inline(never)]
pub fn serde_value(bytes: &[u8], role: &str) -> u64 {
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(bytes) else { return DENY };
    let text = |key: &str| event["args"][key].as_str().unwrap_or_default();
    let to = event["args"]["to"].as_array().map(Vec::as_slice).unwrap_or_default();
    let facts = Facts {
        tool: Tool::from_name(event["tool"].as_str().unwrap_or_default()),
        role,
        command: text("command"),
        amount: event["args"]["amount"].as_i64().unwrap_or_default(),
        currency: text("currency"),
        path: text("path"),
        host: text("host"),
        to: to.iter().map(|address| address.as_str().unwrap_or_default()),
        to_count: to.len(),
    };
    decide(facts, is_bad_command_dfa)
}

/// simd-json parses in place, so the bytes are copied first; its buffers are kept.
#[derive(Default)]
pub struct Simd {
    bytes: Vec<u8>,
    buffers: simd_json::Buffers,
}

impl Simd {
    #[inline(never)]
    pub fn decide(&mut self, bytes: &[u8], role: &str) -> u64 {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        let Ok(tape) = simd_json::to_tape_with_buffers(&mut self.bytes, &mut self.buffers) else {
            return DENY;
        };
        let event = tape.as_value();
        let Some(arguments) = event.get("args") else { return DENY };
        let text = |key: &str| {
            arguments.get(key).and_then(|value| value.into_string()).unwrap_or_default()
        };
        let to: Vec<&str> = match arguments.get("to").as_ref().and_then(|value| value.as_array()) {
            Some(list) => {
                list.iter().map(|address| address.into_string().unwrap_or_default()).collect()
            }
            None => Vec::new(),
        };
        let facts = Facts {
            tool: Tool::from_name(
                event.get("tool").and_then(|tool| tool.into_string()).unwrap_or_default(),
            ),
            role,
            command: text("command"),
            amount: arguments.get("amount").and_then(|amount| amount.as_i64()).unwrap_or_default(),
            currency: text("currency"),
            path: text("path"),
            host: text("host"),
            to: to.iter().copied(),
            to_count: to.len(),
        };
        decide(facts, is_bad_command_dfa)
    }
}
