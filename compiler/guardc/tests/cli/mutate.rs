//! `guardc mutate`: which slips are made, what of them no test notices, and a test that would.

use crate::Folder;

const POLICY: &str = r#"guard 1

tool pay(to: string, amount: float)
tool look(id: string)

agent desk(user: { role: "owner" | "guest" }) {

  scope {
    tool look
    tool pay when amount > 0.0 and amount <= 100.0
  }

  prohibit tool pay when user.role == "guest" because "guests pay nothing"

  escalate tool pay to "lead" when amount > 50.0 expires 1h then deny
}
"#;

const TESTS: &str = r#"guard 1

use desk

test "an owner pays" for desk(user: { role: "owner" }) {
  call look(id: "a") => allow
  call pay(to: "Ada", amount: amount)

  case amount: 0.0    => deny
  case amount: 0.5    => allow
  case amount: 50.0   => allow
  case amount: 50.5   => escalate
  case amount: 100.0  => escalate
  case amount: 100.5  => deny
}

test "a guest does not" for desk(user: { role: "guest" }) {
  call pay(to: "Ada", amount: 1.0) => deny because "guests pay nothing"
}

test "an hour" for desk(user: { role: "owner" }) {
  call pay(to: "Ada", amount: 60.0) => escalate
  wait 59m
  call pay(to: "Ada", amount: 60.0) => escalate
  wait 2m
  call pay(to: "Ada", amount: 60.0) => deny "nobody agreed in time"
}
"#;

fn package(name: &str, policy: &str, tests: &str) -> Folder {
    Folder::new(name)
        .with("guard.toml", "name = \"desk\"\nedition = 1\n")
        .with("desk.guard", policy)
        .with("tests/desk.guard", tests)
}

#[test]
fn a_suite_that_notices_everything_ends_with_0() {
    let folder = package("mutate-clean", POLICY, TESTS);
    let ran = folder.run(&["mutate"]).expect_code(0);
    assert!(ran.out.contains(" 0 not noticed"), "{}", ran.out);
    let alone = folder.run(&["mutate", "--jobs", "1"]).expect_code(0);
    assert_eq!(ran.out, alone.out, "how many run at once does not matter");
    assert!(ran.err.contains("a second"), "{}", ran.err);
}

#[test]
fn what_is_not_noticed_is_shown_with_a_test_that_would() {
    let weak = TESTS
        .replace("  case amount: 50.0   => allow\n", "")
        .replace("  case amount: 50.5   => escalate\n", "");
    let folder = package("mutate-survives", POLICY, &weak);
    let ran = folder.run(&["mutate", "--operator", "flip-comparison,move-bound"]).expect_code(4);
    insta::assert_snapshot!(ran.out);
    // What is suggested is what it is said to be.
    let test = ran.out.split("\n\n").find(|part| part.starts_with("test ")).unwrap();
    let folder = folder.with("tests/more.guard", format!("guard 1\n\nuse desk\n\n{test}\n"));
    folder.run(&["test"]).expect_code(0);
    let again = folder.run(&["mutate", "--operator", "flip-comparison,move-bound"]);
    assert!(again.out.len() < ran.out.len(), "{}", again.out);
    let without = folder.run(&["mutate", "--no-suggestions", "--operator", "move-bound"]);
    assert!(!without.out.contains("test \""), "{}", without.out);
}

#[test]
fn an_author_lets_be_what_they_have_looked_at_and_says_why() {
    let weak = TESTS.replace("  case amount: 50.0   => allow\n", "");
    let comment =
        "  // guardc: allow flip-comparison, move-bound because half a euro is nothing here\n";
    let with = |comment: &str| POLICY.replace("  escalate", &format!("{comment}  escalate"));
    let folder = package("mutate-lets-be", &with(comment), &weak);
    let json = |folder: &Folder, code| {
        let ran = folder.run(&["mutate", "--format", "json"]).expect_code(code);
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()
    };
    let summary = json(&folder, 0);
    assert!(summary["let_be"].as_u64() > Some(0), "{summary}");
    assert_eq!(summary["survived"], 0, "{summary}");
    let folder =
        folder.with("desk.guard", with("  // guardc: allow flip-comparison, move-bound\n"));
    let summary = json(&folder, 4);
    assert_eq!(summary["let_be"], 0, "without a reason nothing is let be");
    assert_eq!(summary["survivors"][0]["kind"], "flip-comparison", "{summary}");
    assert_eq!(summary["survivors"][0]["file"], "desk.guard");
}

#[test]
fn slips_are_listed_and_chosen() {
    let folder = package("mutate-lists", POLICY, TESTS);
    let ran = folder.run(&["mutate", "--list"]).expect_code(0);
    insta::assert_snapshot!(ran.out);
    let ran = folder.run(&["mutate", "--list", "--rule", "^prohibit"]).expect_code(0);
    assert!(ran.out.lines().all(|line| line.starts_with("desk.guard:13:")), "{}", ran.out);
    folder.run(&["mutate", "--operator", "drop-everything"]).expect_code(2).expect_err("drop-rule");
}

#[test]
fn without_tests_that_pass_nothing_is_noticed() {
    let folder = package("mutate-none", POLICY, "guard 1\n");
    folder.run(&["mutate"]).expect_code(4).expect_err("no slip would be noticed");
    let wrong = TESTS.replace("amount: 0.5    => allow", "amount: 0.5    => deny");
    let folder = package("mutate-fails", POLICY, &wrong);
    folder.run(&["mutate"]).expect_code(4).expect_err("fails as it is");
    let folder = package("mutate-wrong", &POLICY.replace("amount >", "amout >"), TESTS);
    folder.run(&["mutate"]).expect_code(3).expect_err("has no argument `amout`");
}
