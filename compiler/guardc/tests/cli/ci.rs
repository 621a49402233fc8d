//! What a team's own checks rely on: formats held to their schemas, the workflow step, the hooks of pre-commit, variables for
//! options, what shells and `man` read.

use crate::test::{FAILING, PASSING, package};
use crate::{Folder, Ran};
use saphyr::{LoadableYamlNode as _, Yaml};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's own files.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A policy with an error that has a fix, related places and a note, and a warning.
const WRONG: &str = r"guard 1

tool pay(to: string, amount: float)
tool look(id: string)

agent desk {
  scope { tool pay when amout > 1.0 }
  prohibit tool pay
}

agent desk { scope { tool look } }
";

/// Tests that pass and leave a rule without one.
const PARTLY: &str = r#"guard 1

use desk

test "an owner pays" for desk(user: { role: "owner" }) {
  call look(id: "a") => allow
  call pay(to: "Ada", amount: 50.0) => allow
  call pay(to: "Ada", amount: 51.0) => escalate
}
"#;

/// A package in the one style.
fn formatted(name: &str, tests: &str) -> Folder {
    let folder = package(name, tests);
    folder.run(&["fmt"]).expect_code(0);
    folder
}

#[test]
fn findings_are_sarif_as_its_schema_says() {
    let schema = fs::read_to_string(root().join("tests/schemas/sarif-2.1.0.json")).unwrap();
    // The published schema has a pattern with a bracket too many, which readers of patterns refuse.
    let schema = schema.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder =
        Folder::new("ci-sarif").with("wrong.guard", WRONG).with("a b/right.guard", "guard 1\n");
    let runs = [
        folder.run(&["check", "--format", "sarif", "wrong.guard"]).expect_code(3),
        folder.run(&["check", "--format", "sarif", "a b"]).expect_code(0),
    ];
    for ran in runs {
        let log = serde_json::from_str(&ran.out).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{}", ran.out);
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn results_are_junit_as_its_schema_says() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: `xmllint` is not installed");
        return;
    }
    for (name, tests, code) in [("ci-junit-passing", PASSING, 0), ("ci-junit-failing", FAILING, 4)]
    {
        let folder = package(name, tests);
        let ran = folder.run(&["test", "--format", "junit"]).expect_code(code);
        let mut command = Command::new("xmllint");
        command
            .args(["--noout", "--schema"])
            .arg(root().join("tests/schemas/junit-10.xsd"))
            .arg("-");
        folder.run_with(&mut command, &ran.out).expect_code(0);
    }
}

/// The program's folder in front of the others, so that a script's `guardc` is this one.
fn with_guardc(command: &mut Command) -> &mut Command {
    let folder = Path::new(env!("CARGO_BIN_EXE_guardc")).parent().unwrap();
    let mut paths = vec![folder.to_path_buf()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    command.env("PATH", std::env::join_paths(paths).unwrap())
}

fn yaml(file: &str) -> Yaml<'static> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    Yaml::load_from_str(&text).unwrap().remove(0)
}

/// Runs the steps of the workflow step as GitHub does, with what it is given.
fn run_action(folder: &Folder, given: &[(&str, &str)]) -> Vec<(String, Ran)> {
    let action = yaml("action.yml");
    let value = |name: &str| -> String {
        let default = action["inputs"][name]["default"].as_str().unwrap();
        let given = given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        given.unwrap_or(default).to_owned()
    };
    let mut ran = Vec::new();
    for step in action["runs"]["steps"].as_vec().unwrap() {
        let wanted = step.as_mapping_get("if").and_then(Yaml::as_str);
        if wanted.is_some_and(|given| {
            value(given.strip_prefix("inputs.").unwrap().split_once(' ').unwrap().0).is_empty()
        }) {
            continue;
        }
        let mut command = Command::new("bash");
        command.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
        for (name, text) in
            step.as_mapping_get("env").and_then(Yaml::as_mapping).into_iter().flatten()
        {
            let input = text.as_str().unwrap();
            let input = input.strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
            command.env(name.as_str().unwrap(), value(input));
        }
        let name = step["name"].as_str().unwrap().to_owned();
        let result = folder.run_with(with_guardc(&mut command), "");
        let failed = result.code != 0;
        ran.push((name, result));
        if failed {
            break;
        }
    }
    ran
}

