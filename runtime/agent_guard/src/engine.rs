//! Decides by one policy, for all threads.

use crate::{FactsError, Policy, PolicyError, Session, SessionError};
use guard_engine::{Brakes, Evaluator, Interpreter, StoreError, Surroundings};
use guard_plan::Plan;
use std::sync::Arc;

/// How rules are evaluated. Both decide the same, always.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use agent_guard::{Engine, EngineKind};
/// let engine = Engine::with_kind(&mail_policy(), EngineKind::Interpreter)?;
/// assert_eq!(engine.kind(), EngineKind::Interpreter);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EngineKind {
    /// As machine code.
    Jit,
    /// By walking over the rules. Needs no executable memory.
    Interpreter,
}

/// Decides events by one policy. Cheap to clone; clones share facts. Use it from any thread.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = agent_guard::Engine::new(&mail_policy())?;
/// let other = engine.clone();
/// std::thread::spawn(move || other.session("mail", "session-2", br#"{"domain": "a.com"}"#).is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    inner: guard_engine::Engine,
    kind: EngineKind,
}

impl Engine {
    /// Loads a policy: as machine code where this computer and the crate's features allow it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(agent_guard::Engine::new(&mail_policy()).is_ok());
    /// # }
    /// ```
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        Self::with_kind(policy, EngineKind::Jit)
    }

    /// Loads a policy to be evaluated so. Without machine code for it the interpreter decides;
    /// [`Engine::kind`] says which one it became.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// use agent_guard::{Engine, EngineKind};
    /// assert!(Engine::with_kind(&mail_policy(), EngineKind::Interpreter).is_ok());
    /// # }
    /// ```
    pub fn with_kind(policy: &Policy, kind: EngineKind) -> Result<Self, PolicyError> {
        Self::within(policy, kind, Surroundings::default())
    }

    /// Loads a policy into its surroundings: where limits are counted, who is asked, who sees every
    /// decision, what the host carries out besides. Without any, limits are counted in this process,
    /// nobody is asked, and a rule that asks for a credential or a review denies.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use agent_guard::{Duties, Engine, EngineKind, Surroundings};
    /// let around = Surroundings { duties: Duties::ALL, ..Surroundings::default() };
    /// let engine = Engine::within(&mail_policy(), EngineKind::Jit, around)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn within(
        policy: &Policy,
        kind: EngineKind,
        around: Surroundings,
    ) -> Result<Self, PolicyError> {
        let plan = Arc::clone(policy.plan());
        let (evaluator, kind): (Box<dyn Evaluator>, _) = match machine_code(&plan, kind) {
            Some(code) => (code, EngineKind::Jit),
            None => (Box::new(Interpreter::new(Arc::clone(&plan))), EngineKind::Interpreter),
        };
        let inner = guard_engine::Engine::within(plan, evaluator, around);
        let inner = inner.map_err(PolicyError::new)?;
        Ok(Self { inner, kind })
    }

    /// How rules are evaluated.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", agent_guard::Engine::new(&mail_policy())?.kind());
    /// # Ok(())
    /// # }
    /// ```
    pub fn kind(&self) -> EngineKind {
        self.kind
    }

    /// Replaces all facts by those of a JSON object; what it leaves out is unknown, and so is
    /// everything before the first call. Every session decides its next event by them. What is
    /// wrong in any way is refused as a whole, and the facts stay as they are.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = agent_guard::Engine::new(&mail_policy())?;
    /// engine.set_facts(br#"{"trusted": ["alice@example.com"]}"#)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_facts(&self, json: &[u8]) -> Result<(), FactsError> {
        self.inner.set_facts(json).map_err(FactsError::new)
    }

    /// The host's switch: what it stops is denied from the next decision on, in every thread.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use agent_guard::{Engine, Event, Verdict, What};
    /// let engine = Engine::new(&mail_policy())?;
    /// let mut session = engine.session("mail", "s-1", br#"{"domain": "a.com"}"#)?;
    /// engine.brakes().stop(What::All, "an incident");
    /// let output = Event::output("hello");
    /// assert_eq!(session.decide(&output).verdict(), Verdict::Deny);
    /// engine.brakes().release(&What::All);
    /// assert_eq!(session.decide(&output).verdict(), Verdict::Allow);
    /// # Ok(())
    /// # }
    /// ```
    pub fn brakes(&self) -> &Brakes {
        self.inner.brakes()
    }

    /// Lets an agent go on that the host or one of its own rules stopped, in all processes that share
    /// the store. Says whether it was stopped here.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = agent_guard::Engine::new(&mail_policy())?;
    /// assert!(!engine.resume("mail")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, agent: &str) -> Result<bool, StoreError> {
        self.inner.resume(agent)
    }

    /// Closes a breaker by its name, for the sessions of a tenant; `""` are those without one. Says
    /// whether the agent has such a breaker.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = agent_guard::Engine::new(&mail_policy())?;
    /// assert!(!engine.close_breaker("mail", "payments", "")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn close_breaker(
        &self,
        agent: &str,
        breaker: &str,
        tenant: &str,
    ) -> Result<bool, StoreError> {
        self.inner.close_breaker(agent, breaker, tenant)
    }

    /// Begins a session of an agent. `principal` is a JSON object with the agent's parameters,
    /// fixed for the session.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = agent_guard::Engine::new(&mail_policy())?;
    /// let session = engine.session("mail", "session-1", br#"{"domain": "example.com"}"#)?;
    /// assert_eq!(session.id(), "session-1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn session(
        &self,
        agent: &str,
        session_id: &str,
        principal: &[u8],
    ) -> Result<Session, SessionError> {
        let session = self.inner.session(agent, session_id, principal);
        session.map(Session::new).map_err(SessionError::new)
    }
}

#[cfg(feature = "jit")]
fn machine_code(plan: &Plan, kind: EngineKind) -> Option<Box<dyn Evaluator>> {
    if kind != EngineKind::Jit {
        return None;
    }
    Some(Box::new(guard_jit::MachineCode::compile(plan).ok()?))
}

#[cfg(not(feature = "jit"))]
fn machine_code(_: &Plan, _: EngineKind) -> Option<Box<dyn Evaluator>> {
    None
}
