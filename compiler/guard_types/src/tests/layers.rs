//! Policies that agents include, and layers over agents.

use super::{check, check_files, findings, mends, rules};
use crate::tir::{EventRef, ExprKind};

#[test]
fn the_rules_of_a_policy_are_checked_where_they_are_included() {
    check(
        r#"
tool pay(amount: float, to: string)
policy capped(most: float, names: [string], strict: bool) {
  prohibit tool pay when amount > most
  prohibit tool pay when to in names and user.id == "x"
  prohibit tool pay when strict
  limit tool pay to most per 1h
  prohibit tool pay when paid
}
policy marking { mark paid on tool pay }
agent a(user: { id: string }) {
  scope { tool pay }
  include marking
  include capped(3.0, names: ["a", "b"], user.id == "root")
  include capped(2.0 * 4.0, [user.id], strict: false)
}
"#,
    );
}

#[test]
fn wrong_arguments_stand_at_the_include() {
    check(
        r#"
tool t(n: int)
policy p(a: int, b: string) { prohibit tool t when n > a }
agent x(user: { id: string, roles: [string] }) {
  include p(1)                       //~ G0205
  include p(1, 2)                    //~ G0210
  include p(1, c: "x")               //~ G0205
  include p(1, b: user.name)         //~ G0203
  include p(1, m)                    //~ G0201
  include p(1, user.id)
  include p(count(t), "x")           //~ G0224
  include p(if any x in ["a"]: x == user.id then 1 else 2, "x")
  include p(if any x in user.roles: x == "a" then 1 else 2, "x")   //~ G0233
  include q(1)                       //~ G0115
  shadow include p(1, "x")           //~ G0400
}
"#,
    );
}

#[test]
fn a_policy_that_is_misspelt_is_mended() {
    mends(
        "policy strict(a: int) { prohibit input when session.events > a }\nagent a { include strct(1) }",
        "include strict(1)",
    );
}

#[test]
fn an_error_in_a_policy_is_said_once_and_where_it_is_included() {
    check(
        r"
tool t(n: int)
policy p { prohibit tool t when m > 1 }           //~ G0201
layer l { prohibit tool t when user.id > 1 }      //~ G0201
agent a { include p }
agent b { include p }
",
    );
    let found = findings(
        "guard 1\ntool t(n: int)\npolicy p { prohibit tool t when m > 1 }\nagent a { include p }",
    );
    let related = &found[0].related;
    assert!(related.iter().any(|label| label.text == "included here"), "{found:#?}");
}

#[test]
fn a_policy_that_nothing_includes_is_checked_by_itself() {
    check(
        r#"
tool t(n: int, s: string)
policy p(most: int, folder: path) {
  prohibit tool t when n > most
  prohibit tool t when n > "x"          //~ G0210
  prohibit tool t when m > most         //~ G0201
  limit tool t to most per 1h
  prohibit tool t when user.role == "x"
  prohibit tool somewhere.other when most > 1
  clear paid on tool t
  include p(1, folder)                  //~ G0206
  include something_else(1)
}
"#,
    );
}

#[test]
fn policies_that_include_each_other_end() {
    check(
        r"
policy a { include b }
policy b { include a }   //~ G0206
agent x { include a }
",
    );
    let doubling: Vec<String> = (1..30)
        .map(|n| format!("policy p{n} {{ include p{0}\n include p{0} }}\n", n - 1))
        .collect();
    let doubling = doubling.concat();
    let source = format!(
        "guard 1\npolicy p0 {{ prohibit input when session.events > 3 }}\n{doubling}agent a {{ include p29 }}\n"
    );
    let found = findings(&source);
    assert_eq!(found.iter().map(|f| f.code).collect::<Vec<_>>(), ["G0218"], "{found:#?}");
}

#[test]
fn what_a_policy_is_given_may_switch_a_rule_off_and_nothing_else_may() {
    let body = "policy p(strict: bool) { prohibit input when strict and session.events > 3 }\n";
    assert_eq!(rules(&format!("{body}agent a {{ include p(false) }}")), []);
    let on = rules(&format!("{body}agent a {{ include p(true) }}"));
    assert!(matches!(on[0].condition.as_ref().unwrap().kind, ExprKind::CompareInt(..)), "{on:#?}");
    check(
        r"
policy p(strict: bool) {
  prohibit input when 1 > 2                 //~ G0301
  prohibit input when 1 > 2 and strict      //~ G0301
  prohibit input when not strict and session.events > 2
}
agent a { include p(true) }
",
    );
}

#[test]
fn a_parameter_hides_what_is_declared_and_not_what_the_event_has() {
    let found = rules(
        "const n = 1\ntool t(m: int)\npolicy p(n: int, m: int) { prohibit tool t when m > n }\nagent a { include p(7, 8) }",
    );
    let kind = &found[0].condition.as_ref().unwrap().kind;
    let ExprKind::CompareInt(_, left, right) = kind else { panic!("{kind:?}") };
    assert!(matches!(left.kind, ExprKind::Value(_)), "{left:?}");
    assert_eq!(right.kind, ExprKind::Int(7));
}

