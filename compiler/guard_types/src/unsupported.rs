//! What parses and has no meaning yet. Each is one clear error and never a rule that does nothing.

use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{ItemKind, RuleKind};
use guard_grammar::span::Span;
use guard_hir::Reporter;

/// The error for a part of the language that has no meaning yet.
pub(crate) fn error(reporter: &Reporter, span: Span, what: &str) -> Diagnostic {
    reporter
        .error(
            "G0400",
            span,
            format!("{what} is not supported yet"),
            "this version cannot enforce it",
        )
        .with_note("the file is refused as a whole, so that nobody relies on what is not enforced")
}

/// The name of a rule that has no meaning yet.
pub(crate) fn rule(kind: &RuleKind) -> Option<&'static str> {
    match kind {
        RuleKind::Require(..) => Some("`require`"),
        _ => None,
    }
}

/// The name of a declaration that has no meaning yet.
pub(crate) fn item(kind: &ItemKind) -> Option<&'static str> {
    match kind {
        ItemKind::Prove(_) => Some("`prove`"),
        _ => None,
    }
}
