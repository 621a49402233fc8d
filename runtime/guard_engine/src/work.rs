//! What an entry's quantifiers cost on an event, known before any of them is asked.
//!
//! Lists that stand in each other multiply: two of 100,000 elements are ten thousand million pairs. So
//! the steps are bounded from above from the lengths of the lists alone, and both evaluators are
//! spared an event that is past the bound.
//!
//! INVARIANT: [`Work::steps`] is at least the number of nodes that either evaluator visits inside of
//! quantifiers. A list inside another's elements counts all its rows together, and the list around it
//! nothing beside: an inner row has one outer row.

use crate::Frames;
use crate::interpret::at;
use crate::limits::TEXT_BYTES_A_STEP;
use guard_match::Patterns;
use guard_plan::{Agent, Entry, Layout, Load, Node, NodeId, Plan, Region, Slot, SlotType};
use guard_value::Record;
use std::collections::BTreeMap;

/// The cost of one entry: a sum of products of lengths.
#[derive(Debug, Default)]
pub(crate) struct Work {
    lists: Vec<List>,
    terms: Vec<(Product, u64)>,
}

/// A list, by the way to it: the slots of the lists around it, then its own.
#[derive(Debug, PartialEq, Eq)]
struct List {
    /// Never a row.
    region: Region,
    way: Vec<Step>,
}

/// A list's slot in its frame, and how many slots each of its rows has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    slot: usize,
    width: usize,
}

/// What a weight is multiplied by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Product {
    /// The rows of these, each an index into [`Work::lists`].
    lists: Vec<usize>,
    /// The bytes of this.
    text: Option<Text>,
}

/// Texts that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Text {
    /// The one in a slot of a record.
    Slot(Load),
    /// Those of the rows of a list of this region: at most all of the record's.
    Rows(Region),
}

impl Work {
    /// The cost of an entry of a verified plan.
    pub(crate) fn of(plan: &Plan, patterns: &Patterns, agent: &Agent, entry: &Entry) -> Self {
        let Some(layout) = at(&plan.layouts, entry.layout.0) else { return Self::default() };
        let mut walk = Walk {
            plan,
            patterns,
            agent,
            entry,
            layout,
            lists: Vec::new(),
            costs: BTreeMap::new(),
            levels: Vec::new(),
        };
        for clause in &entry.clauses {
            walk.node(clause.node, 0);
        }
        Self { lists: walk.lists, terms: walk.costs.into_iter().collect() }
    }

    /// The most steps that the quantifiers take on what `frames` hold.
    pub(crate) fn steps(&self, frames: &Frames<'_>) -> u64 {
        self.terms.iter().fold(0, |steps: u64, (product, weight)| {
            let text = product.text.map_or(1, |text| text_steps(text, frames));
            let lists = product.lists.iter().filter_map(|list| self.lists.get(*list));
            let rows = lists.fold(1, |rows: u64, list| rows.saturating_mul(list.rows(frames)));
            steps.saturating_add(weight.saturating_mul(text).saturating_mul(rows))
        })
    }
}

impl List {
    /// How many rows it has, those of all rows around it together.
    fn rows(&self, frames: &Frames<'_>) -> u64 {
        record_of(self.region, frames).map_or(0, |record| rows_below(record, 0, &self.way))
    }
}

fn rows_below(record: &Record, start: usize, way: &[Step]) -> u64 {
    let Some((step, rest)) = way.split_first() else { return 0 };
    let list = record.slot(start.saturating_add(step.slot));
    let Some((first, count)) = record.rows(list) else { return 0 };
    if rest.is_empty() {
        return u64::try_from(count).unwrap_or(u64::MAX);
    }
    (0..count).fold(0, |rows: u64, index| {
        let start = first.saturating_add(index.saturating_mul(step.width));
        rows.saturating_add(rows_below(record, start, rest))
    })
}

