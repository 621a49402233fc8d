//! Random well-typed plans on random records: machine code and interpreter must agree.

use super::build::{agent, clause, entry, layout, nothing, plan, rule, set, text};
use super::{Inputs, expect_same};
use guard_plan::*;
use guard_value::{Record, SlotState, SlotValue, TextSet};

/// A small generator of numbers that repeat from run to run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 33) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }

    fn int(&mut self) -> i64 {
        match self.below(4) {
            0 => self.of(&[0, 1, -1, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1]),
            1 => i64::from_ne_bytes(self.next().to_ne_bytes()),
            _ => i64::try_from(self.below(9)).unwrap() - 4,
        }
    }

    fn float(&mut self) -> f64 {
        match self.below(3) {
            0 => self.of(&[0.0, -0.0, 1.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 1e-310]),
            _ => f64::from(u32::try_from(self.below(9)).unwrap()) / 2.0 - 2.0,
        }
    }

    fn text(&mut self) -> String {
        match self.below(12) {
            0 => "ab".repeat(usize::try_from(self.below(60)).unwrap()),
            1 => "prefix-that-is-long/".repeat(4),
            2 => {
                let length = self.below(20);
                (0..length).map(|_| self.of(&['a', 'b', 'é', '@', '.', '漢'])).collect()
            }
            _ => self
                .of(&[
                    "",
                    "a",
                    "b",
                    "ab",
                    "abc",
                    "aab",
                    "bob",
                    "admin",
                    "alice",
                    "carol",
                    "example",
                    "alice@example.com",
                    "example.com",
                    "example.org",
                    "prod",
                    "production",
                    "é",
                ])
                .to_owned(),
        }
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Truth,
    Int,
    Float,
    Text,
}

struct Writer<'a> {
    random: &'a mut Random,
    plan: &'a mut Plan,
    nodes: Vec<Node>,
    /// Nodes outside quantifiers that may be used again.
    shared: Vec<(Kind, NodeId)>,
    /// The rows around the node: indexes into the rows of a layout, and whose.
    rows: Vec<(Region, usize)>,
}

