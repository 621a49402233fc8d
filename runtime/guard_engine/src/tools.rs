//! Finds a tool by its name and an agent's entry by its event.

use guard_plan::{Agent, EntryId, EventTarget, Tool, ToolId};
use guard_value::EventKind;

/// Stands for an empty place; no plan has so many tools or entries.
const NONE: u32 = u32::MAX;

/// The declared tools by name: open addressing, at most half full.
#[derive(Debug)]
pub(crate) struct ToolIndex {
    places: Vec<u32>,
    mask: usize,
}

impl ToolIndex {
    pub(crate) fn new(tools: &[Tool]) -> Self {
        let size = tools.len().saturating_mul(2).next_power_of_two().max(2);
        let mut index = Self { places: vec![NONE; size], mask: size - 1 };
        for (tool, id) in tools.iter().zip(0..) {
            index.insert(&tool.name, id);
        }
        index
    }

    fn insert(&mut self, name: &str, id: u32) {
        let mut at = hash(name.as_bytes()) & self.mask;
        while self.places.get(at).is_some_and(|place| *place != NONE) {
            at = (at + 1) & self.mask;
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = id;
        }
    }

    /// The tool of exactly this name.
    pub(crate) fn find<'p>(&self, tools: &'p [Tool], name: &str) -> Option<(ToolId, &'p Tool)> {
        let mut at = hash(name.as_bytes()) & self.mask;
        loop {
            let id = *self.places.get(at).filter(|place| **place != NONE)?;
            let tool = tools.get(usize::try_from(id).ok()?)?;
            if tool.name == name {
                return Some((ToolId(id), tool));
            }
            at = (at + 1) & self.mask;
        }
    }
}

/// Eight bytes at a time, so that an ordinary name takes two or three steps. It need not resist
/// chosen names: those in the index are the policy's own, and a search ends at the first gap.
fn hash(name: &[u8]) -> usize {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = FACTOR;
    for chunk in name.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR).rotate_left(29);
    }
    let [a, b, c, d, ..] = (hash ^ (hash >> 32)).to_le_bytes();
    usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(0)
}

/// Which entry of an agent decides which events: one step, however many entries there are.
#[derive(Debug)]
pub(crate) struct EntryTable {
    input: Option<EntryId>,
    output: Option<EntryId>,
    /// One for each tool.
    calls: Vec<u32>,
    results: Vec<u32>,
}

impl EntryTable {
    pub(crate) fn new(agent: &Agent, tools: usize) -> Self {
        let (calls, results) = (vec![NONE; tools], vec![NONE; tools]);
        let mut table = Self { input: None, output: None, calls, results };
        for (entry, id) in agent.entries.iter().zip(0..) {
            match entry.target {
                EventTarget::Input => table.input = Some(EntryId(id)),
                EventTarget::Output => table.output = Some(EntryId(id)),
                EventTarget::Call(tool) => put(&mut table.calls, tool, id),
                EventTarget::Result(tool) => put(&mut table.results, tool, id),
            }
        }
        table
    }

    /// The entry for an event; `tool` is that of a call or result.
    pub(crate) fn find(&self, kind: EventKind, tool: Option<ToolId>) -> Option<EntryId> {
        let of_tool = |entries: &[u32]| {
            let entry = *entries.get(usize::try_from(tool?.0).ok()?)?;
            (entry != NONE).then_some(EntryId(entry))
        };
        match kind {
            EventKind::Input => self.input,
            EventKind::Output => self.output,
            EventKind::Call => of_tool(&self.calls),
            EventKind::Result => of_tool(&self.results),
        }
    }
}

fn put(entries: &mut [u32], tool: ToolId, entry: u32) {
    let place = usize::try_from(tool.0).ok().and_then(|tool| entries.get_mut(tool));
    if let Some(place) = place {
        *place = entry;
    }
}
