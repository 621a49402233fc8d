//! A part of the keys of a store in memory, behind one lock.

use crate::StoreError;
use crate::slot::{Kept, Slot, SlotKey};
use std::collections::BTreeMap;

/// Slots by key. A slot keeps its index until it is swept.
///
/// INVARIANT: `table` has a power of two of places, at least half of them empty; each holds one more
/// than the index of a slot that is not free, and stands at that slot's hash or in one of the next
/// places, with no empty one between. What finds no place there is in `crowded`.
#[derive(Debug)]
pub(crate) struct Shard {
    slots: Vec<Slot>,
    table: Box<[u32]>,
    crowded: BTreeMap<SlotKey, u32>,
    free: Vec<u32>,
    length: usize,
    /// How many of a hash's first bits chose the shard.
    bits_before: u32,
    slots_max: usize,
    /// No slot can be swept before this time.
    sweep_from_ms: i64,
}

/// A key and its hash, of which the shard's own bits were cut off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashed {
    pub(crate) key: SlotKey,
    pub(crate) hash: u64,
}

impl Hashed {
    /// The key with its hash, of which the first `bits_before` are the number of its shard.
    #[inline]
    pub(crate) fn new(key: SlotKey, bits_before: u32) -> (Self, usize) {
        let hash = key.hash();
        let shard = usize::try_from(hash >> (u64::BITS - bits_before)).unwrap_or(0);
        (Self { key, hash: hash << bits_before }, shard)
    }
}

const TABLE_MIN: usize = 16;

/// How many places a look-up tries. Keys that nobody searched for need fewer in a table that is half
/// empty.
const PROBES_MAX: usize = 32;

impl Shard {
    pub(crate) fn new(slots_max: usize, bits_before: u32) -> Self {
        Self {
            slots: Vec::new(),
            table: Box::default(),
            crowded: BTreeMap::new(),
            free: Vec::new(),
            length: 0,
            bits_before,
            slots_max,
            sweep_from_ms: i64::MAX,
        }
    }

    #[inline]
    pub(crate) fn find(&self, of: &Hashed) -> Option<usize> {
        let mut place = self.first_place(of.hash);
        for _ in 0..PROBES_MAX {
            let index = usize::try_from(*self.table.get(place)?).ok()?.checked_sub(1)?;
            if self.slots.get(index)?.key == of.key {
                return Some(index);
            }
            place = self.after(place);
        }
        usize::try_from(*self.crowded.get(&of.key)?).ok()
    }

