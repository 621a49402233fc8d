//! The engine as the commands use it: which agent decides, for whom, and what came out.

use crate::args::{EngineChoice, SessionArguments};
use crate::exit::{Answer, Failure};
use crate::output::remark;
use crate::stores::Stores;
use guard_engine::{Engine, Evaluator, Explanation, Interpreter, Session};
use guard_host::decide_stored;
use guard_jit::MachineCode;
use guard_journal::SessionStore;
use guard_plan::{Agent, Plan, ShapeKind, Verdict};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A plan that is ready to decide.
#[derive(Debug)]
pub(crate) struct Guard {
    plan: Arc<Plan>,
    engine: Engine,
    stores: Stores,
}

impl Guard {
    /// Makes a plan ready.
    pub(crate) fn new(plan: Arc<Plan>, engine: EngineChoice, stores: Stores) -> Answer<Self> {
        if plan.agents.is_empty() {
            return Err(Failure::usage(
                "the policy declares no agent, so there is nothing to decide",
            ));
        }
        // Machine code relies on what the verifier has seen.
        guard_plan::verify(&plan).map_err(|errors| {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            Failure::broke(format!("the plan cannot be loaded: {first}"))
        })?;
        let evaluator: Box<dyn Evaluator> = match engine {
            EngineChoice::Interpreter => Box::new(Interpreter::new(Arc::clone(&plan))),
            EngineChoice::Jit => match MachineCode::compile(&plan) {
                Ok(code) => Box::new(code),
                Err(error) => {
                    remark("note", &format!("no machine code ({error}); the interpreter decides"));
                    Box::new(Interpreter::new(Arc::clone(&plan)))
                }
            },
        };
        let engine = Engine::within(Arc::clone(&plan), evaluator, stores.surroundings())
            .map_err(|error| Failure::broke(format!("the plan cannot be loaded: {error}")))?;
        Ok(Self { plan, engine, stores })
    }

    fn agent(&self, name: &str) -> Option<&Agent> {
        self.plan.agents.iter().find(|agent| agent.name == name)
    }

    fn agent_names(&self) -> String {
        let names: Vec<String> =
            self.plan.agents.iter().map(|agent| format!("`{}`", agent.name)).collect();
        names.join(", ")
    }

