//! Entries: that every condition is made of operations on values of their types, reads only slots
//! that are there, and ends soon.

use super::{Budget, Check, find, require};
use crate::limits::{
    DEPTH_MAX, ENTRY_NODES_MAX, ENTRY_RULES_MAX, ENTRY_STEPS_MAX, QUANTIFIERS_MAX,
};
use crate::{
    Agent, Effect, Entry, EventTarget, Layout, Load, Node, NodeId, Plan, Region, Slot, SlotType,
};
use std::borrow::Cow;

/// What a node results in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Truth,
    Int,
    Float,
    Text,
}

type Typed = Result<Type, Cow<'static, str>>;

pub(super) fn verify(
    plan: &Plan,
    agent: &Agent,
    entry: &Entry,
    layout: &Layout,
    budget: &mut Budget,
) -> Check {
    require(entry.nodes.len() <= ENTRY_NODES_MAX, "it has too many nodes")?;
    require(entry.clauses.len() <= ENTRY_RULES_MAX, "it has too many clauses")?;
    require(entry.rules.len() <= ENTRY_RULES_MAX, "it has too many rules")?;
    operands(entry)?;
    let mut walk = Walk { plan, agent, entry, layout, steps: 0 };
    let check = conditions(&mut walk);
    budget.spend(walk.steps);
    check
}

fn conditions(walk: &mut Walk<'_>) -> Check {
    let Walk { plan, entry, .. } = *walk;
    for clause in &entry.clauses {
        find(&plan.clauses, clause.text.0, "a clause has no text")?;
        let ty = walk.node(clause.node, &Scope::Outside, 0)?;
        require(ty == Type::Truth, "a clause is no condition")?;
    }
    let mut allows_ended = false;
    for rule in &entry.rules {
        let of_plan = find(&plan.rules, rule.rule.0, "it names a rule that there is not")?;
        let is_allow = of_plan.effect == Effect::Allow;
        let is_call = matches!(entry.target, EventTarget::Call(_));
        require(is_call || !is_allow, "a rule allows what is no call")?;
        require(!(is_allow && allows_ended), "a rule that allows comes after one that does not")?;
        allows_ended |= !is_allow;
        if let Some(condition) = rule.condition {
            walk.condition(condition, 0)?;
        }
    }
    Ok(())
}

/// That every operand comes before its use: no condition contains itself.
fn operands(entry: &Entry) -> Check {
    for (index, node) in entry.nodes.iter().enumerate() {
        let mut are_before = true;
        node.for_each_operand(|operand| {
            are_before &= usize::try_from(operand.0).is_ok_and(|operand| operand < index);
        });
        require(are_before, "an operand does not come before its use")?;
    }
    Ok(())
}

/// The quantifiers around a node, the innermost first.
enum Scope<'s, 'p> {
    Outside,
    Row { layout: &'p Layout, slots: &'p [Slot], outer: &'s Self, depth: usize },
}

impl Scope<'_, '_> {
    fn depth(&self) -> usize {
        match self {
            Self::Outside => 0,
            Self::Row { depth, .. } => *depth,
        }
    }
}

/// A walk over conditions as over trees. What a shared node reads depends on the quantifiers around
/// it, so it is looked at wherever it stands; the steps are counted.
struct Walk<'p> {
    plan: &'p Plan,
    agent: &'p Agent,
    entry: &'p Entry,
    layout: &'p Layout,
    steps: usize,
}

impl<'p> Walk<'p> {
    fn step(&mut self, node: NodeId, depth: usize) -> Result<&'p Node, Cow<'static, str>> {
        self.steps += 1;
        require(self.steps <= ENTRY_STEPS_MAX, "its conditions take too many steps")?;
        require(depth < DEPTH_MAX, "its conditions nest too deep")?;
        find(&self.entry.nodes, node.0, "it names a node that there is not")
    }