impl Writer<'_> {
    fn push(&mut self, kind: Kind, node: Node) -> NodeId {
        self.nodes.push(node);
        let id = NodeId(u32::try_from(self.nodes.len() - 1).unwrap());
        if self.rows.is_empty() {
            self.shared.push((kind, id));
        }
        id
    }

    fn layout(&self, region: Region) -> Layout {
        match region {
            Region::Event => layout(),
            Region::Principal => agent(Vec::new()).parameters,
            _ => self.plan.data.clone(),
        }
    }

    /// A slot of a type somewhere in reach, with the region it comes from.
    fn load(&mut self, wanted: impl Fn(SlotType) -> bool) -> Option<(Load, Region, SlotType)> {
        let mut found = Vec::new();
        for (depth, (root, rows)) in self.rows.iter().rev().enumerate() {
            let region = Region::Row(u32::try_from(depth).unwrap());
            // Rows count more, or they would seldom be read.
            for _ in 0..4 {
                found.push((region, *root, self.layout(*root).rows[*rows].clone()));
            }
        }
        for region in [Region::Event, Region::Event, Region::Principal, Region::Data] {
            found.push((region, region, self.layout(region).slots));
        }
        let mut loads = Vec::new();
        for (region, root, slots) in &found {
            for (slot, s) in slots.iter().enumerate() {
                if wanted(s.ty) {
                    let load = Load { region: *region, slot: u32::try_from(slot).unwrap() };
                    loads.push((load, *root, s.ty));
                }
            }
        }
        if loads.is_empty() { None } else { Some(self.random.of(&loads)) }
    }

    fn list(&mut self) -> (Load, Region, usize) {
        let (load, root, ty) = self.load(|ty| matches!(ty, SlotType::List(_))).unwrap();
        let SlotType::List(rows) = ty else { panic!("{ty:?}") };
        (load, root, usize::try_from(rows).unwrap())
    }

    fn scalar(&mut self, kind: Kind) -> Load {
        let ty = match kind {
            Kind::Truth => SlotType::Bool,
            Kind::Int => SlotType::Int,
            Kind::Float => SlotType::Float,
            Kind::Text => SlotType::Text,
        };
        self.load(|t| t == ty).unwrap().0
    }

    fn value(&mut self, kind: Kind, depth: u32) -> NodeId {
        if kind == Kind::Truth {
            return self.condition(depth);
        }
        if let Some(node) = self.again(kind) {
            return node;
        }
        let node = match self.random.below(if depth == 0 { 4 } else { 8 }) {
            0 | 1 => Node::Load(self.scalar(kind)),
            2 | 3 => self.constant(kind),
            4 => Node::Otherwise(self.scalar(kind), self.value(kind, depth - 1)),
            5 => {
                let condition = self.condition(depth - 1);
                let (a, b) = (self.value(kind, depth - 1), self.value(kind, depth - 1));
                Node::Choose(condition, a, b)
            }
            n => match kind {
                Kind::Int if n == 6 => Node::RowCount(self.list().0),
                Kind::Int if self.random.chance(50) => {
                    Node::CharCount(self.value(Kind::Text, depth - 1))
                }
                Kind::Int | Kind::Float => self.arithmetic(kind, depth),
                _ => Node::Load(self.scalar(kind)),
            },
        };
        self.push(kind, node)
    }

    fn constant(&mut self, kind: Kind) -> Node {
        match kind {
            Kind::Int => Node::Int(self.random.int()),
            Kind::Float => Node::Float(self.random.float().to_bits()),
            _ => {
                let t = self.random.text();
                Node::Text(text(self.plan, &t))
            }
        }
    }

    fn arithmetic(&mut self, kind: Kind, depth: u32) -> Node {
        let how = self.random.of(&[
            Operation::Add,
            Operation::Subtract,
            Operation::Multiply,
            Operation::Divide,
        ]);
        let (a, b) = (self.value(kind, depth - 1), self.value(kind, depth - 1));
        if kind == Kind::Int {
            Node::ArithmeticInt(how, a, b)
        } else {
            Node::ArithmeticFloat(how, a, b)
        }
    }

    fn again(&mut self, kind: Kind) -> Option<NodeId> {
        if !self.random.chance(10) {
            return None;
        }
        let of_kind: Vec<_> = self.shared.iter().filter(|(k, _)| *k == kind).collect();
        if of_kind.is_empty() { None } else { Some(self.random.of(&of_kind).1) }
    }

    fn condition(&mut self, depth: u32) -> NodeId {
        if let Some(node) = self.again(Kind::Truth) {
            return node;
        }
        let node = if depth == 0 { self.leaf() } else { self.compound(depth - 1) };
        self.push(Kind::Truth, node)
    }

    fn leaf(&mut self) -> Node {
        match self.random.below(8) {
            0 => Node::Truth(self.random.chance(50)),
            1..=3 => Node::Flag(self.scalar(Kind::Truth)),
            4 => Node::Present(self.load(|_| true).unwrap().0),
            _ => self.text_test(0),
        }
    }

    fn comparison(&mut self) -> Comparison {
        self.random.of(&[
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ])
    }

    fn compound(&mut self, depth: u32) -> Node {
        match self.random.below(16) {
            0 => self.leaf(),
            1 | 2 => Node::And(self.conditions(depth)),
            3 | 4 => Node::Or(self.conditions(depth)),
            5 => Node::Not(self.condition(depth)),
            6 => Node::TruthEqual(self.condition(depth), self.condition(depth)),
            7 => {
                let (c, a) = (self.condition(depth), self.condition(depth));
                Node::Choose(c, a, self.condition(depth))
            }
            8 => {
                let (how, a) = (self.comparison(), self.value(Kind::Int, depth));
                Node::CompareInt(how, a, self.value(Kind::Int, depth))
            }
            9 => {
                let (how, a) = (self.comparison(), self.value(Kind::Float, depth));
                Node::CompareFloat(how, a, self.value(Kind::Float, depth))
            }
            10..=12 if self.rows.len() < 3 => {
                let (list, root, rows) = self.list();
                self.rows.push((root, rows));
                let body = self.condition(depth);
                self.rows.pop();
                Node::Quantify { all: self.random.chance(50), list, body }
            }
            _ => self.text_test(depth),
        }
    }

    fn conditions(&mut self, depth: u32) -> Vec<NodeId> {
        (0..self.random.below(5)).map(|_| self.condition(depth)).collect()
    }

    fn text_test(&mut self, depth: u32) -> Node {
        let a = self.value(Kind::Text, depth);
        match self.random.below(9) {
            0 | 1 => Node::TextEqual(a, self.value(Kind::Text, depth)),
            2 => {
                let count = self.random.of(&[0, 1, 5, 40, 90]);
                let texts: Vec<_> = (0..count)
                    .map(|i| if i < 60 { self.random.text() } else { format!("text-{i}") })
                    .chain((0..if count == 90 { 70 } else { 0 }).map(|i| format!("more-{i}")))
                    .collect();
                Node::TextIn(a, set(self.plan, &texts))
            }
            3 => Node::TextInData(a, self.random.of(&[3, 4])),
            4 => Node::TextInList(a, self.list().0),
            5 => Node::StartsWith(a, self.value(Kind::Text, depth)),
            6 => Node::EndsWith(a, self.value(Kind::Text, depth)),
            7 => Node::Contains(a, self.value(Kind::Text, depth)),
            _ => Node::Match(a, self.random.of(&[0, 1])),
        }
    }

    /// A rule's condition over clauses.
    fn over_clauses(&mut self, clauses: u64, depth: u32) -> NodeId {
        let some = |w: &mut Self| {
            (0..w.random.below(4)).map(|_| w.over_clauses(clauses, depth - 1)).collect()
        };
        let node = match self.random.below(if depth == 0 { 6 } else { 12 }) {
            0 => Node::Truth(self.random.chance(50)),
            1..=5 => Node::Clause(u32::try_from(self.random.below(clauses)).unwrap()),
            6 => Node::Not(self.over_clauses(clauses, depth - 1)),
            7 => {
                let (c, a) =
                    (self.over_clauses(clauses, depth - 1), self.over_clauses(clauses, depth - 1));
                Node::Choose(c, a, self.over_clauses(clauses, depth - 1))
            }
            8 | 9 => Node::And(some(self)),
            _ => Node::Or(some(self)),
        };
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap())
    }
}

