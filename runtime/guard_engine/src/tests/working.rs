//! The bound on what quantifiers cost is never below what they do.

use crate::Frames;
use crate::interpret::{Recorder, Run, Scope, Seen};
use crate::work::Work;
use guard_match::{MatchScratch, Patterns};
use guard_plan::*;
use guard_value::{Facts, Record, SlotValue};

/// Counts what is read at elements.
#[derive(Debug, Default)]
struct Reads(u64);

impl Recorder for Reads {
    const LOOKS: bool = true;

    fn saw(&mut self, _: &str, ty: SlotType, _: Seen<'_>, scope: &Scope<'_, '_>) {
        let is_row = matches!(scope, Scope::Row { .. });
        self.0 += u64::from(is_row && ty == SlotType::Int);
    }
}

/// Numbers that repeat from run to run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound).unwrap()
    }
}

fn slot(name: &str, ty: SlotType) -> Slot {
    Slot { name: name.to_owned(), ty }
}

/// Two lists, each of rows with a number; the first's rows hold a list whose rows hold a list.
fn layout() -> Layout {
    use SlotType::{Int, List};
    Layout {
        slots: vec![slot("xs", List(0)), slot("ys", List(1))],
        rows: vec![
            vec![slot("x", Int), slot("x.zs", List(2))],
            vec![slot("y", Int)],
            vec![slot("z", Int), slot("z.ws", List(1))],
        ],
        ..Layout::default()
    }
}

fn plan() -> Plan {
    Plan {
        version: PLAN_VERSION,
        edition: 1,
        package: "test".to_owned(),
        texts: Vec::new(),
        text_sets: Vec::new(),
        patterns: Vec::new(),
        detectors: Vec::new(),
        models: Vec::new(),
        services: Vec::new(),
        shapes: Vec::new(),
        layouts: vec![layout()],
        data: Layout::default(),
        tools: Vec::new(),
        agents: Vec::new(),
        rules: Vec::new(),
        clauses: Vec::new(),
    }
}

/// Fills the lists with up to `most` rows each.
fn fill(record: &mut Record, random: &mut Random, most: u64) {
    record.reset(2);
    let rows = |record: &mut Record, slot: usize, width: usize, count: usize| {
        let starts: Vec<usize> = (0..count).map(|_| record.push_row(width)).collect();
        for start in &starts {
            record.set(*start, SlotValue::from_int(1));
        }
        record.set_rows(slot, starts.first().copied().unwrap_or(0), count);
        starts
    };
    rows(record, 1, 1, random.below(most));
    for x in rows(record, 0, 2, random.below(most)) {
        for z in rows(record, x + 1, 2, random.below(most)) {
            rows(record, z + 1, 1, random.below(most));
        }
    }
}

/// A condition that holds, so that nothing of it is left out. `rows` are the kinds of the rows around it.
fn truth(entry: &mut Entry, random: &mut Random, rows: &mut Vec<u32>) -> NodeId {
    let mut parts = Vec::new();
    for _ in 0..=random.below(2) {
        let mut lists = vec![
            (Load { region: Region::Event, slot: 0 }, 0),
            (Load { region: Region::Event, slot: 1 }, 1),
        ];
        for (out, row) in rows.iter().rev().enumerate() {
            let region = Region::Row(u32::try_from(out).unwrap());
            let inner = match row {
                0 => Some(2),
                2 => Some(1),
                _ => None,
            };
            // Twice, so that lists in lists come up as often as others.
            lists.extend(
                inner.map(|inner| [(Load { region, slot: 1 }, inner); 2]).into_iter().flatten(),
            );
        }
        if rows.len() < 4 && random.below(3) > 0 {
            let (list, row) = lists[random.below(lists.len() as u64)];
            rows.push(row);
            let body = truth(entry, random, rows);
            rows.pop();
            parts.push(node(entry, Node::Quantify { all: true, list, body }));
        }
    }
    if !rows.is_empty() {
        let out = u32::try_from(random.below(rows.len() as u64)).unwrap();
        let load = node(entry, Node::Load(Load { region: Region::Row(out), slot: 0 }));
        let one = node(entry, Node::Int(1));
        parts.push(node(entry, Node::CompareInt(Comparison::Equal, load, one)));
    }
    node(entry, Node::And(parts))
}

