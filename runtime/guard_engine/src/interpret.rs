//! The meaning of a plan, written to be read: what [`guard_plan::Entry`] states, step by step.
//!
//! It allocates nothing, cannot fail and knows no special cases for speed. Machine code is tested
//! against it. A [`Recorder`] sees what it reads; a decision is made with one that sees nothing.
//!
//! INVARIANT: what a verified plan cannot contain (an operand of the wrong type, a slot or an
//! operand that does not exist) is unknown, never true or false.

use crate::evaluate::set_bit;
use crate::{Evaluator, Frames, Outcome};
use guard_match::MatchScratch;
use guard_plan::{
    Agent, AgentId, Comparison, Effect, Entry, EntryId, EventTarget, Layout, Load, Node, NodeId,
    Operation, Plan, Region, RuleId, Slot, SlotType, TextId, Truth, Verdict, ask_at,
};
use guard_value::{Record, SlotState, SlotValue};
use std::sync::Arc;

/// Evaluates a plan by walking over its nodes.
#[derive(Debug, Clone)]
pub struct Interpreter {
    plan: Arc<Plan>,
}

impl Interpreter {
    /// An interpreter of a verified plan.
    pub fn new(plan: Arc<Plan>) -> Self {
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
        let Some(agent) = at(&self.plan.agents, agent.0) else { return };
        let Some(entry) = at(&agent.entries, entry.0) else { return };
        let mut run = Run::new(&self.plan, agent, entry, *frames, scratch, ());
        run.decide(outcome);
    }
}

/// Sees what an evaluation reads.
pub(crate) trait Recorder {
    /// Whether it wants to know what is read.
    const LOOKS: bool;

    /// A slot was read. `name` is what its author calls it, `scope` says at which elements.
    fn saw(&mut self, name: &str, ty: SlotType, value: Seen<'_>, scope: &Scope<'_, '_>);
}

impl Recorder for () {
    const LOOKS: bool = false;

    #[inline]
    fn saw(&mut self, _: &str, _: SlotType, _: Seen<'_>, _: &Scope<'_, '_>) {}
}

/// A slot's value and the record that holds its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) value: SlotValue,
    pub(crate) record: &'a Record,
    /// Where the slot stands in the record.
    pub(crate) place: usize,
}

/// The elements that the quantifiers around a node are at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'o, 'a> {
    /// Not inside a quantifier.
    Outside,
    /// Inside one.
    Row {
        /// The element's slots.
        frame: Frame<'a>,
        /// Which element it is.
        index: usize,
        /// What is around the quantifier.
        outer: &'o Scope<'o, 'a>,
    },
}

/// Slots that a load can name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    record: &'a Record,
    layout: &'a Layout,
    /// What the slots are: the layout's own, or those of one of its rows.
    slots: &'a [Slot],
    /// Where they start in the record.
    start: usize,
}

/// The elements of a list.
#[derive(Debug, Clone, Copy)]
struct Rows<'a> {
    first: Frame<'a>,
    count: usize,
}

impl<'a> Rows<'a> {
    fn row(self, index: usize) -> Frame<'a> {
        let start = self.first.start.saturating_add(index.saturating_mul(self.first.slots.len()));
        Frame { start, ..self.first }
    }
}

/// One evaluation of one entry.
#[derive(Debug)]
pub(crate) struct Run<'a, 's, R> {
    plan: &'a Plan,
    agent: &'a Agent,
    entry: &'a Entry,
    frames: Frames<'a>,
    scratch: &'s mut MatchScratch,
    pub(crate) recorder: R,
}

/// What a condition's clauses are.
trait Clauses {
    fn clause(&mut self, index: u32) -> Truth;
}

impl<'a, 's, R: Recorder> Run<'a, 's, R> {
    pub(crate) fn new(
        plan: &'a Plan,
        agent: &'a Agent,
        entry: &'a Entry,
        frames: Frames<'a>,
        scratch: &'s mut MatchScratch,
        recorder: R,
    ) -> Self {
        Self { plan, agent, entry, frames, scratch, recorder }
    }

