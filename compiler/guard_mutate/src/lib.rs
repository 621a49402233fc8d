//! The small changes of a policy that its tests should notice: each drops something, or moves it a little, the way an
//! author's slip would.
//!
//! INVARIANT: a change is an edit of the text, made from the tree alone. Whether what comes of it still checks, and
//! whether it means anything else, is for whoever compiles it to find out.

#![forbid(unsafe_code)]

mod edits;
mod expressions;
mod literals;
mod operator;
mod rules;

pub use operator::Operator;

use edits::Edits;
use guard_grammar::ast::{ItemKind, TypeKind};
use guard_grammar::span::Span;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// What kind of slip it is.
    pub operator: Operator,
    /// What is replaced, counted from the start of the file.
    pub span: Span,
    /// What stands there instead; empty where something is dropped.
    pub replacement: String,
    /// The rule, the line of a scope or the declaration that it changes.
    pub inside: Span,
    /// The words that name that: `prohibit tool pay`, `const LARGE`.
    pub title: String,
}

impl Mutation {
    /// The text with the change in it.
    pub fn applied(&self, source: &str) -> String {
        let (start, end) = (self.span.start as usize, self.span.end as usize);
        let before = source.get(..start).unwrap_or(source);
        let after = source.get(end..).unwrap_or_default();
        [before, &self.replacement, after].concat()
    }
}

/// Every change of a file that parses, in the order of the text. Tests, tools and types are left as they are; so are rules
/// on trial and those that decide nothing a test can see.
pub fn mutations(source: &str) -> Vec<Mutation> {
    let parsed = guard_grammar::parse(source);
    let mut edits = Edits::new(source);
    for item in &parsed.file.items {
        match &item.kind {
            ItemKind::Const(decl) => {
                edits.enter(item.span, item.span);
                edits.value(&decl.value);
            }
            ItemKind::Fn(decl) => {
                edits.enter(item.span, item.span);
                let is_condition = matches!(
                    &decl.result.kind, TypeKind::Named(path) if path.last_word() == "bool");
                edits.expression(&decl.body, is_condition);
            }
            ItemKind::Detector(decl) => {
                edits.enter(item.span, item.span);
                edits.detector(&decl.source);
            }
            ItemKind::Agent(decl) => edits.rules(&decl.rules),
            ItemKind::Policy(decl) => edits.rules(&decl.rules),
            ItemKind::Layer(decl) => edits.rules(&decl.rules),
            _ => {}
        }
    }
    edits.finish()
}

#[cfg(test)]
mod tests;
