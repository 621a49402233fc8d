//! Which names each module sees: its own declarations and those of the modules it uses.
//!
//! Rules are no part of it, so an edit inside a rule leaves it as it was.

use crate::lookalike::skeleton;
use crate::report::Reporter;
use guard_db::{Db, Package, SourceFile, syntax};
use guard_diagnostic::{Anchor, Diagnostic, Label, closest};
use guard_grammar::ast::{ItemKind, Name, Path, ToolDecl};
use guard_grammar::span::Span;
use std::collections::BTreeMap;
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
            ItemKind::Use(path) => path.span,
            _ => Span::default(),
        }
    }

    /// The tool, where it declares one.
    pub fn tool(&self) -> Option<&ToolDecl> {
        if let ItemKind::Tool(tool) = &*self.kind { Some(tool) } else { None }
    }
}

/// The names that one file sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// Types, constants, data, functions, detectors by name.
    pub names: BTreeMap<String, Declaration>,
    /// Tools by full name.
    pub tools: BTreeMap<String, Declaration>,
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
    let own: BTreeMap<Arc<str>, Own> = package
        .files(db)
        .iter()
        .map(|file| (module_name(&file.path(db)), own(db, *file)))
        .collect();
    let mut agents: BTreeMap<String, Declaration> = BTreeMap::new();
    for own in own.values() {
        environment.diagnostics.extend(own.diagnostics.iter().cloned());
        for (name, tool) in &own.module.tools {
            declare(&mut environment.tools, name, tool, &mut environment.diagnostics);
        }
        for agent in &own.agents {
            if let ItemKind::Agent(decl) = &*agent.kind {
                declare(&mut agents, &decl.name.text, agent, &mut environment.diagnostics);
            }
        }
        let data = own.module.names.iter().filter(|(_, d)| matches!(&*d.kind, ItemKind::Data(_)));
        for (name, decl) in data {
            declare(&mut environment.data, name, decl, &mut environment.diagnostics);
        }
    }
    look_alikes(&environment.tools, "tools", &mut environment.diagnostics);
    look_alikes(&agents, "agents", &mut environment.diagnostics);
    for (name, module) in &own {
        let module = Arc::new(with_used(module, &own, &mut environment.diagnostics));
        environment.modules.insert(Arc::clone(name), module);
    }
    environment.diagnostics.sort();
    environment.diagnostics.dedup();
    Arc::new(environment)
}

/// What a file declares itself.
struct Own {
    module: Module,
    agents: Vec<Declaration>,
    uses: Vec<(Declaration, Path)>,
    diagnostics: Vec<Diagnostic>,
}

fn own(db: &dyn Db, file: SourceFile) -> Own {
    let path = file.path(db);
    let name = module_name(&path);
    let mut own = Own {
        module: Module::default(),
        agents: Vec::new(),
        uses: Vec::new(),
        diagnostics: Vec::new(),
    };
    for item in &syntax(db, file).items {
        let kind = item.kind(db);
        let declaration = Declaration {
            file: Arc::clone(&path),
            key: item.key(db),
            module: Arc::clone(&name),
            kind: Arc::clone(&kind),
        };
        let of = |name: &Name| name.text.clone();
        let (names, diagnostics) = (&mut own.module.names, &mut own.diagnostics);
        match &*kind {
            ItemKind::Use(path) => own.uses.push((declaration, path.clone())),
            ItemKind::Const(d) => declare(names, &of(&d.name), &declaration, diagnostics),
            ItemKind::Data(d) => declare(names, &of(&d.name), &declaration, diagnostics),
            ItemKind::Type(d) => declare(names, &of(&d.name), &declaration, diagnostics),
            ItemKind::Fn(d) => declare(names, &of(&d.name), &declaration, diagnostics),
            ItemKind::Detector(d) => declare(names, &of(&d.name), &declaration, diagnostics),
            ItemKind::Tool(d) => {
                declare(&mut own.module.tools, &d.name.dotted(), &declaration, diagnostics);
                arguments_once(&declaration, d, diagnostics);
            }
            ItemKind::Agent(_) => own.agents.push(declaration),
            _ => {}
        }
    }
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
        Some(first) => diagnostics.push(
            Diagnostic::error(
                "G0101",
                format!("`{name}` is declared twice"),
                declaration.label(declaration.name_span(), "the second declaration"),
            )
            .with_related(first.label(first.name_span(), "the first declaration"))
            .with_help("give one of them another name"),
        ),
        None => {
            names.insert(name.to_owned(), declaration.clone());
        }
    }
}

fn arguments_once(declaration: &Declaration, tool: &ToolDecl, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, &Name> = BTreeMap::new();
    for argument in &tool.arguments {
        let name = &argument.name;
        let Some(first) = seen.insert(skeleton(&name.text), name) else { continue };
        let (code, headline) = if first.text == name.text {
            ("G0101", format!("argument `{}` is declared twice", name.text))
        } else {
            ("G0103", format!("arguments `{}` and `{}` look alike", first.text, name.text))
        };
        diagnostics.push(
            Diagnostic::error(code, headline, declaration.label(name.span, "the second one"))
                .with_related(declaration.label(first.span, "the first one"))
                .with_help("give one of them another name"),
        );
    }
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
    let mut module = own.module.clone();
    for (declaration, path) in &own.uses {
        let name = path.dotted();
        let Some(used) = all.get(name.as_str()) else {
            diagnostics.push(unknown_module(declaration, path, &name, all));
            continue;
        };
        for (name, used) in &used.module.names {
            declare(&mut module.names, name, used, diagnostics);
        }
        for (name, used) in &used.module.tools {
            declare(&mut module.tools, name, used, diagnostics);
        }
    }
    module
}

fn unknown_module(
    declaration: &Declaration,
    path: &Path,
    name: &str,
    all: &BTreeMap<Arc<str>, Own>,
) -> Diagnostic {
    let mut reporter =
        Reporter::new(Arc::clone(&declaration.file), Anchor::Item(Arc::clone(&declaration.key)));
    let error = reporter.error(
        "G0102",
        path.span,
        format!("there is no module `{name}`"),
        "no such file in this package",
    );
    let file = format!("{}.guard", name.replace('.', "/"));
    let error = match closest(name, all.keys().map(|known| &**known)) {
        Some(meant) => {
            let place = reporter.label(path.span, "");
            error.with_help(format!("write `{meant}`")).with_fix(place, meant)
        }
        None => error.with_help(format!("make the file `{file}`, below the package's folder")),
    };
    reporter.push(error.clone());
    error
}
