//! One policy on every engine we have. Whatever is decided here is decided by the interpreter and by
//! machine code, and both must agree to the last byte and the last bit.

use guard_db::GuardDatabase;
use guard_diagnostic::{Diagnostic, LineIndex, Severity};
use guard_engine::{
    Duties, Engine, Evaluator, FactsError, Interpreter, RestoreError, Session, Surroundings,
};
use guard_jit::MachineCode;
use guard_lower::compile_texts;
use guard_plan::Plan;
use guard_redact::Pseudonyms;
use serde_json::Value;
use std::sync::Arc;

/// The findings of a policy: line, code. Sorted.
pub fn findings(files: &[(&str, &str)]) -> Vec<(u32, String)> {
    let compiled = compile_texts(&GuardDatabase::default(), "test", files);
    let mut found: Vec<(u32, String)> =
        compiled.diagnostics.iter().map(|d| (line(d, files), d.code.to_owned())).collect();
    found.sort();
    found
}

/// The line on which a finding has its primary place.
pub fn line(diagnostic: &Diagnostic, files: &[(&str, &str)]) -> u32 {
    let file = files.iter().find(|(path, _)| *path == &*diagnostic.primary.file);
    let text = file.map_or("", |(_, text)| text);
    LineIndex::new(text).line_column(text, diagnostic.primary.span.start).line
}

/// An error of a policy.
#[derive(Debug)]
pub struct PolicyError {
    /// From 1.
    pub line: u32,
    /// `G0301`.
    pub code: &'static str,
    /// The headline and the label.
    pub message: String,
}

/// The plan of a policy, or its errors.
///
/// # Errors
/// Every error the compiler finds.
///
/// # Panics
/// Where there is neither an error nor a plan.
pub fn try_plan(source: &str) -> Result<Arc<Plan>, Vec<PolicyError>> {
    let files = [("test.guard", source)];
    let compiled = compile_texts(&GuardDatabase::default(), "test", &files);
    let errors: Vec<PolicyError> = compiled
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| {
            let message = format!("{} ({})", d.headline, d.primary.text);
            PolicyError { line: line(d, &files), code: d.code, message }
        })
        .collect();
    if errors.is_empty() {
        return Ok(compiled.plan.expect("a policy without errors has a plan"));
    }
    Err(errors)
}

/// The plan of a policy that is right.
///
/// # Panics
/// Where it has errors; they are in the message.
pub fn plan(source: &str) -> Arc<Plan> {
    try_plan(source).unwrap_or_else(|errors| panic!("the policy has errors: {errors:#?}\n{source}"))
}

/// A policy on both engines.
#[derive(Debug)]
pub struct Engines {
    interpreter: Engine,
    machine_code: Engine,
}

impl Engines {
    /// Loads a plan twice.
    pub fn of(plan: &Arc<Plan>) -> Self {
        let interpreter: Box<dyn Evaluator> = Box::new(Interpreter::new(Arc::clone(plan)));
        let machine_code =
            Box::new(MachineCode::compile(plan).expect("every plan becomes machine code"));
        Self { interpreter: load(plan, interpreter), machine_code: load(plan, machine_code) }
    }

    /// Loads a plan that may not be for this machine's code generator; `None` where it is not.
    pub fn try_of(plan: &Arc<Plan>) -> Option<Self> {
        let machine_code = Box::new(MachineCode::compile(plan).ok()?);
        let interpreter: Box<dyn Evaluator> = Box::new(Interpreter::new(Arc::clone(plan)));
        let load = |evaluator| Engine::within(Arc::clone(plan), evaluator, around()).ok();
        Some(Self { interpreter: load(interpreter)?, machine_code: load(machine_code)? })
    }

    /// Supplies facts to both that may not fit.
    ///
    /// # Errors
    /// Where they do not.
    pub fn try_facts(&self, json: &[u8]) -> Result<(), FactsError> {
        self.interpreter.set_facts(json)?;
        self.machine_code.set_facts(json)
    }

    /// A session on both; `None` where the principal does not fit.
    pub fn try_session(&self, agent: &str, principal: &str) -> Option<Sessions> {
        let open = |engine: &Engine| engine.session(agent, "s", principal.as_bytes()).ok();
        Some(Sessions {
            interpreter: open(&self.interpreter)?,
            machine_code: open(&self.machine_code)?,
            redacted: None,
        })
    }

    /// Compiles a policy and loads it twice.
    pub fn compile(source: &str) -> Self {
        Self::of(&plan(source))
    }