    /// A rule's condition: clauses, and what joins them.
    fn condition(&mut self, node: NodeId, depth: usize) -> Check {
        let depth_below = depth + 1;
        match self.step(node, depth)? {
            Node::Truth(_) => Ok(()),
            Node::Clause(clause) => {
                find(&self.entry.clauses, *clause, "it names a clause that there is not")
                    .map(|_| ())
            }
            Node::And(operands) | Node::Or(operands) => {
                operands.iter().try_for_each(|operand| self.condition(*operand, depth_below))
            }
            Node::Not(a) => self.condition(*a, depth_below),
            Node::Choose(a, b, c) => {
                [a, b, c].into_iter().try_for_each(|operand| self.condition(*operand, depth_below))
            }
            _ => require(false, "a rule's condition is not made of clauses"),
        }
    }

    /// A node inside a clause.
    fn node(&mut self, node: NodeId, scope: &Scope<'_, 'p>, depth: usize) -> Typed {
        let node = self.step(node, depth)?;
        let depth = depth + 1;
        match node {
            Node::Truth(_) => Ok(Type::Truth),
            Node::Clause(_) => Err(Cow::Borrowed("a clause contains a clause")),
            Node::Flag(load) => {
                let ty = self.slot(*load, scope)?.ty;
                require(ty == SlotType::Bool, "a flag is no boolean").map(|()| Type::Truth)
            }
            Node::Present(load) => self.slot(*load, scope).map(|_| Type::Truth),
            Node::And(operands) | Node::Or(operands) => {
                for operand in operands {
                    self.expect(Type::Truth, *operand, scope, depth)?;
                }
                Ok(Type::Truth)
            }
            Node::Not(a) => self.expect(Type::Truth, *a, scope, depth),
            Node::TruthEqual(a, b) => self.compare(Type::Truth, [*a, *b], scope, depth),
            Node::CompareInt(_, a, b) => self.compare(Type::Int, [*a, *b], scope, depth),
            Node::CompareFloat(_, a, b) => self.compare(Type::Float, [*a, *b], scope, depth),
            Node::TextEqual(a, b)
            | Node::StartsWith(a, b)
            | Node::EndsWith(a, b)
            | Node::Contains(a, b) => self.compare(Type::Text, [*a, *b], scope, depth),
            Node::TextIn(a, set) => {
                find(&self.plan.text_sets, set.0, "it names a set of texts that there is not")?;
                self.compare(Type::Text, [*a], scope, depth)
            }
            Node::TextInData(a, slot) => {
                let slot = self.slot(Load { region: Region::Data, slot: *slot }, scope)?;
                require(slot.ty == SlotType::TextSet, "a text is looked for in what is no set")?;
                self.compare(Type::Text, [*a], scope, depth)
            }
            Node::TextInList(a, list) => {
                let (_, row) = self.rows(*list, scope)?;
                let first = row.first().map(|slot| slot.ty);
                require(
                    first == Some(SlotType::Text),
                    "a text is looked for in a list of other things",
                )?;
                self.compare(Type::Text, [*a], scope, depth)
            }
            Node::Match(a, pattern) => {
                find(&self.plan.patterns, *pattern, "it names a pattern that there is not")?;
                self.compare(Type::Text, [*a], scope, depth)
            }
            Node::Quantify { list, body, .. } => self.quantify(*list, *body, scope, depth),
            Node::Int(_) => Ok(Type::Int),
            Node::Float(bits) => {
                require(f64::from_bits(*bits).is_finite(), "a number is not finite")
                    .map(|()| Type::Float)
            }
            Node::Text(id) => find(&self.plan.texts, id.0, "it names a text that there is not")
                .map(|_| Type::Text),
            Node::Load(load) => match value_type(self.slot(*load, scope)?)? {
                Type::Truth => Err(Cow::Borrowed("a boolean is read as a value")),
                ty => Ok(ty),
            },
            Node::Otherwise(load, default) => {
                let ty = value_type(self.slot(*load, scope)?)?;
                self.expect(ty, *default, scope, depth)
            }
            Node::Choose(condition, a, b) => {
                self.expect(Type::Truth, *condition, scope, depth)?;
                let ty = self.node(*a, scope, depth)?;
                self.expect(ty, *b, scope, depth)
            }
            Node::ArithmeticInt(_, a, b) => {
                self.expect(Type::Int, *a, scope, depth)?;
                self.expect(Type::Int, *b, scope, depth)
            }
            Node::ArithmeticFloat(_, a, b) => {
                self.expect(Type::Float, *a, scope, depth)?;
                self.expect(Type::Float, *b, scope, depth)
            }
            Node::RowCount(list) => self.rows(*list, scope).map(|_| Type::Int),
            Node::CharCount(a) => self.expect(Type::Text, *a, scope, depth).map(|_| Type::Int),
        }
    }

