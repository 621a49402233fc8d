//! Decisions on small plans that were built by hand.

mod decisions;
mod interpreting;
mod tools;
mod working;
mod world;
