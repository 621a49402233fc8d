//! The classes of defect found in systems of this kind, each as a test that it cannot happen here.
//! Those about rewriting, streams and detectors come with those parts.

use guard_engine::{
    Answered, Approver, ApproverError, AskedCall, AskedOf, Decision, Duties, Engine, Interpreter,
    Put, Session, Surroundings, Witness, WitnessError,
};
use guard_host::People;
use guard_journal::{ApprovalStore, Ballot, Filter, MemoryApprovals};
use guard_plan::Verdict;
use guard_state::{Claim, Claimed, Key, Rates, StateStore, StoreError};
use guard_tests::engines::{Engines, findings, plan, try_plan};
use std::sync::Arc;

fn policy(rules: &str) -> String {
    format!(
        "guard 1\ntool send_email(to: email, body: string, cc: email?)\ntool look(id: string)\nagent mail {{\n{rules}\n}}\n"
    )
}

fn codes(rules: &str) -> Vec<String> {
    findings(&[("test.guard", &policy(rules))]).into_iter().map(|(_, code)| code).collect()
}

fn verdict(rules: &str, event: &str) -> String {
    let engines = Engines::compile(&policy(rules));
    engines.session("mail", "{}").decide(event.as_bytes())["decision"].as_str().unwrap().to_owned()
}

#[test]
fn a_misspelt_tool_or_argument_does_not_load() {
    assert_eq!(codes("prohibit tool sned_email"), ["G0111"]);
    assert_eq!(codes("prohibit tool send_email when too.domain == \"evil.test\""), ["G0201"]);
}

#[test]
fn an_unanchored_pattern_as_a_domain_check_is_pointed_out_and_the_typed_form_holds() {
    assert_eq!(codes("scope { tool send_email when to finds r\"acme.com\" }"), ["G0240"]);
    assert_eq!(codes("scope { tool send_email when to.domain ends with \"acme.com\" }"), ["G0241"]);
    let rules = "scope { tool send_email when to.domain == \"acme.com\" }";
    for address in
        ["mallory@mail.example", "x@compromise.test", "a@acme.com.evil.test", "acme.com@evil.test"]
    {
        let event = format!(
            r#"{{"type":"tool_call","id":"c","tool":"send_email","args":{{"to":"{address}","body":"x"}}}}"#
        );
        assert_eq!(verdict(rules, &event), "deny", "{address}");
    }
}

#[test]
fn a_missing_argument_does_not_skip_the_constraint() {
    let rules = "scope { tool send_email } prohibit tool send_email when to.domain != \"acme.com\"";
    let event = r#"{"type":"tool_call","id":"c","tool":"send_email","args":{"body":"x"}}"#;
    assert_eq!(verdict(rules, event), "deny");
    // An optional argument cannot be constrained without saying what its absence means.
    assert_eq!(codes("prohibit tool send_email when cc.domain != \"acme.com\""), ["G0231"]);
}

#[test]
fn an_error_in_a_rule_does_not_disable_the_rule() {
    let rules = "scope { tool look } prohibit tool look when id.length / (id.length - 1) > 5";
    assert_eq!(
        verdict(rules, r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#),
        "deny"
    );
    assert_eq!(
        verdict(rules, r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"abc"}}"#),
        "allow"
    );
}

#[test]
fn a_long_session_is_no_outage() {
    let engines = Engines::compile(&policy("scope { tool look when session.events < 100_000 }"));
    let mut session = engines.session("mail", "{}");
    let event = br#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#;
    for _ in 0..2_000 {
        assert_eq!(session.decide(event)["decision"], "allow");
    }
}