fn record_of<'a>(region: Region, frames: &Frames<'a>) -> Option<&'a Record> {
    match region {
        Region::Event => Some(frames.event),
        Region::Principal => Some(frames.principal),
        Region::Data => Some(&frames.facts.record),
        Region::Row(_) => None,
    }
}

fn text_steps(text: Text, frames: &Frames<'_>) -> u64 {
    let bytes = match text {
        Text::Slot(load) => record_of(load.region, frames).and_then(|record| {
            let slot = record.slot(usize::try_from(load.slot).ok()?);
            record.text(slot).map(<[u8]>::len)
        }),
        Text::Rows(region) => record_of(region, frames).map(Record::text_len),
    };
    u64::try_from(bytes.unwrap_or(0)).unwrap_or(u64::MAX).div_ceil(TEXT_BYTES_A_STEP)
}

/// A walk over an entry's conditions as over trees, as the verifier's.
struct Walk<'p> {
    plan: &'p Plan,
    patterns: &'p Patterns,
    agent: &'p Agent,
    entry: &'p Entry,
    layout: &'p Layout,
    lists: Vec<List>,
    costs: BTreeMap<Product, u64>,
    /// The quantifiers around the node, the innermost last.
    levels: Vec<Level<'p>>,
}

/// A quantifier.
struct Level<'p> {
    list: usize,
    /// Which level's row its list is a part of.
    parent: Option<usize>,
    layout: &'p Layout,
    slots: &'p [Slot],
    /// The nodes that are visited at each of its rows.
    weight: u64,
}

impl<'p> Walk<'p> {
    /// Counts a node and what is below it. `text_weight` is how often each byte of a text is read that
    /// the node gives; 0 where that is not worth counting.
    fn node(&mut self, id: NodeId, text_weight: u64) {
        let Some(node) = at(&self.entry.nodes, id.0) else { return };
        self.count(1);
        match node {
            Node::Quantify { list, body, .. } => self.within(*list, |walk| walk.node(*body, 0)),
            Node::TextInList(a, list) => {
                self.node(*a, 0);
                self.within(*list, |walk| {
                    walk.count(1);
                    walk.read(Load { region: Region::Row(0), slot: 0 }, 1);
                });
            }
            Node::TextIn(a, set) => {
                let texts = at(&self.plan.text_sets, set.0).map_or(0, Vec::len);
                self.count(u64::try_from(texts).unwrap_or(u64::MAX));
                self.node(*a, 0);
            }
            Node::Match(a, pattern) => {
                let states = self.patterns.states_a_byte(*pattern);
                self.node(*a, u64::try_from(states).unwrap_or(u64::MAX));
            }
            Node::Contains(a, b) => {
                self.node(*a, 1);
                self.node(*b, 1);
            }
            Node::TextInData(a, _) | Node::CharCount(a) => self.node(*a, 1),
            Node::TextEqual(a, b) | Node::StartsWith(a, b) | Node::EndsWith(a, b) => {
                self.compare(*a, *b);
            }
            Node::Load(load) => self.read(*load, text_weight),
            Node::Otherwise(load, b) => {
                self.read(*load, text_weight);
                self.node(*b, text_weight);
            }
            _ => node.for_each_operand(|operand| self.node(operand, text_weight)),
        }
    }

    /// Two texts are compared up to the end of the shorter. Of a row's text and another the row's is
    /// counted, since those of all rows are no more than the event; a text of the policy is short.
    fn compare(&mut self, a: NodeId, b: NodeId) {
        let is =
            |id: NodeId, what: fn(&Node) -> bool| at(&self.entry.nodes, id.0).is_some_and(what);
        let of_row = |node: &Node| matches!(node, Node::Load(Load { region: Region::Row(_), .. }));
        let of_policy = |node: &Node| matches!(node, Node::Text(_));
        let (weight_a, weight_b) = match (is(a, of_policy) || is(b, of_policy), is(b, of_row)) {
            (true, _) => (0, 0),
            (false, true) => (0, 1),
            (false, false) => (1, 0),
        };
        self.node(a, weight_a);
        self.node(b, weight_b);
    }

