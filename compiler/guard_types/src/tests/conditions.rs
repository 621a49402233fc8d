//! What conditions may say.

use super::{check, mends, rules};
use crate::tir::{Expr, ExprKind};

#[test]
fn an_optional_must_be_handled_before_it_is_used() {
    check(
        r#"
type Order = { note: string?, lines: [{ sku: string, tag: string? }] }
tool mail(to: email, cc: email?, bcc: [email]?, order: Order?, n: int?, urgent: bool?)
agent a {
  scope { tool mail when not has cc or cc.domain == "a.example" }
  prohibit tool mail when cc.domain == "b.example"                           //~ G0231
  prohibit tool mail when has cc and cc.domain == "b.example"
  prohibit tool mail when not (not has cc or cc.domain == "c.example")
  prohibit tool mail when has cc unless cc.domain == "d.example"
  prohibit tool mail when has cc or cc.domain == "e.example"                 //~ G0231
  prohibit tool mail when if has cc then cc.domain == "f.example" else true
  prohibit tool mail when any b in bcc: b.domain == "g.example"              //~ G0231
  prohibit tool mail when any b in (bcc otherwise []): b.domain == "h.example"
  prohibit tool mail when "x@y.example" in (bcc otherwise ["A@Y.example"])
  prohibit tool mail when has order and has order.note and order.note == "i"
  prohibit tool mail when has order and order.note == "j"                    //~ G0231
  prohibit tool mail when has order and any l in order.lines: has l.tag and l.tag == l.sku
  prohibit tool mail when has order and any l in order.lines: l.tag == "k"   //~ G0231
  prohibit tool mail when (n otherwise 0) > 5 and (urgent otherwise false)
  prohibit tool mail when n > 5                                              //~ G0231
  prohibit tool mail when urgent                                             //~ G0231
  prohibit tool mail when has to                                             //~ G0232
  prohibit tool mail when (to otherwise "a@b.example") == "c@d.example"      //~ G0232
  prohibit tool mail when (n otherwise 0.0) > 5.0                            //~ G0210
}
"#,
    );
}

#[test]
fn nothing_is_converted_in_silence() {
    check(
        r#"
data people: set[string]
tool pay(amount: float, n: int, to: email, from: string, kind: "bill" | "gift", other: "x" | "y",
         ok: bool, wait: duration, at: time, page: url, site: host, file: path, tags: [string], rows: [{ a: int }])
agent a {
  scope { tool pay }
  prohibit tool pay when amount > 5                  //~ G0210
  prohibit tool pay when n > 5.0                     //~ G0210
  prohibit tool pay when n == "5"                    //~ G0210
  prohibit tool pay when to == from                  //~ G0242
  prohibit tool pay when to in people                //~ G0242
  prohibit tool pay when from in people
  prohibit tool pay when to.domain == from           //~ G0242
  prohibit tool pay when to.domain == site
  prohibit tool pay when to == site                  //~ G0210
  prohibit tool pay when kind == other               //~ G0210
  prohibit tool pay when kind == from
  prohibit tool pay when n                           //~ G0211
  prohibit tool pay when from                        //~ G0211
  prohibit tool pay when tags                        //~ G0211
  prohibit tool pay when ok and not ok
  prohibit tool pay when ok == (n > 5)
  prohibit tool pay when ok > true                   //~ G0212
  prohibit tool pay when from > "a"                  //~ G0212
  prohibit tool pay when tags == tags                //~ G0212
  prohibit tool pay when wait > 15m and wait < 1h30m
  prohibit tool pay when now - at > 1d
  prohibit tool pay when now > 15m                   //~ G0210
  prohibit tool pay when wait * 2 > 1h and at + 15m < now
  prohibit tool pay when n + 1.0 > 2.0               //~ G0210
  prohibit tool pay when from + "x" == "y"           //~ G0212
  prohibit tool pay when n in tags                   //~ G0210
  prohibit tool pay when n in [1, 2, 3] and from in tags
  prohibit tool pay when any r in rows: r.a in [1, 2]
  prohibit tool pay when n in [1, "x"]               //~ G0210
  prohibit tool pay when n in from                   //~ G0212
  prohibit tool pay when n starts with "x"           //~ G0212
  prohibit tool pay when from starts with 5          //~ G0210
  prohibit tool pay when (if ok then 1 else "x") > 5 //~ G0210
  prohibit tool pay when any r in n: r > 5           //~ G0212
  prohibit tool pay when tags[0] == "x"              //~ G0400
  prohibit tool pay when r"x" == from                //~ G0212
}
"#,
    );
}