#[test]
fn an_optional_parameter_is_there_where_it_is_given() {
    check(
        r"
tool t(n: int)
policy p(most: int?) { prohibit tool t when has most and n > most }
agent a(limit: int?, user: int) {
  include p(3)
  include p(limit)
  include p(user)
}
",
    );
}

#[test]
fn a_policy_means_the_tools_of_the_agent_that_includes_it_too() {
    check_files(&[
        (
            "lib.guard",
            "tool known()\npolicy p { prohibit any tool when call.tool == \"x\" }\npolicy q { prohibit tool own when n > 2 }\n",
        ),
        ("main.guard", "use lib\ntool own(n: int)\nagent a { include p\n include q }\n"),
    ]);
}

#[test]
fn a_layer_is_over_every_tool_of_the_package() {
    let files = [
        ("org.guard", "guard 1\nlayer org { prohibit any tool when call.id == \"x\" }\n"),
        ("main.guard", "guard 1\ntool own()\nagent a { scope { tool own } }\n"),
    ];
    let db = guard_db::GuardDatabase::default();
    let package = super::package(&db, &files);
    assert_eq!(*crate::diagnostics(&db, package), []);
    let agent = guard_hir::agents(&db, package)[0];
    let applied = crate::rules_of(&db, package, agent).rules;
    let checked = crate::check_rule(&db, package, applied[1].site, applied[1].rule);
    assert_eq!(checked.rules[0].events, [EventRef::Call("own".to_owned())]);
}

#[test]
fn an_agent_neither_reads_nor_clears_the_marks_of_a_layer() {
    check(
        r"
tool t()
tool u()
layer org {
  mark tainted on result of u
  prohibit tool t when tainted
  prohibit tool t when mine          //~ G0201
}
agent a {
  scope { tool t, u }
  mark mine on tool u
  clear tainted on tool u            //~ G0226
  prohibit tool u when tainted       //~ G0201
}
",
    );
}

#[test]
fn a_permission_that_a_layer_takes_away_is_a_warning() {
    check(
        r#"
tool ns.a(n: int)
tool ns.b(n: int)
tool c(n: int)
layer org {
  scope {
    tool ns.* when n > 3
    tool c
  }
  prohibit tool c when n > 9
}
layer eu over agents matching "*_eu" { scope { tool c } }
agent x_us { scope { tool ns.*, c when n > 9 } }  //~ G0307
agent x_eu { scope { tool ns.a } }   //~ G0307
agent y_eu { scope { any tool } }
agent z_eu { scope { tool c when n > 8 } }
"#,
    );
}

#[test]
fn a_layer_against_itself_is_an_error() {
    check(
        r"
tool t()
layer org {
  scope { tool t }    //~ G0302
  prohibit tool t
}
agent a { scope { any tool } } //~ G0307
",
    );
}

#[test]
fn a_layer_is_over_somebody() {
    check(
        r#"
layer org over agents matching "b*" { prohibit input when session.events > 2 }   //~ G0308
layer all { prohibit input when session.events > 2 }   //~ G0103
layer all { prohibit input when session.events > 2 }   //~ G0101
layer All { prohibit input when session.events > 2 }
agent a {}
"#,
    );
    check("layer org { prohibit input when session.events > 2 } //~ G0308\n");
}

#[test]
fn an_agents_parameter_does_not_replace_what_a_layer_or_a_policy_declares() {
    let found = rules(
        "const MOST = 5\ntool t(n: int)\npolicy p { prohibit tool t when n > MOST }\nlayer l { prohibit tool t when n > MOST }\nagent a(MOST: int) { include p\n prohibit tool t when n > MOST }",
    );
    let bound = |at: usize| match &found[at].condition.as_ref().unwrap().kind {
        ExprKind::CompareInt(_, _, right) => right.kind.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(bound(0), ExprKind::Int(5));
    assert!(matches!(bound(1), ExprKind::Value(_)));
    assert_eq!(bound(2), ExprKind::Int(5));
}

#[test]
fn a_tools_argument_does_not_replace_what_a_layer_means() {
    check(
        r#"
const KNOWN = ["a"]
tool t(KNOWN: [string], m: int, set_by: bool)
layer l {
  mark set_by on input
  prohibit tool t when "b" in KNOWN          //~ G0234
  prohibit tool t when set_by                //~ G0234
  include p(3)
}
policy p(m: int) {
  prohibit tool t when m > 2                 //~ G0234
  prohibit tool t when args.m > 2 and "b" in args.KNOWN
}
agent a { scope { tool t }
  prohibit tool t when "b" in KNOWN
}
"#,
    );
}