/// How large entries are.
#[derive(Clone, Copy)]
struct Size {
    clauses: u64,
    rules: u64,
    depth: u32,
}

fn random_entry(random: &mut Random, plan: &mut Plan, size: Size) -> Entry {
    let mut writer =
        Writer { random, plan, nodes: Vec::new(), shared: Vec::new(), rows: Vec::new() };
    let mut clauses = Vec::new();
    for _ in 0..=writer.random.below(size.clauses) {
        let node = writer.condition(size.depth);
        clauses.push(clause(node.0, writer.random.chance(30)));
    }
    let mut rules = Vec::new();
    for _ in 0..writer.random.below(size.rules) {
        let condition =
            (!writer.random.chance(5)).then(|| writer.over_clauses(clauses.len() as u64, 2).0);
        let effect = writer.random.below(4);
        rules.push(rule(u32::try_from(effect).unwrap(), condition));
    }
    let mut entry = entry(writer.nodes, clauses, rules);
    if random.chance(30) {
        entry.target = EventTarget::Input;
    }
    entry
}

/// The same entry with other constants of the same form.
fn other_constants(random: &mut Random, plan: &mut Plan, entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    for node in &mut entry.nodes {
        match node {
            Node::Int(value) => *value = random.int(),
            Node::Float(bits) => *bits = random.float().to_bits(),
            Node::Match(_, pattern) => *pattern = random.of(&[0, 1]),
            Node::Text(id) => {
                let old = plan.texts[usize::try_from(id.0).unwrap()].clone();
                let mut new = random.text();
                if new.len() != old.len() {
                    new = old.chars().rev().collect();
                }
                *id = text(plan, &new);
            }
            _ => {}
        }
    }
    entry
}

