//! Messages of chat APIs, OpenAI's and Anthropic's: as lists, as objects with `messages`, or one a
//! line.

use super::unit::Unit;
use super::wire::{Arguments, EventText};
use super::{Skipped, TraceHead, TraceSink, start_file_session};
use crate::exit::Answer;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Whose messages they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// Each message shows it.
    AsSeen,
    /// `tool_calls` beside the content, results as messages of their own.
    OpenAi,
    /// Calls and results as blocks of the content.
    Anthropic,
}

/// Reads conversations, or the messages of one.
#[derive(Debug)]
pub(super) struct ChatReader {
    dialect: Dialect,
    /// Whether a conversation has begun whose messages are lines of the file.
    started: bool,
    /// The tools of the calls made, by the calls' ids.
    tools: BTreeMap<String, String>,
    event: EventText,
    skipped: Skipped,
}

#[derive(Debug, Deserialize)]
struct Conversation<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
}

/// Whether an element of a list is a conversation.
#[derive(Debug, Deserialize)]
struct HasMessages {
    messages: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Message<'a> {
    role: String,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    function_call: Option<&'a RawValue>,
    tool_call_id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// A part of a content that is a list.
#[derive(Debug, Default, Deserialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    tool_use_id: Option<String>,
    is_error: Option<bool>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

impl Part<'_> {
    fn is_call(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.ends_with("tool_use"))
    }

    fn is_result(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.ends_with("tool_result"))
    }
}