#[test]
fn a_whole_number_where_a_float_is_needed_has_a_certain_fix() {
    let policy = |condition: &str| {
        format!("tool pay(amount: float)\nagent a {{ scope {{ tool pay when {condition} }} }}")
    };
    mends(&policy("amount < 1000"), "amount < 1000.0");
    mends(&policy("-5 < amount"), "-5.0 < amount");
    let constant =
        "const MAX = 5\ntool pay(amount: float)\nagent a { scope { tool pay when amount < MAX } }";
    let (_, finding) = super::only(constant);
    assert_eq!(finding.fix, None);
    assert_eq!(finding.help.as_deref(), Some("write `5.0` where the constant is declared"));
}

#[test]
fn a_literal_is_one_of_the_kind_it_is_compared_with() {
    check(
        r#"
tool t(to: email, page: url, site: host, at: ip, file: path, kind: "bill" | "gift", all: [email])
agent a {
  scope { tool t }
  prohibit tool t when to == "nobody"                    //~ G0213
  prohibit tool t when page == "acme.com"                //~ G0213
  prohibit tool t when site == "a b"                     //~ G0213
  prohibit tool t when at == "localhost"                 //~ G0213
  prohibit tool t when to in ["a@b.example", "nobody"]   //~ G0213
  prohibit tool t when "nobody" in all                   //~ G0213
  prohibit tool t when kind == "bil"                     //~ G0214
  prohibit tool t when kind in ["bill", "present"]       //~ G0214
  prohibit tool t when kind == "gift"
}
"#,
    );
    mends(
        r#"tool t(kind: "bill" | "gift")
agent a { scope { tool t when kind == "bil" } }"#,
        "kind == \"bill\"",
    );
}

#[track_caller]
fn condition(condition: &str) -> ExprKind {
    let body = format!(
        "tool t(to: email, site: host, file: path, name: string, page: url)\nagent a {{ scope {{ tool t when {condition} }} }}"
    );
    rules(&body)[0].condition.clone().unwrap().kind
}

#[track_caller]
fn right(kind: ExprKind) -> String {
    match kind {
        ExprKind::TextEqual(_, b)
        | ExprKind::StartsWith(_, b)
        | ExprKind::EndsWith(_, b)
        | ExprKind::Contains(_, b) => match *b {
            Expr { kind: ExprKind::Text(text), .. } => text,
            other => panic!("{other:?}"),
        },
        ExprKind::TextIn(_, texts) => texts.join(" "),
        other => panic!("{other:?}"),
    }
}

