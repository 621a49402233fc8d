//! Where the pieces of a file begin and end: declarations, rules, lines of a scope, steps, claims.

use crate::tokens::Text;
use guard_grammar::TokenKind as T;
use guard_grammar::ast::{File, Item, ItemKind, Rule, RuleKind};
use guard_grammar::span::Span;
use std::ops::Range;

/// What a piece is; it decides what may begin a line in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Header,
    Item,
    Rule,
    ScopeLine,
    Step,
    Claim,
}

/// A piece: tokens, and perhaps pieces in braces.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    /// All of it, or what stands before the brace.
    pub(crate) head: Range<usize>,
    pub(crate) body: Option<Body>,
}

/// What stands in the braces of a piece.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) pieces: Vec<Piece>,
    /// The closing brace.
    pub(crate) close: usize,
}

/// The pieces of a file.
pub(crate) fn pieces(file: &File, text: &Text<'_>) -> Vec<Piece> {
    let header = file.header.iter().map(|header| simple(text, Kind::Header, header.span));
    header.chain(file.items.iter().map(|item| of_item(text, item))).collect()
}

fn simple(text: &Text<'_>, kind: Kind, span: Span) -> Piece {
    Piece { kind, head: text.at(span.start)..text.at(span.end), body: None }
}

fn with_body(text: &Text<'_>, kind: Kind, span: Span, pieces: Vec<Piece>) -> Piece {
    let Range { start, end } = text.at(span.start)..text.at(span.end);
    let mut depth = 0_usize;
    let mut open = end;
    for index in start..end {
        match text.kind(index) {
            Some(T::LeftParen | T::LeftBracket) => depth += 1,
            Some(T::RightParen | T::RightBracket) => depth = depth.saturating_sub(1),
            Some(T::LeftBrace) if depth == 0 => {
                open = index;
                break;
            }
            _ => {}
        }
    }
    Piece { kind, head: start..open, body: Some(Body { pieces, close: end.saturating_sub(1) }) }
}

fn of_item(text: &Text<'_>, item: &Item) -> Piece {
    let base = item.span.start;
    let rules = |rules: &[Rule]| rules.iter().map(|rule| of_rule(text, rule)).collect();
    let inside = |kind, span: Span| simple(text, kind, span.absolute_from(base));
    let pieces = match &item.kind {
        ItemKind::Agent(agent) => rules(&agent.rules),
        ItemKind::Policy(policy) => rules(&policy.rules),
        ItemKind::Layer(layer) => rules(&layer.rules),
        ItemKind::Test(test) => {
            test.steps.iter().map(|step| inside(Kind::Step, step.span)).collect()
        }
        ItemKind::Steps(shared) => {
            shared.steps.iter().map(|step| inside(Kind::Step, step.span)).collect()
        }
        ItemKind::Prove(prove) => {
            prove.claims.iter().map(|claim| inside(Kind::Claim, claim.span)).collect()
        }
        _ => return simple(text, Kind::Item, item.span),
    };
    with_body(text, Kind::Item, item.span, pieces)
}

fn of_rule(text: &Text<'_>, rule: &Rule) -> Piece {
    let RuleKind::Scope(lines) = &rule.kind else {
        return simple(text, Kind::Rule, rule.span);
    };
    let base = rule.span.start;
    let line = |span: Span| simple(text, Kind::ScopeLine, span.absolute_from(base));
    let pieces = lines.iter().map(|one| line(one.span)).collect();
    with_body(text, Kind::Rule, rule.span, pieces)
}
