//! Evaluates a plan the plain way.

use guard_engine::{Evaluator, Frames, Outcome};
use guard_match::MatchScratch;
use guard_plan::*;
use guard_value::{Record, SlotState, SlotValue};
use std::cell::RefCell;

#[derive(Debug)]
pub(crate) struct Interpreter {
    plan: Plan,
}

struct Run<'a> {
    plan: &'a Plan,
    agent: &'a Agent,
    entry: &'a Entry,
    frames: &'a Frames<'a>,
    scratch: &'a mut MatchScratch,
    truths: RefCell<Vec<Option<Truth>>>,
}

#[derive(Clone, Copy)]
struct Row<'a> {
    record: &'a Record,
    layout: &'a Layout,
    slots: &'a [Slot],
    start: usize,
}

impl Interpreter {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan }
    }
}

impl Evaluator for Interpreter {
    fn evaluate(
        &self,
        agent: AgentId,
        entry: EntryId,
        frames: &Frames<'_>,
        scratch: &mut MatchScratch,
        outcome: &mut Outcome,
    ) {
        let agent = &self.plan.agents[agent.0 as usize];
        let entry = &agent.entries[entry.0 as usize];
        let truths = RefCell::new(vec![None; entry.clauses.len()]);
        let mut run = Run { plan: &self.plan, agent, entry, frames, scratch, truths };
        for (index, clause) in entry.clauses.iter().enumerate() {
            if clause.eager {
                run.clause(index);
            }
        }
        let mut verdict = Verdict::Allow;
        let mut allowed = false;
        for (index, rule) in entry.rules.iter().enumerate() {
            let truth = rule.condition.map_or(Truth::True, |c| run.truth(c, &[]));
            let effect = &self.plan.rules[rule.rule.0 as usize].effect;
            let fires = match effect {
                Effect::Allow => truth == Truth::True,
                _ => truth != Truth::False,
            };
            if truth == Truth::Unknown {
                outcome.rules_unknown[index / 64] |= 1 << (index % 64);
            }
            if fires {
                outcome.rules_fired[index / 64] |= 1 << (index % 64);
                verdict = verdict.most_restrictive(effect.verdict());
                allowed |= *effect == Effect::Allow;
            }
        }
        if matches!(entry.target, EventTarget::Call(_)) && !allowed {
            verdict = verdict.most_restrictive(Verdict::Deny);
        }
        outcome.verdict = verdict;
        for (index, truth) in run.truths.borrow().iter().enumerate() {
            match truth {
                Some(Truth::True) => outcome.clauses_true[index / 64] |= 1 << (index % 64),
                Some(Truth::Unknown) => outcome.clauses_unknown[index / 64] |= 1 << (index % 64),
                _ => {}
            }
        }
    }
}

fn kleene(truth: Option<bool>) -> Truth {
    truth.map_or(Truth::Unknown, Truth::from)
}

impl<'a> Run<'a> {
    fn clause(&mut self, index: usize) -> Truth {
        if let Some(truth) = self.truths.borrow()[index] {
            return truth;
        }
        let truth = self.truth(self.entry.clauses[index].node, &[]);
        self.truths.borrow_mut()[index] = Some(truth);
        truth
    }

