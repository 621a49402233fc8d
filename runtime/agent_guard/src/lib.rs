//! The crate an embedder names: Policy, Session, Event, Decision, and nothing else.
//!
//! A [`Policy`] is what `guardc build` writes. An [`Engine`] decides by it; it is shared by all
//! threads. Each run of an agent is a [`Session`], which is asked about every [`Event`] before it
//! passes: text to the agent, a tool call, its result, text from the agent. The [`Decision`] says
//! what to do and why.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
//! use agent_guard::{Engine, Event, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // agent mail(domain: text) {
//! //   scope { tool send_email }
//! //   prohibit tool send_email when any to ends_with "@rival.com" respond "ask a person"
//! // }
//! let engine = Engine::new(&mail_policy())?;
//! let mut session = engine.session("mail", "session-1", br#"{"domain": "example.com"}"#)?;
//!
//! let event = Event::tool_call("send_email").argument("to", vec!["eve@rival.com"]);
//! let decision = session.decide(&event);
//! assert_eq!(decision.verdict(), Verdict::Deny);
//! assert_eq!(decision.respond(), Some("ask a person"));
//! # Ok(())
//! # }
//! ```
//!
//! # What is certain
//!
//! Every event has a decision, and what cannot be read, checked or evaluated is denied. A decision
//! on an event in order allocates nothing on the heap once the session is warm, except for URLs
//! and names that are not ASCII. Nothing here reads a clock, a file, the network or the
//! environment.

#![forbid(unsafe_code)]

mod decision;
mod engine;
mod error;
mod event;
mod policy;
mod session;

pub use decision::{Approval, Decision, Fault, Reason, Verdict};
pub use engine::{Engine, EngineKind};
pub use error::{FactsError, PolicyError, SessionError};
pub use event::{Event, Value};
pub use guard_engine::{
    Brakes, Duties, Ended, HoldBack, OutputStream, Pseudonyms, RedactError, RestoreError,
    StoreError, Surroundings, What,
};
pub use policy::Policy;
pub use session::{Explanation, Session};
