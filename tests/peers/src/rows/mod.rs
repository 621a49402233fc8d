//! The measurements, one file for each row of `docs/performance.md`.

pub mod decision;
pub mod json;
pub mod load;
pub mod rules;
pub mod threads;
