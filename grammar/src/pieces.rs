//! Cuts a file into pieces that are parsed apart: declarations, rules, lines of a scope, steps.
//!
//! A generated parser recovers badly, above all at the end of its input. Where a piece begins can
//! be told from few tokens, because the language never writes two operands side by side: a word at
//! the start of a line, after something complete, begins a piece unless it continues one.

use crate::lex::{Token, Tokens};
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::TokenKind as T;

/// A token that the parser sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) token: Token,
    /// First of its line.
    pub(crate) starts_line: bool,
    /// At the very start of its line.
    pub(crate) unindented: bool,
    /// The documentation directly above.
    pub(crate) doc: Option<String>,
}

/// What stands between the braces of a piece.
#[derive(Debug, Clone)]
pub(crate) struct Body<'a> {
    pub(crate) seen: &'a [Seen],
}

/// One piece.
#[derive(Debug, Clone)]
pub(crate) struct Cut<'a> {
    /// The whole piece, or what stands before its body.
    pub(crate) head: &'a [Seen],
    pub(crate) body: Option<Body<'a>>,
    end: u32,
}

/// The pieces of a text, and what is wrong with how it is divided.
#[derive(Debug, Default)]
pub(crate) struct Pieces<'a> {
    pub(crate) pieces: Vec<Cut<'a>>,
    pub(crate) errors: Vec<SyntaxError>,
}

impl Cut<'_> {
    pub(crate) fn doc(&self) -> Option<String> {
        self.head.first().and_then(|seen| seen.doc.clone())
    }

    pub(crate) fn span(&self) -> Span {
        let start = self.head.first().map_or(self.end, |seen| seen.token.span.start);
        Span::new(start, self.end)
    }

    /// Whether what cannot be read was probably an agent, a policy or a layer.
    pub(crate) fn looks_like_rules(&self) -> bool {
        let first = self.head.first().map(|seen| seen.token.kind);
        !matches!(first, Some(T::Test | T::Steps | T::Prove | T::Type | T::Tool))
            && self.body.as_ref().is_some_and(|body| {
                body.seen.first().is_some_and(|seen| is_rule_word(seen.token.kind))
            })
    }
}

/// The tokens that the parser sees, with what it needs to know of those it does not.
pub(crate) fn significant(source: &str, tokens: &Tokens) -> Vec<Seen> {
    let mut seen = Vec::with_capacity(tokens.all.len() / 2);
    let (mut starts_line, mut unindented) = (true, true);
    let mut doc: Option<String> = None;
    for token in &tokens.all {
        let text = token.span.text(source);
        match token.kind {
            T::Whitespace => {
                if text.contains('\n') {
                    starts_line = true;
                    unindented = text.ends_with('\n');
                } else {
                    unindented = false;
                }
            }
            T::Comment => {}
            T::DocComment => {
                let line = text.trim_start_matches('/').trim();
                match &mut doc {
                    Some(doc) => {
                        doc.push('\n');
                        doc.push_str(line);
                    }
                    None => doc = Some(line.to_owned()),
                }
            }
            _ => {
                seen.push(Seen {
                    token: *token,
                    starts_line,
                    unindented: starts_line && unindented,
                    doc: doc.take(),
                });
                (starts_line, unindented) = (false, false);
            }
        }
    }
    seen
}

/// Cuts the declarations of a file.
pub(crate) fn cut_items<'a>(source: &str, seen: &'a [Seen]) -> Pieces<'a> {
    let begins = |before: &[Seen], at: &Seen, next: Option<T>| {
        let previous = last(before);
        let complete = is_complete(before);
        let word = is_item_word(at.token.kind);
        at.token.kind == T::Tool && complete
            || word && (complete && at.starts_line || at.unindented)
            || word && complete && previous == Some(T::RightBrace)
            || at.token.kind == T::Ident
                && complete
                && at.starts_line
                && next.is_some_and(follows_a_keyword)
    };
    cut(source, seen, has_item_body, begins)
}

