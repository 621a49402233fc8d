//! The index: adds texts to the automaton within the quotas, and asks it.

use crate::atoms::{AtomId, Atoms};
use crate::automaton::{Automaton, ROOT};
use crate::classes::{Bounds, Classes, FieldClasses, Found, Quota};
use crate::cut::{Sink, cut, cut_with_numbers};
use crate::facts::{Facts, Grounds, Kept as KeptFact};
use crate::fields::{FieldKind, FieldPath, fields};
use crate::json::unescaped;
use crate::memory::{list_capacity_max, map_bytes};
use crate::number::{Number, NumberKey, number_key};
use crate::secrets::Secrets;
use guard_ground::Fact;
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;

/// Remembers texts by class, and says in which classes a value occurs. See the crate for what that
/// means.
#[derive(Clone)]
pub struct OriginIndex {
    pub(crate) bounds: Bounds,
    pub(crate) atoms: Atoms,
    automaton: Automaton,
    /// What was added to the automaton, one after the other: how a copy is made from bytes.
    pub(crate) log: Vec<Added>,
    pub(crate) log_atoms: Vec<AtomId>,
    pub(crate) numbers: HashMap<NumberKey, FieldClasses>,
    used: [u32; 2],
    pub(crate) overflowed: [Classes; 2],
    pub(crate) secrets: Secrets,
    /// Only where claims are looked for.
    pub(crate) facts: Option<Facts>,
}

/// A text that was added: its atoms are the next `length` of the log's.
#[derive(Clone, Copy)]
pub(crate) struct Added {
    pub(crate) quota: Quota,
    pub(crate) classes: FieldClasses,
    pub(crate) length: u32,
}

