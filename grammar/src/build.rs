//! What the grammar's actions call. They build nodes from tokens and never fail: a literal that
//! cannot be read (an unknown escape, a number beyond 64 bits) becomes a node that says so, which
//! `validate` reports.

use crate::ast::{
    ArgumentValue, ArithmeticOp, Clause, DurationLiteral, EventPattern, Expectation, Expr,
    ExprKind, Field, ItemKind, Modifier, Name, NamedValue, Path, Percent, RuleKind, ScopeItemKind,
    StepKind, StringLiteral, Target, TargetKind, ToolPattern, TypeExpr, TypeKind,
};
use crate::span::Span;

/// What one parse of a piece yields.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A declaration without a body of its own.
    Item(ItemKind),
    /// What stands before a body.
    Head(Head),
    /// A rule.
    Rule((Vec<Modifier>, RuleKind)),
    /// A line of a scope.
    ScopeLine(ScopeItemKind),
    /// A step of a test.
    Step((StepKind, Option<Expectation>)),
    /// A claim of a proof.
    Claim((Name, Name, Target, Vec<Clause>)),
}

/// What stands before the brace of a body.
#[derive(Debug)]
pub(crate) enum Head {
    /// `agent NAME(parameters)`.
    Agent(Name, Vec<Field>),
    /// `policy NAME(parameters)`.
    Policy(Name, Vec<Field>),
    /// `layer NAME over agents matching "…"`.
    Layer(Name, Option<StringLiteral>),
    /// `test "…" for AGENT(values)`.
    Test(StringLiteral, Path, Vec<NamedValue>),
    /// `steps NAME for AGENT`.
    Steps(Name, Path),
    /// `prove "…" for AGENT`.
    Prove(StringLiteral, Path),
    /// `scope`, with the modifiers before it.
    Scope(Vec<Modifier>),
}

fn text(source: &str, l: u32, r: u32) -> &str {
    Span::new(l, r).text(source)
}

pub(crate) fn prepend<T>(first: T, mut rest: Vec<T>) -> Vec<T> {
    rest.insert(0, first);
    rest
}

pub(crate) fn name(source: &str, l: u32, r: u32) -> Name {
    Name { text: text(source, l, r).to_owned(), span: Span::new(l, r) }
}

pub(crate) fn quoted_name(literal: StringLiteral) -> Name {
    Name { text: literal.value, span: literal.span }
}

pub(crate) fn path(first: Name, rest: Vec<Name>) -> Path {
    let span = rest.last().map_or(first.span, |last| first.span.cover(last.span));
    Path { segments: prepend(first, rest), span }
}

pub(crate) fn extend_path(mut path: Path, next: Name) -> Path {
    path.span = path.span.cover(next.span);
    path.segments.push(next);
    path
}

pub(crate) fn string(source: &str, l: u32, r: u32) -> StringLiteral {
    let inner = text(source, l, r);
    let inner = inner.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(inner);
    StringLiteral { value: unescape(inner).0, span: Span::new(l, r) }
}

/// The characters a string stands for, and the first escape that means nothing, as a range of bytes
/// inside the quotes.
pub(crate) fn unescape(inner: &str) -> (String, Option<(usize, usize)>) {
    let mut value = String::with_capacity(inner.len());
    let mut bad = None;
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let (before, from_slash) = rest.split_at(at);
        value.push_str(before);
        let (c, length) = escape(from_slash);
        match c {
            Some(c) => value.push(c),
            None if bad.is_none() => {
                let start = inner.len() - from_slash.len();
                bad = Some((start, start + length));
            }
            None => {}
        }
        rest = from_slash.get(length..).unwrap_or("");
    }
    value.push_str(rest);
    (value, bad)
}

/// The character an escape stands for, and its length in bytes.
fn escape(from_slash: &str) -> (Option<char>, usize) {
    let mut chars = from_slash.chars().skip(1);
    let Some(kind) = chars.next() else { return (None, from_slash.len()) };
    let simple = match kind {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '0' => Some('\0'),
        '\\' | '"' | '\'' => Some(kind),
        _ => None,
    };
    if simple.is_some() || kind != 'u' {
        return (simple, 1 + kind.len_utf8());
    }
    let Some(digits) =
        from_slash.get(2..).and_then(|t| t.strip_prefix('{')).and_then(|t| t.split_once('}'))
    else {
        return (None, 2);
    };
    let c = u32::from_str_radix(digits.0, 16).ok().and_then(char::from_u32);
    (c, digits.0.len() + 4)
}

