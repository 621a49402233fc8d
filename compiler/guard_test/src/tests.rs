//! Tests of the runner: what passes, what fails and why, and what is covered.

use crate::coverage::{Coverage, RuleCoverage, totals};
use crate::{Failure, Suite};
use guard_db::{GuardDatabase, package_from_texts};
use guard_lower::compile;
use guard_types::scenario::scenarios;

const POLICY: &str = r#"guard 1

tool read() { untrusted }
tool pay(to: string, amount: float)

data payees: set[string]

agent desk(user: { role: "owner" | "guest" }) {
  scope {
    tool read
    tool pay when amount < 100.0 or user.role == "owner" and amount < 1_000.0
  }

  escalate tool pay to 2 of "lead" when amount > 50.0 because "large" respond "Wait."  expires 1h then deny
  escalate tool pay to "clerk" when not (to in payees)
  prohibit tool pay when confirmed by user and amount > 500.0
  limit tool pay to 2 per 1h
}
"#;

/// What came of the tests of a text behind the policy: the failures, and the coverage.
fn run(tests: &str) -> (Vec<Failure>, Vec<RuleCoverage>) {
    let db = GuardDatabase::default();
    let source = format!("{POLICY}{tests}");
    let package = package_from_texts(&db, "test", [("main.guard", &*source)], &[], &[]);
    let compiled = compile(&db, package);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
    let suite = Suite::new(plan, None).unwrap();
    let mut coverage = Coverage::of(suite.plan());
    let mut failures = Vec::new();
    for scenario in scenarios(&db, package) {
        let outcome = suite.run(&scenario);
        coverage.add(&outcome.coverage);
        failures.extend(outcome.failure);
        assert_eq!(suite.run(&scenario).coverage, outcome.coverage, "a test comes out the same");
    }
    (failures, coverage.rules(suite.plan()))
}

fn failures(steps: &str) -> Vec<String> {
    let test = format!("test \"t\" for desk(user: {{ role: \"owner\" }}) {{\n{steps}\n}}\n");
    run(&test).0.into_iter().flat_map(|failure| failure.what).collect()
}

#[track_caller]
fn expect_passes(steps: &str) {
    assert_eq!(failures(steps), [] as [&str; 0]);
}

#[test]
fn people_answer_one_after_the_other() {
    expect_passes(
        r#"
  given payees: ["a"]
  call pay(to: "a", amount: 60.0) => escalate to "lead"
  approve by "ada" => escalate
  approve by "ben" => allow
  call pay(to: "a", amount: 60.0) => escalate
  approve by "ada" => escalate
  reject by "ben" => deny "a person refused""#,
    );
}

/// A policy with a layer of its own: what it is about is another agent.
const LAYERED: &str = r#"
tool wire(to: string, amount: float)
layer bank over agents matching "wire*" {
  prohibit tool wire when amount > 100.0 because "the bank forbids it"
  escalate tool wire to "compliance" when amount > 10.0
}
agent wire_desk {
  scope { tool wire }
  escalate tool wire to "owner" when amount > 20.0
}
"#;

#[test]
fn an_agent_under_a_layer_is_tested_with_it_and_every_role_answers_for_itself() {
    let steps = r#"
  call wire(to: "a", amount: 5.0)   => allow
  call wire(to: "a", amount: 500.0) => deny because "the bank forbids it"
  call wire(to: "a", amount: 15.0)  => escalate to "compliance"
  approve by "cora"                 => allow
  call wire(to: "a", amount: 50.0)  => escalate
  approve by "cora"                 => escalate
  approve by "olga"                 => allow
  call wire(to: "b", amount: 50.0)  => escalate
  approve by "cora"                 => escalate
  reject by "olga"                  => deny "a person refused""#;
    let tests = format!("{LAYERED}test \"t\" for wire_desk {{{steps}\n}}\n");
    let (failures, rules) = run(&tests);
    assert_eq!(
        failures.iter().map(|failure| &failure.what).collect::<Vec<_>>(),
        [] as [&Vec<String>; 0]
    );
    let fired = |title: &str| rules.iter().any(|rule| rule.rule == title && rule.fired > 0);
    assert!(fired("prohibit tool wire"), "rules of a layer are covered like others");
}

#[test]
fn time_goes_by_only_where_the_test_says_so() {
    expect_passes(
        r#"
  given payees: ["a"]
  call pay(to: "a", amount: 1.0) => allow with 1 left
  wait 59m
  call pay(to: "a", amount: 1.0) => allow with 0 left
  call pay(to: "a", amount: 1.0) => deny by "limit tool pay"
  wait 2m
  call pay(to: "a", amount: 1.0) => allow
  wait 2h
  call pay(to: "a", amount: 60.0) => escalate
  wait 61m
  call pay(to: "a", amount: 60.0) => deny "nobody agreed in time""#,
    );
}

#[test]
fn facts_stay_until_they_are_replaced() {
    expect_passes(
        r#"
  call pay(to: "a", amount: 1.0) => escalate to "clerk"
  given payees: ["a"]
  call pay(to: "a", amount: 1.0) => allow
  given payees: []
  call pay(to: "a", amount: 1.0) => escalate"#,
    );
}

#[test]
fn every_part_of_an_expectation_that_is_not_met_is_said() {
    let found = failures(
        r#"
  given payees: ["a"]
  call pay(to: "a", amount: 60.0) => allow "words" because "large" by "scope tool read" respond "No." to "clerk" with 7 left with "x""#,
    );
    assert_eq!(
        found,
        [
            "`allow` is expected, and it came to `escalate`",
            "no reason contains \"words\"",
            "the rule `scope tool read` is no reason",
            "\"No.\" is expected to be told, and \"Wait.\" is",
            "\"clerk\" is expected to be asked, and \"lead\" is",
            "7 are expected to be left, and no limit counts this",
            "\"x\" is expected to be passed on, and nothing was replaced",
        ]
    );
}

