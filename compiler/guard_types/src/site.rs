//! Where a rule is checked. A rule of a policy is checked in each place that includes it, a rule of
//! a layer for each agent that the layer is over.
#![expect(missing_docs, reason = "what salsa writes for `Site` has no words")]

use crate::check::{declaration, parameters};
use crate::subject::SUBJECT;
use crate::ty::RecordTy;
use guard_db::{Db, Package, RuleNode};
use guard_diagnostic::{Anchor, Diagnostic};
use guard_grammar::ast::{ItemKind, RuleKind};
use guard_grammar::span::Span;
use guard_hir::{
    AgentNode, BlockNode, Environment, Module, Reporter, block_of, environment, is_over, layers,
    module_name, policy_named,
};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// A block of rules and what it applies to.
#[salsa::interned(debug)]
pub struct Site<'db> {
    /// The agent that the rules apply to; none for a policy that nothing includes.
    #[returns(copy)]
    pub agent: Option<AgentNode<'db>>,
    /// The agent, layer or policy in which the rules stand.
    #[returns(copy)]
    pub block: BlockNode<'db>,
    /// For an included policy: the `include` and where that stands.
    #[returns(copy)]
    pub through: Option<(Site<'db>, RuleNode<'db>)>,
}

impl<'db> Site<'db> {
    /// An agent's own rules.
    pub fn of_agent(db: &'db dyn Db, agent: AgentNode<'db>) -> Self {
        Self::new(db, Some(agent), agent, None)
    }

    /// The rules of a layer over an agent.
    pub fn of_layer(db: &'db dyn Db, agent: AgentNode<'db>, layer: BlockNode<'db>) -> Self {
        Self::new(db, Some(agent), layer, None)
    }

    /// A policy on its own.
    pub(crate) fn alone(db: &'db dyn Db, policy: BlockNode<'db>) -> Self {
        Self::new(db, None, policy, None)
    }

    /// A policy that a rule of this block includes.
    pub(crate) fn included(
        self,
        db: &'db dyn Db,
        include: RuleNode<'db>,
        policy: BlockNode<'db>,
    ) -> Self {
        Self::new(db, self.agent(db), policy, Some((self, include)))
    }

    /// The layer that the rules belong to, directly or through what it includes.
    pub fn layer(self, db: &'db dyn Db) -> Option<BlockNode<'db>> {
        let root = self.root(db).block(db);
        matches!(&*root.item.kind(db), ItemKind::Layer(_)).then_some(root)
    }

    /// The agent or the layer, or the policy on its own.
    pub(crate) fn root(self, db: &'db dyn Db) -> Self {
        let mut site = self;
        while let Some((outer, _)) = site.through(db) {
            site = outer;
        }
        site
    }

    /// Whether a policy is already being included here.
    pub(crate) fn is_inside(self, db: &'db dyn Db, policy: BlockNode<'db>) -> bool {
        let mut site = self;
        loop {
            if site.block(db) == policy {
                return true;
            }
            let Some((outer, _)) = site.through(db) else { return false };
            site = outer;
        }
    }

    fn depth(self, db: &'db dyn Db) -> usize {
        let mut site = self;
        let mut depth = 0;
        while let Some((outer, _)) = site.through(db) {
            site = outer;
            depth += 1;
        }
        depth
    }
}

/// The marks that the rules of an agent or a layer set.
#[derive(Debug, PartialEq, Eq, Default, Clone)]
pub(crate) struct Marks {
    pub(crate) names: BTreeSet<String>,
    /// A layer's marks are its own, or an agent could clear them.
    layer: Option<String>,
}

impl Marks {
    pub(crate) fn is_of_layer(&self) -> bool {
        self.layer.is_some()
    }

    /// What tells a mark from those of the same name in other layers.
    pub(crate) fn key(&self, name: &str) -> String {
        match &self.layer {
            Some(layer) => format!("layer {layer}: {name}"),
            None => name.to_owned(),
        }
    }
}

/// What all rules of a block see alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) path: Arc<str>,
    pub(crate) module: Arc<Module>,
    pub(crate) parameters: Arc<RecordTy>,
    pub(crate) marks: Arc<Marks>,
    /// The layer's name.
    pub(crate) layer: Option<String>,
}

