//! The measurements, one file for each row of `docs/performance.md`.

pub mod decision;
pub mod json;
#[cfg(feature = "guard")]
pub mod limits;
pub mod load;
pub mod rules;
#[cfg(feature = "guard")]
pub mod scan;
pub mod session;
pub mod threads;
