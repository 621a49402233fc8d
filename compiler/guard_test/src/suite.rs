//! A plan that is ready for tests.

use crate::coverage::Coverage;
use crate::run::{Failure, Run};
use guard_engine::{
    DecisionReport, Duties, Engine, Interpreter, Networks, Pseudonyms, Surroundings,
};
use guard_host::People;
use guard_jit::MachineCode;
use guard_journal::MemoryApprovals;
use guard_plan::Plan;
use guard_types::scenario::Scenario;
use std::fmt;
use std::sync::Arc;

/// Runs tests of one plan. Several threads can run tests of one suite at once.
#[derive(Debug)]
pub struct Suite {
    plan: Arc<Plan>,
    interpreter: Engine,
    /// None where there is no code generator for this machine.
    machine: Option<Engine>,
}

/// Why a plan cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteError(pub(crate) String);

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SuiteError {}

/// What came of a test.
#[derive(Debug, Clone)]
pub struct TestOutcome {
    /// Why it failed; none where it passed.
    pub failure: Option<Failure>,
    /// What it covered, as far as it went.
    pub coverage: Coverage,
}

impl Suite {
    /// Makes a plan ready, with what runs the networks that it names.
    pub fn new(plan: Arc<Plan>, networks: Option<Arc<dyn Networks>>) -> Result<Self, SuiteError> {
        // Machine code relies on what the verifier has seen, which is asked first here.
        let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
        let around = Surroundings { networks, ..Surroundings::default() };
        let interpreter = Engine::within(Arc::clone(&plan), interpreter, around)
            .map_err(|error| SuiteError(format!("the plan cannot be loaded: {error}")))?;
        let machine = match MachineCode::compile(&plan) {
            Ok(code) => Some(interpreter.evaluated_by(Box::new(code))),
            Err(_) => None,
        };
        Ok(Self { plan, interpreter, machine })
    }

    /// Another plan, for tests of this one's package, on the interpreter alone: a plan that lives for one run of its tests
    /// is not worth being compiled.
    pub fn beside(&self, plan: Arc<Plan>) -> Result<Self, SuiteError> {
        let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
        let interpreter = self.interpreter.beside(Arc::clone(&plan), interpreter);
        let interpreter = interpreter
            .map_err(|error| SuiteError(format!("the plan cannot be loaded: {error}")))?;
        Ok(Self { plan, interpreter, machine: None })
    }

    /// Whether a test passes on the interpreter.
    pub fn passes(&self, scenario: &Scenario) -> bool {
        let ran = Self::begin(&self.interpreter, scenario)
            .and_then(|mut run| run.through(scenario, None, None));
        ran.is_ok()
    }

    /// What a test's events come to on the interpreter, whatever it expects: one for each step, up to one that cannot be
    /// taken.
    pub fn decisions(&self, scenario: &Scenario) -> Vec<Option<DecisionReport>> {
        Self::begin(&self.interpreter, scenario)
            .map(|mut run| run.decisions(scenario))
            .unwrap_or_default()
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether tests run on machine code, too.
    pub fn has_machine_code(&self) -> bool {
        self.machine.is_some()
    }

    /// Runs a test, in a session and with stores of its own.
    pub fn run(&self, scenario: &Scenario) -> TestOutcome {
        let mut coverage = Coverage::of(&self.plan);
        let ran = Self::begin(&self.interpreter, scenario).and_then(|mut run| {
            let machine = match &self.machine {
                Some(machine) => Some(Self::begin(machine, scenario)?),
                None => None,
            };
            run.through(scenario, machine, Some(&mut coverage))
        });
        let failure = ran.err().map(|failure| self.explained(*failure, scenario));
        TestOutcome { failure, coverage }
    }

    /// A failure with what every rule made of its event: the steps before it once more, and then the
    /// question why.
    fn explained(&self, mut failure: Failure, scenario: &Scenario) -> Failure {
        if let Some(step) = failure.step
            && let Ok(mut run) = Self::begin(&self.interpreter, scenario)
        {
            failure.explanation = run.explain(scenario, step);
        }
        failure
    }

    fn begin(loaded: &Engine, scenario: &Scenario) -> Result<Run, Box<Failure>> {
        let approvals = Arc::new(MemoryApprovals::new());
        let approver = Arc::new(People::new(Arc::<MemoryApprovals>::clone(&approvals)));
        let around = Surroundings {
            duties: Duties::ALL,
            approver: Some(approver),
            pseudonyms: Some(Pseudonyms::with_key([0; 64])),
            ..Surroundings::default()
        };
        let failed = |what: String| Box::new(Failure::of_test(scenario, what));
        let engine = loaded.anew(around);
        let session = engine
            .session(&scenario.agent, "test", scenario.principal.as_bytes())
            .map_err(|error| failed(format!("no session can begin: {error}")))?;
        Ok(Run::new(engine, session, approvals))
    }
}
