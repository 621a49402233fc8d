//! Holds the inputs and the query database, and knows files only as text with an id.
//!
//! Nothing here reads a disk: whoever loads a package makes [`SourceFile`]s from texts.

#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::too_many_arguments,
    reason = "salsa's macros make constructors, getters and setters without documentation; the fields have theirs"
)]

mod database;
mod nodes;

pub use database::{
    Db, GuardDatabase, Package, SourceFile, package_from_texts, refuse_models, set_text,
};
pub use nodes::{ItemNode, RuleNode, Syntax, parse};
