//! Which names each module sees: its own declarations and those of the modules it uses.
//!
//! Rules are no part of it, so an edit inside a rule leaves it as it was.

use crate::lookalike::skeleton;
use crate::module::{Module, Names};
use crate::once;
use crate::report::Reporter;
use guard_db::{Db, Package, SourceFile, parse};
use guard_diagnostic::{Anchor, Diagnostic, Label, closest};
use guard_grammar::ast::{ItemKind, Name, Path, ToolDecl};
use guard_grammar::span::Span;
use std::collections::btree_map::{Entry, OccupiedEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A declaration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The file.
    pub file: Arc<str>,
    /// The key of its node.
    pub key: Arc<str>,
    /// The name of its module.
    pub module: Arc<str>,
    /// What it declares; spans count from its start.
    pub kind: Arc<ItemKind>,
}

impl Declaration {
    /// A place inside the declaration, with words.
    pub fn label(&self, span: Span, text: impl Into<String>) -> Label {
        let anchor = Anchor::Item(Arc::clone(&self.key));
        Label { file: Arc::clone(&self.file), anchor, span, text: text.into() }
    }

    /// Where its name stands.
    pub fn name_span(&self) -> Span {
        match &*self.kind {
            ItemKind::Const(d) => d.name.span,
            ItemKind::Data(d) => d.name.span,
            ItemKind::Type(d) => d.name.span,
            ItemKind::Fn(d) => d.name.span,
            ItemKind::Detector(d) => d.name.span,
            ItemKind::Tool(d) => d.name.span,
            ItemKind::Agent(d) => d.name.span,
            ItemKind::Policy(d) => d.name.span,
            ItemKind::Layer(d) => d.name.span,
            ItemKind::Steps(d) => d.name.span,
            ItemKind::Test(d) => d.title.span,
            ItemKind::Use(path) => path.span,
            _ => Span::default(),
        }
    }

    /// The tool, where it declares one.
    pub fn tool(&self) -> Option<&ToolDecl> {
        if let ItemKind::Tool(tool) = &*self.kind { Some(tool) } else { None }
    }
}

/// All modules of a package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// By name: `tools.bank`.
    pub modules: BTreeMap<Arc<str>, Arc<Module>>,
    /// Every tool of the package, by full name.
    pub tools: BTreeMap<String, Declaration>,
    /// Every `data` declaration of the package, by name.
    pub data: BTreeMap<String, Declaration>,
    /// What is wrong with declarations' names.
    pub diagnostics: Vec<Diagnostic>,
}

/// The name of the module in a file: `tools/bank.guard` is `tools.bank`.
pub fn module_name(path: &str) -> Arc<str> {
    path.strip_suffix(".guard").unwrap_or(path).replace('/', ".").into()
}

/// Resolves the declarations of a package.
#[salsa::tracked(returns(clone))]
pub fn environment(db: &dyn Db, package: Package) -> Arc<Environment> {
    let mut environment = Environment::default();
    let mut all: BTreeMap<Arc<str>, Own> = BTreeMap::new();
    for file in package.files(db) {
        match all.entry(module_name(&file.path(db))) {
            Entry::Vacant(place) => {
                place.insert(own(db, *file));
            }
            Entry::Occupied(first) => environment.diagnostics.push(two_files(db, *file, &first)),
        }
    }
    let own = all;
    let mut agents: BTreeMap<String, Declaration> = BTreeMap::new();
    let mut layers: BTreeMap<String, Declaration> = BTreeMap::new();
    let mut trust: Option<&Declaration> = None;
    for own in own.values() {
        environment.diagnostics.extend(own.diagnostics.iter().cloned());
        for (name, tool) in &own.names.tools {
            declare(&mut environment.tools, name, tool, &mut environment.diagnostics);
        }
        for agent in &own.agents {
            if let ItemKind::Agent(decl) = &*agent.kind {
                declare(&mut agents, &decl.name.text, agent, &mut environment.diagnostics);
            }
        }
        for layer in &own.layers {
            if let ItemKind::Layer(decl) = &*layer.kind {
                declare(&mut layers, &decl.name.text, layer, &mut environment.diagnostics);
            }
        }
        for levels in &own.trust {
            match trust {
                Some(first) => environment.diagnostics.push(two_orders(first, levels)),
                None => trust = Some(levels),
            }
        }
        let data = own.names.names.iter().filter(|(_, d)| matches!(&*d.kind, ItemKind::Data(_)));
        for (name, decl) in data {
            declare(&mut environment.data, name, decl, &mut environment.diagnostics);
        }
    }
    look_alikes(&environment.tools, "tools", &mut environment.diagnostics);
    look_alikes(&agents, "agents", &mut environment.diagnostics);
    look_alikes(&layers, "layers", &mut environment.diagnostics);
    clashes(&own, &mut environment.diagnostics);
    for (name, module) in &own {
        let module = Arc::new(with_used(module, &own, &mut environment.diagnostics));
        environment.modules.insert(Arc::clone(name), module);
    }
    environment.diagnostics.sort();
    environment.diagnostics.dedup();
    Arc::new(environment)
}

