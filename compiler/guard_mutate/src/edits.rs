//! Collects edits while the tree is walked.

use crate::{Mutation, Operator};
use guard_grammar::span::Span;

/// The edits of one file so far.
#[derive(Debug)]
pub(crate) struct Edits<'a> {
    source: &'a str,
    /// What spans count from at the moment.
    base: u32,
    inside: Span,
    title: String,
    found: Vec<Mutation>,
}

impl<'a> Edits<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let inside = Span::default();
        Self { source, base: 0, inside, title: String::new(), found: Vec::new() }
    }

    pub(crate) fn finish(mut self) -> Vec<Mutation> {
        self.found.sort_by_key(|mutation| (mutation.span.start, mutation.span.end));
        self.found
    }

    /// Goes into a rule, a line of a scope or a declaration. `owner` is what spans inside it count from; both count from
    /// the start of the file.
    pub(crate) fn enter(&mut self, owner: Span, inside: Span) {
        self.base = owner.start;
        self.inside = inside;
        self.title = title(inside.text(self.source));
    }

    /// The text of a span.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        span.absolute_from(self.base).text(self.source)
    }

    /// Notes an edit of what stands at a span.
    pub(crate) fn edit(&mut self, operator: Operator, span: Span, replacement: impl Into<String>) {
        self.edit_of_file(operator, span.absolute_from(self.base), replacement.into());
    }

    /// Drops what we are in, with the documentation above it.
    pub(crate) fn drop_whole(&mut self, operator: Operator) {
        let span = Span::new(self.documented_from(self.inside.start), self.inside.end);
        self.edit_of_file(operator, span, String::new());
    }

    /// Drops each of several things that stand one after another, with what divides it from its neighbour.
    pub(crate) fn drop_each(&mut self, operator: Operator, spans: &[Span]) {
        for (index, pair) in spans.windows(2).enumerate() {
            let [this, next] = pair else { continue };
            self.edit(operator, Span::new(this.start, next.start), "");
            if index + 2 == spans.len() {
                self.edit(operator, Span::new(this.end, next.end), "");
            }
        }
    }

    /// Replaces the words between two spans.
    pub(crate) fn edit_between(
        &mut self,
        operator: Operator,
        left: Span,
        right: Span,
        replacement: &str,
    ) {
        self.edit(operator, Span::new(left.end, right.start), format!(" {replacement} "));
    }

    /// The span of a word and all that follows it up to `end`, where the word is the last of its kind before `before`.
    pub(crate) fn words_from(&self, word: &str, before: u32, end: u32) -> Option<Span> {
        let text = self.text(Span::new(0, before));
        let start = u32::try_from(text.rfind(word)?).ok()?;
        Some(Span::new(start, end))
    }

    /// Where what we are in ends, counted as spans inside it are.
    pub(crate) fn end(&self) -> u32 {
        self.inside.end.saturating_sub(self.base)
    }

    fn edit_of_file(&mut self, operator: Operator, span: Span, replacement: String) {
        let title = self.title.clone();
        self.found.push(Mutation { operator, span, replacement, inside: self.inside, title });
    }

    /// Where the lines of `///` above begin; `at` itself where there are none.
    fn documented_from(&self, at: u32) -> u32 {
        let mut from = at;
        let mut above = self.source.get(..at as usize).unwrap_or_default();
        above = above.trim_end_matches([' ', '\t']);
        while let Some(rest) = above.strip_suffix('\n') {
            let start = rest.rfind('\n').map_or(0, |found| found + 1);
            let (before, line) = rest.split_at_checked(start).unwrap_or((rest, ""));
            if !line.trim_start().starts_with("///") {
                break;
            }
            above = before;
            from = u32::try_from(start).unwrap_or(from);
        }
        from
    }
}

/// The words of a rule or a declaration that name it: those before its condition, its value or its body.
fn title(text: &str) -> String {
    let ends = |word: &&str| !matches!(*word, "when" | "unless" | "because" | "=" | "{");
    let head = text.split_ascii_whitespace().take_while(ends);
    let words = head.collect::<Vec<_>>().join(" ");
    match words.split_once('(') {
        Some((name, _)) if words.starts_with("fn ") => name.to_owned(),
        _ => words,
    }
}
