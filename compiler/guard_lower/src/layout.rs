//! Gives every value that is read its slot, and writes the shapes that fill them.
//!
//! Slots are numbered in the order of the type's declaration, never of the rules, so that the order
//! of rules does not show in a plan.

use crate::reads::{AnswerType, Needed, ReadTree, Step};
use guard_plan::{
    FieldShape, Layout, Meta, Part, PartSlot, Shape, ShapeId, ShapeKind, Slot, SlotType,
};
use guard_types::ty::{RecordTy, Ty};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The shapes of a plan; equal shapes are one.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// In the order made: children before parents.
    pub(crate) shapes: Vec<Shape>,
    known: HashMap<Shape, ShapeId>,
}

impl Shapes {
    fn intern(&mut self, shape: Shape) -> ShapeId {
        if let Some(id) = self.known.get(&shape) {
            return *id;
        }
        // A plan's index is 32 bits; a package of at most 4 MiB a file cannot hold more shapes.
        let id = ShapeId(u32::try_from(self.shapes.len()).unwrap_or(u32::MAX));
        self.shapes.push(shape.clone());
        self.known.insert(shape, id);
        id
    }
}

/// A layout, and where each address is in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlotMap {
    /// The layout itself.
    pub(crate) layout: Layout,
    /// The slot of a value or a part, in the row of the innermost list around it.
    slots: HashMap<(Vec<Step>, Option<Part>), u32>,
    meta: HashMap<Meta, u32>,
    /// Rows by the steps to their elements.
    rows: HashMap<Vec<Step>, usize>,
    /// The first answer of a type in a row.
    answers: HashMap<(Vec<Step>, AnswerType), (Option<u32>, u32)>,
}

impl SlotMap {
    /// The slot of the value at these steps from the root.
    pub(crate) fn slot(&self, steps: &[Step], part: Option<Part>) -> Option<u32> {
        // A list is a step of its own.
        let part = part.filter(|part| !part.is_list());
        self.slots.get(&(steps.to_vec(), part)).copied()
    }

    /// The row and slot of an answer.
    pub(crate) fn answer(&self, needed: &Needed) -> Option<(Option<u32>, u32)> {
        let key = (needed.row.clone(), AnswerType::of(needed.ty));
        let (row, first) = self.answers.get(&key)?;
        Some((*row, first.checked_add(u32::try_from(needed.ordinal).ok()?)?))
    }

    /// The slot of what the host says.
    pub(crate) fn meta_slot(&self, meta: Meta) -> Option<u32> {
        self.meta.get(&meta).copied()
    }
}

/// Lays out a value of type `ty` (where the event has one) of which `reads` is read.
pub(crate) fn lay_out(
    ty: Option<&Ty>,
    reads: &ReadTree,
    meta: &BTreeSet<Meta>,
    shapes: &mut Shapes,
) -> SlotMap {
    lay_out_event(ty, reads, meta, &BTreeMap::new(), shapes)
}

/// Lays out an event with so many answers about the session.
pub(crate) fn lay_out_event(
    ty: Option<&Ty>,
    reads: &ReadTree,
    meta: &BTreeSet<Meta>,
    answers: &BTreeMap<(Vec<Step>, AnswerType), usize>,
    shapes: &mut Shapes,
) -> SlotMap {
    let mut builder = Builder { shapes, map: SlotMap::default(), rows: vec![Vec::new()] };
    let root = ty.map(|ty| builder.shape(ty, reads, &mut Vec::new(), "", 0));
    for meta in meta {
        let slot = builder.new_slot(0, meta.word().to_owned(), meta.slot_type());
        builder.map.meta.insert(*meta, slot);
        builder.map.layout.meta.push((*meta, slot));
    }
    builder.answers(answers);
    let mut rows = builder.rows.into_iter();
    let mut map = builder.map;
    map.layout.root = root;
    map.layout.slots = rows.next().unwrap_or_default();
    map.layout.rows = rows.collect();
    map
}

/// Lays out an agent's parameters or a tool's arguments.
pub(crate) fn lay_out_record(
    record: &RecordTy,
    reads: &ReadTree,
    meta: &BTreeSet<Meta>,
    shapes: &mut Shapes,
) -> SlotMap {
    lay_out(Some(&Ty::Record(record.clone().into())), reads, meta, shapes)
}

struct Builder<'a> {
    shapes: &'a mut Shapes,
    map: SlotMap,
    /// Row 0 is the record itself; row `i` is `layout.rows[i - 1]`.
    rows: Vec<Vec<Slot>>,
}

