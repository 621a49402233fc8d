//! Cuts an entry into parts of bounded size, each one function: code generation is worse than
//! linear in a function's size.
//!
//! Cutting is invisible in the result. Conditions have no effects, so a clause that two parts ask
//! for may be evaluated twice; only eager clauses are read from the bitmaps of an earlier part.

use crate::JitError;
use crate::scope::{Unit, item};
use guard_plan::{Entry, Node};
use std::ops::Range;

/// Nodes after which the next rule starts a part of its own.
const PART_NODES: u64 = 1_500;
/// Nodes beyond which an entry is interpreted. Shared nodes count as often as they are used.
const ENTRY_NODES_MAX: u64 = 50_000;
/// Nesting beyond which an entry is interpreted; the lowering calls itself once a level.
const DEPTH_MAX: u32 = 150;
/// Bits of a word.
const WORD_BITS: usize = 64;

/// A part of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The clauses of which the eager ones are evaluated here.
    pub(crate) clauses: Range<usize>,
    /// The rules that are evaluated here.
    pub(crate) rules: Range<usize>,
    /// Whether the part is the whole entry and each bitmap one word, kept in a register.
    pub(crate) whole: bool,
}

/// The parts of an entry, in the order they run.
pub(crate) fn parts(unit: &Unit<'_>) -> Result<Vec<Part>, JitError> {
    let entry = unit.entry;
    let weights = Weights::of(entry)?;
    let mut cutter = Cutter::default();
    for clause in &entry.clauses {
        let weight = if clause.eager { weights.of_clause(clause.node.0)? } else { 0 };
        cutter.add(weight, |part| part.clauses.end += 1)?;
    }
    for rule in &entry.rules {
        let weight = rule.condition.map_or(Ok(1), |node| weights.of_condition(node.0))?;
        cutter.add(weight, |part| part.rules.end += 1)?;
    }
    Ok(cutter.finish(entry))
}

struct Cutter {
    parts: Vec<Part>,
    current: Part,
    part_nodes: u64,
    entry_nodes: u64,
}

impl Default for Cutter {
    fn default() -> Self {
        let current = Part { clauses: 0..0, rules: 0..0, whole: false };
        Self { parts: Vec::new(), current, part_nodes: 0, entry_nodes: 0 }
    }
}

impl Cutter {
    fn add(&mut self, weight: u64, extend: impl FnOnce(&mut Part)) -> Result<(), JitError> {
        self.entry_nodes = self.entry_nodes.saturating_add(weight);
        if self.entry_nodes > ENTRY_NODES_MAX {
            return Err(JitError::TooLarge("an entry has too many conditions"));
        }
        if self.part_nodes > 0 && self.part_nodes.saturating_add(weight) > PART_NODES {
            let (clauses, rules) = (self.current.clauses.end, self.current.rules.end);
            let next = Part { clauses: clauses..clauses, rules: rules..rules, whole: false };
            self.parts.push(std::mem::replace(&mut self.current, next));
            self.part_nodes = 0;
        }
        self.part_nodes = self.part_nodes.saturating_add(weight);
        extend(&mut self.current);
        Ok(())
    }

    fn finish(mut self, entry: &Entry) -> Vec<Part> {
        self.current.whole = self.parts.is_empty()
            && entry.rules.len() <= WORD_BITS
            && entry.clauses.len() <= WORD_BITS;
        self.parts.push(self.current);
        self.parts
    }
}

/// How many nodes stand below each node, counted as often as they are lowered.
struct Weights {
    /// With clauses as leaves.
    clauses: Vec<u64>,
    /// With clauses that are not eager in place of their names.
    conditions: Vec<u64>,
}

impl Weights {
    fn of(entry: &Entry) -> Result<Self, JitError> {
        let clauses = weigh(entry, |_| Ok(1))?;
        let conditions = weigh(entry, |clause| {
            let clause = item(&entry.clauses, clause, "a condition names no clause")?;
            if clause.eager { Ok(1) } else { weight(&clauses, clause.node.0) }
        })?;
        Ok(Self { clauses, conditions })
    }

    fn of_clause(&self, node: u32) -> Result<u64, JitError> {
        weight(&self.clauses, node)
    }

    fn of_condition(&self, node: u32) -> Result<u64, JitError> {
        weight(&self.conditions, node)
    }
}

fn weight(weights: &[u64], node: u32) -> Result<u64, JitError> {
    item(weights, node, "a node has no such operand").copied()
}

/// Weighs every node; also checks that operands stand before their users and bounds the nesting.
fn weigh(
    entry: &Entry,
    clause_weight: impl Fn(u32) -> Result<u64, JitError>,
) -> Result<Vec<u64>, JitError> {
    let mut weights: Vec<u64> = Vec::with_capacity(entry.nodes.len());
    let mut depths: Vec<u32> = Vec::with_capacity(entry.nodes.len());
    for node in &entry.nodes {
        let (mut nodes, mut depth) = (1_u64, 0_u32);
        let mut operands_before = true;
        if let Node::Clause(clause) = node {
            nodes = clause_weight(*clause)?;
        }
        node.for_each_operand(|operand| {
            let index = usize::try_from(operand.0).unwrap_or(usize::MAX);
            match (weights.get(index), depths.get(index)) {
                (Some(n), Some(d)) => {
                    nodes = nodes.saturating_add(*n);
                    depth = depth.max(d.saturating_add(1));
                }
                _ => operands_before = false,
            }
        });
        if !operands_before {
            return Err(JitError::NotVerified("a node stands before its operand"));
        }
        if depth > DEPTH_MAX {
            return Err(JitError::TooLarge("a condition is nested too deep"));
        }
        weights.push(nodes);
        depths.push(depth);
    }
    Ok(weights)
}
