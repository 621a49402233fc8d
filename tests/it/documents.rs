//! The reference, the specs and the error pages: every policy in them is checked, every event decided.

use guard_tests::document::{self, Policy};
use guard_tests::engines::{Engines, agent_of, findings};
use guard_tests::workspace::root;
use std::fmt::Write as _;
use std::path::PathBuf;

fn pages(folder: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What does not hold of a policy of a page.
fn problems(name: &str, policy: &Policy) -> String {
    let mut problems = String::new();
    let found = findings(&[("page.guard", &policy.text)]);
    if found != policy.expected {
        writeln!(
            problems,
            "{name}:{}: found {found:?}, annotated {:?}",
            policy.line, policy.expected
        )
        .unwrap();
        return problems;
    }
    if policy.events.is_empty() {
        return problems;
    }
    let engines = Engines::compile(&policy.text);
    let agent = agent_of(&policy.text);
    let mut sessions = None;
    for step in &policy.events {
        if !step.goes_on {
            sessions = None;
        }
        let sessions = sessions.get_or_insert_with(|| engines.session(&agent, &step.principal));
        let decision = sessions.decide(step.event.as_bytes());
        if decision["decision"] != step.verdict.as_str() {
            writeln!(problems, "{name}:{}: {decision}, not {}", step.line, step.verdict).unwrap();
        }
    }
    problems
}

fn run(folder: &str) {
    let mut broken = String::new();
    let mut policies = 0;
    for (name, page) in pages(folder) {
        for policy in document::read(&page).policies {
            policies += 1;
            broken.push_str(&problems(&name, &policy));
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
    assert!(policies > 0, "no policy in {folder}");
}

#[test]
fn the_reference_says_what_the_compiler_and_both_engines_do() {
    run("docs/reference");
}

#[test]
fn the_specs_say_what_the_compiler_and_both_engines_do() {
    run("tests/spec");
}

#[test]
fn every_error_page_shows_exactly_its_error() {
    run("docs/errors");
}
