//! Tokens to a tree. The only file that knows the generated parser.
//!
//! INVARIANT: never fails; whatever cannot be read is an error in the list and an `Error` node in
//! the tree. A file is cut into pieces first (see `pieces`), so that one mistake costs one piece.

use crate::ast::{
    AgentDecl, Claim, File, Header, Item, ItemKind, LayerDecl, PolicyDecl, ProveDecl, Rule,
    RuleKind, ScopeItem, ScopeItemKind, Step, StepKind, StepsDecl, TestDecl,
};
use crate::build::{Head, Piece};
use crate::explain::{self, PieceKind};
use crate::lex::{Token, Tokens, lex};
use crate::pieces::{self, Body, Cut};
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::TokenKind as T;
use crate::{foreign, limits, validate};

/// What a text is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The tree; whole where there are no errors.
    pub file: File,
    /// All tokens, comments and white space included.
    pub tokens: Tokens,
    /// What is wrong, in the order of the text.
    pub errors: Vec<SyntaxError>,
}

/// Reads a file.
pub fn parse(source: &str) -> Parsed {
    let (tokens, errors) = lex(source);
    if source.len() > limits::SOURCE_BYTES_MAX {
        return Parsed { file: File::default(), tokens, errors };
    }
    let mut parser = Parser { source, errors, seen: pieces::significant(source, &tokens) };
    if let Some(error) = foreign::recognise(source, &parser.seen) {
        return Parsed { file: File::default(), tokens, errors: vec![error] };
    }
    let file = parser.file();
    let mut errors = parser.errors;
    validate::literals(source, &tokens, &mut errors);
    validate::file(&file, &mut errors);
    errors.sort_by_key(|error| (error.span, error.code));
    Parsed { file, tokens, errors }
}

struct Parser<'a> {
    source: &'a str,
    errors: Vec<SyntaxError>,
    seen: Vec<pieces::Seen>,
}

