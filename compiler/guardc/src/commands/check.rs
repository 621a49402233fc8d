//! `guardc check`: what is wrong with policies.

use crate::args::{CheckArguments, FindingFormat};
use crate::exit::{Answer, Exit};
use crate::load;
use crate::output::Output;
use crate::policy;
use crate::report::{Findings, Tally, tally, write_findings};
use std::io::Write;

/// Checks every package of every path, and prints the findings of all.
pub(crate) fn run(arguments: &CheckArguments, out: &mut Output) -> Answer {
    let mut all: Vec<Findings> = Vec::new();
    for path in &arguments.paths {
        for package in load::packages(path)? {
            all.push(policy::compile(package).findings);
        }
    }
    let colour = out.colour();
    write_findings(arguments.format, &all, colour, out)?;
    let found = tally(&all);
    if arguments.format == FindingFormat::Pretty {
        writeln!(out, "{}", summary(all.len(), found))?;
    }
    Ok(if found.errors == 0 { Exit::Clean } else { Exit::DoesNotCheck })
}

fn summary(packages: usize, found: Tally) -> String {
    let packages = counted(packages, "package");
    let errors = counted(found.errors, "error");
    let warnings = counted(found.warnings, "warning");
    match (found.errors, found.warnings) {
        (0, 0) => format!("{packages} checked, nothing found"),
        (0, _) => format!("{packages} checked: {warnings}"),
        (_, 0) => format!("{packages} checked: {errors}"),
        _ => format!("{packages} checked: {errors}, {warnings}"),
    }
}

fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_in_words() {
        assert_eq!(summary(1, Tally::default()), "1 package checked, nothing found");
        let found = Tally { errors: 1, warnings: 2 };
        assert_eq!(summary(3, found), "3 packages checked: 1 error, 2 warnings");
    }
}
