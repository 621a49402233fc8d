//! The classes of defect found in systems of this kind, each as a test that it cannot happen here.
//! Those about streams and about hooks of other programs come with those parts; that no pattern is
//! compiled for a decision is counted by `agent_guard`'s test of allocations.

use guard_engine::{
    Answered, Approver, ApproverError, AskedCall, AskedOf, Decision, Engine, Interpreter, Put,
    Surroundings, Witness, WitnessError,
};
use guard_host::People;
use guard_journal::{ApprovalStore as _, Ballot, Filter, MemoryApprovals};
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

fn call(tool: &str, arguments: &str) -> String {
    format!(r#"{{"type":"tool_call","id":"c","tool":"{tool}","args":{arguments},"at":1000}}"#)
}

fn engine(source: &str, around: Surroundings) -> Engine {
    let plan = plan(source);
    let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
    Engine::within(plan, evaluator, around).unwrap()
}

/// What the host keeps or asks, gone.
#[derive(Debug)]
struct Dead;

fn gone<T>() -> Result<T, StoreError> {
    Err(StoreError::Unreachable("gone".to_owned()))
}

impl StateStore for Dead {
    fn claim(&self, _: &[Claim], _: i64, _: u64) -> Result<Claimed, StoreError> {
        gone()
    }
    fn give_back(&self, _: &[Claim], _: u64) -> Result<(), StoreError> {
        gone()
    }
    fn peek(&self, _: &[Claim], _: i64) -> Result<Claimed, StoreError> {
        gone()
    }
    fn first_time(&self, _: Key) -> Result<bool, StoreError> {
        gone()
    }
    fn remember(&self, _: Key) -> Result<(), StoreError> {
        gone()
    }
    fn record(&self, _: Key, _: bool, _: i64, _: i64) -> Result<(), StoreError> {
        gone()
    }
    fn rates(&self, _: Key, _: i64, _: i64) -> Result<Rates, StoreError> {
        gone()
    }
    fn open(&self, _: Key, _: i64, _: i64) -> Result<(), StoreError> {
        gone()
    }
    fn close(&self, _: Key) -> Result<(), StoreError> {
        gone()
    }
}

impl Approver for Dead {
    fn ask(&self, _: &AskedCall<'_>, _: AskedOf<'_>) -> Result<Put, ApproverError> {
        Err(ApproverError("gone".to_owned()))
    }
    fn redeem(&self, _: &AskedCall<'_>, _: &[&str]) -> Result<Answered, ApproverError> {
        Err(ApproverError("gone".to_owned()))
    }
    fn is_confirmed(&self, _: &AskedCall<'_>) -> Result<bool, ApproverError> {
        Err(ApproverError("gone".to_owned()))
    }
}

impl Witness for Dead {
    fn saw(&self, _: &Decision<'_>) -> Result<(), WitnessError> {
        Err(WitnessError("gone".to_owned()))
    }
}

#[test]
fn a_part_of_the_host_that_dies_opens_nothing() {
    let usual = Surroundings::default;
    let store = || Surroundings { store: Arc::new(Dead), ..usual() };
    let people = || Surroundings { approver: Some(Arc::new(Dead)), ..usual() };
    let audit = || Surroundings { witness: Some(Arc::new(Dead)), ..usual() };
    for (rules, around) in [
        ("limit tool look to 3 per 1m", store()),
        ("prohibit tool look when novel(id)", store()),
        (
            "breaker b on tool look opens when failures > 5% of at least 20 over 1m closes after 1m then deny",
            store(),
        ),
        ("halt agent on tool look when id == \"never\"", store()),
        ("escalate tool look to \"owner\"", people()),
        ("prohibit tool look when not (confirmed by user)", people()),
        ("", audit()),
    ] {
        let source = policy(&format!("scope {{ tool look }} {rules}"));
        let engine = engine(&source, around);
        let mut session = engine.session("mail", "s", b"{}").unwrap();
        let verdict = session.decide(call("look", r#"{"id":"a"}"#).as_bytes()).verdict();
        assert_eq!(verdict, Verdict::Deny, "{rules}");
    }
}

#[test]
fn a_question_or_a_duty_that_the_host_does_not_know_is_not_an_allow() {
    for (rules, verdict) in [
        ("escalate tool look to \"owner\"", Verdict::Escalate),
        ("prohibit tool look when not (confirmed by user)", Verdict::Deny),
        ("use credential \"key\" on tool look", Verdict::Deny),
        ("review 100% of tool look", Verdict::Deny),
    ] {
        let source = policy(&format!("scope {{ tool look }} {rules}"));
        let engine = engine(&source, Surroundings::default());
        let mut session = engine.session("mail", "s", b"{}").unwrap();
        for _ in 0..2 {
            let event = call("look", r#"{"id":"a"}"#);
            assert_eq!(session.decide(event.as_bytes()).verdict(), verdict, "{rules}");
        }
    }
}

#[test]
fn a_key_that_nobody_reads_is_refused() {
    let source = "guard 1
tool t(n: int)
data most: int
agent a(user: string) { scope { tool t }\n prohibit tool t when n > most or user == \"x\" }
";
    let engine = engine(source, Surroundings::default());
    assert!(engine.set_facts(br#"{"most":5}"#).is_ok());
    assert!(engine.set_facts(br#"{"most":5,"mots":2}"#).is_err());
    assert!(engine.session("a", "s", br#"{"user":"u","usre":"v"}"#).is_err());
    let mut session = engine.session("a", "s", br#"{"user":"u"}"#).unwrap();
    let mut verdict = |arguments| session.decide(call("t", arguments).as_bytes()).verdict();
    assert_eq!(verdict(r#"{"n":1}"#), Verdict::Allow);
    assert_eq!(verdict(r#"{"n":1,"m":1}"#), Verdict::Deny);
}

#[test]
fn two_calls_that_are_each_allowed_do_not_leak_together() {
    let rules = "scope { tool look, send_email }
prohibit tool send_email when seen(look) and to.domain != \"acme.com\"";
    let engines = Engines::compile(&policy(rules));
    let outside = call("send_email", r#"{"to":"a@other.test","body":"x"}"#);
    let inside = call("send_email", r#"{"to":"a@acme.com","body":"x"}"#);
    let look = call("look", r#"{"id":"a"}"#);
    let mut session = engines.session("mail", "{}");
    for (event, verdict) in
        [(&outside, "allow"), (&look, "allow"), (&outside, "deny"), (&inside, "allow")]
    {
        assert_eq!(session.decide(event.as_bytes())["decision"], verdict, "{event}");
    }
}

#[test]
fn an_approved_call_runs_once_and_is_not_retyped() {
    let tickets = Arc::new(MemoryApprovals::new());
    let approver = Some(Arc::new(People::new(Arc::clone(&tickets) as _)) as _);
    let source = policy("scope { tool send_email } escalate tool send_email to \"owner\"");
    let engine = engine(&source, Surroundings { approver, ..Surroundings::default() });
    let mut session = engine.session("mail", "s", b"{}").unwrap();
    let mut verdict = |id: &str, arguments: &str| {
        let event = call("send_email", arguments).replace("\"c\"", &format!("\"{id}\""));
        session.decide(event.as_bytes()).verdict()
    };
    let asked = r#"{"to":"a@acme.com","body":"x"}"#;
    assert_eq!(verdict("1", asked), Verdict::Escalate);
    let ticket = tickets.list(&Filter::default()).unwrap().remove(0);
    tickets.vote(&ticket.id, "ann", &Ballot::Yes, 1_000).unwrap();
    let other = r#"{"to":"b@acme.com","body":"x"}"#;
    assert_eq!(verdict("2", other), Verdict::Escalate, "the yes was about another call");
    // The agent tries again: another id, another order of the keys, the same call.
    assert_eq!(verdict("3", r#"{"body":"x","to":"a@acme.com"}"#), Verdict::Allow);
    assert_eq!(verdict("4", asked), Verdict::Escalate, "the yes was used up");
}

const OPEN: &str = r#"guard 1
tool open(p: path?, u: url?, h: host?)
agent a {
  scope { tool open }
  prohibit tool open when has p and p.within("/etc")
  prohibit tool open when has u and (u.is_private or (has u.host and u.host == "evil.test"))
  prohibit tool open when has h and h == "evil.test"
}
"#;

#[test]
fn what_is_denied_does_not_pass_in_another_spelling() {
    let engines = Engines::compile(OPEN);
    let check = |key: &str, value: &str, wanted: &str| {
        let event = call("open", &format!(r#"{{"{key}":"{value}"}}"#));
        let decision = engines.session("a", "{}").decide(event.as_bytes());
        assert_eq!(decision["decision"], wanted, "{value}");
    };
    for (key, value) in [("p", "/home/etc"), ("u", "https://good.test/"), ("h", "good.test")] {
        check(key, value, "allow");
    }
    for path in ["/etc/x", "/etc/./x", "//etc//x", "/usr/../etc/x", "/etc/x/..", "/../etc"] {
        check("p", path, "deny");
    }
    for url in [
        "https://evil.test/",
        "https://EVIL.TEST:443",
        "https://ev%69l.test/",
        "https://evil\u{3002}test/",
        "https://a@evil.test/",
        r"https:\\\\evil.test",
        "https://evil.test./",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        check("u", url, "deny");
    }
    for host in ["evil.test", "EVIL.test", "evil.test.", r"\u0065vil.test", "\u{ff45}vil.test"] {
        check("h", host, "deny");
    }
}

#[test]
fn a_tool_in_another_spelling_is_a_tool_that_nobody_declared() {
    let engines = Engines::compile(OPEN);
    for tool in ["Open", "open ", "o\u{440}en", r"open\u0000", "open()"] {
        let decision = engines.session("a", "{}").decide(call(tool, "{}").as_bytes());
        assert_eq!(decision["decision"], "deny", "{tool}");
    }
}
