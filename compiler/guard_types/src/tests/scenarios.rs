//! Tests in the language: what is refused, and what they become.

use super::{check, findings, package};
use crate::scenario::{Action, STEPS_MAX, Scenario, scenarios};
use guard_db::GuardDatabase;
use std::fmt::Write as _;

const POLICY: &str = r#"
tool pay(to: string, amount: float, note: string?)
tool mail(to: email, kind: "a" | "b", tags: [string]?)
tool look(id: string) -> { id: string, lines: [{ n: int }] }
data payees: set[string]
data rates: map[float]
const MOST = 50.0 * 2.0
const NAMES = ["x", "y"]
agent desk(user: { id: string, level: int? }) {
  scope { tool pay, mail, look }
  prohibit tool pay when amount > MOST because "too much"
}
"#;

#[track_caller]
fn check_test(steps: &str) {
    check(&format!("{POLICY}test \"t\" for desk(user: {{ id: \"u\" }}) {{\n{steps}\n}}\n"));
}

fn scenarios_of(body: &str) -> Vec<Scenario> {
    let db = GuardDatabase::default();
    let source = format!("guard 1\n{POLICY}{body}");
    let found = findings(&source);
    assert!(found.is_empty(), "{found:#?}");
    scenarios(&db, package(&db, &[("main.guard", &source)]))
}

#[test]
fn every_step_that_is_right_is_accepted() {
    check_test(
        r#"
  given payees: ["a"], rates: { EUR: 1.0 }
  input "hello" from "system" => allow
  call pay(to: "a", amount: MOST) with confidence: 0.4, cost: 2.0 => allow by "scope tool pay, mail, look"
  result "paid"
  call pay(to: "a", amount: 100.5, note: "n") => deny because "too much"
  call mail(to: "a@b.example", kind: "a", tags: NAMES)
  call look(id: "1")
  result { id: "1", lines: [{ n: 1, more: true }], also: "x" }
  result of look { id: "1", lines: [] }
  fails of look "nothing there"
  wait 1h
  approve by "ada"
  output "done" => allow "words" respond "r" to "role" with 2 left"#,
    );
}

#[test]
fn names_that_do_not_exist_are_errors_where_they_stand() {
    check_test(
        r#"
  given payes: ["a"] //~ G0505
  call payy(to: "a", amount: 1.0) //~ G0111
  call pay(too: "a", to: "a", amount: 1.0) //~ G0505
  call pay(to: WRONG, amount: 1.0) //~ G0201
  after nothing //~ G0504
  input "x" => alow //~ G0503
  input "x" => deny because "too mush" //~ G0503
  input "x" => deny by "prohibit tool payy" //~ G0503
  input "x" => allow with 2 lft //~ G0503"#,
    );
}

#[test]
fn values_are_of_the_declared_types() {
    check_test(
        r#"
  call pay(to: "a", amount: 1) //~ G0210
  call pay(to: 1, amount: 1.0) //~ G0210
  call pay(to: ["a"], amount: 1.0) //~ G0210
  call pay(to: "a") //~ G0506
  call pay(to: "a", to: "b", amount: 1.0) //~ G0101
  call mail(to: "nobody", kind: "a") //~ G0213
  call mail(to: "a@b.example", kind: "c") //~ G0214
  call mail(to: "a@b.example", kind: "a", tags: [1]) //~ G0210
  given rates: { EUR: "1" } //~ G0210
  call look(id: "1") with confidence: "high" //~ G0210
  result "text" //~ G0210
  result { id: "1" } //~ G0506
  result { id: "1", lines: [{ n: "1" }] } //~ G0210"#,
    );
    check(&format!("{POLICY}test \"t\" for desk(user: {{ level: 1 }}) {{ }} //~ G0506\n"));
}

#[test]
fn steps_stand_where_they_can() {
    check_test(
        r#"
  result "x" //~ G0502
  approve //~ G0502
  wait 1h => allow //~ G0502
  call pay(to: "a", amount: 1.0)
  result of look "x" //~ G0502"#,
    );
}

