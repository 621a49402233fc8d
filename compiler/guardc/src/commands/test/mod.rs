//! `guardc test`: runs the tests that stand in policies.

mod coverage;
mod json;
mod junit;
mod pretty;
mod results;
mod tap;
mod watch;

use crate::args::{CoverageFormat, FindingFormat, TestArguments, TestFormat};
use crate::codes;
use crate::exit::{Answer, Exit, Failure};
use crate::load;
use crate::output::Output;
use crate::parallel;
use crate::policy::{self, Kept, Loaded};
use crate::report::{Findings, write_findings};
use guard_match::{MatchScratch, Patterns};
use guard_plan::Pattern;
use guard_test::Suite;
use guard_types::scenario::{Scenario, scenarios};
use results::{PackageResults, TestResult};
use std::io::Write;

/// Runs every test of every package, and prints what came of them.
pub(crate) fn run(arguments: &TestArguments, out: &mut Output) -> Answer {
    if arguments.watch {
        return watch::run(arguments, out);
    }
    let chosen = Chosen::new(arguments.run.as_deref(), "--run")?;
    let mut all = Vec::new();
    for path in &arguments.paths {
        for files in load::packages(path)? {
            all.push(package(policy::load(files), arguments, &chosen)?.0);
        }
    }
    report(arguments, &all, out)
}

/// Checks a package and runs its tests. The database is for the next run.
fn package(
    loaded: Loaded,
    arguments: &TestArguments,
    chosen: &Chosen,
) -> Answer<(PackageResults, Kept)> {
    let (name, settings) = (loaded.name().to_owned(), loaded.test_settings());
    let (compiled, kept) = loaded.compile_and_keep();
    let mut results = PackageResults::new(name, settings, compiled.findings);
    let Some(plan) = compiled.plan else {
        results.does_not_check = true;
        return Ok((results, kept));
    };
    let mut scenarios = scenarios(&kept.db, kept.package);
    scenarios.retain(|scenario| chosen.is_chosen(&scenario.title));
    let suite = Suite::new(plan, crate::networks::runtime())
        .map_err(|error| Failure::broke(error.to_string()))?;
    results.take(&suite, run_all(&suite, &scenarios, parallel::jobs(arguments.jobs)));
    results.find_what_is_missing(arguments, chosen.is_everything());
    Ok((results, kept))
}

/// Runs the tests, several at once; the results stand in the order of the tests.
fn run_all(suite: &Suite, scenarios: &[Scenario], jobs: usize) -> Vec<TestResult> {
    parallel::map(
        scenarios,
        jobs,
        || (),
        |(), scenario| {
            let outcome = suite.run(scenario);
            TestResult { scenario: scenario.clone(), outcome }
        },
    )
}

/// Prints the results and the coverage, and says how it went.
fn report(arguments: &TestArguments, all: &[PackageResults], out: &mut Output) -> Answer {
    let broken: Vec<&Findings> =
        all.iter().filter(|one| one.does_not_check).map(|one| &one.findings).collect();
    if !broken.is_empty() {
        tell_broken(arguments, all, out)?;
        return Ok(Exit::DoesNotCheck);
    }
    let colour = out.colour();
    match arguments.format {
        TestFormat::Pretty => pretty::write(all, colour, out)?,
        TestFormat::Json => json::write(all, out)?,
        TestFormat::Junit => junit::write(all, out)?,
        TestFormat::Tap => tap::write(all, out)?,
        TestFormat::Github => {
            for results in all {
                write_findings(
                    FindingFormat::Github,
                    std::slice::from_ref(&results.findings),
                    colour,
                    out,
                )?;
            }
        }
    }
    if let Some(format) = arguments.coverage {
        write_coverage(arguments, format, all, out)?;
    }
    let failed = all.iter().any(PackageResults::has_failed);
    let enough = is_enough(arguments, all, out)?;
    Ok(if failed || !enough { Exit::Denied } else { Exit::Clean })
}

/// What does not check is told as `guardc check` tells it, in the nearest of its formats.
fn tell_broken(arguments: &TestArguments, all: &[PackageResults], out: &mut Output) -> Answer<()> {
    let format = match arguments.format {
        TestFormat::Json => FindingFormat::Json,
        TestFormat::Github => FindingFormat::Github,
        _ => FindingFormat::Pretty,
    };
    let colour = out.colour();
    for results in all.iter().filter(|one| one.does_not_check) {
        write_findings(format, std::slice::from_ref(&results.findings), colour, out)?;
    }
    Ok(())
}

fn write_coverage(
    arguments: &TestArguments,
    format: CoverageFormat,
    all: &[PackageResults],
    out: &mut Output,
) -> Answer<()> {
    let written = coverage::written(format, all);
    match &arguments.coverage_out {
        Some(file) => super::write_whole(file, written.as_bytes()),
        None => Ok(out.write_all(written.as_bytes())?),
    }
}

/// Whether as much is covered as the command line asks of all packages, and each manifest of its own. A manifest
/// speaks of all tests; where some are chosen it is not asked.
fn is_enough(arguments: &TestArguments, all: &[PackageResults], out: &mut Output) -> Answer<bool> {
    let mut enough = true;
    let mut ask = |of: &[PackageResults], wanted: Option<f64>, whose: &str| -> Answer<()> {
        let Some(wanted) = wanted else { return Ok(()) };
        let covered = coverage::totals_of(of).percent();
        if covered < wanted {
            enough = false;
            out.flush()?;
            let text = format!("{covered:.1} % {whose}is covered, and {wanted} % is asked for");
            crate::output::remark("error", &text);
        }
        Ok(())
    };
    ask(all, arguments.min_coverage, "")?;
    if arguments.run.is_none() {
        for results in all {
            let whose = format!("of `{}` ", results.name);
            ask(std::slice::from_ref(results), results.settings.min_coverage, &whose)?;
        }
    }
    Ok(enough)
}

/// Which tests are run.
pub(crate) struct Chosen {
    pattern: Option<Patterns>,
}

impl Chosen {
    /// Those in whose title the pattern is found; all without one.
    pub(crate) fn new(pattern: Option<&str>, option: &str) -> Answer<Self> {
        let compiled = pattern.map(|source| {
            let pattern = Pattern { source: source.to_owned(), whole: false };
            Patterns::compile(&[pattern])
        });
        let pattern = compiled.transpose().map_err(|error| {
            Failure::usage(format!("the pattern behind `{option}` cannot be used: {error}"))
        })?;
        Ok(Self { pattern })
    }

    fn is_everything(&self) -> bool {
        self.pattern.is_none()
    }

    /// Whether a test of this title is one of them.
    pub(crate) fn is_chosen(&self, title: &str) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        pattern.matches(0, title.as_bytes(), &mut MatchScratch::default()).unwrap_or(false)
    }
}

impl PackageResults {
    /// Finds what no test was about.
    fn find_what_is_missing(&mut self, arguments: &TestArguments, is_everything: bool) {
        let allows_no_tests = arguments.allow_no_tests || self.settings.allow_no_tests;
        let allows_unfired = arguments.allow_unfired || self.settings.allow_unfired;
        if self.tests.is_empty() && !allows_no_tests {
            self.no_tests(codes::NO_TESTS, is_everything);
        } else if is_everything && !allows_unfired && !self.tests.is_empty() {
            self.unfired(codes::UNFIRED_RULE);
        }
    }
}
