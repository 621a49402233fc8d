//! The types of declarations.

use crate::detectors::{Models, models};
use crate::ty::{FieldTy, RecordTy, Ty};
use guard_db::{Db, Package, parse};
use guard_diagnostic::{Anchor, Diagnostic, closest};
use guard_grammar::ast::{Field, ItemKind, Label, LabelKind, Name, TypeExpr, TypeKind};
use guard_hir::{Declaration, Environment, Module, Reporter, environment};
use guard_plan::TextKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A tool's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolTypes {
    /// Its arguments.
    pub arguments: Arc<RecordTy>,
    /// What it returns, where declared.
    pub result: Option<Ty>,
    /// An attacker can write what it returns.
    pub is_untrusted: bool,
    /// What it returns is confidential.
    pub is_confidential: bool,
    /// The labels of single fields of what it returns: the keys that lead to the field, joined by
    /// dots, without the places in lists, and the label. Sorted.
    pub labelled_fields: Vec<(String, String)>,
}

/// The types of all tools and data of a package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signatures {
    /// By full name.
    pub tools: BTreeMap<String, Arc<ToolTypes>>,
    /// By name.
    pub data: BTreeMap<String, Ty>,
    /// The trust levels, from the most trusted to the least.
    pub trust: Vec<String>,
    /// The files of models, by path.
    pub models: Models,
    /// What is wrong with the types.
    pub diagnostics: Vec<Diagnostic>,
}

/// How many parts a declaration's types may have when every name is written out.
const TYPE_NODES_MAX: usize = 20_000;

/// How many type names may lead from one to the next.
const TYPE_CHAIN_MAX: usize = 64;

/// The built-in types that are one word.
const WORDS: &[(&str, Ty)] = &[
    ("bool", Ty::Bool),
    ("int", Ty::Int),
    ("float", Ty::Float),
    ("string", Ty::Text(TextKind::Plain)),
    ("text", Ty::Text(TextKind::Plain)),
    ("email", Ty::Text(TextKind::Email)),
    ("url", Ty::Text(TextKind::Url)),
    ("host", Ty::Text(TextKind::Host)),
    ("ip", Ty::Text(TextKind::Ip)),
    ("path", Ty::Text(TextKind::Path)),
    ("command", Ty::Text(TextKind::Command)),
    ("sql", Ty::Text(TextKind::Sql)),
    ("duration", Ty::Duration),
    ("time", Ty::Time),
    ("json", Ty::Json),
];

/// Works out the types of a package's declarations.
#[salsa::tracked(returns(clone))]
pub fn signatures(db: &dyn Db, package: Package) -> Arc<Signatures> {
    let environment = environment(db, package);
    let mut signatures = Signatures::default();
    for (name, decl) in &environment.tools {
        let Some(tool) = decl.tool() else { continue };
        let mut resolver = Resolver::new(&environment, decl);
        let fields = resolver.fields(&tool.arguments);
        resolver.labels_mean = true;
        let result = tool.result.as_ref().map(|ty| resolver.ty(ty));
        let mut labelled_fields = Vec::new();
        if let Some(result) = &result {
            labelled(result, "", &[], &mut labelled_fields);
        }
        labelled_fields.sort();
        labelled_fields.dedup();
        let arguments = Arc::new(RecordTy { fields, open: tool.open });
        let bears = |label: &str| {
            let plain = |l: &Label| matches!(&l.kind, LabelKind::Plain(name) if name.text == label);
            tool.labels.iter().any(plain)
        };
        let (is_untrusted, is_confidential) = (bears("untrusted"), bears("confidential"));
        let types = ToolTypes { arguments, result, is_untrusted, is_confidential, labelled_fields };
        signatures.tools.insert(name.clone(), Arc::new(types));
        signatures.diagnostics.extend(resolver.reporter.diagnostics);
    }
    for (name, decl) in &environment.data {
        let ItemKind::Data(data) = &*decl.kind else { continue };
        let mut resolver = Resolver::new(&environment, decl);
        let ty = resolver.top_level_data(&data.ty);
        signatures.data.insert(name.clone(), ty);
        signatures.diagnostics.extend(resolver.reporter.diagnostics);
    }
    signatures.trust = trust_levels(db, package);
    signatures.models = models(db, package);
    Arc::new(signatures)
}

/// The labels of the fields of what a tool returns; those of a record are of all that is in it.
fn labelled(ty: &Ty, path: &str, inherited: &[String], found: &mut Vec<(String, String)>) {
    match ty {
        Ty::Optional(inner) | Ty::List(inner) => labelled(inner, path, inherited, found),
        Ty::Record(record) => {
            for field in &record.fields {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{}", field.name);
                let labels = [inherited, &field.labels].concat();
                labelled(&field.ty, &path, &labels, found);
            }
        }
        _ => found.extend(inherited.iter().map(|label| (path.to_owned(), label.clone()))),
    }
}

