//! Runs machine code: finds an entry's functions, builds their frame, calls them, reads the verdict.

#![expect(unsafe_code, reason = "calls machine code")]

use crate::code_memory::CodeMemory;
use crate::compile::{self, Compiled, EntryCode, Options, Stats};
use crate::frame::{Frame, Function, LargeSets, RegionFrame};
use crate::host_abi::{HOST_TABLE, HostTable};
use crate::{JitError, scope};
use guard_engine::{Evaluator, Frames, Outcome};
use guard_match::MatchScratch;
use guard_plan::{AgentId, Entry, EntryId, EventTarget, Plan, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A plan as machine code.
///
/// Its pages are freed when it is dropped; share it between sessions and threads in an `Arc`.
#[derive(Debug)]
pub struct MachineCode {
    agents: Vec<AgentRows>,
    rows: Vec<Row>,
    constants: Vec<u8>,
    large_sets: LargeSets,
    /// Slots of the data region.
    data_slots: usize,
    host: &'static HostTable,
    stats: Stats,
    /// Keeps the functions in `rows` alive.
    _memory: CodeMemory,
}

#[derive(Debug)]
struct AgentRows {
    /// The row of its first entry.
    first: usize,
    entries: usize,
    /// Slots of the principal region.
    parameters: usize,
}

/// One entry. What every decision needs stands together.
#[derive(Debug)]
struct Row {
    function: Function,
    /// Where its constants start.
    constants: usize,
    /// Slots of the event region.
    event_slots: usize,
    /// Rules of the first 64, by their verdict.
    effects: Effects,
    is_call: bool,
    /// Words of the bitmaps.
    rule_words: usize,
    clause_words: usize,
    /// Further functions of a large entry.
    more_functions: Vec<Function>,
    /// Rules after the first 64, 64 each.
    more_effects: Vec<Effects>,
}

/// A word of rules for each verdict, from the least to the most restrictive.
type Effects = [u64; Verdict::ALL.len()];

impl MachineCode {
    /// Compiles a verified plan. Any error means that the plan is to be interpreted.
    pub fn compile(plan: &Plan) -> Result<Self, JitError> {
        Self::compile_with(plan, Options { keep_clauses: true })
    }

    /// Compiles a verified plan as said.
    pub fn compile_with(plan: &Plan, options: Options) -> Result<Self, JitError> {
        catch_unwind(AssertUnwindSafe(|| Self::new(plan, compile::compile(plan, options)?)))
            .unwrap_or(Err(JitError::Panicked))
    }

    /// What was made.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    fn new(plan: &Plan, compiled: Compiled) -> Result<Self, JitError> {
        let Compiled { memory, entries, constants, large_sets, stats } = compiled;
        let mut agents = Vec::with_capacity(plan.agents.len());
        let mut rows = Vec::with_capacity(entries.len());
        for agent in &plan.agents {
            agents.push(AgentRows {
                first: rows.len(),
                entries: agent.entries.len(),
                parameters: agent.parameters.slots.len(),
            });
            for entry in &agent.entries {
                let code = entries.get(rows.len()).ok_or(JitError::NoSuchEntry)?;
                rows.push(Row::new(plan, entry, code, &memory)?);
            }
        }
        let data_slots = plan.data.slots.len();
        let host = &HOST_TABLE;
        Ok(Self { agents, rows, constants, large_sets, data_slots, host, stats, _memory: memory })
    }

    /// The same code with another host.
    #[cfg(test)]
    pub(crate) fn with_host(self, host: &'static HostTable) -> Self {
        Self { host, ..self }
    }

    /// The row of an entry, if the records and the outcome are of the size its code relies on.
    fn row(
        &self,
        agent: AgentId,
        entry: EntryId,
        frames: &Frames<'_>,
        outcome: &Outcome,
    ) -> Option<&Row> {
        let agent = self.agents.get(usize::try_from(agent.0).ok()?)?;
        let entry = usize::try_from(entry.0).ok().filter(|entry| *entry < agent.entries)?;
        let row = self.rows.get(agent.first.checked_add(entry)?)?;
        let fits = frames.event.slots().len() >= row.event_slots
            && frames.principal.slots().len() >= agent.parameters
            && frames.facts.record.slots().len() >= self.data_slots
            && outcome.rules_fired.len() >= row.rule_words
            && outcome.rules_unknown.len() >= row.rule_words
            && outcome.clauses_true.len() >= row.clause_words
            && outcome.clauses_unknown.len() >= row.clause_words;
        fits.then_some(row)
    }
}

