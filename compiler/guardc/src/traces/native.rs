//! Guard's own form: traces, one a line, or the events of one session.

use super::unit::Unit;
use super::{Judged, Skipped, TraceHead, TraceSink, start_file_session};
use crate::exit::Answer;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Reads traces or events.
#[derive(Debug)]
pub(super) struct NativeReader {
    bare_events: bool,
    started: bool,
}

/// One line. The events stay as they were written.
#[derive(Debug, Deserialize)]
struct Trace<'a> {
    id: Option<String>,
    kind: Option<String>,
    agent: Option<String>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    attack: Option<Attack>,
    expect: Option<Expect>,
}

#[derive(Debug, Default, Deserialize)]
struct Attack {
    #[serde(default)]
    harmful_event_indexes: Vec<u64>,
    #[serde(default)]
    output_only: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Expect {
    #[serde(default)]
    user_task: bool,
    #[serde(default)]
    malicious_event_indexes: Vec<u64>,
}

impl NativeReader {
    /// Each value is a trace.
    pub(super) fn traces() -> Self {
        Self { bare_events: false, started: false }
    }

    /// Each value is an event of one session.
    pub(super) fn events() -> Self {
        Self { bare_events: true, started: false }
    }

    pub(super) fn unit(&mut self, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        if self.bare_events {
            start_file_session(&mut self.started, unit, sink)?;
            if unit.is_list() {
                let events = unit.elements("a list of events")?;
                events.into_iter().try_for_each(|event| sink.event(event.get().as_bytes()))
            } else {
                // The line is the event: what is wrong with it is for the engine to refuse.
                sink.event(unit.text)
            }
        } else if unit.is_list() {
            let traces: Vec<Trace<'_>> = unit.read("a list of traces")?;
            traces.into_iter().enumerate().try_for_each(|(index, trace)| {
                let name = format!("{}#{index}", unit.file);
                send(trace, name, sink)
            })
        } else {
            send(unit.read("a trace")?, format!("{}:{}", unit.file, unit.line), sink)
        }
    }

    pub(super) fn finish(self, sink: &mut dyn TraceSink) -> Answer<Skipped> {
        if self.started {
            sink.end()?;
        }
        Ok(Skipped::new())
    }
}

fn send(trace: Trace<'_>, name: String, sink: &mut dyn TraceSink) -> Answer<()> {
    let judged = judged(trace.kind.as_deref(), trace.attack, trace.expect);
    sink.start(TraceHead { id: trace.id.unwrap_or(name), agent: trace.agent, judged })?;
    trace.events.into_iter().try_for_each(|event| sink.event(event.get().as_bytes()))?;
    sink.end()
}

fn judged(kind: Option<&str>, attack: Option<Attack>, expect: Option<Expect>) -> Option<Judged> {
    let is_attack = match kind? {
        "attack" => true,
        "benign" => false,
        _ => return None,
    };
    let attack = attack.unwrap_or_default();
    let expect = expect.unwrap_or_default();
    Some(Judged {
        attack: is_attack,
        output_only: attack.output_only,
        user_task: expect.user_task,
        harmful: attack.harmful_event_indexes,
        malicious: expect.malicious_event_indexes,
    })
}