impl ChatReader {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            started: false,
            tools: BTreeMap::new(),
            event: EventText::default(),
            skipped: Skipped::new(),
        }
    }

    pub(super) fn unit(&mut self, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        let elements = unit.elements("a chat message or a list of them")?;
        let conversations = elements.first().is_some_and(|first| has_messages(first.get()));
        let place = format!("{}:{}", unit.file, unit.line);
        if conversations {
            for (index, element) in elements.iter().enumerate() {
                let place = if unit.is_list() { format!("{place}#{index}") } else { place.clone() };
                self.conversation(element.get(), place, unit, sink)?;
            }
            Ok(())
        } else if unit.is_list() {
            self.whole_conversation(place, None, &elements, unit, sink)
        } else {
            start_file_session(&mut self.started, unit, sink)?;
            elements.iter().try_for_each(|message| self.message(message.get(), unit, sink))
        }
    }

    pub(super) fn finish(self, sink: &mut dyn TraceSink) -> Answer<Skipped> {
        if self.started {
            sink.end()?;
        }
        Ok(self.skipped)
    }

    fn conversation(
        &mut self,
        json: &str,
        place: String,
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let conversation: Conversation<'_> = serde_json::from_str(json)
            .map_err(|error| unit.part_is_not(&error, "a conversation"))?;
        let id = conversation.id.and_then(|id| string(id.get())).unwrap_or(place);
        self.whole_conversation(id, conversation.system, &conversation.messages, unit, sink)
    }

    fn whole_conversation(
        &mut self,
        id: String,
        system: Option<&RawValue>,
        messages: &[&RawValue],
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        self.tools.clear();
        sink.start(TraceHead { id, agent: None, judged: None })?;
        if let Some(system) = system {
            let text = self.plain_text(Some(system), unit)?;
            self.send_input("system", &text, sink)?;
        }
        messages.iter().try_for_each(|message| self.message(message.get(), unit, sink))?;
        sink.end()
    }

    fn message(&mut self, json: &str, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        let message: Message<'_> = serde_json::from_str(json)
            .map_err(|error| unit.part_is_not(&error, "a chat message"))?;
        let parts = parts(message.content, unit)?;
        let blocks = match self.dialect {
            Dialect::OpenAi => false,
            Dialect::Anthropic => true,
            Dialect::AsSeen => parts.iter().any(|part| part.is_call() || part.is_result()),
        };
        match message.role.as_str() {
            "user" | "system" | "developer" if blocks => {
                self.blocks(&message.role, &parts, false, unit, sink)
            }
            "user" | "system" | "developer" => {
                let text = self.plain_text(message.content, unit)?;
                self.send_input(&message.role, &text, sink)
            }
            "assistant" if blocks => {
                let goes_on = parts.iter().any(Part::is_call);
                self.blocks("assistant", &parts, goes_on, unit, sink)
            }
            "assistant" => self.assistant(&message, unit, sink),
            "tool" | "function" => self.tool_message(&message, unit, sink),
            other => Err(unit.failure(&format!("a chat message has the unknown role `{other}`"))),
        }
    }

    /// OpenAI: what it says, then its calls.
    fn assistant(
        &mut self,
        message: &Message<'_>,
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        let goes_on = !calls.is_empty() || message.function_call.is_some();
        let text = self.plain_text(message.content, unit)?;
        self.send_output(&text, goes_on, sink)?;
        for call in calls {
            let call: ToolCall<'_> = serde_json::from_str(call.get()).unwrap_or_default();
            let id = call.id.and_then(|id| string(id.get()));
            self.function_call(id, call.function, sink)?;
        }
        if message.function_call.is_some() {
            self.function_call(None, message.function_call, sink)?;
        }
        Ok(())
    }

    fn function_call(
        &mut self,
        id: Option<String>,
        function: Option<&RawValue>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let function: Function<'_> =
            function.and_then(|json| serde_json::from_str(json.get()).ok()).unwrap_or_default();
        let tool = function.name.and_then(|name| string(name.get()));
        let text = function.arguments.and_then(|arguments| string(arguments.get()));
        let arguments = match (&text, function.arguments) {
            (Some(text), _) => Arguments::from_text(text),
            (None, Some(json)) => Arguments::Json(json),
            (None, None) => Arguments::Missing,
        };
        self.send_call(id, tool, arguments, sink)
    }

    /// OpenAI: a result as a message.
    fn tool_message(
        &mut self,
        message: &Message<'_>,
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let text = self.plain_text(message.content, unit)?;
        let id = message.tool_call_id.as_deref();
        let tool = id.and_then(|id| self.tools.get(id)).or(message.name.as_ref());
        sink.event(self.event.result(id, tool.map(String::as_str), &text, false))
    }

    /// Anthropic: text, calls and results in the order of the blocks.
    fn blocks(
        &mut self,
        role: &str,
        parts: &[Part<'_>],
        goes_on: bool,
        unit: &Unit<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let mut said: Vec<&str> = Vec::new();
        for part in parts {
            if part.is_call() || part.is_result() {
                self.send_said(role, &mut said, goes_on, sink)?;
            }
            if part.is_call() {
                let id = part.id.and_then(|id| string(id.get()));
                let tool = part.name.and_then(|name| string(name.get()));
                let arguments = part.input.map_or(Arguments::Missing, Arguments::Json);
                self.send_call(id, tool, arguments, sink)?;
            } else if part.is_result() {
                let text = self.plain_text(part.content, unit)?;
                let id = part.tool_use_id.as_deref();
                let tool = id.and_then(|id| self.tools.get(id)).map(String::as_str);
                let failed = part.is_error.unwrap_or(false);
                sink.event(self.event.result(id, tool, &text, failed))?;
            } else if let Some(text) = &part.text {
                said.push(text);
            } else {
                self.skip(part);
            }
        }
        self.send_said(role, &mut said, goes_on, sink)
    }

    fn send_said(
        &mut self,
        role: &str,
        said: &mut Vec<&str>,
        goes_on: bool,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        let text = said.join("\n");
        said.clear();
        if role == "assistant" {
            self.send_output(&text, goes_on, sink)
        } else {
            self.send_input(role, &text, sink)
        }
    }

    fn send_input(&mut self, role: &str, text: &str, sink: &mut dyn TraceSink) -> Answer<()> {
        if text.is_empty() { Ok(()) } else { sink.event(self.event.input(role, text)) }
    }

    fn send_output(&mut self, text: &str, goes_on: bool, sink: &mut dyn TraceSink) -> Answer<()> {
        if text.is_empty() { Ok(()) } else { sink.event(self.event.output(text, goes_on)) }
    }

    fn send_call(
        &mut self,
        id: Option<String>,
        tool: Option<String>,
        arguments: Arguments<'_>,
        sink: &mut dyn TraceSink,
    ) -> Answer<()> {
        sink.event(self.event.call(id.as_deref(), tool.as_deref(), arguments))?;
        if let (Some(id), Some(tool)) = (id, tool) {
            self.tools.insert(id, tool);
        }
        Ok(())
    }

    /// The text of a content: itself, or that of its parts.
    fn plain_text(&mut self, content: Option<&RawValue>, unit: &Unit<'_>) -> Answer<String> {
        let mut texts = Vec::new();
        for part in parts(content, unit)? {
            if part.text.is_none() && part.refusal.is_none() {
                self.skip(&part);
            }
            texts.extend(part.text.or(part.refusal));
        }
        Ok(texts.join("\n"))
    }

    fn skip(&mut self, part: &Part<'_>) {
        let kind = part.kind.as_deref().unwrap_or("unknown");
        *self.skipped.entry(format!("`{kind}` parts")).or_default() += 1;
    }
}

/// The parts of a content; a text is one part. What cannot be read is an error: a text that the
/// guard does not see would pass it.
fn parts<'a>(content: Option<&'a RawValue>, unit: &Unit<'_>) -> Answer<Vec<Part<'a>>> {
    let Some(content) = content else { return Ok(Vec::new()) };
    let unreadable = |error| unit.part_is_not(&error, "the content of a chat message");
    if content.get().starts_with('"') {
        let text: String = serde_json::from_str(content.get()).map_err(unreadable)?;
        return Ok(vec![Part { text: Some(text), ..Part::default() }]);
    }
    serde_json::from_str(content.get()).map_err(unreadable)
}

fn has_messages(json: &str) -> bool {
    serde_json::from_str::<HasMessages>(json).is_ok_and(|found| found.messages.is_some())
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}
