//! Collects what an import has to say: errors that stop it and notes that go with its result.

use crate::ImportError;
use crate::codes;
use crate::site::Site;

/// A hostile document can be wrong in millions of places; nobody reads past these.
const LISTED_MAX: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Report {
    errors: Vec<ImportError>,
    errors_unlisted: usize,
    notes: Vec<String>,
    notes_unlisted: usize,
}

impl Report {
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        site: &Site<'_>,
        message: impl Into<String>,
        help: Option<&str>,
    ) {
        if self.errors.len() >= LISTED_MAX {
            self.errors_unlisted += 1;
            return;
        }
        let error = ImportError {
            code,
            schema_path: site.pointer(),
            message: message.into(),
            help: help.map(str::to_owned),
        };
        // A definition that several tools refer to is wrong once.
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    pub(crate) fn note(&mut self, site: &Site<'_>, remark: &str) {
        if self.notes.len() >= LISTED_MAX {
            self.notes_unlisted += 1;
            return;
        }
        let pointer = site.pointer();
        let place = if pointer.is_empty() { "the document" } else { &pointer };
        let note = format!("{place}: {remark}");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The notes, or the errors if there was one.
    pub(crate) fn finish(mut self) -> Result<Vec<String>, Vec<ImportError>> {
        if self.errors_unlisted > 0 {
            self.errors.push(ImportError {
                code: codes::MORE_ERRORS,
                schema_path: String::new(),
                message: format!("{} further errors are not listed", self.errors_unlisted),
                help: None,
            });
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        if self.notes_unlisted > 0 {
            self.notes.push(format!("{} further notes are not listed", self.notes_unlisted));
        }
        Ok(self.notes)
    }
}
