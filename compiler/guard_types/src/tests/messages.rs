//! What a finding says.

use super::{check, mends, only};

#[test]
fn a_misspelt_argument_is_shown_with_its_declaration() {
    let (source, finding) = only(
        "tool send_money(recipient: string, amount: float)\nagent a { scope { tool send_money when recepient == \"x\" } }",
    );
    assert_eq!(finding.headline, "tool `send_money` has no argument `recepient`");
    assert_eq!(finding.primary.text, "not an argument of `send_money`");
    assert_eq!(finding.primary.span.text(&source), "recepient");
    assert_eq!(finding.help.as_deref(), Some("write `recipient`"));
    let [related] = finding.related.as_slice() else { panic!("{finding:?}") };
    assert_eq!(related.span.text(&source), "recipient");
    assert_eq!(related.text, "`recipient` is declared here");
}

#[test]
fn a_certain_fix_mends_the_policy() {
    let tool = "tool send_money(recipient: string, amount: float) { writes payments }\n";
    let policy = |rule: &str| format!("{tool}agent a {{ scope {{ tool send_money }}\n{rule}\n}}");
    mends(&policy("prohibit tool sned_money when amount > 1.0"), "tool send_money when");
    mends(&policy("prohibit tool send_money when recepient == \"x\""), "when recipient ==");
    mends(&policy("prohibit tool send_money when sesion.events > 1"), "session.events");
    mends(&policy("prohibit tool labelled writes payment when amount > 1.0"), "writes payments");
    mends("use std.nett\nagent a { prohibit input when text == \"x\" }", "use std.net");
    mends("tool t(a: emial)\nagent a { scope { tool t } }", "a: email");
}

#[test]
fn places_are_those_of_the_file_wherever_the_rule_stands() {
    let (source, finding) = only(
        "\n\n// words\ntool t(n: int)\n\nagent a {\n  scope { tool t }\n\n  prohibit tool t when n > 1\n  prohibit tool t when m > 2\n}\n",
    );
    assert_eq!(finding.primary.span.text(&source), "m");
    assert_eq!(finding.related[0].span.text(&source), "n");
}

#[test]
fn ten_mistakes_in_ten_rules_are_ten_errors() {
    check(
        r#"
tool pay(amount: float, to: email, cc: email?, kind: "bill" | "gift")
agent a {
  scope { tool pay }
  prohibit tool pya                                  //~ G0111
  prohibit tool pay when amuont > 1.0                //~ G0201
  prohibit tool pay when amount > 1                  //~ G0210
  prohibit tool pay when cc.domain == "a.example"    //~ G0231
  prohibit tool pay when kind == "present"           //~ G0214
  prohibit tool pay when to == "nobody"              //~ G0213
  prohibit tool pay when to.domian == "a.example"    //~ G0203
  prohibit tool pay when amount                      //~ G0211
  prohibit tool pay when to finds r"("               //~ G0216
  escalate tool pay                                  //~ G0303
}
"#,
    );
}

#[test]
fn two_mistakes_in_one_condition_are_two_errors() {
    check(
        r"
tool pay(amount: float, n: int)
agent a {
  scope { tool pay when amuont > 1.0 and n > 1.0 }   //~ G0201 G0210
}
",
    );
}
