//! Bounds on what a file may hold. Each has its own error.

use crate::lex::Token;
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::TokenKind as T;

/// The length of a file, in bytes.
pub const SOURCE_BYTES_MAX: usize = 4 << 20;

/// How deep brackets of all kinds may nest.
pub const NESTING_MAX: usize = 64;

/// How many operators that nest (`not`, `-`, `.`, `+`, calls, `if`, `otherwise`, …) one operand of
/// `and`, `or` or a list may have. Trees are dropped and walked by recursion.
pub const CHAIN_MAX: usize = 256;

pub(crate) fn too_long(source: &str) -> SyntaxError {
    let length = source.len();
    SyntaxError::new("G0007", format!("the file is {length} bytes long"), Span::new(0, 0))
        .label(format!("at most {SOURCE_BYTES_MAX} bytes can be read"))
        .help("divide it into modules and take them in with `use`")
}

/// Checks nesting and chains of the tokens that the parser is about to see.
pub(crate) fn check(tokens: &[Token]) -> Option<SyntaxError> {
    let mut chains = vec![0_usize];
    for token in tokens {
        match token.kind {
            T::LeftParen | T::LeftBracket | T::LeftBrace => {
                if chains.len() > NESTING_MAX {
                    return Some(
                        SyntaxError::new(
                            "G0008",
                            format!("brackets nest more than {NESTING_MAX} deep"),
                            token.span,
                        )
                        .label("this one is too deep")
                        .help("name a part with `fn` or `type`"),
                    );
                }
                bump(&mut chains);
                chains.push(0);
            }
            T::RightParen | T::RightBracket | T::RightBrace if chains.len() > 1 => {
                chains.pop();
            }
            T::And | T::Or | T::Comma | T::When | T::Unless | T::Semicolon => {
                if let Some(chain) = chains.last_mut() {
                    *chain = 0;
                }
            }
            T::Not
            | T::Minus
            | T::Plus
            | T::Star
            | T::Slash
            | T::Dot
            | T::If
            | T::Then
            | T::Else
            | T::Otherwise
            | T::All
            | T::Any
            | T::Question
            | T::Colon => bump(&mut chains),
            _ => {}
        }
        if chains.last().is_some_and(|chain| *chain > CHAIN_MAX) {
            return Some(
                SyntaxError::new(
                    "G0009",
                    format!("more than {CHAIN_MAX} operators hang on one another"),
                    token.span,
                )
                .label("the chain is too long here")
                .help("name a part with `fn` or `const`"),
            );
        }
    }
    None
}

fn bump(chains: &mut [usize]) {
    if let Some(chain) = chains.last_mut() {
        *chain += 1;
    }
}
