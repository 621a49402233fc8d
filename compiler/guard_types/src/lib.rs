//! Decides what every expression is, and refuses what can never fire.

#![forbid(unsafe_code)]

mod adapt;
mod arithmetic;
mod calls;
mod ceiling;
mod check;
mod choice;
pub mod codes;
mod compare;
mod declared;
mod findings;
mod infer;
mod lists;
mod names;
mod scene;
mod show;
mod simplify;
mod text;
pub mod tir;
pub mod ty;
mod typed;
mod unsupported;
mod vacuous;

pub use check::{Checked, check_item, check_rule, parameters};
pub use declared::{Signatures, ToolTypes, signatures};
pub use findings::diagnostics;
pub use show::show_types;

#[cfg(test)]
mod tests;
