//! A function of the language as a detector: a policy prohibits a call when the function says yes, and the
//! engine decides, so that what is measured is what a policy would do.

use super::detector::Detector;
use crate::args::FindingFormat;
use crate::exit::{Answer, Failure};
use crate::load::PackageFiles;
use crate::networks;
use crate::output::Output;
use crate::policy;
use guard_engine::{Engine, Interpreter, Session};
use guard_plan::Verdict;
use serde_json::json;
use std::sync::Arc;

/// The function, asked about the argument of a call.
pub(super) struct FunctionDetector {
    name: String,
    session: Session,
}

impl FunctionDetector {
    /// Compiles the policy that asks `module.function`.
    pub(super) fn new(
        mut files: PackageFiles,
        module: &str,
        function: &str,
        ty: &str,
        out: &mut Output,
    ) -> Answer<Self> {
        let text = format!(
            "guard 1\n\nuse {module}\n\ntool measured_call(value: {ty})\n\n\
             agent measured_agent {{\n  scope {{ tool measured_call }}\n  \
             prohibit tool measured_call when {function}(value)\n}}\n"
        );
        files.modules.push(("measured_policy.guard".into(), text.into()));
        let plan = policy::compile(files).plan_or_report(FindingFormat::Pretty, out)?;
        guard_plan::verify(&plan).map_err(|errors| {
            Failure::broke(errors.first().map(ToString::to_string).unwrap_or_default())
        })?;
        let broke = |error: &dyn std::fmt::Display| Failure::broke(error.to_string());
        let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
        let engine = Engine::within(plan, evaluator, networks::surroundings())
            .map_err(|error| broke(&error))?;
        let session = engine.session("measured_agent", "measured", b"{}");
        let session = session.map_err(|error| broke(&error))?;
        Ok(Self { name: format!("{module}.{function}"), session })
    }
}

impl Detector for FunctionDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn threshold(&self) -> f64 {
        1.0
    }

    fn score(&mut self, text: &str) -> f64 {
        let event = json!({
            "type": "tool_call", "id": "c", "tool": "measured_call", "args": { "value": text },
        });
        let event = event.to_string();
        if self.session.decide(event.as_bytes()).verdict() == Verdict::Allow { 0.0 } else { 1.0 }
    }
}