    /// The parameters that an agent cannot be without.
    fn needed_parameters(&self, agent: &Agent) -> Vec<&str> {
        let root = agent.parameters.root.and_then(|root| self.plan.shapes.get(root.0 as usize));
        match root.map(|root| &root.kind) {
            Some(ShapeKind::Record { fields, .. }) => {
                let needed = fields.iter().filter(|field| !field.optional);
                needed.map(|field| field.name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Which agent decides, and for whom.
#[derive(Debug)]
pub(crate) struct SessionChoice<'a> {
    guard: &'a Guard,
    agent: Option<&'a str>,
    principal: Option<String>,
}

impl<'a> SessionChoice<'a> {
    /// What the command line says of it.
    pub(crate) fn new(guard: &'a Guard, arguments: &'a SessionArguments) -> Answer<Self> {
        let choice = Self {
            guard,
            agent: arguments.agent.as_deref(),
            principal: arguments.principal.as_deref().map(json_argument).transpose()?,
        };
        if let Some(facts) = arguments.facts.as_deref().map(json_argument).transpose()? {
            let set = guard.engine.set_facts(facts.as_bytes());
            set.map_err(|error| Failure::usage(format!("the facts do not fit: {error}")))?;
        }
        if let Some(agent) = choice.agent.filter(|agent| guard.agent(agent).is_none()) {
            return Err(choice.no_such_agent(agent));
        }
        Ok(choice)
    }

    /// Opens a session. The agent is the one named on the command line, or the only one, or the one
    /// that the trace names.
    pub(crate) fn open(&self, trace_agent: Option<&str>, session_id: &str) -> Answer<GuardSession> {
        let agent = self.agent_for(trace_agent)?;
        let principal = self.principal_for(agent)?;
        let session = self.guard.engine.session(&agent.name, session_id, principal.as_bytes());
        let session =
            session.map_err(|error| Failure::usage(format!("no session can begin: {error}")))?;
        // Recorded sessions are apart, unless their limits are counted together: what one used of a
        // limit is not missing in the next.
        let tenant = if self.guard.stores.counts_together() { "" } else { session_id };
        let store = self.guard.stores.sessions.clone();
        Ok(GuardSession { session: session.of_tenant(tenant), store })
    }

    fn agent_for(&self, trace_agent: Option<&str>) -> Answer<&'a Agent> {
        let named = self.agent.and_then(|name| self.guard.agent(name));
        let only = match self.guard.plan.agents.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let of_trace = || trace_agent.and_then(|name| self.guard.agent(name));
        named.or(only).or_else(of_trace).ok_or_else(|| match trace_agent {
            Some(name) => self.no_such_agent(name),
            None => Failure::usage("the policy declares several agents")
                .with_help(format!("choose one with `--agent`: {}", self.guard.agent_names())),
        })
    }

    fn no_such_agent(&self, name: &str) -> Failure {
        let known = self.guard.plan.agents.iter().map(|agent| agent.name.as_str());
        let failure = Failure::usage(format!("the policy has no agent `{name}`"));
        match guard_diagnostic::closest(name, known) {
            Some(near) => failure.with_help(format!("did you mean `{near}`?")),
            None => failure.with_help(format!("its agents: {}", self.guard.agent_names())),
        }
    }

    fn principal_for(&self, agent: &Agent) -> Answer<&str> {
        if let Some(principal) = &self.principal {
            return Ok(principal);
        }
        let needed = self.guard.needed_parameters(agent);
        if needed.is_empty() {
            return Ok("{}");
        }
        let example: Vec<String> = needed.iter().map(|name| format!("\"{name}\": …")).collect();
        Err(Failure::usage(format!("agent `{}` has parameters", agent.name))
            .with_help(format!("give them with `--principal '{{{}}}'`", example.join(", "))))
    }
}

/// JSON from the command line: itself, or the file that it names after `@`.
fn json_argument(argument: &str) -> Answer<String> {
    match argument.strip_prefix('@').map(Path::new) {
        Some(file) => fs::read_to_string(file).map_err(|error| Failure::file(file, error)),
        None => Ok(argument.to_owned()),
    }
}

/// A session of an agent.
#[derive(Debug)]
pub(crate) struct GuardSession {
    session: Session,
    /// Where it goes on, in this process and the next.
    store: Option<Arc<dyn SessionStore>>,
}

impl GuardSession {
    /// Decides an event.
    pub(crate) fn decide<'a>(&'a mut self, event: &'a [u8]) -> Answer<Decided<'a>> {
        match self.store.clone() {
            None => {
                self.session.decide(event);
            }
            Some(store) => decide_stored(&mut self.session, &*store, event)
                .map_err(|error| Failure::broke(error.to_string()))?,
        }
        let decision = self.session.last_decision(event);
        Ok(Decided::new(decision.verdict(), move || decision.to_json()))
    }

    /// The hash of what the session remembers, in hexadecimal.
    pub(crate) fn state_hash(&self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.session.state_hash() {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Says what every rule makes of an event, and leaves the session as it is.
    pub(crate) fn explain(&mut self, event: &[u8]) -> Explanation {
        self.session.explain(event)
    }
}

/// What was decided about an event. Its JSON is made when someone asks for it: a run that only
/// counts never does.
pub(crate) struct Decided<'a> {
    verdict: Verdict,
    json: Box<dyn Fn() -> String + 'a>,
}

impl<'a> Decided<'a> {
    /// A decision, and how its JSON object is made.
    pub(crate) fn new(verdict: Verdict, json: impl Fn() -> String + 'a) -> Self {
        Self { verdict, json: Box::new(json) }
    }

    /// In one word.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// As everyone reads it.
    pub(crate) fn json(&self) -> String {
        (self.json)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guard_plan::{FieldShape, Layout, PLAN_VERSION, Shape, ShapeId};

    /// A plan of agents that need a parameter `user` where they say so.
    fn guard(agents: &[(&str, bool)]) -> Guard {
        let shape = |kind| Shape { kind, slot: None, parts: Vec::new() };
        let user = FieldShape { name: "user".to_owned(), optional: false, shape: ShapeId(0) };
        let agents = agents.iter().map(|(name, with_user)| Agent {
            name: (*name).to_owned(),
            parameters: Layout { root: with_user.then_some(ShapeId(1)), ..Layout::default() },
            ..Agent::default()
        });
        let plan = Plan {
            detectors: Vec::new(),
            models: Vec::new(),
            services: Vec::new(),
            version: PLAN_VERSION,
            edition: 1,
            package: "p".to_owned(),
            texts: Vec::new(),
            text_sets: Vec::new(),
            patterns: Vec::new(),
            shapes: vec![
                shape(ShapeKind::Any),
                shape(ShapeKind::Record { fields: vec![user], open: false }),
            ],
            layouts: Vec::new(),
            data: Layout::default(),
            tools: Vec::new(),
            agents: agents.collect(),
            rules: Vec::new(),
            clauses: Vec::new(),
        };
        Guard::new(Arc::new(plan), EngineChoice::Jit, Stores::default()).unwrap()
    }

    fn arguments(agent: Option<&str>) -> SessionArguments {
        SessionArguments {
            agent: agent.map(str::to_owned),
            principal: None,
            facts: None,
            engine: EngineChoice::Jit,
        }
    }

    fn chosen(guard: &Guard, asked: Option<&str>, trace: Option<&str>) -> Answer<String> {
        let arguments = arguments(asked);
        let choice = SessionChoice::new(guard, &arguments)?;
        choice.agent_for(trace).map(|agent| agent.name.clone())
    }

    #[track_caller]
    fn expect_help(failure: &Failure, part: &str) {
        let Failure::Message { help: Some(help), .. } = failure else { panic!("{failure:?}") };
        assert!(help.contains(part), "{help}");
    }

    #[test]
    fn the_agent_is_the_one_asked_for_or_the_only_one_or_the_traces() {
        let one = guard(&[("bank", false)]);
        let two = guard(&[("bank", false), ("desk", false)]);
        assert_eq!(chosen(&one, None, Some("other")).unwrap(), "bank");
        assert_eq!(chosen(&two, None, Some("desk")).unwrap(), "desk");
        assert_eq!(chosen(&two, Some("bank"), Some("desk")).unwrap(), "bank");
        expect_help(&chosen(&two, Some("bnak"), None).unwrap_err(), "did you mean `bank`?");
        expect_help(&chosen(&two, None, None).unwrap_err(), "`bank`, `desk`");
        expect_help(&chosen(&two, None, Some("zzzzzz")).unwrap_err(), "`bank`, `desk`");
    }

    #[test]
    fn an_agent_with_parameters_needs_a_principal() {
        let guard = guard(&[("bank", true), ("desk", false)]);
        let arguments = arguments(None);
        let choice = SessionChoice::new(&guard, &arguments).unwrap();
        let principal = |name| choice.principal_for(guard.agent(name).unwrap());
        assert_eq!(principal("desk").unwrap(), "{}");
        expect_help(&principal("bank").unwrap_err(), r#"--principal '{"user": …}'"#);
    }
}
