//! Clauses and rules of a part, in the order [`guard_plan::Entry`] states.
//!
//! A clause that is not eager stands where its only user is. One with several users stands apart,
//! once, and a user that finds it not yet evaluated goes there and comes back.

use super::{Lowering, Targets};
use crate::JitError;
use crate::frame::Bitmap;
use crate::part::Part;
use crate::scope::item;
use cranelift_codegen::ir::types::I32;
use cranelift_codegen::ir::{Block, Value};
use cranelift_frontend::Variable;
use guard_plan::{Effect, Node, NodeId, Truth};
use std::collections::BTreeMap;

/// The clauses that the rules of a part ask for.
#[derive(Default)]
pub(super) struct Clauses {
    /// How many times each is named.
    uses: BTreeMap<u32, usize>,
    /// Those with several users.
    shared: BTreeMap<u32, Shared>,
    /// Whether a clause is being lowered; clauses do not name clauses.
    inside: bool,
}

/// A clause with several users.
struct Shared {
    /// Its truth, or [`NOT_EVALUATED`].
    truth: Variable,
    /// Its code.
    code: Block,
    /// The code's parameter: which user waits.
    user: Value,
    /// Where each user continues.
    users: Vec<Targets>,
}

const NOT_EVALUATED: i64 = 3;

impl Lowering<'_, '_> {
    /// Everything a part does.
    pub(super) fn part(&mut self, part: &Part) -> Result<(), JitError> {
        let entry = self.task.unit.entry;
        let rules = entry.rules.get(part.rules.clone()).unwrap_or_default();
        for rule in rules {
            if let Some(condition) = rule.condition {
                self.count_uses(condition)?;
            }
        }
        self.prepare_shared()?;
        for (index, clause) in entry.clauses.iter().enumerate().take(part.clauses.end) {
            if clause.eager && index >= part.clauses.start && self.is_read(index, part) {
                self.eager(index, clause.node)?;
            }
        }
        for (index, rule) in entry.rules.iter().enumerate().take(part.rules.end) {
            if index >= part.rules.start {
                let plan = self.task.unit.plan;
                let effect = &item(&plan.rules, rule.rule.0, "an entry names no rule")?.effect;
                self.rule(index, rule.condition, *effect == Effect::Allow)?;
            }
        }
        let end = self.emit.block();
        self.emit.jump(end);
        self.shared_clauses()?;
        self.emit.start(end);
        self.bits.store(&mut self.emit, self.task.keep_clauses);
        Ok(())
    }

    fn count_uses(&mut self, node: NodeId) -> Result<(), JitError> {
        let node = self.node(node)?;
        if let Node::Clause(clause) = node {
            *self.clauses.uses.entry(*clause).or_default() += 1;
        }
        let mut result = Ok(());
        node.for_each_operand(|operand| {
            if result.is_ok() {
                result = self.count_uses(operand);
            }
        });
        result
    }

    /// Whether anything reads an eager clause's bits.
    fn is_read(&self, clause: usize, part: &Part) -> bool {
        let used = u32::try_from(clause).is_ok_and(|c| self.clauses.uses.contains_key(&c));
        self.task.keep_clauses || !part.whole || used
    }

    /// Evaluates a clause at the start.
    fn eager(&mut self, index: usize, node: NodeId) -> Result<(), JitError> {
        let next = self.emit.block();
        let (yes, unknown) = (self.emit.block(), self.emit.cold());
        self.clause_body(node, Targets { yes, unknown, no: next })?;
        self.emit.start(yes);
        self.bits.set(&mut self.emit, Bitmap::ClausesTrue, index)?;
        self.emit.jump(next);
        self.emit.start(unknown);
        self.bits.set(&mut self.emit, Bitmap::ClausesUnknown, index)?;
        self.emit.jump(next);
        self.emit.start(next);
        Ok(())
    }

    fn rule(
        &mut self,
        index: usize,
        condition: Option<NodeId>,
        allows: bool,
    ) -> Result<(), JitError> {
        let Some(condition) = condition else {
            return self.bits.set(&mut self.emit, Bitmap::RulesFired, index);
        };
        let next = self.emit.block();
        let (yes, unknown) = (self.emit.block(), self.emit.cold());
        self.condition(condition, Targets { yes, unknown, no: next })?;
        self.emit.start(yes);
        self.bits.set(&mut self.emit, Bitmap::RulesFired, index)?;
        self.emit.jump(next);
        self.emit.start(unknown);
        self.bits.set(&mut self.emit, Bitmap::RulesUnknown, index)?;
        // Unknown must not satisfy `allow`: a host that omits an argument would open the gate.
        if !allows {
            self.bits.set(&mut self.emit, Bitmap::RulesFired, index)?;
        }
        self.emit.jump(next);
        self.emit.start(next);
        Ok(())
    }