    /// The four steps of [`Entry`].
    fn decide(&mut self, outcome: &mut Outcome) {
        let entry = self.entry;
        let mut clauses = Remembered { outcome: &mut *outcome, run: self };
        for (clause, index) in entry.clauses.iter().zip(0..) {
            if clause.eager {
                clauses.clause(index);
            }
        }
        for (index, rule) in entry.rules.iter().enumerate() {
            let truth =
                rule.condition.map_or(Truth::True, |node| condition(entry, node, &mut clauses));
            if truth == Truth::Unknown {
                set_bit(&mut clauses.outcome.rules_unknown, index);
            }
            if fires(clauses.run.plan, rule.rule, truth) {
                set_bit(&mut clauses.outcome.rules_fired, index);
            }
        }
        outcome.forget_false_clauses();
        outcome.verdict = verdict(self.plan, entry, |i| Outcome::is_set(&outcome.rules_fired, i));
    }

    /// The truth of one clause, evaluated now.
    pub(crate) fn clause(&mut self, index: u32) -> Truth {
        match at(&self.entry.clauses, index) {
            Some(clause) => self.truth(clause.node, &Scope::Outside),
            None => Truth::Unknown,
        }
    }

    fn truth(&mut self, node: NodeId, scope: &Scope<'_, 'a>) -> Truth {
        let Some(node) = at(&self.entry.nodes, node.0) else { return Truth::Unknown };
        match node {
            Node::Truth(truth) => Truth::from(*truth),
            Node::Flag(load) => kleene(self.load(*load, scope).value.as_bool()),
            Node::And(operands) => all(operands, |operand| self.truth(*operand, scope)),
            Node::Or(operands) => any(operands, |operand| self.truth(*operand, scope)),
            Node::Not(a) => self.truth(*a, scope).not(),
            Node::Present(load) => match self.load(*load, scope).value.state() {
                SlotState::Absent => Truth::False,
                SlotState::Present => Truth::True,
                SlotState::Malformed => Truth::Unknown,
            },
            Node::TruthEqual(a, b) => same(self.truth(*a, scope), self.truth(*b, scope)),
            Node::CompareInt(how, a, b) => {
                let (a, b) = (self.int(*a, scope), self.int(*b, scope));
                kleene(a.zip(b).map(|(a, b)| compare(*how, &a, &b)))
            }
            Node::CompareFloat(how, a, b) => {
                let (a, b) = (self.float(*a, scope), self.float(*b, scope));
                kleene(a.zip(b).map(|(a, b)| compare(*how, &a, &b)))
            }
            Node::TextEqual(a, b) => self.texts(*a, *b, scope, |a, b| Some(a == b)),
            Node::StartsWith(a, b) => self.texts(*a, *b, scope, |a, b| Some(a.starts_with(b))),
            Node::EndsWith(a, b) => self.texts(*a, *b, scope, |a, b| Some(a.ends_with(b))),
            Node::Contains(a, b) => self.texts(*a, *b, scope, |a, b| {
                Some(std::str::from_utf8(a).ok()?.contains(std::str::from_utf8(b).ok()?))
            }),
            Node::TextIn(a, set) => {
                let (text, plan) = (self.text(*a, scope), self.plan);
                let set = at(&plan.text_sets, set.0);
                kleene(
                    text.zip(set)
                        .map(|(text, set)| set.iter().any(|id| plan_text(plan, *id) == Some(text))),
                )
            }
            Node::TextInData(a, slot) => {
                let text = self.text(*a, scope);
                self.load(Load { region: Region::Data, slot: *slot }, scope);
                let set = usize::try_from(*slot).ok().and_then(|s| self.frames.facts.texts(s));
                kleene(text.zip(set).map(|(text, set)| set.contains(text)))
            }
            Node::TextInList(a, list) => match (self.text(*a, scope), self.rows(*list, scope)) {
                (Some(text), Some(rows)) => self.text_in_rows(text, rows, scope),
                _ => Truth::Unknown,
            },
            Node::Match(a, pattern) => {
                let text = self.text(*a, scope);
                let patterns = self.frames.patterns;
                kleene(text.and_then(|text| patterns.matches(*pattern, text, self.scratch)))
            }
            Node::Quantify { all: is_all, list, body } => {
                let Some(rows) = self.rows(*list, scope) else { return Truth::Unknown };
                let body = |index| {
                    let scope = Scope::Row { frame: rows.row(index), index, outer: scope };
                    self.truth(*body, &scope)
                };
                if *is_all { all(0..rows.count, body) } else { any(0..rows.count, body) }
            }
            Node::Choose(c, a, b) => match self.truth(*c, scope) {
                Truth::True => self.truth(*a, scope),
                Truth::False => self.truth(*b, scope),
                Truth::Unknown => Truth::Unknown,
            },
            Node::Otherwise(load, b) => {
                let value = self.load(*load, scope).value;
                match value.state() {
                    SlotState::Absent => self.truth(*b, scope),
                    _ => kleene(value.as_bool()),
                }
            }
            Node::Clause(_)
            | Node::Int(_)
            | Node::Float(_)
            | Node::Text(_)
            | Node::Load(_)
            | Node::ArithmeticInt(..)
            | Node::ArithmeticFloat(..)
            | Node::RowCount(_)
            | Node::CharCount(_) => Truth::Unknown,
        }
    }

