//! Values that must not leave, and whether a text carries one.

use crate::atoms::{AtomId, Atoms};
use crate::classes::{Classes, Found};
use crate::cut::{Sink, cut};
use crate::limits::{CARRIED_ATOMS_MAX, SECRET_ATOMS_MAX, SECRET_BYTES_MIN, SECRET_LENGTH_MAX};
use std::collections::HashMap;
use std::ops::ControlFlow;

type NodeId = u32;
const ROOT: NodeId = 0;

/// A tree of the secrets' atoms. A secret ends at a node that has classes.
#[derive(Clone)]
pub(crate) struct Secrets {
    atoms: Atoms,
    nodes: Vec<Classes>,
    edges: HashMap<(NodeId, AtomId), NodeId>,
    /// What was added, one after the other: how a copy is made from bytes.
    log: Vec<(Classes, u32)>,
    log_atoms: Vec<AtomId>,
    overflowed: Classes,
}

impl Secrets {
    pub(crate) fn new() -> Self {
        Self {
            atoms: Atoms::default(),
            nodes: vec![Classes::NONE],
            edges: HashMap::new(),
            log: Vec::new(),
            log_atoms: Vec::new(),
            overflowed: Classes::NONE,
        }
    }

    pub(crate) fn add(&mut self, text: &str, classes: Classes) {
        if classes.is_empty() || self.overflowed.contains(classes) {
            return;
        }
        let mut names = Beginning::default();
        cut(text, &mut names);
        if names.bytes < SECRET_BYTES_MIN || self.classes_of(&names.list).contains(classes) {
            return;
        }
        if self.log_atoms.len() + names.list.len() > SECRET_ATOMS_MAX as usize {
            self.overflowed |= classes;
            return;
        }
        let ids: Vec<AtomId> = names.list.iter().map(|name| self.atoms.intern(name)).collect();
        self.insert(&ids, classes);
    }

    fn insert(&mut self, ids: &[AtomId], classes: Classes) {
        let mut node = ROOT;
        for id in ids {
            let next = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
            node = *self.edges.entry((node, *id)).or_insert(next);
            if node == next {
                self.nodes.push(Classes::NONE);
            }
        }
        if let Some(here) = self.nodes.get_mut(node as usize) {
            *here |= classes;
        }
        self.log.push((classes, u32::try_from(ids.len()).unwrap_or(u32::MAX)));
        self.log_atoms.extend_from_slice(ids);
    }

    fn classes_of(&self, names: &[Vec<u8>]) -> Classes {
        let end = names.iter().try_fold(ROOT, |node, name| self.step(node, self.atoms.find(name)?));
        end.map_or(Classes::NONE, |node| self.classes(node))
    }

    fn step(&self, node: NodeId, atom: AtomId) -> Option<NodeId> {
        self.edges.get(&(node, atom)).copied()
    }

    fn classes(&self, node: NodeId) -> Classes {
        self.nodes.get(node as usize).copied().unwrap_or_default()
    }

    pub(crate) fn carried(&self, text: &str) -> Found {
        let mut search = Search {
            secrets: self,
            open: [ROOT; SECRET_LENGTH_MAX],
            length: 0,
            found: Classes::NONE,
            is_unsure: false,
        };
        if !self.log.is_empty() {
            cut(text, &mut search);
        }
        let mut unknown = self.overflowed;
        if search.is_unsure {
            unknown |= self.log.iter().fold(Classes::NONE, |all, (classes, _)| all | *classes);
        }
        Found::new(search.found, unknown)
    }

    pub(crate) fn atoms(&self) -> &Atoms {
        &self.atoms
    }

    pub(crate) fn log(&self) -> (&[(Classes, u32)], &[AtomId]) {
        (&self.log, &self.log_atoms)
    }

    pub(crate) fn overflowed(&self) -> Classes {
        self.overflowed
    }

    /// Makes what `log` and `overflowed` were read from. `None` if that cannot have been.
    pub(crate) fn restore(
        names: &[Vec<u8>],
        log: &[(Classes, u32)],
        mut ids: &[AtomId],
        overflowed: Classes,
    ) -> Option<Self> {
        let mut secrets = Self { overflowed, ..Self::new() };
        for name in names {
            secrets.atoms.intern(name);
        }
        if ids.len() > SECRET_ATOMS_MAX as usize {
            return None;
        }
        for (classes, length) in log {
            let length = *length as usize;
            let (secret, rest) = ids.split_at_checked(length)?;
            let is_sound = (1..=SECRET_LENGTH_MAX).contains(&length) && !classes.is_empty();
            let are_known = secret.iter().all(|id| (*id as usize) < names.len());
            if !is_sound || !are_known {
                return None;
            }
            secrets.insert(secret, *classes);
            ids = rest;
        }
        ids.is_empty().then_some(secrets)
    }

    pub(crate) fn bytes(&self) -> usize {
        let lists = (self.nodes.capacity(), self.log.capacity(), self.log_atoms.capacity());
        self.atoms.bytes() + bytes(lists, self.edges.capacity())
    }

    /// An estimate of the most memory that secrets take.
    pub(crate) fn bytes_max() -> usize {
        let count = SECRET_ATOMS_MAX as usize;
        let list = crate::memory::list_capacity_max(count + 1);
        Atoms::bytes_max(count) + bytes((list, list, list), count)
    }
}

fn bytes((nodes, log, log_atoms): (usize, usize, usize), edges: usize) -> usize {
    nodes * size_of::<Classes>()
        + log * size_of::<(Classes, u32)>()
        + log_atoms * size_of::<AtomId>()
        + crate::memory::map_bytes(edges, size_of::<((NodeId, AtomId), NodeId)>())
}

/// The first atoms of a text, as many as a secret has at most.
#[derive(Default)]
struct Beginning {
    list: Vec<Vec<u8>>,
    bytes: usize,
}

impl Sink for Beginning {
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.bytes += bytes.len();
        self.list.push(bytes.to_vec());
        if self.list.len() < SECRET_LENGTH_MAX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

struct Search<'a> {
    secrets: &'a Secrets,
    /// Where the secrets that began at one of the last atoms have got to.
    open: [NodeId; SECRET_LENGTH_MAX],
    length: usize,
    found: Classes,
    is_unsure: bool,
}

impl Sink for Search<'_> {
    fn atom(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.length += 1;
        if self.length > CARRIED_ATOMS_MAX {
            self.is_unsure = true;
            return ControlFlow::Break(());
        }
        let atom = self.secrets.atoms.find(bytes);
        let step = |node| self.secrets.step(node, atom?);
        // ROOT stands for "none open". The oldest has come to a leaf if it has not ended.
        let mut next = [ROOT; SECRET_LENGTH_MAX];
        let open = self.open.iter().filter(|node| **node != ROOT).chain([&ROOT]);
        for (place, node) in next.iter_mut().zip(open.filter_map(|node| step(*node))) {
            *place = node;
            self.found |= self.secrets.classes(node);
        }
        self.open = next;
        ControlFlow::Continue(())
    }
}
