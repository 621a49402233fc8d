//! The pass over an event's bytes. The layout is asked for as soon as the type and the tool's name
//! are known, so that arguments are read where they stand; where they come first they are checked,
//! and read again at the end.

use crate::fault::{About, Fault, FaultKind, Faults, Subject};
use crate::keys::duplicate;
use crate::number::{self, Whole};
use crate::scan::{Scanner, Span, Stopped, unescape};
use crate::token::{KEYS, Key, Token};
use crate::walk::{Scratch, Walk};
use crate::{EventKind, Layouts, Record};
use guard_plan::Layout;
use std::ops::Range;

pub(crate) const EVENT: Subject<'static> = Subject { about: About::Event, owner: "" };

/// Where the arguments are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arguments {
    Absent,
    /// They start here and are JSON; how they are laid out was not known yet.
    Checked(usize),
    Read,
}

/// Where a text of the event stands.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In its bytes.
    Raw(Span),
    /// Among the texts without escapes.
    Unescaped(Range<usize>),
}

/// What [`Layouts::find`] was asked and answered.
#[derive(Debug)]
pub(crate) struct Found<'l, T> {
    pub(crate) tool: Option<Place>,
    pub(crate) layout: Option<(T, &'l Layout)>,
}

/// One event being read.
#[derive(Debug)]
pub(crate) struct Pass<'p, 'l, 'a, L: Layouts> {
    text: &'a str,
    json: Scanner<'a>,
    layouts: &'l L,
    pub(crate) record: &'p mut Record,
    scratch: &'p mut Scratch,
    pub(crate) faults: &'p mut Faults,
    unescaped: &'p mut Vec<u8>,
    tokens: [Token; KEYS],
    seen: u16,
    arguments: Arguments,
    found: Option<Found<'l, L::Target>>,
}

impl<'p, 'l, 'a, L: Layouts> Pass<'p, 'l, 'a, L> {
    pub(crate) fn new(
        text: &'a str,
        layouts: &'l L,
        record: &'p mut Record,
        scratch: &'p mut Scratch,
        faults: &'p mut Faults,
        unescaped: &'p mut Vec<u8>,
    ) -> Self {
        Self {
            text,
            json: Scanner::new(text),
            layouts,
            record,
            scratch,
            faults,
            unescaped,
            tokens: [Token::Absent; KEYS],
            seen: 0,
            arguments: Arguments::Absent,
            found: None,
        }
    }

    /// Reads the whole event. What it says of itself is left in tokens.
    pub(crate) fn run(&mut self) -> Result<(EventKind, Found<'l, L::Target>), Fault> {
        self.once().map_err(|Stopped| self.json.fault(EVENT))?;
        let kind = self.kind()?;
        if self.found.is_none() {
            self.find(kind)?;
        }
        if kind == EventKind::Call {
            self.late_arguments().map_err(|Stopped| self.json.fault(EVENT))?;
        }
        let found = self.found.take().unwrap_or(Found { tool: None, layout: None });
        Ok((kind, found))
    }

    fn once(&mut self) -> Result<(), Stopped> {
        let at = self.json.space(0);
        if self.json.byte(at) != b'{' {
            let end = self.json.skip(at, &mut self.scratch.keys)?;
            self.json.end(end)?;
            return Err(self.json.fail(FaultKind::NotAnEvent, "the event is not an object", at));
        }
        let object = self.scratch.keys.open();
        let (mut at, mut more) = self.json.open(at, b'}')?;
        while more {
            let (name, value) = self.json.key(at)?;
            if let Some(key) = self.known_key(name) {
                at = self.read(key, name, value)?;
            } else {
                self.scratch.keys.add(&mut self.json, object, name)?;
                at = self.json.skip(value, &mut self.scratch.keys)?;
            }
            (at, more) = self.json.more(at, b'}')?;
        }
        self.scratch.keys.close(&mut self.json, object)?;
        self.json.end(at)
    }