impl Evaluator for MachineCode {
    fn evaluate(
        &self,
        agent: AgentId,
        entry: EntryId,
        frames: &Frames<'_>,
        scratch: &mut MatchScratch,
        outcome: &mut Outcome,
    ) {
        let Some(row) = self.row(agent, entry, frames, outcome) else { return };
        let Some(constants) = self.constants.get(row.constants..) else { return };
        let frame = Frame {
            event: RegionFrame::of(frames.event),
            principal: RegionFrame::of(frames.principal),
            data: RegionFrame::of(&frames.facts.record),
            host: self.host,
            rules_fired: outcome.rules_fired.as_mut_ptr(),
            rules_unknown: outcome.rules_unknown.as_mut_ptr(),
            clauses_true: outcome.clauses_true.as_mut_ptr(),
            clauses_unknown: outcome.clauses_unknown.as_mut_ptr(),
            facts: frames.facts,
            patterns: frames.patterns,
            scratch,
            large_sets: &raw const self.large_sets,
        };
        for function in std::iter::once(row.function).chain(row.more_functions.iter().copied()) {
            // SAFETY: `function` stands in `self._memory`, finalised, and was generated for this
            // entry's shape, of which `constants` begins with a table. It reads only slots below
            // the counts that `row` checked, rows and texts inside the ranges that the frame
            // states and the code compares with, and this table; it writes only the words that
            // `row` counted. All of these outlive the call: they are borrowed by this function,
            // the outcome and the scratch memory mutably.
            unsafe { function(&raw const frame, constants.as_ptr()) };
        }
        outcome.verdict = row.verdict(&outcome.rules_fired);
    }
}

impl Row {
    fn new(
        plan: &Plan,
        entry: &Entry,
        code: &EntryCode,
        memory: &CodeMemory,
    ) -> Result<Self, JitError> {
        let layout = scope::item(&plan.layouts, entry.layout.0, "an entry has no layout")?;
        let mut effects = Vec::with_capacity(1);
        for rules in entry.rules.chunks(64) {
            let mut word = Effects::default();
            for (bit, rule) in rules.iter().enumerate() {
                let rule = scope::item(&plan.rules, rule.rule.0, "an entry names no rule")?;
                if !rule.effect.decides() {
                    continue;
                }
                let of_verdict = word.get_mut(rule.effect.verdict() as usize);
                *of_verdict.ok_or(JitError::NotVerified("an effect has no verdict"))? |= 1 << bit;
            }
            effects.push(word);
        }
        let functions: Option<Vec<_>> =
            code.functions.clone().map(|index| memory.function(index)).collect();
        let mut functions = functions.unwrap_or_default().into_iter();
        let mut effects = effects.into_iter();
        Ok(Self {
            function: functions.next().ok_or(JitError::NoSuchEntry)?,
            constants: code.constants,
            event_slots: layout.slots.len(),
            effects: effects.next().unwrap_or_default(),
            is_call: matches!(entry.target, EventTarget::Call(_)),
            rule_words: words(entry.rules.len()),
            clause_words: words(entry.clauses.len()),
            more_functions: functions.collect(),
            more_effects: effects.collect(),
        })
    }

    /// The most restrictive of the rules that fired, and of deny where a call is not permitted.
    fn verdict(&self, rules_fired: &[u64]) -> Verdict {
        let effects = std::iter::once(&self.effects).chain(&self.more_effects);
        let mut fired = Effects::default();
        for (word, effects) in rules_fired.iter().zip(effects) {
            for (fired, rules) in fired.iter_mut().zip(effects) {
                *fired |= word & rules;
            }
        }
        let [allow, redact, escalate, deny, halt] = fired;
        let permitted = !self.is_call || allow != 0;
        if halt != 0 {
            Verdict::Halt
        } else if deny != 0 || !permitted {
            Verdict::Deny
        } else if escalate != 0 {
            Verdict::Escalate
        } else if redact != 0 {
            Verdict::Redact
        } else {
            Verdict::Allow
        }
    }
}

/// Words of a bitmap; functions write the first even where there is nothing to say.
fn words(bits: usize) -> usize {
    bits.div_ceil(64).max(1)
}
