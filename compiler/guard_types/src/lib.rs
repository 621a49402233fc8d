//! Decides what every expression is, and refuses what can never fire.

#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "salsa's macros make items of their own")]

mod check;
pub mod codes;
mod compare;
mod declared;
mod findings;
mod infer;
mod names;
mod scene;
mod show;
mod simplify;
pub mod tir;
pub mod ty;
mod typed;
mod unsupported;

pub use check::{Checked, check_item, check_rule, parameters};
pub use declared::{Signatures, ToolTypes, signatures};
pub use findings::diagnostics;
pub use show::show_types;
