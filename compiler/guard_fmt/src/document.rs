//! A whole file: pieces under one another, their braces, empty lines, and what is aligned.

use crate::WIDTH;
use crate::layout::{self, Line, STEP};
use crate::outline::{Body, Kind, Piece};
use crate::tokens::{Comment, Text};

/// The widest line to whose `=>` its neighbours are aligned.
const ARROW_COLUMN_MAX: usize = 84;

/// The file in its one style.
pub(crate) fn print(text: &Text<'_>, pieces: &[Piece]) -> String {
    let mut document = Document { text, lines: Vec::new() };
    document.pieces(pieces, 0);
    document.comments(&text.last_comments, 0, true);
    let mut out = String::new();
    for line in document.lines {
        if line.blank_before && !out.is_empty() {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n(' ', line.indent));
        out.push_str(&line.text);
        if let Some(comment) = line.comment {
            out.push_str("  ");
            out.push_str(&comment);
        }
        out.push('\n');
    }
    out
}

struct Document<'a, 's> {
    text: &'a Text<'s>,
    lines: Vec<Line>,
}

impl Document<'_, '_> {
    fn pieces(&mut self, pieces: &[Piece], indent: usize) {
        // Lines that follow one another directly, which are aligned together.
        let mut group = Vec::new();
        let mut tall_before = false;
        for (number, piece) in pieces.iter().enumerate() {
            let from = self.lines.len();
            // An agent's rules may stand apart from its name.
            let may_be_blank = number > 0 || indent == STEP;
            self.leading(piece, indent, may_be_blank);
            let at = self.lines.len();
            let inline = self.inline(piece, indent);
            let tall = piece.kind == Kind::Header || piece.body.is_some() && inline.is_none();
            match inline {
                Some(line) => self.lines.push(line),
                None => self.spread(piece, indent),
            }
            let token = self.text.tokens.get(piece.head.start);
            let blank = token.is_some_and(|token| token.blank_before);
            self.part(at, blank && (may_be_blank || at > from));
            let declares = matches!(piece.kind, Kind::Item | Kind::Header);
            self.part(from, number > 0 && declares && (tall || tall_before));
            let single = self.lines.len() == at + 1;
            if !single || at > from || self.lines.get(from).is_some_and(|line| line.blank_before) {
                self.align(&std::mem::take(&mut group));
            }
            if single {
                group.push(at);
            }
            tall_before = tall;
        }
        self.align(&group);
    }

    /// Puts an empty line above one, where wanted.
    fn part(&mut self, at: usize, wanted: bool) {
        if let Some(line) = self.lines.get_mut(at) {
            line.blank_before |= wanted;
        }
    }

    /// The comments above a piece, and whether an empty line parts it from what is above.
    fn leading(&mut self, piece: &Piece, indent: usize, may_be_blank: bool) {
        let Some(token) = self.text.tokens.get(piece.head.start) else { return };
        let comments = token.comments.clone();
        self.comments(&comments, indent, may_be_blank);
    }

    fn comments(&mut self, comments: &[Comment<'_>], indent: usize, may_be_blank: bool) {
        for (number, comment) in comments.iter().enumerate() {
            match self.lines.last_mut() {
                Some(line) if comment.trailing && line.comment.is_none() => {
                    line.comment = Some(comment.text.to_owned());
                }
                _ => {
                    let blank = comment.blank_before && (may_be_blank || number > 0);
                    self.lines.push(Line::of_comment(indent, comment.text, blank));
                }
            }
        }
    }

    /// A piece over as many lines as it has.
    fn spread(&mut self, piece: &Piece, indent: usize) {
        let mut lines = layout::lines(self.text, piece, indent);
        self.lines.append(&mut lines);
        let Some(body) = &piece.body else { return };
        let comments = self.text.tokens.get(piece.head.end).map(|open| open.comments.clone());
        match (comments.filter(|comments| !comments.is_empty()), self.lines.last_mut()) {
            (None, Some(last)) => last.text.push_str(" {"),
            (comments, _) => {
                self.comments(&comments.unwrap_or_default(), indent + STEP, false);
                self.lines.push(Line { indent, text: "{".to_owned(), ..Line::default() });
            }
        }
        let before = self.lines.len();
        self.pieces(&body.pieces, indent + STEP);
        self.close(body, indent, self.lines.len() == before);
    }

    fn close(&mut self, body: &Body, indent: usize, empty: bool) {
        let comments = self.text.tokens.get(body.close).map(|token| token.comments.clone());
        self.comments(&comments.unwrap_or_default(), indent + STEP, !empty);
        self.lines.push(Line { indent, text: "}".to_owned(), ..Line::default() });
    }

    /// A piece on one line: one without a body that is short, or one whose body the author left on its
    /// line and that holds at most one piece.
    fn inline(&self, piece: &Piece, indent: usize) -> Option<Line> {
        let mut lines = layout::lines(self.text, piece, indent);
        let mut line = lines.pop().filter(|_| lines.is_empty())?;
        let Some(body) = &piece.body else { return Some(line) };
        let open = self.text.tokens.get(piece.head.end)?;
        let close = self.text.tokens.get(body.close)?;
        let plain = open.comments.is_empty() && close.comments.is_empty();
        match body.pieces.as_slice() {
            [] if plain => line.text.push_str(" {}"),
            [only] if plain && !close.newline_before => {
                let first = self.text.tokens.get(only.head.start)?;
                if first.newline_before {
                    return None;
                }
                let inner = self.inline(only, 0)?;
                line.text.push_str(" { ");
                line.text.push_str(&inner.text);
                line.text.push_str(" }");
            }
            _ => return None,
        }
        line.mark = None;
        (line.width() <= WIDTH).then_some(line)
    }

    /// Aligns the marks of neighbouring lines; one that would become too long stays as it is.
    fn align(&mut self, group: &[usize]) {
        let marks: Vec<(usize, usize)> = group
            .iter()
            .filter_map(|at| {
                let line = self.lines.get(*at)?;
                let mark = line.mark?;
                let before = line.text.get(..mark)?.trim_end().chars().count();
                Some((*at, before))
            })
            .collect();
        let arrows = marks.iter().any(|(at, _)| self.is_arrow(*at));
        let limit = if arrows { ARROW_COLUMN_MAX } else { WIDTH };
        let marks: Vec<_> = marks.into_iter().filter(|(_, before)| *before <= limit).collect();
        let Some(column) = marks.iter().map(|(_, before)| *before).max() else { return };
        if marks.len() < 2 {
            return;
        }
        let gap = if arrows { 1 } else { 2 };
        for (at, before) in marks {
            if let Some((text, line)) =
                self.padded(at, column - before + gap).zip(self.lines.get_mut(at))
            {
                line.text = text;
            }
        }
    }

    fn is_arrow(&self, at: usize) -> bool {
        let line = self.lines.get(at);
        line.and_then(|line| line.text.get(line.mark?..)).is_some_and(|rest| rest.starts_with("=>"))
    }

    fn padded(&self, at: usize, spaces: usize) -> Option<String> {
        let line = self.lines.get(at)?;
        let (before, rest) = line.text.split_at_checked(line.mark?)?;
        let text = format!("{}{}{rest}", before.trim_end(), " ".repeat(spaces));
        (line.indent + text.chars().count() <= WIDTH).then_some(text)
    }
}
