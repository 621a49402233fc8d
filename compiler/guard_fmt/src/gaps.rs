//! What may stand before each token of a piece: a space, a line break and of which rank.
//!
//! Soft words are names where an operand begins and keywords where one has ended, as in the grammar;
//! the walk below keeps track of which it is.

use crate::outline::Kind;
use crate::tokens::Text;
use guard_grammar::TokenKind as T;
use std::ops::Range;

/// Why a line may break before a token; the earlier, the sooner a long line breaks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A clause: `when`, `because`.
    Clause,
    /// What follows `=` in a declaration.
    Value,
    /// `=>`.
    Arrow,
    /// What is expected behind `=>` besides the decision: `because`, `to`.
    Detail,
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `then`, `else`, and what follows the colon of a quantifier.
    Branch,
    /// `otherwise`, `|`, arithmetic.
    Operator,
    /// The first token in brackets.
    Open,
    /// What follows a comma.
    Element,
    /// A closing bracket, where the opening one ends its line.
    Close,
}

/// What stands before a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gap {
    pub(crate) space: bool,
    pub(crate) place: Option<Place>,
    /// Brackets around the gap, and quantifiers whose body it is in.
    pub(crate) depth: usize,
    /// The innermost bracket that is open before the token.
    pub(crate) bracket: Option<usize>,
    /// For `and`: whether an `or` joins the same operands.
    pub(crate) under_or: bool,
    /// For an opening bracket its closing one, and the other way round.
    pub(crate) partner: Option<usize>,
}

/// The gaps before the tokens of a piece, in their order. Indices count from the start of the piece.
pub(crate) fn gaps(text: &Text<'_>, kind: Kind, range: &Range<usize>) -> Vec<Gap> {
    let kinds: Vec<T> = range.clone().filter_map(|index| text.kind(index)).collect();
    let mut walk = Walk {
        kind,
        kinds,
        gaps: Vec::new(),
        levels: vec![Level::default()],
        operand: false,
        unary: false,
    };
    for index in 0..walk.kinds.len() {
        walk.step(index);
    }
    while !walk.levels.is_empty() {
        walk.leave();
    }
    walk.gaps
}

/// What one pair of brackets, or the body of a quantifier, holds.
#[derive(Debug, Default)]
struct Level {
    /// The opening bracket; none for the outermost level and for a quantifier's body.
    open: Option<usize>,
    quantifiers: usize,
    has_if: bool,
    has_or: bool,
    ands: Vec<usize>,
}

struct Walk {
    kind: Kind,
    kinds: Vec<T>,
    gaps: Vec<Gap>,
    levels: Vec<Level>,
    /// Whether the last token ended an operand.
    operand: bool,
    /// Whether the last token was a sign in front of a number.
    unary: bool,
}

impl Walk {
    fn kind_at(&self, index: usize) -> Option<T> {
        self.kinds.get(index).copied()
    }

    fn step(&mut self, index: usize) {
        let Some(kind) = self.kind_at(index) else { return };
        let before = index.checked_sub(1).and_then(|before| self.kind_at(before));
        let member = before == Some(T::Dot);
        let closes = is_closing(kind);
        if closes {
            self.leave_to_bracket(index);
        }
        let place = if member { None } else { self.place(before, kind) };
        if place == Some(Place::Clause) {
            self.end_operands();
        }
        if before == Some(T::Comma) {
            self.end_quantifiers();
        }
        if matches!(place, Some(Place::Branch)) && before == Some(T::Colon) {
            self.levels.push(Level::default());
        }
        let depth = self.levels.len().saturating_sub(1);
        let space = before.is_some_and(|before| self.space(before, kind));
        let depth = if closes { depth + 1 } else { depth };
        let partner = self.gaps.get(index).and_then(|gap| gap.partner);
        let bracket = self.levels.iter().rev().find_map(|level| level.open);
        let gap = Gap { space, place, depth, bracket, under_or: false, partner };
        self.gaps.push(gap);
        if closes {
            self.pair(index);
        }
        self.note(index, kind, before, member);
        self.after(index, kind, before, member);
    }

    /// Notes what decides how other lines of the level are indented.
    fn note(&mut self, index: usize, kind: T, before: Option<T>, member: bool) {
        let Some(level) = self.levels.last_mut().filter(|_| !member) else { return };
        match kind {
            T::Or => level.has_or = true,
            T::And => level.ands.push(index),
            T::If => level.has_if = true,
            T::In if before.is_some_and(T::is_word) => {
                let earlier = index.checked_sub(2).and_then(|at| self.kinds.get(at));
                if matches!(earlier, Some(T::Any | T::All)) {
                    level.quantifiers += 1;
                }
            }
            _ => {}
        }
    }

