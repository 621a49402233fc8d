//! An index as bytes. The same history gives the same bytes, and only those bytes give it back.

use crate::atoms::AtomId;
use crate::classes::{Bounds, Classes, FieldClasses, Quota};
use crate::cut::is_atom_name;
use crate::facts::Facts;
use crate::index::OriginIndex;
use crate::number::{NumberKey, number_key};
use crate::secrets::Secrets;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::error::Error;
use std::fmt;

/// Changes whenever the same bytes would be read in another way, folding and cutting included.
const FORMAT: u16 = 2;

#[derive(Serialize, Deserialize)]
struct Saved {
    format: u16,
    atoms: Vec<Vec<u8>>,
    texts: Vec<(Quota, Classes, Classes, u32)>,
    text_atoms: Vec<AtomId>,
    /// By key, ascending.
    numbers: Vec<(NumberKey, Classes, Classes)>,
    overflowed: [Classes; 2],
    secret_atoms: Vec<Vec<u8>>,
    secrets: Vec<(Classes, u32)>,
    secrets_atoms: Vec<AtomId>,
    secrets_overflowed: Classes,
    /// In the order in which they were first said, and how many from each quota.
    facts: Option<SavedFacts>,
}

#[derive(Serialize, Deserialize)]
struct SavedFacts {
    entries: Vec<(u64, Classes)>,
    used: [u32; 2],
}

/// Why bytes are not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoreError {
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Format,
    Damaged,
    Bounds,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::Format => "the origins were saved by another version",
            Reason::Damaged => "the saved origins are damaged",
            Reason::Bounds => "the saved origins are more than the bounds allow",
        })
    }
}

impl Error for RestoreError {}

const fn because(reason: Reason) -> RestoreError {
    RestoreError { reason }
}

impl OriginIndex {
    /// The index as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A list of plain data has nothing that the encoding could refuse.
        postcard::to_stdvec(&self.saved()).unwrap_or_default()
    }

    /// Makes the index again that [`to_bytes`](Self::to_bytes) was asked of. Refuses every other
    /// bytes, and more text than `bounds` allow.
    pub fn from_bytes(bytes: &[u8], bounds: Bounds) -> Result<Self, RestoreError> {
        match postcard::take_from_bytes::<u16>(bytes) {
            Ok((FORMAT, _)) => {}
            Ok(_) => return Err(because(Reason::Format)),
            Err(_) => return Err(because(Reason::Damaged)),
        }
        let saved: Saved = postcard::from_bytes(bytes).map_err(|_| because(Reason::Damaged))?;
        let index = restore(&saved, bounds)?;
        // One index has one form, so whatever else could be read differently is refused here.
        if index.to_bytes() == bytes { Ok(index) } else { Err(because(Reason::Damaged)) }
    }

    fn saved(&self) -> Saved {
        let texts = self
            .log
            .iter()
            .map(|added| (added.quota, added.classes.text, added.classes.whole, added.length));
        let (secrets, secrets_atoms) = self.secrets.log();
        let numbers = self.numbers.iter().map(|(key, classes)| (*key, classes.text, classes.whole));
        let mut numbers: Vec<_> = numbers.collect();
        numbers.sort_unstable_by_key(|(key, ..)| *key);
        Saved {
            format: FORMAT,
            atoms: self.atoms.names().map(<[u8]>::to_vec).collect(),
            texts: texts.collect(),
            text_atoms: self.log_atoms.clone(),
            numbers,
            overflowed: self.overflowed,
            secret_atoms: self.secrets.atoms().names().map(<[u8]>::to_vec).collect(),
            secrets: secrets.to_vec(),
            secrets_atoms: secrets_atoms.to_vec(),
            secrets_overflowed: self.secrets.overflowed(),
            facts: self
                .facts
                .as_ref()
                .map(|facts| SavedFacts { entries: facts.entries.clone(), used: facts.used }),
        }
    }
}

fn restore(saved: &Saved, bounds: Bounds) -> Result<OriginIndex, RestoreError> {
    let damaged = because(Reason::Damaged);
    let are_sound = are_names_of(&saved.atoms, &saved.text_atoms)
        && are_names_of(&saved.secret_atoms, &saved.secrets_atoms)
        && saved.numbers.len() <= saved.text_atoms.len()
        && saved.numbers.iter().all(|(key, ..)| is_number_key(*key));
    if !are_sound {
        return Err(damaged);
    }
    let mut index = OriginIndex::new(bounds);
    index.overflowed = saved.overflowed;
    for name in &saved.atoms {
        index.atoms.intern(name);
    }
    let mut rest = saved.text_atoms.as_slice();
    for (quota, text, whole, length) in &saved.texts {
        let (ids, after) = rest.split_at_checked(*length as usize).ok_or(damaged)?;
        if ids.is_empty() {
            return Err(damaged);
        }
        if index.used_of(*quota).saturating_add(*length) > bounds.of(*quota) {
            return Err(because(Reason::Bounds));
        }
        index.insert(ids, FieldClasses { text: *text, whole: *whole }, *quota);
        rest = after;
    }
    for (key, text, whole) in &saved.numbers {
        index.numbers.insert(*key, FieldClasses { text: *text, whole: *whole });
    }
    index.secrets = Secrets::restore(
        &saved.secret_atoms,
        &saved.secrets,
        &saved.secrets_atoms,
        saved.secrets_overflowed,
    )
    .ok_or(damaged)?;
    if let Some(SavedFacts { entries, used }) = &saved.facts {
        index.facts = Some(Facts::restore(entries, *used, bounds).ok_or(damaged)?);
    }
    if rest.is_empty() { Ok(index) } else { Err(damaged) }
}

/// Whether the names are different atoms and `ids` are theirs, each used, in the order of first use.
fn are_names_of(names: &[Vec<u8>], ids: &[AtomId]) -> bool {
    let mut distinct = HashSet::new();
    let are_atoms = names.iter().all(|name| is_atom_name(name) && distinct.insert(name));
    let used = ids.iter().try_fold(0, |used, id| (*id <= used).then(|| used.max(*id + 1)));
    are_atoms && used.is_some_and(|used| used as usize == names.len())
}

fn is_number_key(key: NumberKey) -> bool {
    number_key(f64::from_bits(key)) == Some(key)
}