    /// Counts nodes at the innermost quantifier's rows.
    fn count(&mut self, nodes: u64) {
        if let Some(level) = self.levels.last_mut() {
            level.weight = level.weight.saturating_add(nodes);
        }
    }

    /// Counts the bytes of a text inside of quantifiers.
    fn read(&mut self, load: Load, weight: u64) {
        if weight == 0 || self.levels.is_empty() {
            return;
        }
        let (text, parent) = match load.region {
            Region::Row(out) => {
                let Some(level) = self.level(out) else { return };
                let Some(region) = self
                    .levels
                    .get(level)
                    .and_then(|level| Some(self.lists.get(level.list)?.region))
                else {
                    return;
                };
                (Text::Rows(region), Some(level))
            }
            _ => (Text::Slot(load), None),
        };
        let is_text = self.slot(load).is_some_and(|slot| slot.ty == SlotType::Text);
        if is_text {
            let product = Product { lists: self.lists_but(parent), text: Some(text) };
            self.add(product, weight);
        }
    }

    /// Visits what stands under a quantifier over a list.
    fn within(&mut self, list: Load, visit: impl FnOnce(&mut Self)) {
        let Some(level) = self.entered(list) else { return };
        self.levels.push(level);
        visit(self);
        let product = Product { lists: self.lists_but(None), text: None };
        let weight = self.levels.pop().map_or(0, |level| level.weight);
        self.add(product, weight);
    }

    fn add(&mut self, product: Product, weight: u64) {
        let cost = self.costs.entry(product).or_default();
        *cost = cost.saturating_add(weight);
    }

    /// The lists of the quantifiers, without those that another, or what `parent` is the level of,
    /// stands in the rows of.
    fn lists_but(&self, parent: Option<usize>) -> Vec<usize> {
        let parents: Vec<usize> =
            self.levels.iter().filter_map(|level| level.parent).chain(parent).collect();
        let mut lists: Vec<usize> = self
            .levels
            .iter()
            .enumerate()
            .filter(|(index, _)| !parents.contains(index))
            .map(|(_, level)| level.list)
            .collect();
        lists.sort_unstable();
        lists
    }

    fn entered(&mut self, list: Load) -> Option<Level<'p>> {
        let (layout, _) = self.frame(list.region)?;
        let SlotType::List(row) = self.slot(list)?.ty else { return None };
        let slots = at(&layout.rows, row)?.as_slice();
        let step = Step { slot: usize::try_from(list.slot).ok()?, width: slots.len() };
        let (parent, list) = match list.region {
            Region::Row(out) => {
                let level = self.level(out)?;
                let around = self.lists.get(self.levels.get(level)?.list)?;
                let way = around.way.iter().copied().chain([step]).collect();
                (Some(level), List { region: around.region, way })
            }
            region => (None, List { region, way: vec![step] }),
        };
        Some(Level { list: self.number(list), parent, layout, slots, weight: 0 })
    }

    fn number(&mut self, list: List) -> usize {
        self.lists.iter().position(|known| *known == list).unwrap_or_else(|| {
            self.lists.push(list);
            self.lists.len() - 1
        })
    }

    /// The level of the quantifier that stands so many out.
    fn level(&self, out: u32) -> Option<usize> {
        self.levels.len().checked_sub(1)?.checked_sub(usize::try_from(out).ok()?)
    }

    fn slot(&self, load: Load) -> Option<&'p Slot> {
        at(self.frame(load.region)?.1, load.slot)
    }

    fn frame(&self, region: Region) -> Option<(&'p Layout, &'p [Slot])> {
        let layout = match region {
            Region::Event => self.layout,
            Region::Principal => &self.agent.parameters,
            Region::Data => &self.plan.data,
            Region::Row(out) => {
                let level = self.levels.get(self.level(out)?)?;
                return Some((level.layout, level.slots));
            }
        };
        Some((layout, &layout.slots))
    }
}
