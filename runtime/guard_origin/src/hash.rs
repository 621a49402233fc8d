//! Hashing and hash tables of the index: flat lists of numbers that say where in another list to look.
//!
//! Texts come from anybody, and the hash is the same everywhere: who wants to can choose words that
//! fall on one place. They gain nothing: a look-up tries [`PROBES_MAX`] places and then a tree.

use foldhash::quality::FixedState;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

/// Hashes the bytes of an atom.
#[inline]
pub(crate) fn of_bytes(bytes: &[u8]) -> u32 {
    highest(FixedState::default().hash_one(bytes))
}

/// Hashes a pair of a state and an atom.
#[inline]
pub(crate) fn of_pair(first: u32, second: u32) -> u32 {
    highest(FixedState::default().hash_one((u64::from(first) << 32) | u64::from(second)))
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
/// INVARIANT: a power of two of places (or none), at least half of them empty; an entry stands at the
/// place that the highest bits of its hash name, or in one of the next without an empty one between.
/// What finds no place there is in `crowded`, by its key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    length: usize,
    crowded: BTreeMap<u128, u32>,
}

/// The fewest places of a table that is not empty.
const PLACES_MIN: usize = 16;

/// How many places a look-up tries. Hashes that nobody chose need fewer in a table that is half
/// empty.
const PROBES_MAX: usize = 32;

/// What an entry of `crowded` takes at most, with its share of half-empty nodes; an estimate.
const CROWDED_ENTRY_BYTES: usize = 64;

impl Table {
    /// The number with this hash for which `is_it`. `key` is what tells it from all others.
    #[inline]
    pub(crate) fn find(
        &self,
        hash: u32,
        is_it: impl Fn(u32) -> bool,
        key: impl FnOnce() -> u128,
    ) -> Option<u32> {
        let mut place = self.first_place(hash);
        for _ in 0..PROBES_MAX {
            let entry = self.entries.get(place)?;
            if entry.number == NOTHING {
                break;
            }
            if entry.hash == hash && is_it(entry.number) {
                return Some(entry.number);
            }
            place = self.after(place);
        }
        if self.crowded.is_empty() {
            return None;
        }
        self.crowded.get(&key()).copied().filter(|number| is_it(*number))
    }

    /// Adds a number that is not in it. `key_of` gives the key of any number that was added.
    pub(crate) fn add(&mut self, hash: u32, number: u32, key_of: impl Fn(u32) -> u128) {
        if (self.length + 1) * 2 > self.entries.len() {
            self.grow(&key_of);
        }
        self.put(Entry { hash, number }, &key_of);
    }

    fn put(&mut self, added: Entry, key_of: impl Fn(u32) -> u128) {
        let mut place = self.first_place(added.hash);
        for _ in 0..PROBES_MAX {
            if let Some(entry) = self.entries.get_mut(place).filter(|at| at.number == NOTHING) {
                *entry = added;
                self.length += 1;
                return;
            }
            place = self.after(place);
        }
        self.crowded.insert(key_of(added.number), added.number);
    }

    #[cold]
    fn grow(&mut self, key_of: impl Fn(u32) -> u128) {
        let places = (self.entries.len() * 2).max(PLACES_MIN);
        let old = std::mem::replace(&mut self.entries, vec![EMPTY; places]);
        self.length = 0;
        for entry in old.into_iter().filter(|entry| entry.number != NOTHING) {
            self.put(entry, &key_of);
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
        self.entries.capacity() * size_of::<Entry>() + self.crowded.len() * CROWDED_ENTRY_BYTES
    }

    /// The most memory of a table of so many numbers: all of them crowded, or in a list of four places
    /// each, which is less.
    pub(crate) fn bytes_max(length: usize) -> usize {
        length * CROWDED_ENTRY_BYTES + PLACES_MIN * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_that_all_fall_on_one_place_are_found_in_few_steps() {
        let mut table = Table::default();
        for number in 0..10_000 {
            table.add(7, number, u128::from);
        }
        let steps = std::cell::Cell::new(0);
        let is_it = |number| {
            steps.set(steps.get() + 1);
            number == 9_999
        };
        assert_eq!(table.find(7, is_it, || 9_999), Some(9_999));
        assert!(steps.get() <= PROBES_MAX + 1, "{}", steps.get());
        assert_eq!(table.find(7, |_| false, || 10_000), None);
        assert!(table.bytes() <= Table::bytes_max(10_000));
    }

    proptest! {
        #[test]
        fn a_table_finds_what_was_added_whatever_the_hashes(
            keys in prop::collection::vec((prop_oneof![0..4_u32, any::<u32>()], 0..60_u32), 0..400),
        ) {
            let (mut table, mut list, mut map) = (Table::default(), Vec::new(), BTreeMap::new());
            for key in keys {
                let key_of = |key: (u32, u32)| (u128::from(key.0) << 32) | u128::from(key.1);
                let found = table.find(key.0, |number| list[number as usize] == key, || key_of(key));
                prop_assert_eq!(found, map.get(&key).copied());
                if found.is_none() {
                    let number = u32::try_from(list.len()).unwrap();
                    list.push(key);
                    table.add(key.0, number, |number| key_of(list[number as usize]));
                    map.insert(key, number);
                }
            }
            prop_assert!(table.bytes() <= Table::bytes_max(list.len()));
        }
    }
}
