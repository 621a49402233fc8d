//! `guardc build`: a policy becomes a plan file.

use crate::args::BuildArguments;
use crate::exit::{Answer, Exit};
use crate::load;
use crate::output::Output;
use crate::policy;

/// Writes the plan's wire form.
pub(crate) fn run(arguments: &BuildArguments, out: &mut Output) -> Answer {
    let compiled = policy::compile(load::package(&arguments.policy)?);
    let plan = compiled.plan_or_report(arguments.format, out)?;
    super::write_whole(&arguments.output, &policy::encode(&plan))?;
    Ok(Exit::Clean)
}
