//! Functions and constants are written out where they are used, and never lose a rule on the way.

use super::{check, only, rules};
use crate::tir::ExprKind;
use std::fmt::Write as _;

#[test]
fn a_value_that_is_there_goes_where_something_may_be_absent() {
    let body = r#"
fn internal(a: email?) -> bool = has a and a.domain == "acme.com"
fn length(a: string?) -> int = (a otherwise "").length
tool mail(to: email, cc: email?, note: string)
agent a {
  scope { tool mail when internal(to) and internal(cc) and length(note) < 10 }
  prohibit tool mail unless internal(to)
}
"#;
    check(body);
    let rules = rules(body);
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|rule| rule.condition.is_some()));
}

#[test]
fn a_function_that_needs_itself_is_said_once_however_it_is_used() {
    check(
        r"
fn a(n: int) -> bool = b(n)      //~ G0206
fn b(n: int) -> bool = c(n)
fn c(n: int) -> bool = a(n)
tool t(n: int)
agent g {
  scope { tool t when a(n) and c(n) }
  prohibit tool t when b(n)
}
",
    );
}

#[test]
fn a_constant_that_needs_itself_is_said_once() {
    check(
        r"
const A = B + 1      //~ G0206
const B = A + 1
tool t(n: int)
agent g { scope { tool t when n > B } }
",
    );
}

#[test]
fn a_function_that_fails_only_for_these_values_is_an_error_and_no_lost_rule() {
    check(
        r"
fn share(n: int, of: int) -> int = n / of
tool t(n: int)
agent g {
  scope { tool t }
  prohibit tool t when share(n, 1 - 1) > 3   // a division of what is known only here
  prohibit tool t when share(6, 0) > n       //~ G0220
}
",
    );
}

#[test]
fn what_is_wrong_in_a_function_is_said_there_and_not_where_it_is_used() {
    check(
        r#"
fn wrong(n: int) -> bool = n > "x"           //~ G0210
tool t(n: int)
agent g {
  scope { tool t when wrong(n) }
  prohibit tool t unless wrong(n)
}
"#,
    );
}

#[test]
fn a_function_that_doubles_at_each_call_is_stopped() {
    let mut body = String::from("fn f0(n: int) -> bool = n > 1\n");
    for i in 1..30 {
        writeln!(body, "fn f{i}(n: int) -> bool = f{0}(n) and f{0}(n)", i - 1).unwrap();
    }
    body += "tool t(n: int)\nagent g { scope { tool t when f29(n) } }\n";
    let found = super::findings(&format!("guard 1\n{body}"));
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.code == "G0218"), "{found:#?}");
}

#[test]
fn an_argument_that_doubles_at_each_call_is_stopped() {
    let calls = (0..40).fold("n".to_owned(), |inner, _| format!("twice({inner})"));
    let (_, finding) = only(&format!(
        "fn twice(n: int) -> int = n + n\ntool t(n: int)\nagent g {{ scope {{ tool t when {calls} > 1 }} }}"
    ));
    assert_eq!(finding.code, "G0218");
}

#[test]
fn a_chain_of_functions_that_is_deep_in_all_is_stopped() {
    let deep = |inner: &str| format!("{}{inner}{}", "(".repeat(30), " + 1)".repeat(30));
    let mut body = format!("fn f0(n: int) -> int = {}\n", deep("n"));
    for i in 1..40 {
        writeln!(body, "fn f{i}(n: int) -> int = {}", deep(&format!("f{}(n)", i - 1))).unwrap();
    }
    body += "tool t(n: int)\nagent g { scope { tool t when f39(n) > 1 } }\n";
    // Frames without optimisation are larger than the stack of a test's thread allows.
    let check = move || super::findings(&format!("guard 1\n{body}"));
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(check).unwrap();
    let found = thread.join().unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.code == "G0218"), "{found:#?}");
}

#[test]
fn a_body_takes_the_type_that_the_function_declares() {
    check(
        r#"
fn house() -> host = "Acme.Com"
fn kind(k: "a" | "b") -> string = k
tool mail(to: email, k: "a" | "b", n: int)
agent a {
  scope { tool mail when to.domain == house() and kind(k) == "zzz" }
}
fn wrong() -> int = "x"             //~ G0210
fn arity(a: int, b: int) -> bool = a > b
agent b {
  scope { tool mail }
  prohibit tool mail when arity(n)  //~ G0205
  prohibit tool mail when arity(b: n, a: n) //~ G0205 G0205
  prohibit tool mail when arity(a: n, b: n)
  prohibit tool mail when arity(n, to)      //~ G0210
  prohibit tool mail when aryti(n, n)       //~ G0204
}
"#,
    );
}

#[test]
fn a_constant_is_known_when_the_policy_is_compiled() {
    check(
        r#"
data payees: set[string]
const MINUTE = 60 * 1_000
const LIMIT: float = 100.0 / 4.0
const HOUSE: host = "ACME.com"
const NAMES = ["a", "b"]
const BIG = 9_223_372_036_854_775_807 + 1   //~ G0215
const WHEN = now                            //~ G0207
const WHO = session.id                      //~ G0207
const PAYEES = payees                       //~ G0207
const WRONG: int = 1.5                      //~ G0210
tool pay(amount: float, to: email, name: string, n: int)
agent a {
  scope { tool pay when amount < LIMIT and to.domain == HOUSE and name in NAMES and n < MINUTE }
}
"#,
    );
}

#[test]
fn the_values_of_constants_are_folded() {
    let rules = rules(
        r"
const LIMIT = 2 * 3 + 4
tool t(n: int)
agent a { scope { tool t when n < LIMIT } }
",
    );
    let condition = rules[0].condition.clone().unwrap();
    let ExprKind::CompareInt(_, _, limit) = condition.kind else { panic!("{condition:?}") };
    assert_eq!(limit.kind, ExprKind::Int(10));
}
