//! The contract: what the compiler promises and the runtime executes.
//!
//! A [`Plan`] is plain data: typed, acyclic and bounded. The compiler writes it, the runtime reads
//! it, a person can print it, and the two sides share no other type. It needs nothing but an
//! encoding and a hash.

#![forbid(unsafe_code)]

mod detector;
mod digest;
pub mod limits;
mod listing;
mod memory;
mod node;
mod plan;
mod shape;
mod state;
mod verdict;
mod verify;
mod wire;

pub use detector::*;
pub use digest::Digest;
pub use listing::listing;
pub use memory::*;
pub use node::*;
pub use plan::*;
pub use shape::*;
pub use state::StateBound;
pub use verdict::*;
pub use verify::{PlanError, verify};
pub use wire::{DecodeError, is_plan};

#[cfg(test)]
mod tests;