impl Parser<'_> {
    fn file(&mut self) -> File {
        let seen = std::mem::take(&mut self.seen);
        let (header, rest) = self.header(&seen);
        let cut = pieces::cut_items(self.source, rest);
        self.errors.extend(cut.errors);
        let items = cut.pieces.iter().map(|piece| self.item(piece)).collect();
        File { header, items }
    }

    fn header<'s>(&mut self, seen: &'s [pieces::Seen]) -> (Option<Header>, &'s [pieces::Seen]) {
        let start = seen.first().map_or(Span::default(), |first| first.token.span);
        let is_guard = |s: &pieces::Seen| {
            s.token.kind == T::Ident && s.token.span.text(self.source) == "guard"
        };
        let [word, rest @ ..] = seen else {
            self.errors.push(explain::no_header(start));
            return (None, seen);
        };
        if !is_guard(word) {
            // An unreadable first token has its error already, and may be the header itself.
            if word.token.kind != T::Error {
                self.errors.push(explain::no_header(start));
            }
            return (None, seen);
        }
        let [edition, rest @ ..] = rest else {
            self.errors.push(explain::wrong_edition(word.token.span));
            return (None, rest);
        };
        let span = word.token.span.cover(edition.token.span);
        if edition.token.kind != T::Int {
            self.errors.push(explain::wrong_edition(word.token.span));
            return (
                None,
                std::slice::from_ref(edition)
                    .first()
                    .map_or(rest, |_| seen.get(1..).unwrap_or(rest)),
            );
        }
        let number = edition.token.span.text(self.source).parse().unwrap_or(i64::MAX);
        if number != 1 {
            self.errors.push(explain::wrong_edition(edition.token.span));
        }
        (Some(Header { edition: number, span }), rest)
    }

    fn item(&mut self, piece: &Cut<'_>) -> Item {
        let base = piece.span().start;
        let kind = match &piece.body {
            Some(body) => self.item_with_body(piece, body),
            None => match self.piece(T::StartItem, PieceKind::Item, piece.head, base) {
                Some(Piece::Item(kind)) => kind,
                _ => ItemKind::Error,
            },
        };
        Item { doc: piece.doc(), kind, span: piece.span() }
    }

    fn item_with_body(&mut self, piece: &Cut<'_>, body: &Body<'_>) -> ItemKind {
        let base = piece.span().start;
        let head = self.piece(T::StartHead, PieceKind::Head, piece.head, base);
        let Some(Piece::Head(head)) = head else {
            // The head names what the body is; without it the rules of an agent are still read, so
            // that their own mistakes are not hidden.
            if piece.looks_like_rules() {
                self.rules(body);
            }
            return ItemKind::Error;
        };
        match head {
            Head::Agent(name, parameters) => {
                ItemKind::Agent(AgentDecl { name, parameters, rules: self.rules(body) })
            }
            Head::Policy(name, parameters) => {
                ItemKind::Policy(PolicyDecl { name, parameters, rules: self.rules(body) })
            }
            Head::Layer(name, matching) => {
                ItemKind::Layer(LayerDecl { name, matching, rules: self.rules(body) })
            }
            Head::Test(title, agent, arguments) => {
                ItemKind::Test(TestDecl { title, agent, arguments, steps: self.steps(body, base) })
            }
            Head::Steps(name, agent) => {
                ItemKind::Steps(StepsDecl { name, agent, steps: self.steps(body, base) })
            }
            Head::Prove(title, agent) => {
                ItemKind::Prove(ProveDecl { title, agent, claims: self.claims(body, base) })
            }
            Head::Scope(_) => {
                self.errors.push(explain::outside_agent(piece.span()));
                ItemKind::Error
            }
        }
    }

    fn rules(&mut self, body: &Body<'_>) -> Vec<Rule> {
        let cut = pieces::cut_rules(self.source, body);
        self.errors.extend(cut.errors);
        cut.pieces.iter().map(|piece| self.rule(piece)).collect()
    }

    fn rule(&mut self, piece: &Cut<'_>) -> Rule {
        let base = piece.span().start;
        let (modifiers, kind) = match &piece.body {
            Some(body) => match self.piece(T::StartHead, PieceKind::Rule, piece.head, base) {
                Some(Piece::Head(Head::Scope(modifiers))) => {
                    (modifiers, RuleKind::Scope(self.scope_lines(body, base)))
                }
                Some(_) => {
                    self.errors.push(explain::only_scope_has_a_body(piece.span()));
                    (Vec::new(), RuleKind::Error)
                }
                None => (Vec::new(), RuleKind::Error),
            },
            None => match self.piece(T::StartRule, PieceKind::Rule, piece.head, base) {
                Some(Piece::Rule(rule)) => rule,
                _ => (Vec::new(), RuleKind::Error),
            },
        };
        Rule { doc: piece.doc(), modifiers, kind, span: piece.span() }
    }

    fn scope_lines(&mut self, body: &Body<'_>, base: u32) -> Vec<ScopeItem> {
        let cut = pieces::cut_scope(self.source, body);
        self.errors.extend(cut.errors);
        let line = |piece: &Cut<'_>| {
            let kind = match self.piece(T::StartScopeLine, PieceKind::ScopeLine, piece.head, base) {
                Some(Piece::ScopeLine(kind)) => kind,
                _ => ScopeItemKind::Error,
            };
            ScopeItem { kind, span: piece.span().relative_to(base) }
        };
        cut.pieces.iter().map(line).collect()
    }

    fn steps(&mut self, body: &Body<'_>, base: u32) -> Vec<Step> {
        let cut = pieces::cut_steps(self.source, body);
        self.errors.extend(cut.errors);
        let step = |piece: &Cut<'_>| {
            let (kind, expect) = match self.piece(T::StartStep, PieceKind::Step, piece.head, base) {
                Some(Piece::Step(step)) => step,
                _ => (StepKind::Error, None),
            };
            Step { kind, expect, span: piece.span().relative_to(base) }
        };
        cut.pieces.iter().map(step).collect()
    }

    fn claims(&mut self, body: &Body<'_>, base: u32) -> Vec<Claim> {
        let cut = pieces::cut_claims(self.source, body);
        self.errors.extend(cut.errors);
        let claim =
            |piece: &Cut<'_>| match self.piece(T::StartClaim, PieceKind::Claim, piece.head, base) {
                Some(Piece::Claim((mode, verdict, target, clauses))) => Some(Claim {
                    mode,
                    verdict,
                    target,
                    clauses,
                    span: piece.span().relative_to(base),
                }),
                _ => None,
            };
        cut.pieces.iter().filter_map(claim).collect()
    }

    /// Parses one piece, with spans that count from `base`; a piece that cannot be read leaves one error, or none where the lexer has
    /// reported it.
    fn piece(
        &mut self,
        marker: T,
        kind: PieceKind,
        seen: &[pieces::Seen],
        base: u32,
    ) -> Option<Piece> {
        let tokens: Vec<Token> = seen.iter().map(|s| s.token).collect();
        if let Some(error) = limits::check(&tokens) {
            self.errors.push(error);
            return None;
        }
        let marker = (0, marker, 0);
        let source =
            Span::new(base, u32::try_from(self.source.len()).unwrap_or(base)).text(self.source);
        let relative = tokens.iter().map(|t| (t.span.relative_to(base), t.kind));
        let triples = std::iter::once(marker)
            .chain(relative.map(|(span, kind)| (span.start, kind, span.end)));
        let parsed = crate::guard::PieceParser::new().parse(source, triples.map(Ok));
        match parsed {
            Ok(piece) => Some(piece),
            Err(error) => {
                use lalrpop_util::ParseError;
                let at = match error {
                    ParseError::UnrecognizedToken { token, .. }
                    | ParseError::ExtraToken { token } => {
                        let start = token.0.saturating_add(base);
                        tokens.iter().position(|t| t.span.start == start)
                    }
                    _ => None,
                };
                self.errors.extend(explain::refusal(self.source, kind, seen, at));
                None
            }
        }
    }
}
