//! A suffix automaton over several texts: finds any run of atoms of any of them in as many steps
//! as the run has atoms.
//!
//! A state stands for runs that end at the same places. Its length is that of its longest run,
//! its link the state of the longest run's longest ending that also ends elsewhere.
//!
//! INVARIANT: the classes of a state are among those of its link, because wherever a run ends its
//! endings end too. So whoever marks a state and then its links can stop at the first that has
//! all the classes, and each state gets each class once in the automaton's life.

use crate::atoms::AtomId;
use crate::classes::Classes;
use crate::hash::{Table, of_pair};
use crate::memory::list_capacity_max;

type StateId = u32;
type EdgeId = u32;

/// The state of the empty run.
pub(crate) const ROOT: StateId = 0;
const NOTHING: u32 = u32::MAX;
/// Instead of a hash that was not needed yet. An edge whose hash this is is hashed again.
const NO_HASH: u32 = 0;

#[derive(Clone, Copy)]
struct State {
    classes: Classes,
    /// The classes of texts that are, as a whole, the longest run of this state. A text's whole
    /// is always the longest run: nothing stands before it in at least one place where it ends.
    /// When a state is split, the longest run stays.
    whole: Classes,
    length: u32,
    link: StateId,
    /// The first edge. Most states have no other, and need no table.
    atom: AtomId,
    to: StateId,
    /// The last of the other edges.
    more: EdgeId,
}

impl State {
    const ROOT: Self = Self {
        classes: Classes::NONE,
        whole: Classes::NONE,
        length: 0,
        link: NOTHING,
        atom: NOTHING,
        to: NOTHING,
        more: NOTHING,
    };
}

/// An edge that is not its state's first.
#[derive(Clone, Copy)]
struct Edge {
    from: StateId,
    atom: AtomId,
    to: StateId,
    next: EdgeId,
}

/// Where an edge is kept, or where it would be.
enum Place {
    OfRoot,
    First,
    Other(EdgeId),
    /// There is none, and this is the hash it would have.
    New(u32),
}

/// INVARIANT: an edge of the root is in `of_root` alone, by its atom; of any other state the first is
/// in the state, and the others are in `edges`, where `table` finds them.
#[derive(Clone)]
pub(crate) struct Automaton {
    states: Vec<State>,
    /// Where the root leads to by each atom; [`NOTHING`] for nowhere. Every atom that was added has
    /// such an edge.
    of_root: Vec<StateId>,
    edges: Vec<Edge>,
    table: Table,
}

impl Automaton {
    pub(crate) fn new() -> Self {
        Self {
            states: vec![State::ROOT],
            of_root: Vec::new(),
            edges: Vec::new(),
            table: Table::default(),
        }
    }

    /// The state of the run that is `from`'s and then `atom`.
    #[inline]
    pub(crate) fn step(&self, from: StateId, atom: AtomId) -> Option<StateId> {
        self.target(&self.place(from, atom), from, atom)
    }

    /// The classes of texts in which the runs of `state` stand.
    pub(crate) fn classes(&self, state: StateId) -> Classes {
        self.state(state).map_or(Classes::NONE, |state| state.classes)
    }

    /// The classes of texts that are the run of `length` atoms of `state` and nothing else.
    pub(crate) fn whole(&self, state: StateId, length: usize) -> Classes {
        let state = self.state(state).filter(|state| state.length as usize == length);
        state.map_or(Classes::NONE, |state| state.whole)
    }

    /// Adds a text of the classes `classes`, which as a whole belongs to `whole`.
    pub(crate) fn add(&mut self, atoms: &[AtomId], classes: Classes, whole: Classes) {
        let mut last = ROOT;
        for atom in atoms {
            last = self.extend(last, *atom);
            self.mark(last, classes);
        }
        if let Some(state) = self.state_mut(last) {
            state.whole |= whole;
        }
    }

    fn extend(&mut self, last: StateId, atom: AtomId) -> StateId {
        let mut place = self.place(last, atom);
        if let Some(to) = self.target(&place, last, atom) {
            return self.of_length(last, atom, to);
        }
        let added = self.push(State { length: self.length(last) + 1, link: ROOT, ..State::ROOT });
        let mut at = last;
        loop {
            if let Some(to) = self.target(&place, at, atom) {
                let link = self.of_length(at, atom, to);
                self.set_link(added, link);
                break;
            }
            self.join(&place, at, atom, added);
            at = self.link(at);
            if at == NOTHING {
                break;
            }
            place = self.place(at, atom);
        }
        added
    }

    /// The state whose longest run is `from`'s longest and then `atom`, where `from` leads to `to`.
    /// It is `to`, or it is split off from it.
    fn of_length(&mut self, from: StateId, atom: AtomId, to: StateId) -> StateId {
        let length = self.length(from) + 1;
        let Some(state) = self.state(to).copied().filter(|state| state.length != length) else {
            return to;
        };
        let part = self.push(State { length, whole: Classes::NONE, more: NOTHING, ..state });
        let mut edge = state.more;
        while let Some(Edge { atom, to, next, .. }) = self.edges.get(edge as usize).copied() {
            let hash = of_pair(part, atom);
            self.join(&Place::New(hash), part, atom, to);
            edge = next;
        }
        self.set_link(to, part);
        self.redirect(from, atom, to, part);
        part
    }

