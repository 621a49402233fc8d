//! Reads arguments, calls one library function, draws the answer.

#![forbid(unsafe_code)]

mod args;
mod codes;
mod commands;
mod engine;
mod exit;
mod load;
mod manifest;
mod measure;
mod output;
mod policy;
mod report;
mod score;
mod stores;
mod traces;

use args::{Arguments, Command};
use clap::Parser;
use exit::{Answer, Failure};
use output::Output;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
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

fn run(command: &Command, out: &mut Output) -> Answer {
    match command {
        Command::Check(arguments) => commands::check::run(arguments, out),
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
    }
}