/// Cuts the rules of an agent, a policy or a layer.
pub(crate) fn cut_rules<'a>(source: &str, body: &Body<'a>) -> Pieces<'a> {
    let begins = |before: &[Seen], at: &Seen, next: Option<T>| {
        if is_rule_word(at.token.kind) && rolls_out(before) {
            return false;
        }
        let previous = last(before);
        let complete = is_complete(before) && previous.is_none_or(|kind| !is_modifier(kind));
        let starts =
            at.starts_line || matches!(previous, None | Some(T::RightBrace | T::Semicolon));
        let word = is_rule_word(at.token.kind);
        // A keyword with its target begins a rule even where the one before breaks off.
        if word && next.is_some_and(begins_target) {
            return previous.is_none_or(|kind| !is_modifier(kind));
        }
        let item = is_item_word(at.token.kind) && next.is_some_and(follows_a_keyword);
        let elsewhere = matches!(at.token.kind, T::Ident | T::Tool | T::Reads | T::Writes);
        complete && starts && (word || elsewhere || item)
    };
    cut(source, body.seen, |head| head.iter().any(|seen| seen.token.kind == T::Scope), begins)
}

/// Cuts the lines of a scope.
pub(crate) fn cut_scope<'a>(source: &str, body: &Body<'a>) -> Pieces<'a> {
    let begins = |before: &[Seen], at: &Seen, next: Option<T>| {
        let previous = last(before);
        let complete = is_complete(before);
        let starts = at.starts_line || matches!(previous, None | Some(T::Semicolon));
        let word = at.token.kind == T::Tool && previous != Some(T::Any)
            || at.token.kind == T::Any && next == Some(T::Tool)
            || matches!(at.token.kind, T::Reads | T::Writes) && starts
            || at.token.kind == T::Ident && starts
            || is_rule_word(at.token.kind) && starts;
        complete && word
    };
    cut(source, body.seen, |_| false, begins)
}

/// Cuts the steps of a test.
pub(crate) fn cut_steps<'a>(source: &str, body: &Body<'a>) -> Pieces<'a> {
    let begins = |before: &[Seen], at: &Seen, next: Option<T>| {
        let previous = last(before);
        let starts = at.starts_line || matches!(previous, None | Some(T::Semicolon));
        let literal = matches!(next, Some(T::String | T::Duration));
        let value = matches!(next, Some(T::Ident | T::LeftBracket | T::LeftBrace | T::Of));
        let named = next.is_some_and(|next| next.is_word() || next == T::String);
        let word = previous != Some(T::Of)
            && match at.token.kind {
                T::Call => named,
                T::Input | T::Output | T::Wait => literal || starts && next == Some(T::Ident),
                T::Result | T::Fails => literal || starts && value,
                T::Given | T::Case => starts && named,
                T::After => next.is_some_and(T::is_word),
                T::Approve | T::Reject => {
                    matches!(next, Some(T::By | T::FatArrow)) || starts && next != Some(T::Colon)
                }
                T::Ident => starts && next.is_some_and(follows_a_keyword),
                _ => false,
            };
        word && previous.is_none_or(|kind| !wants_operand(kind))
    };
    cut(source, body.seen, |_| false, begins)
}

/// Cuts the claims of a proof.
pub(crate) fn cut_claims<'a>(source: &str, body: &Body<'a>) -> Pieces<'a> {
    let begins = |before: &[Seen], at: &Seen, _: Option<T>| {
        let previous = last(before);
        let starts = at.starts_line || matches!(previous, None | Some(T::Semicolon));
        at.token.kind == T::Ident && starts && previous.is_none_or(|kind| !wants_operand(kind))
    };
    cut(source, body.seen, |_| false, begins)
}

/// The walk that all cuts share. A piece begins where `begins` says so outside all brackets, or
/// inside round or square ones where it stands at the start of a line: an opened bracket then
/// belongs to a mistake of the piece before. A body ends at its brace, or before an unindented
/// declaration where the brace is missing.
fn cut<'a>(
    source: &str,
    seen: &'a [Seen],
    has_body: impl Fn(&[Seen]) -> bool,
    begins: impl Fn(&[Seen], &Seen, Option<T>) -> bool,
) -> Pieces<'a> {
    let mut pieces = Pieces::default();
    let mut rest = seen;
    let mut start = true;
    while let Some(first) = rest.first() {
        if first.token.kind == T::RightBrace {
            pieces.errors.push(
                SyntaxError::new("G0018", "a `}` closes nothing", first.token.span)
                    .label("there is no open `{`")
                    .help("remove it"),
            );
            rest = rest.get(1..).unwrap_or(&[]);
            continue;
        }
        if first.token.kind == T::Semicolon && start {
            rest = rest.get(1..).unwrap_or(&[]);
            continue;
        }
        let (piece, after) = one(source, rest, &has_body, &begins, &mut pieces.errors);
        pieces.pieces.push(piece);
        rest = after;
        start = true;
    }
    pieces
}

