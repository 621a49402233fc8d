//! Reads SQL texts: which statements they have, and which tables and functions those name.
//!
//! The dialect of the database is not known here. A text is cut into statements as databases without and as those with
//! backslashes in literals do it, and what either finds counts. A statement that no dialect of the parser takes is read
//! by its words, the restrictive way. A text that cannot be cut into words (a quote without its end) is none.
//!
//! INVARIANT: any text is read to an answer within [`limits`]; the parser's depth is bounded before it runs.

#![forbid(unsafe_code)]

mod kind;
pub mod limits;
mod parsed;
mod words;

use limits::{PARENTHESES_MAX, STATEMENTS_MAX, TEXT_BYTES_MAX, TOKENS_MAX};
use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect};
use sqlparser::tokenizer::{Token, Tokenizer};

/// What an SQL text does, as far as the text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What each statement does: `select`, `insert`, `update`, `update all` (without a condition), `delete`, `delete
    /// all`, `drop`, `truncate`, `alter`, `alter drop`, `create`, `grant`, `revoke`, `merge`, `call`, `show`, `set`, or
    /// the first word of any other. Statements inside others are listed, too.
    pub statements: Vec<String>,
    /// The tables and views that are named, in lower case, quotes undone: `public.users`.
    pub tables: Vec<String>,
    /// The functions that are called, in lower case.
    pub functions: Vec<String>,
    /// Some statement changes something, or may.
    pub writes: bool,
    /// Some statement is in no dialect that is known; it was read by its words.
    pub is_unread: bool,
}

/// Reads a text. `None` where it is no SQL at all, or is past a limit.
pub fn read(text: &str) -> Option<Query> {
    if text.len() > TEXT_BYTES_MAX || text.contains('\0') {
        return None;
    }
    let plain = tokens(&GenericDialect {}, text);
    let escaped = tokens(&MySqlDialect {}, text);
    let mut query = Query::default();
    let mut budget = limits::PARSED_TOKENS_MAX;
    let is_same = plain == escaped;
    for tokens in [plain, if is_same { None } else { escaped }].into_iter().flatten() {
        statements(&tokens, &mut query, &mut budget)?;
    }
    (!query.statements.is_empty()).then_some(query)
}

/// The words of a text without blanks and comments; nothing where a quote does not end.
fn tokens(dialect: &dyn Dialect, text: &str) -> Option<Vec<Token>> {
    let tokens = Tokenizer::new(dialect, text).tokenize().ok()?;
    let is_word = |token: &Token| !matches!(token, Token::Whitespace(_) | Token::EOF);
    Some(tokens.into_iter().filter(is_word).collect())
}

fn statements(tokens: &[Token], query: &mut Query, budget: &mut usize) -> Option<()> {
    if tokens.len() > TOKENS_MAX || depth(tokens) > PARENTHESES_MAX {
        return None;
    }
    let pieces = tokens.split(|token| *token == Token::SemiColon).filter(|piece| !piece.is_empty());
    for (number, piece) in pieces.enumerate() {
        if number >= STATEMENTS_MAX {
            return None;
        }
        if !parsed::statement(piece, query, budget) {
            words::statement(piece, query);
        }
    }
    Some(())
}

fn depth(tokens: &[Token]) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for token in tokens {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

impl Query {
    /// Notes what a statement does, once.
    fn note(&mut self, kind: &str) {
        self.writes |= !kind::only_reads(kind);
        push(&mut self.statements, kind.to_owned());
    }
}

fn push(list: &mut Vec<String>, entry: String) {
    if !list.contains(&entry) {
        list.push(entry);
    }
}

#[cfg(test)]
mod tests;
