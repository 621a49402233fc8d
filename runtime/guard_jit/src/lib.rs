//! Makes a plan fast without changing its meaning.
//!
//! [`MachineCode`] evaluates what `guard_engine`'s interpreter evaluates, to the last bit. It is
//! made in four steps: `shape` finds the entries that are equal but for constants, `part` cuts
//! large entries, `lower` writes one function for each part of each shape, and `code_memory` owns
//! the finished code. `entry` calls it, `host_abi` is what it calls.
//!
//! INVARIANT: machine code reads nothing outside the slots and texts of the records it is given,
//! whatever these hold, and writes nothing but the outcome's words. It has no imports, no
//! relocations and no instruction that can trap on any input.

mod code_memory;
mod compile;
mod entry;
mod error;
mod frame;
mod host_abi;
mod isa;
mod lower;
mod part;
mod scope;
mod shape;
mod show;
#[cfg(test)]
mod tests;

pub use compile::{Options, Stats};
pub use entry::MachineCode;
pub use error::JitError;
pub use show::{asm, clif};
