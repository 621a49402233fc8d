//! Decides what every name means.

#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "salsa's macros make items of their own")]

mod agents;
pub mod codes;
mod lookalike;
mod names;
mod report;
mod show;
mod targets;

pub use agents::{AgentNode, agents};
pub use lookalike::skeleton;
pub use names::{Declaration, Environment, Module, environment, module_name};
pub use report::Reporter;
pub use show::show_hir;
pub use targets::{Resolved, resolve_target};