#[test]
fn text_is_scanned_to_its_end() {
    let rules = "prohibit output when text finds r\"needle-[0-9]{4}\"";
    let text = format!("{} needle-1234", "hay ".repeat(250_000));
    let event = format!(r#"{{"type":"output","text":"{text}"}}"#);
    assert_eq!(verdict(rules, &event), "deny");
}

#[test]
fn sessions_share_no_state() {
    let engines = Engines::compile(&policy("scope { tool look when session.events == 0 }"));
    let event = br#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"}}"#;
    let (mut a, mut b) = (engines.session("mail", "{}"), engines.session("mail", "{}"));
    assert_eq!(a.decide(event)["decision"], "allow");
    assert_eq!(a.decide(event)["decision"], "deny");
    assert_eq!(b.decide(event)["decision"], "allow");
}

#[test]
fn case_and_spelling_of_parsed_values_do_not_matter_on_either_side() {
    let rules = "scope { tool send_email when to == \"ADA@ACME.com\" or to.domain in [\"Office.EXAMPLE\"] }";
    for (address, wanted) in
        [("ADA@acme.COM", "allow"), ("bob@office.example", "allow"), ("ada@acme.com", "deny")]
    {
        let event = format!(
            r#"{{"type":"tool_call","id":"c","tool":"send_email","args":{{"to":"{address}","body":"x"}}}}"#
        );
        assert_eq!(verdict(rules, &event), wanted, "{address}");
    }
}

#[test]
fn a_rule_that_can_never_fire_does_not_load() {
    assert!(try_plan(&policy("prohibit tool look when 1 > 2")).is_err());
    assert!(try_plan(&policy("prohibit tool admin.*")).is_err());
    assert!(try_plan(&policy("scope { tool look } prohibit tool look")).is_err());
}

/// What `prohibit` with this condition makes of a call.
fn prohibited(functions: &str, condition: &str) -> bool {
    let source = format!(
        "guard 1\ntool t(tags: [string], nums: [int])\n{functions}\nagent a {{ scope {{ tool t }}\n prohibit tool t when {condition} }}\n"
    );
    let event = br#"{"type":"tool_call","id":"c","tool":"t","args":{"tags":["q","z"],"nums":[1]}}"#;
    Engines::compile(&source).session("a", "{}").decide(event)["decision"] == "deny"
}

#[test]
fn a_question_about_a_list_means_the_same_inside_another() {
    let both = "fn both(b: bool, xs: [string]) -> bool = any x in xs: b and x == \"q\"";
    assert!(prohibited(both, "both(any y in tags: y == \"z\", tags)"));
    assert!(!prohibited(both, "both(any y in tags: y == \"w\", tags)"));
    let listed = both.replace("b and", "any c in [b]: c and");
    assert!(prohibited(&listed, "both(any y in tags: y == \"z\", tags)"));
    let outer = "fn both(b: bool, xs: [string]) -> bool = all x in xs: b";
    assert!(prohibited(outer, "any w in tags: both(any y in tags: y == w, tags)"));
    assert!(!prohibited(outer, "any w in tags: both(all y in tags: y == w, tags)"));
    let number = "(if any y in tags: y == \"z\" then 1 else 2) in nums";
    assert!(prohibited("", number));
    assert!(!prohibited("", &number.replace("\"z\"", "\"w\"")));
}

const LOOK: &str = r#"{"type":"tool_call","id":"c","tool":"look","args":{"id":"a"},"at":1000}"#;

/// A session of an engine with these surroundings.
fn within(rules: &str, around: Surroundings) -> Session {
    let plan = plan(&policy(rules));
    let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
    Engine::within(plan, evaluator, around).unwrap().session("mail", "s", b"{}").unwrap()
}

/// A store, a person's desk and an audit that have all died.
#[derive(Debug)]
struct Dead;

fn dead<T>() -> Result<T, StoreError> {
    Err(StoreError::TimedOut)
}

impl StateStore for Dead {
    fn claim(&self, _: &[Claim], _: i64, _: u64) -> Result<Claimed, StoreError> {
        dead()
    }
    fn give_back(&self, _: &[Claim], _: u64) -> Result<(), StoreError> {
        dead()
    }
    fn peek(&self, _: &[Claim], _: i64) -> Result<Claimed, StoreError> {
        dead()
    }
    fn first_time(&self, _: Key) -> Result<bool, StoreError> {
        dead()
    }
    fn remember(&self, _: Key) -> Result<(), StoreError> {
        dead()
    }
    fn record(&self, _: Key, _: bool, _: i64, _: i64) -> Result<(), StoreError> {
        dead()
    }
    fn rates(&self, _: Key, _: i64, _: i64) -> Result<Rates, StoreError> {
        dead()
    }
    fn open(&self, _: Key, _: i64, _: i64) -> Result<(), StoreError> {
        dead()
    }
    fn close(&self, _: Key) -> Result<(), StoreError> {
        dead()
    }
}

impl Approver for Dead {
    fn ask(&self, _: &AskedCall<'_>, _: AskedOf<'_>) -> Result<Put, ApproverError> {
        Err(ApproverError("dead".to_owned()))
    }
    fn redeem(&self, _: &AskedCall<'_>, _: &[&str]) -> Result<Answered, ApproverError> {
        Err(ApproverError("dead".to_owned()))
    }
    fn is_confirmed(&self, _: &AskedCall<'_>) -> Result<bool, ApproverError> {
        Err(ApproverError("dead".to_owned()))
    }
}

impl Witness for Dead {
    fn saw(&self, _: &Decision<'_>) -> Result<(), WitnessError> {
        Err(WitnessError("dead".to_owned()))
    }
}

#[test]
fn a_service_that_has_died_opens_nothing() {
    let healthy = Surroundings::default;
    let store = || Surroundings { store: Arc::new(Dead), ..Surroundings::default() };
    let approver = || Surroundings { approver: Some(Arc::new(Dead)), ..Surroundings::default() };
    let witness = || Surroundings { witness: Some(Arc::new(Dead)), ..Surroundings::default() };
    let decide = |rules: &str, around| within(rules, around).decide(LOOK.as_bytes()).verdict();
    for (rules, around) in [
        ("limit tool look to 5 per 10s", store()),
        ("prohibit tool look when not novel(id)", store()),
        (
            "breaker b on tool look opens when denials > 50% of at least 2 over 10s closes after 4s",
            store(),
        ),
        ("prohibit tool look when not confirmed by user", approver()),
        ("escalate tool look to \"lead\"", approver()),
        ("", witness()),
    ] {
        let rules = format!("scope {{ tool look }}\n{rules}");
        assert_eq!(decide(&rules, around), Verdict::Deny, "{rules}");
    }
    assert_eq!(decide("scope { tool look }", healthy()), Verdict::Allow);
}

#[test]
fn a_question_that_nobody_can_be_asked_is_no_permission() {
    let rules = "scope { tool look } escalate tool look to \"lead\"";
    let mut session = within(rules, Surroundings::default());
    for _ in 0..3 {
        assert_eq!(session.decide(LOOK.as_bytes()).verdict(), Verdict::Escalate);
    }
    // What the host has to do besides, and does not, is no permission either.
    let rules = "scope { tool look } use credential \"key\" for 5m on tool look";
    let decide = |duties| {
        let around = Surroundings { duties, ..Surroundings::default() };
        within(rules, around).decide(LOOK.as_bytes()).verdict()
    };
    assert_eq!(decide(Duties::default()), Verdict::Deny);
    assert_eq!(decide(Duties::ALL), Verdict::Allow);
}

#[test]
fn calls_that_race_do_not_share_the_last_place_of_a_limit() {
    let plan = plan(&policy("scope { tool look }\nlimit tool look to 3 per 10s"));
    for _ in 0..20 {
        let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
        let engine = Engine::new(Arc::clone(&plan), evaluator).unwrap();
        let allowed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number| {
                    let name = format!("s{number}");
                    let mut session = engine.session("mail", &name, b"{}").unwrap();
                    scope.spawn(move || session.decide(LOOK.as_bytes()).verdict())
                })
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().ok())
                .filter(|v| *v == Verdict::Allow)
                .count()
        });
        assert_eq!(allowed, 3);
    }
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let source = "guard 1\ntool look(id: string)\ndata ceiling: int\nagent mail(user: { id: string }) {\n  scope { tool look when id.length < ceiling and user.id != \"x\" }\n}\n";
    let engines = Engines::compile(source);
    assert!(engines.try_facts(br#"{"ceiling":3}"#).is_ok());
    assert!(engines.try_facts(br#"{"ceiling":3,"cieling":9}"#).is_err());
    assert!(engines.try_session("mail", r#"{"user":{"id":"u"}}"#).is_some());
    assert!(engines.try_session("mail", r#"{"user":{"id":"u"},"usr":{}}"#).is_none());
    assert!(engines.try_session("mail", r#"{"user":{"id":"u","role":"root"}}"#).is_none());
    let mut session = engines.session("mail", r#"{"user":{"id":"u"}}"#);
    let call =
        |args: &str| format!(r#"{{"type":"tool_call","id":"c","tool":"look","args":{args}}}"#);
    assert_eq!(session.decide(call(r#"{"id":"a"}"#).as_bytes())["decision"], "allow");
    assert_eq!(
        session.decide(call(r#"{"id":"a","recursive":true}"#).as_bytes())["decision"],
        "deny"
    );
    // The manifest's own keys: G0902, on its page.
}

#[test]
fn two_calls_that_leak_together_do_not_both_pass() {
    let rules = "scope { tool look, send_email }\nprohibit tool send_email when seen(look) and to.domain != \"acme.com\"";
    let send = r#"{"type":"tool_call","id":"d","tool":"send_email","args":{"to":"eve@evil.test","body":"x"}}"#;
    let engines = Engines::compile(&policy(rules));
    let mut session = engines.session("mail", "{}");
    assert_eq!(session.decide(send.as_bytes())["decision"], "allow");
    assert_eq!(session.decide(LOOK.as_bytes())["decision"], "allow");
    assert_eq!(session.decide(send.as_bytes())["decision"], "deny");
}

#[test]
fn an_approved_call_passes_once_and_only_as_it_was_approved() {
    let tickets = Arc::new(MemoryApprovals::new());
    let approver = Some(Arc::new(People::new(Arc::clone(&tickets) as _)) as _);
    let around = Surroundings { approver, ..Surroundings::default() };
    let mut session = within("scope { tool look } escalate tool look to \"lead\"", around);
    assert_eq!(session.decide(LOOK.as_bytes()).verdict(), Verdict::Escalate);
    let asked = tickets.list(&Filter::default()).unwrap();
    tickets.vote(&asked[0].id, "ada", &Ballot::Yes, 2_000).unwrap();
    let later = LOOK.replace("1000", "3000");
    let other = later.replace("\"id\":\"a\"", "\"id\":\"b\"");
    assert_eq!(session.decide(other.as_bytes()).verdict(), Verdict::Escalate);
    // The same call in another spelling, and with another id, needs no new approval; and has but one.
    let respelt = later.replace("\"a\"", "\"\\u0061\"").replace("\"c\"", "\"c2\"");
    assert_eq!(session.decide(respelt.as_bytes()).verdict(), Verdict::Allow);
    assert_eq!(session.decide(later.as_bytes()).verdict(), Verdict::Escalate);
}

// Commands are texts to us; paths and addresses are what can be spelt in many ways here.
#[test]
fn a_denied_value_that_is_spelt_otherwise_is_still_denied() {
    let source = "guard 1\ntool open(file: path?, page: url?)\nagent mail {\n  scope { tool open }\n  prohibit tool open when has file and file.within(\"/etc\")\n  prohibit tool open when has page and page.is_private\n}\n";
    let engines = Engines::compile(source);
    let decide = |key: &str, value: &str| {
        let value = serde_json::Value::from(value);
        let event =
            format!(r#"{{"type":"tool_call","id":"c","tool":"open","args":{{"{key}":{value}}}}}"#);
        engines.session("mail", "{}").decide(event.as_bytes())["decision"].clone()
    };
    for file in ["/etc/passwd", "/work/../etc/passwd", "//etc/./passwd", "/etc", "/etc/x/.."] {
        assert_eq!(decide("file", file), "deny", "{file}");
    }
    for page in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "HTTP://LocalHost/",
        "http://localhost./",
        "http:\\\\127.0.0.1\\x",
        "http://a@127.0.0.1:80/",
        "http://\u{ff11}27.0.0.1/",
    ] {
        assert_eq!(decide("page", page), "deny", "{page}");
    }
    assert_eq!(decide("file", "/work/etc/passwd"), "allow");
    assert_eq!(decide("page", "https://home.example/127.0.0.1"), "allow");
}

#[test]
fn a_denied_name_that_is_spelt_otherwise_is_still_denied() {
    let source = r#"guard 1
tool open(u: url?, h: host?)
agent a {
  scope { tool open }
  prohibit tool open when has u and has u.host and u.host == "evil.test"
  prohibit tool open when has h and h == "evil.test"
}
"#;
    let engines = Engines::compile(source);
    let decide = |tool: &str, args: &str| {
        let event = format!(r#"{{"type":"tool_call","id":"c","tool":"{tool}","args":{args}}}"#);
        engines.session("a", "{}").decide(event.as_bytes())["decision"].clone()
    };
    let names = ["EVIL.test", "evil.test.", r"\u0065vil.test", "\u{ff45}vil.test"];
    for name in names.into_iter().chain(["evil.test", "evil\u{3002}test"]) {
        assert_eq!(decide("open", &format!(r#"{{"h":"{name}"}}"#)), "deny", "{name}");
        assert_eq!(
            decide("open", &format!(r#"{{"u":"https://a@{name}:443/"}}"#)),
            "deny",
            "{name}"
        );
    }
    assert_eq!(decide("open", r#"{"u":"https://ev%69l.test/"}"#), "deny");
    assert_eq!(decide("open", r#"{"h":"good.test","u":"https://good.test/"}"#), "allow");
    // A tool in another spelling is one that nobody declared.
    for tool in ["Open", "open ", "o\u{440}en", r"open\u0000", "open()"] {
        assert_eq!(decide(tool, "{}"), "deny", "{tool}");
    }
}

/// A denied command re-expressed: wrapped, quoted, with its options in another order, decoded on the way.
#[test]
fn a_denied_command_that_is_expressed_otherwise_is_still_denied() {
    let declarations = "tool run(line: command)\n";
    let rules = "scope { tool run } prohibit tool run when \"rm\" in line.programs \
                 or (any x in line.commands : x matches r\"git push .*-f.*\")";
    let decide = |line: &str| {
        let args = serde_json::json!({"line": line});
        let event =
            serde_json::json!({"type": "tool_call", "id": "c", "tool": "run", "args": args});
        let source = format!("guard 1\n{declarations}agent a {{ {rules} }}");
        let compiled = plan(&source);
        let interpreter = Box::new(Interpreter::new(Arc::clone(&compiled)));
        let engine = Engine::new(compiled, interpreter).unwrap();
        engine.session("a", "s", b"{}").unwrap().decide(event.to_string().as_bytes()).verdict()
    };
    for line in [
        "rm x",
        "/bin/rm x",
        "\\rm x",
        "r''m x",
        "sudo -n rm x",
        "sh -c 'rm x'",
        "bash -lc \"rm x\"",
        "x=rm; $x x",
        "env A=1 nice rm x",
        "echo x | xargs rm",
        "find . -exec rm {} +",
        "true && rm x",
        "echo `rm x`",
        "eval 'r''m x'",
        "echo cm0geA== | base64 -d | sh",
        "$(printf rm) x",
        "if true; then rm x; fi",
        "git push origin main --force",
        "git -C /srv push -f origin",
        "git push origin -uf main",
        // What cannot be read is not let through.
        "rm 'x",
    ] {
        assert_eq!(decide(line), Verdict::Deny, "{line}");
    }
    for line in ["ls rm", "echo 'rm x'", "git push origin main", "grep -r rm ."] {
        assert_eq!(decide(line), Verdict::Allow, "{line}");
    }
}

/// Names of tables are compared without case on both sides: `'Users' in q.tables` fires on `users`.
#[test]
fn case_does_not_hide_a_table_on_either_side() {
    let decide = |condition: &str, text: &str| {
        let args = serde_json::json!({"q": text});
        let event =
            serde_json::json!({"type": "tool_call", "id": "c", "tool": "ask", "args": args});
        let source = format!(
            "guard 1\ntool ask(q: sql)\nagent a {{ scope {{ tool ask }} prohibit tool ask when {condition} }}"
        );
        let compiled = plan(&source);
        let interpreter = Box::new(Interpreter::new(Arc::clone(&compiled)));
        let engine = Engine::new(compiled, interpreter).unwrap();
        engine.session("a", "s", b"{}").unwrap().decide(event.to_string().as_bytes()).verdict()
    };
    for condition in [
        "\"Users\" in q.tables",
        "any t in q.tables : t == \"USERS\"",
        "any t in q.tables : t starts with \"Use\"",
        "any t in q.tables : t in [\"Users\", \"Roles\"]",
    ] {
        for text in ["select * from users", "SELECT * FROM USERS", "select * from \"Users\" u"] {
            assert_eq!(decide(condition, text), Verdict::Deny, "{condition}: {text}");
        }
        assert_eq!(decide(condition, "select 'users' from t"), Verdict::Allow, "{condition}");
    }
}