fn one<'a>(
    source: &str,
    seen: &'a [Seen],
    has_body: &impl Fn(&[Seen]) -> bool,
    begins: &impl Fn(&[Seen], &Seen, Option<T>) -> bool,
    errors: &mut Vec<SyntaxError>,
) -> (Cut<'a>, &'a [Seen]) {
    let mut round = 0_usize;
    let mut braces = 0_usize;
    let kind_at = |index: usize| seen.get(index).map(|s| s.token.kind);
    for (index, at) in seen.iter().enumerate() {
        let before = seen.get(..index).unwrap_or_default();
        let boundary = index > 0
            && braces == 0
            && (round == 0 || at.starts_line)
            && begins(before, at, kind_at(index + 1));
        if boundary {
            return split(seen, index);
        }
        match at.token.kind {
            T::LeftParen | T::LeftBracket => round += 1,
            T::RightParen | T::RightBracket => round = round.saturating_sub(1),
            T::LeftBrace
                if braces == 0 && round == 0 && has_body(seen.get(..index).unwrap_or(&[])) =>
            {
                return with_body(source, seen, index, errors);
            }
            T::LeftBrace => braces += 1,
            T::RightBrace if braces == 0 => return split(seen, index),
            T::RightBrace => braces -= 1,
            _ => {}
        }
        // A brace left open in a declaration: the next declaration ends it.
        if braces > 0 && index > 0 && at.unindented && is_item_word(at.token.kind) {
            return split(seen, index);
        }
    }
    split(seen, seen.len())
}

fn split(seen: &[Seen], at: usize) -> (Cut<'_>, &[Seen]) {
    let (head, rest) = seen.split_at_checked(at).unwrap_or((seen, &[]));
    let end = head.last().map_or(0, |last| last.token.span.end);
    (Cut { head, body: None, end }, rest)
}

fn with_body<'a>(
    source: &str,
    seen: &'a [Seen],
    open: usize,
    errors: &mut Vec<SyntaxError>,
) -> (Cut<'a>, &'a [Seen]) {
    let (head, from_brace) = seen.split_at_checked(open).unwrap_or((seen, &[]));
    let inner = from_brace.get(1..).unwrap_or(&[]);
    let mut depth = 0_usize;
    for (index, at) in inner.iter().enumerate() {
        let missing = at.unindented && is_item_word(at.token.kind) && at.token.kind != T::Use;
        match at.token.kind {
            T::LeftBrace => depth += 1,
            T::RightBrace if depth == 0 => {
                let (body, rest) = inner.split_at_checked(index).unwrap_or((inner, &[]));
                let rest = rest.get(1..).unwrap_or(&[]);
                let end = at.token.span.end;
                return (Cut { head, body: Some(Body { seen: body }), end }, rest);
            }
            T::RightBrace => depth -= 1,
            _ if missing => {
                let (body, rest) = inner.split_at_checked(index).unwrap_or((inner, &[]));
                return (unclosed(source, head, from_brace, body, errors), rest);
            }
            _ => {}
        }
    }
    (unclosed(source, head, from_brace, inner, errors), &[])
}

fn unclosed<'a>(
    source: &str,
    head: &'a [Seen],
    from_brace: &'a [Seen],
    body: &'a [Seen],
    errors: &mut Vec<SyntaxError>,
) -> Cut<'a> {
    let open = from_brace.first().map_or(Span::default(), |s| s.token.span);
    let end = body.last().map_or(open.end, |last| last.token.span.end);
    let name: Vec<&str> = head.iter().take(2).map(|s| s.token.span.text(source)).collect();
    errors.push(
        SyntaxError::new(
            "G0010",
            format!("the `{{` of `{}` is never closed", name.join(" ")),
            Span::new(end, end),
        )
        .label("a `}` is missing here")
        .related(open, "opened here")
        .help("write `}`"),
    );
    Cut { head, body: Some(Body { seen: body }), end }
}

