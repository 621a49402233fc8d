//! A log of MCP JSON-RPC messages: calls and their results; everything else is passed over.

use super::unit::Unit;
use super::wire::{Arguments, EventText};
use super::{Skipped, TraceSink, start_file_session};
use crate::exit::Answer;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the messages of one session, in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct McpReader {
    started: bool,
    /// Calls without a result yet: their id and their tool.
    calls: BTreeMap<String, Option<String>>,
    /// Other requests without an answer yet. Client and server count apart, so an id can be in both.
    others: BTreeSet<String>,
    event: EventText,
    skipped: Skipped,
}

#[derive(Debug, Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    /// Where loggers put the message when they add a time or a direction.
    #[serde(borrow, rename = "message")]
    wrapped: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct CallParameters<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct CallResult<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow, rename = "structuredContent")]
    structured: Option<&'a RawValue>,
    #[serde(rename = "isError")]
    is_error: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Content {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    resource: Option<Resource>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RpcError {
    message: Option<String>,
}

impl McpReader {
    pub(super) fn unit(&mut self, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        start_file_session(&mut self.started, unit, sink)?;
        for value in unit.elements("an MCP message")? {
            self.message(value.get(), unit, sink)?;
        }
        Ok(())
    }

    pub(super) fn finish(self, sink: &mut dyn TraceSink) -> Answer<Skipped> {
        if self.started {
            sink.end()?;
        }
        Ok(self.skipped)
    }

    fn message(&mut self, json: &str, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        let mut message = parse(json, unit)?;
        if let (None, None, None, None, Some(inner)) = (
            &message.method,
            message.id,
            message.result,
            message.error,
            message.wrapped.or(message.payload),
        ) {
            message = parse(inner.get(), unit)?;
        }
        let id = message.id.map(|id| id_text(id.get()));
        match (message.method.as_deref(), message.result, message.error) {
            (Some("tools/call"), ..) => self.call(id, message.params, sink),
            (Some(method), ..) => {
                self.others.extend(id);
                self.skip(&format!("`{method}`"));
                Ok(())
            }
            (None, Some(result), _) => self.result(id, result, unit, sink),
            (None, None, Some(error)) => self.error(id, error, sink),
            (None, None, None) => {
                Err(unit.failure("not an MCP message: neither a request nor an answer"))
            }
        }
    }

    fn call(
        &mut self,
        id: Option<String>,
        parameters: Option<&RawValue>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let parameters: CallParameters<'_> =
            parameters.and_then(|p| serde_json::from_str(p.get()).ok()).unwrap_or_default();
        let tool: Option<String> =
            parameters.name.and_then(|name| serde_json::from_str(name.get()).ok());
        // MCP lets a call without arguments leave them out.
        let arguments = parameters.arguments.map_or(Arguments::Empty, Arguments::Json);
        sink.event(self.event.call(id.as_deref(), tool.as_deref(), arguments))?;
        if let Some(id) = id {
            self.calls.insert(id, tool);
        }
        Ok(())
    }

    fn result(
        &mut self,
        id: Option<String>,
        json: &RawValue,
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let result = serde_json::from_str::<CallResult<'_>>(json.get()).ok();
        let looks_like_a_call = result.as_ref().is_some_and(|result| {
            result.structured.is_some()
                || result.content.is_some_and(|content| content.get().starts_with('['))
        });
        let Some((id, tool)) = self.answered_call(id, looks_like_a_call) else { return Ok(()) };
        let result =
            result.ok_or_else(|| unit.failure("the result of a tool call cannot be read"))?;
        let mut text = self.content_text(result.content, unit)?;
        if text.is_empty() {
            text = result.structured.map_or(String::new(), |value| value.get().to_owned());
        }
        let failed = result.is_error.unwrap_or(false);
        sink.event(self.event.result(Some(&id), tool.as_deref(), &text, failed))
    }

    fn error(
        &mut self,
        id: Option<String>,
        json: &RawValue,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let Some((id, tool)) = self.answered_call(id, false) else { return Ok(()) };
        let error: Option<RpcError> = serde_json::from_str(json.get()).ok();
        let text = error.and_then(|error| error.message).unwrap_or_default();
        sink.event(self.event.result(Some(&id), tool.as_deref(), &text, true))
    }

    /// The call that an answer belongs to. Where another request has the same id, the answer's
    /// form decides.
    fn answered_call(
        &mut self,
        id: Option<String>,
        looks_like_a_call: bool,
    ) -> Option<(String, Option<String>)> {
        let id = id?;
        let shared = self.others.contains(&id);
        if !self.calls.contains_key(&id) || (shared && !looks_like_a_call) {
            if !self.others.remove(&id) {
                self.skip("answers to no request in the log");
            }
            return None;
        }
        self.calls.remove_entry(&id)
    }

    /// What cannot be read is an error: a text that the guard does not see would pass it.
    fn content_text(&mut self, content: Option<&RawValue>, unit: &Unit<'_>) -> Answer<String> {
        let parts: Vec<Content> = match content {
            Some(content) => serde_json::from_str(content.get())
                .map_err(|error| unit.part_is_not(&error, "the content of a tool's result"))?,
            None => Vec::new(),
        };
        let mut texts = Vec::new();
        for part in parts {
            match part.text.or(part.resource.and_then(|resource| resource.text)) {
                Some(text) => texts.push(text),
                None => self.skip(&format!("`{}` content", part.kind.unwrap_or_default())),
            }
        }
        Ok(texts.join("\n"))
    }

    fn skip(&mut self, what: &str) {
        *self.skipped.entry(what.to_owned()).or_default() += 1;
    }
}

fn parse<'a>(json: &'a str, unit: &Unit<'_>) -> Answer<Message<'a>> {
    serde_json::from_str(json).map_err(|error| unit.part_is_not(&error, "an MCP message"))
}

/// Ids are strings or numbers; ours are strings.
fn id_text(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}