    fn node(&self, node: NodeId) -> &'a Node {
        &self.entry.nodes[node.0 as usize]
    }

    fn slot(&self, load: Load, rows: &[Row<'a>]) -> (SlotValue, Row<'a>, SlotType) {
        let frame = match load.region {
            Region::Event => {
                let layout = &self.plan.layouts[self.entry.layout.0 as usize];
                Row { record: self.frames.event, layout, slots: &layout.slots, start: 0 }
            }
            Region::Principal => {
                let layout = &self.agent.parameters;
                Row { record: self.frames.principal, layout, slots: &layout.slots, start: 0 }
            }
            Region::Data => {
                let layout = &self.plan.data;
                Row { record: &self.frames.facts.record, layout, slots: &layout.slots, start: 0 }
            }
            Region::Row(depth) => rows[rows.len() - 1 - depth as usize],
        };
        let slot = load.slot as usize;
        (frame.record.slot(frame.start + slot), frame, frame.slots[slot].ty)
    }

    fn list(&self, load: Load, rows: &[Row<'a>]) -> Option<Vec<Row<'a>>> {
        let (slot, frame, ty) = self.slot(load, rows);
        let SlotType::List(row) = ty else { panic!("not a list") };
        let slots = &frame.layout.rows[row as usize];
        let (first, count) = frame.record.rows(slot)?;
        Some((0..count).map(|i| Row { slots, start: first + i * slots.len(), ..frame }).collect())
    }

    fn truth(&mut self, node: NodeId, rows: &[Row<'a>]) -> Truth {
        match self.node(node) {
            Node::Truth(truth) => Truth::from(*truth),
            Node::Flag(load) => kleene(self.slot(*load, rows).0.as_bool()),
            Node::Clause(clause) => self.clause(*clause as usize),
            Node::And(operands) => {
                let mut result = Truth::True;
                for operand in operands {
                    result = result.and(self.truth(*operand, rows));
                    if result == Truth::False {
                        break;
                    }
                }
                result
            }
            Node::Or(operands) => {
                let mut result = Truth::False;
                for operand in operands {
                    result = result.or(self.truth(*operand, rows));
                    if result == Truth::True {
                        break;
                    }
                }
                result
            }
            Node::Not(a) => self.truth(*a, rows).not(),
            Node::Present(load) => match self.slot(*load, rows).0.state() {
                SlotState::Absent => Truth::False,
                SlotState::Present => Truth::True,
                SlotState::Malformed => Truth::Unknown,
            },
            Node::TruthEqual(a, b) => {
                let (a, b) = (self.truth(*a, rows), self.truth(*b, rows));
                if a == Truth::Unknown || b == Truth::Unknown {
                    return Truth::Unknown;
                }
                Truth::from(a == b)
            }
            Node::CompareInt(how, a, b) => {
                let (a, b) = (self.int(*a, rows), self.int(*b, rows));
                kleene(a.zip(b).map(|(a, b)| compare(*how, &a, &b)))
            }
            Node::CompareFloat(how, a, b) => {
                let (a, b) = (self.float(*a, rows), self.float(*b, rows));
                kleene(a.zip(b).map(|(a, b)| compare(*how, &a, &b)))
            }
            Node::TextEqual(a, b) => self.texts(*a, *b, rows, |a, b| a == b),
            Node::StartsWith(a, b) => self.texts(*a, *b, rows, <[u8]>::starts_with),
            Node::EndsWith(a, b) => self.texts(*a, *b, rows, <[u8]>::ends_with),
            Node::Contains(a, b) => {
                self.texts(*a, *b, rows, |a, b| b.is_empty() || a.windows(b.len()).any(|w| w == b))
            }
            Node::TextIn(a, set) => {
                let text = self.text(*a, rows);
                let set = &self.plan.text_sets[set.0 as usize];
                kleene(text.map(|text| {
                    set.iter().any(|id| self.plan.texts[id.0 as usize].as_bytes() == text)
                }))
            }
            Node::TextInData(a, slot) => {
                let text = self.text(*a, rows);
                let set = self.frames.facts.texts(*slot as usize);
                kleene(text.zip(set).map(|(text, set)| set.contains(&text)))
            }
            Node::TextInList(a, list) => {
                let Some(text) = self.text(*a, rows) else { return Truth::Unknown };
                let Some(list) = self.list(*list, rows) else { return Truth::Unknown };
                list.iter().fold(Truth::False, |truth, row| {
                    let element = row.record.text(row.record.slot(row.start));
                    truth.or(kleene(element.map(|element| element == text)))
                })
            }
            Node::Match(a, pattern) => {
                let Some(text) = self.text(*a, rows) else { return Truth::Unknown };
                kleene(self.frames.patterns.matches(*pattern, &text, self.scratch))
            }
            Node::Quantify { all, list, body } => {
                let Some(list) = self.list(*list, rows) else { return Truth::Unknown };
                let mut result = Truth::from(*all);
                for row in list {
                    let mut inner = rows.to_vec();
                    inner.push(row);
                    let truth = self.truth(*body, &inner);
                    result = if *all { result.and(truth) } else { result.or(truth) };
                }
                result
            }
            Node::Choose(c, a, b) => match self.truth(*c, rows) {
                Truth::True => self.truth(*a, rows),
                Truth::False => self.truth(*b, rows),
                Truth::Unknown => Truth::Unknown,
            },
            Node::Otherwise(load, b) => {
                let slot = self.slot(*load, rows).0;
                match slot.state() {
                    SlotState::Absent => self.truth(*b, rows),
                    _ => kleene(slot.as_bool()),
                }
            }
            node => panic!("{node:?} is no condition"),
        }
    }

    fn texts(
        &mut self,
        a: NodeId,
        b: NodeId,
        rows: &[Row<'a>],
        holds: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Truth {
        let (a, b) = (self.text(a, rows), self.text(b, rows));
        kleene(a.zip(b).map(|(a, b)| holds(&a, &b)))
    }

    fn choice(&mut self, node: NodeId, rows: &[Row<'a>]) -> Option<Result<SlotValue2<'a>, NodeId>> {
        match self.node(node) {
            Node::Load(load) => {
                let (slot, frame, _) = self.slot(*load, rows);
                Some(Ok((slot, frame.record)))
            }
            Node::Otherwise(load, b) => {
                let (slot, frame, _) = self.slot(*load, rows);
                if slot.state() == SlotState::Absent {
                    Some(Err(*b))
                } else {
                    Some(Ok((slot, frame.record)))
                }
            }
            Node::Choose(c, a, b) => match self.truth(*c, rows) {
                Truth::True => Some(Err(*a)),
                Truth::False => Some(Err(*b)),
                Truth::Unknown => Some(Ok((SlotValue::ABSENT, self.frames.event))),
            },
            _ => None,
        }
    }

    fn int(&mut self, node: NodeId, rows: &[Row<'a>]) -> Option<i64> {
        match self.choice(node, rows) {
            Some(Ok((slot, _))) => return slot.as_int(),
            Some(Err(node)) => return self.int(node, rows),
            None => {}
        }
        match self.node(node) {
            Node::Int(value) => Some(*value),
            Node::ArithmeticInt(how, a, b) => {
                let (a, b) = (self.int(*a, rows)?, self.int(*b, rows)?);
                match how {
                    Operation::Add => a.checked_add(b),
                    Operation::Subtract => a.checked_sub(b),
                    Operation::Multiply => a.checked_mul(b),
                    Operation::Divide => a.checked_div(b),
                }
            }
            Node::RowCount(list) => i64::try_from(self.list(*list, rows)?.len()).ok(),
            Node::CharCount(text) => {
                let text = self.text(*text, rows)?;
                i64::try_from(std::str::from_utf8(&text).unwrap().chars().count()).ok()
            }
            node => panic!("{node:?} is no int"),
        }
    }

    fn float(&mut self, node: NodeId, rows: &[Row<'a>]) -> Option<f64> {
        match self.choice(node, rows) {
            Some(Ok((slot, _))) => return slot.as_float(),
            Some(Err(node)) => return self.float(node, rows),
            None => {}
        }
        match self.node(node) {
            Node::Float(bits) => Some(f64::from_bits(*bits)),
            Node::ArithmeticFloat(how, a, b) => {
                let (a, b) = (self.float(*a, rows)?, self.float(*b, rows)?);
                let result = match how {
                    Operation::Add => a + b,
                    Operation::Subtract => a - b,
                    Operation::Multiply => a * b,
                    Operation::Divide => a / b,
                };
                result.is_finite().then_some(result)
            }
            node => panic!("{node:?} is no float"),
        }
    }

    fn text(&mut self, node: NodeId, rows: &[Row<'a>]) -> Option<Vec<u8>> {
        match self.choice(node, rows) {
            Some(Ok((slot, record))) => return record.text(slot).map(<[u8]>::to_vec),
            Some(Err(node)) => return self.text(node, rows),
            None => {}
        }
        match self.node(node) {
            Node::Text(id) => Some(self.plan.texts[id.0 as usize].as_bytes().to_vec()),
            node => panic!("{node:?} is no text"),
        }
    }
}

type SlotValue2<'a> = (SlotValue, &'a Record);

fn compare<T: PartialOrd>(how: Comparison, a: &T, b: &T) -> bool {
    match how {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
    }
}
