//! What every rule of an event's entry was put to by it: which clauses held, and which of them alone
//! decided whether the rule fires. Coverage is counted from this.

use crate::Decision;
use crate::interpret::{at, fires};
use crate::recording::collected;
use guard_plan::{ClauseId, Entry, EntryRule, NodeId, RuleId, Truth};

/// Of how many clauses of one rule it is worked out whether they decided: what that costs grows with
/// the square of their number. Rules that people write have far fewer; of the rest none is said to have
/// decided.
const DECIDING_CLAUSES_MAX: usize = 1 << 10;

/// What an event put one rule to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trial {
    /// The rule.
    pub rule: RuleId,
    /// Whether it fired; of a limit, whether it refused the event.
    pub fired: bool,
    /// The clauses of its condition, each once, in the order of the condition.
    pub clauses: Vec<ClauseTrial>,
}

/// What an event put one clause of a rule to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClauseTrial {
    /// The clause.
    pub clause: ClauseId,
    /// What it came to.
    pub truth: Truth,
    /// Whether the rule would have come out otherwise, had this clause alone been the opposite.
    pub decided: bool,
}

impl Decision<'_> {
    /// What the event put every rule that concerns it to. Computed when asked for, by the interpreter.
    pub fn trials(&self) -> Vec<Trial> {
        let Some(recording) = self.recording() else { return Vec::new() };
        let fired: Vec<usize> = self.fired_rules();
        let plan = self.plan();
        let rules = recording.entry.rules.iter().enumerate();
        let trial = |(index, of_entry): (usize, &EntryRule)| {
            let fires_if = |flipped: Option<u32>| {
                let truth = recording.condition(of_entry, |clause| {
                    let truth = recording.truth(clause);
                    if flipped == Some(clause) { opposite(truth) } else { truth }
                });
                fires(plan, of_entry.rule, truth)
            };
            let is = fires_if(None);
            let clauses =
                (0..).zip(recording.clauses_in(of_entry)).filter_map(|(number, clause)| {
                    let text = at(&recording.entry.clauses, clause)?.text;
                    let truth = recording.truth(clause);
                    let is_tried = number < DECIDING_CLAUSES_MAX && truth != Truth::Unknown;
                    let decided = is_tried && fires_if(Some(clause)) != is;
                    Some(ClauseTrial { clause: text, truth, decided })
                });
            Trial { rule: of_entry.rule, fired: fired.contains(&index), clauses: clauses.collect() }
        };
        rules.map(trial).collect()
    }
}

fn opposite(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

/// The clauses that a condition of an entry consists of, each once, in its order.
pub fn clauses_below(entry: &Entry, condition: NodeId) -> Vec<ClauseId> {
    let clauses = collected(entry, condition).into_iter();
    clauses.filter_map(|clause| Some(at(&entry.clauses, clause)?.text)).collect()
}