pub(crate) fn regex(source: &str, l: u32, r: u32) -> StringLiteral {
    let inner = text(source, l, r);
    let value = inner
        .strip_prefix("r\"")
        .and_then(|t| t.strip_suffix('"'))
        .or_else(|| inner.strip_prefix("r#\"").and_then(|t| t.strip_suffix("\"#")))
        .unwrap_or(inner);
    StringLiteral { value: value.to_owned(), span: Span::new(l, r) }
}

pub(crate) fn int(source: &str, l: u32, r: u32) -> Option<i64> {
    text(source, l, r).replace('_', "").parse().ok()
}

/// A small count; one that overflows is the largest, which `validate` finds too large.
pub(crate) fn count(source: &str, l: u32, r: u32) -> i64 {
    int(source, l, r).unwrap_or(i64::MAX)
}

pub(crate) fn float(source: &str, l: u32, r: u32) -> String {
    text(source, l, r).replace('_', "")
}

pub(crate) fn percent(source: &str, l: u32, r: u32) -> Percent {
    Percent { digits: text(source, l, r).trim_end_matches('%').to_owned(), span: Span::new(l, r) }
}

pub(crate) fn duration(source: &str, l: u32, r: u32) -> DurationLiteral {
    DurationLiteral { milliseconds: milliseconds(text(source, l, r)), span: Span::new(l, r) }
}

fn milliseconds(mut text: &str) -> Option<i64> {
    let mut total = 0_i64;
    while !text.is_empty() {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = text.split_at(digits);
        let unit_length = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(unit_length);
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(factor)?)?;
        text = rest;
    }
    Some(total)
}

pub(crate) fn ty(kind: TypeKind, l: u32, r: u32) -> TypeExpr {
    TypeExpr { kind, span: Span::new(l, r) }
}

pub(crate) fn optional(inner: TypeExpr, l: u32, r: u32) -> TypeExpr {
    ty(TypeKind::Optional(Box::new(inner)), l, r)
}

pub(crate) fn expr(kind: ExprKind, l: u32, r: u32) -> Expr {
    Expr { kind, span: Span::new(l, r) }
}

pub(crate) fn arithmetic(op: ArithmeticOp, a: Expr, b: Expr, l: u32, r: u32) -> Expr {
    expr(ExprKind::Arithmetic(op, Box::new(a), Box::new(b)), l, r)
}

pub(crate) fn join_and(mut operands: Vec<Expr>, last: Expr) -> Expr {
    operands.push(last);
    let span = cover(&operands);
    Expr { kind: ExprKind::And(operands), span }
}

pub(crate) fn join_or(mut operands: Vec<Expr>, last: Expr) -> Expr {
    operands.push(last);
    let span = cover(&operands);
    Expr { kind: ExprKind::Or(operands), span }
}

fn cover(operands: &[Expr]) -> Span {
    operands.iter().map(|e| e.span).reduce(Span::cover).unwrap_or_default()
}

/// `get_order when …` inside a call: the expression names tools or a kind of event.
pub(crate) fn event_argument(
    event: &Expr,
    condition: Option<Expr>,
    l: u32,
    r: u32,
) -> ArgumentValue {
    let kind = match &event.kind {
        ExprKind::Name(word) if word == "input" => TargetKind::Input,
        ExprKind::Name(word) if word == "output" => TargetKind::Output,
        _ => {
            let mut segments = Vec::new();
            names_of(event, &mut segments);
            let path = Path { segments, span: event.span };
            TargetKind::Tools(vec![ToolPattern { path, wildcard: false, span: event.span }])
        }
    };
    let target = Target { kind, span: event.span };
    ArgumentValue::Event(EventPattern {
        target,
        condition: condition.map(Box::new),
        span: Span::new(l, r),
    })
}

fn names_of(expr: &Expr, names: &mut Vec<Name>) {
    match &expr.kind {
        ExprKind::Name(word) => names.push(Name { text: word.clone(), span: expr.span }),
        ExprKind::Field(base, field) => {
            names_of(base, names);
            names.push(field.clone());
        }
        _ => {}
    }
}
