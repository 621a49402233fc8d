//! One JSON value of an event file: a line, or the whole file.

use crate::exit::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line, or the one document of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit<'a> {
    /// The file's name.
    pub(super) file: &'a str,
    /// The line on which it starts, from 1.
    pub(super) line: u64,
    /// The text.
    pub(super) text: &'a [u8],
}

/// Whether a text begins a JSON value and does not end it.
pub(super) fn is_cut_short(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_err_and(|error| error.is_eof())
}

impl<'a> Unit<'a> {
    /// Reads the value as a `T`; `what` is what it should have been.
    pub(super) fn read<T: Deserialize<'a>>(&self, what: &str) -> Result<T, Failure> {
        serde_json::from_slice(self.text).map_err(|error| self.not_json(&error, what))
    }

    /// Its elements, where it is a list; otherwise itself.
    pub(super) fn elements(&self, what: &str) -> Result<Vec<&'a RawValue>, Failure> {
        if self.is_list() { self.read(what) } else { self.read(what).map(|value| vec![value]) }
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        self.text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
    }

    /// A part of it that cannot be understood.
    pub(super) fn part_is_not(&self, error: &serde_json::Error, what: &str) -> Failure {
        // The error counts from the start of the part, which says nothing to a reader.
        self.failure(&format!("not {what}: {}", without_place(error)))
    }

    /// It cannot be understood.
    pub(super) fn failure(&self, problem: &str) -> Failure {
        Failure::broke(format!("`{}`, line {}: {problem}", self.file, self.line))
    }

    fn not_json(&self, error: &serde_json::Error, what: &str) -> Failure {
        let below = u64::try_from(error.line().saturating_sub(1)).unwrap_or(0);
        let line = self.line.saturating_add(below);
        let what = if error.is_data() { what } else { "JSON" };
        Failure::broke(format!(
            "`{}`, line {line}, column {}: not {what}: {}",
            self.file,
            error.column(),
            without_place(error)
        ))
    }
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(place) => text.get(..place).unwrap_or(&text).to_owned(),
        None => text,
    }
}
