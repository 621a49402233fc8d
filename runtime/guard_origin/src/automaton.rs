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
use std::collections::HashMap;

type StateId = u32;
type EdgeId = u32;

/// The state of the empty run.
pub(crate) const ROOT: StateId = 0;
const NOTHING: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct State {
    classes: Classes,
    /// The classes of texts that are, as a whole, the longest run of this state. A text's whole
    /// is always the longest run: nothing stands before it in at least one place where it ends.
    /// When a state is split, the longest run stays.
    whole: Classes,
    length: u32,
    link: StateId,
    first_edge: EdgeId,
}

#[derive(Clone, Copy)]
struct Edge {
    atom: AtomId,
    to: StateId,
    next: EdgeId,
}

#[derive(Clone)]
pub(crate) struct Automaton {
    states: Vec<State>,
    edges: Vec<Edge>,
    edge_of: HashMap<(StateId, AtomId), EdgeId>,
}

impl Automaton {
    pub(crate) fn new() -> Self {
        let root = State {
            classes: Classes::NONE,
            whole: Classes::NONE,
            length: 0,
            link: NOTHING,
            first_edge: NOTHING,
        };
        Self { states: vec![root], edges: Vec::new(), edge_of: HashMap::new() }
    }

    /// The state of the run that is `from`'s and then `atom`.
    pub(crate) fn step(&self, from: StateId, atom: AtomId) -> Option<StateId> {
        self.edge(from, atom).map(|edge| edge.to)
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
        if let Some(to) = self.step(last, atom) {
            return self.of_length(last, atom, to);
        }
        let added = self.push(State {
            classes: Classes::NONE,
            whole: Classes::NONE,
            length: self.length(last) + 1,
            link: ROOT,
            first_edge: NOTHING,
        });
        let mut at = last;
        while at != NOTHING {
            if let Some(to) = self.step(at, atom) {
                let link = self.of_length(at, atom, to);
                self.set_link(added, link);
                break;
            }
            self.join(at, atom, added);
            at = self.link(at);
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
        let part = self.push(State { length, whole: Classes::NONE, first_edge: NOTHING, ..state });
        let mut edge = state.first_edge;
        while let Some(Edge { atom, to, next }) = self.edges.get(edge as usize).copied() {
            self.join(part, atom, to);
            edge = next;
        }
        self.set_link(to, part);
        self.redirect(from, atom, to, part);
        part
    }

    /// Lets `from` and its links lead to `part` wherever they led to `to`.
    fn redirect(&mut self, from: StateId, atom: AtomId, to: StateId, part: StateId) {
        let mut at = from;
        while let Some(id) = self.edge_of.get(&(at, atom)).copied() {
            match self.edges.get_mut(id as usize) {
                Some(edge) if edge.to == to => edge.to = part,
                _ => break,
            }
            at = self.link(at);
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

    fn join(&mut self, from: StateId, atom: AtomId, to: StateId) {
        let id = EdgeId::try_from(self.edges.len()).unwrap_or(NOTHING);
        let Some(state) = self.state_mut(from) else { return };
        let next = std::mem::replace(&mut state.first_edge, id);
        self.edges.push(Edge { atom, to, next });
        self.edge_of.insert((from, atom), id);
    }

    fn edge(&self, from: StateId, atom: AtomId) -> Option<&Edge> {
        let id = self.edge_of.get(&(from, atom))?;
        self.edges.get(*id as usize)
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
        bytes(self.states.capacity(), self.edges.capacity(), self.edge_of.capacity())
    }

    /// An estimate of the most memory that texts of `atoms` atoms take.
    pub(crate) fn bytes_max(atoms: usize) -> usize {
        // Two states and three edges for each atom, and the root.
        let states = crate::memory::list_capacity_max(2 * atoms + 1);
        bytes(states, crate::memory::list_capacity_max(3 * atoms), 3 * atoms)
    }
}

fn bytes(states: usize, edges: usize, map: usize) -> usize {
    let entry = size_of::<((StateId, AtomId), EdgeId)>();
    states * size_of::<State>() + edges * size_of::<Edge>() + crate::memory::map_bytes(map, entry)
}