    #[inline]
    fn known_key(&mut self, name: Span) -> Option<Key> {
        if name.escaped {
            let place = self.place(name);
            let name = self.text_at(&place).as_bytes();
            return Key::from_name(name, 0, name.len());
        }
        Key::from_name(self.json.bytes(), name.start, name.end)
    }

    #[inline]
    fn read(&mut self, key: Key, name: Span, at: usize) -> Result<usize, Stopped> {
        let bit = 1_u16 << key as u16;
        if self.seen & bit != 0 {
            return Err(duplicate(&mut self.json, name.start));
        }
        self.seen |= bit;
        if key == Key::Args {
            return self.arguments(at);
        }
        let (token, end) = Token::read(&mut self.json, at, &mut self.scratch.keys)?;
        if let Some(place) = self.tokens.get_mut(key as usize) {
            *place = token;
        }
        Ok(end)
    }

    // -- type and tool ---------------------------------------------------------------------------

    pub(crate) fn token(&self, key: Key) -> Token {
        self.tokens.get(key as usize).copied().unwrap_or(Token::Absent)
    }

    fn kind(&mut self) -> Result<EventKind, Fault> {
        let wrong = |says| Err(Fault::new(FaultKind::NotAnEvent, EVENT, says));
        match self.token(Key::Type) {
            Token::Absent => wrong("the event has no `type`"),
            Token::Text(span) => {
                let place = self.place(span);
                match EventKind::from_word(self.text_at(&place)) {
                    Some(kind) => Ok(kind),
                    None => wrong(
                        "the event's `type` is none of `input`, `tool_call`, `tool_result`, \
                         `output`",
                    ),
                }
            }
            _ => wrong("the event's `type` is not text"),
        }
    }

    /// Asks for the layout and gives the record its slots.
    fn find(&mut self, kind: EventKind) -> Result<(), Fault> {
        let tool = if kind.has_tool() { Some(self.tool()?) } else { None };
        let name = tool.as_ref().map_or("", |tool| self.text_at(tool));
        let layout = self.layouts.find(kind, name);
        if layout.is_none() && name.bytes().any(|byte| byte.is_ascii_control()) {
            let says = "the event's `tool` contains a control character";
            return Err(Fault::new(FaultKind::NotAnEvent, EVENT, says));
        }
        if let Some((_, layout)) = &layout {
            self.record.reset(layout.slots.len());
            // One copy of everything is faster than one of each text.
            self.record.append(self.text);
        }
        self.found = Some(Found { tool, layout });
        Ok(())
    }

    fn tool(&mut self) -> Result<Place, Fault> {
        let wrong = |says| Err(Fault::new(FaultKind::NotAnEvent, EVENT, says));
        let place = match self.token(Key::Tool) {
            Token::Absent => return wrong("the event has no `tool`"),
            Token::Text(span) => self.place(span),
            _ => return wrong("the event's `tool` is not text"),
        };
        let name = self.text_at(&place);
        if name.is_empty() {
            return wrong("the event's `tool` is empty");
        }
        Ok(place)
    }

    // -- arguments -------------------------------------------------------------------------------

    fn arguments(&mut self, at: usize) -> Result<usize, Stopped> {
        if self.json.byte(at) == b'n' {
            return self.json.word(at, b"null");
        }
        let is_call = matches!(self.token(Key::Type), Token::Text(span)
            if !span.escaped && self.json.raw(span) == EventKind::Call.word());
        // A wrong tool is reported at the end, when the rest is known to be JSON.
        if is_call && self.find(EventKind::Call).is_ok() {
            self.arguments = Arguments::Read;
            return self.walk(at);
        }
        self.arguments = Arguments::Checked(at);
        self.json.skip(at, &mut self.scratch.keys)
    }

