//! Layouts for tests: shapes are written down as a tree, slots are handed out to all of it.

use crate::{EventKind, Layouts};
use guard_plan::{
    FieldShape, Layout, Meta, PartSlot, Shape, ShapeId, ShapeKind, Slot, SlotType, TextKind,
};

/// A shape as a tree.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    Any,
    Bool,
    Int,
    Float,
    Text(TextKind),
    OneOf(Vec<String>),
    List(Box<Tree>),
    /// A set of facts.
    Set(TextKind),
    Map(Box<Tree>),
    Record(Vec<(String, bool, Tree)>, bool),
}

/// `name: shape`, required.
pub(crate) fn field(name: &str, tree: Tree) -> (String, bool, Tree) {
    (name.to_owned(), false, tree)
}

/// `name: shape?`.
pub(crate) fn optional(name: &str, tree: Tree) -> (String, bool, Tree) {
    (name.to_owned(), true, tree)
}

pub(crate) fn text() -> Tree {
    Tree::Text(TextKind::Plain)
}

/// Shapes and layouts of the tools of a test.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) shapes: Vec<Shape>,
    calls: Vec<(String, Layout)>,
    results: Vec<(String, Layout)>,
    input: Option<Layout>,
    output: Option<Layout>,
}

impl World {
    pub(crate) fn call(mut self, tool: &str, tree: &Tree, meta: &[Meta]) -> Self {
        let layout = self.layout(Some(tree), meta);
        self.calls.push((tool.to_owned(), layout));
        self
    }

    pub(crate) fn result(mut self, tool: &str, tree: Option<&Tree>, meta: &[Meta]) -> Self {
        let layout = self.layout(tree, meta);
        self.results.push((tool.to_owned(), layout));
        self
    }

    pub(crate) fn input(mut self, meta: &[Meta]) -> Self {
        self.input = Some(self.layout(None, meta));
        self
    }

    pub(crate) fn output(mut self, meta: &[Meta]) -> Self {
        self.output = Some(self.layout(None, meta));
        self
    }

    /// The slots of `meta` first, then those of the shape in the order of its tree.
    pub(crate) fn layout(&mut self, tree: Option<&Tree>, meta: &[Meta]) -> Layout {
        let mut layout = Layout::default();
        for meta in meta {
            let slot = push(&mut layout.slots, meta.slot_type());
            layout.meta.push((*meta, slot));
        }
        let mut slots = std::mem::take(&mut layout.slots);
        layout.root = tree.map(|tree| self.shape(tree, &mut slots, &mut layout));
        layout.slots = slots;
        layout
    }

    fn shape(&mut self, tree: &Tree, slots: &mut Vec<Slot>, layout: &mut Layout) -> ShapeId {
        let mut parts = Vec::new();
        let (kind, slot) = match tree {
            Tree::Any => (ShapeKind::Any, push(slots, SlotType::Presence)),
            Tree::Bool => (ShapeKind::Bool, push(slots, SlotType::Bool)),
            Tree::Int => (ShapeKind::Int, push(slots, SlotType::Int)),
            Tree::Float => (ShapeKind::Float, push(slots, SlotType::Float)),
            Tree::Text(kind) => {
                let slot = push(slots, SlotType::Text);
                for part in kind.parts() {
                    let row = part.is_list().then(|| {
                        layout.rows.push(vec![Slot { name: String::new(), ty: SlotType::Text }]);
                        u32::try_from(layout.rows.len() - 1).unwrap()
                    });
                    let ty = part.slot_type().or(row.map(SlotType::List)).unwrap();
                    parts.push(PartSlot { part: *part, slot: push(slots, ty), row });
                }
                (ShapeKind::Text(*kind), slot)
            }
            Tree::OneOf(texts) => (ShapeKind::OneOf(texts.clone()), push(slots, SlotType::Text)),
            Tree::Set(kind) => {
                let element = self.push(ShapeKind::Text(*kind), None, Vec::new());
                (ShapeKind::List { element, row: None }, push(slots, SlotType::TextSet))
            }
            Tree::List(inner) => {
                let row = u32::try_from(layout.rows.len()).unwrap();
                layout.rows.push(Vec::new());
                let slot = push(slots, SlotType::List(row));
                let mut row_slots = Vec::new();
                let element = self.shape(inner, &mut row_slots, layout);
                layout.rows[row as usize] = row_slots;
                (ShapeKind::List { element, row: Some(row) }, slot)
            }
            Tree::Map(inner) => {
                let slot = push(slots, SlotType::Presence);
                let value = self.shape(inner, &mut Vec::new(), &mut Layout::default());
                (ShapeKind::Map(value), slot)
            }
            Tree::Record(fields, open) => {
                let slot = push(slots, SlotType::Presence);
                let fields = fields
                    .iter()
                    .map(|(name, optional, tree)| FieldShape {
                        name: name.clone(),
                        optional: *optional,
                        shape: self.shape(tree, slots, layout),
                    })
                    .collect();
                (ShapeKind::Record { fields, open: *open }, slot)
            }
        };
        self.push(kind, Some(slot), parts)
    }

    fn push(&mut self, kind: ShapeKind, slot: Option<u32>, parts: Vec<PartSlot>) -> ShapeId {
        self.shapes.push(Shape { kind, slot, parts });
        ShapeId(u32::try_from(self.shapes.len() - 1).unwrap())
    }
}

fn push(slots: &mut Vec<Slot>, ty: SlotType) -> u32 {
    slots.push(Slot { name: String::new(), ty });
    u32::try_from(slots.len() - 1).unwrap()
}

impl Layouts for World {
    type Target = usize;

    fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    fn find(&self, kind: EventKind, tool: &str) -> Option<(usize, &Layout)> {
        let tools = match kind {
            EventKind::Input => return self.input.as_ref().map(|layout| (0, layout)),
            EventKind::Output => return self.output.as_ref().map(|layout| (0, layout)),
            EventKind::Call => &self.calls,
            EventKind::Result => &self.results,
        };
        let index = tools.iter().position(|(name, _)| name == tool)?;
        Some((index, &tools[index].1))
    }
}
