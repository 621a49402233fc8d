//! One entry: the rules of one agent that concern one kind of event, over shared clauses.
//!
//! Nodes are hash-consed: equal conditions are one node, so that a clause which a hundred rules
//! share is one clause, computed once.

use crate::asks::{AskKey, Asks, Doing};
use crate::constants::Constants;
use crate::fragment::{Formula, Fragment};
use crate::layout::SlotMap;
use crate::reads::{Address, Needed, Step, Tree, address};
use guard_plan::{
    Action, Ask, BreakerUse, ClauseId, Effect, Entry, EntryClause, EntryRule, EventTarget,
    LayoutId, LimitUse, Load, Node, NodeId, Place, Question, RedactionUse, Region, RuleId, Stage,
    Update,
};
use guard_types::asked::{Asked, Redacting, TextQuestion};
use guard_types::tir::{Expr, ExprKind, Root, ValueRef};
use std::collections::HashMap;

/// A clause costs at most this much if it is worth computing before any rule asks for it.
const EAGER_COST: u32 = 3;

/// Where the values of an entry are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots<'a> {
    /// Of the event.
    pub(crate) event: &'a SlotMap,
    /// Of the agent's parameters.
    pub(crate) principal: &'a SlotMap,
    /// Of the host's facts.
    pub(crate) data: &'a SlotMap,
}

/// What an entry's rules ask of the session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionAsks<'a> {
    /// Of the agent.
    pub(crate) asks: &'a Asks,
    /// Of this kind of event.
    pub(crate) needed: &'a [Needed],
}

/// A rule with its place in the plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedFragment<'a> {
    /// The rule.
    pub(crate) fragment: &'a Fragment,
    /// Its index in the plan.
    pub(crate) rule: RuleId,
    /// Where it stands.
    pub(crate) place: &'a Place,
    /// What it does to the session.
    pub(crate) doing: &'a Doing,
}

/// Builds the entry for `target` from the rules that concern it, in the plan's order.
pub(crate) fn build_entry(
    target: EventTarget,
    layout: LayoutId,
    rules: &[PlacedFragment<'_>],
    slots: Slots<'_>,
    session: SessionAsks<'_>,
    constants: &mut Constants,
) -> Entry {
    let mut builder = Builder {
        slots,
        session,
        constants,
        nodes: Vec::new(),
        known: HashMap::new(),
        clauses: Vec::new(),
        clause_of: HashMap::new(),
        lists: Vec::new(),
    };
    let (allows, others): (Vec<_>, Vec<_>) =
        rules.iter().partition(|rule| rule.fragment.effect == Effect::Allow);
    let sorted: Vec<&PlacedFragment<'_>> = allows.into_iter().chain(others).collect();
    let rules = sorted.iter().map(|rule| builder.rule(rule)).collect();
    let doings = builder.doings(&sorted);
    let asks = session.needed.iter().filter_map(|needed| builder.ask(needed)).collect();
    let clauses = builder.clauses.into_iter().map(ClauseUse::finish).collect();
    let Doings { updates, limits, breakers, redactions } = doings;
    let nodes = builder.nodes;
    Entry { target, layout, nodes, clauses, rules, asks, updates, limits, breakers, redactions }
}

/// What the rules of an entry do besides deciding.
#[derive(Default)]
struct Doings {
    updates: Vec<Update>,
    limits: Vec<LimitUse>,
    breakers: Vec<BreakerUse>,
    redactions: Vec<RedactionUse>,
}

struct ClauseUse {
    node: NodeId,
    text: ClauseId,
    cost: u32,
    rules: u32,
    last_rule: RuleId,
}

impl ClauseUse {
    fn finish(self) -> EntryClause {
        let eager = self.rules > 1 && self.cost <= EAGER_COST;
        EntryClause { node: self.node, eager, text: self.text }
    }
}

struct Builder<'a> {
    slots: Slots<'a>,
    session: SessionAsks<'a>,
    constants: &'a mut Constants,
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
    clauses: Vec<ClauseUse>,
    clause_of: HashMap<NodeId, u32>,
    /// The lists of the quantifiers around the expression, the innermost last.
    lists: Vec<Address>,
}