    /// A rule asks for a clause.
    pub(super) fn clause(&mut self, clause: u32, targets: Targets) -> Result<(), JitError> {
        if self.clauses.inside || !self.rows.is_empty() {
            return Err(JitError::NotVerified("a clause stands inside a clause"));
        }
        let clauses = &self.task.unit.entry.clauses;
        let entry_clause = item(clauses, clause, "a condition names no clause")?;
        let index = clause_index(clause)?;
        if entry_clause.eager {
            let holds = self.bits.test(&mut self.emit, Bitmap::ClausesTrue, index)?;
            let rest = self.emit.block();
            self.emit.branch(holds, targets.yes, rest);
            self.emit.start(rest);
            let unknown = self.bits.test(&mut self.emit, Bitmap::ClausesUnknown, index)?;
            self.emit.branch(unknown, targets.unknown, targets.no);
            return Ok(());
        }
        if self.clauses.uses.get(&clause).is_some_and(|uses| *uses > 1) {
            return self.ask_shared(clause, targets);
        }
        let (yes, unknown) = (self.emit.block(), self.emit.cold());
        self.clause_body(entry_clause.node, Targets { yes, unknown, no: targets.no })?;
        self.emit.start(yes);
        self.record(Bitmap::ClausesTrue, index)?;
        self.emit.jump(targets.yes);
        self.emit.start(unknown);
        self.record(Bitmap::ClausesUnknown, index)?;
        self.emit.jump(targets.unknown);
        Ok(())
    }

    /// Goes to a clause with several users, unless its truth is known.
    fn ask_shared(&mut self, clause: u32, targets: Targets) -> Result<(), JitError> {
        // The table that brings the user back is written last, so these blocks stay open.
        let (yes, unknown, no) = (self.emit.block(), self.emit.cold(), self.emit.block());
        let shared = self.clauses.shared.get_mut(&clause);
        let shared = shared.ok_or(JitError::NotVerified("a clause has an unforeseen user"))?;
        let (truth, code, user) = (shared.truth, shared.code, shared.users.len());
        shared.users.push(Targets { yes, unknown, no });
        if user > 0 {
            let call = self.emit.block();
            let truth = self.emit.get(truth);
            self.emit.switch(truth, &[(0, no), (1, unknown), (2, yes)], call);
            self.emit.start(call);
        }
        let user =
            i64::try_from(user).map_err(|_| JitError::TooLarge("a clause has many users"))?;
        let user = self.emit.integer_of(I32, user);
        self.emit.jump_with(code, &[user]);
        for (open, target) in [(yes, targets.yes), (unknown, targets.unknown), (no, targets.no)] {
            self.emit.start_open(open);
            self.emit.jump(target);
        }
        Ok(())
    }

    /// Prepares the clauses that several conditions of this part name.
    fn prepare_shared(&mut self) -> Result<(), JitError> {
        let clauses = &self.task.unit.entry.clauses;
        for (clause, uses) in &self.clauses.uses {
            if *uses > 1 && !item(clauses, *clause, "a condition names no clause")?.eager {
                let truth = self.emit.variable(I32, NOT_EVALUATED);
                let code = self.emit.block();
                let user = self.emit.parameter(code, I32);
                let shared = Shared { truth, code, user, users: Vec::new() };
                self.clauses.shared.insert(*clause, shared);
            }
        }
        Ok(())
    }

    /// Writes the clauses that several conditions of this part name.
    fn shared_clauses(&mut self) -> Result<(), JitError> {
        for (clause, shared) in std::mem::take(&mut self.clauses.shared) {
            let clauses = &self.task.unit.entry.clauses;
            let node = item(clauses, clause, "a condition names no clause")?.node;
            let index = clause_index(clause)?;
            let (yes, unknown, no) = (self.emit.block(), self.emit.cold(), self.emit.block());
            self.emit.start(shared.code);
            self.clause_body(node, Targets { yes, unknown, no })?;
            self.emit.start(yes);
            self.record(Bitmap::ClausesTrue, index)?;
            self.come_back(&shared, Truth::True, |user| user.yes);
            self.emit.start(unknown);
            self.record(Bitmap::ClausesUnknown, index)?;
            self.come_back(&shared, Truth::Unknown, |user| user.unknown);
            self.emit.start(no);
            self.come_back(&shared, Truth::False, |user| user.no);
            for user in &shared.users {
                for block in [user.yes, user.unknown, user.no] {
                    self.emit.seal(block);
                }
            }
        }
        Ok(())
    }

    /// Remembers a clause's truth and goes on where its user waits.
    fn come_back(&mut self, shared: &Shared, truth: Truth, place: impl Fn(&Targets) -> Block) {
        self.emit.set_constant(shared.truth, I32, i64::from(truth as u8));
        let places: Vec<Block> = shared.users.iter().map(place).collect();
        if let Some(first) = places.first() {
            self.emit.table(shared.user, &places, *first);
        }
    }

    /// Lowers a clause's own condition.
    fn clause_body(&mut self, node: NodeId, targets: Targets) -> Result<(), JitError> {
        self.clauses.inside = true;
        let result = self.condition(node, targets);
        self.clauses.inside = false;
        result
    }

    /// Notes what became of a clause that is not eager.
    fn record(&mut self, bitmap: Bitmap, index: usize) -> Result<(), JitError> {
        if self.task.keep_clauses {
            self.bits.set(&mut self.emit, bitmap, index)?;
        }
        Ok(())
    }
}

fn clause_index(clause: u32) -> Result<usize, JitError> {
    usize::try_from(clause).map_err(|_| JitError::NotVerified("a condition names no clause"))
}
