//! Which values of an event, an agent's parameters or the host's facts the rules read.
//!
//! A value's address is its root and the steps from there; a quantifier's element is the step
//! [`Step::Element`] after its list. Gathering is the first of two passes: only when all rules have
//! said what they read is it known which slots there are.

use crate::asks::{AskKey, slot_type};
use crate::fragment::children;
use guard_plan::{Meta, Part, SlotType};
use guard_types::asked::Asked;
use guard_types::tir::{Expr, ExprKind, Root, ValueRef};
use std::collections::{BTreeMap, BTreeSet};

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// Into the field of this name.
    Field(String),
    /// To a part of a parsed text that is a list.
    Part(Part),
    /// To the elements of a list.
    Element,
}

/// Which tree of values an address is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tree {
    /// The arguments of a call or the value of a result.
    Event,
    /// The agent's parameters.
    Principal,
    /// The host's facts.
    Data,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Address {
    /// In a tree, some steps from its root.
    In(Tree, Vec<Step>),
    /// What the host says of the event.
    Meta(Meta),
}

/// Finds the address of a value; `lists` are the lists of the quantifiers around it, the innermost
/// last. `None` where an element has no quantifier, which the checker rules out.
pub(crate) fn address(value: &ValueRef, lists: &[Address]) -> Option<Address> {
    let fields = value.path.iter().cloned().map(Step::Field);
    let of_list = value.part.filter(|part| part.is_list()).map(Step::Part);
    let tree = match &value.root {
        Root::Arguments | Root::ResultValue => Tree::Event,
        Root::Principal => Tree::Principal,
        Root::Data => Tree::Data,
        Root::Meta(meta) => return Some(Address::Meta(*meta)),
        Root::Asked(_) => return None,
        Root::Element(depth) => {
            let depth = usize::try_from(*depth).ok()?;
            let list = lists.get(lists.len().checked_sub(depth.checked_add(1)?)?)?;
            let Address::In(tree, steps) = list else { return None };
            let steps = steps.iter().cloned().chain([Step::Element]).chain(fields).chain(of_list);
            return Some(Address::In(*tree, steps.collect()));
        }
    };
    Some(Address::In(tree, fields.chain(of_list).collect()))
}

/// What is read of a value: itself, its parts, and what is inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ReadTree {
    /// The value itself.
    pub(crate) own: bool,
    /// Parts of a parsed text.
    pub(crate) parts: BTreeSet<Part>,
    /// Of parts that are lists.
    pub(crate) of_parts: BTreeMap<Part, ReadTree>,
    /// Values inside a record.
    pub(crate) fields: BTreeMap<String, ReadTree>,
    /// Values inside each element of a list.
    pub(crate) element: Option<Box<ReadTree>>,
}

impl ReadTree {
    fn at(&mut self, steps: &[Step]) -> &mut Self {
        steps.iter().fold(self, |node, step| match step {
            Step::Field(name) => node.fields.entry(name.clone()).or_default(),
            // Its rows are there as soon as it is read.
            Step::Part(part) => {
                node.parts.insert(*part);
                node.of_parts.entry(*part).or_default()
            }
            Step::Element => node.element.get_or_insert_default(),
        })
    }

    fn read(&mut self, steps: &[Step], part: Option<Part>) {
        let node = self.at(steps);
        match part.filter(|part| !part.is_list()) {
            Some(part) => {
                node.parts.insert(part);
            }
            None => node.own = true,
        }
    }
}

/// Everything that some rules read of one kind of event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reads {
    /// Of the event.
    pub(crate) event: ReadTree,
    /// What the host says of it.
    pub(crate) meta: BTreeSet<Meta>,
    /// How many answers of a type some agent needs, for each row (by the steps to it; none for the
    /// record itself).
    pub(crate) answers: BTreeMap<(Vec<Step>, AnswerType), usize>,
}

/// One answer that one agent needs of one kind of event.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    pub(crate) key: AskKey,
    pub(crate) value: ValueRef,
    /// The lists of the quantifiers around the question.
    pub(crate) lists: Vec<Address>,
    pub(crate) row: Vec<Step>,
    pub(crate) ty: SlotType,
    /// Which of the answers of its type in its row.
    pub(crate) ordinal: usize,
}

/// The types of answers, in the order of their slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum AnswerType {
    Bool,
    Int,
    Float,
    Text,
}

