//! Prints decisions as they are made.

use super::summary::Summary;
use crate::args::DecisionFormat;
use crate::engine::Decided;
use crate::exit::Answer;
use crate::report::{decision, shown_on_one_line};
use guard_plan::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{self, Write};

/// Where decisions go, and in which form.
pub(super) struct Printer<'a> {
    format: DecisionFormat,
    prints: bool,
    colour: bool,
    out: &'a mut dyn Write,
    /// How many decisions are written.
    written: u64,
    /// The states that traces ended in, for a document that lists them at its end.
    states: Vec<State>,
}

/// What a session remembered when its trace ended.
#[derive(Debug, Serialize)]
struct State {
    trace: String,
    state_hash: String,
}

/// What an event says of itself. Read apart from the engine, which tells only what it decided; a
/// malformed event has neither.
#[derive(Debug, Default, Deserialize)]
struct EventHead<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    tool: Option<&'a RawValue>,
}

impl<'a> EventHead<'a> {
    fn read(event: &'a [u8]) -> (Option<String>, Option<String>) {
        let head: Self = serde_json::from_slice(event).unwrap_or_default();
        let text = |value: Option<&RawValue>| serde_json::from_str(value?.get()).ok();
        (text(head.kind), text(head.tool))
    }
}

impl<'a> Printer<'a> {
    /// Prints nothing but what ends a document where `prints` is false.
    pub(super) fn new(
        format: DecisionFormat,
        prints: bool,
        colour: bool,
        out: &'a mut dyn Write,
    ) -> Self {
        Self { format, prints, colour, out, written: 0, states: Vec::new() }
    }

