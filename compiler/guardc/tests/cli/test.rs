//! `guardc test`: what it prints in each format, and how it ends.

use crate::Folder;

const POLICY: &str = r#"guard 1

tool pay(to: string, amount: float)
tool look(id: string) -> { id: string }

const MOST = 100.0

agent desk(user: { role: "owner" | "guest" }) {
  scope {
    tool look
    tool pay  when amount > 0.0 and amount <= MOST
  }

  prohibit tool pay when user.role == "guest" and amount > 10.0
    because "a guest pays <little> & seldom"

  escalate tool pay to "lead" when amount > 50.0 because "the sum is large"

  limit tool pay to 2 per 1h
}
"#;

pub(crate) const PASSING: &str = r#"guard 1

use desk

test "an owner pays" for desk(user: { role: "owner" }) {
  call look(id: "a") => allow
  result { id: "a" }
  call pay(to: "Ada", amount: amount)

  case amount: 50.0  => allow with 1 left
  case amount: 51.0  => escalate because "the sum is large"
  case amount: 100.5 => deny "no scope permits"
  case amount: 0.0   => deny
}

test "a guest pays little" for desk(user: { role: "guest" }) {
  call pay(to: "Ada", amount: 10.0) => allow
  call pay(to: "Ada", amount: 10.5) => deny by "prohibit tool pay"
}

test "twice an hour" for desk(user: { role: "owner" }) {
  call pay(to: "Ada", amount: 1.0) => allow
  call pay(to: "Ada", amount: 1.0) => allow with 0 left
  call pay(to: "Ada", amount: 1.0) => deny by "limit tool pay"
}
"#;

pub(crate) const FAILING: &str = r#"guard 1

use desk

test "a guest's \"large\" <sum> # 1" for desk(user: { role: "guest" }) {
  call pay(to: "Ada", amount: amount)
  case amount: 20.0 => escalate to "lead"
  case amount: 5.0  => allow because "the sum is large" with 2 left
}

test "nobody was asked" for desk(user: { role: "owner" }) {
  call pay(to: "Ada", amount: 5.0) => allow
  approve
}

test "nothing returns" for desk(user: { role: "owner" }) {
  call pay(to: "Ada", amount: 500.0)
  result "paid"
}

test "this one passes" for desk(user: { role: "owner" }) {
  call look(id: "a") => allow
}
"#;

pub(crate) fn package(name: &str, tests: &str) -> Folder {
    Folder::new(name)
        .with("guard.toml", "name = \"desk\"\nedition = 1\n")
        .with("desk.guard", POLICY)
        .with("tests/desk.guard", tests)
}

/// The output without the hashes of receipts, which change with the form of plans.
fn without_hashes(out: &str) -> String {
    let is_hash =
        |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = out.split('"').map(|word| if is_hash(word) { "…" } else { word });
    words.collect::<Vec<_>>().join("\"")
}

#[test]
fn tests_that_pass_end_with_0() {
    let folder = package("test-passes", PASSING);
    let ran = folder.run(&["test"]).expect_code(0);
    insta::assert_snapshot!("test-passes", ran.out);
    let one_by_one = folder.run(&["test", "--jobs", "1"]).expect_code(0);
    assert_eq!(ran.out, one_by_one.out);
}

#[test]
fn tests_that_fail_end_with_4_in_every_format() {
    let folder = package("test-fails", FAILING);
    for format in ["pretty", "json", "junit", "github", "tap"] {
        let ran = folder.run(&["test", "--allow-unfired", "--format", format]).expect_code(4);
        insta::assert_snapshot!(format!("test-fails-{format}"), without_hashes(&ran.out));
    }
}

