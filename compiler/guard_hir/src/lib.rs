//! Decides what every name means.

#![forbid(unsafe_code)]

mod agents;
pub mod codes;
mod lookalike;
mod module;
mod names;
mod once;
mod report;
mod show;
mod targets;

pub use agents::{AgentNode, agents};
pub use lookalike::skeleton;
pub use module::{Module, Names};
pub use names::{Declaration, Environment, environment, module_name};
pub use report::Reporter;
pub use show::show_hir;
pub use targets::{Resolved, resolve_target};
