//! What an expression or a declaration can be.

use guard_plan::TextKind;
use std::sync::Arc;

/// A type. `duration` and `time` are milliseconds at run time; a string union is text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `string` and the parsed strings. `text` is another word for `string`.
    Text(TextKind),
    /// A string union, in the order declared.
    OneOf(Arc<[String]>),
    /// `duration`.
    Duration,
    /// `time`.
    Time,
    /// `[T]`.
    List(Arc<Ty>),
    /// `set[T]`; only for `data`.
    Set(Arc<Ty>),
    /// `map[T]`.
    Map(Arc<Ty>),
    /// `{ … }`.
    Record(Arc<RecordTy>),
    /// `T?`.
    Optional(Arc<Ty>),
    /// `json`: there or not, nothing else is known.
    Json,
    /// What an error already reported left behind; it goes with everything.
    Error,
}

/// The fields of a record, or the arguments of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RecordTy {
    /// In the order declared.
    pub fields: Vec<FieldTy>,
    /// Whether further keys are let through unread.
    pub open: bool,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldTy {
    /// Its name.
    pub name: String,
    /// Its type; `Optional` where it may be missing.
    pub ty: Ty,
    /// Its own labels, where it is part of what a tool returns.
    pub labels: Vec<String>,
}

impl RecordTy {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FieldTy> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Ty {
    /// What an author calls the type: `a whole number`, `an email`.
    pub fn words(&self) -> String {
        match self {
            Self::Bool => "a condition".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Float => "a float".to_owned(),
            Self::Text(kind) => text_words(*kind).to_owned(),
            Self::OneOf(words) => {
                let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Duration => "a duration".to_owned(),
            Self::Time => "a time".to_owned(),
            Self::List(inner) => format!("a list of {}", inner.plural()),
            Self::Set(inner) => format!("a set of {}", inner.plural()),
            Self::Map(_) => "a map".to_owned(),
            Self::Record(_) => "a record".to_owned(),
            Self::Optional(inner) => format!("{} that may be absent", inner.words()),
            Self::Json => "JSON of any kind".to_owned(),
            Self::Error => "something unknown".to_owned(),
        }
    }

    fn plural(&self) -> String {
        match self {
            Self::Bool => "conditions".to_owned(),
            Self::Int => "whole numbers".to_owned(),
            Self::Float => "floats".to_owned(),
            Self::Text(TextKind::Plain) => "strings".to_owned(),
            Self::Record(_) => "records".to_owned(),
            other => format!("values that are each {}", other.words()),
        }
    }

    /// The type without `?`.
    #[must_use]
    pub fn present(&self) -> Self {
        if let Self::Optional(inner) = self { inner.present() } else { self.clone() }
    }

    /// Whether values of it are text at run time.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::OneOf(_))
    }
}

fn text_words(kind: TextKind) -> &'static str {
    match kind {
        TextKind::Plain => "a string",
        TextKind::Email => "an email",
        TextKind::Url => "a url",
        TextKind::Host => "a host",
        TextKind::Ip => "an ip",
        TextKind::Path => "a path",
        TextKind::Command => "a command",
        TextKind::Sql => "an sql text",
        TextKind::Name => "a name of a database",
    }
}
