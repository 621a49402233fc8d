//! The index itself: what was said, by whom, and what of it is confidential.

use crate::atoms::Cut;
use crate::automaton::Automaton;
use crate::fields::{FieldPath, Part, visit};
use crate::numbers::{bits, numbers};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A set of sources, a bit each. What a bit means is the caller's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(pub u64);

/// Whose room a text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// The user's.
    User,
    /// Everybody else's, so that nobody can use up the user's.
    Other,
}

/// How much is remembered, in atoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Of what the user says.
    pub user_atoms_max: usize,
    /// Of everything else.
    pub other_atoms_max: usize,
}

/// Where a value occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// It occurs in these.
    pub in_classes: Classes,
    /// Of these, texts were not remembered: whether it occurs there is not known.
    pub perhaps: Classes,
}

/// The sources that a field of a result is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldClasses {
    /// For values that occur in it.
    pub text: Classes,
    /// For values that are the whole of it.
    pub whole: Classes,
}

/// Longer atoms are told apart by their hash.
const ATOM_BYTES_MAX: usize = 256;

/// Secrets are compared by their first atoms, so many of them.
pub(crate) const SECRET_ATOMS_MAX: usize = 16;

/// Shorter secrets, in bytes, are in every text.
const SECRET_BYTES_MIN: usize = 4;

/// A text is searched for secrets up to so many atoms.
const CARRIED_ATOMS_MAX: usize = 262_144;

/// Stands for an atom that was never seen.
const UNKNOWN: u32 = u32::MAX;

/// What was said, by whom.
#[derive(Debug, Clone)]
pub struct OriginIndex {
    pub(crate) bounds: Bounds,
    pub(crate) atoms: Atoms,
    automaton: Automaton,
    /// Whole fields.
    wholes: HashMap<Box<[u32]>, u64>,
    pub(crate) numbers: BTreeMap<u64, u64>,
    pub(crate) secrets: BTreeSet<Box<[u32]>>,
    /// The lengths of secrets, a bit each.
    secret_lengths: u32,
    /// What was added, in order; from it the rest is made again.
    pub(crate) log: Vec<Added>,
    pub(crate) used: [usize; 2],
    /// Of each quota, the sources of texts that found no room.
    pub(crate) lost: [u64; 2],
    pub(crate) lost_secrets: bool,
    cut: Cut,
    ids: Vec<u32>,
}

/// One text that was added.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Added {
    pub(crate) classes: u64,
    pub(crate) whole: u64,
    pub(crate) atoms: Box<[u32]>,
}

/// Atoms by number, in the order first seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Atoms {
    pub(crate) by_number: Vec<Arc<[u8]>>,
    numbers: HashMap<Arc<[u8]>, u32>,
    bytes: usize,
}

impl Atoms {
    fn find(&self, atom: &[u8]) -> u32 {
        if atom.len() > ATOM_BYTES_MAX {
            return self.numbers.get(&hashed(atom)).copied().unwrap_or(UNKNOWN);
        }
        self.numbers.get(atom).copied().unwrap_or(UNKNOWN)
    }

    fn intern(&mut self, atom: &[u8]) -> u32 {
        let known = self.find(atom);
        if known != UNKNOWN {
            return known;
        }
        let atom = if atom.len() > ATOM_BYTES_MAX { hashed(atom) } else { Arc::from(atom) };
        self.push(atom)
    }

    pub(crate) fn push(&mut self, atom: Arc<[u8]>) -> u32 {
        // The bounds keep the number of atoms far below.
        let number = u32::try_from(self.by_number.len()).unwrap_or(UNKNOWN);
        self.bytes += atom.len();
        self.by_number.push(Arc::clone(&atom));
        self.numbers.insert(atom, number);
        number
    }
}

/// Stands for an atom that is too long. It begins as no atom does.
fn hashed(atom: &[u8]) -> Arc<[u8]> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(&Sha256::digest(atom));
    bytes.into()
}