#[test]
fn a_step_that_cannot_be_taken_fails() {
    for (steps, part) in [
        ("call pay(to: \"a\", amount: 5_000.0)\nresult \"x\"", "nothing returns"),
        ("call read()\napprove", "nobody was asked"),
        (
            "call pay(to: \"a\", amount: 60.0)\nreject\napprove",
            "nobody was asked about the call, which came to `deny`",
        ),
    ] {
        let found = failures(steps);
        assert!(found.len() == 1 && found[0].contains(part), "{found:?}");
    }
}

#[test]
fn a_failure_says_what_every_rule_made_of_the_event() {
    let test = "test \"t\" for desk(user: { role: \"guest\" }) {\n  given payees: [\"a\"]\n  \
                call pay(to: \"a\", amount: 60.0)\n  approve by \"ada\" => allow\n}\n";
    let (failures, _) = run(test);
    let [failure] = failures.as_slice() else { panic!("{failures:#?}") };
    assert_eq!(failure.step, Some(2));
    let explanation = failure.explanation.as_ref().unwrap().to_string();
    assert!(explanation.contains("escalate tool pay: fires"), "{explanation}");
    assert!(explanation.contains("amount = 60"), "{explanation}");
}

#[test]
fn a_clause_is_covered_where_it_alone_decides() {
    let test = |amount: &str, role: &str| {
        format!(
            "test \"{amount} {role}\" for desk(user: {{ role: \"{role}\" }}) {{\n  given payees: [\"a\"]\n  \
             call pay(to: \"a\", amount: {amount})\n}}\n"
        )
    };
    let seen = |tests: &str| {
        let (failures, rules) = run(tests);
        assert!(failures.is_empty());
        let rule = rules.into_iter().find(|rule| rule.rule == "scope tool pay").unwrap();
        let clause = |clause: &crate::coverage::ClauseCoverage| {
            (clause.clause.clone(), clause.decided_true > 0, clause.decided_false > 0)
        };
        let totals = rule.totals();
        (rule.clauses.iter().map(clause).collect::<Vec<_>>(), totals.outcomes_seen)
    };
    let first = "amount < 100.0".to_owned();
    let second = "amount < 1_000.0".to_owned();
    let owner = "user.role == \"owner\"".to_owned();
    // Each side of the `or` permits alone, so neither decides.
    let (clauses, count) = seen(&test("1.0", "owner"));
    assert_eq!(
        clauses,
        [
            (first.clone(), false, false),
            (second.clone(), false, false),
            (owner.clone(), false, false)
        ]
    );
    assert_eq!(count, 0);
    // As a guest only the first permits, and the role would not matter.
    let (clauses, _) = seen(&test("1.0", "guest"));
    assert_eq!(
        clauses,
        [
            (first.clone(), true, false),
            (second.clone(), false, false),
            (owner.clone(), false, false)
        ]
    );
    let all = [
        test("1.0", "guest"),
        test("200.0", "guest"),
        test("200.0", "owner"),
        test("2000.0", "owner"),
    ];
    let (_, count) = seen(&all.concat());
    assert_eq!(count, 6);
}

#[test]
fn totals_count_rules_and_two_outcomes_of_each_clause() {
    let (_, rules) =
        run("test \"t\" for desk(user: { role: \"owner\" }) { call read() => allow }\n");
    let all = totals(&rules);
    assert_eq!((all.rules, all.rules_fired), (6, 1));
    assert_eq!(all.outcomes, 2 * rules.iter().map(|rule| rule.clauses.len()).sum::<usize>());
    assert!(all.percent() > 0.0 && all.percent() < 100.0);
}

#[test]
fn a_plan_beside_another_decides_as_it_does_alone() {
    let policy = |pattern: &str, most: &str| {
        format!(
            r#"guard 1

tool pay(to: string, amount: float)

detector number = r"\b[0-9]{{4}}\b" | r"{pattern}"

agent desk {{
  scope {{ tool pay when amount < {most} and not to matches r"{pattern}" }}
  prohibit input when text finds number
  limit tool pay to 2 per 1h
}}

test "t" for desk {{
  input "code 1234"
  input "code A-1"
  call pay(to: "Ada", amount: 5.0)
  call pay(to: "A-1", amount: 5.0)
  call pay(to: "Ada", amount: 15.0)
  call pay(to: "Ada", amount: 1.0)
}}
"#
        )
    };
    let load = |source: &str| {
        let db = GuardDatabase::default();
        let package = package_from_texts(&db, "test", [("main.guard", source)], &[], &[]);
        (compile(&db, package).plan.unwrap(), scenarios(&db, package).remove(0))
    };
    let (plan, scenario) = load(&policy("A-[0-9]", "10.0"));
    let suite = Suite::new(plan, None).unwrap();
    for (pattern, most) in [("A-[0-9]", "20.0"), ("B-[0-9]", "10.0"), ("A-[0-9]", "10.0")] {
        let (plan, _) = load(&policy(pattern, most));
        let alone = Suite::new(std::sync::Arc::clone(&plan), None).unwrap();
        let beside = suite.beside(plan).unwrap();
        assert_eq!(beside.decisions(&scenario), alone.decisions(&scenario), "{pattern} {most}");
        let differs = beside.decisions(&scenario) != suite.decisions(&scenario);
        assert_eq!(differs, (pattern, most) != ("A-[0-9]", "10.0"), "{pattern} {most}");
    }
}
