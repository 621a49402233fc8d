//! `guardc mutate`: makes small slips in a policy, and says which of them no test notices.

mod report;
mod suggestion;
mod trial;

use super::test::Chosen;
use crate::args::MutateArguments;
use crate::exit::{Answer, Exit, Failure};
use crate::load::{self, PackageFiles};
use crate::output::{Output, remark};
use crate::parallel;
use crate::policy::{self, Compiled};
use guard_grammar::{Allowance, allowances};
use guard_mutate::{Mutation, mutations};
use guard_test::Suite;
use guard_types::scenario::{Scenario, scenarios};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::time::Instant;
use trial::{Trial, Worker};

/// A slip, and the file it is in.
#[derive(Debug)]
struct Mutant {
    module: Arc<str>,
    mutation: Mutation,
    /// Why it is let be, where the author says so.
    reason: Option<String>,
}

/// What came of the mutants of a package.
#[derive(Debug)]
struct Tried {
    files: PackageFiles,
    mutants: Vec<(Mutant, Trial)>,
}

/// Makes the slips of every package, and runs its tests on each.
pub(crate) fn run(arguments: &MutateArguments, out: &mut Output) -> Answer {
    let tests = Chosen::new(arguments.run.as_deref(), "--run")?;
    let rules = Chosen::new(arguments.rule.as_deref(), "--rule")?;
    let mut worst = Exit::Clean;
    for path in &arguments.paths {
        for files in load::packages(path)? {
            worst = worst.max(package(files, arguments, &tests, &rules, out)?);
        }
    }
    Ok(worst)
}

fn package(
    files: PackageFiles,
    arguments: &MutateArguments,
    tests: &Chosen,
    rules: &Chosen,
    out: &mut Output,
) -> Answer {
    let mutants = mutants(&files, arguments, rules);
    if arguments.list {
        report::list(&files, &mutants, out)?;
        return Ok(Exit::Clean);
    }
    let name = files.name.clone();
    let (compiled, kept) = policy::load(files.clone()).compile_and_keep();
    let Compiled { findings, plan: Some(plan) } = compiled else {
        policy::tell_findings(crate::args::FindingFormat::Pretty, compiled.findings, out)?;
        return Ok(Exit::DoesNotCheck);
    };
    drop(findings);
    let mut scenarios = scenarios(&kept.db, kept.package);
    scenarios.retain(|scenario| tests.is_chosen(&scenario.title));
    let suite = Suite::new(plan, crate::networks::runtime())
        .map_err(|error| Failure::broke(error.to_string()))?;
    if let Some(problem) = cannot_begin(&suite, &scenarios) {
        out_of_order(out)?;
        remark("error", &format!("`{name}`: {problem}"));
        return Ok(Exit::Denied);
    }
    let tried = try_all(files, mutants, &suite, &scenarios, arguments);
    report::write(&tried, arguments.format, out)?;
    let is_clean = tried.survivors().next().is_none();
    Ok(if is_clean { Exit::Clean } else { Exit::Denied })
}

/// What is written to standard error stands behind what was answered before.
fn out_of_order(out: &mut Output) -> Answer<()> {
    use std::io::Write as _;
    Ok(out.flush()?)
}

/// A suite that is not there or fails as it is notices nothing.
fn cannot_begin(suite: &Suite, scenarios: &[Scenario]) -> Option<String> {
    if scenarios.is_empty() {
        return Some("there are no tests, so no slip would be noticed".to_owned());
    }
    let failing = scenarios.iter().find(|scenario| !suite.passes(scenario))?;
    Some(format!("the test `{}` fails as it is; see `guardc test`", failing.title))
}

fn mutants(files: &PackageFiles, arguments: &MutateArguments, rules: &Chosen) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (module, text) in &files.modules {
        let known: Vec<Allowance> = allowances(text).into_iter().flatten().collect();
        for mutation in mutations(text) {
            let name = mutation.operator.name();
            let is_asked = arguments.operator.is_empty()
                || arguments.operator.iter().any(|operator| operator == name);
            if is_asked && rules.is_chosen(&mutation.title) {
                let allowed = known
                    .iter()
                    .find(|allowance| allowance.covers(name, mutation.span, mutation.inside));
                let reason = allowed.map(|allowance| allowance.reason.clone());
                all.push(Mutant { module: Arc::clone(module), mutation, reason });
            }
        }
    }
    all
}

fn try_all(
    files: PackageFiles,
    mutants: Vec<Mutant>,
    suite: &Suite,
    scenarios: &[Scenario],
    arguments: &MutateArguments,
) -> Tried {
    let jobs = parallel::jobs(arguments.jobs);
    let bar = ProgressBar::new(u64::try_from(mutants.len()).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} [{bar:40}] {pos}/{len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    let began = Instant::now();
    let begin = || Worker::new(&files, suite, scenarios);
    let trials = parallel::map(&mutants, jobs, begin, |worker, mutant| {
        let trial = worker.of(mutant);
        bar.inc(1);
        trial
    });
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    if seconds > 0.0 {
        let count = mutants.len();
        let rate = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds;
        let text =
            format!("{count} mutants of `{}` in {seconds:.2} s, {rate:.0} a second", files.name);
        remark("note", &text);
    }
    let mut mutants: Vec<(Mutant, Trial)> = mutants.into_iter().zip(trials).collect();
    if !arguments.no_suggestions {
        let begin = || Worker::new(&files, suite, scenarios);
        let suggestions = parallel::map(&mutants, jobs, begin, |worker, (mutant, trial)| {
            trial.is_survivor().then(|| suggestion::of(worker, mutant)).flatten()
        });
        for ((_, trial), found) in mutants.iter_mut().zip(suggestions) {
            if let Trial::Survived(suggestion) = trial {
                *suggestion = found;
            }
        }
    }
    Tried { files, mutants }
}

impl Tried {
    /// What no test notices, with a test that would where one was found.
    fn survivors(&self) -> impl Iterator<Item = (&Mutant, Option<&str>)> {
        self.mutants.iter().filter_map(|(mutant, trial)| match trial {
            Trial::Survived(suggestion) => Some((mutant, suggestion.as_deref())),
            _ => None,
        })
    }

    fn count(&self, is: impl Fn(&Trial) -> bool) -> usize {
        self.mutants.iter().filter(|(_, trial)| is(trial)).count()
    }
}