fn node(entry: &mut Entry, node: Node) -> NodeId {
    entry.nodes.push(node);
    NodeId(u32::try_from(entry.nodes.len() - 1).unwrap())
}

/// The bound, and what the interpreter reads at elements.
fn bound_and_reads(entry: &Entry, record: &Record) -> (u64, u64) {
    let (plan, agent, principal) = (plan(), Agent::default(), Record::default());
    let (facts, patterns) = (Facts::unknown(0), Patterns::compile(&[]).unwrap());
    let frames =
        Frames { event: record, principal: &principal, facts: &facts, patterns: &patterns };
    let bound = Work::of(&plan, &patterns, &agent, entry).steps(&frames);
    let mut scratch = MatchScratch::default();
    let mut run = Run::new(&plan, &agent, entry, frames, &mut scratch, Reads::default());
    assert_eq!(run.clause(0), Truth::True);
    (bound, run.recorder.0)
}

fn entry_of(root: impl FnOnce(&mut Entry) -> NodeId) -> Entry {
    let mut entry = Entry {
        target: EventTarget::Output,
        layout: LayoutId(0),
        nodes: Vec::new(),
        clauses: Vec::new(),
        rules: Vec::new(),
        ..Entry::default()
    };
    let node = root(&mut entry);
    entry.clauses.push(EntryClause { node, eager: false, text: ClauseId(0) });
    entry
}

#[test]
fn no_evaluation_reads_more_than_the_bound() {
    let mut random = Random(1);
    let mut most = 0;
    for _ in 0..300 {
        let entry = entry_of(|entry| truth(entry, &mut random, &mut Vec::new()));
        let mut record = Record::default();
        // So long that no weight of nodes makes up for a list that is left out.
        fill(&mut record, &mut random, 16);
        let (bound, reads) = bound_and_reads(&entry, &record);
        assert!(reads <= bound, "{reads} reads, bounded by {bound}: {entry:#?}");
        most = most.max(reads);
    }
    assert!(most > 500, "the generator nests too little: {most}");
}

#[test]
fn a_list_in_a_list_is_counted_by_its_rows_and_two_lists_by_their_pairs() {
    let over = |entry: &mut Entry, list: Load, body: NodeId| {
        node(entry, Node::Quantify { all: true, list, body })
    };
    let [xs, ys] = [0, 1].map(|slot| Load { region: Region::Event, slot });
    let zs = Load { region: Region::Row(0), slot: 1 };
    let mut record = Record::default();
    record.reset(2);
    let first: Vec<usize> = (0..10).map(|_| record.push_row(2)).collect();
    record.set_rows(0, first[0], 10);
    for x in &first {
        let inner: Vec<usize> = (0..7).map(|_| record.push_row(2)).collect();
        record.set_rows(x + 1, inner[0], 7);
    }
    let ten: Vec<usize> = (0..20).map(|_| record.push_row(1)).collect();
    record.set_rows(1, ten[0], 20);
    let nested = entry_of(|entry| {
        let body = node(entry, Node::Truth(true));
        let inner = over(entry, zs, body);
        over(entry, xs, inner)
    });
    // Ten times the inner quantifier, and seventy times its body.
    assert_eq!(bound_and_reads(&nested, &record).0, 10 + 70);
    let pairs = entry_of(|entry| {
        let body = node(entry, Node::Truth(true));
        let inner = over(entry, ys, body);
        over(entry, xs, inner)
    });
    assert_eq!(bound_and_reads(&pairs, &record).0, 10 + 200);
}
