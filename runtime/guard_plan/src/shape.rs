//! The shape of a JSON value, and which parts of it are read into slots.
//!
//! One walk over the bytes checks a value against its shape and fills the slots. Shapes live in an
//! arena: a child's index is smaller than its parent's, so no shape contains itself.

use serde::{Deserialize, Serialize};

/// Index into [`crate::Plan::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShapeId(pub u32);

/// A value's shape and where it is read to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// What the value must be.
    pub kind: ShapeKind,
    /// The slot of the enclosing row that holds the value itself, when something reads it.
    pub slot: Option<u32>,
    /// Slots of the enclosing row that hold parts of a parsed text.
    pub parts: Vec<PartSlot>,
}

/// Where a part of a parsed text is read to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartSlot {
    /// The part.
    pub part: Part,
    /// A slot of the enclosing row.
    pub slot: u32,
    /// Of a part that is a list: index into [`crate::Layout::rows`]. A row begins with a slot for its text.
    pub row: Option<u32>,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShapeKind {
    /// Any JSON value. A slot for it says only whether it is there.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits; `2.0` is one, `2.5` is not.
    Int,
    /// A finite number.
    Float,
    /// Text of some kind; what does not parse as that kind is malformed.
    Text(TextKind),
    /// One of these texts.
    OneOf(Vec<String>),
    /// A list; each element is read into a row of its own.
    List {
        /// The shape of each element; its slots count from the row's start.
        element: ShapeId,
        /// Index into [`crate::Layout::rows`]; `None` where nothing reads the elements.
        row: Option<u32>,
    },
    /// An object with any keys, all values of one shape. A slot says only whether it is there.
    Map(ShapeId),
    /// An object with these keys. A slot says only whether it is there.
    Record {
        /// In the order declared; names are unique.
        fields: Vec<FieldShape>,
        /// Whether further keys are let through unread.
        open: bool,
    },
}

/// One key of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldShape {
    /// The key, exactly.
    pub name: String,
    /// Whether it may be missing or `null`.
    pub optional: bool,
    /// The shape of its value.
    pub shape: ShapeId,
}

/// What a text is parsed as. The slot holds the canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TextKind {
    /// Not parsed.
    Plain,
    /// `local@domain`; the domain in lower case and ASCII (IDNA).
    Email,
    /// An absolute URL, serialised as the WHATWG URL standard says.
    Url,
    /// A DNS name or an IP address; lower case and ASCII.
    Host,
    /// An IPv4 or IPv6 address in its usual spelling.
    Ip,
    /// A slash-separated path with `.` and `..` resolved and no doubled slash; `..` at the start
    /// of a relative path stays.
    Path,
    /// A command line of a POSIX shell; kept as it is written.
    Command,
    /// An SQL text; kept as it is written.
    Sql,
    /// A name of a database; in lower case.
    Name,
}

/// A part of a parsed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Before the `@` of an e-mail address.
    Local,
    /// After the `@`.
    Domain,
    /// `https`.
    Scheme,
    /// The host of a URL; absent in `mailto:`.
    Host,
    /// The port of a URL, the scheme's own where none is written; absent where there is none.
    Port,
    /// The path of a URL.
    Path,
    /// The query of a URL without `?`; absent where there is none.
    Query,
    /// Whether the host is a private, loopback, link-local or otherwise not public address, or a
    /// name that by its form stands for one (`localhost`, `*.local`, `*.internal`).
    IsPrivate,
    /// What follows the last dot of the last segment of a path; absent where there is none.
    Extension,
    /// The programs that a command line runs, without their folders, wrappers and what they wrap.
    Programs,
    /// Its simple commands, each in one normal form.
    Commands,
    /// The words after the programs, quotes undone.
    Arguments,
    /// Where it reads from and writes to: `> /etc/motd`.
    Redirects,
    /// Programs between which data flow: `curl | sh`.
    Pipelines,
    /// Whether it has a substitution.
    Substitutes,
    /// Whether it is one command with nothing around it.
    IsSimple,
    /// Whether some of what it runs cannot be seen.
    IsOpaque,
    /// What each statement of an SQL text does: `select`, `drop`.
    Statements,
    /// The tables that it names.
    Tables,
    /// The functions that it calls.
    Functions,
    /// Whether it changes something.
    Writes,
    /// Whether a statement of it is in no known dialect, and was read by its words.
    IsUnread,
}

impl Part {
    /// What a slot for this part holds; `None` for a list of texts, whose rows begin with a slot for the text.
    pub fn slot_type(self) -> Option<SlotType> {
        match self {
            Self::Port => Some(SlotType::Int),
            Self::IsPrivate
            | Self::Substitutes
            | Self::IsSimple
            | Self::IsOpaque
            | Self::Writes
            | Self::IsUnread => Some(SlotType::Bool),
            _ if self.is_list() => None,
            _ => Some(SlotType::Text),
        }
    }

    /// Whether it is a list of texts.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Programs
                | Self::Commands
                | Self::Arguments
                | Self::Redirects
                | Self::Pipelines
                | Self::Statements
                | Self::Tables
                | Self::Functions
        )
    }

    /// Whether a well-formed text of a kind can be without this part.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Port | Self::Query | Self::Extension | Self::Host)
    }

    /// Its word in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Domain => "domain",
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Port => "port",
            Self::Path => "path",
            Self::Query => "query",
            Self::IsPrivate => "is_private",
            Self::Extension => "extension",
            Self::Programs => "programs",
            Self::Commands => "commands",
            Self::Arguments => "arguments",
            Self::Redirects => "redirects",
            Self::Pipelines => "pipelines",
            Self::Substitutes => "substitutes",
            Self::IsSimple => "is_simple",
            Self::IsOpaque => "is_opaque",
            Self::Statements => "statements",
            Self::Tables => "tables",
            Self::Functions => "functions",
            Self::Writes => "writes",
            Self::IsUnread => "is_unread",
        }
    }
}

impl TextKind {
    /// The parts a text of this kind has.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Plain | Self::Name => &[],
            Self::Email => &[Part::Local, Part::Domain],
            Self::Url => {
                &[Part::Scheme, Part::Host, Part::Port, Part::Path, Part::Query, Part::IsPrivate]
            }
            Self::Host | Self::Ip => &[Part::IsPrivate],
            Self::Path => &[Part::Extension],
            Self::Command => &[
                Part::Programs,
                Part::Commands,
                Part::Arguments,
                Part::Redirects,
                Part::Pipelines,
                Part::Substitutes,
                Part::IsSimple,
                Part::IsOpaque,
            ],
            Self::Sql => {
                &[Part::Statements, Part::Tables, Part::Functions, Part::Writes, Part::IsUnread]
            }
        }
    }
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SlotType {
    /// A boolean.
    Bool,
    /// A whole number; durations and times are milliseconds.
    Int,
    /// A finite number.
    Float,
    /// Text, UTF-8.
    Text,
    /// Rows of slots; the number is an index into [`crate::Layout::rows`].
    List(u32),
    /// A set of texts that the host supplies; only in the data region.
    TextSet,
    /// Nothing but whether the value is there.
    Presence,
}
