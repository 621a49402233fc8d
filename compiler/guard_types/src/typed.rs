//! What the checker knows of an expression while it checks it.

use crate::tir::{Expr, ExprKind, ValueRef};
use crate::ty::Ty;
use guard_grammar::span::Span;

/// An expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) ty: Ty,
    pub(crate) value: Value,
    /// Where it is written; for what was inlined, where it is used.
    pub(crate) span: Span,
    /// A literal adapts to the kind of text it is compared with; nothing else does.
    pub(crate) literal: bool,
}

/// What an expression stands for.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Something computed: a condition, a number, a text.
    Expr(ExprKind),
    /// Something read at run time.
    Place(ValueRef),
    /// A list written out.
    List(Vec<Typed>),
    /// `x otherwise […]`: a list that is read, or one written out where it is absent.
    Either(ValueRef, Vec<Typed>),
    /// `args`, `call`, `session`: has fields and nothing else.
    Namespace(Namespace),
    /// What has been reported.
    Error,
}

/// Names that stand for what surrounds an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Arguments,
    Call,
    Session,
}

impl Typed {
    pub(crate) fn error(span: Span) -> Self {
        Self { ty: Ty::Error, value: Value::Error, span, literal: false }
    }

    pub(crate) fn computed(ty: Ty, kind: ExprKind, span: Span) -> Self {
        Self { ty, value: Value::Expr(kind), span, literal: false }
    }

    pub(crate) fn literal(ty: Ty, kind: ExprKind, span: Span) -> Self {
        Self { ty, value: Value::Expr(kind), span, literal: true }
    }

    pub(crate) fn place(ty: Ty, place: ValueRef, span: Span) -> Self {
        Self { ty, value: Value::Place(place), span, literal: false }
    }

    pub(crate) fn is_error(&self) -> bool {
        matches!(self.ty, Ty::Error)
    }

    /// The expression, where the value is a single one and present.
    pub(crate) fn expr(&self) -> Option<Expr> {
        let kind = match (&self.value, &self.ty) {
            (Value::Expr(kind), _) => kind.clone(),
            (Value::Place(place), Ty::Bool) => ExprKind::Flag(place.clone()),
            (
                Value::Place(place),
                Ty::Int | Ty::Float | Ty::Text(_) | Ty::OneOf(_) | Ty::Duration | Ty::Time,
            ) => ExprKind::Value(place.clone()),
            _ => return None,
        };
        Some(Expr { kind, span: self.span })
    }
}

/// The values that a condition shows to be there, when it is true and when it is false.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presence {
    pub(crate) if_true: Vec<ValueRef>,
    pub(crate) if_false: Vec<ValueRef>,
}
