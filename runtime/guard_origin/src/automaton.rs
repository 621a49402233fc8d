//! A suffix automaton over atoms: every run of atoms of every text added, with the sources it
//! occurs in.
//!
//! After Blumer et al., "The smallest automaton recognizing the subwords of a text" (1985), in the
//! form for several texts. A state stands for runs that end at the same places, so one mask of
//! sources is right for all of them.
//!
//! INVARIANT: the mask of a state is part of the masks of its suffix links, up to the root: where a
//! run occurs, so do its ends. So a walk that spreads a mask stops at the first state that has it,
//! and each state receives each source once: adding is linear in the end.

use std::collections::HashMap;

/// The state before any atom.
const ROOT: u32 = 0;

/// No edge, no state.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct State {
    /// The length of its longest run.
    longest: u32,
    /// The state of the longest end that occurs elsewhere, too.
    link: u32,
    /// The first of its edges.
    edges: u32,
    mask: u64,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    atom: u32,
    to: u32,
    /// The next edge of the same state.
    next: u32,
}

/// The automaton. States and edges are at most two and three for each atom added.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    states: Vec<State>,
    edges: Vec<Edge>,
    /// The edge of a state for an atom.
    find: HashMap<(u32, u32), u32>,
}

impl Automaton {
    pub(crate) fn new() -> Self {
        let root = State { longest: 0, link: NONE, edges: NONE, mask: 0 };
        Self { states: vec![root], edges: Vec::new(), find: HashMap::new() }
    }

    /// How many bytes it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        // A hash map keeps its key, its value and a byte of control, at most half empty.
        let entry = size_of::<((u32, u32), u32)>() + 1;
        self.states.capacity() * size_of::<State>()
            + self.edges.capacity() * size_of::<Edge>()
            + self.find.capacity() * entry * 8 / 7
    }

    /// The sources in which the run of atoms occurs.
    pub(crate) fn mask(&self, atoms: impl IntoIterator<Item = u32>) -> u64 {
        let mut state = ROOT;
        for atom in atoms {
            match self.find.get(&(state, atom)).and_then(|edge| self.edge(*edge)) {
                Some(edge) => state = edge.to,
                None => return 0,
            }
        }
        if state == ROOT { 0 } else { self.state(state).mask }
    }

    /// Adds a text.
    pub(crate) fn add(&mut self, atoms: &[u32], mask: u64) {
        let mut last = ROOT;
        for atom in atoms {
            last = self.extend(last, *atom);
            self.spread(last, mask);
        }
    }

    fn spread(&mut self, from: u32, mask: u64) {
        let mut at = from;
        while at != ROOT && at != NONE {
            let Some(state) = self.state_mut(at) else { return };
            if state.mask & mask == mask {
                return;
            }
            state.mask |= mask;
            at = state.link;
        }
    }

    /// The state of the text so far with one more atom.
    fn extend(&mut self, last: u32, atom: u32) -> u32 {
        if let Some(to) = self.to(last, atom) {
            let longest = self.state(last).longest + 1;
            if self.state(to).longest == longest {
                return to;
            }
            return self.split(last, atom, to, longest);
        }
        let longest = self.state(last).longest + 1;
        let new = self.push(State { longest, link: ROOT, edges: NONE, mask: 0 });
        let mut at = last;
        while at != NONE && self.to(at, atom).is_none() {
            self.connect(at, atom, new);
            at = self.state(at).link;
        }
        let link = match self.to(at, atom) {
            None => ROOT,
            Some(to) if self.state(to).longest == self.state(at).longest + 1 => to,
            Some(to) => {
                let longest = self.state(at).longest + 1;
                self.split(at, atom, to, longest)
            }
        };
        if let Some(state) = self.state_mut(new) {
            state.link = link;
        }
        new
    }

    /// Takes the shorter runs of a state into one of their own.
    fn split(&mut self, from: u32, atom: u32, whole: u32, longest: u32) -> u32 {
        let State { link, mask, edges, .. } = self.state(whole);
        let part = self.push(State { longest, link, edges: NONE, mask });
        let mut edge = edges;
        while let Some(Edge { atom, to, next }) = self.edge(edge) {
            self.connect(part, atom, to);
            edge = next;
        }
        if let Some(state) = self.state_mut(whole) {
            state.link = part;
        }
        let mut at = from;
        while at != NONE && self.to(at, atom) == Some(whole) {
            let edge = self.find.get(&(at, atom)).copied().unwrap_or(NONE);
            let edge = usize::try_from(edge).ok().and_then(|edge| self.edges.get_mut(edge));
            if let Some(edge) = edge {
                edge.to = part;
            }
            at = self.state(at).link;
        }
        part
    }

    fn connect(&mut self, from: u32, atom: u32, to: u32) {
        let edge = u32::try_from(self.edges.len()).unwrap_or(NONE);
        let next = self.state(from).edges;
        self.edges.push(Edge { atom, to, next });
        self.find.insert((from, atom), edge);
        if let Some(state) = self.state_mut(from) {
            state.edges = edge;
        }
    }

    fn push(&mut self, state: State) -> u32 {
        self.states.push(state);
        // The bounds on atoms keep the number of states far below.
        u32::try_from(self.states.len() - 1).unwrap_or(NONE)
    }

    fn to(&self, from: u32, atom: u32) -> Option<u32> {
        Some(self.edge(*self.find.get(&(from, atom))?)?.to)
    }

    fn edge(&self, edge: u32) -> Option<Edge> {
        self.edges.get(usize::try_from(edge).ok()?).copied()
    }

    fn state(&self, state: u32) -> State {
        let nothing = State { longest: 0, link: NONE, edges: NONE, mask: 0 };
        let index = usize::try_from(state).unwrap_or(usize::MAX);
        self.states.get(index).copied().unwrap_or(nothing)
    }

    fn state_mut(&mut self, state: u32) -> Option<&mut State> {
        self.states.get_mut(usize::try_from(state).ok()?)
    }
}
