//! Standard output behind one lock, and what standard error is told.
//!
//! Nothing here or above prints with `println!`, which panics when the reader has gone.

use crate::args::ColorChoice;
use crate::exit::Failure;
use crate::report::{shown, shown_on_one_line};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    color: ColorChoice,
}

impl Output {
    /// Takes standard output for the rest of the run.
    pub(crate) fn new(color: ColorChoice) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, io::stdout().lock()), color }
    }

    /// Whether to colour what goes to standard output.
    pub(crate) fn colour(&self) -> bool {
        wants_colour(self.color, io::stdout().is_terminal())
    }

    /// Whether to colour what goes to standard error.
    pub(crate) fn colour_of_errors(&self) -> bool {
        wants_colour(self.color, io::stderr().is_terminal())
    }
}

fn wants_colour(choice: ColorChoice, terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Tells the user something beside the answer. Nobody may be listening; that is no reason to fail.
pub(crate) fn remark(word: &str, text: &str) {
    let _ = writeln!(io::stderr().lock(), "{word}: {}", shown_on_one_line(text));
}

/// Tells why the run ends, where it has not been told.
pub(crate) fn tell(failure: &Failure) {
    let Failure::Message { message, help, .. } = failure else { return };
    remark("error", message);
    if let Some(help) = help {
        let _ = writeln!(io::stderr().lock(), "help: {}", shown(help));
    }
}
