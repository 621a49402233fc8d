//! Texts that are more than text: each is parsed once and kept in its canonical form.
//!
//! INVARIANT: whatever reads such a text, an event, a fact or a literal of a policy, reads it with
//! [`parse`], so that two spellings of one address compare equal wherever they come from.

mod command;
mod email;
mod host;
mod path;
mod sql;
mod url;

use guard_plan::{Part, TextKind};
use std::ops::Range;

/// A parsed text; ranges are relative to where its canonical form starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    local: Option<Range<usize>>,
    domain: Option<Range<usize>>,
    scheme: Option<Range<usize>>,
    host: Option<Range<usize>>,
    path: Option<Range<usize>>,
    query: Option<Range<usize>>,
    extension: Option<Range<usize>>,
    port: Option<u16>,
    is_private: bool,
    /// How long the canonical form is, where more than that was appended.
    length: Option<usize>,
    lists: Vec<(Part, Vec<Range<usize>>)>,
    flags: Vec<(Part, bool)>,
}

/// One part of a parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartValue {
    Absent,
    Text(Range<usize>),
    Int(i64),
    Bool(bool),
    Texts(Vec<Range<usize>>),
}

impl Parsed {
    pub(crate) fn part(&self, part: Part) -> PartValue {
        let range = match part {
            Part::Local => &self.local,
            Part::Domain => &self.domain,
            Part::Scheme => &self.scheme,
            Part::Host => &self.host,
            Part::Path => &self.path,
            Part::Query => &self.query,
            Part::Extension => &self.extension,
            Part::Port => {
                return self.port.map_or(PartValue::Absent, |port| PartValue::Int(port.into()));
            }
            Part::IsPrivate => return PartValue::Bool(self.is_private),
            _ if part.is_list() => {
                let list = self.lists.iter().find(|(of, _)| *of == part);
                return list.map_or(PartValue::Absent, |(_, list)| PartValue::Texts(list.clone()));
            }
            _ => {
                let flag = self.flags.iter().find(|(of, _)| *of == part);
                return flag.map_or(PartValue::Absent, |(_, flag)| PartValue::Bool(*flag));
            }
        };
        range.clone().map_or(PartValue::Absent, PartValue::Text)
    }

    /// How long the canonical form is, of so many bytes that were appended.
    pub(crate) fn length(&self, appended: usize) -> usize {
        self.length.unwrap_or(appended)
    }

    /// A text that is its own canonical form, with lists and flags.
    fn listed(
        text: &str,
        lists: &[(Part, &[String])],
        flags: &[(Part, bool)],
        out: &mut Vec<u8>,
    ) -> Self {
        let start = out.len();
        out.extend_from_slice(text.as_bytes());
        let mut append = |entry: &String| {
            let from = out.len() - start;
            out.extend_from_slice(entry.as_bytes());
            from..out.len() - start
        };
        let lists =
            lists.iter().map(|(part, list)| (*part, list.iter().map(&mut append).collect()));
        let (lists, flags) = (lists.collect(), flags.to_vec());
        Self { length: Some(text.len()), lists, flags, ..Self::default() }
    }
}

/// Parses a text and appends its canonical form to `out`. Where it is malformed the result is
/// `None`, and what has been appended is of no meaning.
pub(crate) fn parse(kind: TextKind, text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    match kind {
        TextKind::Plain => {
            out.extend_from_slice(text.as_bytes());
            Some(Parsed::default())
        }
        TextKind::Email => email::parse(text, out),
        TextKind::Url => url::parse(text, out),
        TextKind::Host => host::parse(text, out),
        TextKind::Ip => host::parse_ip(text, out),
        TextKind::Path => path::parse(text, out),
        TextKind::Command => command::parse(text, out),
        TextKind::Sql => sql::parse(text, out),
        TextKind::Name => {
            out.extend_from_slice(text.to_lowercase().as_bytes());
            Some(Parsed::default())
        }
    }
}

/// The canonical form of a text; `None` where it is not one of that kind. What an event's text is
/// compared with must have gone through here.
pub fn canonical_text(kind: TextKind, text: &str) -> Option<String> {
    let mut out = Vec::new();
    let parsed = parse(kind, text, &mut out)?;
    out.truncate(parsed.length(out.len()));
    String::from_utf8(out).ok()
}

/// What a text of a kind is called.
pub(crate) fn noun(kind: TextKind) -> &'static str {
    match kind {
        TextKind::Plain => "text",
        TextKind::Email => "an e-mail address",
        TextKind::Url => "an absolute URL",
        TextKind::Host => "a host name or IP address",
        TextKind::Ip => "an IP address",
        TextKind::Path => "a path",
        TextKind::Command => "a command line that can be read",
        TextKind::Sql => "an SQL text that can be read",
        TextKind::Name => "a name of a database",
    }
}