impl Builder<'_> {
    fn rule(&mut self, placed: &PlacedFragment<'_>) -> EntryRule {
        let condition =
            placed.fragment.formula.as_ref().map(|formula| self.formula(formula, placed));
        EntryRule { rule: placed.rule, condition }
    }

    fn formula(&mut self, formula: &Formula, placed: &PlacedFragment<'_>) -> NodeId {
        let node = match formula {
            Formula::Truth(holds) => Node::Truth(*holds),
            Formula::Clause(index) => Node::Clause(self.clause(*index, placed)),
            Formula::And(operands) => Node::And(self.formulas(operands, placed)),
            Formula::Or(operands) => Node::Or(self.formulas(operands, placed)),
            Formula::Not(operand) => Node::Not(self.formula(operand, placed)),
            Formula::Choose(operands) => {
                let [condition, then, otherwise] = &**operands;
                Node::Choose(
                    self.formula(condition, placed),
                    self.formula(then, placed),
                    self.formula(otherwise, placed),
                )
            }
        };
        self.node(node)
    }

    fn formulas(&mut self, formulas: &[Formula], placed: &PlacedFragment<'_>) -> Vec<NodeId> {
        formulas.iter().map(|formula| self.formula(formula, placed)).collect()
    }

    fn clause(&mut self, index: usize, placed: &PlacedFragment<'_>) -> u32 {
        let Some(clause) = placed.fragment.clauses.get(index) else { return u32::MAX };
        let node = self.expr(&clause.expr);
        let next = u32::try_from(self.clauses.len()).unwrap_or(u32::MAX);
        let number = *self.clause_of.entry(node).or_insert(next);
        if number == next {
            let text = self.constants.clause_text(&clause.text, placed.place);
            let (cost, last_rule) = (clause.cost, placed.rule);
            self.clauses.push(ClauseUse { node, text, cost, rules: 1, last_rule });
        } else if let Some(used) =
            usize::try_from(number).ok().and_then(|n| self.clauses.get_mut(n))
            && used.last_rule != placed.rule
        {
            used.last_rule = placed.rule;
            used.rules += 1;
        }
        number
    }

    fn node(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node.clone());
        self.known.insert(node, id);
        id
    }

    fn expr(&mut self, expr: &Expr) -> NodeId {
        let node = match &expr.kind {
            ExprKind::Truth(holds) => Node::Truth(*holds),
            ExprKind::Flag(value) => Node::Flag(self.load(value)),
            ExprKind::And(operands) => Node::And(self.exprs(operands)),
            ExprKind::Or(operands) => Node::Or(self.exprs(operands)),
            ExprKind::Not(a) => Node::Not(self.expr(a)),
            ExprKind::Present(value) => Node::Present(self.load(value)),
            ExprKind::TruthEqual(a, b) => Node::TruthEqual(self.expr(a), self.expr(b)),
            ExprKind::CompareInt(how, a, b) => Node::CompareInt(*how, self.expr(a), self.expr(b)),
            ExprKind::CompareFloat(how, a, b) => {
                Node::CompareFloat(*how, self.expr(a), self.expr(b))
            }
            ExprKind::TextEqual(a, b) => Node::TextEqual(self.expr(a), self.expr(b)),
            ExprKind::TextIn(a, set) => {
                let a = self.expr(a);
                Node::TextIn(a, self.constants.text_set(set))
            }
            ExprKind::TextInData(a, name) => {
                let a = self.expr(a);
                let steps = [Step::Field(name.clone())];
                Node::TextInData(a, self.slots.data.slot(&steps, None).unwrap_or(u32::MAX))
            }
            ExprKind::TextInList(a, list) => Node::TextInList(self.expr(a), self.load(list)),
            ExprKind::StartsWith(a, b) => Node::StartsWith(self.expr(a), self.expr(b)),
            ExprKind::EndsWith(a, b) => Node::EndsWith(self.expr(a), self.expr(b)),
            ExprKind::Contains(a, b) => Node::Contains(self.expr(a), self.expr(b)),
            ExprKind::Match(a, source, whole) => {
                let a = self.expr(a);
                Node::Match(a, self.constants.pattern(source, *whole))
            }
            ExprKind::Quantify(all, list, body) => self.quantify(*all, list, body),
            ExprKind::Int(value) => Node::Int(*value),
            ExprKind::Float(bits) => Node::Float(*bits),
            ExprKind::Text(text) => Node::Text(self.constants.text(text)),
            ExprKind::Value(value) => Node::Load(self.load(value)),
            ExprKind::Otherwise(value, default) => {
                Node::Otherwise(self.load(value), self.expr(default))
            }
            ExprKind::ArithmeticInt(how, a, b) => {
                Node::ArithmeticInt(*how, self.expr(a), self.expr(b))
            }
            ExprKind::ArithmeticFloat(how, a, b) => {
                Node::ArithmeticFloat(*how, self.expr(a), self.expr(b))
            }
            ExprKind::RowCount(list) => Node::RowCount(self.load(list)),
            ExprKind::CharCount(a) => Node::CharCount(self.expr(a)),
            ExprKind::Choose(a, b, c) => Node::Choose(self.expr(a), self.expr(b), self.expr(c)),
        };
        self.node(node)
    }

    fn exprs(&mut self, exprs: &[Expr]) -> Vec<NodeId> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn quantify(&mut self, all: bool, list: &ValueRef, body: &Expr) -> Node {
        let load = self.load(list);
        // The checker lets a quantifier only over a list that has an address.
        let list = address(list, &self.lists).unwrap_or(Address::In(Tree::Event, Vec::new()));
        self.lists.push(list);
        let body = self.expr(body);
        self.lists.pop();
        Node::Quantify { all, list: load, body }
    }

    // A value without a slot would be a defect of the gathering pass. The load then names a slot
    // that no layout has, and the plan's verifier refuses the plan as a whole.
    fn load(&self, value: &ValueRef) -> Load {
        if let Root::Asked(asked) = &value.root {
            return self.answer(value, asked);
        }
        let (tree, slot) = match address(value, &self.lists) {
            Some(Address::Meta(meta)) => (Tree::Event, self.slots.event.meta_slot(meta)),
            Some(Address::In(tree, steps)) => {
                let map = match tree {
                    Tree::Event => self.slots.event,
                    Tree::Principal => self.slots.principal,
                    Tree::Data => self.slots.data,
                };
                (tree, map.slot(&steps, value.part))
            }
            None => (Tree::Event, None),
        };
        let region = match (&value.root, tree) {
            (Root::Element(depth), _) => Region::Row(*depth),
            (_, Tree::Event) => Region::Event,
            (_, Tree::Principal) => Region::Principal,
            (_, Tree::Data) => Region::Data,
        };
        Load { region, slot: slot.unwrap_or(u32::MAX) }
    }
}

