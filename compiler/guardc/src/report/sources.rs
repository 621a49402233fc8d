//! The texts that findings speak of, and how their files are called on this machine.

use guard_diagnostic::{LineColumn, LineIndex};
use guard_grammar::span::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// How the user would call it: relative to where the command was given.
    pub(crate) shown_path: String,
    /// What it holds.
    pub(crate) text: Arc<str>,
    lines: LineIndex,
}

impl SourceFile {
    /// What stands on a line from a column on, both counted from 1, without the space at its end.
    pub(crate) fn line_from(&self, line: u32, column: u32) -> Option<Span> {
        let start = self.offset(line, column)?;
        let rest = self.text.get(start..)?.lines().next().unwrap_or_default().trim_end();
        let at = |offset: usize| u32::try_from(offset).ok();
        Some(Span::new(at(start)?, at(start + rest.len())?))
    }

    /// The byte offset of a line and column, both counted from 1.
    pub(crate) fn offset(&self, line: u32, column: u32) -> Option<usize> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let column = usize::try_from(column).ok()?.checked_sub(1)?;
        let text = self.text.split_inclusive('\n').nth(index)?;
        let before: usize = self.text.split_inclusive('\n').take(index).map(str::len).sum();
        Some(before + text.chars().take(column).map(char::len_utf8).sum::<usize>())
    }

    /// The line and column of a byte offset, clamped to the text and to the character it is in.
    pub(crate) fn line_column(&self, offset: usize) -> LineColumn {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        self.lines.line_column(&self.text, u32::try_from(offset).unwrap_or(u32::MAX))
    }
}

/// Every file of a package by the name that diagnostics use for it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sources {
    files: BTreeMap<Arc<str>, SourceFile>,
}

impl Sources {
    /// Adds a file.
    pub(crate) fn add(&mut self, name: Arc<str>, shown_path: String, text: Arc<str>) {
        let lines = LineIndex::new(&text);
        self.files.insert(name, SourceFile { shown_path, text, lines });
    }

    /// The file that diagnostics call so.
    pub(crate) fn file(&self, name: &str) -> Option<&SourceFile> {
        self.files.get(name)
    }

    /// How the user would call it.
    pub(crate) fn shown_path<'a>(&'a self, name: &'a str) -> &'a str {
        self.file(name).map_or(name, |file| file.shown_path.as_str())
    }
}
