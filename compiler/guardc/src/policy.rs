//! From a path to a plan: compiles what lies there, or decodes a plan file.

use crate::args::FindingFormat;
use crate::exit::{Answer, Exit, Failure};
use crate::load::{self, PackageFiles};
use crate::manifest::TestSettings;
use crate::networks;
use crate::output::Output;
use crate::report::{Findings, write_findings};
use guard_db::{GuardDatabase, Package, package_from_texts};
use guard_diagnostic::Severity;
use guard_plan::Plan;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// What became of a package.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What is wrong with it.
    pub(crate) findings: Findings,
    /// Where nothing is in error.
    pub(crate) plan: Option<Arc<Plan>>,
}

/// A package in the compiler's database.
pub(crate) struct Loaded {
    pub(crate) db: GuardDatabase,
    pub(crate) package: Package,
    files: PackageFiles,
}

/// Puts a package into a database of its own.
pub(crate) fn load(files: PackageFiles) -> Loaded {
    let Kept { db, package } = database(&files);
    Loaded { db, package, files }
}

/// A database with a package in it.
pub(crate) fn database(files: &PackageFiles) -> Kept {
    let mut db = GuardDatabase::default();
    let modules = files.modules.iter().map(|(path, text)| (&**path, &**text));
    let models = files.models.iter().map(|(path, bytes)| (&**path, &**bytes));
    let models: Vec<(&str, &[u8])> = models.chain(guard_stdlib::MODELS.iter().copied()).collect();
    let package = package_from_texts(&db, &files.name, modules, guard_stdlib::MODULES, &models);
    guard_db::refuse_models(&mut db, package, networks::unusable(&files.models));
    Kept { db, package }
}

/// Compiles a package. One that could not be read as a whole is not compiled: what is missing would
/// be reported again, in other words.
pub(crate) fn compile(files: PackageFiles) -> Compiled {
    load(files).compile()
}

/// A database that outlives one look at its package.
pub(crate) struct Kept {
    pub(crate) db: GuardDatabase,
    pub(crate) package: Package,
}

impl Loaded {
    /// The package's name.
    pub(crate) fn name(&self) -> &str {
        &self.files.name
    }

    /// What the package asks of a run of its tests.
    pub(crate) fn test_settings(&self) -> TestSettings {
        self.files.test
    }

    /// Checks the package and makes its plan.
    pub(crate) fn compile(self) -> Compiled {
        self.compile_and_keep().0
    }

    /// The same, with the database, for more questions and for the next edit.
    pub(crate) fn compile_and_keep(self) -> (Compiled, Kept) {
        let mut diagnostics = self.files.diagnostics;
        let unread = diagnostics.iter().any(|d| d.severity == Severity::Error);
        let mut plan = None;
        if !unread {
            let compiled = guard_lower::compile(&self.db, self.package);
            diagnostics.extend(compiled.diagnostics);
            plan = compiled.plan;
        }
        let findings = Findings { sources: self.files.sources, diagnostics, others: Vec::new() };
        (Compiled { findings, plan }, Kept { db: self.db, package: self.package })
    }
}

impl Kept {
    /// Gives a file of the package another text; nothing where it has no such file.
    pub(crate) fn set_text(&mut self, module: &str, text: &str) {
        let files = self.package.files(&self.db);
        let file = files.iter().find(|file| &*file.path(&self.db) == module).copied();
        if let Some(file) = file {
            guard_db::set_text(&mut self.db, file, text);
        }
    }

    /// Checks the package as it is now, and makes its plan.
    pub(crate) fn compile(&self) -> guard_lower::Compiled {
        guard_lower::compile(&self.db, self.package)
    }

    /// Takes in the package as it is now: what did not change is not computed again. Files that came
    /// or went make another package.
    pub(crate) fn reload(mut self, files: PackageFiles) -> Loaded {
        let sources = self.package.files(&self.db).to_vec();
        let find = |path: &str| sources.iter().find(|file| &*file.path(&self.db) == path);
        let texts: Option<Vec<_>> =
            files.modules.iter().map(|(path, text)| Some((*find(path)?, text))).collect();
        let same_count = files.modules.len() + guard_stdlib::MODULES.len() == sources.len();
        let Some(texts) = texts.filter(|_| same_count) else { return load(files) };
        for (file, text) in texts {
            if file.text(&self.db) != *text {
                guard_db::set_text(&mut self.db, file, text);
            }
        }
        Loaded { db: self.db, package: self.package, files }
    }
}

impl Compiled {
    /// The plan; where there is none, the findings are told on standard error.
    pub(crate) fn plan_or_report(
        self,
        format: FindingFormat,
        out: &mut Output,
    ) -> Answer<Arc<Plan>> {
        tell_findings(format, self.findings, out)?;
        self.plan.ok_or(Failure::Reported(Exit::DoesNotCheck))
    }
}

/// Writes findings to standard error, for commands whose answer is something else.
pub(crate) fn tell_findings(
    format: FindingFormat,
    findings: Findings,
    out: &mut Output,
) -> Answer<()> {
    out.flush()?;
    let colour = out.colour_of_errors();
    let mut errors = std::io::stderr().lock();
    Ok(write_findings(format, &[findings], colour, &mut errors)?)
}

/// The plan of a policy or of a plan file.
pub(crate) fn plan(path: &Path, out: &mut Output) -> Answer<Arc<Plan>> {
    if let Some(plan) = plan_file(path)? {
        return Ok(plan);
    }
    compile(load::package(path)?).plan_or_report(FindingFormat::Pretty, out)
}

/// The plan in a file that `guardc build` wrote; `None` where the path is anything else.
fn plan_file(path: &Path) -> Answer<Option<Arc<Plan>>> {
    let is_policy = path.extension().is_some_and(|extension| extension == "guard");
    if is_policy || !path.is_file() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    if !guard_plan::is_plan(&bytes) {
        return Ok(None);
    }
    let plan = Plan::decode(&bytes)
        .map_err(|error| Failure::broke(format!("`{}` is no plan: {error}", path.display())))?;
    // Everything that reads a plan, the printers included, relies on what the verifier has seen.
    guard_plan::verify(&plan).map_err(|errors| {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        Failure::broke(format!("`{}` is no sound plan: {first}", path.display()))
    })?;
    Ok(Some(Arc::new(plan)))
}

/// A plan's wire form.
pub(crate) fn encode(plan: &Plan) -> Vec<u8> {
    plan.encode()
}