/// What is asked of the session, and what it notes.
impl Builder<'_> {
    /// Where the answer to a question stands.
    fn answer(&self, value: &ValueRef, asked: &Asked) -> Load {
        let nowhere = Load { region: Region::Event, slot: u32::MAX };
        let Some((key, _)) = AskKey::of(value, asked, &self.lists) else { return nowhere };
        let needed = self.session.needed.iter().find(|needed| needed.key == key);
        let place = needed.and_then(|needed| self.slots.event.answer(needed));
        let Some((row, slot)) = place else { return nowhere };
        let region = match (row, asked.subject()) {
            (Some(_), Some(ValueRef { root: Root::Element(depth), .. })) => Region::Row(*depth),
            _ => Region::Event,
        };
        Load { region, slot }
    }

    fn ask(&mut self, needed: &Needed) -> Option<Ask> {
        let Root::Asked(asked) = &needed.value.root else { return None };
        let (row, slot) = self.slots.event.answer(needed)?;
        self.lists.clone_from(&needed.lists);
        let question = self.question(&needed.value, asked);
        self.lists.clear();
        let name = self.name(needed, asked, &question);
        Some(Ask { name, row, slot, question })
    }

    fn question(&mut self, value: &ValueRef, asked: &Asked) -> Question {
        // Of the detector or model that it asks.
        let number = match asked {
            Asked::Text { what: TextQuestion::Finds(detector), .. }
            | Asked::FoundInCall(detector) => self.constants.detector(detector),
            Asked::Text { what: TextQuestion::Score(model), .. } => self.constants.model(model),
            Asked::Text { what: TextQuestion::Consult(service), .. } => {
                self.constants.service(service)
            }
            _ => u32::MAX,
        };
        let asks = self.session.asks;
        let loads = |key: &[ValueRef]| key.iter().map(|part| self.load(part)).collect();
        let memory = || asks.memory_of(value, asked);
        match asked {
            Asked::Origin { subject, sources, whole } => Question::Origin {
                subject: self.load(subject).slot,
                sources: asks.bits(sources),
                whole: *whole,
            },
            Asked::Carries(subject) => Question::Carries { subject: self.load(subject).slot },
            Asked::Marked(_) | Asked::HasSubject(_) => {
                Question::Noted { memory: memory(), key: Vec::new() }
            }
            Asked::Subject(_) => Question::Last { memory: memory(), key: Vec::new(), field: 0 },
            Asked::Noted(past) => Question::Noted { memory: memory(), key: loads(&past.key) },
            Asked::Count { past, .. } => {
                Question::Count { memory: memory(), key: loads(&past.key) }
            }
            Asked::Last { past, .. } => {
                Question::Last { memory: memory(), key: loads(&past.key), field: 0 }
            }
            Asked::Novel(key) => Question::Novel { key: loads(key) },
            Asked::Confirmed => Question::Confirmed,
            Asked::Breaker(breaker, stage) => {
                let known = asks.breakers.iter().position(|known| known == &**breaker);
                let breaker = known.and_then(|known| u32::try_from(known).ok());
                Question::Breaker { breaker: breaker.unwrap_or(u32::MAX), stage: *stage }
            }
            Asked::Share(key, share) => Question::Share { key: loads(key), share: *share },
            Asked::Text { subject, what: TextQuestion::Finds(_) } => {
                let subject = Some(self.load(subject).slot);
                Question::Finds { subject, detector: number }
            }
            Asked::Text { subject, what: TextQuestion::Score(_) } => {
                Question::Score { subject: self.load(subject).slot, model: number }
            }
            Asked::Text { subject, what: TextQuestion::Grounded(sources) } => {
                Question::Grounded { subject: self.load(subject).slot, sources: asks.bits(sources) }
            }
            Asked::Text { subject, what: TextQuestion::Support(sources) } => {
                Question::Support { subject: self.load(subject).slot, sources: asks.bits(sources) }
            }
            Asked::Text { subject, what: TextQuestion::Consult(_) } => {
                Question::Consult { subject: self.load(subject).slot, service: number }
            }
            Asked::FoundInCall(_) => Question::Finds { subject: None, detector: number },
        }
    }

    /// What an explanation calls an answer.
    fn name(&self, needed: &Needed, asked: &Asked, question: &Question) -> String {
        let memory = |memory: &u32| {
            let memory = usize::try_from(*memory).ok();
            let memory = memory.and_then(|index| self.session.asks.memories.get(index));
            memory.map_or_else(String::new, |memory| memory.name.clone())
        };
        let slot = |slot: &u32| {
            let layout = &self.slots.event.layout;
            let row = self.slots.event.answer(needed).and_then(|(row, _)| row);
            let slots = match row {
                None => Some(&layout.slots),
                Some(row) => usize::try_from(row).ok().and_then(|row| layout.rows.get(row)),
            };
            let slot = usize::try_from(*slot).ok().and_then(|slot| slots?.get(slot));
            slot.map_or_else(String::new, |slot| slot.name.clone())
        };
        match question {
            Question::Origin { subject, whole, .. } => {
                let sources = match asked {
                    Asked::Origin { sources, .. } => {
                        sources.iter().map(crate::asks::source_words).collect::<Vec<_>>()
                    }
                    _ => Vec::new(),
                };
                let whole = if *whole { " whole" } else { "" };
                format!("{}{whole} from {}", slot(subject), sources.join(" or "))
            }
            Question::Carries { subject } => format!("carries({}, confidential)", slot(subject)),
            Question::Grounded { subject, .. } => {
                format!("grounded({}, in: {})", slot(subject), crate::asks::claim_source(asked))
            }
            Question::Support { subject, .. } => {
                format!("support({}, in: {})", slot(subject), crate::asks::claim_source(asked))
            }
            Question::Noted { memory: index, .. }
            | Question::Count { memory: index, .. }
            | Question::Last { memory: index, .. } => memory(index),
            Question::Finds { subject, detector } => {
                let subject = subject.as_ref().map_or_else(|| "args".to_owned(), slot);
                format!("{subject} finds {}", self.constants.detector_name(*detector))
            }
            Question::Score { subject, model } => {
                format!("{}.score({})", self.constants.model_name(*model), slot(subject))
            }
            Question::Consult { subject, service } => {
                format!("{}.score({})", self.constants.service_name(*service), slot(subject))
            }
            Question::Novel { .. } => "novel".to_owned(),
            Question::Confirmed => "confirmed by user".to_owned(),
            Question::Share { .. } => "rollout".to_owned(),
            Question::Breaker { .. } => match asked {
                Asked::Breaker(breaker, Stage::Open) => format!("{} is open", breaker.name),
                Asked::Breaker(breaker, Stage::Trial) => format!("{} is on trial", breaker.name),
                _ => String::new(),
            },
        }
    }

    /// What the rules do to the session and to limits when they fire.
    fn doings(&mut self, rules: &[&PlacedFragment<'_>]) -> Doings {
        let Doings { mut updates, mut limits, mut breakers, mut redactions } = Doings::default();
        for (rule, placed) in (0..).zip(rules) {
            if let Doing::Redact(Redacting { detectors, template }) = placed.doing {
                let mut detectors: Vec<u32> =
                    detectors.iter().map(|detector| self.constants.detector(detector)).collect();
                detectors.sort_unstable();
                redactions.push(RedactionUse { rule, detectors, template: template.clone() });
                continue;
            }
            let loads = |values: &[ValueRef]| values.iter().map(|v| self.load(v)).collect();
            let (memory, action) = match placed.doing {
                Doing::Nothing | Doing::Redact(_) => continue,
                Doing::Limit { limit, terms } => {
                    let amount = terms.amount.as_ref().map(|amount| self.load(amount));
                    limits.push(LimitUse { rule, limit: *limit, key: loads(&terms.key), amount });
                    continue;
                }
                Doing::Breaker { breaker } => {
                    breakers.push(BreakerUse { rule, breaker: *breaker });
                    continue;
                }
                Doing::Note { memory, key, fields, on_success } => {
                    let (key, fields) = (loads(key), loads(fields));
                    (*memory, Action::Note { key, fields, on_success: *on_success })
                }
                Doing::Finish { memory, fields } => {
                    (*memory, Action::Finish { fields: loads(fields) })
                }
                Doing::Clear { memory } => (*memory, Action::Clear),
            };
            updates.push(Update { rule, memory, action });
        }
        Doings { updates, limits, breakers, redactions }
    }
}
