//! Turns text into tokens and tokens into a syntax tree, and can say in a sentence what is wrong with either.
//!
//! INVARIANT: parsing never fails and never panics; it returns a tree and a list of errors. This
//! crate depends on no other crate of ours; `lalrpop` and `logos` are known here and nowhere else.

#![forbid(unsafe_code)]

mod allowance;
pub mod ast;
mod build;
pub mod codes;
mod explain;
mod foreign;
mod lex;
pub mod limits;
mod parse;
mod pieces;
mod print;
pub mod span;
mod suggest;
pub mod syntax_error;
mod token;
mod validate;
mod written;

lalrpop_util::lalrpop_mod!(
    #[allow(
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        unused,
        missing_docs,
        unreachable_pub,
        elided_lifetimes_in_paths,
        missing_debug_implementations,
        reason = "generated code"
    )]
    guard
);

pub use allowance::{Allowance, BrokenAllowance, allowances};
pub use lex::{Token, Tokens, lex, one_spaced};
pub use parse::{Parsed, parse};
pub use print::{print_ast, print_tokens};
pub use suggest::closest;
pub use token::{RESERVED, SOFT, TokenKind};
pub use written::{is_invisible, written_name, written_path, written_string};

#[cfg(test)]
mod tests;
