//! Turns text into tokens and tokens into a syntax tree, and can say in a sentence what is wrong with either.
//!
//! INVARIANT: parsing never fails and never panics; it returns a tree and a list of errors. This
//! crate depends on no other crate of ours; `lalrpop` and `logos` are known here and nowhere else.

#![forbid(unsafe_code)]

pub mod ast;
pub mod span;
pub mod syntax_error;
