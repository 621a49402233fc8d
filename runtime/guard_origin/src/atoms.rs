//! Gives each distinct atom a number.

use crate::hash::{Table, of_bytes};
use crate::memory::list_capacity_max;
use sha2::{Digest, Sha256};

/// The number of an atom, in the order in which atoms were first seen.
pub(crate) type AtomId = u32;

/// INVARIANT: the name of the atom `n` is the bytes from the `n`th of `ends` to the next.
#[derive(Clone)]
pub(crate) struct Atoms {
    names: Vec<u8>,
    ends: Vec<usize>,
    table: Table,
}

/// The least by which the list of names grows; no name is longer.
const NAMES_STEP_BYTES: usize = 1024;

impl Default for Atoms {
    fn default() -> Self {
        Self { names: Vec::new(), ends: vec![0], table: Table::default() }
    }
}

impl Atoms {
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<AtomId> {
        self.find_hashed(name, of_bytes(name))
    }

    #[inline]
    fn find_hashed(&self, name: &[u8], hash: u32) -> Option<AtomId> {
        self.table.find(hash, |id| name_at(&self.names, &self.ends, id) == Some(name), || key(name))
    }

    pub(crate) fn intern(&mut self, name: &[u8]) -> AtomId {
        let hash = of_bytes(name);
        if let Some(id) = self.find_hashed(name, hash) {
            return id;
        }
        // The quotas keep the number of atoms far below this.
        let id = AtomId::try_from(self.len()).unwrap_or(AtomId::MAX);
        if self.names.capacity() - self.names.len() < name.len() {
            // By an eighth, not by twice: names are most of an index's memory.
            self.names.reserve_exact((self.names.len() / 8).max(NAMES_STEP_BYTES));
        }
        self.names.extend_from_slice(name);
        self.ends.push(self.names.len());
        let Self { names, ends, table } = self;
        table.add(hash, id, |id| key(name_at(names, ends, id).unwrap_or_default()));
        id
    }

    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        let ids = self.ends.windows(2);
        ids.filter_map(|ends| self.names.get(*ends.first()?..*ends.last()?))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.names.capacity() + self.ends.capacity() * size_of::<usize>() + self.table.bytes()
    }

    /// An estimate of the most memory that `count` atoms take.
    pub(crate) fn bytes_max(count: usize) -> usize {
        let longest = count * crate::limits::ATOM_BYTES_MAX;
        longest
            + (longest / 8).max(NAMES_STEP_BYTES)
            + list_capacity_max(count + 1) * size_of::<usize>()
            + Table::bytes_max(count)
    }
}

#[inline]
fn name_at<'a>(names: &'a [u8], ends: &[usize], id: AtomId) -> Option<&'a [u8]> {
    let id = id as usize;
    names.get(*ends.get(id)?..*ends.get(id + 1)?)
}

/// What tells a crowded atom from others: the first half of its SHA-256.
fn key(name: &[u8]) -> u128 {
    let digest = Sha256::digest(name);
    digest.iter().take(16).fold(0, |key, byte| (key << 8) | u128::from(*byte))
}