    /// Supplies facts to both.
    pub fn set_facts(&self, json: &str) {
        self.interpreter.set_facts(json.as_bytes()).expect("the facts fit");
        self.machine_code.set_facts(json.as_bytes()).expect("the facts fit");
    }

    /// A session on both.
    pub fn session(&self, agent: &str, principal: &str) -> Sessions {
        let open = |engine: &Engine| {
            engine.session(agent, "s", principal.as_bytes()).expect("the principal fits")
        };
        let (interpreter, machine_code) = (open(&self.interpreter), open(&self.machine_code));
        Sessions { interpreter, machine_code, redacted: None }
    }
}

fn load(plan: &Arc<Plan>, evaluator: Box<dyn Evaluator>) -> Engine {
    Engine::within(Arc::clone(plan), evaluator, around()).expect("a compiled plan loads")
}

/// A host that does everything, with a key for pseudonyms.
fn around() -> Surroundings {
    let pseudonyms = Some(Pseudonyms::with_key([1; 64]));
    Surroundings { duties: Duties::ALL, pseudonyms, ..Surroundings::default() }
}

/// A session on both engines.
#[derive(Debug)]
pub struct Sessions {
    interpreter: Session,
    machine_code: Session,
    redacted: Option<String>,
}

impl Sessions {
    /// Why an event would be decided as it is, in words.
    ///
    /// # Panics
    /// Where the engines differ.
    pub fn explain(&mut self, event: &[u8]) -> String {
        let explained = self.interpreter.explain(event).to_string();
        assert_eq!(self.machine_code.explain(event).to_string(), explained, "the engines differ");
        explained
    }

    /// Decides an event on both and gives the decision's JSON.
    ///
    /// # Panics
    /// Where the engines differ in the decision, its reasons or a bit of the outcome.
    pub fn decide(&mut self, event: &[u8]) -> Value {
        let shown = || String::from_utf8_lossy(event).into_owned();
        let both = |decision: guard_engine::Decision<'_>| {
            (decision.to_json(), decision.redacted().map(str::to_owned))
        };
        let (expected, redacted) = both(self.interpreter.decide(event));
        let (decided, also_redacted) = both(self.machine_code.decide(event));
        assert_eq!(redacted, also_redacted, "the engines differ on {}", shown());
        self.redacted = redacted;
        assert_eq!(expected, decided, "the engines differ on {}", shown());
        let (expected, found) = (self.interpreter.outcome(), self.machine_code.outcome());
        assert_eq!(expected, found, "the engines differ in a bit on {}", shown());
        let (expected, found) = (self.interpreter.to_bytes(), self.machine_code.to_bytes());
        assert!(expected == found, "the engines remember something else after {}", shown());
        serde_json::from_str(&decided).expect("a decision is JSON")
    }
}

impl Sessions {
    /// What is passed on in place of the last event, where that was redacted.
    pub fn redacted(&self) -> Option<&str> {
        self.redacted.as_deref()
    }

    /// The session's bytes, which are those of both.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.interpreter.to_bytes()
    }

    /// Goes on where other bytes left off; both take them or neither.
    ///
    /// # Errors
    /// Where they are not those of such a session.
    ///
    /// # Panics
    /// Where one takes them and the other does not.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let restored = self.interpreter.restore(bytes);
        assert_eq!(restored, self.machine_code.restore(bytes), "both take the bytes or neither");
        restored
    }
}

impl Engines {
    /// The session as another process would go on with it: from its bytes.
    ///
    /// # Panics
    /// Where the bytes cannot be read, or say something else afterwards.
    pub fn in_another_process(
        &self,
        agent: &str,
        principal: &str,
        sessions: &Sessions,
    ) -> Sessions {
        let bytes = sessions.interpreter.to_bytes();
        let mut restored = self.session(agent, principal);
        for session in [&mut restored.interpreter, &mut restored.machine_code] {
            session.restore(&bytes).expect("what was saved is read");
            assert!(session.to_bytes() == bytes, "a restored session says what was saved");
        }
        restored
    }
}

/// The name of the last agent that a policy declares, which is the one a test is about.
pub fn agent_of(source: &str) -> String {
    let parsed = guard_grammar::parse(source);
    let agents = parsed.file.items.iter().filter_map(|item| match &item.kind {
        guard_grammar::ast::ItemKind::Agent(agent) => Some(agent.name.text.clone()),
        _ => None,
    });
    agents.into_iter().next_back().expect("the policy declares an agent")
}
