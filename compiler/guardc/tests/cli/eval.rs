//! `guardc eval`, `explain` and `build`: the shipped examples, and recorded traffic where it is there.

use crate::{Folder, Ran};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Evaluates an example with its principal and facts.
fn example(name: &str, more: &[&str]) -> Ran {
    let folder = root().join("examples").join(name);
    let file = |file: &str| shown(&folder.join(file));
    let mut arguments = vec!["eval".to_owned()];
    if folder.join("principal.json").exists() {
        arguments.extend(["--principal".to_owned(), format!("@{}", file("principal.json"))]);
    }
    if folder.join("facts.json").exists() {
        arguments.extend(["--facts".to_owned(), format!("@{}", file("facts.json"))]);
    }
    arguments.extend(more.iter().map(|&one| one.to_owned()));
    arguments.extend([shown(&folder), file("events.jsonl")]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Folder::new(&format!("example-{name}-{}", more.join("").replace("--", ""))).run(&arguments)
}

/// Every example that denies something.
const EXAMPLES: [&str; 8] = [
    "bank",
    "support-desk",
    "coding-agent",
    "agentdojo-banking",
    "agentdojo-slack",
    "agentdojo-workspace",
    "injecagent",
    "tau-retail",
];

#[test]
fn the_decisions_on_the_examples_are_the_reviewed_ones() {
    for name in EXAMPLES {
        let printed = example(name, &[]).expect_code(4).out;
        insta::assert_snapshot!(name, printed);
    }
}

#[test]
fn both_engines_print_the_same_bytes_on_the_examples() {
    for name in EXAMPLES {
        let of =
            |engine| example(name, &["--format", "ndjson", "--engine", engine]).expect_code(4).out;
        assert_eq!(of("jit"), of("interpreter"), "{name}");
    }
}

#[test]
fn a_scored_run_ends_with_its_figures() {
    let out = example("bank", &["--score", "--format", "json"]).expect_code(0).out;
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["score"]["attacks"], 2);
    assert_eq!(last["score"]["stopped"], 2);
    assert_eq!(last["score"]["honest_denied"], 0);
}

#[test]
fn a_built_plan_decides_like_its_policy() {
    let bank = root().join("examples/bank");
    let folder = Folder::new("built");
    folder.run(&["build", &shown(&bank), "-o", "bank.plan"]).expect_code(0);
    let principal = format!("@{}", shown(&bank.join("principal.json")));
    let facts = format!("@{}", shown(&bank.join("facts.json")));
    let events = shown(&bank.join("events.jsonl"));
    let of = |policy: &str| {
        let arguments = [
            "eval",
            "--principal",
            &principal,
            "--facts",
            &facts,
            "--format",
            "ndjson",
            policy,
            &events,
        ];
        folder.run(&arguments).expect_code(4).out
    };
    assert_eq!(of("bank.plan"), of(&shown(&bank)));
}

#[test]
fn an_explanation_names_what_fired_and_what_was_close() {
    let folder = Folder::new("explained").with(
        "p.guard",
        "guard 1\ntool pay(amount: float)\nagent a {\n  scope { tool pay }\n  prohibit tool pay when amount > 10.0 because \"too much\"\n}\n",
    );
    let event = r#"{"type":"tool_call","id":"c","tool":"pay","args":{"amount":11}}"#;
    folder
        .run_with_input(&["explain", "p.guard", "-"], event)
        .expect_code(4)
        .expect_out("prohibit tool pay: fires")
        .expect_out("amount = 11")
        .expect_out("allow if `amount > 10.0` were false");
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn every_recorded_schema_imports_and_checks() {
    let schemas = root().join("../shared/traces/schemas");
    let Ok(files) = std::fs::read_dir(&schemas) else {
        println!("skipped: there are no recorded schemas beside this checkout");
        return;
    };
    let folder = Folder::new("schemas");
    for file in files {
        let file = file.unwrap().path();
        let name = format!("{}.guard", file.file_stem().unwrap().to_str().unwrap());
        folder.run(&["import", "mcp", &shown(&file), "-o", &name]).expect_code(0);
        folder.run(&["check", &name]).expect_code(0);
    }
}

/// The recorded traces beside this checkout with the schema of their tools, if they are there.
fn recorded() -> Vec<(PathBuf, PathBuf)> {
    let traces = root().join("../shared/traces");
    let Ok(files) = std::fs::read_dir(&traces) else { return Vec::new() };
    let mut found: Vec<(PathBuf, PathBuf)> = files
        .filter_map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name()?.to_str()?.to_owned();
            let suite = name.split('.').next().filter(|_| name.contains(".jsonl"))?.to_owned();
            Some((path, traces.join("schemas").join(format!("{suite}.json"))))
        })
        .collect();
    found.sort();
    found
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn both_engines_print_the_same_bytes_on_every_recorded_trace() {
    const RULES: &str = "
agent all {
  scope { any tool }
  prohibit any tool when call.tool finds r\"(?i)delete|remove|grant|transfer\"
  escalate any tool to \"owner\" when call.id ends with \"3\" or session.events > 40
  prohibit output when text finds r\"https?://\"
  prohibit input when text.length > 1_200
  prohibit result of any tool when failed or text contains \"IMPORTANT\"
}
";
    let recorded = recorded();
    if recorded.is_empty() {
        println!("skipped: there are no recorded traces beside this checkout");
        return;
    }
    for (trace, schema) in recorded {
        let name = trace.file_name().unwrap().to_str().unwrap();
        let folder = Folder::new(&format!("recorded-{name}"));
        folder.run(&["import", "mcp", &shown(&schema), "-o", "tools.guard"]).expect_code(0);
        let folder = folder.with("all.guard", format!("guard 1\nuse tools\n{RULES}"));
        let of = |engine: &str| {
            let arguments =
                ["eval", "--engine", engine, "--format", "ndjson", "all.guard", &shown(&trace)];
            let ran = folder.run(&arguments);
            assert!([0, 4, 5].contains(&ran.code), "{name}: {}", ran.err);
            ran.out
        };
        let jit = of("jit");
        assert!(jit.lines().count() > 10, "{name}");
        assert_eq!(jit, of("interpreter"), "{name}");
    }
}
