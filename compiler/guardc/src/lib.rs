//! Reads arguments, calls one library function, draws the answer. The program itself is a call of
//! [`main`]; it is a library so that its readers of strangers' files can be tested as such.

#![forbid(unsafe_code)]

mod args;
mod codes;
mod commands;
mod engine;
mod environment;
mod exit;
mod load;
mod manifest;
mod measure;
mod networks;
mod output;
mod parallel;
mod policy;
mod report;
mod score;
mod stores;
mod traces;

use args::{Arguments, Command};
use clap::{CommandFactory as _, FromArgMatches as _, ValueEnum as _};
use exit::{Answer, Failure};
use output::Output;
use std::io::Write;
use std::process::ExitCode;

/// The program: parses the process's arguments, runs the command, gives the exit code.
pub fn main() -> ExitCode {
    let mut command = environment::with_variables(Arguments::command());
    environment::tell_unknown(&command);
    let matches = command.get_matches_mut();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let mut out = Output::new(arguments.color);
    let answer = run(&arguments.command, &mut out);
    let answer = out.flush().map_err(Failure::from).and(answer);
    match answer {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::tell(&failure);
            failure.exit().into()
        }
    }
}

/// Reads a file of recorded traces as `guardc eval` does, and hands over each event's bytes. `form` is
/// the word of `--input-format`; without it the form is found out from the first line.
///
/// # Errors
/// What is wrong with the file, in one line.
pub fn read_traces(
    bytes: &[u8],
    form: Option<&str>,
    event: impl FnMut(&[u8]),
) -> Result<(), String> {
    let form = form.map(|word| args::InputFormat::from_str(word, false)).transpose()?;
    traces::read_bytes(bytes, form, event).map_err(|failure| match failure {
        Failure::Message { message, .. } => message,
        Failure::ReaderGone | Failure::Reported(_) => String::new(),
    })
}

/// Reads a `guard.toml`.
///
/// # Errors
/// The headline of what is wrong with it.
pub fn read_manifest(text: &str) -> Result<(), String> {
    let file = std::sync::Arc::from(manifest::FILE_NAME);
    manifest::read(&file, text).map(drop).map_err(|finding| finding.headline)
}

fn run(command: &Command, out: &mut Output) -> Answer {
    match command {
        Command::Check(arguments) => commands::check::run(arguments, out),
        Command::Fmt(arguments) => commands::fmt::run(arguments, out),
        Command::Test(arguments) => commands::test::run(arguments, out),
        Command::Mutate(arguments) => commands::mutate::run(arguments, out),
        Command::Import(arguments) => commands::import::run(arguments, out),
        Command::Eval(arguments) => commands::eval::run(arguments, out),
        Command::Explain(arguments) => commands::explain::run(arguments, out),
        Command::ExplainCode(arguments) => commands::explain_code::run(arguments, out),
        Command::Build(arguments) => commands::build::run(arguments, out),
        Command::Show(arguments) => commands::show::run(arguments, out),
        Command::Measure(arguments) => commands::measure::run(arguments, out),
        Command::Calibrate(arguments) => commands::calibrate::run(arguments, out),
        Command::Audit(arguments) => commands::audit::run(arguments, out),
        Command::Approvals(arguments) => commands::approvals::run(arguments, out),
        Command::Completions(arguments) => commands::completions::run(arguments, out),
        Command::Man(arguments) => commands::man::run(arguments, out),
    }
}
