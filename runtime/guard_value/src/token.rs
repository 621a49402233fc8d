//! The event's own keys and their values, before anything is made of them.

use crate::keys::Keys;
use crate::scan::{Scanner, Span, Stopped};

/// A key that events know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Type,
    Id,
    Tool,
    Args,
    Role,
    Source,
    Text,
    Error,
    Final,
    At,
    Confidence,
    Cost,
}

/// How many keys events know.
pub(crate) const KEYS: usize = 12;

/// The value of one of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Token {
    /// Not given, or `null`.
    Absent,
    Bool(bool),
    /// Where it starts; it is valid.
    Number(usize),
    Text(Span),
    /// A list or an object.
    Other,
}

impl Key {
    /// The key whose name is `bytes[start..end]`.
    #[inline]
    pub(crate) fn from_name(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
        let is = |key: Self| bytes.get(start..end) == Some(key.name().as_bytes());
        let first = bytes.get(start).copied().unwrap_or(0);
        let key = match (end - start, first) {
            (2, b'i') => Self::Id,
            (2, b'a') => Self::At,
            (4, b't') if is(Self::Type) => Self::Type,
            (4, b't') if is(Self::Tool) => Self::Tool,
            (4, b't') => Self::Text,
            (4, b'a') => Self::Args,
            (4, b'r') => Self::Role,
            (4, b'c') => Self::Cost,
            (5, b'e') => Self::Error,
            (5, b'f') => Self::Final,
            (6, b's') => Self::Source,
            (10, b'c') => Self::Confidence,
            _ => return None,
        };
        is(key).then_some(key)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Id => "id",
            Self::Tool => "tool",
            Self::Args => "args",
            Self::Role => "role",
            Self::Source => "source",
            Self::Text => "text",
            Self::Error => "error",
            Self::Final => "final",
            Self::At => "at",
            Self::Confidence => "confidence",
            Self::Cost => "cost",
        }
    }
}

impl Token {
    /// Reads any value; the place behind.
    #[inline]
    pub(crate) fn read(
        json: &mut Scanner<'_>,
        at: usize,
        keys: &mut Keys,
    ) -> Result<(Self, usize), Stopped> {
        match json.byte(at) {
            b'"' => json.string(at).map(|span| (Self::Text(span), span.end + 1)),
            b'{' | b'[' => json.skip(at, keys).map(|end| (Self::Other, end)),
            b't' => json.word(at, b"true").map(|end| (Self::Bool(true), end)),
            b'f' => json.word(at, b"false").map(|end| (Self::Bool(false), end)),
            b'n' => json.word(at, b"null").map(|end| (Self::Absent, end)),
            _ => json.number(at).map(|number| (Self::Number(at), number.end)),
        }
    }
}
