//! The plan is checked through its two doors: its bytes, and its verifier.

mod gaps;
mod verifying;
mod wire;
mod world;
