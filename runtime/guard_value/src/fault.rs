//! What is wrong with an event, in the words of the policy's author.
//!
//! INVARIANT: a fault's length is bounded, and what it quotes of the event has no control
//! characters and none that reorder text.

use crate::limits;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// What is wrong with an event or another JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    about: About,
    /// Below `about`: `to[2].domain`. Empty for the whole.
    path: String,
    /// Whose the value is: a tool's name, an agent's. Empty where there is none.
    owner: String,
    /// What it should have been: `a number`. For JSON faults what the parser says.
    expected: Cow<'static, str>,
    /// Where in the bytes, for faults that end reading.
    at: Option<usize>,
}

/// The kinds of faults. Their words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The bytes are not JSON.
    NotJson,
    /// An object has a key twice.
    DuplicateKey,
    /// Objects and lists are nested too deeply.
    TooDeep,
    /// There are too many bytes.
    TooLarge,
    /// Lists have too many elements.
    TooManyElements,
    /// The JSON value is not an event of a known type.
    NotAnEvent,
    /// A required value is missing or `null`.
    Missing,
    /// A key is not declared.
    Undeclared,
    /// A value is of another type.
    WrongType,
    /// A number does not fit its type.
    OutOfRange,
    /// A text is not one of those declared.
    NotOneOf,
    /// A text does not parse as what it is declared to be.
    MalformedText,
}

/// What a faulty value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum About {
    /// The event itself.
    Event,
    /// An argument of a call.
    Argument,
    /// The value of a result.
    Value,
    /// A parameter of an agent.
    Parameter,
    /// A fact that the host supplies.
    Fact,
}

/// What a JSON value is read as: decides how faults speak of it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the value is.
    pub about: About,
    /// Whose it is: the tool's or the agent's name.
    pub owner: &'a str,
}

impl FaultKind {
    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::DuplicateKey => "duplicate_key",
            Self::TooDeep => "too_deep",
            Self::TooLarge => "too_large",
            Self::TooManyElements => "too_many_elements",
            Self::NotAnEvent => "not_an_event",
            Self::Missing => "missing",
            Self::Undeclared => "undeclared",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::NotOneOf => "not_one_of",
            Self::MalformedText => "malformed_text",
        }
    }
}

impl About {
    fn word(self) -> &'static str {
        match self {
            Self::Event => "the event's",
            Self::Argument => "argument",
            Self::Value => "result value",
            Self::Parameter => "parameter",
            Self::Fact => "fact",
        }
    }

    fn whole(self) -> &'static str {
        match self {
            Self::Event => "the event",
            Self::Argument => "`args`",
            Self::Value => "the result",
            Self::Parameter => "the principal",
            Self::Fact => "the value that holds the facts",
        }
    }
}

impl Fault {
    pub(crate) fn new(
        kind: FaultKind,
        subject: Subject<'_>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (about, owner) = (subject.about, quoted(subject.owner));
        Self { kind, about, path: String::new(), owner, expected: expected.into(), at: None }
    }

    pub(crate) fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }

    /// The same fault inside a value of this name.
    pub(crate) fn below(mut self, name: &str) -> Self {
        self.extend_path(Segment::Field(name));
        self
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What the faulty value belongs to.
    pub fn about(&self) -> About {
        self.about
    }

    /// The faulty value below what it belongs to: `to[2].domain`. Empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the value should have been: `a number`.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// Where in the bytes, for faults that ended reading.
    pub fn offset(&self) -> Option<usize> {
        self.at
    }

    fn extend_path(&mut self, segment: Segment<'_>) {
        if self.path.len() > limits::PATH_BYTES_MAX {
            return;
        }
        let mut path = match segment {
            Segment::Field(name) => quoted(name),
            Segment::Index(index) => format!("[{index}]"),
        };
        if !self.path.is_empty() && !self.path.starts_with('[') {
            path.push('.');
        }
        path.push_str(&self.path);
        self.path = path;
    }

    fn write_subject(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(self.about.whole())
        } else {
            write!(f, "{} `{}`", self.about.word(), self.path)
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FaultKind::NotUtf8
            | FaultKind::NotJson
            | FaultKind::DuplicateKey
            | FaultKind::TooDeep
            | FaultKind::TooLarge
            | FaultKind::TooManyElements => {
                write!(f, "{} {}", self.about.whole(), self.expected)?;
            }
            // Not a place in the bytes but all of them.
            FaultKind::NotAnEvent => return f.write_str(&self.expected),
            FaultKind::Missing => {
                self.write_subject(f)?;
                f.write_str(" is missing")?;
            }
            FaultKind::Undeclared => {
                self.write_subject(f)?;
                f.write_str(" is not declared")?;
                if !self.owner.is_empty() {
                    write!(f, " by `{}`", self.owner)?;
                }
            }
            FaultKind::OutOfRange => {
                self.write_subject(f)?;
                write!(f, " {}", self.expected)?;
            }
            FaultKind::WrongType | FaultKind::NotOneOf | FaultKind::MalformedText => {
                self.write_subject(f)?;
                write!(f, " is not {}", self.expected)?;
            }
        }
        match self.at {
            Some(at) => write!(f, " at byte {at}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// The faults of one event that did not end reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    count: usize,
}

/// One step of a fault's path.
#[derive(Clone, Copy)]
pub(crate) enum Segment<'a> {
    Field(&'a str),
    Index(usize),
}

impl Faults {
    /// The first [`limits::FAULTS_MAX`] faults, in the order of the bytes; what is missing comes
    /// at the end of the object that misses it.
    pub fn described(&self) -> &[Fault] {
        &self.list
    }

    /// How many faults there are in all.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.count = 0;
    }

    /// Adds a fault; it is only made where there is room for it.
    pub(crate) fn add(&mut self, fault: impl FnOnce() -> Fault) {
        self.count = self.count.saturating_add(1);
        if self.list.len() < limits::FAULTS_MAX {
            self.list.push(fault());
        }
    }

    /// How many are described: where a later [`Faults::extend_paths`] starts.
    pub(crate) fn mark(&self) -> usize {
        self.list.len()
    }

    /// Puts a step before the paths of the faults since `mark`.
    #[inline]
    pub(crate) fn extend_paths(&mut self, mark: usize, segment: Segment<'_>) {
        if self.list.len() > mark {
            self.extend_paths_slowly(mark, segment);
        }
    }

    #[cold]
    fn extend_paths_slowly(&mut self, mark: usize, segment: Segment<'_>) {
        self.list.iter_mut().skip(mark).for_each(|fault| fault.extend_path(segment));
    }
}

/// A text of the event as a fault may show it: short, visible and in its own order.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if quoted.len() >= limits::QUOTE_BYTES_MAX {
            quoted.push('…');
            break;
        }
        if is_invisible(c) {
            // Writing to a `String` cannot fail.
            let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

/// Control characters, characters that reorder text, and characters without any ink.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'
        )
}
