//! The tokens that are printed, each with the comments above it. Semicolons and trailing commas, which
//! mean nothing where every piece has its own line, are left out here.

use guard_grammar::span::Span;
use guard_grammar::{Token, TokenKind as T, Tokens};

/// A comment and how it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment<'s> {
    /// Without the white space that ends its line.
    pub(crate) text: &'s str,
    /// Whether it stood behind something on its line.
    pub(crate) trailing: bool,
    /// Whether an empty line was above it.
    pub(crate) blank_before: bool,
}

/// A token that is printed.
#[derive(Debug, Clone)]
pub(crate) struct Printed<'s> {
    pub(crate) kind: T,
    pub(crate) text: &'s str,
    pub(crate) span: Span,
    /// What stood between it and the token before.
    pub(crate) comments: Vec<Comment<'s>>,
    /// Whether its line began with it, or with a comment before it.
    pub(crate) newline_before: bool,
    /// Whether an empty line was directly above it.
    pub(crate) blank_before: bool,
}

/// A file's printed tokens.
#[derive(Debug)]
pub(crate) struct Text<'s> {
    pub(crate) tokens: Vec<Printed<'s>>,
    /// The comments behind the last token.
    pub(crate) last_comments: Vec<Comment<'s>>,
}

impl<'s> Text<'s> {
    pub(crate) fn new(source: &'s str, tokens: &Tokens) -> Self {
        let mut text = Self { tokens: Vec::new(), last_comments: Vec::new() };
        let mut gap = Gap::default();
        let mut all = tokens.all.iter();
        while let Some(token) = all.next() {
            if token.kind.is_trivia() {
                gap.add(source, *token);
            } else if !is_dropped(token.kind, all.as_slice()) {
                let Gap { comments, newline, newlines, .. } = std::mem::take(&mut gap);
                text.tokens.push(Printed {
                    kind: token.kind,
                    text: token.span.text(source),
                    span: token.span,
                    newline_before: newline,
                    blank_before: newlines > 1,
                    comments,
                });
            }
        }
        text.last_comments = gap.comments;
        text
    }

    /// The index of the first token at or behind an offset.
    pub(crate) fn at(&self, offset: u32) -> usize {
        self.tokens.partition_point(|token| token.span.start < offset)
    }

    pub(crate) fn kind(&self, index: usize) -> Option<T> {
        self.tokens.get(index).map(|token| token.kind)
    }
}

fn is_dropped(kind: T, behind: &[Token]) -> bool {
    let next = || behind.iter().map(|token| token.kind).find(|kind| !kind.is_trivia());
    match kind {
        T::Semicolon => true,
        T::Comma => matches!(next(), Some(T::RightParen | T::RightBracket | T::RightBrace)),
        _ => false,
    }
}

/// What stands between two printed tokens.
#[derive(Debug, Default)]
struct Gap<'s> {
    comments: Vec<Comment<'s>>,
    newline: bool,
    /// Line breaks since the last token or comment.
    newlines: usize,
}

impl<'s> Gap<'s> {
    fn add(&mut self, source: &'s str, token: Token) {
        let text = token.span.text(source);
        if token.kind == T::Whitespace {
            let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
            self.newlines += breaks;
            self.newline |= breaks > 0;
            return;
        }
        let (trailing, blank_before) = (!self.newline, self.newlines > 1);
        // A comment reaches to the end of its line.
        self.newline = true;
        self.newlines = 0;
        self.comments.push(Comment { text: text.trim_end(), trailing, blank_before });
    }
}