fn has_item_body(head: &[Seen]) -> bool {
    let first = head.first().map(|seen| seen.token.kind);
    !matches!(
        first,
        Some(T::Tool | T::Type | T::Fn | T::Const | T::Data | T::Use | T::Detector | T::Trust)
    )
}

pub(crate) fn is_item_word(kind: T) -> bool {
    matches!(
        kind,
        T::Use
            | T::Const
            | T::Data
            | T::Type
            | T::Tool
            | T::Fn
            | T::Detector
            | T::Trust
            | T::Agent
            | T::Policy
            | T::Layer
            | T::Test
            | T::Steps
            | T::Prove
    )
}

pub(crate) fn is_rule_word(kind: T) -> bool {
    matches!(
        kind,
        T::Scope
            | T::Prohibit
            | T::Escalate
            | T::Limit
            | T::Redact
            | T::Require
            | T::Breaker
            | T::Halt
            | T::Include
            | T::Review
            | T::Use
            | T::Mark
            | T::Clear
            | T::Subject
            | T::Shadow
            | T::Rollout
    )
}

/// Whether nothing more has to come: `any tool` ends in a word that elsewhere is followed by a name.
fn is_complete(before: &[Seen]) -> bool {
    let mut kinds = before.iter().rev().map(|seen| seen.token.kind);
    match (kinds.next(), kinds.next()) {
        (Some(T::Tool), Some(T::Any)) | (None, _) => true,
        (Some(kind), _) => !wants_operand(kind),
    }
}

fn last(before: &[Seen]) -> Option<T> {
    before.last().map(|seen| seen.token.kind)
}

/// After `rollout 10% by KEY` the next rule word is that of the rule itself.
fn rolls_out(before: &[Seen]) -> bool {
    let mut words = before.iter().map(|seen| seen.token.kind).filter(|kind| is_rule_word(*kind));
    let mut rolls_out = false;
    let only_modifiers = words.all(|kind| {
        rolls_out |= kind == T::Rollout;
        kind == T::Rollout || is_modifier(kind)
    });
    rolls_out && only_modifiers
}

fn is_modifier(kind: T) -> bool {
    kind == T::Shadow
}

fn begins_target(kind: T) -> bool {
    matches!(kind, T::Tool | T::Any | T::Input | T::Output)
}

/// What can stand after a misspelt keyword, and never after an operand.
fn follows_a_keyword(kind: T) -> bool {
    kind.is_word() && !continues(kind)
        || matches!(kind, T::String | T::Tool | T::Percent | T::LeftBrace)
}

/// Words that go on with what has begun.
fn continues(kind: T) -> bool {
    matches!(
        kind,
        T::From
            | T::Since
            | T::Starts
            | T::Ends
            | T::Contains
            | T::Like
            | T::Matches
            | T::Finds
            | T::Otherwise
            | T::Whole
            | T::Because
            | T::Respond
            | T::Expires
            | T::To
            | T::With
            | T::Within
            | T::Per
            | T::Burst
            | T::At
            | T::Over
            | T::Opens
            | T::Closes
            | T::On
            | T::That
            | T::For
            | T::By
            | T::Of
            | T::Where
            | T::Near
    )
}

/// Whether something must follow before anything is complete.
pub(crate) fn wants_operand(kind: T) -> bool {
    matches!(
        kind,
        T::And
            | T::Or
            | T::Not
            | T::In
            | T::Has
            | T::Of
            | T::If
            | T::Then
            | T::Else
            | T::When
            | T::Unless
            | T::Equal
            | T::NotEqual
            | T::Less
            | T::LessOrEqual
            | T::Greater
            | T::GreaterOrEqual
            | T::Plus
            | T::Minus
            | T::Slash
            | T::Assign
            | T::Arrow
            | T::Comma
            | T::Colon
            | T::Dot
            | T::LeftParen
            | T::LeftBracket
            | T::Pipe
            | T::Tool
    )
}
