//! Turns typed rules into a plan with a known worst case.

#![forbid(unsafe_code)]

mod asks;
mod assemble;
mod boundary;
mod constants;
mod entry;
mod fragment;
mod layout;
mod queries;
mod reads;

pub use assemble::{AgentProgram, Program, ToolSignature, assemble};
pub use fragment::{Clause, Formula, Fragment};
pub use queries::{Compiled, compile, compile_texts, lower_rule, plan};

#[cfg(test)]
mod tests;
