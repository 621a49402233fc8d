//! How much a session of an agent can come to keep: the bound that `guardc show plan` prints.

use crate::limits::{
    CALL_ID_BYTES_MAX, FACT_BYTES_MAX, MEMORY_ROWS_MAX, MEMORY_TEXT_BYTES_MAX, OPEN_CALLS_MAX,
    ORIGIN_BYTES_MAX,
};
use crate::{Action, Agent, Entry, Memory, SlotType};

/// A number of the wire form is at most so long.
const NUMBER_BYTES: usize = 10;

/// The most that a session keeps from one event to the next, in bytes as it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateBound {
    /// What memories keep.
    pub memories: usize,
    /// Calls that have no result yet.
    pub calls: usize,
    /// Where values came from, and what claims are looked for among.
    pub origins: usize,
}

impl StateBound {
    /// Of an agent.
    pub fn of(agent: &Agent) -> Self {
        let memories = agent.memories.iter().map(Memory::bytes_max);
        let memories = memories.fold(0_usize, usize::saturating_add);
        let call = agent.entries.iter().map(|entry| call_bytes(agent, entry)).max().unwrap_or(0);
        let origins = if agent.provenance.names.is_empty() { 0 } else { ORIGIN_BYTES_MAX };
        let facts = if agent.provenance.has_facts { FACT_BYTES_MAX } else { 0 };
        let origins = origins.saturating_add(facts);
        Self { memories, calls: call.saturating_mul(OPEN_CALLS_MAX), origins }
    }

    /// All of it, with what every session keeps.
    pub fn total(self) -> usize {
        const ALWAYS: usize = 256;
        let parts = [self.memories, self.calls, self.origins, ALWAYS];
        parts.into_iter().fold(0, usize::saturating_add)
    }
}

impl Memory {
    /// How many rows it has at most.
    pub fn rows_max(&self) -> usize {
        if self.keys == 0 { 1 } else { MEMORY_ROWS_MAX }
    }

    /// How long a row is at most, in bytes as it is saved.
    pub fn row_bytes_max(&self) -> usize {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let key = count(self.keys).saturating_mul(4 + MEMORY_TEXT_BYTES_MAX);
        let fields = self.fields.iter().map(|ty| value_bytes(*ty)).sum::<usize>();
        let times = if self.window_ms.is_some() { count(self.most) } else { 0 };
        let times = times.saturating_mul(NUMBER_BYTES);
        key.saturating_add(fields).saturating_add(times).saturating_add(5 * NUMBER_BYTES)
    }

    /// How much it keeps at most.
    pub fn bytes_max(&self) -> usize {
        self.rows_max().saturating_mul(self.row_bytes_max()).saturating_add(NUMBER_BYTES)
    }
}

/// A call that waits for its result: what it will note, and what it took of limits.
fn call_bytes(agent: &Agent, entry: &Entry) -> usize {
    if entry.updates.is_empty() && entry.limits.is_empty() {
        return 0;
    }
    let notings = entry.updates.iter().filter_map(|update| match &update.action {
        Action::Note { .. } => {
            let memory = usize::try_from(update.memory).ok();
            memory.and_then(|index| agent.memories.get(index)).map(Memory::row_bytes_max)
        }
        Action::Finish { .. } | Action::Clear => None,
    });
    let taken = entry.limits.len().saturating_mul(4 * NUMBER_BYTES);
    let own = CALL_ID_BYTES_MAX + 5 * NUMBER_BYTES;
    notings.fold(own.saturating_add(taken), usize::saturating_add)
}

fn value_bytes(ty: SlotType) -> usize {
    match ty {
        SlotType::Text => 1 + NUMBER_BYTES + MEMORY_TEXT_BYTES_MAX,
        _ => 1 + NUMBER_BYTES,
    }
}