    /// Reads arguments that did not stand where they could be read.
    fn late_arguments(&mut self) -> Result<(), Stopped> {
        match self.arguments {
            Arguments::Read => Ok(()),
            Arguments::Checked(start) => {
                self.json.reenter();
                self.walk(start).map(|_| ())
            }
            Arguments::Absent => {
                let event = std::mem::replace(&mut self.json, Scanner::new("{}"));
                let walked = self.walk(0).map(|_| ());
                self.json = event;
                walked
            }
        }
    }

    /// Walks over the arguments at a place; the place behind.
    fn walk(&mut self, at: usize) -> Result<usize, Stopped> {
        let Some(Found { tool, layout: Some((_, layout)) }) = &self.found else {
            return self.json.skip(at, &mut self.scratch.keys);
        };
        let tool = tool.as_ref().map_or("", |tool| text_at(self.text, self.unescaped, tool));
        let subject = Subject { about: About::Argument, owner: tool };
        let shapes = self.layouts.shapes();
        let (record, scratch) = (&mut *self.record, &mut *self.scratch);
        let mut walk =
            Walk::new(&mut self.json, shapes, layout, record, scratch, self.faults, subject);
        walk.copy = Some(0);
        walk.root(at)
    }

    /// Reads the value of a result from its text, unless the result is a failure or nothing reads
    /// its value. A text that is not JSON is a fault, not an end.
    pub(crate) fn result_value(&mut self, found: &Found<'l, L::Target>, result: &Place) {
        let Some((_, layout)) = &found.layout else { return };
        let tool = found.tool.as_ref().map_or("", |tool| text_at(self.text, self.unescaped, tool));
        let subject = Subject { about: About::Value, owner: tool };
        let text = text_at(self.text, self.unescaped, result);
        let mut json = Scanner::new(text);
        let shapes = self.layouts.shapes();
        let (record, scratch) = (&mut *self.record, &mut *self.scratch);
        let mut walk = Walk::new(&mut json, shapes, layout, record, scratch, self.faults, subject);
        walk.copy = match result {
            Place::Raw(span) => Some(span.start),
            Place::Unescaped(_) => None,
        };
        if walk.root_from_text(text) {
            return;
        }
        if walk.whole().is_err() {
            walk.root_is_malformed();
            self.faults.add(|| json.fault(subject));
        }
    }

    // -- texts -----------------------------------------------------------------------------------

    /// Where the text that a string stands for can be found.
    #[inline]
    pub(crate) fn place(&mut self, span: Span) -> Place {
        if !span.escaped {
            return Place::Raw(span);
        }
        let start = self.unescaped.len();
        unescape(self.json.raw_bytes(span), self.unescaped);
        Place::Unescaped(start..self.unescaped.len())
    }

    #[inline]
    pub(crate) fn text_at(&self, place: &Place) -> &str {
        text_at(self.text, self.unescaped, place)
    }

    /// Puts a text of the event into a slot.
    pub(crate) fn put_text(&mut self, slot: usize, place: &Place) {
        if let Place::Raw(span) = place {
            let value = self.record.text_value(span.start..span.end);
            return self.record.set(slot, value);
        }
        let text = text_at(self.text, self.unescaped, place);
        self.record.set_text(slot, text);
    }

    /// The number at a place, which has been found valid, as a whole number.
    pub(crate) fn whole(&mut self, at: usize) -> Whole {
        let number = self.json.number(at);
        number.map_or(Whole::Not, |number| number::whole(number, self.json.number_text(number)))
    }

    /// The same as a float.
    pub(crate) fn float(&mut self, at: usize) -> Option<f64> {
        let number = self.json.number(at).ok()?;
        number::float(number, self.json.number_text(number))
    }
}

/// A text of the event.
#[inline]
pub(crate) fn text_at<'t>(text: &'t str, unescaped: &'t [u8], place: &Place) -> &'t str {
    match place {
        Place::Raw(span) => text.get(span.start..span.end).unwrap_or_default(),
        Place::Unescaped(range) => {
            let bytes = unescaped.get(range.clone()).unwrap_or_default();
            std::str::from_utf8(bytes).unwrap_or_default()
        }
    }
}
