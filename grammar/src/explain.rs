//! What to tell an author whose text cannot be read. The generated parser's own list of what it
//! expected is both incomplete and too long, so it is never shown; the tokens around the place say
//! more.

use crate::pieces::{Seen, is_item_word, is_rule_word, wants_operand};
use crate::span::Span;
use crate::suggest::closest;
use crate::syntax_error::SyntaxError;
use crate::token::{RESERVED, TokenKind as T};

/// What kind of piece could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Item,
    Head,
    Rule,
    ScopeLine,
    Step,
    Claim,
}

impl PieceKind {
    fn name(self) -> &'static str {
        match self {
            Self::Item | Self::Head => "declaration",
            Self::Rule => "rule",
            Self::ScopeLine => "line of the scope",
            Self::Step => "step",
            Self::Claim => "claim",
        }
    }

    fn first_words(self) -> &'static [&'static str] {
        match self {
            Self::Item | Self::Head => &[
                "use", "const", "data", "type", "tool", "fn", "detector", "trust", "agent",
                "policy", "layer", "test", "steps", "prove",
            ],
            Self::Rule => &[
                "scope", "prohibit", "escalate", "limit", "redact", "require", "breaker", "halt",
                "review", "use", "mark", "clear", "subject", "include", "shadow", "rollout",
            ],
            Self::ScopeLine => &["tool", "any", "reads", "writes"],
            Self::Step => &[
                "input", "call", "result", "fails", "output", "wait", "given", "approve", "reject",
                "after", "case",
            ],
            Self::Claim => &["never", "always"],
        }
    }
}

pub(crate) fn no_header(at: Span) -> SyntaxError {
    SyntaxError::new("G0001", "the file does not begin with `guard 1`", at)
        .label("the language's edition must come first")
        .help("write `guard 1` on the first line")
        .fix(Span::new(at.start, at.start), "guard 1\n\n")
        .note("a file without this line is not a policy, and no folder's check reads it")
}

pub(crate) fn wrong_edition(at: Span) -> SyntaxError {
    SyntaxError::new("G0002", "this edition of the language does not exist", at)
        .label("the only edition is 1")
        .help("write `guard 1`")
}

pub(crate) fn outside_agent(at: Span) -> SyntaxError {
    SyntaxError::new("G0011", "a rule stands outside any agent", at)
        .label("rules belong between the braces of an agent")
        .help("move it into an `agent NAME { … }`")
}

pub(crate) fn only_scope_has_a_body(at: Span) -> SyntaxError {
    SyntaxError::new("G0014", "this rule has braces", at)
        .label("of all rules only `scope` has a body")
        .help("remove the braces")
}

/// The error for a piece that the parser refused at token `at`, or at its end. `None` where the
/// lexer has reported the place already.
pub(crate) fn refusal(
    source: &str,
    kind: PieceKind,
    seen: &[Seen],
    at: Option<usize>,
) -> Option<SyntaxError> {
    // One mistake is one error: an unreadable token explains whatever else is wrong with its piece.
    if seen.iter().any(|s| s.token.kind == T::Error) {
        return None;
    }
    let offending = at.and_then(|i| seen.get(i));
    let before = match at {
        Some(at) => at.checked_sub(1).and_then(|i| seen.get(i)),
        None => seen.last(),
    };
    Some(match (offending, before) {
        (Some(token), None) => wrong_first_word(source, kind, seen, token),
        (Some(token), Some(before)) => unclosed_bracket(seen, at)
            .unwrap_or_else(|| unexpected(source, kind, seen, token, before)),
        (None, _) => unclosed_bracket(seen, at).unwrap_or_else(|| ends_early(source, kind, seen)),
    })
}

