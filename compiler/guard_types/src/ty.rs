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
}

impl RecordTy {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FieldTy> {
        self.fields.iter().find(|f| f.name == name)
    }
}