impl OriginIndex {
    /// An index in which nothing was said.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            atoms: Atoms::default(),
            automaton: Automaton::new(),
            wholes: HashMap::new(),
            numbers: BTreeMap::new(),
            secrets: BTreeSet::new(),
            secret_lengths: 0,
            log: Vec::new(),
            used: [0; 2],
            lost: [0; 2],
            lost_secrets: false,
            cut: Cut::default(),
            ids: Vec::new(),
        }
    }

    /// The most bytes that an index can take, about.
    pub fn bytes_max(bounds: Bounds) -> usize {
        // Two states, three edges with their places in a map, an atom and its numbers: measured by
        // a test that fills an index.
        bounds.user_atoms_max.saturating_add(bounds.other_atoms_max).saturating_mul(640)
    }

    /// How many bytes it takes, about.
    pub fn bytes(&self) -> usize {
        let log: usize = self.log.iter().map(|added| added.atoms.len() * 4 + 40).sum();
        let atoms = self.atoms.by_number.len() * 96 + self.atoms.bytes;
        let wholes = self.wholes.len() * 64 + log;
        let secrets: usize = self.secrets.iter().map(|secret| secret.len() * 4 + 48).sum();
        self.automaton.bytes() + log + atoms + wholes + self.numbers.len() * 48 + secrets
    }

    /// Adds a text.
    pub fn add_text(&mut self, text: &str, classes: Classes, quota: Quota) {
        self.add(text, FieldClasses { text: classes, whole: Classes(0) }, quota);
    }

    /// Adds a tool's result, field by field. The names of fields are text as well, of the sources of
    /// an empty path.
    pub fn add_result(&mut self, text: &str, classes_of: &dyn Fn(&FieldPath<'_>) -> FieldClasses) {
        let all = classes_of(&FieldPath::NONE).text;
        if all.0 & !self.lost_of(Quota::Other) == 0 && all.0 != 0 {
            // Nothing of this can be remembered any more.
            return;
        }
        visit(text, |part| match part {
            Part::Field(path, value) => self.add(value, classes_of(&path), Quota::Other),
            Part::Key(key) => {
                self.add(key, FieldClasses { text: all, whole: Classes(0) }, Quota::Other);
            }
        });
    }

    fn lost_of(&self, quota: Quota) -> u64 {
        self.lost.get(quota as usize).copied().unwrap_or(u64::MAX)
    }

    fn add(&mut self, text: &str, classes: FieldClasses, quota: Quota) {
        let mask = classes.text.0 | classes.whole.0;
        if mask & !self.lost_of(quota) == 0 {
            return;
        }
        let Some(mut ids) = self.numbered(text) else { return };
        if !self.has(&ids, classes) && self.has_room(ids.len(), mask, quota) {
            ids.clear();
            ids.extend(self.cut.atoms.iter().map(|atom| self.atoms.intern(self.cut.atom(atom))));
            let found = &mut self.numbers;
            numbers(&self.cut, |number| *found.entry(number).or_default() |= classes.text.0);
            let (classes, whole) = (classes.text.0, classes.whole.0);
            let added = Added { classes, whole, atoms: ids.as_slice().into() };
            self.remember(&added);
            self.log.push(added);
        }
        self.ids = ids;
    }

    /// Takes room for some atoms, or notes whose text found none.
    fn has_room(&mut self, atoms: usize, mask: u64, quota: Quota) -> bool {
        let most = match quota {
            Quota::User => self.bounds.user_atoms_max,
            Quota::Other => self.bounds.other_atoms_max,
        };
        let Some(used) = self.used.get_mut(quota as usize) else { return false };
        if atoms <= most.saturating_sub(*used) {
            *used += atoms;
            return true;
        }
        if let Some(lost) = self.lost.get_mut(quota as usize) {
            *lost |= mask;
        }
        false
    }

    /// Whether it says nothing new.
    fn has(&self, ids: &[u32], classes: FieldClasses) -> bool {
        let text = self.automaton.mask(ids.iter().copied());
        let whole = self.wholes.get(ids).copied().unwrap_or(0);
        text & classes.text.0 == classes.text.0 && whole & classes.whole.0 == classes.whole.0
    }

    pub(crate) fn remember(&mut self, added: &Added) {
        self.automaton.add(&added.atoms, added.classes);
        if added.whole != 0 {
            *self.wholes.entry(added.atoms.clone()).or_default() |= added.whole;
        }
    }

    /// Where a text occurs.
    pub fn find_text(&mut self, value: &str) -> Found {
        let Some(ids) = self.numbered(value) else { return Found::default() };
        let found = self.automaton.mask(ids.iter().copied());
        self.ids = ids;
        self.found(found)
    }

    /// Where a text is the whole of a field.
    pub fn find_whole(&mut self, value: &str) -> Found {
        let Some(ids) = self.numbered(value) else { return Found::default() };
        let found = self.wholes.get(ids.as_slice()).copied().unwrap_or(0);
        self.ids = ids;
        self.found(found)
    }

    /// Where a number stands.
    pub fn find_number(&mut self, value: f64) -> Found {
        let found = self.numbers.get(&bits(value)).copied().unwrap_or(0);
        self.found(found)
    }

    fn found(&self, found: u64) -> Found {
        let [user, other] = self.lost;
        Found { in_classes: Classes(found), perhaps: Classes((user | other) & !found) }
    }

    /// The atoms of a value by number; nothing where it has none.
    fn numbered(&mut self, value: &str) -> Option<Vec<u32>> {
        self.cut.cut(value);
        if self.cut.atoms.is_empty() {
            return None;
        }
        let mut ids = std::mem::take(&mut self.ids);
        ids.clear();
        ids.extend(self.cut.atoms.iter().map(|atom| self.atoms.find(self.cut.atom(atom))));
        Some(ids)
    }

    /// Adds the fields of a confidential result. What is shorter than four bytes is no secret: it
    /// would be found in every text.
    pub fn add_secret(&mut self, result: &str) {
        visit(result, |part| {
            let Part::Field(_, value) = part else { return };
            self.cut.cut(value);
            let end = self.cut.atoms.last().map_or(0, |last| last.end);
            let start = self.cut.atoms.first().map_or(0, |first| first.start);
            if end.saturating_sub(start) < SECRET_BYTES_MIN {
                return;
            }
            let count = self.cut.atoms.len().min(SECRET_ATOMS_MAX);
            if count > self.bounds.other_atoms_max.saturating_sub(self.used[1]) {
                self.lost_secrets = true;
                return;
            }
            let atoms = self.cut.atoms.iter().take(count);
            let ids: Box<[u32]> =
                atoms.map(|atom| self.atoms.intern(self.cut.atom(atom))).collect();
            if self.keep_secret(ids) {
                self.used[1] += count;
            }
        });
    }

    pub(crate) fn keep_secret(&mut self, secret: Box<[u32]>) -> bool {
        let length = u32::try_from(secret.len()).unwrap_or(0);
        self.secret_lengths |= 1_u32.checked_shl(length).unwrap_or(0);
        self.secrets.insert(secret)
    }

    /// Whether a text holds a confidential value; nothing where it can no longer be told.
    pub fn carried(&mut self, text: &str) -> Option<bool> {
        let Some(ids) = self.numbered(text) else { return Some(false) };
        let found = self.search(&ids);
        self.ids = ids;
        found
    }

    /// The same for one who only looks, with memory of its own.
    pub fn holds_secret(&self, text: &str) -> Option<bool> {
        let mut cut = Cut::default();
        cut.cut(text);
        let ids: Vec<u32> = cut.atoms.iter().map(|atom| self.atoms.find(cut.atom(atom))).collect();
        self.search(&ids)
    }

    fn search(&self, ids: &[u32]) -> Option<bool> {
        let is_searched = ids.len() <= CARRIED_ATOMS_MAX;
        let searched = ids.get(..ids.len().min(CARRIED_ATOMS_MAX)).unwrap_or_default();
        let mut lengths = (1..=SECRET_ATOMS_MAX).filter(|n| self.secret_lengths >> n & 1 == 1);
        if lengths.any(|n| searched.windows(n).any(|run| self.secrets.contains(run))) {
            return Some(true);
        }
        (is_searched && !self.lost_secrets).then_some(false)
    }
}
