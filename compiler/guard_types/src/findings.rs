//! Everything that is wrong with a package, with absolute places.

use crate::check::{check_item, check_rule, declaration, parameters};
use crate::declared::signatures;
use crate::library::looked_at;
use crate::origins::too_many_sources;
use crate::site::{Applied, Site, about, rules_of, whole};
use crate::vacuous::{CheckedAt, vacuous};
use guard_db::{Db, Package, RuleNode, SourceFile, parse};
use guard_diagnostic::{Anchor, Diagnostic, Label, Severity};
use guard_grammar::ast::ItemKind;
use guard_hir::{BlockNode, agents, environment, is_over, layers, policies};
use std::collections::{HashMap, HashSet};
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
    let looked_at = looked_at(db, package);
    for file in package.files(db).iter().filter(|file| looked_at.contains(&file.path(db))) {
        for item in &parse(db, *file).items {
            if !matches!(&*item.kind(db), ItemKind::Agent(_)) {
                found.extend(check_item(db, package, *file, *item).iter().cloned());
            }
        }
    }
    let mut included = HashSet::new();
    for agent in agents(db, package) {
        found.extend(parameters(db, package, agent.file, agent.item).1.iter().cloned());
        let rules = rules_of(db, package, agent);
        found.extend(rules.diagnostics);
        let mut checked_rules = Vec::new();
        for Applied { site, rule } in rules.rules {
            included.insert(site.block(db));
            let checked = check_rule(db, package, site, rule);
            found.extend(checked.diagnostics.iter().cloned().map(|d| about(db, site, d)));
            if checked.incomplete {
                hidden.push(unfit(db, site, rule, checked.hidden.first()));
            }
            checked_rules.push(CheckedAt::new(db, site, rule, checked));
        }
        found.extend(too_many_sources(&checked_rules));
        found.extend(vacuous(&checked_rules));
    }
    let policies = policies(db, package).into_iter();
    let policies = policies.filter(|policy| looked_at.contains(&policy.file.path(db)));
    for policy in policies.filter(|policy| !included.contains(policy)) {
        found.extend(not_included(db, package, policy));
    }
    found.extend(layers_over_nobody(db, package));
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
    // A rule that applies in several places is wrong once.
    found.dedup_by(|a, b| {
        place(a) == place(b) && a.headline == b.headline && a.severity == b.severity
    });
    Arc::new(found)
}

/// What is wrong with a policy that nothing includes, so far as that can be said without knowing
/// what it will be given and what other rules will stand beside its own.
fn not_included<'db>(db: &'db dyn Db, package: Package, policy: BlockNode<'db>) -> Vec<Diagnostic> {
    const OF_THE_PLACE: &[&str] = &["G0207", "G0226", "G0228"];
    let site = Site::alone(db, policy);
    let rules = policy.item.rules(db).into_iter();
    let found = rules.flat_map(|rule| check_rule(db, package, site, rule).diagnostics.clone());
    found.filter(|diagnostic| !OF_THE_PLACE.contains(&diagnostic.code)).collect()
}

/// Layers of which the pattern matches no agent. Where there are no agents at all they may be meant
/// for another package.
fn layers_over_nobody(db: &dyn Db, package: Package) -> Vec<Diagnostic> {
    let agents: Vec<String> = agents(db, package).into_iter().map(|a| a.name(db)).collect();
    let nobody = |layer: BlockNode<'_>| {
        let kind = layer.item.kind(db);
        let ItemKind::Layer(decl) = &*kind else { return None };
        if agents.iter().any(|agent| is_over(decl, agent)) {
            return None;
        }
        let span = decl.matching.as_ref().map_or(decl.name.span, |glob| glob.span);
        let headline = format!("layer `{}` is over no agent", decl.name.text);
        let at = declaration(db, layer.file, layer.item).label(span, "matches none");
        let error = Diagnostic::error("G0308", headline, at);
        Some(if agents.is_empty() {
            error.as_warning().with_note("without an agent its rules are not checked")
        } else {
            error.with_help("mend the pattern, or remove the layer")
        })
    };
    layers(db, package).into_iter().filter_map(nobody).collect()
}

/// The error for a rule that was left out where nothing else says why.
fn unfit(
    db: &dyn Db,
    site: Site<'_>,
    rule: RuleNode<'_>,
    hidden: Option<&Diagnostic>,
) -> Diagnostic {
    let whole = || Label {
        file: site.block(db).file.path(db),
        anchor: Anchor::Rule(rule.key(db), 0),
        span: whole(db, rule),
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
pub(crate) struct Places {
    items: HashMap<(Arc<str>, Arc<str>), u32>,
    rules: HashMap<(Arc<str>, Arc<str>), u32>,
}

impl Places {
    pub(crate) fn of(db: &dyn Db, package: Package) -> Self {
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

    pub(crate) fn settle_label(&self, label: &mut Label) {
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