fn wrong_first_word(source: &str, kind: PieceKind, seen: &[Seen], token: &Seen) -> SyntaxError {
    let word = token.token.span.text(source);
    let code = if matches!(kind, PieceKind::Item | PieceKind::Head) { "G0011" } else { "G0012" };
    let name = kind.name();
    if kind == PieceKind::Item && is_rule_word(token.token.kind) {
        let end = seen.last().map_or(token.token.span, |last| last.token.span);
        return outside_agent(token.token.span.cover(end));
    }
    if kind == PieceKind::Rule && (is_item_word(token.token.kind) || token.token.kind == T::Tool) {
        let help = if token.token.kind == T::Tool {
            "permit it in a `scope { … }`"
        } else {
            "move it out of the braces"
        };
        return SyntaxError::new(code, format!("`{word}` does not begin a rule"), token.token.span)
            .label("not a rule")
            .help(help);
    }
    let error =
        SyntaxError::new(code, format!("`{word}` does not begin a {name}"), token.token.span)
            .label(format!("not a {name}"));
    match closest(word, kind.first_words().iter().copied()) {
        Some(meant) => error.help(format!("write `{meant}`")).fix(token.token.span, meant),
        None => error.help(format!("a {name} begins with {}", listed(kind.first_words()))),
    }
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

/// A bracket that is still open where the parser gave up, and that nothing later closes.
fn unclosed_bracket(seen: &[Seen], at: Option<usize>) -> Option<SyntaxError> {
    let mut open: Vec<&Seen> = Vec::new();
    for s in seen {
        match s.token.kind {
            T::LeftParen | T::LeftBracket | T::LeftBrace => open.push(s),
            T::RightParen | T::RightBracket | T::RightBrace => {
                open.pop();
            }
            _ => {}
        }
    }
    let opener = open.pop()?;
    let (sign, closer) = match opener.token.kind {
        T::LeftParen => ("(", ")"),
        T::LeftBracket => ("[", "]"),
        _ => ("{", "}"),
    };
    let end = match at {
        Some(at) => at.checked_sub(1).and_then(|i| seen.get(i)),
        None => seen.last(),
    };
    let place = end.map_or(opener.token.span.end, |s| s.token.span.end);
    Some(
        SyntaxError::new("G0015", format!("a `{sign}` is never closed"), Span::new(place, place))
            .label(format!("a `{closer}` is missing here"))
            .related(opener.token.span, "opened here")
            .help(format!("write `{closer}`")),
    )
}

fn ends_early(source: &str, kind: PieceKind, seen: &[Seen]) -> SyntaxError {
    let name = kind.name();
    let Some(last) = seen.last() else {
        return SyntaxError::new("G0013", format!("an empty {name}"), Span::default());
    };
    missing(source, name, last)
}

fn missing(source: &str, name: &str, before: &Seen) -> SyntaxError {
    let word = before.token.span.text(source);
    let place = Span::new(before.token.span.end, before.token.span.end);
    let what = what_follows(before.token.kind);
    SyntaxError::new("G0013", format!("{what} is missing after `{word}`"), place)
        .label(format!("the {name} is not complete here"))
}

fn what_follows(kind: T) -> &'static str {
    match kind {
        T::And | T::Or | T::Not | T::When | T::Unless | T::If => "a condition",
        T::Prohibit | T::Escalate | T::Limit | T::On => "what the rule is about",
        T::Because | T::Respond | T::With => "a text in quotes",
        T::Expires | T::Over | T::After | T::Wait => "a length of time such as `15m`",
        T::Tool
        | T::Agent
        | T::Const
        | T::Data
        | T::Fn
        | T::Type
        | T::Policy
        | T::Layer
        | T::Use
        | T::Dot => "a name",
        T::Colon | T::Arrow => "a type",
        kind if wants_operand(kind) => "a value",
        _ => "something",
    }
}

fn unexpected(
    source: &str,
    kind: PieceKind,
    seen: &[Seen],
    token: &Seen,
    before: &Seen,
) -> SyntaxError {
    let word = token.token.span.text(source);
    let after = before.token.span.text(source);
    let name = kind.name();
    let span = token.token.span;
    if token.token.kind == T::Assign && is_condition(seen, token) {
        return SyntaxError::new("G0017", "`=` does not compare", span)
            .label("a comparison is meant here")
            .help("write `==`")
            .fix(span, "==");
    }
    if is_comparison(token.token.kind)
        && seen.iter().take_while(|s| *s != token).any(|s| is_comparison(s.token.kind))
    {
        return SyntaxError::new("G0016", "comparisons do not follow one another", span)
            .label("the second comparison")
            .help("join two comparisons with `and`: `a < b and b < c`");
    }
    if wants_operand(before.token.kind)
        && (closes(token.token.kind) || is_clause_word(token.token.kind))
    {
        return missing(source, name, before);
    }
    let error = SyntaxError::new("G0014", format!("`{word}` cannot stand after `{after}`"), span)
        .label(format!("the {name} cannot be read from here"));
    if RESERVED.iter().any(|(_, reserved)| *reserved == token.token.kind)
        && wants_operand(before.token.kind)
    {
        return error.help(format!("`{word}` is reserved; write it in quotes where it is a name"));
    }
    if matches!(kind, PieceKind::Item | PieceKind::Head)
        && before.token.kind.is_word()
        && token.token.kind.is_word()
    {
        return error.help(format!("write `:` between a name and its type: `{after}: {word}`"));
    }
    let known = [
        "when",
        "unless",
        "because",
        "respond",
        "expires",
        "and",
        "or",
        "not",
        "in",
        "contains",
        "matches",
        "finds",
        "like",
        "from",
        "otherwise",
        "then",
        "else",
        "tool",
        "has",
    ];
    match closest(word, known) {
        Some(meant) if token.token.kind == T::Ident => {
            error.help(format!("write `{meant}`")).fix(span, meant)
        }
        _ => error,
    }
}

fn is_condition(seen: &[Seen], token: &Seen) -> bool {
    let before = seen.iter().take_while(|s| *s != token);
    before.into_iter().any(|s| matches!(s.token.kind, T::When | T::Unless | T::If))
}

fn is_comparison(kind: T) -> bool {
    matches!(
        kind,
        T::Equal | T::NotEqual | T::Less | T::LessOrEqual | T::Greater | T::GreaterOrEqual
    )
}

fn closes(kind: T) -> bool {
    matches!(
        kind,
        T::RightParen | T::RightBracket | T::RightBrace | T::Comma | T::Semicolon | T::And | T::Or
    )
}

fn is_clause_word(kind: T) -> bool {
    matches!(kind, T::When | T::Unless | T::Because | T::Respond | T::Expires)
}
