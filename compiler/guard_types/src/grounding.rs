//! Whether what a text states has a source: `grounded(text, in: results)`, `support(text, in: results)`.

use crate::asked::{SourceRef, TextQuestion};
use crate::infer::Checker;
use crate::ty::Ty;
use crate::typed::Typed;
use guard_diagnostic::closest;
use guard_grammar::ast::{self, Argument, ArgumentValue};
use guard_grammar::span::Span;

/// Words after `in:`.
const WORDS: [&str; 3] = ["results", "user", "session"];

impl Checker<'_> {
    /// `grounded(text, in: results)`.
    pub(crate) fn grounded(&mut self, arguments: &[Argument], at: Span) -> Typed {
        self.asked_of_claims("grounded", TextQuestion::Grounded, Ty::Bool, arguments, at)
    }

    /// `support(text, in: results)`.
    pub(crate) fn support(&mut self, arguments: &[Argument], at: Span) -> Typed {
        self.asked_of_claims("support", TextQuestion::Support, Ty::Float, arguments, at)
    }

    fn asked_of_claims(
        &mut self,
        word: &str,
        what: fn(Vec<SourceRef>) -> TextQuestion,
        ty: Ty,
        arguments: &[Argument],
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (text, sources) = match arguments {
            [text] => (text, None),
            [text, sources] => (text, Some(sources)),
            _ => return self.claims_of_what(word, at),
        };
        let Argument { name: None, value: ArgumentValue::Value(text), .. } = text else {
            return self.claims_of_what(word, at);
        };
        let sources = match sources {
            None => Some(named("results")),
            Some(Argument { name: Some(name), value: ArgumentValue::Value(of), .. })
                if name.text == "in" =>
            {
                self.sources_of_claims(word, of)
            }
            Some(_) => return self.claims_of_what(word, at),
        };
        let typed = self.infer(text);
        match sources {
            Some(sources) => self.asked_of_text(&typed, what(sources), ty, at),
            None => Typed::error(span),
        }
    }

    fn sources_of_claims(&mut self, word: &str, of: &ast::Expr) -> Option<Vec<SourceRef>> {
        let name = match &of.kind {
            ast::ExprKind::Name(name) => name.as_str(),
            _ => "",
        };
        if WORDS.contains(&name) {
            return Some(named(name));
        }
        let error = self.error(
            "G0253",
            of.span,
            "claims are looked for in what was said",
            "`results`, `user` or `session`",
        );
        let meant = closest(name, WORDS).unwrap_or("results");
        let error = error.with_help(format!("write `{word}(…, in: {meant})`"));
        self.report(error);
        None
    }

    fn claims_of_what(&mut self, word: &str, at: Span) -> Typed {
        let headline = format!("`{word}` takes a text, and where its source is");
        let error = self.error("G0253", at, headline, "the arguments are others");
        let error = error.with_help(format!("write `{word}(text, in: results)`"));
        self.wrong(at, error)
    }
}

/// The sources that a word stands for, sorted.
fn named(word: &str) -> Vec<SourceRef> {
    match word {
        "user" => vec![SourceRef::User],
        "session" => vec![SourceRef::Anywhere],
        _ => vec![SourceRef::User, SourceRef::AnyResult],
    }
}
