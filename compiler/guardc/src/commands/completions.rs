//! `guardc completions`: what a shell needs to complete the command line.

use crate::args::{Arguments, CompletionsArguments};
use crate::exit::{Answer, Exit};
use clap::CommandFactory as _;
use std::io::Write;

/// Prints a shell's script.
pub(crate) fn run(arguments: &CompletionsArguments, out: &mut dyn Write) -> Answer {
    // It is written to memory first: the generator panics where a write fails.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "guardc", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Clean)
}