    /// The state behind a token.
    #[expect(clippy::match_same_arms, reason = "one line for each reason")]
    fn after(&mut self, index: usize, kind: T, before: Option<T>, member: bool) {
        self.unary = kind == T::Minus && !self.operand;
        if matches!(kind, T::LeftParen | T::LeftBracket | T::LeftBrace) {
            self.levels.push(Level { open: Some(index), ..Level::default() });
        }
        self.operand = match kind {
            _ if member => true,
            T::Tool => before == Some(T::Any),
            T::With if matches!(before, Some(T::Starts | T::Ends)) => false,
            T::Ident | T::String | T::Regex | T::Int | T::Float | T::Duration | T::Percent => true,
            T::RightParen | T::RightBracket | T::RightBrace | T::True | T::False => true,
            T::Question | T::Ellipsis => true,
            T::Star => before == Some(T::Dot),
            kind if kind.is_word() => index > 0 && !self.operand,
            _ => false,
        };
    }

    fn place(&self, before: Option<T>, kind: T) -> Option<Place> {
        let before = before?;
        if is_closing(kind) {
            return Some(Place::Close);
        }
        if matches!(before, T::LeftParen | T::LeftBracket | T::LeftBrace) {
            return Some(Place::Open);
        }
        let outermost = !self.levels.iter().any(|level| level.open.is_some());
        let level = self.levels.last();
        match (before, kind) {
            (T::Comma, _) => Some(Place::Element),
            (T::Assign, _) if outermost => Some(Place::Value),
            (T::Colon, _) if level.is_some_and(|level| level.quantifiers > 0) => {
                Some(Place::Branch)
            }
            (_, T::When | T::Unless) if outermost => Some(Place::Clause),
            (_, kind) if outermost && self.operand && self.is_clause(kind) => {
                Some(if self.kind == Kind::Step { Place::Detail } else { Place::Clause })
            }
            (_, T::FatArrow) => Some(Place::Arrow),
            (_, T::Or) => Some(Place::Or),
            (_, T::And) => Some(Place::And),
            (_, T::Then | T::Else) if level.is_some_and(|level| level.has_if) => {
                Some(Place::Branch)
            }
            (_, T::Pipe) => Some(Place::Operator),
            (_, T::Otherwise | T::Plus | T::Minus | T::Slash | T::Star) if self.operand => {
                Some(Place::Operator)
            }
            _ => None,
        }
    }

    /// Whether a word in the place of an operator begins a clause.
    fn is_clause(&self, kind: T) -> bool {
        match self.kind {
            Kind::Rule => matches!(
                kind,
                T::Because
                    | T::Respond
                    | T::To
                    | T::Expires
                    | T::With
                    | T::Per
                    | T::Burst
                    | T::Opens
                    | T::Closes
                    | T::That
            ),
            Kind::Step => {
                matches!(kind, T::Because | T::By | T::Respond | T::To | T::With)
            }
            Kind::Item => matches!(kind, T::Where | T::Near | T::For),
            _ => false,
        }
    }

    #[expect(clippy::match_same_arms, reason = "one line for each reason")]
    fn space(&self, before: T, kind: T) -> bool {
        match (before, kind) {
            (T::LeftParen | T::LeftBracket, _) | (_, T::RightParen | T::RightBracket) => false,
            (T::LeftBrace, T::RightBrace) => false,
            (_, T::Comma | T::Colon | T::Question | T::Dot) | (T::Dot, _) => false,
            _ if self.unary => false,
            (_, T::LeftParen | T::LeftBracket) => !self.operand,
            _ => true,
        }
    }

    /// A clause begins: what was open of conditions has ended.
    fn end_operands(&mut self) {
        while self.levels.len() > 1 {
            self.leave();
        }
        self.leave();
        self.levels.push(Level::default());
    }

    fn end_quantifiers(&mut self) {
        while self.levels.len() > 1 && self.levels.last().is_some_and(|level| level.open.is_none())
        {
            self.leave();
        }
        // Operands end at a comma, too.
        let open = self.levels.last().and_then(|level| level.open);
        self.leave();
        self.levels.push(Level { open, ..Level::default() });
    }

    fn leave(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        for index in level.ands {
            if let Some(gap) = self.gaps.get_mut(index) {
                gap.under_or = level.has_or;
            }
        }
    }

    /// Leaves the brackets that the token at `index` closes, and remembers the pair.
    fn leave_to_bracket(&mut self, index: usize) {
        while self.levels.len() > 1 {
            let open = self.levels.last().and_then(|level| level.open);
            self.leave();
            if let Some(open) = open {
                if let Some(gap) = self.gaps.get_mut(open) {
                    gap.partner = Some(index);
                }
                return;
            }
        }
    }

    /// Tells a closing bracket where it was opened.
    fn pair(&mut self, index: usize) {
        let open = self.gaps.iter().rposition(|gap| gap.partner == Some(index));
        if let Some(gap) = self.gaps.get_mut(index) {
            gap.partner = open;
        }
    }
}

pub(crate) fn is_closing(kind: T) -> bool {
    matches!(kind, T::RightParen | T::RightBracket | T::RightBrace)
}
