//! The contract: what the compiler promises and the runtime executes.
//!
//! A [`Plan`] is plain data: typed, acyclic and bounded. The compiler writes it, the runtime reads
//! it, a person can print it, and the two sides share no other type. It needs nothing but an
//! encoding and a hash.

#![forbid(unsafe_code)]

mod node;
mod plan;
mod shape;
mod verdict;

pub use node::*;
pub use plan::*;
pub use shape::*;
pub use verdict::*;
