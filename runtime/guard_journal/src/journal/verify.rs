//! Does a journal hold together from its first record to its last?

use std::fmt;
use std::io::{BufRead, Read as _};

use super::line::{Head, check_next};
use crate::hex;
use crate::limits::LINE_BYTES_MAX;

/// What a reader of the journal knows of it from elsewhere. Without that, lines dropped from the
/// end cannot be found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The hash of a record that was the last one at some time: it has to be in the chain still.
    pub head: Option<&'a str>,
    /// The journal has at least so many records.
    pub records_min: Option<u64>,
}

/// A journal that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one; 64 zeros where there is none.
    pub head: String,
    /// Behind the last record stands a piece of a line, as a process leaves it that is killed
    /// while it writes. The next writer removes it.
    pub torn: bool,
}

/// Where a journal does not hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub what: Fault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not a record as the journal writes them.
    NoRecord,
    /// It is longer than a line can be.
    TooLong,
    /// Its bytes do not have its hash.
    Changed,
    /// Another record should stand here: one was dropped, repeated or moved.
    OutOfOrder {
        /// The number of the record that stands here.
        found: u64,
    },
    /// It holds together in itself and does not follow from the line before.
    OtherChain,
    /// The journal ends here, and more was expected.
    EndsEarly,
    /// The expected head is none of the journal's records.
    HeadMissing,
    /// It could not be read.
    Unreadable(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        match &self.what {
            Fault::NoRecord => out.write_str("not a record of the journal"),
            Fault::TooLong => out.write_str("longer than a record can be"),
            Fault::Changed => out.write_str("its content does not have its hash"),
            Fault::OutOfOrder { found } => {
                write!(out, "record {found} stands where record {} should", self.line)
            }
            Fault::OtherChain => out.write_str("it does not follow from the line before"),
            Fault::EndsEarly => out.write_str("the journal ends here, and more was expected"),
            Fault::HeadMissing => out.write_str("the expected head is not in the journal"),
            Fault::Unreadable(why) => write!(out, "cannot be read: {why}"),
        }
    }
}

impl std::error::Error for Broken {}

/// Checks lines one after the other.
#[derive(Debug)]
pub struct Verifier<'a> {
    expected: Expected<'a>,
    head: Head,
    head_found: bool,
}

impl<'a> Verifier<'a> {
    /// One that stands before the first line.
    pub fn new(expected: Expected<'a>) -> Self {
        let mut verifier = Self { expected, head: Head::EMPTY, head_found: false };
        verifier.look_for_head();
        verifier
    }

    fn look_for_head(&mut self) {
        let head = hex::encode(&self.head.hash);
        self.head_found |= self.expected.head.is_none_or(|expected| expected == head);
    }

    /// Checks the next line, which is given without its newline.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Broken> {
        self.head = check_next(&self.head, line).map_err(|what| self.broken(what))?;
        self.look_for_head();
        Ok(())
    }

    fn broken(&self, what: Fault) -> Broken {
        Broken { line: self.head.records.saturating_add(1), what }
    }

    /// There are no more lines.
    pub fn end(self) -> Result<Verified, Broken> {
        if self.expected.records_min.is_some_and(|min| self.head.records < min) {
            return Err(self.broken(Fault::EndsEarly));
        }
        if !self.head_found {
            return Err(self.broken(Fault::HeadMissing));
        }
        let head = hex::encode(&self.head.hash);
        Ok(Verified { records: self.head.records, head, torn: false })
    }
}

/// Checks a journal from its first line to its last.
pub fn verify(mut reader: impl BufRead, expected: Expected<'_>) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(expected);
    let mut line = Vec::new();
    let bytes_max = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
    let torn = loop {
        line.clear();
        let read = reader.by_ref().take(bytes_max).read_until(b'\n', &mut line);
        if let Err(error) = read {
            return Err(verifier.broken(Fault::Unreadable(error.to_string())));
        }
        match line.split_last() {
            None => break false,
            Some((b'\n', line)) => verifier.line(line)?,
            Some(_) if line.len() < LINE_BYTES_MAX => break true,
            Some(_) => return Err(verifier.broken(Fault::TooLong)),
        }
    };
    Ok(Verified { torn, ..verifier.end()? })
}
