//! Runs the tests of a package: each in an engine of its own, on the interpreter and on machine code,
//! which have to agree.
//!
//! INVARIANT: nothing here reads a clock, a file or chance. Time is that of the test, so a suite always
//! comes out the same.

#![forbid(unsafe_code)]

pub mod coverage;
mod expectation;
mod run;
mod search;
mod suite;
mod variants;
mod written;

pub use run::Failure;
pub use search::{Difference, difference};
pub use suite::{Suite, SuiteError, TestOutcome};
pub use variants::Hints;
pub use written::written;

#[cfg(test)]
mod tests;
