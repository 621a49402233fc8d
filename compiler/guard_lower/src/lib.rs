//! Turns typed rules into a plan with a known worst case.

#![forbid(unsafe_code)]

mod assemble;
mod constants;
mod entry;
mod fragment;
mod layout;
mod reads;

pub use assemble::{AgentProgram, Program, ToolSignature, assemble};
pub use fragment::{Clause, Formula, Fragment};

#[cfg(test)]
mod tests;
