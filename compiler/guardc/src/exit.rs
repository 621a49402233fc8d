//! The exit codes, which scripts rely on, and the failure that ends a command early.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What a run tells the shell. The numbers are documented and do not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Allowed, or nothing was found.
    Clean = 0,
    /// The tool could not do its work: a file could not be read, an event file is broken.
    Broke = 1,
    /// The command line does not make sense; clap uses the same number.
    Usage = 2,
    /// The policy does not check, or the schema cannot be imported.
    DoesNotCheck = 3,
    /// At least one event was denied, withheld or halted; of `guardc test`, a test failed.
    Denied = 4,
    /// No event was denied, and at least one waits for a person.
    Escalated = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended before it had an answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of our output is gone. Nobody is left to tell.
    ReaderGone,
    /// Everything there is to say has been written.
    Reported(Exit),
    /// What went wrong and what to do about it, not yet written.
    Message {
        /// What the shell is told.
        exit: Exit,
        /// One line, lower case, no full stop.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
}

impl Failure {
    /// The tool could not do its work.
    pub(crate) fn broke(message: impl Into<String>) -> Self {
        Self::Message { exit: Exit::Broke, message: message.into(), help: None }
    }

    /// The command line does not make sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Message { exit: Exit::Usage, message: message.into(), help: None }
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, error: impl Display) -> Self {
        Self::broke(format!("`{}`: {error}", path.display()))
    }

    /// What the shell is told.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::ReaderGone => Exit::Clean,
            Self::Reported(exit) | Self::Message { exit, .. } => *exit,
        }
    }

    /// With what to do about it.
    #[must_use]
    pub(crate) fn with_help(mut self, text: impl Into<String>) -> Self {
        if let Self::Message { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }
}

impl From<io::Error> for Failure {
    /// Errors of writing our output; errors of files go through [`Failure::file`], which names them.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ReaderGone
        } else {
            Self::broke(format!("cannot write the output: {error}"))
        }
    }
}

/// What every command returns.
pub(crate) type Answer<T = Exit> = Result<T, Failure>;
