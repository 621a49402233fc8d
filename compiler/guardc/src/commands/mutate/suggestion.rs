//! A test that would notice a slip.
//!
//! INVARIANT: a test is suggested only after it was compiled as it is printed, passed on the policy and failed on the
//! mutant.

use super::Mutant;
use super::trial::Worker;
use guard_grammar::ast::{ItemKind, RuleKind};
use guard_hir::agents;
use guard_test::{Difference, Hints, Suite, difference, written};
use guard_types::scenario::{Scenario, scenarios};

/// How many runs of tests are spent on the search for one.
const TRIES_MAX: usize = 8000;

/// How many characters of what stands in the policy a title repeats.
const WORDS_MAX: usize = 60;

/// A test as it can be pasted, where one is found.
pub(super) fn of(worker: &mut Worker<'_>, mutant: &Mutant) -> Option<String> {
    let plan = worker.compiled(mutant)?;
    let other = worker.suite.beside(plan).ok()?;
    let mutation = &mutant.mutation;
    let text = worker.text(&mutant.module);
    let mut hints = Hints::default();
    hints.take(&mutation.replacement);
    hints.take(mutation.inside.text(&text));
    for (_, text) in &worker.files.modules {
        hints.take(text);
    }
    let focus = focus(worker, mutation.inside.text(&text), &mutation.title);
    let (one, scenarios) = (worker.suite, worker.scenarios);
    let found = difference(one, &other, scenarios, &hints, &focus, TRIES_MAX)?;
    checked(worker, &found, mutant, &other)
}

/// What the test is about: what stands in the policy, and not what the slip makes of it.
fn title(worker: &Worker<'_>, mutant: &Mutant) -> String {
    let mutation = &mutant.mutation;
    let text = worker.text(&mutant.module);
    let short = |text: &str| {
        let words = guard_grammar::one_spaced(text);
        let mut letters = words.trim().chars();
        let short: String = letters.by_ref().take(WORDS_MAX).collect();
        if letters.next().is_some() { format!("{short}…") } else { short }
    };
    let was = short(mutation.span.text(&text));
    match short(&mutation.replacement).as_str() {
        "" => format!("{}: {was}", mutation.title),
        is => format!("{}: {was}, not {is}", mutation.title),
    }
}

/// The words of what a slip is in; of a declaration, those of the rules and declarations that use it.
fn focus(worker: &Worker<'_>, inside: &str, title: &str) -> String {
    let mut words = inside.to_owned();
    let mut names: Vec<String> = declared(title).into_iter().collect();
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        for (_, text) in &worker.files.modules {
            for (title, text) in parts(text) {
                if text.contains(&name) && !words.contains(text) {
                    words.push_str(text);
                    names.extend(declared(&title));
                }
            }
        }
    }
    words
}

fn declared(title: &str) -> Option<String> {
    let (word, name) = title.split_once(' ')?;
    matches!(word, "const" | "fn" | "detector").then(|| name.to_owned())
}

/// The rules and declarations of a file, each with its first words.
fn parts(source: &str) -> Vec<(String, &str)> {
    let mut all = Vec::new();
    for item in guard_grammar::parse(source).file.items {
        let rules = match item.kind {
            ItemKind::Agent(decl) => decl.rules,
            ItemKind::Policy(decl) => decl.rules,
            ItemKind::Layer(decl) => decl.rules,
            ItemKind::Const(decl) => {
                all.push((format!("const {}", decl.name.text), item.span.text(source)));
                continue;
            }
            ItemKind::Fn(decl) => {
                all.push((format!("fn {}", decl.name.text), item.span.text(source)));
                continue;
            }
            _ => continue,
        };
        for rule in &rules {
            match &rule.kind {
                RuleKind::Scope(lines) => all.extend(lines.iter().map(|line| {
                    let span = line.span.absolute_from(rule.span.start);
                    (String::new(), span.text(source))
                })),
                _ => all.push((String::new(), rule.span.text(source))),
            }
        }
    }
    all
}

/// The test in its style, once it holds what is said of it.
fn checked(
    worker: &mut Worker<'_>,
    found: &Difference,
    mutant: &Mutant,
    other: &Suite,
) -> Option<String> {
    let title = title(worker, mutant);
    let last = found.scenario.steps.len().checked_sub(1)?;
    let test =
        written(&title, &found.scenario, |step| (step == last).then(|| found.expected.clone()));
    let styled = guard_fmt::format(&format!("guard 1\n\n{test}")).ok()?;
    let test = styled.strip_prefix("guard 1")?.trim_start().to_owned();
    worker.restore();
    let module = {
        let all = agents(&worker.kept.db, worker.kept.package);
        let agent = all.iter().find(|a| a.name(&worker.kept.db) == found.scenario.agent)?;
        agent.file.path(&worker.kept.db)
    };
    let text = worker.text(&module);
    worker.kept.set_text(&module, &format!("{text}\n{test}"));
    let compiled = worker.kept.compile();
    let known = |scenario: &Scenario| scenario.title == title;
    let added = scenarios(&worker.kept.db, worker.kept.package).into_iter().find(known);
    worker.kept.set_text(&module, &text);
    compiled.plan?;
    let added = added?;
    (worker.suite.passes(&added) && !other.passes(&added)).then_some(test)
}
