//! Detectors and functions by the names they are declared with.

use super::detector::{AnyOf, Detector, ModelDetector, PatternDetector};
use super::function::FunctionDetector;
use super::spans::Spans;
use crate::exit::{Answer, Exit, Failure};
use crate::load::{self, PackageFiles};
use crate::output::Output;
use crate::policy::{self, Loaded};
use guard_db::parse;
use guard_diagnostic::{Severity, closest};
use guard_grammar::ast::{FnDecl, ItemKind, TypeKind};
use guard_hir::module_name;
use guard_types::{Declared, declared_detectors};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a package and the standard library declare that can be measured.
pub(crate) struct Declarations {
    path: Option<PathBuf>,
    found: Vec<(Arc<str>, One)>,
}

/// One of them.
#[derive(Clone)]
enum One {
    Patterns(Arc<guard_plan::Detector>),
    Model(Arc<guard_plan::Model>),
    /// A function of one text: its name, and the type of its parameter.
    Function(String, String),
}

impl One {
    fn name(&self) -> &str {
        match self {
            Self::Patterns(detector) => &detector.name,
            Self::Model(model) => &model.name,
            Self::Function(name, _) => name,
        }
    }
}

impl Declarations {
    /// Reads the declarations of a policy, or of the standard library alone.
    pub(crate) fn load(path: Option<&Path>, out: &mut Output) -> Answer<Self> {
        let loaded = policy::load(package(path)?);
        let found = found(&loaded);
        // What is wrong is said once, by the compiler.
        let findings = loaded.compile().findings;
        if findings.diagnostics.iter().any(|finding| finding.severity == Severity::Error) {
            policy::tell_findings(crate::args::FindingFormat::Pretty, findings, out)?;
            return Err(Failure::Reported(Exit::DoesNotCheck));
        }
        Ok(Self { path: path.map(Path::to_path_buf), found })
    }

    /// What gives a text a score: of several, whether any fires.
    pub(crate) fn detector(&self, names: &[String], out: &mut Output) -> Answer<Box<dyn Detector>> {
        let mut patterns = Vec::new();
        let mut all: Vec<Box<dyn Detector>> = Vec::new();
        for name in names {
            for (module, one) in self.named(name)? {
                match one {
                    One::Patterns(detector) => patterns.push((*detector).clone()),
                    One::Model(model) => {
                        all.push(Box::new(ModelDetector::new(&model.name, &model.weights)?));
                    }
                    One::Function(function, ty) => {
                        let files = package(self.path.as_deref())?;
                        let function = FunctionDetector::new(files, &module, &function, &ty, out)?;
                        all.push(Box::new(function));
                    }
                }
            }
        }
        if !patterns.is_empty() {
            all.push(Box::new(PatternDetector::new(names.join(", "), &patterns)?));
        }
        match all.pop() {
            Some(only) if all.is_empty() => Ok(only),
            last => {
                Ok(Box::new(AnyOf::new(names.join(", "), all.into_iter().chain(last).collect())))
            }
        }
    }

    /// What finds places: the detectors with patterns among those that are named.
    pub(crate) fn spans(&self, names: &str) -> Answer<Spans> {
        let mut patterns = Vec::new();
        for name in names.split(',') {
            for (_, one) in self.named(name)? {
                let One::Patterns(detector) = one else {
                    return Err(Failure::usage(format!("`{name}` finds no places")));
                };
                patterns.push((*detector).clone());
            }
        }
        Spans::new(&patterns)
    }

    /// Those of a name: a declaration, or all detectors of a module.
    fn named(&self, name: &str) -> Answer<Vec<(Arc<str>, One)>> {
        let whole = |(module, one): &&(Arc<str>, One)| {
            name.strip_suffix(one.name()).and_then(|rest| rest.strip_suffix('.')) == Some(module)
        };
        let of_module = |(module, one): &&(Arc<str>, One)| {
            &**module == name && !matches!(one, One::Function(..))
        };
        let mut found: Vec<_> = self.found.iter().filter(whole).cloned().collect();
        if found.is_empty() {
            found.extend(self.found.iter().filter(of_module).cloned());
        }
        if found.is_empty() {
            let known: Vec<String> =
                self.found.iter().map(|(module, one)| format!("{module}.{}", one.name())).collect();
            let failure = Failure::usage(format!("there is no detector `{name}`"));
            return Err(match closest(name, known.iter().map(String::as_str)) {
                Some(meant) => failure.with_help(format!("write `{meant}`")),
                None => failure.with_help("name it with its module, such as `std.pii.email`"),
            });
        }
        Ok(found)
    }
}

fn package(path: Option<&Path>) -> Answer<PackageFiles> {
    path.map_or_else(|| Ok(PackageFiles::empty("measured".to_owned())), load::package)
}

fn found(loaded: &Loaded) -> Vec<(Arc<str>, One)> {
    let detectors = declared_detectors(&loaded.db, loaded.package).into_iter();
    let mut found: Vec<(Arc<str>, One)> = detectors
        .filter_map(|(module, declared)| match declared {
            Declared::Patterns(detector) => Some((module, One::Patterns(detector))),
            Declared::Model(model) => Some((module, One::Model(model))),
            // A service is somebody else's, and measuring would send it every text.
            Declared::Service(_) => None,
        })
        .collect();
    for file in loaded.package.files(&loaded.db) {
        for item in &parse(&loaded.db, *file).items {
            if let ItemKind::Fn(function) = &*item.kind(&loaded.db)
                && let Some(ty) = type_of_text(function)
            {
                let one = One::Function(function.name.text.clone(), ty);
                found.push((module_name(&file.path(&loaded.db)), one));
            }
        }
    }
    found
}

/// The type of the parameter of a function of one value that says yes or no.
fn type_of_text(function: &FnDecl) -> Option<String> {
    let [parameter] = function.parameters.as_slice() else { return None };
    let is_condition =
        matches!(&function.result.kind, TypeKind::Named(path) if path.dotted() == "bool");
    match &parameter.ty.kind {
        TypeKind::Named(path) if is_condition => Some(path.dotted()),
        _ => None,
    }
}
