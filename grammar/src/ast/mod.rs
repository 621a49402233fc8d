//! The syntax tree: what was written, with spans and nothing resolved.
//!
//! The tree covers the whole surface of the language, also what the compiler does not yet give a
//! meaning to. Nodes are built by the grammar and checked later: a duplicate clause or an empty
//! scope is still a tree.
//!
//! An item's own span counts from the start of the file and so does a rule's; every span inside an
//! item counts from the item's start, and every span inside a rule from the rule's. So the tree of a
//! rule does not change when text above it does, and what was computed from it stays valid.

mod expr;
mod item;
mod rule;
mod scenario;
mod ty;

pub use expr::*;
pub use item::*;
pub use rule::*;
pub use scenario::*;
pub use ty::*;

use crate::span::Span;

/// A whole file. `header` is absent when `guard 1` is missing (an error is reported with it).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// The `guard 1` line.
    pub header: Option<Header>,
    /// Everything after it, in the order written.
    pub items: Vec<Item>,
}

/// `guard 1`: the language's edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The edition as written; only 1 exists.
    pub edition: i64,
    /// The whole header.
    pub span: Span,
}

/// One word as the author wrote it, or the inside of a quoted name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The word itself, without quotes.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// Words joined by dots: `bank.admin.close`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// At least one word, except in a file that did not parse.
    pub segments: Vec<Name>,
    /// From the first word to the last.
    pub span: Span,
}

impl Path {
    /// The word after the last dot.
    pub fn last_word(&self) -> &str {
        self.segments.last().map_or("", |name| name.text.as_str())
    }

    /// The words with their dots.
    pub fn dotted(&self) -> String {
        self.segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// A string literal with its escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StringLiteral {
    /// The characters it stands for.
    pub value: String,
    /// The literal, quotes included.
    pub span: Span,
}

/// A length of time such as `15m` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DurationLiteral {
    /// Milliseconds; `None` where the literal overflows 64 bits.
    pub milliseconds: Option<i64>,
    /// The literal.
    pub span: Span,
}