    fn expect(&mut self, ty: Type, node: NodeId, scope: &Scope<'_, 'p>, depth: usize) -> Typed {
        let is = self.node(node, scope, depth)?;
        require(is == ty, "an operand is of another type").map(|()| ty)
    }

    /// A condition on values of one type.
    fn compare<const N: usize>(
        &mut self,
        ty: Type,
        operands: [NodeId; N],
        scope: &Scope<'_, 'p>,
        depth: usize,
    ) -> Typed {
        for operand in operands {
            self.expect(ty, operand, scope, depth)?;
        }
        Ok(Type::Truth)
    }

    fn quantify(&mut self, list: Load, body: NodeId, scope: &Scope<'_, 'p>, depth: usize) -> Typed {
        let (layout, slots) = self.rows(list, scope)?;
        let inside = scope.depth() + 1;
        require(inside <= QUANTIFIERS_MAX, "too many quantifiers stand in each other")?;
        let scope = Scope::Row { layout, slots, outer: scope, depth: inside };
        self.expect(Type::Truth, body, &scope, depth)
    }

    /// What a region holds: its layout, and the slots that can be loaded.
    fn region(
        &self,
        region: Region,
        scope: &Scope<'_, 'p>,
    ) -> Result<(&'p Layout, &'p [Slot]), Cow<'static, str>> {
        let layout = match region {
            Region::Event => self.layout,
            Region::Principal => &self.agent.parameters,
            Region::Data => &self.plan.data,
            Region::Row(out) => return row(scope, out),
        };
        Ok((layout, &layout.slots))
    }

    fn slot(&self, load: Load, scope: &Scope<'_, 'p>) -> Result<&'p Slot, Cow<'static, str>> {
        let (_, slots) = self.region(load.region, scope)?;
        find(slots, load.slot, "it reads a slot that there is not")
    }

    /// The rows of a list, and the layout they are part of.
    fn rows(
        &self,
        list: Load,
        scope: &Scope<'_, 'p>,
    ) -> Result<(&'p Layout, &'p [Slot]), Cow<'static, str>> {
        let (layout, _) = self.region(list.region, scope)?;
        let SlotType::List(row) = self.slot(list, scope)?.ty else {
            return Err(Cow::Borrowed("it goes over the rows of what is no list"));
        };
        Ok((layout, find(&layout.rows, row, "a list has no such row")?))
    }
}

/// The row that stands so many quantifiers out.
fn row<'p>(scope: &Scope<'_, 'p>, out: u32) -> Result<(&'p Layout, &'p [Slot]), Cow<'static, str>> {
    match (scope, out.checked_sub(1)) {
        (Scope::Row { layout, slots, .. }, None) => Ok((layout, slots)),
        (Scope::Row { outer, .. }, Some(out)) => row(outer, out),
        (Scope::Outside, _) => Err(Cow::Borrowed("a row is read outside its quantifier")),
    }
}

fn value_type(slot: &Slot) -> Typed {
    match slot.ty {
        SlotType::Bool => Ok(Type::Truth),
        SlotType::Int => Ok(Type::Int),
        SlotType::Float => Ok(Type::Float),
        SlotType::Text => Ok(Type::Text),
        SlotType::List(_) | SlotType::TextSet | SlotType::Presence => {
            Err(Cow::Borrowed("a slot is read that holds no value"))
        }
    }
}
