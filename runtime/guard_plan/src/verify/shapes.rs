//! Shapes: that none contains itself or nests too deep, and which of them fill slots.

use super::{Check, find, require};
use crate::limits::DEPTH_MAX;
use crate::{Layout, Shape, ShapeId, ShapeKind, TextKind};
use std::borrow::Cow;

/// The shapes of a plan, and what follows from each one's children.
#[derive(Debug)]
pub(super) struct Shapes<'p> {
    shapes: &'p [Shape],
    known: Vec<Known>,
}

/// What is known of a shape once its children are.
#[derive(Debug, Clone, Copy)]
struct Known {
    depth: usize,
    fills: bool,
}

impl<'p> Shapes<'p> {
    pub(super) fn new(shapes: &'p [Shape]) -> Self {
        let mut known: Vec<Known> = Vec::with_capacity(shapes.len());
        for shape in shapes {
            // A child that does not come first is of unbounded depth: `verify` refuses its parent.
            let unbounded = Known { depth: DEPTH_MAX, fills: true };
            let mut depth = 0;
            let mut fills = shape.slot.is_some() || !shape.parts.is_empty();
            for_each_child(shape, |child, is_live| {
                let index = usize::try_from(child.0).ok();
                let child = index.and_then(|index| known.get(index)).copied().unwrap_or(unbounded);
                depth = depth.max(child.depth);
                fills |= is_live && child.fills;
            });
            known.push(Known { depth: depth.saturating_add(1), fills });
        }
        Self { shapes, known }
    }

    pub(super) fn get(&self, id: ShapeId) -> Result<&'p Shape, Cow<'static, str>> {
        find(self.shapes, id.0, "it names a shape that there is not")
    }

    /// Whether the value, or anything inside it, fills a slot.
    pub(super) fn fills(&self, id: ShapeId) -> bool {
        find(&self.known, id.0, "").is_ok_and(|known| known.fills)
    }

    /// Whether what is laid out is a record.
    pub(super) fn is_record(&self, layout: &Layout) -> bool {
        let root = layout.root.and_then(|root| self.get(root).ok());
        root.is_some_and(|root| matches!(root.kind, ShapeKind::Record { .. }))
    }

    pub(super) fn verify(&self, index: usize, shape: &Shape) -> Check {
        let mut are_before = true;
        for_each_child(shape, |child, _| {
            are_before &= usize::try_from(child.0).is_ok_and(|child| child < index);
        });
        require(are_before, "a shape inside it does not come before it")?;
        let depth = self.known.get(index).map_or(usize::MAX, |known| known.depth);
        require(depth <= DEPTH_MAX, "it nests too deep")?;
        parts(shape)?;
        fields(shape)
    }
}

/// Calls `visit` with each shape directly inside, and whether slots in it are filled.
fn for_each_child(shape: &Shape, mut visit: impl FnMut(ShapeId, bool)) {
    match &shape.kind {
        // The rows of a list that no slot names cannot be found again.
        ShapeKind::List { element, row } => visit(*element, row.is_some() && shape.slot.is_some()),
        ShapeKind::Map(value) => visit(*value, false),
        ShapeKind::Record { fields, .. } => {
            for field in fields {
                visit(field.shape, true);
            }
        }
        ShapeKind::Any
        | ShapeKind::Bool
        | ShapeKind::Int
        | ShapeKind::Float
        | ShapeKind::Text(_)
        | ShapeKind::OneOf(_) => {}
    }
}

fn parts(shape: &Shape) -> Check {
    let kind = match shape.kind {
        ShapeKind::Text(kind) => kind,
        _ => TextKind::Plain,
    };
    let are_its_own = shape.parts.iter().all(|of| kind.parts().contains(&of.part));
    require(are_its_own, "it has parts that such a value has not")
}

fn fields(shape: &Shape) -> Check {
    let ShapeKind::Record { fields, .. } = &shape.kind else { return Ok(()) };
    let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    names.sort_unstable();
    require(super::is_increasing(names.into_iter()), "two of its keys have one name")
}
