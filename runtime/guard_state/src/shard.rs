//! A part of the keys of a store in memory, behind one lock.

use crate::StoreError;
use crate::slot::{Slot, SlotKey};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Slots by key. A slot keeps its index until it is swept.
#[derive(Debug)]
pub(crate) struct Shard {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    by_key: HashMap<SlotKey, usize, BuildHasherDefault<OfDigest>>,
    slots_max: usize,
    /// No slot can be swept before this time.
    sweep_from_ms: i64,
}

impl Shard {
    pub(crate) fn new(slots_max: usize) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::default(),
            slots_max,
            sweep_from_ms: i64::MAX,
        }
    }

    pub(crate) fn find(&self, key: SlotKey) -> Option<&Slot> {
        self.by_key.get(&key).and_then(|at| self.slots.get(*at)?.as_ref())
    }

    pub(crate) fn find_mut(&mut self, key: SlotKey) -> Option<&mut Slot> {
        self.by_key.get(&key).and_then(|at| self.slots.get_mut(*at)?.as_mut())
    }

    /// The slot at `index`, if it is still the key's.
    pub(crate) fn at(&mut self, index: usize, key: SlotKey) -> Option<&mut Slot> {
        self.slots.get_mut(index)?.as_mut().filter(|slot| slot.key == key)
    }

    /// The index of the key's slot, which is made when there is none.
    pub(crate) fn index(&mut self, key: SlotKey, now_ms: i64) -> Result<usize, StoreError> {
        if let Some(at) = self.by_key.get(&key) {
            return Ok(*at);
        }
        if self.by_key.len() >= self.slots_max {
            self.sweep(now_ms);
        }
        if self.by_key.len() >= self.slots_max {
            return Err(StoreError::Full("no room for another key"));
        }
        let slot = Slot::new(key, now_ms);
        self.sweep_from_ms = self.sweep_from_ms.min(slot.expires_ms);
        let at = self.place(slot);
        self.by_key.insert(key, at);
        Ok(at)
    }

    fn place(&mut self, slot: Slot) -> usize {
        if let Some(at) = self.free.pop()
            && let Some(place) = self.slots.get_mut(at)
        {
            *place = Some(slot);
            return at;
        }
        self.slots.push(Some(slot));
        self.slots.len() - 1
    }

    /// Drops what no longer counts. A full shard in which nothing can have expired is not searched
    /// again, so that filling it does not make every further call slow.
    fn sweep(&mut self, now_ms: i64) {
        if now_ms < self.sweep_from_ms {
            return;
        }
        self.sweep_from_ms = i64::MAX;
        for (at, place) in self.slots.iter_mut().enumerate() {
            let Some(slot) = place else { continue };
            if slot.expires_ms > now_ms {
                self.sweep_from_ms = self.sweep_from_ms.min(slot.expires_ms);
                continue;
            }
            self.by_key.remove(&slot.key);
            self.free.push(at);
            *place = None;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

/// Keys are digests already. The shard is chosen by the key's highest bits, this by its lowest.
#[derive(Debug, Default)]
pub(crate) struct OfDigest(u64);

impl Hasher for OfDigest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<8>();
        self.0 = words.iter().fold(self.0, |hash, word| hash ^ u64::from_le_bytes(*word));
    }

    fn write_u128(&mut self, key: u128) {
        self.write(&key.to_le_bytes());
    }
}