impl AnswerType {
    pub(crate) fn of(ty: SlotType) -> Self {
        match ty {
            SlotType::Int => Self::Int,
            SlotType::Float => Self::Float,
            SlotType::Text => Self::Text,
            _ => Self::Bool,
        }
    }

    pub(crate) fn slot_type(self) -> SlotType {
        match self {
            Self::Bool => SlotType::Bool,
            Self::Int => SlotType::Int,
            Self::Float => SlotType::Float,
            Self::Text => SlotType::Text,
        }
    }
}

/// Gathers what one expression reads.
pub(crate) struct Gatherer<'a> {
    /// Of the event.
    pub(crate) event: &'a mut Reads,
    /// Of the agent's parameters.
    pub(crate) principal: &'a mut ReadTree,
    /// Of the host's facts.
    pub(crate) data: &'a mut ReadTree,
    /// What this agent needs answered of this kind of event.
    pub(crate) needed: &'a mut Vec<Needed>,
}

impl Gatherer<'_> {
    /// Adds what `expr` reads; `lists` as in [`address`].
    pub(crate) fn gather(&mut self, expr: &Expr, lists: &mut Vec<Address>) {
        match &expr.kind {
            ExprKind::Flag(value)
            | ExprKind::Present(value)
            | ExprKind::Value(value)
            | ExprKind::Otherwise(value, _)
            | ExprKind::RowCount(value) => self.read(value, lists),
            ExprKind::TextInData(_, name) => self.data.read(&[Step::Field(name.clone())], None),
            ExprKind::TextInList(_, list) => {
                self.read(list, lists);
                if let Some(Address::In(tree, mut steps)) = address(list, lists) {
                    steps.push(Step::Element);
                    self.tree(tree).read(&steps, None);
                }
            }
            ExprKind::Quantify(_, list, body) => {
                self.read(list, lists);
                if let Some(list_address) = address(list, lists) {
                    if let Address::In(tree, steps) = &list_address {
                        let mut steps = steps.clone();
                        steps.push(Step::Element);
                        self.tree(*tree).at(&steps);
                    }
                    lists.push(list_address);
                    self.gather(body, lists);
                    lists.pop();
                }
                return;
            }
            _ => {}
        }
        for child in children(expr) {
            self.gather(child, lists);
        }
    }

    /// Adds a question and what it is about.
    fn answer(&mut self, value: &ValueRef, asked: &Asked, lists: &[Address]) {
        match asked {
            Asked::Origin { subject, .. }
            | Asked::Carries(subject)
            | Asked::Text { subject, .. } => self.read(subject, lists),
            Asked::Noted(past) | Asked::Count { past, .. } | Asked::Last { past, .. } => {
                past.key.iter().for_each(|part| self.read(part, lists));
            }
            Asked::Novel(key) | Asked::Share(key, _) => {
                for part in key {
                    self.read(part, lists);
                }
            }
            Asked::Marked(_)
            | Asked::HasSubject(_)
            | Asked::Subject(_)
            | Asked::Confirmed
            | Asked::FoundInCall(_)
            | Asked::Breaker(..) => {}
        }
        let Some((key, row)) = AskKey::of(value, asked, lists) else { return };
        if self.needed.iter().any(|needed| needed.key == key) {
            return;
        }
        let ty = slot_type(asked);
        let ordinal = self.needed.iter().filter(|n| n.row == row && n.ty == ty).count();
        let most = self.event.answers.entry((row.clone(), AnswerType::of(ty))).or_default();
        *most = (*most).max(ordinal + 1);
        let (value, lists) = (value.clone(), lists.to_vec());
        self.needed.push(Needed { key, value, lists, row, ty, ordinal });
    }

    fn tree(&mut self, tree: Tree) -> &mut ReadTree {
        match tree {
            Tree::Event => &mut self.event.event,
            Tree::Principal => self.principal,
            Tree::Data => self.data,
        }
    }

    /// Adds a value that is read outside of conditions.
    pub(crate) fn value(&mut self, value: &ValueRef) {
        self.read(value, &[]);
    }

    fn read(&mut self, value: &ValueRef, lists: &[Address]) {
        if let Root::Asked(asked) = &value.root {
            return self.answer(value, asked, lists);
        }
        match address(value, lists) {
            Some(Address::Meta(meta)) => {
                self.event.meta.insert(meta);
            }
            Some(Address::In(tree, steps)) => self.tree(tree).read(&steps, value.part),
            None => {}
        }
    }
}
