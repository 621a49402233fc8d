//! Tests through the one door, [`crate::import`].

mod forms;
mod refusals;
mod shipped;
