//! What an event says of itself, made of its tokens: for the slots of its layout, and for its
//! head.

use crate::fault::{Fault, FaultKind, Faults};
use crate::number::Whole;
use crate::pass::{EVENT, Found, Pass, Place, text_at};
use crate::token::{Key, Token};
use crate::{EventHead, EventKind, Layouts, SlotValue, parse_time};
use guard_plan::Meta;

/// Something is not what it should be; its fault is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong;

/// Nothing, something, or something wrong.
type Maybe<T> = Result<Option<T>, Wrong>;

/// What the event says of itself.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: Maybe<Place>,
    /// Whether it is a failure; only results say.
    pub(crate) failed: Maybe<bool>,
    id: Maybe<Place>,
    source: Maybe<Place>,
    at: Maybe<i64>,
    confidence: Maybe<f64>,
    cost: Maybe<f64>,
}

impl Said {
    pub(crate) fn of<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>, kind: EventKind) -> Self {
        if kind == EventKind::Output {
            // Read by nobody yet, but it must be what it is meant to be.
            let _ = flag(pass, Key::Final);
        }
        Self {
            text: if kind == EventKind::Call { Ok(None) } else { required_text(pass) },
            failed: if kind == EventKind::Result { failed(pass) } else { Ok(None) },
            id: if kind.has_tool() { text(pass, Key::Id) } else { Ok(None) },
            source: if kind == EventKind::Input { source(pass) } else { Ok(None) },
            at: at(pass),
            confidence: confidence(pass),
            cost: float(pass, Key::Cost),
        }
    }

    /// Fills the slots of the layout that are not read from arguments or values.
    pub(crate) fn fill<L: Layouts>(
        &self,
        pass: &mut Pass<'_, '_, '_, L>,
        found: &Found<'_, L::Target>,
    ) {
        let Some((_, layout)) = &found.layout else { return };
        for (meta, slot) in &layout.meta {
            let Ok(slot) = usize::try_from(*slot) else { continue };
            match meta {
                Meta::Text => fill_text(pass, slot, &self.text),
                Meta::Source => fill_text(pass, slot, &self.source),
                Meta::CallId => fill_text(pass, slot, &self.id),
                Meta::CallTool => fill_text(pass, slot, &Ok(found.tool.clone())),
                Meta::Failed => fill(pass, slot, self.failed, SlotValue::from_bool),
                Meta::Now => fill(pass, slot, self.at, SlotValue::from_int),
                Meta::CallConfidence => fill(pass, slot, self.confidence, SlotValue::from_float),
                Meta::CallCost => fill(pass, slot, self.cost, SlotValue::from_float),
                Meta::SessionId | Meta::SessionAge | Meta::SessionEvents => {}
            }
        }
    }

    /// The event's head; its texts are in `text` or, without escapes, in `unescaped`.
    pub(crate) fn head<'r, T: Copy>(
        &self,
        kind: EventKind,
        found: &Found<'_, T>,
        text: &'r str,
        unescaped: &'r [u8],
        faults: &'r Faults,
    ) -> EventHead<'r, T> {
        let text_of = |said: &Maybe<Place>| match said {
            Ok(Some(place)) => Some(text_at(text, unescaped, place)),
            _ => None,
        };
        EventHead {
            kind,
            target: found.layout.map(|(target, _)| target),
            tool: found.tool.as_ref().map_or("", |tool| text_at(text, unescaped, tool)),
            id: text_of(&self.id),
            source: text_of(&self.source),
            text: text_of(&self.text),
            failed: self.failed == Ok(Some(true)),
            at: self.at.unwrap_or(None),
            faults,
        }
    }
}

// -- slots ---------------------------------------------------------------------------------------

fn fill_text<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>, slot: usize, said: &Maybe<Place>) {
    match said {
        Ok(Some(place)) => pass.put_text(slot, place),
        Ok(None) => {}
        Err(Wrong) => pass.record.set(slot, SlotValue::MALFORMED),
    }
}

fn fill<L: Layouts, T>(
    pass: &mut Pass<'_, '_, '_, L>,
    slot: usize,
    said: Maybe<T>,
    to_slot: impl FnOnce(T) -> SlotValue,
) {
    match said {
        Ok(Some(value)) => pass.record.set(slot, to_slot(value)),
        Ok(None) => {}
        Err(Wrong) => pass.record.set(slot, SlotValue::MALFORMED),
    }
}

// -- tokens --------------------------------------------------------------------------------------

#[cold]
fn wrong<L: Layouts>(
    pass: &mut Pass<'_, '_, '_, L>,
    key: Key,
    kind: FaultKind,
    expected: &'static str,
) -> Wrong {
    pass.faults.add(|| Fault::new(kind, EVENT, expected).below(key.name()));
    Wrong
}

fn text<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>, key: Key) -> Maybe<Place> {
    match pass.token(key) {
        Token::Absent => Ok(None),
        Token::Text(span) => Ok(Some(pass.place(span))),
        _ => Err(wrong(pass, key, FaultKind::WrongType, "text")),
    }
}

fn required_text<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>) -> Maybe<Place> {
    match text(pass, Key::Text) {
        Ok(None) => Err(wrong(pass, Key::Text, FaultKind::Missing, "given")),
        said => said,
    }
}

/// `source`, which older hosts call `role`. Both at once could say two things.
fn source<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>) -> Maybe<Place> {
    match (text(pass, Key::Source)?, text(pass, Key::Role)?) {
        (Some(_), Some(_)) => {
            Err(wrong(pass, Key::Role, FaultKind::Undeclared, "given beside `source`"))
        }
        (source, role) => Ok(source.or(role)),
    }
}

fn flag<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>, key: Key) -> Maybe<bool> {
    match pass.token(key) {
        Token::Absent => Ok(None),
        Token::Bool(value) => Ok(Some(value)),
        _ => Err(wrong(pass, key, FaultKind::WrongType, "`true` or `false`")),
    }
}

/// A result that does not say otherwise is a success.
fn failed<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>) -> Maybe<bool> {
    flag(pass, Key::Error).map(|failed| Some(failed == Some(true)))
}

fn at<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>) -> Maybe<i64> {
    let time = match pass.token(Key::At) {
        Token::Absent => return Ok(None),
        Token::Number(at) => match pass.whole(at) {
            Whole::Is(time) => Some(time),
            Whole::Not | Whole::OutOfRange => None,
        },
        Token::Text(span) => {
            let place = pass.place(span);
            parse_time(pass.text_at(&place))
        }
        Token::Bool(_) | Token::Other => None,
    };
    time.map(Some).ok_or_else(|| {
        let expected = "a time: milliseconds since 1970, or as RFC 3339 writes it";
        wrong(pass, Key::At, FaultKind::WrongType, expected)
    })
}

fn float<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>, key: Key) -> Maybe<f64> {
    match pass.token(key) {
        Token::Absent => Ok(None),
        Token::Number(at) => match pass.float(at) {
            Some(value) => Ok(Some(value)),
            None => Err(wrong(pass, key, FaultKind::OutOfRange, "is not a finite number")),
        },
        _ => Err(wrong(pass, key, FaultKind::WrongType, "a number")),
    }
}

fn confidence<L: Layouts>(pass: &mut Pass<'_, '_, '_, L>) -> Maybe<f64> {
    match float(pass, Key::Confidence)? {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            let key = Key::Confidence;
            Err(wrong(pass, key, FaultKind::OutOfRange, "is not between 0 and 1"))
        }
        said => Ok(said),
    }
}
