//! What texts say, as facts by class: for claims that are compared by type, and for single words.

use crate::classes::{Bounds, Classes, Found, Quota};
use crate::hash::Table;
use crate::index::OriginIndex;
use crate::limits::FACTS_OF_AN_ATOM_MAX;
use crate::memory::list_capacity_max;
use guard_ground::{Fact, Known, Sources};

/// INVARIANT: the numbers in `table` are places in `entries`, one for each.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    pub(crate) entries: Vec<(u64, Classes)>,
    table: Table,
    /// How many were new from each quota.
    pub(crate) used: [u32; 2],
}

/// Whether a fact was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Yes,
    Full,
}

impl Facts {
    pub(crate) fn find(&self, fact: Fact) -> Option<Classes> {
        let place = self.place(fact.0)?;
        self.entries.get(place as usize).map(|(_, classes)| *classes)
    }

    fn place(&self, key: u64) -> Option<u32> {
        let is_it = |place: u32| self.entries.get(place as usize).is_some_and(|(of, _)| *of == key);
        self.table.find(hash(key), is_it, || u128::from(key))
    }

    pub(crate) fn add(
        &mut self,
        fact: Fact,
        classes: Classes,
        quota: Quota,
        bounds: Bounds,
    ) -> Kept {
        if let Some(place) = self.place(fact.0) {
            if let Some((_, known)) = self.entries.get_mut(place as usize) {
                *known |= classes;
            }
            return Kept::Yes;
        }
        let Some(used) = self.used.get_mut(quota as usize) else { return Kept::Full };
        if *used >= facts_max(bounds, quota) {
            return Kept::Full;
        }
        *used += 1;
        self.put(fact.0, classes);
        Kept::Yes
    }

    fn put(&mut self, key: u64, classes: Classes) {
        let Ok(place) = u32::try_from(self.entries.len()) else { return };
        self.entries.push((key, classes));
        let Self { entries, table, .. } = self;
        let key_of =
            |place: u32| entries.get(place as usize).map_or(0, |(key, _)| u128::from(*key));
        table.add(hash(key), place, key_of);
    }

    /// Makes them again from what [`Facts`] saved; nothing where they are more than the bounds allow, or
    /// some stand twice.
    pub(crate) fn restore(
        entries: &[(u64, Classes)],
        used: [u32; 2],
        bounds: Bounds,
    ) -> Option<Self> {
        let [user, other] = used;
        let is_bounded =
            user <= facts_max(bounds, Quota::User) && other <= facts_max(bounds, Quota::Other);
        if !is_bounded || u64::from(user) + u64::from(other) != entries.len() as u64 {
            return None;
        }
        let mut facts = Self { used, ..Self::default() };
        for (key, classes) in entries {
            if facts.place(*key).is_some() {
                return None;
            }
            facts.put(*key, *classes);
        }
        Some(facts)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(u64, Classes)>() + self.table.bytes()
    }

    pub(crate) fn bytes_max(bounds: Bounds) -> usize {
        let most = (facts_max(bounds, Quota::User) + facts_max(bounds, Quota::Other)) as usize;
        list_capacity_max(most) * size_of::<(u64, Classes)>() + Table::bytes_max(most)
    }
}

fn facts_max(bounds: Bounds, quota: Quota) -> u32 {
    bounds.of(quota).saturating_mul(FACTS_OF_AN_ATOM_MAX)
}

fn hash(key: u64) -> u32 {
    u32::try_from(key >> 32).unwrap_or(0)
}

/// The texts of some classes, as the sources of claims.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'i> {
    pub(crate) index: &'i OriginIndex,
    pub(crate) classes: Classes,
}

impl Grounds<'_> {
    fn known(self, found: Found) -> Known {
        if found.in_classes.meets(self.classes) {
            Known::Yes
        } else if found.perhaps.meets(self.classes) {
            Known::Perhaps
        } else {
            Known::No
        }
    }
}

impl Sources for Grounds<'_> {
    fn fact(&self, fact: Fact) -> Known {
        self.known(self.index.find_fact(fact))
    }

    /// What is spelt with look-alikes may be something else.
    fn run(&self, text: &str) -> Known {
        match self.known(self.index.find(text)) {
            Known::Yes if crate::fold::is_disguised(text) => Known::Perhaps,
            known => known,
        }
    }
}