impl OriginIndex {
    /// An index that knows nothing.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            atoms: Atoms::default(),
            automaton: Automaton::new(),
            log: Vec::new(),
            log_atoms: Vec::new(),
            numbers: HashMap::new(),
            used: [0; 2],
            overflowed: [Classes::NONE; 2],
            secrets: Secrets::new(),
            facts: None,
        }
    }

    /// An index that knows nothing, and keeps what claims are looked for among.
    #[must_use]
    pub fn with_facts(bounds: Bounds) -> Self {
        Self { facts: Some(Facts::default()), ..Self::new(bounds) }
    }

    /// Whether it keeps what claims are looked for among.
    #[must_use]
    pub fn has_facts(&self) -> bool {
        self.facts.is_some()
    }

    /// Adds a text that is no field.
    pub fn add_text(&mut self, text: &str, classes: Classes, quota: Quota) {
        self.add_field(text, FieldClasses { text: classes, whole: Classes::NONE }, quota);
    }

    /// Adds a text that is a field: a value can be the whole of it.
    pub fn add_field(&mut self, text: &str, classes: FieldClasses, quota: Quota) {
        self.add(text, classes, quota, None);
    }

    /// Adds a field that follows on the word `before`, and gives its last word.
    fn add(
        &mut self,
        text: &str,
        classes: FieldClasses,
        quota: Quota,
        before: Option<Fact>,
    ) -> Option<Fact> {
        let all = classes.text | classes.whole;
        if all.is_empty() || self.overflowed_in(quota).contains(all) {
            return None;
        }
        let last = self.learn(text, classes.text, quota, before);
        if !self.knows(text, classes) {
            self.keep(text, classes, quota);
        }
        last
    }

    /// Keeps the facts of a text.
    fn learn(
        &mut self,
        text: &str,
        classes: Classes,
        quota: Quota,
        before: Option<Fact>,
    ) -> Option<Fact> {
        let facts = self.facts.as_mut()?;
        let (bounds, mut is_full) = (self.bounds, false);
        let last = guard_ground::facts(text, before, &mut |fact| {
            is_full |= facts.add(fact, classes, quota, bounds) == KeptFact::Full;
        });
        if is_full {
            self.overflow(FieldClasses { text: classes, whole: Classes::NONE }, quota);
        }
        last
    }

    fn keep(&mut self, text: &str, classes: FieldClasses, quota: Quota) {
        let room = self.bounds.of(quota).saturating_sub(self.used_of(quota));
        let kept = self.read(text, room as usize);
        let classes = if kept.is_cut { self.overflow(classes, quota) } else { classes };
        if kept.ids.is_empty() {
            return;
        }
        for number in &kept.numbers {
            self.numbers.entry(number.key).or_default().text |= classes.text;
        }
        if let [number] = kept.numbers.as_slice()
            && number.atoms == kept.ids.len()
        {
            self.numbers.entry(number.key).or_default().whole |= classes.whole;
        }
        self.insert(&kept.ids, classes, quota);
    }

    /// Reads a tool's result as [`fields`] does and adds each of them, under [`Quota::Other`].
    ///
    /// `classes_of` says what classes the field with a path belongs to. Keys are text of the mapping
    /// they stand in. What stands in no field, as a comment does, is text of the empty path. A field
    /// with backslashes is also added as text with `\n`, `\"`, `\u0061` and the like taken for what
    /// they mean, because an agent that is shown JSON in a string reads it so.
    pub fn add_result(&mut self, text: &str, classes_of: &dyn Fn(&FieldPath) -> FieldClasses) {
        let mut last = None;
        for field in &fields(text) {
            let mut classes = classes_of(&field.path);
            if field.kind == FieldKind::Value {
                // A name may go on from `first_name` to `last_name`.
                last = self.add(&field.text, classes, Quota::Other, last);
            } else {
                classes.whole = Classes::NONE;
                self.add_field(&field.text, classes, Quota::Other);
            }
            if let Some(text) = unescaped(&field.text) {
                self.add_text(&text, classes.text, Quota::Other);
            }
        }
    }

    /// Remembers a value that must not leave, by its first atoms
    /// ([`SECRET_LENGTH_MAX`](crate::limits::SECRET_LENGTH_MAX)). One whose atoms have fewer than
    /// [`SECRET_BYTES_MIN`](crate::limits::SECRET_BYTES_MIN) bytes is not remembered.
    pub fn add_secret(&mut self, text: &str, classes: Classes) {
        self.secrets.add(text, classes);
    }

    /// The classes in whose texts the value occurs.
    #[must_use]
    pub fn find(&self, value: &str) -> Found {
        let walk = self.walk(value);
        match walk.place() {
            Some(state) => self.found(self.automaton.classes(state)),
            None => walk.nowhere(self),
        }
    }

    /// The classes of fields of which the value is the whole.
    #[must_use]
    pub fn find_whole(&self, value: &str) -> Found {
        let walk = self.walk(value);
        match walk.place() {
            Some(state) => self.found(self.automaton.whole(state, walk.length)),
            None => walk.nowhere(self),
        }
    }

    /// The classes in whose texts a number of this value stands.
    #[must_use]
    pub fn find_number(&self, value: f64) -> Found {
        self.number(value, |classes| classes.text)
    }

    /// The classes of fields that are a number of this value and nothing else.
    #[must_use]
    pub fn find_whole_number(&self, value: f64) -> Found {
        self.number(value, |classes| classes.whole)
    }

    /// The classes in whose texts a fact stands; perhaps in all, where no facts are kept.
    #[must_use]
    pub fn find_fact(&self, fact: Fact) -> Found {
        match &self.facts {
            Some(facts) => self.found(facts.find(fact).unwrap_or_default()),
            None => Found::new(Classes::NONE, Classes::ALL),
        }
    }

    /// The texts of some classes, as the sources of claims.
    #[must_use]
    pub fn among(&self, classes: Classes) -> Grounds<'_> {
        Grounds { index: self, classes }
    }

    /// The classes of secrets that stand in `text`: as contiguous runs of its atoms. What the answer
    /// is for text past [`CARRIED_ATOMS_MAX`](crate::limits::CARRIED_ATOMS_MAX) is in `perhaps`.
    #[must_use]
    pub fn carried(&self, text: &str) -> Found {
        self.secrets.carried(text)
    }

    /// The classes of which text was dropped.
    #[must_use]
    pub fn overflowed(&self) -> Classes {
        self.overflowed_in(Quota::User) | self.overflowed_in(Quota::Other)
    }

    /// How much memory it takes now; an estimate.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lists = (self.log.capacity(), self.log_atoms.capacity());
        self.atoms.bytes()
            + self.automaton.bytes()
            + own_bytes(lists, self.numbers.capacity())
            + self.secrets.bytes()
            + self.facts.as_ref().map_or(0, Facts::bytes)
    }

    /// How much the facts of an index take besides at most; an estimate.
    #[must_use]
    pub fn facts_bytes_max(bounds: Bounds) -> usize {
        Facts::bytes_max(bounds)
    }

    /// How much memory an index can take at most; an estimate, and no index of these bounds reports
    /// more in [`bytes`](Self::bytes).
    #[must_use]
    pub fn bytes_max(bounds: Bounds) -> usize {
        let atoms = bounds.all() as usize;
        let list = list_capacity_max(atoms);
        Atoms::bytes_max(atoms)
            + Automaton::bytes_max(atoms)
            + own_bytes((list, list), atoms)
            + Secrets::bytes_max()
    }

    /// Adds atoms to automaton and log. The quota has room for them.
    pub(crate) fn insert(&mut self, ids: &[AtomId], classes: FieldClasses, quota: Quota) {
        let length = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        self.automaton.add(ids, classes.text, classes.whole);
        self.log.push(Added { quota, classes, length });
        self.log_atoms.extend_from_slice(ids);
        if let Some(used) = self.used.get_mut(place(quota)) {
            *used = used.saturating_add(length);
        }
    }

    pub(crate) fn used_of(&self, quota: Quota) -> u32 {
        self.used.get(place(quota)).copied().unwrap_or(u32::MAX)
    }

    fn overflowed_in(&self, quota: Quota) -> Classes {
        self.overflowed.get(place(quota)).copied().unwrap_or(Classes::ALL)
    }

    /// Notes that text was dropped, and gives the classes that what remains of it has.
    fn overflow(&mut self, classes: FieldClasses, quota: Quota) -> FieldClasses {
        if let Some(overflowed) = self.overflowed.get_mut(place(quota)) {
            *overflowed |= classes.text | classes.whole;
        }
        FieldClasses { whole: Classes::NONE, ..classes }
    }

    fn found(&self, in_classes: Classes) -> Found {
        Found::new(in_classes, self.overflowed())
    }

    fn number(&self, value: f64, question: fn(&FieldClasses) -> Classes) -> Found {
        if value.is_nan() {
            return Found::NOWHERE;
        }
        match number_key(value) {
            Some(key) => self.found(self.numbers.get(&key).map_or(Classes::NONE, question)),
            None => Found::new(Classes::NONE, Classes::ALL),
        }
    }

    /// Whether adding the text would change no answer. Allocates nothing that stays.
    fn knows(&self, text: &str, classes: FieldClasses) -> bool {
        let mut known = Known {
            walk: Walk::new(self),
            classes: classes.text,
            has_no_new_number: true,
            numbers: 0,
            last_number: None,
        };
        cut_with_numbers(text, &mut known);
        let Known { walk, has_no_new_number, numbers, last_number, .. } = known;
        let Some(state) = walk.place() else { return walk.length == 0 };
        let alone = last_number.filter(|number| numbers == 1 && number.atoms == walk.length);
        let whole_number_is_known = alone.is_none_or(|number| {
            self.numbers.get(&number.key).is_some_and(|known| known.whole.contains(classes.whole))
        });
        has_no_new_number
            && whole_number_is_known
            && self.automaton.classes(state).contains(classes.text)
            && self.automaton.whole(state, walk.length).contains(classes.whole)
    }

    fn walk(&self, value: &str) -> Walk<'_> {
        let mut walk = Walk::new(self);
        cut(value, &mut walk);
        walk
    }

    fn read(&mut self, text: &str, room: usize) -> Kept {
        let mut reader = Reader { atoms: &mut self.atoms, room, kept: Kept::default() };
        cut_with_numbers(text, &mut reader);
        reader.kept
    }
}