/// The levels of the package's first `trust` declaration.
fn trust_levels(db: &dyn Db, package: Package) -> Vec<String> {
    let items = package.files(db).iter().flat_map(|file| &parse(db, *file).items);
    let levels = items.filter_map(|item| match &*item.kind(db) {
        ItemKind::Trust(levels) => Some(levels.iter().map(|level| level.text.clone()).collect()),
        _ => None,
    });
    levels.take(1).flat_map(|levels: Vec<String>| levels).collect()
}

/// What a looked up type can meet that its own declaration does not report.
enum Trouble {
    /// A type that needs itself.
    Circle,
    /// A type with too many parts.
    TooLarge,
}

fn around(inner: Ty, make: impl FnOnce(Arc<Ty>) -> Ty) -> Ty {
    if inner == Ty::Error { Ty::Error } else { make(Arc::new(inner)) }
}

/// Resolves type expressions of one declaration.
pub(crate) struct Resolver<'a> {
    environment: &'a Environment,
    module: Arc<Module>,
    module_name: Arc<str>,
    /// The types on the way (module and name), to find one that needs itself.
    inside: Vec<String>,
    /// The type that is being checked, where it is not only used.
    root: Option<String>,
    /// What went wrong in a type that was looked up; whoever looked it up says so.
    trouble: Option<Trouble>,
    /// Whether this is about a type that another declaration names. Its own errors are reported
    /// where it is declared.
    is_looked_up: bool,
    /// How many more type expressions may be resolved: names that double a type at each step would
    /// otherwise make one that fills the memory.
    budget: usize,
    /// Whether the labels of fields mean something: in what a tool returns, and in named types.
    pub(crate) labels_mean: bool,
    pub(crate) reporter: Reporter,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(environment: &'a Environment, decl: &Declaration) -> Self {
        let anchor = Anchor::Item(Arc::clone(&decl.key));
        Self {
            environment,
            module: environment.modules.get(&decl.module).cloned().unwrap_or_default(),
            module_name: Arc::clone(&decl.module),
            inside: Vec::new(),
            root: None,
            trouble: None,
            is_looked_up: false,
            budget: TYPE_NODES_MAX,
            labels_mean: matches!(&*decl.kind, ItemKind::Type(_)),
            reporter: Reporter::new(Arc::clone(&decl.file), anchor),
        }
    }

    /// Says that the declaration of a type is checked.
    pub(crate) fn root(&mut self, name: &str) {
        let key = format!("{}/{name}", self.module_name);
        self.inside.push(key.clone());
        self.root = Some(key);
    }

    /// Refuses a name that means something else wherever it could be read.
    pub(crate) fn not_taken(&mut self, name: &Name) {
        let taken = matches!(name.text.as_str(), "session" | "now")
            || WORDS.iter().any(|(word, _)| *word == name.text);
        if taken {
            let headline = format!("`{}` is a name of the language", name.text);
            let label = "a declaration of this name could not be read";
            let error = self.reporter.error("G0219", name.span, headline, label);
            self.reporter.push(error.with_help("choose another name"));
        }
    }

    pub(crate) fn fields(&mut self, fields: &[Field]) -> Vec<FieldTy> {
        let field = |field: &Field| {
            self.labels(field);
            let labels = field.labels.iter().map(|label| label.text.clone()).collect();
            FieldTy { name: field.name.text.clone(), ty: self.ty(&field.ty), labels }
        };
        fields.iter().map(field).collect()
    }

    fn labels(&mut self, field: &Field) {
        if let Some(label) = field.labels.first().filter(|_| !self.labels_mean) {
            let headline = "a label here says nothing";
            let error = self.reporter.error("G0235", label.span, headline, "not part of a result");
            let help = "label the tool, or a field of what it returns";
            self.reporter.push(error.with_help(help));
        }
    }

    /// A type that may be a set.
    fn top_level_data(&mut self, expr: &TypeExpr) -> Ty {
        if let TypeKind::Set(element) = &expr.kind {
            let inner = self.ty(element);
            if !matches!(inner, Ty::Text(_) | Ty::OneOf(_) | Ty::Error) {
                let error = self.reporter.error(
                    "G0217",
                    element.span,
                    format!("a set cannot hold {}", inner.words()),
                    "only texts can be looked up",
                );
                self.reporter.push(error.with_help("write a list: `[…]`"));
                return Ty::Error;
            }
            return Ty::Set(Arc::new(inner));
        }
        self.ty(expr)
    }

    pub(crate) fn ty(&mut self, expr: &TypeExpr) -> Ty {
        let Some(left) = self.budget.checked_sub(1) else { return self.too_large(expr) };
        self.budget = left;
        match &expr.kind {
            TypeKind::Named(path) => self.named(&path.dotted(), expr),
            // What an error leaves behind is one all round, or the list of it would be used.
            TypeKind::List(element) => around(self.ty(element), Ty::List),
            TypeKind::Map(value) => around(self.ty(value), Ty::Map),
            TypeKind::Optional(inner) => match self.ty(inner) {
                optional @ Ty::Optional(_) => optional,
                inner => around(inner, Ty::Optional),
            },
            TypeKind::Record(fields) => {
                Ty::Record(Arc::new(RecordTy { fields: self.fields(fields), open: false }))
            }
            TypeKind::Union(words) => Ty::OneOf(words.iter().map(|w| w.value.clone()).collect()),
            TypeKind::Set(_) => {
                let error = self.reporter.error(
                    "G0217",
                    expr.span,
                    "a set stands only as the type of `data`",
                    "not a type for an argument, a field or a parameter",
                );
                self.reporter.push(error.with_help("write a list: `[…]`"));
                Ty::Error
            }
            TypeKind::Error => Ty::Error,
        }
    }

    fn too_large(&mut self, expr: &TypeExpr) -> Ty {
        if self.is_looked_up {
            self.trouble = Some(Trouble::TooLarge);
            return Ty::Error;
        }
        let error = self.reporter.error(
            "G0217",
            expr.span,
            "the type is too large once its names are written out",
            format!(
                "more than {TYPE_NODES_MAX} parts, or {TYPE_CHAIN_MAX} names one after the other"
            ),
        );
        if !self.reporter.diagnostics.iter().any(|known| known.headline == error.headline) {
            self.reporter.push(error);
        }
        Ty::Error
    }

    fn named(&mut self, name: &str, expr: &TypeExpr) -> Ty {
        if let Some((_, ty)) = WORDS.iter().find(|(word, _)| *word == name) {
            return ty.clone();
        }
        let declared = self.module.name(name).cloned();
        let Some(decl) = declared.filter(|d| matches!(&*d.kind, ItemKind::Type(_))) else {
            self.unknown(name, expr);
            return Ty::Error;
        };
        let ItemKind::Type(ty) = &*decl.kind else { return Ty::Error };
        let key = format!("{}/{name}", decl.module);
        if let Some(first) = self.inside.iter().position(|inside| *inside == key) {
            let circle = self.inside.get(first..).unwrap_or_default();
            // Every type of a circle meets it; the first of them by name says it.
            if self.root.as_ref() == Some(&key) && circle.iter().min() == Some(&key) {
                self.trouble = Some(Trouble::Circle);
            }
            self.say_trouble(name, expr, &decl);
            return Ty::Error;
        }
        if self.inside.len() >= TYPE_CHAIN_MAX {
            self.trouble = Some(Trouble::TooLarge);
            self.say_trouble(name, expr, &decl);
            return Ty::Error;
        }
        let mut inner = Resolver::new(self.environment, &decl);
        inner.inside.clone_from(&self.inside);
        inner.inside.push(key);
        inner.root.clone_from(&self.root);
        inner.is_looked_up = true;
        inner.budget = self.budget;
        let resolved = inner.ty(&ty.ty);
        self.budget = inner.budget;
        self.trouble = inner.trouble;
        self.say_trouble(name, expr, &decl);
        resolved
    }

    /// Reports what a look-up met, at the place in the declaration that is being checked.
    fn say_trouble(&mut self, name: &str, expr: &TypeExpr, decl: &Declaration) {
        if self.is_looked_up {
            return;
        }
        match self.trouble.take() {
            Some(Trouble::Circle) => {
                let headline = format!("the type `{name}` needs itself");
                let label = "a value of it would never end";
                let error = self.reporter.error("G0206", expr.span, headline, label);
                let declared = decl.label(decl.name_span(), "declared here");
                self.reporter.push(error.with_related(declared));
            }
            Some(Trouble::TooLarge) => {
                self.too_large(expr);
            }
            None => {}
        }
    }

    fn unknown(&mut self, name: &str, expr: &TypeExpr) {
        let error = self.reporter.error(
            "G0200",
            expr.span,
            format!("there is no type `{name}`"),
            "neither built in nor declared here",
        );
        let types = self.module.names().filter(|(_, d)| matches!(&*d.kind, ItemKind::Type(_)));
        let known = WORDS.iter().map(|(word, _)| *word).chain(types.map(|(name, _)| name));
        let error = match closest(name, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(expr.span, ""), meant),
            None if self.module.is_partial => return,
            None => error,
        };
        self.reporter.push(error);
    }
}
