//! Which events a rule is about, and which names its condition sees.

use super::{check, mends, rules};
use crate::tir::EventRef;

#[test]
fn a_target_names_tools_namespaces_labels_and_results() {
    let rules = rules(
        r"
tool bank.pay(n: int) { writes payments, external }
tool bank.admin.close(n: int) { writes accounts }
tool look(n: int) { reads accounts }
agent a {
  scope { any tool }
  prohibit tool bank.* when n > 1
  prohibit tool bank.admin.* when n > 2
  prohibit tool labelled external when n > 3
  prohibit tool labelled writes payments, external when n > 4
  prohibit result of look when failed
  prohibit result of any tool when failed
  prohibit input when text contains source
  prohibit output when text.length > 5
  halt session on tool look when n > 5
}
",
    );
    let call = |name: &str| EventRef::Call(name.to_owned());
    let events: Vec<&[EventRef]> = rules.iter().map(|rule| rule.events.as_slice()).collect();
    assert_eq!(events[0], [call("bank.admin.close"), call("bank.pay"), call("look")]);
    assert_eq!(events[1], [call("bank.admin.close"), call("bank.pay")]);
    assert_eq!(events[2], [call("bank.admin.close")]);
    assert_eq!(events[3], [call("bank.pay")]);
    assert_eq!(events[4], [call("bank.pay")]);
    assert_eq!(events[5], [EventRef::Result("look".to_owned())]);
    assert_eq!(events[6].len(), 3);
    assert_eq!((events[7], events[8]), (&[EventRef::Input][..], &[EventRef::Output][..]));
    assert_eq!(events[9], [call("look")]);
}

#[test]
fn a_target_that_nothing_is_in_is_an_error() {
    check(
        r"
tool bank.pay(n: int) { writes payments, external }
tool look(n: int) { reads accounts }
agent a {
  scope { tool look }
  prohibit tool loko                              //~ G0111
  prohibit tool look, lokk, lookk                 //~ G0111 G0111
  prohibit tool bnak.*                            //~ G0112
  prohibit tool labelled extrenal                 //~ G0113
  prohibit tool labelled reads payments           //~ G0113
  prohibit tool labelled external, reads accounts //~ G0113
  prohibit result of lok                          //~ G0111
}
",
    );
    check("agent a { prohibit any tool }     //~ G0114");
    mends(
        "tool \"web-fetch\"(n: int)\nagent a { scope { tool web_fetch when n > 1 } }",
        "tool \"web-fetch\" when",
    );
}

#[test]
fn a_rule_over_several_tools_sees_what_all_of_them_have() {
    check(
        r"
tool a(x: int, y: int, o: int, only_a: int)
tool b(x: int, y: string, o: int?)
agent g {
  scope { tool a, b }
  prohibit tool a, b when x > 1 and args.x > 1
  prohibit tool a, b when y == 1                  //~ G0202
  prohibit tool a, b when args.y == 1             //~ G0202
  prohibit tool a, b when only_a > 1              //~ G0202
  prohibit tool a, b when args.only_a > 1         //~ G0202
  prohibit tool a, b when o > 1                   //~ G0231
  prohibit tool a, b when has o and o > 1
  prohibit tool a when xx > 1                     //~ G0201
  prohibit tool a when args.xx > 1                //~ G0201
}
",
    );
}

#[test]
fn each_event_has_its_names() {
    check(
        r#"
tool a(n: int) -> { total: int }
tool b(n: int) -> string
tool c(n: int)
data blocked: set[string]
agent g(user: { id: string, role: "x" | "y" }) {
  scope { tool a, b, c }
  prohibit input when text == "x" and source == "user" and user.id in blocked
  prohibit input when n > 1                       //~ G0201
  prohibit output when text == "x"
  prohibit output when source == "user"           //~ G0201
  prohibit result of a when value.total > 1 and text == "x" and failed
  prohibit result of a when value.totl > 1        //~ G0203
  prohibit result of b when value == "x"
  prohibit result of a, b when value == "x"       //~ G0201
  prohibit result of c when value == "x"          //~ G0201
  prohibit result of a when n > 1                 //~ G0201
  prohibit tool a when text == "x"                //~ G0201
  prohibit tool a when call.id == "x" and call.tool == "a" and (call.confidence otherwise 1.0) < 0.5
  prohibit tool a when (call.cost otherwise 0.0) > 1.0 and session.events > 5 and session.age > 1h
  prohibit tool a when user.role == "z"           //~ G0214
  prohibit tool a when usr.role == "x"            //~ G0201
  prohibit tool a when user.rol == "x"            //~ G0203
}
"#,
    );
}

#[test]
fn the_nearest_name_is_meant() {
    check(
        r#"
const limit = "constant"
const big = "constant"
tool t(limit: int, list: [bool], user: string, big: int)
agent g(user: { id: string }) {
  scope { tool t when limit > 1 and user == "x" }
  prohibit tool t when any big in list: big
  prohibit tool t when big > 5
  prohibit input when text == limit and user.id == "x"
}
"#,
    );
}
