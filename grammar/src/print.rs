//! Prints the first two stages for people and snapshots.

use crate::ast::File;
use crate::lex::Tokens;
use std::fmt::Write as _;

/// One token a line: where, what, text. White space is left out.
pub fn print_tokens(tokens: &Tokens, source: &str) -> String {
    let mut out = String::new();
    for token in tokens.all.iter().filter(|t| t.kind != crate::TokenKind::Whitespace) {
        let text = token.span.text(source).escape_debug();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:>10} {:<14} {text}",
            format!("{:?}", token.span),
            format!("{:?}", token.kind)
        );
    }
    out
}

/// The tree, indented, with spans.
pub fn print_ast(file: &File) -> String {
    format!("{file:#?}\n")
}
