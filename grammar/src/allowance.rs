//! `// guardc: allow NAME, NAME because REASON`: what an author has looked at and lets be. A comment, so that it changes
//! nothing of what a policy means.

use crate::lex::{Token, lex};
use crate::span::Span;
use crate::token::TokenKind;

/// What a comment lets be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Codes of findings, or names of operators of mutation; at least one.
    pub names: Vec<String>,
    /// Why; never empty.
    pub reason: String,
    /// The comment.
    pub comment: Span,
    /// The line that is meant: its own, or the next with something on it where the comment stands alone.
    line: Span,
    /// Whether what begins on that line is meant as a whole.
    is_alone: bool,
}

/// A comment that begins as an allowance and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenAllowance {
    /// The comment.
    pub comment: Span,
    /// What is wrong with it, in a few words.
    pub problem: &'static str,
}

impl Allowance {
    /// Whether this name is let be at a place: `inside` is the rule, the declaration or the line of a scope around it.
    pub fn covers(&self, name: &str, at: Span, inside: Span) -> bool {
        let begins = |span: Span| self.line.start <= span.start && span.start < self.line.end;
        self.names.iter().any(|known| known == name)
            && (begins(at) || self.is_alone && begins(inside))
    }
}

/// Every allowance of a text, in its order.
pub fn allowances(source: &str) -> Vec<Result<Allowance, BrokenAllowance>> {
    let (tokens, _) = lex(source);
    let comments = tokens.all.iter().enumerate();
    let comments = comments.filter(|(_, token)| token.kind == TokenKind::Comment);
    let all = comments.filter_map(|(index, token)| {
        let words = token.span.text(source).trim_start_matches('/').trim();
        let words = words.strip_prefix("guardc:")?.trim();
        Some(read(words).map_or_else(
            |problem| Err(BrokenAllowance { comment: token.span, problem }),
            |(names, reason)| {
                let (before, after) = tokens.all.split_at(index);
                let (line, is_alone) = line_of(source, before, *token, after);
                Ok(Allowance { names, reason, comment: token.span, line, is_alone })
            },
        ))
    });
    all.collect()
}

fn read(words: &str) -> Result<(Vec<String>, String), &'static str> {
    let names = words.strip_prefix("allow ").ok_or("only `allow` is known here")?;
    let (names, reason) = names.split_once(" because ").ok_or("it needs `because` and a reason")?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err("it needs a reason");
    }
    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err("it needs names, with a comma between them");
    }
    Ok((names, reason.to_owned()))
}

/// The line that a comment speaks of, and whether the comment stands alone on its own.
fn line_of(source: &str, before: &[Token], comment: Token, after: &[Token]) -> (Span, bool) {
    let shares_its_line = before
        .iter()
        .rev()
        .take_while(|token| !token.span.text(source).contains('\n'))
        .any(|token| !token.kind.is_trivia());
    if shares_its_line {
        return (line_around(source, comment.span.start), false);
    }
    let next = after.iter().find(|token| !token.kind.is_trivia());
    let at = next.map_or(comment.span.start, |token| token.span.start);
    (line_around(source, at), true)
}

fn line_around(source: &str, at: u32) -> Span {
    let (before, after) = source.split_at_checked(at as usize).unwrap_or((source, ""));
    let start = before.rfind('\n').map_or(0, |found| found + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    // A source is at most 4 MiB long.
    Span::new(u32::try_from(start).unwrap_or(at), u32::try_from(end).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "guard 1
const A = 1 // guardc: allow move-bound because it is a sample

// guardc: allow G1003, drop-rule because both places agree
// and this goes on
const B = 2
const C = 3
// guardc: allow G1003
// guardc: deny G1003
// an ordinary comment
";

    fn at(words: &str) -> Span {
        let start = u32::try_from(SOURCE.find(words).unwrap()).unwrap();
        Span::new(start, start + u32::try_from(words.len()).unwrap())
    }

    #[test]
    fn a_comment_covers_its_line_or_what_begins_on_the_next() {
        let all = allowances(SOURCE);
        assert_eq!(all.len(), 4, "{all:#?}");
        let first = all[0].as_ref().unwrap();
        assert_eq!(first.reason, "it is a sample");
        assert!(first.covers("move-bound", at("= 1"), at("const A = 1")));
        assert!(!first.covers("drop-rule", at("= 1"), at("const A = 1")));
        assert!(!first.covers("move-bound", at("= 2"), at("const B = 2")));
        let second = all[1].as_ref().unwrap();
        assert_eq!(second.names, ["G1003", "drop-rule"]);
        assert!(second.covers("drop-rule", at("= 2"), at("const B = 2")));
        assert!(
            second.covers("G1003", at("= 3"), at("const B = 2")),
            "inside what it stands above"
        );
        assert!(!second.covers("G1003", at("= 3"), at("const C = 3")));
    }

    #[test]
    fn a_comment_without_a_reason_lets_nothing_be() {
        let all = allowances(SOURCE);
        assert_eq!(all[2].as_ref().unwrap_err().problem, "it needs `because` and a reason");
        assert_eq!(all[3].as_ref().unwrap_err().problem, "only `allow` is known here");
    }
}
