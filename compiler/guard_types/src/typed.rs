//! What the checker knows of an expression while it checks it.

use crate::asked::{Asked, Past};
use crate::past::scalar;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::walk::{for_each_part, for_each_part_of};
use guard_grammar::span::Span;
use std::sync::Arc;

/// An expression with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) ty: Ty,
    pub(crate) value: Value,
    /// Where it is written; for what was inlined, where it is used.
    pub(crate) span: Span,
    /// A literal adapts to the kind of text it is compared with; nothing else does.
    pub(crate) literal: bool,
    /// The literal stands at `span` itself, and not in a constant that is named there.
    pub(crate) here: bool,
    /// For a local: under how many quantifiers it was worked out.
    pub(crate) level: u32,
}

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `last(…)`: has fields and nothing else.
    Last(Arc<Past>),
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
    pub(crate) fn of(ty: Ty, value: Value, span: Span) -> Self {
        Self { ty, value, span, literal: false, here: false, level: 0 }
    }

    pub(crate) fn error(span: Span) -> Self {
        Self::of(Ty::Error, Value::Error, span)
    }

    pub(crate) fn computed(ty: Ty, kind: ExprKind, span: Span) -> Self {
        Self::of(ty, Value::Expr(kind), span)
    }

    pub(crate) fn literal(ty: Ty, kind: ExprKind, span: Span) -> Self {
        Self { literal: true, here: true, ..Self::computed(ty, kind, span) }
    }

    pub(crate) fn place(ty: Ty, place: ValueRef, span: Span) -> Self {
        Self::of(ty, Value::Place(place), span)
    }

    /// How many expressions it is made of: what a copy of it costs.
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Value::Expr(kind) => size(kind),
            Value::List(elements) | Value::Either(_, elements) => {
                elements.iter().map(Self::size).sum::<usize>() + 1
            }
            Value::Place(_) | Value::Namespace(_) | Value::Last(_) | Value::Error => 1,
        }
    }

    pub(crate) fn is_error(&self) -> bool {
        matches!(self.ty, Ty::Error)
    }

    /// The expression, where the value is a single one and present.
    pub(crate) fn expr(&self) -> Option<Expr> {
        let kind = match (&self.value, &self.ty) {
            (Value::Expr(kind), _) => kind.clone(),
            (Value::Place(place), Ty::Bool) => ExprKind::Flag(settled(place, &self.ty)),
            (
                Value::Place(place),
                Ty::Int | Ty::Float | Ty::Text(_) | Ty::OneOf(_) | Ty::Duration | Ty::Time,
            ) => ExprKind::Value(settled(place, &self.ty)),
            _ => return None,
        };
        Some(Expr { kind, span: self.span })
    }
}

/// A local where more quantifiers are around it than where it was worked out. The elements of its
/// own quantifiers move inwards with it; those of the quantifiers it was already under do not.
pub(crate) fn moved_in(mut local: Typed, level: u32) -> Typed {
    let (from, by) = (local.level, level.saturating_sub(local.level));
    if by > 0 {
        move_value(&mut local.value, from, by);
    }
    local
}

fn move_value(value: &mut Value, from: u32, by: u32) {
    let all = |elements: &mut Vec<Typed>| {
        for element in elements {
            move_value(&mut element.value, from, by);
        }
    };
    match value {
        Value::Expr(kind) => move_parts(kind, from, by),
        Value::Place(place) => move_place(place, from, by),
        Value::List(elements) => all(elements),
        Value::Either(place, elements) => {
            move_place(place, from, by);
            all(elements);
        }
        Value::Namespace(_) | Value::Last(_) | Value::Error => {}
    }
}

fn move_parts(kind: &mut ExprKind, from: u32, by: u32) {
    match kind {
        ExprKind::Flag(place)
        | ExprKind::Present(place)
        | ExprKind::Value(place)
        | ExprKind::RowCount(place)
        | ExprKind::TextInList(_, place)
        | ExprKind::Quantify(_, place, _)
        | ExprKind::Otherwise(place, _) => move_place(place, from, by),
        _ => {}
    }
    for_each_part(kind, &mut |part| move_parts(&mut part.kind, from, by));
}

fn move_place(place: &mut ValueRef, from: u32, by: u32) {
    match &mut place.root {
        Root::Element(level) if *level >= from => *level = level.saturating_add(by),
        Root::Asked(asked) => {
            if let Some(subject) = Arc::make_mut(asked).subject_mut() {
                move_place(subject, from, by);
            }
        }
        _ => {}
    }
}

/// A place whose type is known now: what is remembered of an earlier event says its type.
pub(crate) fn settled(place: &ValueRef, ty: &Ty) -> ValueRef {
    let mut place = place.clone();
    if let Root::Asked(asked) = &place.root
        && let (Asked::Last { past, of_result, .. }, Some(ty)) = (&**asked, scalar(&ty.present()))
    {
        let asked = Asked::Last { past: past.clone(), of_result: *of_result, ty };
        place.root = Root::Asked(Arc::new(asked));
    }
    place
}

/// The values that a condition shows to be there, when it is true and when it is false.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presence {
    pub(crate) if_true: Vec<ValueRef>,
    pub(crate) if_false: Vec<ValueRef>,
}

fn size(kind: &ExprKind) -> usize {
    let mut below = if let ExprKind::TextIn(_, set) = kind { set.len() } else { 0 };
    for_each_part_of(kind, &mut |part| below += size(&part.kind));
    below + 1
}
