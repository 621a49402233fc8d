//! The reference, the specs and the error pages: every policy in them is checked, every event decided.

use guard_schema::Format;
use guard_tests::document::{self, Policy, Schema};
use guard_tests::engines::{Engines, agent_of, findings};
use guard_tests::suites;
use guard_tests::workspace::{Workspace, root};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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
    if found.is_empty() && policy.text.lines().any(|line| line.starts_with("test ")) {
        for failure in suites::run(&[("page.guard", &policy.text)]).failures {
            writeln!(problems, "{name}:{}: {failure}", policy.line).unwrap();
        }
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

/// The codes that a document is refused with, each once.
fn refused(format: Format, document: &[u8]) -> Vec<&'static str> {
    let mut codes: Vec<_> = match guard_schema::import(format, document, "page") {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.code).collect(),
    };
    codes.dedup();
    codes
}

#[test]
fn every_schema_of_an_error_page_is_imported_or_refused_as_the_page_says() {
    let mut schemas = 0;
    for (name, page) in pages("docs/errors") {
        for schema in document::read(&page).schemas {
            let format = Format::from_word(&schema.format).unwrap();
            let found = refused(format, schema.text.as_bytes());
            assert_eq!(found.as_slice(), schema.refused.as_slice(), "{name}:{}", schema.line);
            schemas += 1;
        }
    }
    assert!(schemas > 20, "{schemas}");
}

#[test]
fn what_is_too_large_for_a_page_is_refused_with_its_code() {
    let of = |document: &str| refused(Format::JsonSchema, document.as_bytes());
    assert_eq!(of(&" ".repeat((16 << 20) + 1)), ["G0702"]);
    let nested = |depth| format!("{}{}", r#"{"items":"#.repeat(depth), "}".repeat(depth));
    assert_eq!(of(&nested(70).replace("\":}", "\":{}}")), ["G0703"]);
    // Each definition is twice the one before.
    let mut definitions = String::from(r#""d0":{"type":"string"}"#);
    for n in 1..30 {
        let of = n - 1;
        write!(
            definitions,
            r##","d{n}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{of}"}},"b":{{"$ref":"#/$defs/d{of}"}}}}}}"##
        )
        .unwrap();
    }
    let doubling = format!(r##"{{"$defs":{{{definitions}}},"$ref":"#/$defs/d29"}}"##);
    assert_eq!(of(&doubling), ["G0716"]);
    let wrong = (0..600).map(|n| format!(r#""p{n}":{{"not":{{}}}}"#)).collect::<Vec<_>>().join(",");
    let many = of(&format!(r#"{{"type":"object","properties":{{{wrong}}}}}"#));
    assert_eq!(many, ["G0709", "G0718"]);
}

#[test]
fn every_error_page_has_an_example_that_is_run() {
    let (mut without, mut sources) = (Vec::new(), String::new());
    let workspace = Workspace::read();
    for file in workspace.files() {
        if Path::new(&file).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        sources.push_str(&std::fs::read_to_string(workspace.root.join(file)).unwrap());
    }
    for (name, page) in pages("docs/errors").into_iter().filter(|(name, _)| name != "README.md") {
        let code = name.trim_end_matches(".md");
        let document = document::read(&page);
        let of_policy = |policy: &Policy| policy.expected.iter().any(|(_, found)| found == code);
        let of_schema = |schema: &Schema| schema.refused.as_deref() == Some(code);
        let tested = page.split_once("tested by `").and_then(|(_, rest)| rest.split_once('`'));
        let is_tested = tested.is_some_and(|(test, _)| sources.contains(&format!("fn {test}()")));
        let is_shown =
            document.policies.iter().any(of_policy) || document.schemas.iter().any(of_schema);
        if !is_shown && !is_tested {
            without.push(name);
        }
    }
    assert!(without.is_empty(), "{without:?}");
}
