//! Reads YAML event by event, so that nothing is expanded and a limit stops it at once.

use crate::fields::{Collector, Fields};
use crate::limits::YAML_BYTES_MAX;
use saphyr_parser::{Event, Parser, StrInput};

/// `None` for what is no YAML, has anchors or aliases, a key that is no scalar, a document that is
/// a scalar alone, or passes a limit.
pub(crate) fn read(text: &str) -> Option<Fields> {
    if text.len() > YAML_BYTES_MAX {
        return None;
    }
    // The parser is meant not to panic. That a stranger's text found a way must not end a session.
    std::panic::catch_unwind(|| Reader::default().read(text)).ok().flatten()
}

/// A list, or a mapping and whether a key comes next.
enum Frame {
    List,
    Mapping { key_is_next: bool },
}

#[derive(Default)]
struct Reader {
    collector: Collector,
    frames: Vec<Frame>,
    has_tags: bool,
}

impl Reader {
    fn read(mut self, text: &str) -> Option<Fields> {
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            self.event(event.ok()?.0)?;
        }
        if !self.collector.is_structured() {
            return None;
        }
        let source = (self.has_tags || self.has_more(text)).then_some(text);
        self.collector.finish(source)
    }

    fn event(&mut self, event: Event<'_>) -> Option<()> {
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                self.scalar(text.into_owned())
            }
            Event::SequenceStart(anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                self.open(Frame::List)
            }
            Event::MappingStart(anchor, tag) => {
                self.check(anchor, tag.is_some())?;
                self.open(Frame::Mapping { key_is_next: true })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.frames.pop()?;
                self.collector.close();
                self.value_ended();
                Some(())
            }
            Event::Alias(_) => None,
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Some(()),
        }
    }

    fn check(&mut self, anchor: usize, has_tag: bool) -> Option<()> {
        self.has_tags |= has_tag;
        (anchor == 0).then_some(())
    }

    fn scalar(&mut self, text: String) -> Option<()> {
        match self.frames.last_mut()? {
            Frame::Mapping { key_is_next: key_is_next @ true } => {
                *key_is_next = false;
                self.collector.enter(&text)
            }
            _ => {
                self.collector.value(text)?;
                self.value_ended();
                Some(())
            }
        }
    }

    fn open(&mut self, frame: Frame) -> Option<()> {
        if let Some(Frame::Mapping { key_is_next: true }) = self.frames.last() {
            return None;
        }
        self.frames.push(frame);
        self.collector.open()
    }

    fn value_ended(&mut self) {
        if let Some(Frame::Mapping { key_is_next }) = self.frames.last_mut() {
            *key_is_next = true;
            self.collector.leave();
        }
    }

    /// Whether the text may have words that are in no field: comments or directives.
    fn has_more(&self, text: &str) -> bool {
        let marks = |text: &str| text.bytes().filter(|byte| *byte == b'#').count();
        let kept: usize = self.collector.texts().map(marks).sum();
        // An escape can add a mark to a field and so hide the one of a comment.
        let is_hidden = text.contains('#') && text.contains('\\');
        is_hidden || marks(text) != kept || text.lines().any(|line| line.starts_with('%'))
    }
}
