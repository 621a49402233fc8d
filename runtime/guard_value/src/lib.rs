//! Parses an event once, with limits, into typed values.

#![forbid(unsafe_code)]

mod facts;
mod record;

pub use facts::{Facts, TextSet};
pub use record::{Record, SlotState, SlotValue};