    /// Lets `from` and its links lead to `part` wherever they led to `to`.
    fn redirect(&mut self, from: StateId, atom: AtomId, to: StateId, part: StateId) {
        let mut at = from;
        while at != NOTHING {
            let place = self.place(at, atom);
            if self.target(&place, at, atom) != Some(to) {
                break;
            }
            self.aim(&place, at, atom, part);
            at = self.link(at);
        }
    }

    #[inline]
    fn place(&self, from: StateId, atom: AtomId) -> Place {
        if from == ROOT {
            return Place::OfRoot;
        }
        let Some(state) = self.state(from).filter(|state| state.atom != atom) else {
            return Place::First;
        };
        if state.atom == NOTHING {
            return Place::First;
        }
        if state.more == NOTHING {
            return Place::New(NO_HASH);
        }
        let hash = of_pair(from, atom);
        let is_it = |id: u32| {
            self.edges.get(id as usize).is_some_and(|edge| edge.from == from && edge.atom == atom)
        };
        self.table.find(hash, is_it, || key(from, atom)).map_or(Place::New(hash), Place::Other)
    }

    /// Where the edge at `place` leads to.
    #[inline]
    fn target(&self, place: &Place, from: StateId, atom: AtomId) -> Option<StateId> {
        let to = match *place {
            Place::OfRoot => *self.of_root.get(atom as usize)?,
            Place::First => self.state(from)?.to,
            Place::Other(id) => self.edges.get(id as usize)?.to,
            Place::New(_) => return None,
        };
        (to != NOTHING).then_some(to)
    }

    /// Lets the edge at `place`, which is there, lead to `to`.
    fn aim(&mut self, place: &Place, from: StateId, atom: AtomId, to: StateId) {
        let edge = match *place {
            Place::OfRoot => self.of_root.get_mut(atom as usize),
            Place::First => self.states.get_mut(from as usize).map(|state| &mut state.to),
            Place::Other(id) => self.edges.get_mut(id as usize).map(|edge| &mut edge.to),
            Place::New(_) => None,
        };
        if let Some(edge) = edge {
            *edge = to;
        }
    }

    fn mark(&mut self, state: StateId, classes: Classes) {
        let mut at = state;
        while let Some(state) = self.state_mut(at).filter(|state| !state.classes.contains(classes))
        {
            state.classes |= classes;
            at = state.link;
        }
    }

    fn push(&mut self, state: State) -> StateId {
        // The quotas keep the number of states far below this.
        let id = StateId::try_from(self.states.len()).unwrap_or(NOTHING);
        self.states.push(state);
        id
    }

    /// Adds the edge that is not yet at `place`.
    fn join(&mut self, place: &Place, from: StateId, atom: AtomId, to: StateId) {
        match *place {
            Place::OfRoot => {
                if self.of_root.len() <= atom as usize {
                    self.of_root.resize(atom as usize + 1, NOTHING);
                }
                self.aim(place, from, atom, to);
            }
            Place::First => {
                if let Some(state) = self.state_mut(from) {
                    (state.atom, state.to) = (atom, to);
                }
            }
            Place::New(hash) => self.join_other(hash, from, atom, to),
            Place::Other(_) => {}
        }
    }

    fn join_other(&mut self, hash: u32, from: StateId, atom: AtomId, to: StateId) {
        let hash = if hash == NO_HASH { of_pair(from, atom) } else { hash };
        let id = EdgeId::try_from(self.edges.len()).unwrap_or(NOTHING);
        let Some(state) = self.state_mut(from) else { return };
        let next = std::mem::replace(&mut state.more, id);
        self.edges.push(Edge { from, atom, to, next });
        let Self { edges, table, .. } = self;
        let key_of = |id: u32| edges.get(id as usize).map_or(0, |edge| key(edge.from, edge.atom));
        table.add(hash, id, key_of);
    }

    fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(id as usize)
    }

    fn state_mut(&mut self, id: StateId) -> Option<&mut State> {
        self.states.get_mut(id as usize)
    }

    fn length(&self, id: StateId) -> u32 {
        self.state(id).map_or(0, |state| state.length)
    }

    fn link(&self, id: StateId) -> StateId {
        self.state(id).map_or(NOTHING, |state| state.link)
    }

    fn set_link(&mut self, id: StateId, link: StateId) {
        if let Some(state) = self.state_mut(id) {
            state.link = link;
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let lists = [self.states.capacity(), self.of_root.capacity(), self.edges.capacity()];
        bytes(lists) + self.table.bytes()
    }

    /// An estimate of the most memory that texts of `atoms` atoms take.
    pub(crate) fn bytes_max(atoms: usize) -> usize {
        // Two states and three edges for each atom, and the root.
        let lists = [2 * atoms + 1, atoms, 3 * atoms];
        bytes(lists.map(list_capacity_max)) + Table::bytes_max(3 * atoms)
    }
}

/// What tells an edge from others.
fn key(from: StateId, atom: AtomId) -> u128 {
    (u128::from(from) << 32) | u128::from(atom)
}

fn bytes([states, of_root, edges]: [usize; 3]) -> usize {
    states * size_of::<State>() + of_root * size_of::<StateId>() + edges * size_of::<Edge>()
}
