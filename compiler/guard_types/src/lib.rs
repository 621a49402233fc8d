//! Decides what every expression is, and refuses what can never fire.

#![forbid(unsafe_code)]

mod adapt;
mod arithmetic;
pub mod asked;
pub mod boundary;
mod breakers;
mod calls;
mod ceiling;
mod check;
mod choice;
pub mod codes;
mod compare;
mod declared;
mod detectors;
mod effects;
mod findings;
mod given;
mod grounding;
mod include;
mod infer;
mod library;
mod lists;
mod names;
mod origins;
mod past;
pub mod scenario;
mod scene;
mod show;
mod simplify;
mod site;
mod subject;
mod text;
pub mod tir;
pub mod ty;
mod typed;
mod unsupported;
mod vacuous;
mod walk;

pub use check::{Checked, check_item, check_rule, parameters};
pub use declared::{Signatures, ToolTypes, signatures};
pub use detectors::{Declared, ModelFile, Models, TOKENIZER, declared_detectors, onnx_folder};
pub use findings::diagnostics;
pub use show::show_types;
pub use site::{Applied, Rules, Site, rules_of};
pub use walk::for_each_value;

#[cfg(test)]
mod tests;
