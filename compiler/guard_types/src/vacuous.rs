//! Rules that other rules of the same agent make useless.

use crate::check::Checked;
use crate::tir::{CheckedRule, EventRef};
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_plan::Effect;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A rule and where it was checked.
#[derive(Clone, Copy)]
struct Placed<'a> {
    rule: &'a CheckedRule,
    /// The tools that its target names one by one.
    named: &'a [String],
    file: &'a Arc<str>,
    key: &'a Arc<str>,
}

impl Placed<'_> {
    fn label(&self, text: &str) -> Label {
        Label {
            file: Arc::clone(self.file),
            anchor: Anchor::Rule(Arc::clone(self.key), 0),
            span: self.rule.span,
            text: text.to_owned(),
        }
    }

    fn is_named(&self, event: &EventRef) -> bool {
        matches!(event, EventRef::Call(tool) if self.named.contains(tool))
    }
}

/// What is vacuous among the rules of one agent.
pub(crate) fn vacuous(file: &Arc<str>, rules: &[(Arc<Checked>, Arc<str>)]) -> Vec<Diagnostic> {
    let mut sorted = Sorted::default();
    for (checked, key) in rules {
        for (rule, named) in checked.rules.iter().zip(&checked.named) {
            sorted.add(Placed { rule, named, file, key });
        }
    }
    // A line that is wrong may be the one that permits, or that forbids.
    let whole = !rules.iter().any(|(checked, _)| checked.incomplete);
    let mut found = dead_permissions(&sorted);
    if whole {
        found.extend(sorted.escalations.iter().filter_map(|rule| unasked(rule, &sorted)));
    }
    found
}

#[derive(Default)]
struct Sorted<'a> {
    permissions: Vec<Placed<'a>>,
    prohibitions: Vec<Placed<'a>>,
    escalations: Vec<Placed<'a>>,
}

impl<'a> Sorted<'a> {
    fn add(&mut self, placed: Placed<'a>) {
        match placed.rule.effect {
            Effect::Allow => self.permissions.push(placed),
            Effect::Deny | Effect::Halt => self.prohibitions.push(placed),
            Effect::Escalate { .. } => self.escalations.push(placed),
            Effect::Note
            | Effect::Limit
            | Effect::Review { .. }
            | Effect::Credential { .. }
            | Effect::Shadow(_) => {}
        }
    }
}

/// Permissions that a prohibition without a condition, or with the same, takes away.
fn dead_permissions(sorted: &Sorted<'_>) -> Vec<Diagnostic> {
    let conditions: BTreeSet<&str> =
        sorted.permissions.iter().filter_map(|p| p.rule.condition_text.as_deref()).collect();
    let mut prohibitions: BTreeMap<&EventRef, Vec<Placed<'_>>> = BTreeMap::new();
    for prohibition in &sorted.prohibitions {
        let text = prohibition.rule.condition_text.as_deref();
        let matters = prohibition.rule.condition.is_none()
            || text.is_some_and(|text| conditions.contains(text));
        for event in prohibition.rule.events.iter().filter(|_| matters) {
            prohibitions.entry(event).or_default().push(*prohibition);
        }
    }
    sorted.permissions.iter().filter_map(|permission| dead(permission, &prohibitions)).collect()
}

fn dead(
    permission: &Placed<'_>,
    prohibitions: &BTreeMap<&EventRef, Vec<Placed<'_>>>,
) -> Option<Diagnostic> {
    let killer = |event: &EventRef| {
        prohibitions.get(event)?.iter().find(|prohibition| {
            prohibition.rule.condition.is_none()
                || same_condition(prohibition.rule, permission.rule)
        })
    };
    let events = &permission.rule.events;
    let mut killed = events.iter().filter_map(|event| Some((event, killer(event)?)));
    // A permission given by a pattern or a label is meant to be narrowed; one that names a tool
    // is not.
    let (event, killer) = if events.iter().all(|event| killer(event).is_some()) {
        killed.next()?
    } else {
        killed.find(|(event, _)| permission.is_named(event))?
    };
    let EventRef::Call(tool) = event else { return None };
    let headline = format!("the permission of `{tool}` is useless: a prohibition covers it");
    Some(
        Diagnostic::error("G0302", headline, permission.label("permitted here"))
            .with_related(killer.label("prohibited here"))
            .with_help("remove one of the two, or give the prohibition a condition"),
    )
}

fn same_condition(a: &CheckedRule, b: &CheckedRule) -> bool {
    a.condition.is_some() && b.condition.is_some() && a.condition_text == b.condition_text
}

/// An escalation of calls that no scope permits: they are denied, and nobody is asked.
fn unasked(escalation: &Placed<'_>, sorted: &Sorted<'_>) -> Option<Diagnostic> {
    let mut calls = escalation.rule.events.iter().filter_map(|event| match event {
        EventRef::Call(tool) => Some(tool),
        _ => None,
    });
    let first = calls.next()?;
    let permitted = |event: &EventRef| {
        !matches!(event, EventRef::Call(_))
            || sorted.permissions.iter().any(|p| p.rule.events.binary_search(event).is_ok())
    };
    if escalation.rule.events.iter().any(permitted) {
        return None;
    }
    let headline = format!("nobody is ever asked about `{first}`: no scope permits it");
    let warning = Diagnostic::error("G0306", headline, escalation.label("these calls are denied"));
    let help = format!("permit it: `scope {{ tool {first} }}`");
    Some(warning.as_warning().with_help(help))
}