#[test]
fn the_workflow_step_passes_what_is_right_and_stops_at_what_is_not() {
    let folder = formatted("ci-action", PASSING);
    let files = [("sarif", "findings.sarif"), ("junit", "tests.xml"), ("min-coverage", "50")];
    let ran = run_action(&folder, &files);
    assert!(ran.iter().all(|(_, ran)| ran.code == 0), "{ran:#?}");
    assert_eq!(ran.len(), 6);
    assert!(folder.read("findings.sarif").contains("2.1.0"));
    assert!(folder.read("tests.xml").contains("testsuite"));

    let folder = formatted("ci-action-covers", PARTLY);
    let ran = run_action(&folder, &[("min-coverage", "100")]);
    let (step, last) = ran.last().unwrap();
    assert_eq!((step.as_str(), last.code), ("Test", 4), "{last:#?}");

    let folder = formatted("ci-action-fails", FAILING);
    let ran = run_action(&folder, &[("junit", "tests.xml")]);
    assert_eq!(ran.last().map(|(step, ran)| (step.as_str(), ran.code)), Some(("Test", 4)));
    assert!(folder.read("tests.xml").contains("<failure"));
    let folder = Folder::new("ci-action-wrong").with("wrong.guard", WRONG);
    let ran = run_action(&folder, &[("sarif", "findings.sarif")]);
    assert_eq!(ran.last().map(|(step, ran)| (step.as_str(), ran.code)), Some(("Check", 3)));
    assert!(folder.read("findings.sarif").contains("G0"));
}

#[test]
fn the_hooks_of_pre_commit_run() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let folder = formatted("ci-hooks", PASSING);
    let style = folder.read("desk.guard");
    let folder = folder.with("desk.guard", style.replace("\n  scope {", "\n    scope   {"));
    let mut ids = Vec::new();
    for hook in hooks.as_vec().unwrap() {
        let mut words = hook["entry"].as_str().unwrap().split(' ');
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        if hook.as_mapping_get("pass_filenames").is_none() {
            command.arg("desk.guard");
        }
        folder.run_with(with_guardc(&mut command), "").expect_code(0);
        ids.push(hook["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, ["guardc-fmt", "guardc-check", "guardc-test"]);
    assert_eq!(folder.read("desk.guard"), style, "the first hook formats");
}

#[test]
fn a_variable_stands_for_an_option_and_the_command_line_wins() {
    let folder = package("ci-variables", FAILING);
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guardc"));
        command.args(arguments).envs(variables.iter().copied());
        folder.run_with(&mut command, "")
    };
    let json = [("GUARDC_TEST_FORMAT", "json"), ("GUARDC_TEST_ALLOW_UNFIRED", "1")];
    let ran = run(&json, &["test"]).expect_code(4);
    assert!(ran.out.starts_with('{'), "{}", ran.out);
    run(&json, &["test", "--format", "tap"]).expect_code(4).expect_out("TAP version");
    run(&[("GUARDC_TEST_ALLOW_UNFIRED", "0")], &["test"]).expect_code(4).expect_out("G0913");
    run(&[("GUARDC_TEST_FORMAT", "xml")], &["test"]).expect_code(2).expect_err("junit");
    run(&[("GUARDC_TSET_FORMAT", "json")], &["check"])
        .expect_code(0)
        .expect_err("no option has the variable `GUARDC_TSET_FORMAT`");
}

#[test]
fn a_manifest_says_how_much_has_to_be_covered() {
    let manifest =
        |line| format!("name = \"desk\"\nedition = 1\n\n[test]\nallow-unfired = true\n{line}\n");
    let folder = package("ci-manifest", PARTLY).with("guard.toml", manifest("min-coverage = 99.5"));
    folder
        .run(&["test"])
        .expect_code(4)
        .expect_err("% of `desk` is covered, and 99.5 % is asked for");
    folder.run(&["test", "--run", "owner"]).expect_code(0);
    let folder = folder.with("guard.toml", manifest("min-coverage = 10.0"));
    folder.run(&["test"]).expect_code(0);
    let folder = folder.with("guard.toml", manifest("min-covrage = 10.0"));
    folder.run(&["test"]).expect_code(3).expect_out("unknown field `min-covrage`");
    let folder = folder
        .with("tests/desk.guard", "guard 1\n")
        .with("guard.toml", manifest("allow-no-tests = true"));
    folder.run(&["test"]).expect_code(0);
}

#[test]
fn shells_and_man_read_what_they_are_given() {
    let folder = Folder::new("ci-shells");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        folder.run(&["completions", shell]).expect_code(0).expect_out("min-coverage");
    }
    let script = folder.run(&["completions", "bash"]).expect_code(0).out;
    folder.run_with(Command::new("bash").args(["-n", "-c", &script]), "").expect_code(0);
    folder.run(&["man"]).expect_code(0).expect_out(".TH guardc 1").expect_out("Exit codes");
    let names = folder.run(&["man", "--out", "man1"]).expect_code(0).out;
    assert!(names.lines().any(|name| name == "guardc-approvals-list.1"), "{names}");
    for name in names.lines() {
        assert!(folder.read(&format!("man1/{name}")).contains(".SH SYNOPSIS"), "{name}");
    }
}