#[test]
fn a_rule_that_never_fires_fails_unless_it_may() {
    let tests = "guard 1\nuse desk\ntest \"looks\" for desk(user: { role: \"owner\" }) {\n  call look(id: \"a\") => allow\n}\n";
    let folder = package("test-unfired", tests);
    let ran = folder.run(&["test"]).expect_code(4);
    insta::assert_snapshot!("test-unfired", ran.out);
    folder.run(&["test", "--allow-unfired"]).expect_code(0);
    folder.run(&["test", "--run", "^looks$"]).expect_code(0);
    folder.run(&["test", "--run", "^x"]).expect_code(4).expect_out("no test has such a title");
    folder.run(&["test", "--run", "("]).expect_code(2);
}

#[test]
fn a_run_without_tests_fails_unless_it_may() {
    let folder = Folder::new("test-none").with("desk.guard", POLICY);
    folder.run(&["test"]).expect_code(4).expect_out("error[G0911]");
    folder.run(&["test", "--allow-no-tests"]).expect_code(0);
}

#[test]
fn what_does_not_check_is_not_run() {
    let tests = "guard 1\ntest \"x\" for desk(user: { role: \"owner\" }) { call loook(id: \"a\") => allow }\n";
    let folder = package("test-broken", tests);
    folder.run(&["test"]).expect_code(3).expect_out("error[G0111]").expect_out("write `look`");
    let json = folder.run(&["test", "--format", "json"]).expect_code(3).out;
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
}

#[test]
fn coverage_is_the_same_in_every_format() {
    let folder = package("test-coverage", PASSING);
    for format in ["text", "json", "lcov", "html"] {
        let coverage = format!("--coverage={format}");
        let arguments = ["test", &coverage, "--coverage-out", "coverage"];
        folder.run(&arguments).expect_code(0);
        insta::assert_snapshot!(format!("test-coverage-{format}"), folder.read("coverage"));
    }
    let behind = folder.run(&["test", "--coverage"]).expect_code(0).out;
    assert!(behind.ends_with(&{
        folder.run(&["test", "--coverage=text", "--coverage-out", "text"]);
        folder.read("text")
    }));
}

#[test]
fn what_is_not_covered_is_shown_at_its_place() {
    let half = PASSING.split_once("test \"a guest").unwrap().0;
    let folder = package("test-half", half);
    for format in ["text", "html", "lcov"] {
        let coverage = format!("--coverage={format}");
        let arguments = ["test", "--allow-unfired", &coverage, "--coverage-out", "coverage"];
        folder.run(&arguments).expect_code(0);
        insta::assert_snapshot!(format!("test-half-{format}"), folder.read("coverage"));
    }
}

/// The first change makes the suite fail, the second mends it; the run is ended by the test.
#[test]
fn a_watched_package_is_run_again_when_a_file_changes() {
    use std::io::{BufRead, BufReader};
    let folder = package("test-watch", PASSING);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_guardc"))
        .args(["test", "--watch"])
        .current_dir(&folder.0)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut summary = || {
        let mut last = String::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            if line.starts_with("-- waiting") {
                break;
            }
            last = line;
        }
        last
    };
    // In one step, so that no half of it is ever seen.
    let write = |text: &str| {
        std::fs::write(folder.path("desk.part"), text).unwrap();
        std::fs::rename(folder.path("desk.part"), folder.path("desk.guard")).unwrap();
    };
    assert_eq!(summary(), "desk: 6 tests, all passed");
    write(&POLICY.replace("> 50.0", "> 5_000.0"));
    assert_eq!(summary(), "desk: 6 tests, 5 passed, 1 failed");
    write(POLICY);
    assert_eq!(summary(), "desk: 6 tests, all passed");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn less_coverage_than_asked_for_fails() {
    let half = PASSING.split_once("test \"a guest").unwrap().0;
    let folder = package("test-minimum", half);
    let arguments = ["test", "--allow-unfired", "--coverage", "--min-coverage"];
    folder.run(&[&arguments[..], &["50"]].concat()).expect_code(0);
    folder.run(&[&arguments[..], &["99.9"]].concat()).expect_code(4).expect_err("is covered");
}
