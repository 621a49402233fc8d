//! Runs every document and table we have against every engine we have.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a harness fails by panicking, as the tests that call it do"
)]

pub mod document;
pub mod generate;
pub mod random;
pub mod workspace;
