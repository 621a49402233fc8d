//! Runs every document and table we have against every engine we have.

#![forbid(unsafe_code)]

pub mod conformance;
pub mod document;
pub mod engines;
pub mod fuzz;
pub mod generate;
pub mod random;
pub mod suites;
pub mod workspace;
