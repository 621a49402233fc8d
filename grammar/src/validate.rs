//! What the grammar lets through and the language does not: literals that mean nothing, clauses
//! that are repeated or do not belong to their rule.

use crate::ast::{Clause, ClauseKind, File, ItemKind, Rule, RuleKind, ScopeItemKind};
use crate::build;
use crate::lex::{Token, Tokens};
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::TokenKind as T;

/// Checks every literal.
pub(crate) fn literals(source: &str, tokens: &Tokens, errors: &mut Vec<SyntaxError>) {
    for token in &tokens.all {
        errors.extend(literal(source, *token));
    }
}

fn literal(source: &str, token: Token) -> Option<SyntaxError> {
    let text = token.span.text(source);
    let (start, end) = (token.span.start, token.span.end);
    match token.kind {
        T::String => {
            let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'))?;
            let (from, to) = build::unescape(inner).1?;
            let at = |offset: usize| {
                start.saturating_add(1).saturating_add(u32::try_from(offset).unwrap_or(0))
            };
            let span = Span::new(at(from), at(to));
            let escape = inner.get(from..to).unwrap_or("\\");
            Some(
                SyntaxError::new("G0022", format!("`{escape}` is no escape"), span)
                    .label("means nothing in a string")
                    .help("write `\\\\` for a backslash; a pattern reads better as r\"…\""),
            )
        }
        T::Int if build::int(source, start, end).is_none() => Some(
            SyntaxError::new("G0023", format!("`{text}` does not fit 64 bits"), token.span)
                .label("at most 9223372036854775807"),
        ),
        T::Float if !build::float(source, start, end).parse::<f64>().is_ok_and(f64::is_finite) => {
            Some(
                SyntaxError::new("G0023", format!("`{text}` is larger than any float"), token.span)
                    .label("not a finite number"),
            )
        }
        T::Duration if build::duration(source, start, end).milliseconds.is_none() => Some(
            SyntaxError::new(
                "G0024",
                format!("`{text}` is longer than can be counted"),
                token.span,
            )
            .label("at most 2^63 - 1 milliseconds"),
        ),
        _ => None,
    }
}

/// Checks the clauses of every rule.
pub(crate) fn file(file: &File, errors: &mut Vec<SyntaxError>) {
    for item in &file.items {
        let rules = match &item.kind {
            ItemKind::Agent(agent) => &agent.rules,
            ItemKind::Policy(policy) => &policy.rules,
            ItemKind::Layer(layer) => &layer.rules,
            _ => continue,
        };
        for one in rules {
            let mut found = Vec::new();
            rule(one, &mut found);
            errors.extend(found.into_iter().map(|error| error.moved_by(one.span.start)));
        }
    }
}

fn rule(rule: &Rule, errors: &mut Vec<SyntaxError>) {
    const PLAIN: &[&str] = &["when", "unless", "because", "respond"];
    const ESCALATE: &[&str] = &["when", "unless", "because", "respond", "to", "expires"];
    const REDACT: &[&str] = &["when", "unless", "because", "respond", "with"];
    let (word, list, allowed): (&str, &[Clause], &[&str]) = match &rule.kind {
        RuleKind::Scope(items) => {
            for item in items {
                if let ScopeItemKind::Permit(_, list) = &item.kind {
                    clauses("a line of a scope", list, &["when", "unless"], errors);
                }
            }
            return;
        }
        RuleKind::Prohibit(_, list) => ("`prohibit`", list, PLAIN),
        RuleKind::Escalate(_, list) => ("`escalate`", list, ESCALATE),
        RuleKind::Limit(limit) => ("`limit`", &limit.clauses, ESCALATE),
        RuleKind::Redact(_, _, list) => ("`redact`", list, REDACT),
        RuleKind::Require(_, _, list) => ("`require`", list, PLAIN),
        RuleKind::Halt(_, _, list) => ("`halt`", list, PLAIN),
        RuleKind::Review(_, _, list) => ("`review`", list, &["when", "unless", "because"]),
        RuleKind::Credential(_, _, _, list) => {
            ("`use credential`", list, &["when", "unless", "because"])
        }
        RuleKind::Mark(_, _, list) => ("`mark`", list, &["when", "unless"]),
        RuleKind::Clear(_, _, list) => ("`clear`", list, &["when", "unless"]),
        RuleKind::Subject(_, _, list) => ("`subject`", list, PLAIN),
        RuleKind::Breaker(breaker) => {
            ("`breaker`", &breaker.clauses, &["because", "respond", "to", "expires"])
        }
        RuleKind::Include(..) | RuleKind::Error => return,
    };
    clauses(word, list, allowed, errors);
}

fn clauses(rule: &str, list: &[Clause], allowed: &[&str], errors: &mut Vec<SyntaxError>) {
    for (index, clause) in list.iter().enumerate() {
        let word = word(&clause.kind);
        if !allowed.contains(&word) {
            errors.push(
                SyntaxError::new(
                    "G0021",
                    format!("`{word}` does not belong to {rule}"),
                    clause.span,
                )
                .label(format!("{rule} has no such clause"))
                .help(format!("it may have {}", allowed.join(", "))),
            );
        } else if let Some(first) = list.iter().take(index).find(|c| self::word(&c.kind) == word) {
            errors.push(
                SyntaxError::new("G0020", format!("`{word}` is written twice"), clause.span)
                    .label("the second one")
                    .related(first.span, "the first one")
                    .help(if matches!(word, "when" | "unless") {
                        "join the conditions with `and` or `or`"
                    } else {
                        "keep one of them"
                    }),
            );
        }
        if let ClauseKind::Expires { then, .. } = &clause.kind
            && !matches!(then.text.as_str(), "deny" | "allow")
        {
            errors.push(
                SyntaxError::new(
                    "G0025",
                    format!("`{}` is nothing that can follow an expiry", then.text),
                    then.span,
                )
                .label("neither `deny` nor `allow`")
                .help("write `then deny` or `then allow`"),
            );
        }
    }
}

fn word(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::When(_) => "when",
        ClauseKind::Unless(_) => "unless",
        ClauseKind::Because(_) => "because",
        ClauseKind::Respond(_) => "respond",
        ClauseKind::To { .. } => "to",
        ClauseKind::Expires { .. } => "expires",
        ClauseKind::With(_) => "with",
    }
}