fn two_files(
    db: &dyn Db,
    second: SourceFile,
    first: &OccupiedEntry<'_, Arc<str>, Own>,
) -> Diagnostic {
    let (path, first_path, name) = (second.path(db), &first.get().path, first.key());
    let label = |file: &Arc<str>, text: &str| Label {
        file: Arc::clone(file),
        anchor: Anchor::File,
        span: Span::default(),
        text: text.to_owned(),
    };
    Diagnostic::error(
        "G0105",
        format!("`{first_path}` and `{path}` are both the module `{name}`"),
        label(&path, "the second file"),
    )
    .with_related(label(first_path, "the first file"))
    .with_help("give one of them another name")
}

/// What a file declares itself.
struct Own {
    path: Arc<str>,
    names: Arc<Names>,
    agents: Vec<Declaration>,
    layers: Vec<Declaration>,
    trust: Vec<Declaration>,
    uses: Vec<(Declaration, Path)>,
    diagnostics: Vec<Diagnostic>,
}

fn own(db: &dyn Db, file: SourceFile) -> Own {
    let path = file.path(db);
    let name = module_name(&path);
    let mut own = Own {
        path: Arc::clone(&path),
        names: Arc::default(),
        agents: Vec::new(),
        layers: Vec::new(),
        trust: Vec::new(),
        uses: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut declared = Names::default();
    for item in &parse(db, file).items {
        let kind = item.kind(db);
        let declaration = Declaration {
            file: Arc::clone(&path),
            key: item.key(db),
            module: Arc::clone(&name),
            kind: Arc::clone(&kind),
        };
        let named = |name: &Name| name.text.clone();
        let (names, diagnostics) = (&mut declared.names, &mut own.diagnostics);
        match &*kind {
            ItemKind::Use(path) => own.uses.push((declaration, path.clone())),
            ItemKind::Const(d) => declare(names, &named(&d.name), &declaration, diagnostics),
            ItemKind::Data(d) => {
                declare(names, &named(&d.name), &declaration, diagnostics);
                once::in_type(&declaration, &d.ty, diagnostics);
            }
            ItemKind::Type(d) => {
                declare(names, &named(&d.name), &declaration, diagnostics);
                once::in_type(&declaration, &d.ty, diagnostics);
            }
            ItemKind::Fn(d) => {
                declare(names, &named(&d.name), &declaration, diagnostics);
                once::fields(&declaration, "parameter", &d.parameters, diagnostics);
            }
            ItemKind::Detector(d) => declare(names, &named(&d.name), &declaration, diagnostics),
            ItemKind::Policy(d) => {
                declare(names, &named(&d.name), &declaration, diagnostics);
                once::fields(&declaration, "parameter", &d.parameters, diagnostics);
            }
            ItemKind::Steps(d) => declare(names, &named(&d.name), &declaration, diagnostics),
            ItemKind::Layer(_) => own.layers.push(declaration),
            ItemKind::Tool(d) => {
                declare(&mut declared.tools, &d.name.dotted(), &declaration, diagnostics);
                once::tool(&declaration, d, diagnostics);
            }
            ItemKind::Trust(_) => own.trust.push(declaration),
            ItemKind::Agent(d) => {
                once::fields(&declaration, "parameter", &d.parameters, diagnostics);
                own.agents.push(declaration);
            }
            _ => {}
        }
    }
    declared.sort_by_label();
    own.names = Arc::new(declared);
    own
}

fn declare(
    names: &mut BTreeMap<String, Declaration>,
    name: &str,
    declaration: &Declaration,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match names.get(name) {
        Some(first) if first == declaration => {}
        Some(first) => diagnostics.push(twice(name, first, declaration)),
        None => {
            names.insert(name.to_owned(), declaration.clone());
        }
    }
}

/// A second order would change what the levels of the first mean in every rule of the package.
fn two_orders(first: &Declaration, second: &Declaration) -> Diagnostic {
    let label = second.label(second.name_span(), "the second declaration");
    Diagnostic::error("G0101", "`trust` is declared twice", label)
        .with_related(first.label(first.name_span(), "the first declaration"))
        .with_help("put all levels of the package into one order")
}

fn twice(name: &str, first: &Declaration, second: &Declaration) -> Diagnostic {
    let label = second.label(second.name_span(), "the second declaration");
    Diagnostic::error("G0101", format!("`{name}` is declared twice"), label)
        .with_related(first.label(first.name_span(), "the first declaration"))
        .with_help("give one of them another name")
}

fn look_alikes(
    names: &BTreeMap<String, Declaration>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: BTreeMap<String, (&str, &Declaration)> = BTreeMap::new();
    for (name, declaration) in names {
        let Some((first_name, first)) = seen.insert(skeleton(name), (name, declaration)) else {
            continue;
        };
        diagnostics.push(
            Diagnostic::error(
                "G0103",
                format!("{what} `{first_name}` and `{name}` look alike"),
                declaration.label(
                    declaration.name_span(),
                    "they differ only by case or by look-alike letters",
                ),
            )
            .with_related(first.label(first.name_span(), "the other one"))
            .with_note(
                "a reader cannot tell them apart, so a rule about one would seem to be about both",
            ),
        );
    }
}

fn with_used(
    own: &Own,
    all: &BTreeMap<Arc<str>, Own>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Module {
    let mut module = Module::new(Arc::clone(&own.names));
    for (declaration, path) in &own.uses {
        let name = path.dotted();
        match all.get(name.as_str()) {
            Some(used) => module.take_in(path.last_word(), &used.names),
            None => {
                module.is_partial = true;
                diagnostics.push(unknown_module(declaration, path, &name, all));
            }
        }
    }
    module
}

/// Names that a file gets from two places. Two modules are compared once, however many files use
/// both; tools and data are of one name in the whole package anyway.
fn clashes(all: &BTreeMap<Arc<str>, Own>, diagnostics: &mut Vec<Diagnostic>) {
    let mut compared: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    for (name, own) in all {
        let used =
            own.uses.iter().filter_map(|(_, path)| all.get_key_value(path.dotted().as_str()));
        let mut seen: Vec<(&Arc<str>, &Own)> = vec![(name, own)];
        for (name, module) in used {
            for (first_name, first) in &seen {
                let ((a, first), (b, second)) = if *first_name < name {
                    ((*first_name, *first), (name, module))
                } else {
                    ((name, module), (*first_name, *first))
                };
                if a != b && compared.insert((Arc::clone(a), Arc::clone(b))) {
                    clash(&first.names, &second.names, diagnostics);
                }
            }
            seen.push((name, module));
        }
    }
}

fn clash(first: &Names, second: &Names, diagnostics: &mut Vec<Diagnostic>) {
    for (name, declaration) in &second.names {
        if let Some(first) = first.names.get(name) {
            diagnostics.push(twice(name, first, declaration));
        }
    }
}

fn unknown_module(
    declaration: &Declaration,
    path: &Path,
    name: &str,
    all: &BTreeMap<Arc<str>, Own>,
) -> Diagnostic {
    let anchor = Anchor::Item(Arc::clone(&declaration.key));
    let reporter = Reporter::new(Arc::clone(&declaration.file), anchor);
    let error = reporter.error(
        "G0102",
        path.span,
        format!("there is no module `{name}`"),
        "no such file in this package",
    );
    let file = format!("{}.guard", name.replace('.', "/"));
    match closest(name, all.keys().map(|known| &**known)) {
        Some(meant) => {
            let place = reporter.label(path.span, "");
            error.with_help(format!("write `{meant}`")).with_fix(place, meant)
        }
        None => error.with_help(format!("make the file `{file}`, below the package's folder")),
    }
}
