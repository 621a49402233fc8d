//! From a package to its plan: the last queries.

use crate::assemble::{AgentProgram, Program, ToolSignature, assemble};
use crate::boundary::Boundaries;
use crate::fragment::Fragment;
use guard_db::{Db, Package, RuleNode, SourceFile, package_from_texts};
use guard_diagnostic::{Diagnostic, LineIndex, Severity};
use guard_grammar::ast::RuleKind;
use guard_hir::{AgentNode, agents};
use guard_plan::{Effect, Place, Plan};
use guard_types::{Applied, Site, check_rule, diagnostics, parameters, rules_of, signatures};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What came of compiling a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The plan; absent where there is an error.
    pub plan: Option<Arc<Plan>>,
    /// Errors and warnings, sorted by place; spans count from the start of their file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers one rule. Depends on what its check found, and on nothing else.
#[salsa::tracked(returns(clone))]
pub fn lower_rule<'db>(
    db: &'db dyn Db,
    package: Package,
    site: Site<'db>,
    rule: RuleNode<'db>,
) -> Arc<Vec<Arc<Fragment>>> {
    let text = rule.text(db);
    let checked = check_rule(db, package, site, rule);
    let is_of_layer = site.layer(db).is_some();
    let lower = |rule| Arc::new(Fragment { is_of_layer, ..Fragment::of(rule, &text) });
    Arc::new(checked.rules.iter().map(lower).collect())
}

/// The plan of a package without errors.
#[salsa::tracked(returns(clone))]
pub fn plan(db: &dyn Db, package: Package) -> Option<Arc<Plan>> {
    let broken = diagnostics(db, package).iter().any(|d| d.severity == Severity::Error);
    if broken {
        return None;
    }
    let signatures = signatures(db, package);
    let tools = signatures.tools.iter().map(|(name, types)| ToolSignature {
        name: name.clone(),
        arguments: Arc::clone(&types.arguments),
        result: types.result.clone(),
        is_untrusted: types.is_untrusted,
        is_confidential: types.is_confidential,
        labelled_fields: types.labelled_fields.clone(),
    });
    let mut lines = Lines::default();
    let program = Program {
        package: package.name(db).to_string(),
        tools: tools.collect(),
        data: signatures.data.iter().map(|(name, ty)| (name.clone(), ty.clone())).collect(),
        agents: agents(db, package)
            .into_iter()
            .map(|agent| agent_program(db, package, agent, &mut lines))
            .collect(),
    };
    Some(Arc::new(assemble(&program)))
}

/// Compiles a package: its findings, and its plan where none of them is an error.
pub fn compile(db: &dyn Db, package: Package) -> Compiled {
    let diagnostics = diagnostics(db, package).as_ref().clone();
    Compiled { plan: plan(db, package), diagnostics }
}

/// Compiles files (path, text) that are no one's package yet, with the standard library.
pub fn compile_texts(db: &dyn Db, name: &str, files: &[(&str, &str)]) -> Compiled {
    let package = package_from_texts(
        db,
        name,
        files.iter().copied(),
        guard_stdlib::MODULES,
        guard_stdlib::MODELS,
    );
    compile(db, package)
}

fn agent_program<'db>(
    db: &'db dyn Db,
    package: Package,
    agent: AgentNode<'db>,
    lines: &mut Lines,
) -> AgentProgram {
    let parameters = Arc::new(parameters(db, package, agent.file, agent.item).0.clone());
    let mut rules = Vec::new();
    let mut seen = HashSet::new();
    let mut boundaries = Boundaries::default();
    for Applied { site, rule } in rules_of(db, package, agent).rules {
        let file = site.block(db).file;
        let start = rule.span(db).start;
        let layer = site.layer(db).map(|layer| layer.name(db));
        if let Some(layer) = &layer
            && matches!(&rule.rule(db).1, RuleKind::Scope(_))
        {
            boundaries.scope(layer, lines.place(db, file, start));
        }
        for fragment in lower_rule(db, package, site, rule).iter() {
            match &layer {
                Some(layer) if fragment.effect == Effect::Allow => {
                    boundaries.permit(layer, Arc::clone(fragment));
                }
                _ => {
                    let place = lines.place(db, file, fragment.span.absolute_from(start).start);
                    // A policy that is included twice alike counts against its limits once.
                    if seen.insert((Arc::clone(fragment), place.clone())) {
                        rules.push((Arc::clone(fragment), place));
                    }
                }
            }
        }
    }
    let signatures = signatures(db, package);
    let tools: Vec<&String> = signatures.tools.keys().collect();
    rules.extend(boundaries.prohibitions(&tools));
    AgentProgram { name: agent.name(db), parameters, rules }
}

/// Line indexes of the files seen so far.
#[derive(Default)]
struct Lines {
    files: HashMap<SourceFile, (Arc<str>, LineIndex)>,
}

impl Lines {
    fn place(&mut self, db: &dyn Db, file: SourceFile, offset: u32) -> Place {
        let (text, index) = self.files.entry(file).or_insert_with(|| {
            let text = file.text(db);
            let index = LineIndex::new(&text);
            (text, index)
        });
        let at = index.line_column(text, offset);
        Place { module: file.path(db).to_string(), line: at.line, column: at.column }
    }
}
