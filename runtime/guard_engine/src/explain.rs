//! Why an event is decided as it is, and what would have to be otherwise: every rule of the event's
//! entry, and the single clauses on which the verdict hangs.

use crate::interpret::{at, fires, verdict};
use crate::recording::{Recording, truth_word};
use crate::session::target_words;
use crate::{ClauseReport, Decision, DecisionReport};
use guard_plan::{Plan, Truth, Verdict};
use serde::Serialize;
use std::fmt;

/// How many rules are looked at again for flips: all clauses of every entry that people write, and
/// the first clauses of a very large one.
const FLIP_STEPS_MAX: usize = 1 << 20;

/// What every rule makes of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Which events the rules are about: `tool send_email`. Nothing where no rule concerns the event.
    pub target: Option<String>,
    /// The decision that is explained.
    pub decision: DecisionReport,
    /// Every rule that concerns the event, sorted by where it stands.
    pub rules: Vec<RuleReport>,
    /// Clauses that alone would change the verdict.
    pub flips: Vec<Flip>,
}

/// What one rule makes of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleReport {
    /// The rule's first line without its condition.
    pub rule: String,
    /// The file, relative to the package.
    pub module: String,
    /// Counted from 1.
    pub line: u32,
    /// The verdict the rule brings.
    pub effect: Verdict,
    /// What its condition came to: `true`, `unknown` or `false`; `true` where it has none.
    pub truth: &'static str,
    /// Whether it fired.
    pub fired: bool,
    /// Whether one clause alone decides if it fires.
    pub close: bool,
    /// Its condition as written.
    pub condition: Option<String>,
    /// What its condition consists of.
    pub clauses: Vec<ClauseReport>,
}

/// A clause that alone would change the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Flip {
    /// The clause as written.
    pub clause: String,
    /// What it came to.
    pub is: &'static str,
    /// What it would have to be.
    pub would_be: &'static str,
    /// The verdict then.
    pub decision: Verdict,
}

impl Explanation {
    pub(crate) fn of(decision: &Decision<'_>) -> Self {
        let plan = decision.plan();
        let mut explanation = Self {
            target: None,
            decision: decision.report(),
            rules: Vec::new(),
            flips: Vec::new(),
        };
        let Some(recording) = decision.recording() else { return explanation };
        explanation.target = Some(target_words(plan, recording.entry.target));
        explanation.rules = rules(plan, &recording);
        // What is wrong with the event itself denies, whatever its clauses are.
        if decision.faults().is_empty() {
            explanation.flips = flips(plan, &recording);
        }
        explanation
    }
}

fn rules(plan: &Plan, recording: &Recording<'_>) -> Vec<RuleReport> {
    let mut rules: Vec<_> = recording
        .entry
        .rules
        .iter()
        .filter_map(|of_entry| {
            let rule = at(&plan.rules, of_entry.rule.0)?;
            let truth = recording.condition(of_entry, |clause| recording.truth(clause));
            let fired = fires(plan, of_entry.rule, truth);
            let would_fire = |clause, to| {
                let truth = recording.condition(of_entry, |c| flipped(recording, c, clause, to));
                fires(plan, of_entry.rule, truth)
            };
            let own = recording.clauses_in(of_entry);
            let close =
                flips_of(recording, own).any(|(clause, to)| would_fire(clause, to) != fired);
            let report = RuleReport {
                rule: rule.title.clone(),
                module: rule.place.module.clone(),
                line: rule.place.line,
                effect: rule.effect.verdict(),
                truth: truth_word(truth),
                fired,
                close,
                condition: rule.condition.clone(),
                clauses: recording.clauses_of(of_entry),
            };
            Some((&rule.place, report))
        })
        .collect();
    rules.sort_by_key(|(place, _)| *place);
    rules.into_iter().map(|(_, report)| report).collect()
}

fn flips(plan: &Plan, recording: &Recording<'_>) -> Vec<Flip> {
    let is = verdict_if(plan, recording, |clause| recording.truth(clause));
    let clauses = (0..).zip(&recording.entry.clauses).map(|(clause, _)| clause);
    let most = FLIP_STEPS_MAX / recording.entry.rules.len().max(1);
    flips_of(recording, clauses.take(most))
        .filter_map(|(clause, to)| {
            let would_be = verdict_if(plan, recording, |c| flipped(recording, c, clause, to));
            (would_be != is).then_some(())?;
            Some(Flip {
                clause: recording.clause_text(clause)?.to_owned(),
                is: truth_word(recording.truth(clause)),
                would_be: truth_word(to),
                decision: would_be,
            })
        })
        .collect()
}

/// Each of the clauses with each truth that it has not.
fn flips_of(
    recording: &Recording<'_>,
    clauses: impl IntoIterator<Item = u32>,
) -> impl Iterator<Item = (u32, Truth)> {
    clauses
        .into_iter()
        .flat_map(|clause| [Truth::True, Truth::False].map(|to| (clause, to)))
        .filter(|(clause, to)| recording.truth(*clause) != *to)
}

/// The truth of `clause` where the one clause `flipped` is `to`.
fn flipped(recording: &Recording<'_>, clause: u32, flipped: u32, to: Truth) -> Truth {
    if clause == flipped { to } else { recording.truth(clause) }
}

fn verdict_if(plan: &Plan, recording: &Recording<'_>, clause: impl Fn(u32) -> Truth) -> Verdict {
    let entry = recording.entry;
    verdict(plan, entry, |index| {
        entry
            .rules
            .get(index)
            .is_some_and(|rule| fires(plan, rule.rule, recording.condition(rule, &clause)))
    })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decision.decision.word())?;
        if let Some(target) = &self.target {
            write!(f, ": {target}")?;
        }
        writeln!(f)?;
        for fault in &self.decision.faults {
            writeln!(f, "  fault: {fault}")?;
        }
        // A reason without a line is no rule and stands nowhere below.
        for reason in self.decision.reasons.iter().filter(|reason| reason.line == 0) {
            writeln!(f, "  {}", reason.rule)?;
        }
        for rule in &self.rules {
            rule.fmt(f)?;
        }
        for flip in &self.flips {
            let Flip { clause, is, would_be, decision } = flip;
            writeln!(f, "  {} if `{clause}` were {would_be}, not {is}", decision.word())?;
        }
        Ok(())
    }
}

impl fmt::Display for RuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fired = match (self.fired, self.close) {
            (true, _) => "fires",
            (false, true) => "is close",
            (false, false) => "does not fire",
        };
        let Self { rule, module, line, truth, .. } = self;
        writeln!(f, "  {module}:{line} {rule}: {fired}, {truth}")?;
        for clause in &self.clauses {
            write!(f, "    {:7} {}", clause.truth, clause.text)?;
            for (index, (name, shown)) in clause.values.iter().enumerate() {
                write!(f, "{} {name} = {shown}", if index == 0 { "   #" } else { "," })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
