//! Gives each distinct atom a number.

use std::collections::HashMap;
use std::sync::Arc;

/// The number of an atom, in the order in which atoms were first seen.
pub(crate) type AtomId = u32;

// The map has the standard hasher with its random keys, so that nobody can choose atoms that
// collide. Nothing goes through the map in its order.
#[derive(Clone, Default)]
pub(crate) struct Atoms {
    ids: HashMap<Arc<[u8]>, AtomId>,
    names: Vec<Arc<[u8]>>,
    name_bytes: usize,
}

impl Atoms {
    pub(crate) fn find(&self, name: &[u8]) -> Option<AtomId> {
        self.ids.get(name).copied()
    }

    pub(crate) fn intern(&mut self, name: &[u8]) -> AtomId {
        if let Some(id) = self.find(name) {
            return id;
        }
        // The quotas keep the number of atoms far below this.
        let id = AtomId::try_from(self.names.len()).unwrap_or(AtomId::MAX);
        let name: Arc<[u8]> = name.into();
        self.name_bytes += name.len();
        self.names.push(Arc::clone(&name));
        self.ids.insert(name, id);
        id
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn bytes(&self) -> usize {
        bytes(self.names.capacity(), self.ids.capacity(), self.names.len(), self.name_bytes)
    }

    /// An estimate of the most memory that `count` atoms take.
    pub(crate) fn bytes_max(count: usize) -> usize {
        let longest = count * crate::limits::ATOM_BYTES_MAX;
        bytes(crate::memory::list_capacity_max(count), count, count, longest)
    }
}

/// Reference counts and what an allocator adds to a name.
const NAME_OVERHEAD_BYTES: usize = 32;

fn bytes(list: usize, map: usize, names: usize, name_bytes: usize) -> usize {
    let entry = size_of::<(Arc<[u8]>, AtomId)>();
    list * size_of::<Arc<[u8]>>()
        + crate::memory::map_bytes(map, entry)
        + names * NAME_OVERHEAD_BYTES
        + name_bytes
}
