//! One binary for all integration tests; a file that is not named here is found by `tidy`.

#![forbid(unsafe_code)]

mod brakes;
mod conformance;
mod cost;
mod decision;
mod defects;
mod differential;
mod documents;
mod formatting;
mod fuzz;
mod grammar;
mod grounding;
mod incremental;
mod layers;
mod malformed;
mod roles;
mod stages;
mod state;
mod suites;
mod texts;
mod tidy;
