//! Rules that other rules for the same agent make useless.

use crate::check::Checked;
use crate::given::without_places;
use crate::site::{Site, whole};
use crate::tir::{CheckedRule, EventRef};
use guard_db::{Db, RuleNode};
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::ast::RuleKind;
use guard_grammar::span::Span;
use guard_plan::Effect;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What came of a rule, and where it stands.
pub(crate) struct CheckedAt {
    pub(crate) checked: Arc<Checked>,
    file: Arc<str>,
    key: Arc<str>,
    /// The agent or layer in which it stands; none for a policy.
    block: Option<Arc<str>>,
    /// The layer that it belongs to.
    layer: Option<String>,
    /// For a scope: all of it.
    scope: Option<Span>,
}

impl CheckedAt {
    pub(crate) fn new<'db>(
        db: &'db dyn Db,
        site: Site<'db>,
        rule: RuleNode<'db>,
        checked: Arc<Checked>,
    ) -> Self {
        let is_scope = matches!(&rule.rule(db).1, RuleKind::Scope(_));
        Self {
            checked,
            file: site.block(db).file.path(db),
            key: rule.key(db),
            block: site.through(db).is_none().then(|| site.block(db).item.key(db)),
            layer: site.layer(db).map(|layer| layer.name(db)),
            scope: is_scope.then(|| whole(db, rule)),
        }
    }

    pub(crate) fn label(&self, span: Span, text: impl Into<String>) -> Label {
        let anchor = Anchor::Rule(Arc::clone(&self.key), 0);
        Label { file: Arc::clone(&self.file), anchor, span, text: text.into() }
    }
}

/// A rule and where it was checked.
#[derive(Clone, Copy)]
struct Placed<'a> {
    rule: &'a CheckedRule,
    /// The tools that its target names one by one.
    named: &'a [String],
    at: &'a CheckedAt,
}

impl Placed<'_> {
    fn label(&self, text: &str) -> Label {
        self.at.label(self.rule.span, text)
    }

    fn is_named(&self, event: &EventRef) -> bool {
        matches!(event, EventRef::Call(tool) if self.named.contains(tool))
    }
}

/// What is vacuous among the rules that apply to one agent.
pub(crate) fn vacuous(rules: &[CheckedAt]) -> Vec<Diagnostic> {
    let layers: BTreeSet<&str> = rules.iter().filter_map(|at| at.layer.as_deref()).collect();
    let mut found = dead_permissions(&Sorted::of(rules.iter().filter(|at| at.layer.is_none())));
    for layer in &layers {
        let own = rules.iter().filter(|at| at.layer.as_deref() == Some(layer));
        found.extend(dead_permissions(&Sorted::of(own)));
    }
    let mut sorted = Sorted::of(rules.iter().filter(|at| at.layer.is_none()));
    // A line that is wrong may be the one that permits, or that forbids.
    if !rules.iter().any(|at| at.checked.incomplete) {
        found.extend(sorted.escalations.iter().filter_map(|rule| unasked(rule, &sorted)));
        let of_layers = Sorted::of(rules.iter().filter(|at| at.layer.is_some()));
        sorted.prohibitions = of_layers.prohibitions;
        let boundaries: Vec<Boundary<'_>> =
            layers.iter().filter_map(|layer| Boundary::of(layer, rules)).collect();
        found.extend(taken_away(&sorted, &boundaries));
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
    fn of(rules: impl Iterator<Item = &'a CheckedAt>) -> Self {
        let mut sorted = Self::default();
        for at in rules {
            for (rule, named) in at.checked.rules.iter().zip(&at.checked.named) {
                sorted.add(Placed { rule, named, at });
            }
        }
        sorted
    }

    fn add(&mut self, placed: Placed<'a>) {
        match placed.rule.effect {
            Effect::Allow => self.permissions.push(placed),
            Effect::Deny | Effect::Halt | Effect::HaltAgent => self.prohibitions.push(placed),
            Effect::Escalate { .. } => self.escalations.push(placed),
            Effect::Note
            | Effect::Limit
            | Effect::Redact
            | Effect::Review { .. }
            | Effect::Credential { .. }
            | Effect::Shadow(_) => {}
        }
    }

    /// The prohibitions that could make a permission useless, by event.
    fn killers(&self) -> BTreeMap<&'a EventRef, Vec<Placed<'a>>> {
        let conditions: BTreeSet<&str> =
            self.permissions.iter().filter_map(|p| p.rule.condition_text.as_deref()).collect();
        let mut killers: BTreeMap<&EventRef, Vec<Placed<'_>>> = BTreeMap::new();
        for prohibition in &self.prohibitions {
            let text = prohibition.rule.condition_text.as_deref();
            let matters = prohibition.rule.condition.is_none()
                || text.is_some_and(|text| conditions.contains(text));
            for event in prohibition.rule.events.iter().filter(|_| matters) {
                killers.entry(event).or_default().push(*prohibition);
            }
        }
        killers
    }
}

/// Permissions that a prohibition without a condition, or with the same, takes away.
fn dead_permissions(sorted: &Sorted<'_>) -> Vec<Diagnostic> {
    let killers = sorted.killers();
    let dead = |permission: &Placed<'_>| {
        let killer = |event: &EventRef| killer_of(permission, event, &killers);
        let (tool, killer) = dead(permission, killer)?;
        let headline = format!("the permission of `{tool}` is useless: a prohibition covers it");
        Some(
            Diagnostic::error("G0302", headline, permission.label("permitted here"))
                .with_related(killer.label("prohibited here"))
                .with_help("remove one of the two, or give the prohibition a condition"),
        )
    };
    sorted.permissions.iter().filter_map(dead).collect()
}

