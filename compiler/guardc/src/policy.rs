//! From a path to a plan: compiles what lies there, or decodes a plan file.

use crate::args::FindingFormat;
use crate::exit::{Answer, Exit, Failure};
use crate::load::{self, PackageFiles};
use crate::output::Output;
use crate::report::{Findings, write_findings};
use guard_plan::Plan;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// What became of a package.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What is wrong with it.
    pub(crate) findings: Findings,
    plan: Option<Arc<Plan>>,
}

/// Compiles a package.
pub(crate) fn compile(package: PackageFiles) -> Answer<Compiled> {
    // To be replaced by the compiler's own call; until then nothing may look checked.
    if package.diagnostics.is_empty() {
        return Err(Failure::broke("this build cannot compile policies yet"));
    }
    let findings =
        Findings { sources: package.sources, diagnostics: package.diagnostics, others: Vec::new() };
    Ok(Compiled { findings, plan: None })
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
    compile(load::package(path)?)?.plan_or_report(FindingFormat::Pretty, out)
}

/// A plan's wire form.
pub(crate) fn encode(_plan: &Plan) -> Answer<Vec<u8>> {
    Err(Failure::broke("plans have no wire form yet"))
}