    fn texts(
        &mut self,
        a: NodeId,
        b: NodeId,
        scope: &Scope<'_, 'a>,
        holds: impl FnOnce(&[u8], &[u8]) -> Option<bool>,
    ) -> Truth {
        let (a, b) = (self.text(a, scope), self.text(b, scope));
        kleene(a.zip(b).and_then(|(a, b)| holds(a, b)))
    }

    /// Whether a text is the first slot of some row.
    fn text_in_rows(&mut self, text: &[u8], rows: Rows<'a>, scope: &Scope<'_, 'a>) -> Truth {
        any(0..rows.count, |index| {
            let frame = rows.row(index);
            let scope = Scope::Row { frame, index, outer: scope };
            let element = self.load(Load { region: Region::Row(0), slot: 0 }, &scope);
            kleene(element.record.text(element.value).map(|element| element == text))
        })
    }

    fn int(&mut self, node: NodeId, scope: &Scope<'_, 'a>) -> Option<i64> {
        match at(&self.entry.nodes, node.0)? {
            Node::Int(value) => Some(*value),
            Node::Load(load) => self.load(*load, scope).value.as_int(),
            Node::Otherwise(load, b) => {
                let value = self.load(*load, scope).value;
                match value.state() {
                    SlotState::Absent => self.int(*b, scope),
                    _ => value.as_int(),
                }
            }
            Node::Choose(c, a, b) => {
                let chosen = self.choose(*c, *a, *b, scope)?;
                self.int(chosen, scope)
            }
            Node::ArithmeticInt(how, a, b) => {
                let (a, b) = (self.int(*a, scope), self.int(*b, scope));
                let (a, b) = a.zip(b)?;
                match how {
                    Operation::Add => a.checked_add(b),
                    Operation::Subtract => a.checked_sub(b),
                    Operation::Multiply => a.checked_mul(b),
                    Operation::Divide => a.checked_div(b),
                }
            }
            Node::RowCount(list) => i64::try_from(self.rows(*list, scope)?.count).ok(),
            Node::CharCount(text) => {
                let text = std::str::from_utf8(self.text(*text, scope)?).ok()?;
                i64::try_from(text.chars().count()).ok()
            }
            _ => None,
        }
    }

    fn float(&mut self, node: NodeId, scope: &Scope<'_, 'a>) -> Option<f64> {
        match at(&self.entry.nodes, node.0)? {
            Node::Float(bits) => Some(f64::from_bits(*bits)),
            Node::Load(load) => self.load(*load, scope).value.as_float(),
            Node::Otherwise(load, b) => {
                let value = self.load(*load, scope).value;
                match value.state() {
                    SlotState::Absent => self.float(*b, scope),
                    _ => value.as_float(),
                }
            }
            Node::Choose(c, a, b) => {
                let chosen = self.choose(*c, *a, *b, scope)?;
                self.float(chosen, scope)
            }
            Node::ArithmeticFloat(how, a, b) => {
                let (a, b) = (self.float(*a, scope), self.float(*b, scope));
                let (a, b) = a.zip(b)?;
                let result = match how {
                    Operation::Add => a + b,
                    Operation::Subtract => a - b,
                    Operation::Multiply => a * b,
                    Operation::Divide => a / b,
                };
                result.is_finite().then_some(result)
            }
            _ => None,
        }
    }

