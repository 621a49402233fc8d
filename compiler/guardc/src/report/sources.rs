//! The texts that findings speak of, and how their files are called on this machine.

use guard_diagnostic::{LineColumn, LineIndex};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// How the user would call it: relative to where the command was given.
    pub(crate) shown_path: String,
    /// What it holds.
    pub(crate) text: Arc<str>,
    lines: LineIndex,
}

impl SourceFile {
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
#[derive(Debug, Default)]
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
