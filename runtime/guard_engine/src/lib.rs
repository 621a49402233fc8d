//! Keeps a session's state and makes decisions; its interpreter is the meaning of the language.
//!
//! An [`Engine`] holds a verified plan and what all sessions share. A [`Session`] takes an event's
//! bytes to a [`Decision`] in one pass: read, evaluate, most restrictive verdict. The rules are
//! evaluated by an [`Evaluator`]: the [`Interpreter`] here, or machine code.

#![forbid(unsafe_code)]

mod answers;
mod approving;
mod breakers;
mod calls;
mod counting;
mod decision;
mod duties;
mod engine;
mod error;
mod evaluate;
mod explain;
mod fault;
mod grounding;
mod interpret;
pub mod limits;
mod look;
mod memory;
mod networks;
mod origins;
mod past;
mod recording;
mod report;
mod saved;
mod services;
mod session;
mod share;
mod stream;
#[cfg(test)]
mod tests;
mod tools;
mod trial;
mod witness;
mod work;

pub use approving::{Answered, Approver, ApproverError, AskedCall, AskedOf, Put, shown_call};
pub use decision::{Approval, Decision, Reason};
pub use duties::Duties;
pub use engine::{Engine, Surroundings};
pub use error::{FactsError, LoadError, SessionError};
pub use evaluate::{Evaluator, Frames, Outcome};
pub use explain::{Explanation, Flip, RuleReport};
pub use fault::EventFault;
pub use guard_redact::{HoldBack, Pseudonyms, RedactError};
pub use guard_state::{Brakes, StoreError, What};
pub use interpret::Interpreter;
pub use networks::{Network, NetworkError, Networks};
pub use report::{
    ApprovalReport, ClauseReport, DecisionReport, LimitReport, ObligationReport, OnExpiryWord,
    ReasonReport, Receipt, RedactionReport, Values,
};
pub use saved::RestoreError;
pub use services::{ServiceError, Services};
pub use session::Session;
pub use stream::{Ended, OutputStream};
pub use trial::{ClauseTrial, Trial, clauses_below};
pub use witness::{About, Witness, WitnessError};
