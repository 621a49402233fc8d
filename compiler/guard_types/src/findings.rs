//! Everything that is wrong with a package, with absolute places.

use crate::check::{check_item, check_rule, parameters};
use crate::declared::signatures;
use crate::origins::too_many_sources;
use crate::vacuous::vacuous;
use guard_db::{Db, Package, RuleNode, SourceFile, parse};
use guard_diagnostic::{Anchor, Diagnostic, Label, Severity};
use guard_grammar::ast::ItemKind;
use guard_grammar::span::Span;
use guard_hir::{AgentNode, agents, environment};
use std::collections::HashMap;
use std::sync::Arc;

/// Every finding about a package: syntax, names, types, rules that could never matter. Sorted by
/// file, place and code; places count from the start of their file.
#[salsa::tracked(returns(clone))]
pub fn diagnostics(db: &dyn Db, package: Package) -> Arc<Vec<Diagnostic>> {
    let mut found = Vec::new();
    let mut hidden = Vec::new();
    for file in package.files(db) {
        found.extend(parse(db, *file).diagnostics.iter().cloned());
    }
    found.extend(environment(db, package).diagnostics.iter().cloned());
    found.extend(signatures(db, package).diagnostics.iter().cloned());
    for file in package.files(db) {
        for item in &parse(db, *file).items {
            if !matches!(&*item.kind(db), ItemKind::Agent(_)) {
                found.extend(check_item(db, package, *file, *item).iter().cloned());
            }
        }
    }
    for agent in agents(db, package) {
        found.extend(parameters(db, package, agent.file, agent.item).1.iter().cloned());
        let mut rules = Vec::new();
        for rule in agent.item.rules(db) {
            let checked = check_rule(db, package, agent.file, agent.item, rule);
            found.extend(checked.diagnostics.iter().cloned());
            if checked.incomplete {
                hidden.push(unfit(db, agent, rule, checked.hidden.first()));
            }
            rules.push((checked, rule.key(db)));
        }
        found.extend(too_many_sources(&agent.file.path(db), &rules));
        found.extend(vacuous(&agent.file.path(db), &rules));
    }
    // INVARIANT: a rule that is left out makes an error, whatever the reason.
    if !found.iter().any(|finding| finding.severity == Severity::Error) {
        found.append(&mut hidden);
    }
    if found.is_empty() {
        return Arc::default();
    }
    let places = Places::of(db, package);
    for diagnostic in &mut found {
        places.settle(diagnostic);
    }
    found.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    found.dedup();
    Arc::new(found)
}

/// The error for a rule that was left out where nothing else says why.
fn unfit(
    db: &dyn Db,
    agent: AgentNode<'_>,
    rule: RuleNode<'_>,
    hidden: Option<&Diagnostic>,
) -> Diagnostic {
    let whole = || Label {
        file: agent.file.path(db),
        anchor: Anchor::Rule(rule.key(db), 0),
        span: Span::new(0, rule.span(db).end.saturating_sub(rule.span(db).start)),
        text: "the rule that cannot be checked".to_owned(),
    };
    let place = hidden.map_or_else(whole, |hidden| hidden.primary.clone());
    let headline = match hidden {
        Some(hidden) => format!("this cannot be worked out: {}", hidden.headline),
        None => "the rule cannot be checked".to_owned(),
    };
    Diagnostic::error("G0220", headline, place)
        .with_help("write the condition out, or give the function other values")
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
        for item in &parse(db, file).items {
            self.items.insert((Arc::clone(&path), item.key(db)), item.span(db).start);
            for rule in item.rules(db) {
                self.rules.insert((Arc::clone(&path), rule.key(db)), rule.span(db).start);
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
