//! Nothing is vacuous in silence.

use super::check;

#[test]
fn a_rule_that_can_never_fire_is_an_error() {
    check(
        r#"
const STRICT = false
tool t(n: int, s: string)
agent a {
  scope { tool t }
  prohibit tool t when STRICT                  //~ G0301
  prohibit tool t when 1 > 2 and n > 3         //~ G0301
  prohibit tool t when "a" == "b" or 2 < 1     //~ G0301
  prohibit tool t when s in []                 //~ G0301
  prohibit tool t unless true                  //~ G0301
  prohibit tool t when n > 3 unless 1 < 2      //~ G0301
  prohibit tool t when any x in ["b"]: x == "a" and n > 5   //~ G0301
  prohibit tool t when not STRICT and n > 5
  prohibit tool t when "abc" starts with "b"   //~ G0301
}
"#,
    );
}

#[test]
fn a_permission_that_a_prohibition_takes_away_is_an_error() {
    check(
        r"
tool t(n: int)
tool u(n: int)
tool ns.a(n: int)
tool ns.b(n: int) { external }
agent always { scope { tool t }  //~ G0302
  prohibit tool t
}
agent constant { scope { tool t } //~ G0302
  prohibit tool t when 1 < 2
}
agent same { scope { tool t when n > 5 } //~ G0302
  prohibit tool t when   n > 5
}
agent pattern { scope { tool ns.a, u } //~ G0302
  prohibit tool ns.*
}
agent halted { scope { tool t } //~ G0302
  halt session on tool t
}
agent narrowed { scope { tool ns.* }
  prohibit tool labelled external
}
agent conditional { scope { tool t when n > 5 }
  prohibit tool t when n > 6
}
agent elsewhere { scope { tool t }
  prohibit result of t
  prohibit tool u
}
",
    );
}

#[test]
fn an_escalation_says_who_decides_and_about_calls_that_are_permitted() {
    check(
        r#"
tool t(n: int)
tool u(n: int)
agent a {
  scope { tool t }
  escalate tool t when n > 5                       //~ G0303
  escalate tool t to "owner" when n > 5 expires 15m then deny
  escalate tool t, u to "owner" when n > 6
  escalate tool u to "owner"                       //~ G0306
  escalate tool t to 2 of "owner" when n > 7
  escalate tool t to 0 of "owner" when n > 8       //~ G0303
  escalate output to "owner" when text == "x"
}
"#,
    );
}

#[test]
fn reads_and_writes_are_the_most_that_a_scope_permits() {
    check(
        r"
tool look(n: int) { reads accounts }
tool pay(n: int) { reads accounts, writes payments }
tool note(n: int) { writes notes }
agent a {
  scope {
    tool look
    tool pay, note                //~ G0304
    reads accounts
    writes payments
  }
}
agent b {
  scope {
    tool look
    reads accounts, acounts       //~ G0305
    writes payments               //~ G0305
  }
}
agent c { scope { tool look, pay, note } }
agent d {
  scope {
    tool look
    tool nothing                  //~ G0111
    reads accounts
    writes notes
  }
}
agent e {
  scope {
    input                         //~ G0217
    tool look
  }
}
",
    );
}

#[test]
fn what_has_no_meaning_yet_is_one_error_each() {
    check(
        r#"
detector card = r"\d+"
detector mood = service "http://localhost/mood" timeout 1s on error deny
trust user > web
tool t(n: int, s: string)
tool l(n: int labelled web)                       //~ G0235
agent a {
  scope { tool t }
  limit tool t to 3 per 1h
  redact card in output
  mark paid on tool t
  clear paid on tool t
  review 2% of output
  halt agent when n > 5                           //~ G0309
  use credential "x" for 5m on tool t
  shadow prohibit tool t when n > 5
  shadow limit tool t to 3 per 1h                 //~ G0400
  prohibit tool t when s from untrusted
  prohibit tool t when seen(tool t)
  prohibit tool t when count(tool t, over: 10m) > 5
  prohibit tool t when last(t).text == "x"
  prohibit tool t when novel(s)
  prohibit tool t when confirmed by user
  prohibit tool t when seen(tool t) since input
  prohibit tool t when mood.score(s) > 0.5
}
test "x" for a {
  call t(n: 1, s: "x") => allow
}
prove "y" for a {                                 //~ G0400
  never allow tool t when n > 5
}
"#,
    );
}
