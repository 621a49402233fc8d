//! What loads mean in one entry: which slots a region has, and which rows a list has.
//!
//! INVARIANT: a load that [`Unit::place`] answers names a slot that the evaluation's records have;
//! `entry` refuses shorter records before it calls any code.

use crate::JitError;
use crate::frame::Root;
use guard_plan::{Agent, Entry, Layout, Load, Node, NodeId, Plan, Region, Slot, SlotType};

/// One entry with what it refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) agent: &'p Agent,
    pub(crate) entry: &'p Entry,
    pub(crate) layout: &'p Layout,
}

/// The rows a quantifier runs over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'p> {
    /// Whose record they stand in.
    pub(crate) root: Root,
    layout: &'p Layout,
    slots: &'p [Slot],
}

impl Rows<'_> {
    /// Slots of one row.
    pub(crate) fn width(&self) -> usize {
        self.slots.len()
    }
}

/// Where a load reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The record.
    pub(crate) root: Root,
    /// How many quantifiers out the row stands; `None` for the record's own slots.
    pub(crate) row: Option<usize>,
    layout: &'p Layout,
    slot: &'p Slot,
}

impl<'p> Unit<'p> {
    /// The entry of an agent.
    pub(crate) fn new(
        plan: &'p Plan,
        agent: &'p Agent,
        entry: &'p Entry,
    ) -> Result<Self, JitError> {
        let layout = item(&plan.layouts, entry.layout.0, "an entry has no layout")?;
        Ok(Self { plan, agent, entry, layout })
    }

    /// A node of the entry.
    pub(crate) fn node(&self, node: NodeId) -> Result<&'p Node, JitError> {
        item(&self.entry.nodes, node.0, "a node has no such operand")
    }

    /// Where a load reads, inside these quantifiers; the innermost comes last.
    pub(crate) fn place(&self, load: Load, rows: &[Rows<'p>]) -> Result<Place<'p>, JitError> {
        let (root, layout) = match load.region {
            Region::Event => (Root::Event, self.layout),
            Region::Principal => (Root::Principal, &self.agent.parameters),
            Region::Data => (Root::Data, &self.plan.data),
            Region::Row(depth) => return row_place(load, depth, rows),
        };
        let slot = item(&layout.slots, load.slot, "a load names no slot of its layout")?;
        Ok(Place { root, row: None, layout, slot })
    }

    /// The rows of a list.
    pub(crate) fn rows_of(&self, list: Load, rows: &[Rows<'p>]) -> Result<Rows<'p>, JitError> {
        let place = self.place(list, rows)?;
        let SlotType::List(row) = place.slot.ty else {
            return Err(JitError::NotVerified("a quantifier runs over what is no list"));
        };
        let slots = item(&place.layout.rows, row, "a list has no rows in its layout")?;
        Ok(Rows { root: place.root, layout: place.layout, slots })
    }
}

fn row_place<'p>(load: Load, depth: u32, rows: &[Rows<'p>]) -> Result<Place<'p>, JitError> {
    let outside = JitError::NotVerified("a row is read outside its quantifier");
    let depth = usize::try_from(depth).map_err(|_| outside.clone())?;
    let index = rows.len().checked_sub(depth).and_then(|n| n.checked_sub(1));
    let index = index.ok_or_else(|| outside.clone())?;
    let row = rows.get(index).ok_or(outside)?;
    let slot = item(row.slots, load.slot, "a load names no slot of its row")?;
    Ok(Place { root: row.root, row: Some(index), layout: row.layout, slot })
}

/// The item at an index that a verified plan has.
pub(crate) fn item<'a, T>(
    items: &'a [T],
    index: u32,
    otherwise: &'static str,
) -> Result<&'a T, JitError> {
    usize::try_from(index)
        .ok()
        .and_then(|index| items.get(index))
        .ok_or(JitError::NotVerified(otherwise))
}