    /// The slot at `index`, if it is still the key's.
    #[inline]
    pub(crate) fn at(&mut self, index: usize, key: SlotKey) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(index)?;
        (slot.key == key && !matches!(slot.kept, Kept::Free)).then_some(slot)
    }

    pub(crate) fn slot(&self, of: &Hashed) -> Option<&Slot> {
        self.slots.get(self.find(of)?)
    }

    pub(crate) fn slot_mut(&mut self, of: &Hashed) -> Option<&mut Slot> {
        let index = self.find(of)?;
        self.slots.get_mut(index)
    }

    /// The index of the key's slot, which is made when there is none. To make room slots are dropped
    /// that no longer count, but never those for which `is_needed`.
    #[inline]
    pub(crate) fn index(
        &mut self,
        of: &Hashed,
        now_ms: i64,
        is_needed: impl Fn(SlotKey) -> bool,
    ) -> Result<usize, StoreError> {
        match self.find(of) {
            Some(index) => Ok(index),
            None => self.make(of, now_ms, is_needed),
        }
    }

    #[cold]
    fn make(
        &mut self,
        of: &Hashed,
        now_ms: i64,
        is_needed: impl Fn(SlotKey) -> bool,
    ) -> Result<usize, StoreError> {
        if self.length >= self.slots_max {
            self.sweep(now_ms, is_needed);
        }
        if self.length >= self.slots_max {
            return Err(StoreError::Full("no room for another key"));
        }
        if (self.length + 1) * 2 > self.table.len() {
            self.fill_table(((self.length + 1) * 2).next_power_of_two());
        }
        let index = self.place(Slot::new(of.key));
        self.enter(of, index);
        self.length += 1;
        // It has taken nothing yet, so it may go at once.
        self.sweep_from_ms = i64::MIN;
        Ok(index)
    }

    fn place(&mut self, slot: Slot) -> usize {
        let free = self.free.pop().and_then(|index| usize::try_from(index).ok());
        if let Some(index) = free
            && let Some(place) = self.slots.get_mut(index)
        {
            *place = slot;
            return index;
        }
        self.slots.push(slot);
        self.slots.len() - 1
    }

    fn enter(&mut self, of: &Hashed, index: usize) {
        let Ok(index) = u32::try_from(index) else { return };
        let mut place = self.first_place(of.hash);
        for _ in 0..PROBES_MAX {
            if let Some(entry) = self.table.get_mut(place).filter(|entry| **entry == 0) {
                *entry = index + 1;
                return;
            }
            place = self.after(place);
        }
        self.crowded.insert(of.key, index);
    }

    #[inline]
    fn first_place(&self, hash: u64) -> usize {
        let bits = self.table.len().trailing_zeros();
        // Shifted twice, because a table of one place would be shifted by all bits.
        usize::try_from(hash >> 1 >> (u64::BITS - 1 - bits.min(u64::BITS - 1))).unwrap_or(0)
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        if place + 1 < self.table.len() { place + 1 } else { 0 }
    }

    fn fill_table(&mut self, places: usize) {
        self.table = vec![0; places.max(TABLE_MIN)].into_boxed_slice();
        self.crowded.clear();
        for index in 0..self.slots.len() {
            let slot = self.slots.get(index).filter(|slot| !matches!(slot.kept, Kept::Free));
            if let Some(key) = slot.map(|slot| slot.key) {
                self.enter(&Hashed::new(key, self.bits_before).0, index);
            }
        }
    }

    /// Drops what no longer counts. A full shard in which nothing can have expired is not searched
    /// again, so that filling it does not make every further call slow.
    fn sweep(&mut self, now_ms: i64, is_needed: impl Fn(SlotKey) -> bool) {
        if now_ms < self.sweep_from_ms {
            return;
        }
        self.sweep_from_ms = i64::MAX;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if matches!(slot.kept, Kept::Free) {
                continue;
            }
            let expires_ms = slot.expires_ms();
            if expires_ms > now_ms || is_needed(slot.key) {
                self.sweep_from_ms = self.sweep_from_ms.min(expires_ms);
                continue;
            }
            slot.kept = Kept::Free;
            self.free.push(u32::try_from(index).unwrap_or(u32::MAX));
            self.length -= 1;
        }
        self.fill_table(self.table.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_all_fall_on_one_place_are_found() {
        let mut shard = Shard::new(500, 6);
        let keys: Vec<Hashed> = (0..500_u128)
            .map(|number| {
                let key = crate::Key::from_bits(number << 64 | number);
                Hashed { key: SlotKey::take(key), hash: SlotKey::take(key).hash() << 6 }
            })
            .collect();
        // Halves that are equal leave nothing to hash.
        assert!(keys.iter().all(|of| of.hash == 0));
        for of in &keys {
            let index = shard.index(of, 0, |_| false).unwrap();
            assert_eq!(shard.find(of), Some(index));
        }
        assert!(shard.crowded.len() > 400);
        let found: std::collections::BTreeSet<_> = keys.iter().map(|of| shard.find(of)).collect();
        assert_eq!((found.len(), found.contains(&None)), (500, false));
        // A sweep takes what was never used, and what comes then has its place.
        let new = Hashed::new(SlotKey::take(crate::Key::from_bits(1)), 6).0;
        let index = shard.index(&new, 0, |_| false).unwrap();
        assert_eq!((shard.len(), shard.find(&new)), (1, Some(index)));
        assert!(keys.iter().all(|of| shard.find(of).is_none()));
    }
}