/// A slot's value; the record and the rows are filled as the layout says.
fn fill(random: &mut Random, record: &mut Record, layout: &Layout) {
    let mut todo: Vec<(usize, Vec<Slot>)> = vec![(0, layout.slots.clone())];
    while let Some((start, slots)) = todo.pop() {
        for (index, slot) in slots.iter().enumerate().map(|(i, s)| (start + i, s)) {
            match random.below(8) {
                0 => continue,
                1 => {
                    record.set(index, SlotValue::MALFORMED);
                    continue;
                }
                _ => {}
            }
            match slot.ty {
                SlotType::Bool => record.set(index, SlotValue::from_bool(random.chance(50))),
                SlotType::Int => record.set(index, SlotValue::from_int(random.int())),
                SlotType::Float => record.set(index, SlotValue::from_float(random.float())),
                SlotType::Text => record.set_text(index, &random.text()),
                SlotType::Presence => record.set(index, SlotValue::PRESENT),
                SlotType::TextSet => {}
                SlotType::List(row) => {
                    let row = &layout.rows[usize::try_from(row).unwrap()];
                    let count = usize::try_from(random.below(4)).unwrap();
                    let first = record.slots().len();
                    for _ in 0..count {
                        todo.push((record.push_row(row.len()), row.clone()));
                    }
                    record.set_rows(index, first, count);
                }
            }
        }
    }
}

pub(crate) fn random_inputs(random: &mut Random, plan: &Plan) -> Inputs {
    let mut inputs = nothing();
    fill(random, &mut inputs.event, &layout());
    fill(random, &mut inputs.principal, &agent(Vec::new()).parameters);
    fill(random, &mut inputs.facts.record, &plan.data);
    for slot in [3, 4] {
        if random.chance(80) {
            let texts: Vec<_> = (0..6).map(|_| random.text()).collect();
            inputs.facts.set_texts(slot, TextSet::new(texts));
        }
    }
    assert_ne!(inputs.event.slot(0).state() as u32, SlotState::Malformed as u32 + 1);
    inputs
}

/// Compares on random records over random plans.
fn compare(seeds: std::ops::Range<u64>, size: Size, records: u64) {
    for seed in seeds {
        let mut random = Random::new(seed + 1);
        let mut plan = plan();
        let first: Vec<_> = (0..2).map(|_| random_entry(&mut random, &mut plan, size)).collect();
        // Enough copies that their constants are read from tables, in every other plan.
        let copies = if seed % 2 == 0 { 4 } else { 0 };
        plan.agents.push(agent(first.clone()));
        for _ in 0..copies {
            let entries =
                first.iter().map(|e| other_constants(&mut random, &mut plan, e)).collect();
            plan.agents.push(agent(entries));
        }
        let mut cases = Vec::new();
        for _ in 0..records {
            let inputs = random_inputs(&mut random, &plan);
            for agent in 0..plan.agents.len() {
                for entry in 0..first.len() {
                    cases.push((agent, entry, inputs.clone()));
                }
            }
        }
        expect_same(&plan, cases);
    }
}

/// How many random plans are tried; more on request.
fn effort() -> u64 {
    std::env::var("GUARD_JIT_EFFORT").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

#[test]
fn small_random_plans_agree() {
    compare(0..100 * effort(), Size { clauses: 5, rules: 5, depth: 2 }, 6);
}

#[test]
fn deep_random_plans_agree() {
    compare(1_000..1_000 + 60 * effort(), Size { clauses: 6, rules: 6, depth: 4 }, 6);
}

#[test]
fn entries_of_many_rules_and_clauses_agree() {
    compare(2_000..2_000 + 6 * effort(), Size { clauses: 200, rules: 300, depth: 2 }, 4);
}
