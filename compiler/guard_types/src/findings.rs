//! Everything that is wrong with a package, with absolute places.

use crate::check::{Checked, check_item, check_rule, parameters, rule_key};
use crate::declared::signatures;
use crate::tir::{CheckedRule, EventRef};
use guard_db::{Db, Package, SourceFile, syntax};
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::ast::ItemKind;
use guard_hir::{AgentNode, agents, environment};
use guard_plan::Effect;
use std::collections::HashMap;
use std::sync::Arc;

/// Every finding about a package: syntax, names, types, rules that could never matter. Sorted by
/// file, place and code; places count from the start of their file.
#[salsa::tracked(returns(clone))]
pub fn diagnostics(db: &dyn Db, package: Package) -> Arc<Vec<Diagnostic>> {
    let mut found = Vec::new();
    for file in package.files(db) {
        found.extend(syntax(db, *file).diagnostics.iter().cloned());
    }
    found.extend(environment(db, package).diagnostics.iter().cloned());
    found.extend(signatures(db, package).diagnostics.iter().cloned());
    for file in package.files(db) {
        for item in &syntax(db, *file).items {
            if !matches!(&*item.kind(db), ItemKind::Agent(_)) {
                found.extend(check_item(db, package, *file, *item).iter().cloned());
            }
        }
    }
    for agent in agents(db, package) {
        found.extend(parameters(db, package, agent.file, agent.item).1.iter().cloned());
        for rule in agent.item.rules(db) {
            found.extend(
                check_rule(db, package, agent.file, agent.item, rule).diagnostics.iter().cloned(),
            );
        }
        found.extend(dead_permissions(db, package, agent));
    }
    let places = Places::of(db, package);
    for diagnostic in &mut found {
        places.settle(diagnostic);
    }
    found.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    found.dedup();
    Arc::new(found)
}

fn place(diagnostic: &Diagnostic) -> (&str, guard_grammar::span::Span, &str) {
    (&diagnostic.primary.file, diagnostic.primary.span, diagnostic.code)
}

/// Where items and rules start.
struct Places {
    items: HashMap<(Arc<str>, Arc<str>), u32>,
    rules: HashMap<(Arc<str>, Arc<str>), u32>,
}

impl Places {
    fn of(db: &dyn Db, package: Package) -> Self {
        let mut places = Self { items: HashMap::new(), rules: HashMap::new() };
        for file in package.files(db) {
            places.add(db, *file);
        }
        places
    }

    fn add(&mut self, db: &dyn Db, file: SourceFile) {
        let path = file.path(db);
        for item in &syntax(db, file).items {
            self.items.insert((Arc::clone(&path), item.key(db)), item.span(db).start);
            for rule in item.rules(db) {
                let key = rule_key(db, rule).into();
                self.rules.insert((Arc::clone(&path), key), rule.span(db).start);
            }
        }
    }

    fn settle(&self, diagnostic: &mut Diagnostic) {
        self.settle_label(&mut diagnostic.primary);
        for label in &mut diagnostic.related {
            self.settle_label(label);
        }
        if let Some(fix) = &mut diagnostic.fix {
            self.settle_label(&mut fix.place);
        }
    }

    fn settle_label(&self, label: &mut Label) {
        let base = match &label.anchor {
            Anchor::File => 0,
            Anchor::Item(key) => {
                self.items.get(&(Arc::clone(&label.file), Arc::clone(key))).copied().unwrap_or(0)
            }
            Anchor::Rule(key, _) => {
                self.rules.get(&(Arc::clone(&label.file), Arc::clone(key))).copied().unwrap_or(0)
            }
        };
        label.span = label.span.absolute_from(base);
        label.anchor = Anchor::File;
    }
}

/// A rule with where it was checked.
struct Placed<'a> {
    rule: &'a CheckedRule,
    named: &'a [String],
    key: Arc<str>,
}

/// Permissions that an unconditional prohibition, or one with the same condition, takes away.
fn dead_permissions(db: &dyn Db, package: Package, agent: AgentNode<'_>) -> Vec<Diagnostic> {
    let checked: Vec<(Arc<Checked>, Arc<str>)> = agent
        .item
        .rules(db)
        .into_iter()
        .map(|rule| {
            (check_rule(db, package, agent.file, agent.item, rule), rule_key(db, rule).into())
        })
        .collect();
    let mut prohibitions: HashMap<&EventRef, Vec<Placed<'_>>> = HashMap::new();
    let mut permissions = Vec::new();
    for (checked, key) in &checked {
        for (rule, named) in checked.rules.iter().zip(&checked.named) {
            match rule.effect {
                Effect::Deny | Effect::Halt => {
                    for event in &rule.events {
                        let placed = Placed { rule, named, key: Arc::clone(key) };
                        prohibitions.entry(event).or_default().push(placed);
                    }
                }
                Effect::Allow => permissions.push(Placed { rule, named, key: Arc::clone(key) }),
                Effect::Escalate { .. } => {}
            }
        }
    }
    let file = agent.file.path(db);
    permissions.iter().filter_map(|permission| dead(permission, &prohibitions, &file)).collect()
}

fn dead(
    permission: &Placed<'_>,
    prohibitions: &HashMap<&EventRef, Vec<Placed<'_>>>,
    file: &Arc<str>,
) -> Option<Diagnostic> {
    let killer = |event: &EventRef| {
        prohibitions.get(event)?.iter().find(|prohibition| {
            prohibition.rule.condition.is_none()
                || same_condition(prohibition.rule, permission.rule)
        })
    };
    let mut killed =
        permission.rule.events.iter().filter_map(|event| Some((event, killer(event)?)));
    // A permission given by a pattern or a label is meant to be narrowed; one that names a tool is not.
    let whole = permission.rule.events.iter().all(|event| killer(event).is_some());
    let (event, killer) = if whole {
        killed.next()?
    } else {
        killed.find(
            |(event, _)| matches!(event, EventRef::Call(tool) if permission.named.contains(tool)),
        )?
    };
    let EventRef::Call(tool) = event else { return None };
    let label = |placed: &Placed<'_>, text: &str| Label {
        file: Arc::clone(file),
        anchor: Anchor::Rule(Arc::clone(&placed.key), 0),
        span: placed.rule.span,
        text: text.to_owned(),
    };
    let help = "remove one of the two, or give the prohibition a condition";
    Some(
        Diagnostic::error(
            "G0302",
            format!("the permission of `{tool}` is useless: a prohibition covers it"),
            label(permission, "permitted here"),
        )
        .with_related(label(killer, "prohibited here"))
        .with_help(help),
    )
}

fn same_condition(a: &CheckedRule, b: &CheckedRule) -> bool {
    a.condition.is_some() && a.condition_text == b.condition_text && b.condition.is_some()
}