    /// Prints one decision; for people only what did not simply pass.
    pub(super) fn decision(
        &mut self,
        trace: &str,
        index: u64,
        event: &[u8],
        decided: &Decided<'_>,
    ) -> Answer<()> {
        if !self.prints {
            return Ok(());
        }
        match self.format {
            DecisionFormat::Pretty if decided.verdict() == Verdict::Allow => return Ok(()),
            DecisionFormat::Pretty => self.write_block(trace, index, event, decided)?,
            DecisionFormat::Json => {
                let before = if self.written == 0 { "{\"decisions\":[\n" } else { ",\n" };
                self.out.write_all(before.as_bytes())?;
                self.write_object(trace, index, event, decided)?;
            }
            DecisionFormat::Ndjson => {
                self.write_object(trace, index, event, decided)?;
                self.out.write_all(b"\n")?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Prints the state that a trace ended in.
    pub(super) fn state(&mut self, trace: &str, hash: &str) -> Answer<()> {
        let state = State { trace: trace.to_owned(), state_hash: hash.to_owned() };
        match self.format {
            DecisionFormat::Pretty => {
                writeln!(self.out, "state {hash}  ({})", shown_on_one_line(trace))?;
            }
            DecisionFormat::Json => self.states.push(state),
            DecisionFormat::Ndjson => {
                self.write_json(&state)?;
                self.out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Ends a JSON document.
    pub(super) fn finish(&mut self, summary: &Summary) -> Answer<()> {
        if self.format == DecisionFormat::Json && self.prints {
            let before = if self.written == 0 { "{\"decisions\":[" } else { "\n" };
            self.out.write_all(before.as_bytes())?;
            self.out.write_all(b"],\"summary\":")?;
            self.write_json(summary)?;
            if !self.states.is_empty() {
                self.out.write_all(b",\"states\":")?;
                serde_json::to_writer(&mut *self.out, &self.states).map_err(io::Error::from)?;
            }
            self.out.write_all(b"}\n")?;
        }
        Ok(())
    }

    /// `{"trace","event","type","tool"` and then what the decision says.
    fn write_object(
        &mut self,
        trace: &str,
        index: u64,
        event: &[u8],
        decided: &Decided<'_>,
    ) -> io::Result<()> {
        let (kind, tool) = EventHead::read(event);
        self.out.write_all(b"{\"trace\":")?;
        self.write_json(trace)?;
        write!(self.out, ",\"event\":{index},\"type\":")?;
        self.write_json(&kind)?;
        self.out.write_all(b",\"tool\":")?;
        self.write_json(&tool)?;
        let json = decided.json();
        let fields = json.strip_prefix('{').unwrap_or("}");
        if fields != "}" {
            self.out.write_all(b",")?;
        }
        self.out.write_all(fields.as_bytes())
    }

    fn write_block(
        &mut self,
        trace: &str,
        index: u64,
        event: &[u8],
        decided: &Decided<'_>,
    ) -> io::Result<()> {
        let (kind, tool) = EventHead::read(event);
        let kind = kind.unwrap_or_else(|| "malformed event".to_owned());
        let what = tool.map_or_else(|| kind.clone(), |tool| format!("{kind} `{tool}`"));
        let word = decision::coloured_word(decided.verdict(), self.colour);
        let what = shown_on_one_line(&what);
        writeln!(self.out, "{word} {what}  ({} event {index})", shown_on_one_line(trace))?;
        decision::write_details(&decided.json(), self.out)?;
        writeln!(self.out)
    }

    fn write_json<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, value).map_err(io::Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &[u8] = br#"{"type":"tool_call","id":"c","tool":"pay\u001b","args":{}}"#;

    fn printed(format: DecisionFormat, events: &[(&[u8], Verdict, &str)]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(format, true, false, &mut out);
        let mut summary = Summary { traces: 1, ..Summary::default() };
        for (index, (event, verdict, json)) in (0..).zip(events) {
            summary.count(*verdict);
            let decided = Decided::new(*verdict, || (*json).to_owned());
            printer.decision("t \"1\"", index, event, &decided).unwrap();
        }
        printer.finish(&summary).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_is_the_place_of_the_event_and_then_its_decision() {
        let events: [(&[u8], _, _); 3] = [
            (CALL, Verdict::Deny, r#"{"decision":"deny","reasons":[]}"#),
            (b"{\"type\":\"input\",\"tool\":5}", Verdict::Allow, "{}"),
            (b"{\"type\":", Verdict::Deny, r#"{"decision":"deny"}"#),
        ];
        assert_eq!(
            printed(DecisionFormat::Ndjson, &events),
            concat!(
                r#"{"trace":"t \"1\"","event":0,"type":"tool_call","tool":"pay\u001b","decision":"deny","reasons":[]}"#,
                "\n",
                r#"{"trace":"t \"1\"","event":1,"type":"input","tool":null}"#,
                "\n",
                r#"{"trace":"t \"1\"","event":2,"type":null,"tool":null,"decision":"deny"}"#,
                "\n",
            )
        );
    }

    #[test]
    fn json_is_one_document_however_many_decisions_there_are() {
        let event: (&[u8], _, _) = (CALL, Verdict::Deny, r#"{"decision":"deny"}"#);
        for events in [&[][..], &[event][..], &[event, event][..]] {
            let text = printed(DecisionFormat::Json, events);
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["decisions"].as_array().unwrap().len(), events.len());
            assert_eq!(document["summary"]["deny"], events.len());
        }
    }

    #[test]
    fn people_see_what_did_not_pass_and_nothing_that_steers_their_terminal() {
        let reasons = r#"{"decision":"deny","reasons":[{"rule":"prohibit tool pay","module":"a.guard","line":3,
            "because":"no \u202e","clauses":[{"text":"amount > 1","truth":"true","values":{"amount":2}}]}],"respond":"ask"}"#;
        let events: [(&[u8], _, _); 2] =
            [(b"{\"type\":\"input\"}", Verdict::Allow, "{}"), (CALL, Verdict::Deny, reasons)];
        assert_eq!(
            printed(DecisionFormat::Pretty, &events),
            "\
deny     tool_call `pay\\u{1b}`  (t \"1\" event 1)
  prohibit tool pay  [a.guard:3]
    because no \\u{202e}
    amount > 1: true
      amount = 2
  tells the agent: ask

"
        );
    }
}
