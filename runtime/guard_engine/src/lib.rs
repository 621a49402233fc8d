//! Keeps a session's state and makes decisions; its interpreter is the meaning of the language.
//!
//! An [`Engine`] holds a verified plan and what all sessions share. A [`Session`] takes an event's
//! bytes to a [`Decision`] in one pass: read, evaluate, most restrictive verdict. The rules are
//! evaluated by an [`Evaluator`]: the [`Interpreter`] here, or machine code.

#![forbid(unsafe_code)]

mod decision;
mod engine;
mod error;
mod evaluate;
mod explain;
mod fault;
mod interpret;
mod recording;
mod report;
mod session;
#[cfg(test)]
mod tests;
mod tools;

pub use decision::{Approval, Decision, Reason};
pub use engine::Engine;
pub use error::{FactsError, LoadError, SessionError};
pub use evaluate::{Evaluator, Frames, Outcome};
pub use explain::{Explanation, Flip, RuleReport};
pub use fault::EventFault;
pub use interpret::Interpreter;
pub use report::{
    ApprovalReport, ClauseReport, DecisionReport, OnExpiryWord, ReasonReport, Receipt, Values,
};
pub use session::Session;