/// What the scopes of one layer permit.
struct Boundary<'a> {
    layer: &'a str,
    /// The first of them, and all of its text.
    scope: (&'a CheckedAt, Span),
    permitted: BTreeSet<&'a EventRef>,
}

impl<'a> Boundary<'a> {
    /// `None` for a layer without a scope.
    fn of(layer: &'a str, rules: &'a [CheckedAt]) -> Option<Self> {
        let own: Vec<&CheckedAt> =
            rules.iter().filter(|at| at.layer.as_deref() == Some(layer)).collect();
        let scope = own.iter().find_map(|at| Some((*at, at.scope?)))?;
        let permissions = Sorted::of(own.into_iter()).permissions;
        let permitted = permissions.iter().flat_map(|line| &line.rule.events).collect();
        Some(Self { layer, scope, permitted })
    }
}

/// The permissions of an agent that a layer over it makes useless. What the layer says holds: the
/// agent's file is what to mend, and nothing is open meanwhile.
fn taken_away(sorted: &Sorted<'_>, boundaries: &[Boundary<'_>]) -> Vec<Diagnostic> {
    let killers = sorted.killers();
    let taken = |permission: &Placed<'_>| {
        let taker = |event: &EventRef| {
            let beyond = boundaries.iter().find(|layer| !layer.permitted.contains(event));
            if let Some(Boundary { layer, scope: (at, span), .. }) = beyond {
                return Some((*layer, at.label(*span, "outside of this scope")));
            }
            let killer = killer_of(permission, event, &killers)?;
            Some((killer.at.layer.as_deref()?, killer.label("prohibited here")))
        };
        let (tool, (layer, place)) = dead(permission, taker)?;
        let headline = format!("the permission of `{tool}` is useless: layer `{layer}` forbids it");
        Some(
            Diagnostic::error("G0307", headline, permission.label("permitted here"))
                .as_warning()
                .with_related(place)
                .with_help("take it out of the scope: no agent can widen a layer"),
        )
    };
    sorted.permissions.iter().filter_map(taken).collect()
}

fn killer_of<'a>(
    permission: &Placed<'_>,
    event: &EventRef,
    killers: &BTreeMap<&'a EventRef, Vec<Placed<'a>>>,
) -> Option<Placed<'a>> {
    let kills = |prohibition: &&Placed<'_>| {
        prohibition.rule.condition.is_none() || same_condition(prohibition, permission)
    };
    killers.get(event)?.iter().find(kills).copied()
}

/// A tool that is permitted in vain, and what is to blame.
fn dead<'p, K>(
    permission: &'p Placed<'_>,
    killer: impl Fn(&EventRef) -> Option<K>,
) -> Option<(&'p str, K)> {
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
    Some((tool, killer))
}

fn same_condition(a: &Placed<'_>, b: &Placed<'_>) -> bool {
    let (Some(one), Some(other)) = (&a.rule.condition, &b.rule.condition) else { return false };
    if a.rule.condition_text != b.rule.condition_text {
        return false;
    }
    // The same words mean the same in one block, but not in one policy that is given two values.
    let one_block = a.at.block.is_some() && a.at.block == b.at.block && a.at.file == b.at.file;
    one_block || without_places(one) == without_places(other)
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