#[test]
fn a_case_has_columns_that_are_read_and_an_expectation_that_is_needed() {
    check_test(
        r#"
  call pay(to: "a", amount: amount) => allow
  case amount: 1.0
  case amount: 2.0 => deny //~ G0502"#,
    );
    check_test(
        r#"
  call pay(to: "a", amount: amount)
  case amount: 1.0, unread: 2 => allow //~ G0505
  case amount: 1 => allow //~ G0210"#,
    );
}

#[test]
fn shared_steps_are_of_one_agent_and_do_not_need_themselves() {
    check(&format!(
        "{POLICY}agent other {{ }}\nsteps theirs for other {{ input \"x\" }}\nsteps round for desk {{\n  after round //~ G0504\n}}\n\
         steps broken for desk {{\n  call pay() //~ G0506 G0506\n}}\n\
         test \"t\" for desk(user: {{ id: \"u\" }}) {{\n  after theirs //~ G0504\n  after broken\n}}\n"
    ));
}

#[test]
fn two_tests_do_not_state_the_same() {
    check(&format!(
        "{POLICY}test \"t\" for desk(user: {{ id: \"u\" }}) {{ }}\ntest \"t\" for desk(user: {{ id: \"v\" }}) {{ }} //~ G0101\n"
    ));
}

#[test]
fn what_shared_steps_come_to_is_bounded() {
    let mut body = String::from("steps s0 for desk { input \"x\" input \"y\" }\n");
    for n in 1..24 {
        writeln!(body, "steps s{n} for desk {{ after s{0} after s{0} }}", n - 1).unwrap();
    }
    let large = format!("{POLICY}{body}test \"t\" for desk(user: {{ id: \"u\" }}) {{ after s23 }}");
    let codes: Vec<&str> =
        findings(&format!("guard 1\n{large}")).iter().map(|finding| finding.code).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "G0504"), "{codes:?}");
    let text = "x".repeat(1 << 20);
    let long = format!(
        "guard 1\n{POLICY}steps s for desk {{ {} }}\ntest \"t\" for desk(user: {{ id: \"u\" }}) {{ {} }}",
        format!("input \"{text}\" ").repeat(2),
        "after s ".repeat(40)
    );
    let codes: Vec<&str> = findings(&long).iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["G0504"]);
}

#[test]
fn a_test_becomes_events_with_values_of_the_case() {
    let all = scenarios_of(
        "steps greeted for desk { input \"hi\" => allow }\n\
         test \"t\" for desk(user: { id: \"u\", level: level }) {\n  after greeted\n  call pay(to: \"a\", amount: MOST)\n  \
         wait 2s\n  case level: 1 => allow\n  case level: 2 => deny\n}\n",
    );
    let [first, second] = all.as_slice() else { panic!("{all:#?}") };
    assert_eq!(first.principal, r#"{"user":{"id":"u","level":1}}"#);
    assert_eq!(second.principal, r#"{"user":{"id":"u","level":2}}"#);
    let actions: Vec<&Action> = first.steps.iter().map(|step| &step.action).collect();
    let event = |text: &str| text.to_owned();
    assert_eq!(
        actions,
        [
            &Action::Event(event(r#"{"type":"input","source":"user","text":"hi"}"#)),
            &Action::Call(event(
                r#"{"type":"tool_call","id":"call-1","tool":"pay","args":{"to":"a","amount":100.0}}"#
            )),
            &Action::Wait(2_000),
        ]
    );
    assert!(first.steps.len() < STEPS_MAX);
    let expected = |scenario: &Scenario| scenario.steps[1].expected.clone().unwrap().verdict;
    assert_eq!(expected(first), guard_plan::Verdict::Allow);
    assert_eq!(expected(second), guard_plan::Verdict::Deny);
}
