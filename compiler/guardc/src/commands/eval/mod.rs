//! `guardc eval`: decides recorded events, and scores a policy by them.

mod judge;
mod printer;
mod progress;
mod summary;

use crate::args::{DecisionFormat, EvalArguments};
use crate::engine::{Guard, SessionChoice};
use crate::exit::{Answer, Exit};
use crate::output::{Output, remark};
use crate::policy;
use crate::stores::Stores;
use crate::traces::{self, Skipped};
use judge::Judge;
use printer::Printer;
use progress::Progress;
use std::io::{self, IsTerminal, Write};
use summary::{Summary, write_score};

/// Decides every event of every file.
pub(crate) fn run(arguments: &EvalArguments, out: &mut Output) -> Answer {
    let plan = policy::plan(&arguments.policy, out)?;
    let stores = Stores::open(&arguments.stores)?;
    let guard = Guard::new(plan, arguments.session.engine, stores)?;
    let choice = SessionChoice::new(&guard, &arguments.session)?;
    let prints_decisions = prints_decisions(arguments);
    let bar_is_in_the_way = prints_decisions && io::stdout().is_terminal();
    let progress = Progress::new(&arguments.events, arguments.quiet || bar_is_in_the_way);
    let colour = out.colour();
    let printer = Printer::new(arguments.format, prints_decisions, colour, out);
    let mut judge = Judge::new(choice, printer, arguments.state_hash);
    let mut skipped = Skipped::new();
    for path in &arguments.events {
        let of_file = traces::read_file(
            path,
            arguments.input_format,
            |read| progress.advance(read),
            &mut judge,
        )?;
        for (what, times) in of_file {
            *skipped.entry(what).or_default() += times;
        }
    }
    progress.finish();
    let (summary, score) = judge.finish()?;
    for (what, times) in skipped {
        remark("note", &format!("passed over, since there is nothing to decide: {what} ({times})"));
    }
    if arguments.score {
        if score.is_empty() {
            remark("note", "no trace says what to expect of a guard, so there is nothing to score");
        }
        write_score(arguments.format, &score, out)?;
    }
    write_summary(arguments, &summary, out)?;
    Ok(if arguments.score { Exit::Clean } else { summary.exit() })
}

/// The decisions of a scored run are asked for with a format for machines only: who scores wants
/// figures.
fn prints_decisions(arguments: &EvalArguments) -> bool {
    let with_score = arguments.format == DecisionFormat::Ndjson || !arguments.score;
    with_score && !arguments.quiet
}

/// For people the summary belongs to the answer; machines get it beside theirs, or in it.
fn write_summary(arguments: &EvalArguments, summary: &Summary, out: &mut Output) -> Answer<()> {
    match arguments.format {
        DecisionFormat::Pretty => writeln!(out, "{summary}")?,
        DecisionFormat::Ndjson if !arguments.quiet => {
            out.flush()?;
            remark("note", &summary.to_string());
        }
        DecisionFormat::Json | DecisionFormat::Ndjson => {}
    }
    Ok(())
}
