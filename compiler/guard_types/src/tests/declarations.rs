//! Declarations: names that clash, look alike or mean something else, types that do not exist.

use super::{check, check_files, mends};
use std::fmt::Write as _;

#[test]
fn a_name_is_declared_once() {
    check(
        r"
tool t(n: int)
tool t(n: int)                            //~ G0101
tool u(n: int, n: string)                 //~ G0101
tool v(r: { a: int, a: int })             //~ G0101
const X = 1
data X: set[string]                       //~ G0101
type R = { a: int, b: [{ c: int, c: int }] } //~ G0101
fn f(x: int, x: int) -> bool = x > 1      //~ G0101
agent a(p: int, p: int) { scope { tool t } } //~ G0101
agent a { scope { tool t } }              //~ G0101
",
    );
}

#[test]
fn names_that_look_alike_are_refused_where_they_are_declared() {
    check(
        r#"
tool Send_Mail(to: string)
tool send_mail(to: string, To: string)    //~ G0103 G0103
tool pay(n: int)
tool "раy"(n: int)                        //~ G0103
tool ns.x(n: int)
tool other.x(n: int)
agent Desk { scope { tool ns.x } }
agent desk { scope { tool ns.x } }        //~ G0103
"#,
    );
}

#[test]
fn a_name_is_written_in_its_composed_form() {
    let decomposed = "tool \"cafe\u{301}\"(n: int)\nagent a { prohibit any tool when n > 1 }";
    mends(decomposed, "\"caf\u{e9}\"");
}

#[test]
fn a_name_of_the_language_is_not_declared() {
    check(
        r"
type email = { a: int }                   //~ G0219
const now = 5                             //~ G0219
data session: set[string]                 //~ G0219
tool t(now: int, session: string)
agent a(session: string) {                //~ G0219
  scope { tool t when now > 5 }
}
",
    );
}

#[test]
fn types_exist_and_end() {
    check(
        r"
type A = { b: B? }                        //~ G0206
type B = { c: [C] }
type C = { a: A }
type D = { x: Strin }                     //~ G0200
tool t(a: A, d: [D]?, e: emial)           //~ G0200
data d: [Wrong]                           //~ G0200
data s: set[int]                          //~ G0217
tool u(s: set[string])                    //~ G0217
agent a(p: Wrong?) {                      //~ G0200
  scope { tool t when any x in (d otherwise []): x.x == 1 }
  prohibit tool t when has a.b and any c in a.b.c: c.a.b == 5
  prohibit tool t when e == 5 or p == 5
}
",
    );
}

#[test]
fn a_condition_on_what_is_broken_elsewhere_is_not_taken_for_always() {
    // A rule whose condition cannot be read must not become one without a condition.
    let source =
        "guard 1\ntype A = { a: A }\ntool t(x: A)\nagent a { scope { tool t when x.a == 1 } }";
    let found = super::findings(source);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "G0206");
}

#[test]
fn a_type_that_doubles_at_each_name_is_stopped() {
    let mut body = String::from("guard 1\ntype T0 = { a: int }\n");
    for i in 1..40 {
        writeln!(body, "type T{i} = {{ a: T{0}, b: T{0} }}", i - 1).unwrap();
    }
    body += "tool t(x: T39)\nagent a { scope { tool t } }\n";
    let found = super::findings(&body);
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.code == "G0217"), "{found:#?}");
}

#[test]
fn a_file_sees_its_own_names_and_those_of_the_modules_it_uses() {
    check_files(&[
        (
            "main.guard",
            r"
use tools.bank
use std.net
use people
agent a {
  scope { tool bank.pay when is_house(to) }
  prohibit tool bank.pay when amount > LIMIT
  prohibit tool bank.open when not is_web(page)
  prohibit tool secret                    //~ G0111
}
",
        ),
        (
            "tools/bank.guard",
            "use main\ntool bank.pay(to: email, amount: int)\ntool bank.open(page: url)\nconst LIMIT = 5\n",
        ),
        ("people.guard", "use inner\nfn is_house(a: email) -> bool = a.domain == HOUSE\n"),
        ("inner.guard", "const HOUSE = \"acme.example\"\n"),
        ("other.guard", "tool secret(n: int)\n"),
    ]);
}

#[test]
fn a_module_that_does_not_exist_has_a_likely_right_one() {
    check_files(&[
        ("main.guard", "use tols //~ G0102\nuse nothing.at.all //~ G0102\n"),
        ("tools.guard", "tool t(n: int)\n"),
    ]);
    let policy = "use std.nte\ntool t(page: url)\nagent a { scope { tool t when is_web(page) } }";
    mends(policy, "use std.net");
    // What may come from a module that is missing is said with the module, what is like a name
    // that is there is a mistake of its own.
    check(
        r"
use nothing                               //~ G0102
tool t(page: url, receipt: Receipt)
agent a {
  scope { tool t, other.* when unknown(page) }
  prohibit tool labelled unheard when page.is_private
  prohibit tool t when paeg.is_private    //~ G0201
}
",
    );
}

#[test]
fn names_from_two_modules_clash_once_however_many_files_use_both() {
    check_files(&[
        ("a.guard", "use x\nuse y\n"),
        ("b.guard", "use x\nuse y\n"),
        ("c.guard", "use y\nconst OWN = 3\nuse x\n"),
        ("x.guard", "const LIMIT = 1\n"),
        ("y.guard", "const LIMIT = 2 //~ G0101\n"),
    ]);
}

#[test]
fn two_files_cannot_be_one_module() {
    let (first, second) = (("a.b.guard", "guard 1\n"), ("a/b.guard", "guard 1\n"));
    let found = super::findings_of(&[first, second]);
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["G0105"]);
    assert_eq!(found[0].headline, "`a.b.guard` and `a/b.guard` are both the module `a.b`");
}

#[test]
fn the_standard_library_is_well_made_and_can_be_used_whole() {
    let uses: Vec<String> = guard_stdlib::MODULES
        .iter()
        .map(|(path, _)| format!("use {}", guard_hir::module_name(path)))
        .collect();
    assert!(uses.len() >= 2);
    check(&format!(
        "{}\ntool open(page: url, to: email)\nagent a {{ scope {{ tool open when is_web(page) and not is_role_address(to) }} }}",
        uses.join("\n")
    ));
}
