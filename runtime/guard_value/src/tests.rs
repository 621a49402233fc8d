//! Tests of the crate through its door, [`crate::Reader`].

mod events;
mod json;
mod shapes;
mod texts;
mod world;
