//! Parses an event once, with limits, into typed values.
//!
//! [`Reader`] goes over the bytes of an event once, checks all of them (UTF-8, JSON, no key twice,
//! limits), checks what is read against its shape and fills the slots of a [`Record`]. A value of
//! the wrong type is a [`Fault`] and a malformed slot; what is not JSON is an error.

#![forbid(unsafe_code)]

mod argument;
mod event;
mod facts;
mod fault;
mod keys;
pub mod limits;
mod number;
mod pass;
mod reader;
mod record;
mod said;
mod scan;
mod text;
mod time;
mod token;
mod walk;

pub use argument::{Argument, EventDraft};
pub use event::{EventHead, EventKind, Layouts};
pub use facts::{Facts, TextSet};
pub use fault::{About, Fault, FaultKind, Faults, Subject};
pub use reader::{Reader, read_facts};
pub use record::{Record, SlotState, SlotValue};
pub use text::canonical_text;
pub use time::parse_time;

#[cfg(test)]
mod tests;