    fn text(&mut self, node: NodeId, scope: &Scope<'_, 'a>) -> Option<&'a [u8]> {
        match at(&self.entry.nodes, node.0)? {
            Node::Text(id) => plan_text(self.plan, *id),
            Node::Load(load) => {
                let seen = self.load(*load, scope);
                seen.record.text(seen.value)
            }
            Node::Otherwise(load, b) => {
                let seen = self.load(*load, scope);
                match seen.value.state() {
                    SlotState::Absent => self.text(*b, scope),
                    _ => seen.record.text(seen.value),
                }
            }
            Node::Choose(c, a, b) => {
                let chosen = self.choose(*c, *a, *b, scope)?;
                self.text(chosen, scope)
            }
            _ => None,
        }
    }

    fn choose(
        &mut self,
        condition: NodeId,
        a: NodeId,
        b: NodeId,
        scope: &Scope<'_, 'a>,
    ) -> Option<NodeId> {
        match self.truth(condition, scope) {
            Truth::True => Some(a),
            Truth::False => Some(b),
            Truth::Unknown => None,
        }
    }

    /// Reads a slot; absent where there is none.
    fn load(&mut self, load: Load, scope: &Scope<'_, 'a>) -> Seen<'a> {
        let event = self.frames.event;
        let absent = Seen { value: SlotValue::ABSENT, record: event, place: usize::MAX };
        let Some((frame, scope)) = self.frame(load.region, scope) else { return absent };
        let Some((index, slot)) = slot_of(frame, load) else { return absent };
        let place = frame.start.saturating_add(index);
        let seen = Seen { value: frame.record.slot(place), record: frame.record, place };
        if R::LOOKS {
            let ask = ask_at(self.entry, frame.layout, frame.slots, load.slot);
            let name = ask.map_or(slot.name.as_str(), |ask| ask.name.as_str());
            self.recorder.saw(name, slot.ty, seen, scope);
        }
        seen
    }

    /// The elements of a list; nothing where the slot holds none.
    fn rows(&mut self, load: Load, scope: &Scope<'_, 'a>) -> Option<Rows<'a>> {
        let (frame, _) = self.frame(load.region, scope)?;
        let (_, slot) = slot_of(frame, load)?;
        let SlotType::List(row) = slot.ty else { return None };
        let slots = at(&frame.layout.rows, row)?;
        let (start, count) = frame.record.rows(self.load(load, scope).value)?;
        Some(Rows { first: Frame { slots, start, ..frame }, count })
    }

    /// The slots of a region, and the scope they belong to.
    fn frame<'o>(
        &self,
        region: Region,
        scope: &'o Scope<'o, 'a>,
    ) -> Option<(Frame<'a>, &'o Scope<'o, 'a>)> {
        let (record, layout) = match region {
            Region::Event => (self.frames.event, at(&self.plan.layouts, self.entry.layout.0)?),
            Region::Principal => (self.frames.principal, &self.agent.parameters),
            Region::Data => (&self.frames.facts.record, &self.plan.data),
            Region::Row(depth) => return row_of(scope, depth),
        };
        Some((Frame { record, layout, slots: &layout.slots, start: 0 }, &Scope::Outside))
    }
}

fn row_of<'o, 'a>(scope: &'o Scope<'o, 'a>, depth: u32) -> Option<(Frame<'a>, &'o Scope<'o, 'a>)> {
    match (scope, depth.checked_sub(1)) {
        (Scope::Row { frame, .. }, None) => Some((*frame, scope)),
        (Scope::Row { outer, .. }, Some(depth)) => row_of(outer, depth),
        (Scope::Outside, _) => None,
    }
}

fn slot_of(frame: Frame<'_>, load: Load) -> Option<(usize, &Slot)> {
    let index = usize::try_from(load.slot).ok()?;
    Some((index, frame.slots.get(index)?))
}

// -- rules ---------------------------------------------------------------------------------------

/// Clauses evaluated when first asked for and then remembered in an outcome.
struct Remembered<'o, 'r, 'a, 's, R> {
    outcome: &'o mut Outcome,
    run: &'r mut Run<'a, 's, R>,
}

