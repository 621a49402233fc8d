//! A statement that no dialect takes, read by its words.

use crate::{Query, push};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

/// Words that change something wherever in a statement they stand, and what they are called.
const CHANGES: [(&str, &str); 22] = [
    ("drop", "drop"),
    ("truncate", "truncate"),
    ("delete", "delete all"),
    ("update", "update all"),
    ("alter", "alter drop"),
    ("grant", "grant"),
    ("revoke", "revoke"),
    ("merge", "merge"),
    ("insert", "insert"),
    ("replace", "insert"),
    ("create", "create"),
    ("rename", "alter"),
    ("call", "call"),
    ("exec", "call"),
    ("execute", "call"),
    ("copy", "copy"),
    ("load", "load"),
    ("attach", "attach"),
    ("kill", "kill"),
    ("shutdown", "shutdown"),
    ("vacuum", "vacuum"),
    ("outfile", "copy"),
];

/// Notes the first word, and the ones that change something: what the others mean cannot be known.
pub(crate) fn statement(tokens: &[Token], query: &mut Query) {
    query.is_unread = true;
    let words = || tokens.iter().filter_map(word);
    let first = words().next().unwrap_or_default();
    let is_column =
        |word: &str| matches!(word, "replace" | "truncate" | "load" | "copy" | "rename" | "call");
    let mut is_noted = false;
    for (index, word) in words().enumerate() {
        let Some((_, kind)) = CHANGES.iter().find(|(known, _)| *known == word) else { continue };
        // A function or a column can be called so; a statement begins so.
        if index == 0 || !is_column(&word) {
            query.note(kind);
            is_noted = true;
        }
    }
    if !is_noted {
        query.note(&first);
    }
    for pair in tokens.windows(2) {
        if let [name, Token::LParen] = pair
            && let Some(name) = word(name)
        {
            push(&mut query.functions, name);
        }
    }
}

/// A word without quotes, in lower case.
fn word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_lowercase()),
        Token::Word(word) if word.keyword != Keyword::NoKeyword => Some(word.value.to_lowercase()),
        _ => None,
    }
}