impl fmt::Debug for OriginIndex {
    /// Says how much is in it, and not what: what was said is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginIndex")
            .field("bounds", &self.bounds)
            .field("texts", &self.log.len())
            .field("atoms", &self.log_atoms.len())
            .field("overflowed", &self.overflowed())
            .finish_non_exhaustive()
    }
}

fn own_bytes((log, log_atoms): (usize, usize), numbers: usize) -> usize {
    size_of::<OriginIndex>()
        + log * size_of::<Added>()
        + log_atoms * size_of::<AtomId>()
        + map_bytes(numbers, size_of::<(NumberKey, FieldClasses)>())
}

const fn place(quota: Quota) -> usize {
    match quota {
        Quota::User => 0,
        Quota::Other => 1,
    }
}

/// Goes through the automaton atom by atom.
struct Walk<'a> {
    index: &'a OriginIndex,
    state: Option<u32>,
    length: usize,
}

impl<'a> Walk<'a> {
    fn new(index: &'a OriginIndex) -> Self {
        Self { index, state: Some(ROOT), length: 0 }
    }

    /// Where all the atoms led. `None` too where there were none.
    fn place(&self) -> Option<u32> {
        self.state.filter(|_| self.length > 0)
    }

    /// The answer when they led nowhere. A value without atoms would not occur in what was dropped
    /// either.
    fn nowhere(&self, index: &OriginIndex) -> Found {
        if self.length == 0 { Found::NOWHERE } else { index.found(Classes::NONE) }
    }
}

impl Sink for Walk<'_> {
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.length += 1;
        let step = |state| self.index.automaton.step(state, self.index.atoms.find(bytes)?);
        self.state = self.state.and_then(step);
        if self.state.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Whether a text to be added holds anything new.
struct Known<'a> {
    walk: Walk<'a>,
    classes: Classes,
    has_no_new_number: bool,
    numbers: usize,
    last_number: Option<Number>,
}

impl Sink for Known<'_> {
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.walk.atom(bytes)
    }

    fn number(&mut self, number: Number) {
        let known = self.walk.index.numbers.get(&number.key);
        self.has_no_new_number &= known.is_some_and(|known| known.text.contains(self.classes));
        self.numbers += 1;
        self.last_number = Some(number);
    }
}

/// What of a text there is room for.
#[derive(Default)]
struct Kept {
    ids: Vec<AtomId>,
    numbers: Vec<Number>,
    is_cut: bool,
}

struct Reader<'a> {
    atoms: &'a mut Atoms,
    room: usize,
    kept: Kept,
}

impl Sink for Reader<'_> {
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.kept.ids.len() == self.room {
            self.kept.is_cut = true;
            return ControlFlow::Break(());
        }
        let id = self.atoms.intern(bytes);
        self.kept.ids.push(id);
        ControlFlow::Continue(())
    }

    fn number(&mut self, number: Number) {
        self.kept.numbers.push(number);
    }
}