/// What a block's rules see, and which policies they include.
#[derive(Debug, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Surroundings<'db> {
    view: Arc<View>,
    includes: Vec<(RuleNode<'db>, BlockNode<'db>)>,
}

impl<'db> Surroundings<'db> {
    pub(crate) fn included_by(&self, rule: RuleNode<'db>) -> Option<BlockNode<'db>> {
        self.includes.iter().find(|(include, _)| *include == rule).map(|(_, policy)| *policy)
    }
}

/// A query, so that what the rules of a block share is made once and not for each of them.
#[salsa::tracked(returns(clone))]
pub(crate) fn surroundings<'db>(
    db: &'db dyn Db,
    package: Package,
    site: Site<'db>,
) -> Arc<Surroundings<'db>> {
    let environment = environment(db, package);
    let block = site.block(db);
    let module = module_of(db, &environment, block);
    let includes = includes(db, package, &module, block);
    let view = match site.through(db) {
        Some((outer, _)) => {
            let outer = view(db, package, outer);
            View {
                path: block.file.path(db),
                module: Arc::new(module.with_tools_of(&outer.module)),
                parameters: Arc::clone(&outer.parameters),
                marks: Arc::clone(&outer.marks),
                layer: outer.layer.clone(),
            }
        }
        None => of_root(db, package, &environment, site),
    };
    Arc::new(Surroundings { view: Arc::new(view), includes })
}

/// A query of its own, so that another `include` does not check the rules beside it again.
#[salsa::tracked(returns(clone))]
pub(crate) fn view<'db>(db: &'db dyn Db, package: Package, site: Site<'db>) -> Arc<View> {
    Arc::clone(&surroundings(db, package, site).view)
}

fn of_root(db: &dyn Db, package: Package, environment: &Environment, site: Site<'_>) -> View {
    let block = site.block(db);
    let own = module_of(db, environment, block);
    let layer = site.layer(db).map(|layer| layer.name(db));
    let names = marks_set(db, package, environment, block);
    let parameters = match site.agent(db) {
        Some(agent) => parameters(db, package, agent.file, agent.item).0.clone(),
        None => RecordTy::default(),
    };
    let module = match (&layer, site.agent(db)) {
        // A tool that the layer's file does not take in is no way round it.
        (Some(_), _) => Arc::new(
            environment.modules.values().fold((*own).clone(), |all, m| all.with_tools_of(m)),
        ),
        (None, Some(_)) => own,
        (None, None) => Arc::new(own.partial()),
    };
    let marks = Arc::new(Marks { names, layer: layer.clone() });
    let parameters = Arc::new(parameters);
    View { path: block.file.path(db), module, parameters, marks, layer }
}

fn module_of(db: &dyn Db, environment: &Environment, block: BlockNode<'_>) -> Arc<Module> {
    environment.modules.get(&module_name(&block.file.path(db))).cloned().unwrap_or_default()
}

fn includes<'db>(
    db: &'db dyn Db,
    package: Package,
    module: &Module,
    block: BlockNode<'db>,
) -> Vec<(RuleNode<'db>, BlockNode<'db>)> {
    let mut found = Vec::new();
    for rule in block.item.rules(db) {
        let content = rule.rule(db);
        let RuleKind::Include(path, _) = &content.1 else { continue };
        // Nobody hears what is wrong here: the rule's own check says it.
        let mut reporter = Reporter::new(block.file.path(db), Anchor::File);
        let policy = policy_named(module, path, &mut reporter);
        found.extend(policy.and_then(|p| block_of(db, package, p)).map(|policy| (rule, policy)));
    }
    found
}

/// The marks that a block and what it includes set.
fn marks_set(
    db: &dyn Db,
    package: Package,
    environment: &Environment,
    block: BlockNode<'_>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut left = vec![block];
    while let Some(block) = left.pop() {
        if !seen.insert(block) {
            continue;
        }
        for rule in block.item.rules(db) {
            match &rule.rule(db).1 {
                RuleKind::Mark(name, ..) => names.insert(name.text.clone()),
                RuleKind::Subject(..) => names.insert(SUBJECT.to_owned()),
                _ => false,
            };
        }
        let module = module_of(db, environment, block);
        left.extend(includes(db, package, &module, block).into_iter().map(|(_, policy)| policy));
    }
    names
}

