//! Questions about text: prefixes, suffixes, parts, forms, patterns.

use crate::infer::Checker;
use crate::tir::{Expr, ExprKind};
use crate::ty::Ty;
use crate::typed::{Typed, Value};
use guard_grammar::ast::{self, TextOp};
use guard_grammar::span::Span;
use guard_plan::TextKind;
use guard_value::canonical_text;

impl Checker<'_> {
    pub(crate) fn text_question(
        &mut self,
        op: TextOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        if op == TextOp::Finds
            && let Some(found) = self.finds(a, b, at)
        {
            return found;
        }
        let text = self.infer(a);
        if text.is_error() || !self.is_present(&text) {
            return Typed::error(span);
        }
        if !text.ty.is_text() {
            let words = text.ty.words();
            let error = self.error(
                "G0212",
                a.span,
                format!("{words} is not text"),
                format!("`{}` asks about text", word(op)),
            );
            return self.wrong(at, error);
        }
        let Some(left) = text.expr() else { return Typed::error(span) };
        if matches!(op, TextOp::Matches | TextOp::Finds) {
            return self.pattern(op, &text, left, b, at);
        }
        let mut other = self.infer(b);
        if other.is_error() || !self.is_present(&other) {
            return Typed::error(span);
        }
        if !other.ty.is_text() {
            let words = other.ty.words();
            let error = self.error(
                "G0210",
                b.span,
                format!("`{}` takes a text, not {words}", word(op)),
                format!("this is {words}"),
            );
            return self.wrong(at, error);
        }
        if let Value::Expr(ExprKind::Text(sought)) = &mut other.value {
            canonical_piece(op, &text.ty, sought);
        }
        self.suffix_trap(op, &text, &other);
        let Some(right) = other.expr() else { return Typed::error(span) };
        let right_text =
            if let ExprKind::Text(text) = &right.kind { Some(text.clone()) } else { None };
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match op {
            TextOp::StartsWith => ExprKind::StartsWith(left, right),
            TextOp::EndsWith => ExprKind::EndsWith(left, right),
            TextOp::Contains => ExprKind::Contains(left, right),
            _ => match right_text {
                Some(glob) => like(*left, &glob, span),
                None => {
                    let error = self.error(
                        "G0207",
                        b.span,
                        "the form after `like` is not known when the policy is compiled",
                        "write it out, or name it with `const`",
                    );
                    return self.wrong(at, error);
                }
            },
        };
        Typed::computed(Ty::Bool, kind, span)
    }

    fn suffix_trap(&mut self, op: TextOp, text: &Typed, other: &Typed) {
        let Value::Expr(ExprKind::Text(suffix)) = &other.value else { return };
        let trap = op == TextOp::EndsWith && !suffix.starts_with(['.', '@'])
            || op == TextOp::Like
                && suffix
                    .strip_prefix('*')
                    .is_some_and(|rest| !rest.starts_with(['.', '@', '*']) && !rest.is_empty());
        if !trap
            || !matches!(text.ty, Ty::Text(TextKind::Host | TextKind::Email))
            || self.used_at.is_some()
        {
            return;
        }
        let bare = suffix.trim_start_matches('*');
        let warning = self
            .error(
                "G0241",
                other.span,
                format!("other domains end with \"{bare}\" too"),
                format!("`evil{bare}` ends with it"),
            )
            .with_help(format!(
                "compare the domain with `== \"{bare}\"`, or write \".{bare}\" for those below it"
            ))
            .as_warning();
        self.reporter.push(warning);
    }

    fn pattern(
        &mut self,
        op: TextOp,
        text: &Typed,
        left: Expr,
        pattern: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let ast::ExprKind::Regex(source) = &pattern.kind else {
            let error = self.error(
                "G0216",
                pattern.span,
                format!("`{}` takes a pattern", word(op)),
                "not a pattern",
            );
            return self.wrong(at, error.with_help("write r\"…\", or name a detector"));
        };
        let whole = op == TextOp::Matches;
        if let Err(problem) = guard_match::check_pattern(source, whole) {
            let error =
                self.error("G0216", pattern.span, "the pattern cannot be used", problem.message());
            return self.wrong(at, error);
        }
        if let (
            TextOp::Finds,
            Ty::Text(kind @ (TextKind::Email | TextKind::Host | TextKind::Url | TextKind::Path)),
        ) = (op, &text.ty)
            && self.used_at.is_none()
        {
            let (words, help) = match kind {
                TextKind::Email => ("an email", "compare its `.domain`"),
                TextKind::Host => ("a host", "compare it with `==`, or with `ends with \".…\"`"),
                TextKind::Url => ("a url", "compare its `.host`, `.scheme` or `.path`"),
                _ => ("a path", "ask `.within(\"…\")` or compare its `.extension`"),
            };
            let warning = self
                .error(
                    "G0240",
                    at,
                    format!("a part of {words} is searched for a pattern"),
                    "the pattern may match where it was not meant to",
                )
                .with_help(help)
                .as_warning();
            self.reporter.push(warning);
        }
        Typed::computed(Ty::Bool, ExprKind::Match(Box::new(left), source.clone(), whole), span)
    }
}

/// Writes a piece of text that is looked for in a parsed one as it stands there: a domain is lower
/// case and ASCII once it is parsed, so a piece in capitals would never be found.
fn canonical_piece(op: TextOp, ty: &Ty, piece: &mut String) {
    let at = match ty {
        Ty::Text(TextKind::Name) => {
            *piece = piece.to_lowercase();
            return;
        }
        Ty::Text(TextKind::Host) => 0,
        Ty::Text(TextKind::Email) => match (piece.rfind('@'), op) {
            (Some(at), _) => at + 1,
            // Without an `@` the end of an address lies in its domain.
            (None, TextOp::EndsWith) => 0,
            (None, _) => return,
        },
        _ => return,
    };
    let (before, domain) = piece.split_at(at);
    let name = domain.trim_start_matches('.');
    let dots = domain.strip_suffix(name).unwrap_or("");
    let canonical = if name.is_ascii() { None } else { canonical_text(TextKind::Host, name) };
    let canonical = canonical.unwrap_or_else(|| name.to_ascii_lowercase());
    *piece = format!("{before}{dots}{canonical}");
}

/// `like`: an equality, a prefix, a suffix or a part where that is all it says, a pattern otherwise.
fn like(text: Expr, glob: &str, span: Span) -> ExprKind {
    let text = Box::new(text);
    let literal = |text: &str| Box::new(Expr { kind: ExprKind::Text(text.to_owned()), span });
    let parts: Vec<&str> = glob.split('*').collect();
    match parts.as_slice() {
        [whole] => ExprKind::TextEqual(text, literal(whole)),
        [prefix, ""] => ExprKind::StartsWith(text, literal(prefix)),
        ["", suffix] => ExprKind::EndsWith(text, literal(suffix)),
        ["", part, ""] => ExprKind::Contains(text, literal(part)),
        _ => {
            let escaped: Vec<String> = parts.iter().map(|part| escape(part)).collect();
            ExprKind::Match(text, format!("(?s){}", escaped.join(".*")), true)
        }
    }
}

fn escape(literal: &str) -> String {
    let mut escaped = String::with_capacity(literal.len());
    for c in literal.chars() {
        if c.is_ascii_punctuation() && c != '_' {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn word(op: TextOp) -> &'static str {
    match op {
        TextOp::Like => "like",
        TextOp::StartsWith => "starts with",
        TextOp::EndsWith => "ends with",
        TextOp::Contains => "contains",
        TextOp::Matches => "matches",
        TextOp::Finds => "finds",
    }
}
