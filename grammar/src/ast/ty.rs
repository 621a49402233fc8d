//! Types as written.

use super::{Name, Path, StringLiteral};
use crate::span::Span;

/// A type expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// The whole expression.
    pub span: Span,
}

/// The forms of a type expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// `string`, `email`, `Order`, `tools.Order`.
    Named(Path),
    /// `[T]`.
    List(Box<TypeExpr>),
    /// `set[T]`.
    Set(Box<TypeExpr>),
    /// `map[T]`: string keys.
    Map(Box<TypeExpr>),
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `{ id: string, total: float }`.
    Record(Vec<Field>),
    /// `"open" | "shipped"`.
    Union(Vec<StringLiteral>),
    /// What did not parse; already reported.
    Error,
}

/// `name: T labelled L`: an argument, a parameter or a record's field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name; quoted names allow any characters (`"content-type": string`).
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Labels of this field alone: `labelled web`, `labelled (web, confidential)`.
    pub labels: Vec<Name>,
    /// From the name to the last label.
    pub span: Span,
}