/// A rule and where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied<'db> {
    /// Where.
    pub site: Site<'db>,
    /// The rule.
    pub rule: RuleNode<'db>,
}

/// Every rule that applies to an agent: its own, those of the policies it includes, and those of
/// the layers over it.
#[derive(Debug, Default)]
pub struct Rules<'db> {
    /// The rules; `include`s are among them and do nothing themselves.
    pub rules: Vec<Applied<'db>>,
    /// Policies that include each other too often.
    pub diagnostics: Vec<Diagnostic>,
}

/// How many rules may apply to an agent through policies: those that include others twice each
/// would otherwise fill the memory.
const INCLUDED_MAX: usize = 10_000;

/// How many policies may lead from one to the next.
const INCLUDE_CHAIN_MAX: usize = 32;

/// The rules that apply to an agent.
pub fn rules_of<'db>(db: &'db dyn Db, package: Package, agent: AgentNode<'db>) -> Rules<'db> {
    let mut rules = Rules::default();
    let mut left = INCLUDED_MAX;
    rules.expand(db, package, Site::of_agent(db, agent), &mut left);
    let name = agent.name(db);
    for layer in layers(db, package) {
        if let ItemKind::Layer(decl) = &*layer.item.kind(db)
            && is_over(decl, &name)
        {
            rules.expand(db, package, Site::of_layer(db, agent, layer), &mut left);
        }
    }
    rules
}

impl<'db> Rules<'db> {
    fn expand(&mut self, db: &'db dyn Db, package: Package, site: Site<'db>, left: &mut usize) {
        let surroundings = surroundings(db, package, site);
        for rule in site.block(db).item.rules(db) {
            self.rules.push(Applied { site, rule });
            let Some(policy) = surroundings.included_by(rule) else { continue };
            if site.is_inside(db, policy) {
                continue;
            }
            let count = policy.item.rules(db).len().saturating_add(1);
            match left.checked_sub(count) {
                Some(fewer) if site.depth(db) < INCLUDE_CHAIN_MAX => {
                    *left = fewer;
                    self.expand(db, package, site.included(db, rule, policy), left);
                }
                _ => self.too_many(db, site, rule),
            }
        }
    }

    fn too_many(&mut self, db: &'db dyn Db, site: Site<'db>, rule: RuleNode<'db>) {
        if !self.diagnostics.is_empty() {
            return;
        }
        let anchor = Anchor::Rule(rule.key(db), 0);
        let reporter = Reporter::new(site.block(db).file.path(db), anchor);
        let headline = "the policies are too many once they are included in each other";
        let label = format!(
            "more than {INCLUDED_MAX} rules, or {INCLUDE_CHAIN_MAX} policies one in the other"
        );
        let whole = whole(db, rule);
        self.diagnostics.push(reporter.error("G0218", whole, headline, label));
    }
}

/// All of a rule's text. Where it stands is not read, or a line above would check all rules again.
pub(crate) fn whole(db: &dyn Db, rule: RuleNode<'_>) -> Span {
    Span::new(0, u32::try_from(rule.text(db).len()).unwrap_or(u32::MAX))
}

/// Says of an error in a rule that stands elsewhere which agent it is about.
pub(crate) fn about(db: &dyn Db, site: Site<'_>, mut diagnostic: Diagnostic) -> Diagnostic {
    if let Some((outer, include)) = site.through(db) {
        let anchor = Anchor::Rule(include.key(db), 0);
        let reporter = Reporter::new(outer.block(db).file.path(db), anchor);
        diagnostic.related.push(reporter.label(whole(db, include), "included here"));
    } else if let (Some(agent), true) = (site.agent(db), site.layer(db).is_some()) {
        let agent = declaration(db, agent.file, agent.item);
        diagnostic.related.push(agent.label(agent.name_span(), "for this agent"));
    }
    diagnostic
}
