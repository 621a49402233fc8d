//! What of a decision is not as a test expects it.

use crate::run::Decided;
use guard_engine::{DecisionReport, ReasonReport};
use guard_types::scenario::Expected;

/// How far the number of what is left may be off: limits are counted in millionths.
const LEFT_TOLERANCE: f64 = 1e-6;

/// One line for each part that did not come true, the verdict first.
pub(crate) fn mismatches(expected: &Expected, decided: &Decided) -> Vec<String> {
    let mut found = Vec::new();
    let decision = &decided.report;
    let verdict = decision.decision;
    if verdict != expected.verdict {
        found.push(format!(
            "`{}` is expected, and it came to `{}`",
            expected.verdict.word(),
            verdict.word()
        ));
    }
    if let Some(words) = &expected.reason
        && !said(decision).any(|said| said.contains(words.as_str()))
    {
        found.push(format!("no reason contains \"{words}\""));
    }
    if let Some(because) = &expected.because
        && !decision.reasons.iter().any(|reason| reason.because.as_ref() == Some(because))
    {
        found.push(format!("the rule that says \"{because}\" is no reason"));
    }
    if let Some(title) = &expected.by
        && !decision.reasons.iter().any(|reason| reason.rule == *title)
    {
        found.push(format!("the rule `{title}` is no reason"));
    }
    if let Some(respond) = &expected.respond
        && decision.respond.as_ref() != Some(respond)
    {
        found.push(match &decision.respond {
            Some(told) => format!("\"{respond}\" is expected to be told, and \"{told}\" is"),
            None => format!("\"{respond}\" is expected to be told, and nothing is"),
        });
    }
    let role = decision.approval.as_ref().map(|approval| &approval.role);
    if let Some(wanted) = &expected.role
        && role != Some(wanted)
    {
        found.push(match role {
            Some(role) => format!("\"{wanted}\" is expected to be asked, and \"{role}\" is"),
            None => format!("\"{wanted}\" is expected to be asked, and nobody is"),
        });
    }
    found.extend(expected.left.and_then(|left| left_otherwise(left, decision)));
    if let Some(wanted) = &expected.redacted
        && !decided.passed_on.as_ref().is_some_and(|passed_on| is_same(wanted, passed_on))
    {
        found.push(match &decided.passed_on {
            Some(text) => format!("\"{wanted}\" is expected to be passed on, and \"{text}\" is"),
            None => format!("\"{wanted}\" is expected to be passed on, and nothing was replaced"),
        });
    }
    found
}

/// The same text, or the same JSON: of arguments the order of keys does not matter.
fn is_same(wanted: &str, passed_on: &str) -> bool {
    let json = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    wanted == passed_on || json(wanted).is_some_and(|wanted| json(passed_on) == Some(wanted))
}

fn left_otherwise(wanted: f64, decision: &DecisionReport) -> Option<String> {
    let left = decision.limits.iter().map(|limit| limit.remaining).reduce(f64::min);
    match left {
        Some(left) if (left - wanted).abs() <= LEFT_TOLERANCE => None,
        Some(left) => Some(format!("{wanted} are expected to be left, and {left} are")),
        None => Some(format!("{wanted} are expected to be left, and no limit counts this")),
    }
}

/// Everything that says why.
fn said(decision: &DecisionReport) -> impl Iterator<Item = String> {
    let of = |reason: &ReasonReport| {
        [Some(reason.rule.clone()), reason.because.clone()].into_iter().flatten()
    };
    let faults = decision.faults.iter().map(ToString::to_string);
    decision.reasons.iter().flat_map(of).chain(faults)
}
