//! Recorded events in the forms in which agents record them, handed on one by one.
//!
//! A reader changes the form and nothing else: what a recorder wrote as arguments reaches the engine
//! byte for byte, so that a malformed call is refused there. A file that cannot be understood as a
//! whole is an error with its line.

mod chat;
pub(crate) mod lines;
mod mcp;
mod native;
mod probe;
mod unit;
mod wire;

use crate::args::InputFormat;
use crate::exit::{Answer, Failure};
use lines::Lines;
use probe::Layout;
use std::collections::BTreeMap;
use std::path::Path;
use unit::Unit;

/// What is known of a trace before its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TraceHead {
    /// Its own id, or its file and line.
    pub(crate) id: String,
    /// The agent it names.
    pub(crate) agent: Option<String>,
    /// What is to be expected of a guard, where the recorder says so.
    pub(crate) judged: Option<Judged>,
}

/// What a trace's recorder says a guard should do with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// Whether the trace holds an attack; otherwise it is benign.
    pub(crate) attack: bool,
    /// The harm is in what the agent says; there is no call to stop.
    pub(crate) output_only: bool,
    /// The user's task is done when only the malicious events are refused.
    pub(crate) user_task: bool,
    /// The events that do the harm.
    pub(crate) harmful: Vec<u64>,
    /// The events that exist only because of the attack.
    pub(crate) malicious: Vec<u64>,
}

/// Takes traces as they are read.
pub(crate) trait TraceSink {
    /// A trace begins.
    fn start(&mut self, head: TraceHead) -> Answer<()>;
    /// Its next event, in Guard's own form; possibly malformed.
    fn event(&mut self, event: &[u8]) -> Answer<()>;
    /// It ends.
    fn end(&mut self) -> Answer<()>;
}

/// What a reader passed over, by what it was, with how often: pictures, notifications.
pub(crate) type Skipped = BTreeMap<String, u64>;

/// Reads a file of traces. `seen` is told how many more bytes of the file have been read.
pub(crate) fn read_file(
    path: &Path,
    format: Option<InputFormat>,
    seen: impl FnMut(u64),
    sink: &mut dyn TraceSink,
) -> Answer<Skipped> {
    let name = file_name(path);
    let lines = lines::open(path, seen).map_err(|error| Failure::file(path, error))?;
    read_lines(&name, lines, format, sink)
}

/// Reads traces that are in memory, and hands over their events alone.
pub(crate) fn read_bytes(
    bytes: &[u8],
    format: Option<InputFormat>,
    event: impl FnMut(&[u8]),
) -> Answer<()> {
    let lines = Lines::new(bytes).map_err(|error| Failure::broke(error.to_string()))?;
    read_lines("bytes", lines, format, &mut Events(event)).map(drop)
}

/// Takes events and nothing else.
struct Events<F>(F);

impl<F: FnMut(&[u8])> TraceSink for Events<F> {
    fn start(&mut self, _: TraceHead) -> Answer<()> {
        Ok(())
    }

    fn event(&mut self, event: &[u8]) -> Answer<()> {
        (self.0)(event);
        Ok(())
    }

    fn end(&mut self) -> Answer<()> {
        Ok(())
    }
}

fn file_name(path: &Path) -> String {
    if path == Path::new("-") {
        return "stdin".to_owned();
    }
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn read_lines(
    name: &str,
    mut lines: Lines<'_>,
    format: Option<InputFormat>,
    sink: &mut dyn TraceSink,
) -> Answer<Skipped> {
    let unreadable = |lines: &Lines<'_>, error| {
        Failure::broke(format!("`{name}`, after line {}: {error}", lines.number))
    };
    let mut text = Vec::new();
    if !lines.next(&mut text).map_err(|error| unreadable(&lines, error))? {
        return Err(Failure::broke(format!("`{name}` holds no events")));
    }
    let first_line = lines.number;
    if unit::is_cut_short(&text) {
        lines.append_rest(&mut text).map_err(|error| unreadable(&lines, error))?;
    }
    let layout = probe::layout(&Unit { file: name, line: first_line, text: &text }, format)?;
    let mut reader = Reader::new(layout);
    let mut line = first_line;
    loop {
        reader.unit(&Unit { file: name, line, text: &text }, sink)?;
        if !lines.next(&mut text).map_err(|error| unreadable(&lines, error))? {
            return reader.finish(sink);
        }
        line = lines.number;
    }
}

/// A reader for each layout.
#[derive(Debug)]
enum Reader {
    Native(native::NativeReader),
    Chat(chat::ChatReader),
    Mcp(mcp::McpReader),
}

impl Reader {
    fn new(layout: Layout) -> Self {
        match layout {
            Layout::Traces => Self::Native(native::NativeReader::traces()),
            Layout::Events => Self::Native(native::NativeReader::events()),
            Layout::Chat(dialect) => Self::Chat(chat::ChatReader::new(dialect)),
            Layout::Mcp => Self::Mcp(mcp::McpReader::default()),
        }
    }

    /// Reads one line, or the one document of the file.
    fn unit(&mut self, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
        match self {
            Self::Native(reader) => reader.unit(unit, sink),
            Self::Chat(reader) => reader.unit(unit, sink),
            Self::Mcp(reader) => reader.unit(unit, sink),
        }
    }

    /// Ends the session of a file that is one session.
    fn finish(self, sink: &mut dyn TraceSink) -> Answer<Skipped> {
        match self {
            Self::Native(reader) => reader.finish(sink),
            Self::Chat(reader) => reader.finish(sink),
            Self::Mcp(reader) => reader.finish(sink),
        }
    }
}

/// Begins the session of a file that is one session, when its first event comes.
fn start_file_session(started: &mut bool, unit: &Unit<'_>, sink: &mut dyn TraceSink) -> Answer<()> {
    if std::mem::replace(started, true) {
        return Ok(());
    }
    sink.start(TraceHead { id: unit.file.to_owned(), agent: None, judged: None })
}

#[cfg(test)]
mod tests;