#[test]
fn literals_are_canonical() {
    assert_eq!(right(condition(r#"to == "Ada@ACME.com""#)), "Ada@acme.com");
    assert_eq!(right(condition(r#"site == "MÜNCHEN.example""#)), "xn--mnchen-3ya.example");
    assert_eq!(
        right(condition(r#"to in ["b@B.example", "a@A.example", "a@a.example"]"#)),
        "a@a.example b@b.example"
    );
    assert_eq!(right(condition(r#"file == "/a/./b/../c""#)), "/a/c");
    assert_eq!(right(condition(r#"site ends with ".ACME.com""#)), ".acme.com");
    assert_eq!(right(condition(r#"site ends with ".münchen.example""#)), ".xn--mnchen-3ya.example");
    assert_eq!(right(condition(r#"to ends with "@ACME.com""#)), "@acme.com");
    assert_eq!(right(condition(r#"name ends with "ACME""#)), "ACME");
}

#[test]
fn like_becomes_the_simplest_question() {
    assert!(matches!(condition(r#"name like "abc""#), ExprKind::TextEqual(..)));
    assert!(matches!(condition(r#"name like "abc*""#), ExprKind::StartsWith(..)));
    assert!(matches!(condition(r#"name like "*abc""#), ExprKind::EndsWith(..)));
    assert!(matches!(condition(r#"name like "*abc*""#), ExprKind::Contains(..)));
    let ExprKind::Match(_, source, whole) = condition(r#"name like "a.b*c+d""#) else { panic!() };
    assert_eq!((source.as_str(), whole), (r"(?s)a\.b.*c\+d", true));
}

#[test]
fn a_path_is_within_its_folder_and_below() {
    let ExprKind::Or(both) = condition(r#"file.within("/work/./space/")"#) else { panic!() };
    let texts: Vec<String> = both.into_iter().map(|expr| right(expr.kind)).collect();
    assert_eq!(texts, ["/work/space", "/work/space/"]);
}

#[test]
fn patterns_are_checked_and_their_traps_pointed_out() {
    check(
        r#"
tool t(to: email, site: host, page: url, file: path, name: string)
agent a {
  scope { tool t }
  prohibit tool t when name finds r"("                  //~ G0216
  prohibit tool t when name matches "x"                 //~ G0216
  prohibit tool t when name finds r"x" and name matches r"a+"
  prohibit tool t when to finds r"x"                    //~ G0240
  prohibit tool t when site finds r"x"                  //~ G0240
  prohibit tool t when page finds r"x"                  //~ G0240
  prohibit tool t when file finds r"x"                  //~ G0240
  prohibit tool t when to ends with "acme.com"          //~ G0241
  prohibit tool t when site like "*acme.com"            //~ G0241
  prohibit tool t when to ends with "@acme.com"
  prohibit tool t when site ends with ".acme.com" and site like "*.acme.com"
  prohibit tool t when name ends with "acme.com"
  prohibit tool t when name like name                   //~ G0207
  prohibit tool t when file.within(name)                //~ G0207
  prohibit tool t when name.within("/x")                //~ G0204
}
"#,
    );
}

#[test]
fn parsed_texts_have_their_parts() {
    check(
        r#"
tool t(to: email, page: url, site: host, at: ip, file: path, name: string, list: [string])
agent a {
  scope { tool t when to.local == "a" and to.domain == "b.example" and page.scheme == "https" }
  prohibit tool t when has page.host and page.host == "c.example" and page.path starts with "/x"
  prohibit tool t when (page.port otherwise 80) == 81 or (page.query otherwise "") contains "k"
  prohibit tool t when page.is_private or site.is_private or at.is_private
  prohibit tool t when has file.extension and file.extension in ["exe", "dll"]
  prohibit tool t when name.length > 5 and list.length == 2 and to.length < 9
  prohibit tool t when page.host == "d.example"        //~ G0231
  prohibit tool t when to.domian == "e.example"        //~ G0203
  prohibit tool t when name.domain == "f.example"      //~ G0203
  prohibit tool t when list.size > 5                   //~ G0203
  prohibit tool t when call.tol == "x"                 //~ G0203
  prohibit tool t when session.idd == "x"              //~ G0203
}
"#,
    );
}

#[test]
fn quantifiers_go_over_lists_of_any_element() {
    check(
        r#"
tool t(texts: [string], numbers: [int], rows: [{ name: string, tags: [string] }], grid: [[int]], n: int)
agent a {
  scope { tool t when all x in texts: x starts with "a" }
  prohibit tool t when any x in numbers: x > n
  prohibit tool t when any r in rows: any tag in r.tags: tag == r.name
  prohibit tool t when any r in grid: all x in r: x > 5
  prohibit tool t when any x in ["a", "b"]: x in texts
  prohibit tool t when any x in [1, 2]: x == n
  prohibit tool t when any x in texts: y == "z"           //~ G0201
  prohibit tool t when any x in rows: x == "z"            //~ G0210
}
"#,
    );
}