impl Builder<'_> {
    fn new_slot(&mut self, row: usize, name: String, ty: SlotType) -> u32 {
        let Some(slots) = self.rows.get_mut(row) else { return u32::MAX };
        slots.push(Slot { name, ty });
        u32::try_from(slots.len() - 1).unwrap_or(u32::MAX)
    }

    fn answers(&mut self, answers: &BTreeMap<(Vec<Step>, AnswerType), usize>) {
        for ((steps, ty), count) in answers {
            let row = if steps.is_empty() { Some(0) } else { self.map.rows.get(steps).copied() };
            // The element that is asked about is read, so its row is there.
            let Some(row) = row else { continue };
            let of_row = row.checked_sub(1).and_then(|row| u32::try_from(row).ok());
            for ordinal in 0..*count {
                let slot = self.new_slot(row, String::new(), ty.slot_type());
                self.map.layout.answers.push((of_row, slot));
                if ordinal == 0 {
                    self.map.answers.insert((steps.clone(), *ty), (of_row, slot));
                }
            }
        }
    }

    fn shape(
        &mut self,
        ty: &Ty,
        reads: &ReadTree,
        steps: &mut Vec<Step>,
        name: &str,
        row: usize,
    ) -> ShapeId {
        let ty = if let Ty::Optional(inner) = ty { inner } else { ty };
        let (kind, slot_type) = match ty {
            Ty::Bool => (ShapeKind::Bool, SlotType::Bool),
            Ty::Int | Ty::Duration | Ty::Time => (ShapeKind::Int, SlotType::Int),
            Ty::Float => (ShapeKind::Float, SlotType::Float),
            Ty::Text(kind) => (ShapeKind::Text(*kind), SlotType::Text),
            Ty::OneOf(words) => (ShapeKind::OneOf(words.to_vec()), SlotType::Text),
            Ty::Set(element) => {
                let element = self.inner_shape(element, steps);
                (ShapeKind::List { element, row: None }, SlotType::TextSet)
            }
            Ty::List(element) => self.list(element, reads, steps, name),
            Ty::Map(value) => (ShapeKind::Map(self.inner_shape(value, steps)), SlotType::Presence),
            Ty::Record(record) => {
                (self.record(record, reads, steps, name, row), SlotType::Presence)
            }
            Ty::Json | Ty::Error | Ty::Optional(_) => (ShapeKind::Any, SlotType::Presence),
        };
        let slot = reads.own.then(|| {
            let slot = self.new_slot(row, name.to_owned(), slot_type);
            self.map.slots.insert((steps.clone(), None), slot);
            slot
        });
        let parts = self.parts(reads, steps, name, row);
        self.shapes.intern(Shape { kind, slot, parts })
    }

    // `null` among the elements of a list or the values of a map is only for those declared
    // optional, which no rule can read.
    fn inner_shape(&mut self, ty: &Ty, steps: &mut Vec<Step>) -> ShapeId {
        let ty = if matches!(ty, Ty::Optional(_)) { &Ty::Json } else { ty };
        self.shape(ty, &ReadTree::default(), steps, "", 0)
    }

    // The rows of a list exist as soon as a rule goes over its elements or counts them.
    fn list(
        &mut self,
        element: &Ty,
        reads: &ReadTree,
        steps: &mut Vec<Step>,
        name: &str,
    ) -> (ShapeKind, SlotType) {
        if reads.element.is_none() && !reads.own {
            let element = self.inner_shape(element, steps);
            return (ShapeKind::List { element, row: None }, SlotType::Presence);
        }
        let nothing = ReadTree::default();
        let inner = reads.element.as_deref().unwrap_or(&nothing);
        let index = u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX);
        let row = self.rows.len();
        self.rows.push(Vec::new());
        steps.push(Step::Element);
        self.map.rows.insert(steps.clone(), row);
        let element = self.shape(element, inner, steps, &format!("{name}[]"), row);
        steps.pop();
        (ShapeKind::List { element, row: Some(index) }, SlotType::List(index))
    }

    fn record(
        &mut self,
        record: &RecordTy,
        reads: &ReadTree,
        steps: &mut Vec<Step>,
        name: &str,
        row: usize,
    ) -> ShapeKind {
        let nothing = ReadTree::default();
        let fields = record.fields.iter().map(|field| {
            let inner = reads.fields.get(&field.name).unwrap_or(&nothing);
            steps.push(Step::Field(field.name.clone()));
            let shape = self.shape(&field.ty, inner, steps, &joined(name, &field.name), row);
            steps.pop();
            let optional = matches!(field.ty, Ty::Optional(_));
            FieldShape { name: field.name.clone(), optional, shape }
        });
        ShapeKind::Record { fields: fields.collect(), open: record.open }
    }

    fn parts(&mut self, reads: &ReadTree, steps: &[Step], name: &str, row: usize) -> Vec<PartSlot> {
        let part = |part: &Part| {
            let name = joined(name, part.word());
            let of_row = part.is_list().then(|| self.texts(*part, steps, &name));
            let ty = part.slot_type().or(of_row.map(SlotType::List)).unwrap_or(SlotType::Presence);
            let slot = self.new_slot(row, name, ty);
            let key = match of_row {
                Some(_) => (steps.iter().cloned().chain([Step::Part(*part)]).collect(), None),
                None => (steps.to_vec(), Some(*part)),
            };
            self.map.slots.insert(key, slot);
            PartSlot { part: *part, slot, row: of_row }
        };
        reads.parts.iter().map(part).collect()
    }

    /// The rows of a part that is a list of texts.
    fn texts(&mut self, part: Part, steps: &[Step], name: &str) -> u32 {
        let index = u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX);
        let row = self.rows.len();
        self.rows.push(Vec::new());
        let steps: Vec<Step> =
            steps.iter().cloned().chain([Step::Part(part), Step::Element]).collect();
        let slot = self.new_slot(row, format!("{name}[]"), SlotType::Text);
        self.map.rows.insert(steps.clone(), row);
        self.map.slots.insert((steps, None), slot);
        index
    }
}

fn joined(name: &str, field: &str) -> String {
    if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") }
}

/// The layout of the host's facts: all of them, each of which may be missing.
pub(crate) fn facts_record(data: &[(String, Ty)]) -> RecordTy {
    let fields = data.iter().map(|(name, ty)| guard_types::ty::FieldTy {
        name: name.clone(),
        ty: Ty::Optional(ty.clone().into()),
        labels: Vec::new(),
    });
    RecordTy { fields: fields.collect(), open: false }
}
