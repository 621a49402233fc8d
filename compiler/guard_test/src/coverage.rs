//! What tests cover: which rules fired, and which clauses were seen to decide, true and false.
//!
//! A clause decides where its rule would have come out otherwise, had the clause alone been the
//! opposite. So of `a and b` the second is covered only where `a` held. A rule is covered when it
//! fired and every clause of it decided both ways.

use guard_engine::Trial;
use guard_plan::{Effect, Place, Plan, Truth};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was seen of every rule of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// By the rule's index in the plan.
    rules: Vec<SeenRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct SeenRule {
    fired: u64,
    tried: u64,
    /// By the clause's index in the plan: how often it decided as true, and as false.
    clauses: BTreeMap<u32, (u64, u64)>,
}

/// One rule, as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCoverage {
    /// The rule's first line without its condition.
    pub rule: String,
    /// The file, relative to the package.
    pub module: String,
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    #[serde(skip)]
    pub column: u32,
    /// How many events it concerned.
    pub tried: u64,
    /// How often it fired.
    pub fired: u64,
    /// Whether it decides something: what only marks, samples or attaches need not fire.
    #[serde(skip)]
    pub decides: bool,
    /// Its clauses; those that never came up are among them.
    pub clauses: Vec<ClauseCoverage>,
}

/// One clause of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseCoverage {
    /// As written.
    pub clause: String,
    /// Counted from 1. A plan does not say it; until whoever has the source has found the clause, it is
    /// the line of the rule.
    pub line: u32,
    /// In characters, counted from 1.
    #[serde(skip)]
    pub column: u32,
    /// How often it was true, and that decided.
    pub decided_true: u64,
    /// How often it was false, and that decided.
    pub decided_false: u64,
}

/// How much is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Rules.
    pub rules: usize,
    /// Those that fired.
    pub rules_fired: usize,
    /// Two for each clause: it decides as true, it decides as false.
    pub outcomes: usize,
    /// Those that were seen.
    pub outcomes_seen: usize,
}

impl Totals {
    /// Of what there is to cover, the share that is covered, in percent; 100 where there is nothing.
    pub fn percent(&self) -> f64 {
        let all = self.rules + self.outcomes;
        let seen = self.rules_fired + self.outcomes_seen;
        if all == 0 { 100.0 } else { 100.0 * ratio(seen, all) }
    }
}

/// A plan has far fewer rules than 2^32.
fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole)
}

impl Coverage {
    /// Nothing seen yet; every clause of every rule is known.
    pub fn of(plan: &Plan) -> Self {
        let mut rules = vec![SeenRule::default(); plan.rules.len()];
        for entry in plan.agents.iter().flat_map(|agent| &agent.entries) {
            for of_entry in &entry.rules {
                let Some(rule) = usize::try_from(of_entry.rule.0).ok() else { continue };
                let Some(seen) = rules.get_mut(rule) else { continue };
                let Some(condition) = of_entry.condition else { continue };
                for clause in guard_engine::clauses_below(entry, condition) {
                    seen.clauses.entry(clause.0).or_default();
                }
            }
        }
        Self { rules }
    }

    /// Counts what an event put rules to.
    pub fn count(&mut self, trials: &[Trial]) {
        for trial in trials {
            let index = usize::try_from(trial.rule.0).ok();
            let Some(seen) = index.and_then(|index| self.rules.get_mut(index)) else { continue };
            seen.tried += 1;
            seen.fired += u64::from(trial.fired);
            for clause in trial.clauses.iter().filter(|clause| clause.decided) {
                let (as_true, as_false) = seen.clauses.entry(clause.clause.0).or_default();
                match clause.truth {
                    Truth::True => *as_true += 1,
                    Truth::False => *as_false += 1,
                    Truth::Unknown => {}
                }
            }
        }
    }

    /// Adds what another test of the same plan saw.
    pub fn add(&mut self, other: &Self) {
        for (seen, more) in self.rules.iter_mut().zip(&other.rules) {
            seen.tried += more.tried;
            seen.fired += more.fired;
            for (clause, (as_true, as_false)) in &more.clauses {
                let known = seen.clauses.entry(*clause).or_default();
                known.0 += as_true;
                known.1 += as_false;
            }
        }
    }

    /// The rules of the plan as written, sorted by where they stand. A rule that applies in several
    /// places is one.
    pub fn rules(&self, plan: &Plan) -> Vec<RuleCoverage> {
        let mut all: BTreeMap<(Place, String), RuleCoverage> = BTreeMap::new();
        for (rule, seen) in plan.rules.iter().zip(&self.rules) {
            // What the compiler notes for a question about the past is no rule of the author's.
            if rule.effect == Effect::Note && rule.title.starts_with("note ") {
                continue;
            }
            let key = (rule.place.clone(), rule.title.clone());
            let known = all.entry(key).or_insert_with(|| RuleCoverage {
                rule: rule.title.clone(),
                module: rule.place.module.clone(),
                line: rule.place.line,
                column: rule.place.column,
                tried: 0,
                fired: 0,
                decides: decides(&rule.effect),
                clauses: Vec::new(),
            });
            known.tried += seen.tried;
            known.fired += seen.fired;
            for (clause, (as_true, as_false)) in &seen.clauses {
                let index = usize::try_from(*clause).ok();
                let Some(clause) = index.and_then(|index| plan.clauses.get(index)) else {
                    continue;
                };
                known.add_clause(&clause.text, *as_true, *as_false);
            }
        }
        let mut rules: Vec<RuleCoverage> = all.into_values().collect();
        for rule in &mut rules {
            rule.clauses.sort_by(|a, b| a.clause.cmp(&b.clause));
        }
        rules
    }
}

impl RuleCoverage {
    fn add_clause(&mut self, text: &str, as_true: u64, as_false: u64) {
        let known = self.clauses.iter_mut().find(|known| known.clause == text);
        if let Some(known) = known {
            known.decided_true += as_true;
            known.decided_false += as_false;
            return;
        }
        self.clauses.push(ClauseCoverage {
            clause: text.to_owned(),
            line: self.line,
            column: self.column,
            decided_true: as_true,
            decided_false: as_false,
        });
    }

    /// What there is of it to cover.
    pub fn totals(&self) -> Totals {
        let outcomes = self.clauses.iter().flat_map(|one| [one.decided_true, one.decided_false]);
        Totals {
            rules: 1,
            rules_fired: usize::from(self.fired > 0),
            outcomes: 2 * self.clauses.len(),
            outcomes_seen: outcomes.filter(|count| *count > 0).count(),
        }
    }
}

/// What there is to cover of several rules.
pub fn totals(rules: &[RuleCoverage]) -> Totals {
    rules.iter().map(RuleCoverage::totals).fold(Totals::default(), |sum, one| Totals {
        rules: sum.rules + one.rules,
        rules_fired: sum.rules_fired + one.rules_fired,
        outcomes: sum.outcomes + one.outcomes,
        outcomes_seen: sum.outcomes_seen + one.outcomes_seen,
    })
}

fn decides(effect: &Effect) -> bool {
    match effect {
        Effect::Shadow(of) => decides(of),
        Effect::Limit => true,
        effect => effect.decides(),
    }
}
