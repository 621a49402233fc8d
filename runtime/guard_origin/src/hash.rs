//! Hashing and hash tables of the index: flat lists of numbers that say where in another list to look.
//!
//! Texts come from anybody, so that hashes are keyed by a secret of the process: nobody can choose
//! texts that fall on the same places. No answer and no saved byte depends on the secret, because
//! nothing goes through a table in its order.

use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// Hashes atoms, and pairs of a state and an atom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hash(RandomState);

impl Hash {
    #[inline]
    pub(crate) fn of_bytes(&self, bytes: &[u8]) -> u32 {
        highest(self.0.hash_one(bytes))
    }

    #[inline]
    pub(crate) fn of_pair(&self, first: u32, second: u32) -> u32 {
        highest(self.0.hash_one((u64::from(first) << 32) | u64::from(second)))
    }
}

fn highest(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// A hash, and the number in another list of what has it. All ones where there is nothing.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    number: u32,
}

const NOTHING: u32 = u32::MAX;
const EMPTY: Entry = Entry { hash: 0, number: NOTHING };

/// Finds numbers by the hash of what they stand for. Nothing is ever taken out.
///
/// INVARIANT: a power of two of places (or none), at least a quarter of them empty; an entry stands at
/// the place that the highest bits of its hash name or after it, with no empty place between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    length: usize,
}

/// The fewest places of a table that is not empty.
const PLACES_MIN: usize = 16;

impl Table {
    /// The number with this hash for which `is_it`.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut place = self.first_place(hash);
        // Some places are empty, so this ends.
        loop {
            let entry = self.entries.get(place)?;
            if entry.number == NOTHING {
                return None;
            }
            if entry.hash == hash && is_it(entry.number) {
                return Some(entry.number);
            }
            place = self.after(place);
        }
    }

    /// Adds a number that is not in it.
    pub(crate) fn add(&mut self, hash: u32, number: u32) {
        if (self.length + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        self.put(Entry { hash, number });
        self.length += 1;
    }

    fn put(&mut self, added: Entry) {
        let mut place = self.first_place(added.hash);
        while self.entries.get(place).is_some_and(|entry| entry.number != NOTHING) {
            place = self.after(place);
        }
        if let Some(entry) = self.entries.get_mut(place) {
            *entry = added;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let places = (self.entries.len() * 2).max(PLACES_MIN);
        let old = std::mem::replace(&mut self.entries, vec![EMPTY; places]);
        for entry in old.into_iter().filter(|entry| entry.number != NOTHING) {
            self.put(entry);
        }
    }

    #[inline]
    fn first_place(&self, hash: u32) -> usize {
        // As many of the highest bits as the number of places has.
        let places = self.entries.len() as u64;
        usize::try_from((u64::from(hash) * places) >> 32).unwrap_or(0)
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        if place + 1 < self.entries.len() { place + 1 } else { 0 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// The most memory of a table of so many numbers.
    pub(crate) fn bytes_max(length: usize) -> usize {
        // Doubled when three quarters are taken.
        let places = (length * 4).div_ceil(3).next_power_of_two().max(PLACES_MIN);
        2 * places * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_table_finds_what_was_added_whatever_the_hashes(
            keys in prop::collection::vec((prop_oneof![0..4_u32, any::<u32>()], 0..9_u32), 0..200),
        ) {
            let (mut table, mut list, mut map) = (Table::default(), Vec::new(), BTreeMap::new());
            for key in keys {
                let found = table.find(key.0, |number| list[number as usize] == key);
                prop_assert_eq!(found, map.get(&key).copied());
                if found.is_none() {
                    let number = u32::try_from(list.len()).unwrap();
                    table.add(key.0, number);
                    list.push(key);
                    map.insert(key, number);
                }
            }
            prop_assert!(table.bytes() <= Table::bytes_max(list.len()));
        }
    }
}
