//! One piece as lines, given where they break.

use crate::break_at;
use crate::gaps::{self, Gap, Place};
use crate::outline::{Kind, Piece};
use crate::tokens::{Printed, Text};
use guard_grammar::TokenKind as T;

/// How far a line goes in from the one it belongs to.
pub(crate) const STEP: usize = 2;

/// A line that is printed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) indent: usize,
    pub(crate) text: String,
    /// A comment behind it.
    pub(crate) comment: Option<String>,
    pub(crate) blank_before: bool,
    /// Where in `text` stands what neighbouring lines align.
    pub(crate) mark: Option<usize>,
    /// The tokens on it, counted from the start of the piece; empty for a comment.
    pub(crate) first: usize,
    pub(crate) end: usize,
}

impl Line {
    /// Its width in characters, the comment behind it left aside.
    pub(crate) fn width(&self) -> usize {
        self.indent + self.text.chars().count()
    }

    pub(crate) fn of_comment(indent: usize, text: &str, blank_before: bool) -> Self {
        Self { indent, text: text.to_owned(), blank_before, ..Self::default() }
    }
}

/// The head of a piece as lines. The comments above its first token are not among them.
pub(crate) fn lines(text: &Text<'_>, piece: &Piece, indent: usize) -> Vec<Line> {
    let tokens = text.tokens.get(piece.head.clone()).unwrap_or_default();
    let gaps = gaps::gaps(text, piece.kind, &piece.head);
    let mut breaks = authors_breaks(tokens, &gaps);
    loop {
        let lines = Layout::new(tokens, &gaps, &breaks, piece.kind, indent).lines();
        if !break_at::shorten(tokens, &gaps, &lines, &mut breaks) {
            return lines;
        }
    }
}

/// The author's line breaks where one may stand, and those that a comment makes.
fn authors_breaks(tokens: &[Printed<'_>], gaps: &[Gap]) -> Vec<bool> {
    let wanted = |(index, (token, gap)): (usize, (&Printed<'_>, &Gap))| {
        let may = gap.place.is_some_and(|place| place != Place::Close);
        index > 0 && (token.newline_before && may || !token.comments.is_empty())
    };
    let mut breaks: Vec<bool> = tokens.iter().zip(gaps).enumerate().map(wanted).collect();
    close_as_opened(gaps, &mut breaks);
    breaks
}

/// A closing bracket stands on its own line exactly where the opening one ends its line.
fn close_as_opened(gaps: &[Gap], breaks: &mut [bool]) {
    for (index, gap) in gaps.iter().enumerate() {
        let Some(close) = gap.partner.filter(|close| *close > index) else { continue };
        let opens = index + 1 < close && breaks.get(index + 1).copied().unwrap_or(false);
        let forced = breaks.get(close).copied().unwrap_or(false);
        if index + 1 < close && (opens || forced) {
            for at in [index + 1, close] {
                if let Some(at) = breaks.get_mut(at) {
                    *at = true;
                }
            }
        }
    }
}

/// An open bracket.
struct Bracket {
    /// Where a line in it begins.
    base: usize,
    /// Where its closing bracket's line begins.
    outer: usize,
    /// Whether the opening bracket ended its line.
    block: bool,
}

struct Layout<'a, 's> {
    tokens: &'a [Printed<'s>],
    gaps: &'a [Gap],
    breaks: &'a [bool],
    kind: Kind,
    indent: usize,
    brackets: Vec<Bracket>,
    done: Vec<Line>,
    line: Line,
}

impl<'a, 's> Layout<'a, 's> {
    fn new(
        tokens: &'a [Printed<'s>],
        gaps: &'a [Gap],
        breaks: &'a [bool],
        kind: Kind,
        indent: usize,
    ) -> Self {
        let line = Line { indent, ..Line::default() };
        Self { tokens, gaps, breaks, kind, indent, brackets: Vec::new(), done: Vec::new(), line }
    }

    fn breaks_at(&self, index: usize) -> bool {
        self.breaks.get(index).copied().unwrap_or(false)
    }

    fn lines(mut self) -> Vec<Line> {
        let (tokens, gaps) = (self.tokens, self.gaps);
        for (index, (token, gap)) in tokens.iter().zip(gaps).enumerate() {
            let mut outer = None;
            if gaps::is_closing(token.kind) {
                outer = self.brackets.pop().map(|bracket| bracket.outer);
            }
            if self.breaks_at(index) {
                let indent = outer.unwrap_or_else(|| self.indent_of(gap));
                self.break_line(index, token, indent);
            } else if gap.space {
                self.line.text.push(' ');
            }
            self.mark(gap);
            self.line.text.push_str(token.text);
            self.line.end = index + 1;
            self.open(index, token.kind);
        }
        self.done.push(self.line);
        self.done
    }

    fn open(&mut self, index: usize, kind: T) {
        let pad = match kind {
            T::LeftParen | T::LeftBracket => 0,
            T::LeftBrace => 1,
            _ => return,
        };
        let block = self.breaks_at(index + 1);
        let outer = self.line.indent;
        let base = if block { outer + STEP } else { self.line.width() + pad };
        self.brackets.push(Bracket { base, outer, block });
    }

    fn break_line(&mut self, index: usize, token: &Printed<'s>, indent: usize) {
        let next = Line { indent, first: index, end: index, ..Line::default() };
        let mut whole = std::mem::replace(&mut self.line, next);
        // Inside brackets an empty line can group elements.
        let may_be_blank = self.brackets.last().is_some_and(|bracket| bracket.block)
            && self.gaps.get(index).is_some_and(|gap| gap.place == Some(Place::Element));
        let comment_indent = if gaps::is_closing(token.kind) { indent + STEP } else { indent };
        let mut comments = token.comments.iter();
        if let Some(first) = token.comments.first().filter(|comment| comment.trailing) {
            whole.comment = Some(first.text.to_owned());
            comments.next();
        }
        self.done.push(whole);
        for comment in comments {
            let blank = comment.blank_before && may_be_blank;
            self.done.push(Line::of_comment(comment_indent, comment.text, blank));
        }
        self.line.blank_before = token.blank_before && may_be_blank;
    }

    /// Where a line begins whose first token follows the gap.
    fn indent_of(&self, gap: &Gap) -> usize {
        let joins = matches!(gap.place, Some(Place::Or | Place::And | Place::Branch));
        let under = if gap.under_or { STEP } else { 0 };
        if let Some(bracket) = self.brackets.last() {
            let begins = matches!(gap.place, Some(Place::Open | Place::Element));
            return bracket.base
                + if begins {
                    0
                } else if joins {
                    under
                } else {
                    STEP
                };
        }
        let inner = match (self.kind, gap.place) {
            (_, Some(Place::Detail)) => 2 * STEP,
            (_, Some(Place::Clause | Place::Arrow))
            | (Kind::Item | Kind::Header | Kind::Step, _) => STEP,
            _ => 2 * STEP,
        };
        self.indent + inner + if joins { under } else { 0 }
    }

    /// Remembers what neighbouring lines align: the clause of a scope's line, the arrow of a step.
    fn mark(&mut self, gap: &Gap) {
        let aligned = match self.kind {
            Kind::ScopeLine => gap.place == Some(Place::Clause),
            Kind::Step => gap.place == Some(Place::Arrow),
            _ => false,
        };
        if aligned && self.line.mark.is_none() && self.done.is_empty() && gap.depth == 0 {
            self.line.mark = Some(self.line.text.len());
        }
    }
}