impl<R: Recorder> Clauses for Remembered<'_, '_, '_, '_, R> {
    fn clause(&mut self, index: u32) -> Truth {
        let Ok(bit) = usize::try_from(index) else { return Truth::Unknown };
        if let Some(truth) = self.outcome.remembered_clause(bit) {
            return truth;
        }
        let truth = self.run.clause(index);
        self.outcome.remember_clause(bit, truth);
        truth
    }
}

impl<F: FnMut(u32) -> Truth> Clauses for F {
    fn clause(&mut self, index: u32) -> Truth {
        self(index)
    }
}

/// A rule's condition, made of clauses.
fn condition(entry: &Entry, node: NodeId, clauses: &mut impl Clauses) -> Truth {
    let Some(node) = at(&entry.nodes, node.0) else { return Truth::Unknown };
    match node {
        Node::Clause(index) => clauses.clause(*index),
        Node::Truth(truth) => Truth::from(*truth),
        Node::And(operands) => all(operands, |operand| condition(entry, *operand, clauses)),
        Node::Or(operands) => any(operands, |operand| condition(entry, *operand, clauses)),
        Node::Not(a) => condition(entry, *a, clauses).not(),
        Node::Choose(c, a, b) => match condition(entry, *c, clauses) {
            Truth::True => condition(entry, *a, clauses),
            Truth::False => condition(entry, *b, clauses),
            Truth::Unknown => Truth::Unknown,
        },
        _ => Truth::Unknown,
    }
}

/// The truth of a rule's condition, given those of the entry's clauses.
pub(crate) fn condition_of(
    entry: &Entry,
    node: Option<NodeId>,
    mut clause: impl FnMut(u32) -> Truth,
) -> Truth {
    node.map_or(Truth::True, |node| condition(entry, node, &mut clause))
}

/// Whether a rule fires when its condition has this truth.
pub(crate) fn fires(plan: &Plan, rule: RuleId, truth: Truth) -> bool {
    match at(&plan.rules, rule.0).map(|rule| &rule.effect) {
        // Unknown must not satisfy `allow`: who omits `amount` would otherwise open the gate.
        Some(Effect::Allow) => truth == Truth::True,
        Some(_) => truth != Truth::False,
        None => false,
    }
}

/// The most restrictive of the rules that fired, and of deny where a call is not permitted.
pub(crate) fn verdict(plan: &Plan, entry: &Entry, fired: impl Fn(usize) -> bool) -> Verdict {
    let mut verdict = Verdict::Allow;
    let mut is_permitted = !matches!(entry.target, EventTarget::Call(_));
    for (index, rule) in entry.rules.iter().enumerate() {
        if !fired(index) {
            continue;
        }
        let Some(rule) = at(&plan.rules, rule.rule.0) else { return Verdict::Deny };
        verdict = verdict.most_restrictive(rule.effect.verdict());
        is_permitted |= rule.effect == Effect::Allow;
    }
    if is_permitted { verdict } else { verdict.most_restrictive(Verdict::Deny) }
}

// -- logic ---------------------------------------------------------------------------------------

fn kleene(holds: Option<bool>) -> Truth {
    holds.map_or(Truth::Unknown, Truth::from)
}

/// The smallest, up to the first that is false.
fn all<T>(operands: impl IntoIterator<Item = T>, mut truth: impl FnMut(T) -> Truth) -> Truth {
    let mut result = Truth::True;
    for operand in operands {
        result = result.and(truth(operand));
        if result == Truth::False {
            break;
        }
    }
    result
}

/// The largest, up to the first that is true.
fn any<T>(operands: impl IntoIterator<Item = T>, mut truth: impl FnMut(T) -> Truth) -> Truth {
    let mut result = Truth::False;
    for operand in operands {
        result = result.or(truth(operand));
        if result == Truth::True {
            break;
        }
    }
    result
}

fn same(a: Truth, b: Truth) -> Truth {
    if a == Truth::Unknown || b == Truth::Unknown { Truth::Unknown } else { Truth::from(a == b) }
}

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

// -- the plan ------------------------------------------------------------------------------------

fn plan_text(plan: &Plan, id: TextId) -> Option<&[u8]> {
    at(&plan.texts, id.0).map(String::as_bytes)
}

/// The element that an id of the plan names.
pub(crate) fn at<T>(items: &[T], index: u32) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}
