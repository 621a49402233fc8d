//! Decides what every name means.

#![forbid(unsafe_code)]

mod agents;
pub mod codes;
mod lookalike;
mod module;
mod names;
mod once;
mod policy;
mod report;
mod show;
mod targets;

pub use agents::{AgentNode, BlockNode, agents, block_of, is_over, layers, policies};
pub use lookalike::skeleton;
pub use module::{Module, Names};
pub use names::{Declaration, Environment, environment, module_name};
pub use policy::policy_named;
pub use report::Reporter;
pub use show::show_hir;
pub use targets::{Resolved, resolve_target};
