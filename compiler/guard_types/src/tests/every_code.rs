//! Every code can be produced, and every code produced is listed.

use super::findings_of;
use crate::codes::CODES;
use std::collections::BTreeSet;

/// The smallest policies that have a code.
const POLICIES: &[(&str, &str)] = &[
    ("G0101", "const A = 1\nconst A = 2"),
    ("G0102", "use nothing"),
    ("G0103", "tool pay()\ntool Pay()"),
    ("G0104", "tool \"e\u{301}\"()"),
    ("G0105", ""),
    ("G0111", "tool t()\nagent a { prohibit tool u }"),
    ("G0112", "tool t()\nagent a { prohibit tool u.* }"),
    ("G0113", "tool t()\nagent a { prohibit tool labelled u }"),
    ("G0114", "agent a { prohibit any tool }"),
    ("G0115", "agent a { include strict }"),
    ("G0200", "tool t(a: wrong)"),
    ("G0201", "agent a { prohibit input when wrong == 1 }"),
    ("G0202", "tool t(a: int)\ntool u()\nagent a { prohibit tool t, u when a > 1 }"),
    ("G0203", "agent a { prohibit input when text.wrong == 1 }"),
    ("G0204", "agent a { prohibit input when wrong(text) }"),
    ("G0205", "fn f(a: int) -> bool = a > 1\nagent a { prohibit input when f() }"),
    ("G0206", "const A = A"),
    ("G0207", "const A = now"),
    ("G0210", "agent a { prohibit input when text == 1 }"),
    ("G0211", "agent a { prohibit input when text }"),
    ("G0212", "agent a { prohibit input when text > \"a\" }"),
    ("G0213", "tool t(a: email)\nagent a { prohibit tool t when a == \"x\" }"),
    ("G0214", "tool t(a: \"x\" | \"y\")\nagent a { prohibit tool t when a == \"z\" }"),
    ("G0215", "const A = 1 / 0"),
    ("G0216", "agent a { prohibit input when text finds r\"(\" }"),
    ("G0217", "data d: set[int]"),
    (
        "G0218",
        "fn f(n: int) -> int = n + n\nagent a { prohibit input when f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(session.events)))))))))))))))))) > 1 }",
    ),
    ("G0219", "const now = 1"),
    ("G0220", "fn f(n: int) -> int = 1 / n\nagent a { prohibit input when f(0) > 1 }"),
    ("G0221", "tool t(a: json)\nagent a { prohibit tool t when a from user }"),
    ("G0222", "tool t(a: string)\nagent a { prohibit tool t when a from nobody }"),
    ("G0223", "tool t()\nagent a { prohibit tool t when seen(t when seen(t)) }"),
    ("G0224", "tool t(n: int)\nagent a { prohibit tool t when count(t) > n }"),
    ("G0225", "tool t(a: [int])\nagent a { prohibit tool t when novel(a) }"),
    ("G0226", "tool t()\nagent a { clear m on tool t }"),
    ("G0227", "agent a { review 101% of output }"),
    ("G0228", "tool t()\nagent a { limit tool t to 0 per 1h }"),
    ("G0229", ""),
    (
        "G0230",
        "agent a { breaker b on output opens when failures > 5% of at least 2 over 1m closes after 1m }",
    ),
    ("G0231", "tool t(a: int?)\nagent a { prohibit tool t when a > 1 }"),
    ("G0232", "agent a { prohibit input when has text }"),
    (
        "G0233",
        "tool t()\npolicy p(b: bool) { prohibit input when b }\nagent a { include p(seen(t)) }",
    ),
    ("G0234", "const n = 1\ntool t(n: int)\nlayer l { prohibit tool t when n > 1 }\nagent a { }"),
    ("G0235", "tool t(n: int labelled web)"),
    (
        "G0236",
        "tool t(a: [int])\nfn f(a: [int], b: bool) -> bool = any x in a: b or x > 1\nagent a { prohibit tool t when f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, f(a, true))))))))))))))))) }",
    ),
    ("G0240", "tool t(a: email)\nagent a { prohibit tool t when a finds r\"x\" }"),
    ("G0241", "tool t(a: host)\nagent a { prohibit tool t when a ends with \"x.com\" }"),
    ("G0242", "tool t(a: host, b: string)\nagent a { prohibit tool t when a == b }"),
    ("G0250", "detector d = r\"x*\"\nagent a { }"),
    ("G0251", "agent a { redact d in output }"),
    ("G0252", "detector d = r\"x\"\nagent a { redact d in output with \"{x}\" }"),
    ("G0253", "agent a { prohibit output when not grounded(text, in: nowhere) }"),
    ("G0301", "agent a { prohibit input when false }"),
    ("G0302", "tool t()\nagent a { scope { tool t }\n prohibit tool t }"),
    ("G0303", "agent a { escalate input }"),
    (
        "G0304",
        "tool t() { reads x }\ntool u() { reads y }\nagent a { scope { tool t, u\n reads x } }",
    ),
    ("G0305", "tool t()\nagent a { scope { tool t\n reads x } }"),
    ("G0306", "tool t()\nagent a { escalate tool t to \"x\" }"),
    ("G0307", "tool t()\nlayer l { prohibit tool t }\nagent a { scope { tool t } }"),
    ("G0308", "layer l over agents matching \"b*\" { prohibit input }\nagent a { }"),
    ("G0309", "agent a { halt agent when session.events > 2 }"),
    ("G0400", "agent a { require output that text.length < 5 }"),
    ("G0501", "agent a { }\ntest \"x\" for nobody { }"),
    ("G0502", "agent a { }\ntest \"x\" for a { result \"y\" }"),
    ("G0503", "agent a { }\ntest \"x\" for a { input \"y\" => alow }"),
    ("G0504", "agent a { }\ntest \"x\" for a { after nothing }"),
    ("G0505", "tool t()\nagent a { }\ntest \"x\" for a { call t(n: 1) }"),
    ("G0506", "tool t(n: int)\nagent a { }\ntest \"x\" for a { call t() }"),
];

/// One tool more than there are bits for.
fn many_sources() -> String {
    let tools: Vec<String> = (0..62).map(|n| format!("tool t{n}()\n")).collect();
    let tools = tools.concat();
    let asked: Vec<String> = (0..62).map(|n| format!("a from result of t{n}")).collect();
    format!("{tools}tool t(a: string)\nagent a {{ prohibit tool t when {} }}", asked.join(" or "))
}

#[test]
fn every_code_has_a_policy_that_has_it_and_nothing_else() {
    for (code, body) in POLICIES {
        let many = many_sources();
        let body = if *code == "G0229" { &*many } else { *body };
        let source = format!("guard 1\n{body}\n");
        let files: &[(&str, &str)] = if *code == "G0105" {
            &[("a.b.guard", "guard 1\n"), ("a/b.guard", "guard 1\n")]
        } else {
            &[("main.guard", &source)]
        };
        let found: Vec<&str> = findings_of(files).iter().map(|finding| finding.code).collect();
        assert_eq!(found, [*code], "{body}");
    }
}

#[test]
fn every_listed_code_is_produced() {
    let produced: BTreeSet<&str> = POLICIES.iter().map(|(code, _)| *code).collect();
    let codes = guard_hir::codes::CODES.iter().chain(CODES);
    let listed: BTreeSet<&str> = codes.clone().map(|(code, _)| *code).collect();
    assert_eq!(produced, listed);
    assert!(codes.map(|(code, _)| code).is_sorted(), "the codes stand in order");
}
