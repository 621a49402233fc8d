//! Text to tokens. Nothing is dropped: the texts of the tokens, one after another, are the source.

use crate::limits;
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::{TokenKind, keyword};
use logos::Logos;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// All tokens of a text, comments and white space included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    /// In the order of the text, without gaps.
    pub all: Vec<Token>,
}

/// Cuts a text into tokens. What is no token becomes [`TokenKind::Error`] and an error.
pub fn lex(source: &str) -> (Tokens, Vec<SyntaxError>) {
    let mut tokens = Tokens::default();
    let mut errors = Vec::new();
    if source.len() > limits::SOURCE_BYTES_MAX {
        errors.push(limits::too_long(source));
        return (tokens, errors);
    }
    let mut lexer = TokenKind::lexer(source);
    while let Some(kind) = lexer.next() {
        let range = lexer.span();
        // The source is at most `SOURCE_BYTES_MAX` long, which fits 32 bits.
        let (start, end) = (u32::try_from(range.start), u32::try_from(range.end));
        let (Ok(start), Ok(end)) = (start, end) else { break };
        let span = Span::new(start, end);
        let kind = match kind {
            Ok(TokenKind::Ident) => keyword(span.text(source)).unwrap_or(TokenKind::Ident),
            Ok(kind) => kind,
            Err(_) => TokenKind::Error,
        };
        push(&mut tokens.all, kind, span);
    }
    for token in &tokens.all {
        report(source, *token, &mut errors);
    }
    (tokens, errors)
}

// An unreadable stretch is one token, so that it is one error; an unfinished string reaches to the
// end of its line, so that the words inside it are not read as code.
fn push(tokens: &mut Vec<Token>, kind: TokenKind, span: Span) {
    if kind == TokenKind::Error
        && let Some(last) = tokens.last_mut()
        && last.kind == TokenKind::Error
    {
        last.span = last.span.cover(span);
        return;
    }
    tokens.push(Token { kind, span });
}

fn report(source: &str, token: Token, errors: &mut Vec<SyntaxError>) {
    let text = token.span.text(source);
    let in_text = matches!(
        token.kind,
        TokenKind::Comment | TokenKind::DocComment | TokenKind::String | TokenKind::Regex
    );
    if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
        let what = format!("U+{:04X}", u32::from(c));
        errors.push(
            SyntaxError::new(
                "G0006",
                format!("the invisible character {what} stands in the file"),
                token.span,
            )
            .label("it makes the text read differently from what it says")
            .help(if in_text {
                format!("write `\\u{{{:X}}}` in a string, or remove it", u32::from(c))
            } else {
                "remove it".to_owned()
            }),
        );
    } else if token.kind == TokenKind::Error {
        let error = if text.starts_with('"') || text.starts_with("r\"") || text.starts_with("r#") {
            SyntaxError::new("G0005", "a string is not closed on its line", token.span)
                .label("it starts here")
                .help("close it with `\"`")
        } else {
            let shown: String = text.chars().take(12).collect();
            SyntaxError::new("G0004", format!("`{shown}` means nothing in a policy"), token.span)
                .label("not part of the language")
        };
        errors.push(error);
    }
}

/// Characters that change how text is shown without being seen: bidirectional controls, zero-width
/// characters, control characters other than line breaks and tabs.
pub(crate) fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether a text certainly has no comment and nothing but single spaces between its tokens: most
/// rules have, and telling so is much cheaper than reading their tokens.
fn is_one_spaced(source: &str) -> bool {
    let bytes = source.as_bytes();
    let plain = |pair: &[u8]| !matches!(pair, b"  " | b"//" | b"( " | b" )" | b"[ " | b" ]");
    source.trim().len() == source.len()
        && bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && bytes.windows(2).all(plain)
}

/// The tokens of a text without comments, one space between them where anything stood between; none
/// inside round and square brackets, where a line may break.
pub fn one_spaced(source: &str) -> String {
    if is_one_spaced(source) {
        return source.to_owned();
    }
    let (tokens, _) = lex(source);
    let mut text = String::with_capacity(source.len());
    let mut gap = false;
    let mut last = None;
    for token in tokens.all {
        if token.kind.is_trivia() {
            gap = !text.is_empty();
        } else {
            let opened = matches!(last, Some(TokenKind::LeftParen | TokenKind::LeftBracket));
            let closes = matches!(token.kind, TokenKind::RightParen | TokenKind::RightBracket);
            if gap && !opened && !closes {
                text.push(' ');
            }
            gap = false;
            last = Some(token.kind);
            text.push_str(token.span.text(source));
        }
    }
    text
}
