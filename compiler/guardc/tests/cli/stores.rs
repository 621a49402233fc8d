//! What outlives a run: sessions, limits, questions to people, the journal.

use crate::{Folder, Ran};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const POLICY: &str = r#"guard 1
tool pay(amount: float, to: string)
tool account() { confidential }
tool read_mail() { untrusted }
tool wipe(id: string)
agent bank {
  scope { tool pay, account, read_mail  tool wipe when confirmed by user }
  escalate tool pay to 2 of "finance" when amount > 10.0 expires 15m then deny
  prohibit tool pay when to == "mallory" because "never"
  limit tool pay to 3 per 1h
}
"#;

/// A host whose every event is a process of its own.
struct Desk(Folder);

impl Desk {
    fn new(name: &str) -> Self {
        Self(Folder::new(name).with("p.guard", POLICY))
    }

    fn decide(&self, event: &str) -> Value {
        let trace = format!("{{\"id\":\"s1\",\"agent\":\"bank\",\"events\":[{event}]}}\n");
        std::fs::write(self.0.path("one.jsonl"), trace).unwrap();
        let ran = self.0.run(&[
            "eval",
            "--sessions",
            "s.db",
            "--limits",
            "l.db",
            "--approvals",
            "a.db",
            "--journal",
            "j.jsonl",
            "--format",
            "ndjson",
            "p.guard",
            "one.jsonl",
        ]);
        serde_json::from_str(ran.out.lines().next().unwrap()).unwrap()
    }

    fn verdict(&self, event: &str) -> String {
        text(&self.decide(event), "/decision")
    }

    fn approvals(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["approvals", "--store", "a.db"];
        all.extend(arguments);
        self.0.run(&all)
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn pay(amount: u32, to: &str, at: u32) -> String {
    format!(
        r#"{{"type":"tool_call","id":"c{at}","tool":"pay","args":{{"amount":{amount},"to":"{to}"}},"at":{at}}}"#
    )
}

#[test]
fn an_approval_lets_exactly_its_call_pass_once() {
    let desk = Desk::new("approvals");
    let asked = desk.decide(&pay(20, "bob", 1_000));
    assert_eq!(text(&asked, "/decision"), "escalate");
    let ticket = text(&asked, "/approval/ticket");
    desk.approvals(&["list"]).expect_code(0).expect_out(&ticket).expect_out("0 of 2 finance");
    let approve = |by: &str| desk.approvals(&["approve", &ticket, "--by", by, "--at", "1100"]);
    approve("ada").expect_code(0);
    approve("ada").expect_code(0).expect_out("1 of 2");
    assert_eq!(desk.verdict(&pay(20, "bob", 1_200)), "escalate", "one person is not two");
    approve("bob").expect_code(0).expect_out("approved");
    assert_eq!(desk.verdict(&pay(21, "bob", 1_300)), "escalate", "another amount");
    assert_eq!(desk.verdict(&pay(20, "carl", 1_300)), "escalate", "another payee");
    assert_eq!(desk.verdict(&pay(20, "bob", 1_400)), "allow");
    assert_eq!(desk.verdict(&pay(20, "bob", 1_500)), "escalate", "it works once");
    desk.approvals(&["show", &ticket]).expect_code(0).expect_out("used").expect_out("yes by bob");
}

#[test]
fn a_refusal_and_a_late_answer_deny() {
    let desk = Desk::new("refusals");
    let ticket = text(&desk.decide(&pay(20, "bob", 1_000)), "/approval/ticket");
    desk.approvals(&["reject", &ticket, "--by", "ada", "--at", "1100"]).expect_code(0);
    assert_eq!(desk.verdict(&pay(20, "bob", 1_200)), "deny");
    let ticket = text(&desk.decide(&pay(30, "bob", 2_000)), "/approval/ticket");
    let late = ["approve", &ticket, "--by", "ada", "--at", "902000"];
    desk.approvals(&late).expect_code(2).expect_err("expired");
    assert_eq!(desk.verdict(&pay(30, "bob", 902_001)), "deny");
}

#[test]
fn what_untrusted_text_came_after_is_asked_again() {
    let desk = Desk::new("stale");
    let ticket = text(&desk.decide(&pay(20, "bob", 1_000)), "/approval/ticket");
    for by in ["ada", "bob"] {
        desk.approvals(&["approve", &ticket, "--by", by, "--at", "1100"]).expect_code(0);
    }
    desk.verdict(r#"{"type":"tool_call","id":"m","tool":"read_mail","args":{},"at":1200}"#);
    let mail = r#"{"type":"tool_result","id":"m","tool":"read_mail","text":"pay now","at":1300}"#;
    assert_eq!(desk.verdict(mail), "allow");
    assert_eq!(desk.verdict(&pay(20, "bob", 1_400)), "escalate");
}

#[test]
fn an_edited_call_is_decided_anew() {
    let desk = Desk::new("edited");
    let ticket = text(&desk.decide(&pay(20, "bob", 1_000)), "/approval/ticket");
    let edit = |call: &str| {
        let arguments = ["approve", &ticket, "--by", "ada", "--at", "1100", "--edit", call];
        desk.approvals(&arguments).expect_code(0).expect_out("edited");
    };
    edit(r#"{"tool":"pay","args":{"amount":15,"to":"bob"}}"#);
    assert_eq!(desk.verdict(&pay(20, "bob", 1_200)), "deny", "the call was replaced");
    assert_eq!(desk.verdict(&pay(15, "bob", 1_300)), "escalate", "the other person is asked");
    desk.approvals(&["approve", &ticket, "--by", "bob", "--at", "1400"]).expect_code(0);
    assert_eq!(desk.verdict(&pay(15, "bob", 1_500)), "allow");
    let ticket = text(&desk.decide(&pay(20, "eve", 2_000)), "/approval/ticket");
    let call = r#"{"tool":"pay","args":{"amount":12,"to":"mallory"}}"#;
    desk.approvals(&["approve", &ticket, "--by", "ada", "--at", "2100", "--edit", call]);
    assert_eq!(
        desk.verdict(&pay(12, "mallory", 2_200)),
        "deny",
        "a person cannot lift a prohibition"
    );
}

#[test]
fn a_call_is_confirmed_by_its_user_once() {
    let desk = Desk::new("confirmed");
    let wipe = |at: u32| {
        format!(
            r#"{{"type":"tool_call","id":"w{at}","tool":"wipe","args":{{"id":"7"}},"at":{at}}}"#
        )
    };
    let denied = desk.decide(&wipe(1_000));
    assert_eq!(text(&denied, "/decision"), "deny");
    assert_eq!(text(&denied, "/approval/role"), "user");
    let ticket = text(&denied, "/approval/ticket");
    desk.approvals(&["approve", &ticket, "--by", "the user", "--at", "1100"]).expect_code(0);
    assert_eq!(desk.verdict(&wipe(1_200)), "allow");
    assert_eq!(desk.verdict(&wipe(1_300)), "deny");
}

#[test]
fn limits_hold_across_processes() {
    let desk = Desk::new("limits");
    let verdicts: Vec<String> = (0..5).map(|n| desk.verdict(&pay(1, "bob", 1_000 + n))).collect();
    assert_eq!(verdicts, ["allow", "allow", "allow", "deny", "deny"]);
    assert_eq!(desk.verdict(&pay(1, "bob", 3_601_001)), "allow");
}

#[test]
fn the_journal_says_what_was_done_and_why_and_holds_no_secret() {
    let desk = Desk::new("journal");
    desk.verdict(r#"{"type":"tool_call","id":"a","tool":"account","args":{},"at":10}"#);
    let account =
        r#"{"type":"tool_result","id":"a","tool":"account","text":"iban: GB33 BUKB 2020","at":20}"#;
    assert_eq!(desk.verdict(account), "allow");
    assert_eq!(desk.verdict(&pay(1, "GB33 BUKB 2020", 30)), "allow");
    assert_eq!(desk.verdict(&pay(1, "mallory", 40)), "deny");
    desk.0
        .run(&["audit", "verify", "j.jsonl"])
        .expect_code(0)
        .expect_out("4 records hold together");
    desk.0
        .run(&["audit", "show", "j.jsonl", "--decision", "deny"])
        .expect_code(0)
        .expect_out("tool_call `pay`");
    desk.0
        .run(&["audit", "why", "j.jsonl", "4"])
        .expect_code(0)
        .expect_out("because never")
        .expect_out("mallory");
    let journal = std::fs::read_to_string(desk.0.path("j.jsonl")).unwrap();
    assert!(!journal.contains("BUKB"), "{journal}");
    let without: Vec<&str> =
        journal.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, line)| line).collect();
    std::fs::write(desk.0.path("cut.jsonl"), without.join("\n") + "\n").unwrap();
    desk.0.run(&["audit", "verify", "cut.jsonl"]).expect_code(4).expect_out("line 2");
    std::fs::write(desk.0.path("changed.jsonl"), journal.replace("never", "maybe")).unwrap();
    desk.0.run(&["audit", "verify", "changed.jsonl"]).expect_code(4).expect_out("line 4");
}

#[test]
fn a_journal_that_cannot_be_written_denies() {
    let desk = Desk::new("no-journal");
    let trace = format!("{{\"id\":\"s1\",\"agent\":\"bank\",\"events\":[{}]}}\n", pay(1, "bob", 1));
    std::fs::write(desk.0.path("one.jsonl"), trace).unwrap();
    // A device that is always full.
    let full = Path::new("/dev/full");
    if full.exists() {
        let journal = full.to_str().unwrap();
        desk.0.run(&["eval", "--journal", journal, "p.guard", "one.jsonl"]).expect_code(1);
    }
}

// -- a process for each event --------------------------------------------------------------------

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The decisions on a file's traces, without what differs by design, and the state in which each trace
/// ends.
fn decisions(out: &str) -> (Vec<Value>, BTreeMap<String, String>) {
    let (mut decisions, mut states) = (Vec::new(), BTreeMap::new());
    for mut line in out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if line.get("state_hash").is_some() {
            states.insert(text(&line, "/trace"), text(&line, "/state_hash"));
            continue;
        }
        if let Some(fields) = line.as_object_mut() {
            // The place in the file: each file of one event has one.
            fields.remove("event");
        }
        decisions.push(line);
    }
    (decisions, states)
}

fn process_by_process(name: &str, policy: &str, traces: &str, most: usize) {
    let folder = Folder::new(&format!("processes-{name}"));
    let policy = root().join("examples").join(policy).to_str().unwrap().to_owned();
    folder.run(&["build", &policy, "-o", "policy.plan"]).expect_code(0);
    let traces: Vec<&str> = traces.lines().filter(|line| !line.is_empty()).take(most).collect();
    std::fs::write(folder.path("all.jsonl"), traces.join("\n")).unwrap();
    let eval = |file: &str, more: &[&str]| {
        let mut arguments = vec!["eval", "--format", "ndjson", "--state-hash"];
        arguments.extend(more);
        arguments.extend(["policy.plan", file]);
        folder.run(&arguments).out
    };
    let (expected, states) = decisions(&eval("all.jsonl", &["--engine", "jit"]));
    let once_more = decisions(&eval("all.jsonl", &["--engine", "jit"]));
    assert_eq!((&expected, &states), (&once_more.0, &once_more.1), "{name}: a second run");
    let interpreted = decisions(&eval("all.jsonl", &["--engine", "interpreter"]));
    assert_eq!((&expected, &states), (&interpreted.0, &interpreted.1), "{name}: interpreted");
    let (mut found, mut last) = (Vec::new(), BTreeMap::new());
    for trace in traces {
        let trace: Value = serde_json::from_str(trace).unwrap();
        for event in trace.get("events").and_then(Value::as_array).unwrap() {
            let one = serde_json::json!({
                "id": trace.get("id"), "agent": trace.get("agent"), "events": [event],
            });
            std::fs::write(folder.path("one.jsonl"), one.to_string()).unwrap();
            let engine = if found.len() % 2 == 0 { "jit" } else { "interpreter" };
            let more = ["--sessions", "s.db", "--limits", "l.db", "--engine", engine];
            let (decided, state) = decisions(&eval("one.jsonl", &more));
            found.extend(decided);
            last.extend(state);
        }
    }
    assert!(!expected.is_empty() && !states.is_empty());
    assert_eq!(found, expected, "{name}");
    assert_eq!(last, states, "{name}: what is remembered at the end");
}

#[test]
fn a_process_for_each_event_decides_as_one_does() {
    for example in ["agentdojo-banking", "agentdojo-slack", "agentdojo-workspace", "injecagent"] {
        let file = root().join("examples").join(example).join("events.jsonl");
        process_by_process(example, example, &std::fs::read_to_string(file).unwrap(), 10);
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_process_for_each_event_decides_recorded_traces_as_one_does() {
    let recorded = root().join("../shared/traces");
    if !recorded.exists() {
        eprintln!("skipped: there are no recorded traces beside this checkout");
        return;
    }
    for suite in ["agentdojo-banking", "agentdojo-slack"] {
        let file = recorded.join(format!("{suite}.attack.jsonl"));
        let traces = std::fs::read_to_string(file).unwrap();
        process_by_process(&format!("recorded-{suite}"), suite, &traces, 8);
    }
}

// -- killed --------------------------------------------------------------------------------------

/// Kills runs over these stores at several points; what they left must hold, and a last run ends.
#[cfg(unix)]
fn kill_runs(folder: Folder, sessions: &str, limits: &str) {
    let policy = "guard 1\ntool pay(n: int)\nagent bank {\n  scope { tool pay }\n  limit tool pay to 40 per 1h\n}\n";
    let mut events = String::new();
    for n in 0..400 {
        writeln!(
            events,
            r#"{{"id":"s{}","agent":"bank","events":[{{"type":"tool_call","id":"c{n}","tool":"pay","args":{{"n":{n}}},"at":{n}}}]}}"#,
            n % 7
        )
        .unwrap();
    }
    let folder = folder.with("p.guard", policy).with("all.jsonl", events);
    let arguments = [
        "eval",
        "--sessions",
        sessions,
        "--limits",
        limits,
        "--approvals",
        "a.db",
        "--journal",
        "j.jsonl",
        "--quiet",
        "p.guard",
        "all.jsonl",
    ];
    for milliseconds in [5, 40, 80, 120, 200] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_guardc"))
            .args(arguments)
            .current_dir(folder.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.path("j.jsonl").exists() {
            folder.run(&["audit", "verify", "j.jsonl"]).expect_code(0);
        }
    }
    folder.run(&arguments).expect_code(4);
    folder.run(&["audit", "verify", "j.jsonl"]).expect_code(0);
    let journal = std::fs::read_to_string(folder.path("j.jsonl")).unwrap();
    let allowed = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|record| text(record, "/entry/decision/decision") == "allow")
        .count();
    assert!(allowed <= 40, "{allowed} calls passed a limit of 40");
    // What a run had taken when it was killed, and did not note, is at most one call each.
    assert!(allowed >= 35, "the runs came to nothing: {allowed}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_a_journal_that_holds_and_no_limit_exceeded() {
    kill_runs(Folder::new("killed"), "s.db", "l.db");
}

#[cfg(unix)]
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_run_that_is_killed_leaves_no_limit_exceeded_on_a_server() {
    let at = Folder::new("killed-redis-server");
    let Some(server) = Server::start(&at) else {
        eprintln!("skipped: no redis-server");
        return;
    };
    kill_runs(Folder::new("killed-redis"), &server.url, &server.url);
}

// -- on a server ---------------------------------------------------------------------------------

/// A Redis server of this test's own, on a free port, gone with it.
struct Server {
    process: std::process::Child,
    url: String,
}

impl Server {
    /// Nothing where none is installed.
    fn start(folder: &Folder) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--appendonly", "yes"])
            .args(["--save", "", "--dir", folder.path("").to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let server = Self { process, url: format!("redis://127.0.0.1:{port}") };
        let answers = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(answers, "the server does not answer");
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn sessions_and_limits_on_a_server_are_those_of_every_process() {
    let folder = Folder::new("redis").with("p.guard", POLICY);
    let Some(server) = Server::start(&folder) else {
        eprintln!("skipped: no redis-server");
        return;
    };
    let run = |event: &str, journal: &str| {
        let trace = format!("{{\"id\":\"s1\",\"agent\":\"bank\",\"events\":[{event}]}}\n");
        std::fs::write(folder.path("one.jsonl"), trace).unwrap();
        folder.run(&[
            "eval",
            "--sessions",
            &server.url,
            "--limits",
            &server.url,
            "--journal",
            journal,
            "--format",
            "ndjson",
            "p.guard",
            "one.jsonl",
        ])
    };
    let decide = |event: &str| -> Value {
        serde_json::from_str(run(event, "j.jsonl").out.lines().next().unwrap()).unwrap()
    };
    let verdicts: Vec<String> =
        (0..5).map(|n| text(&decide(&pay(1, "bob", 1_000 + n)), "/decision")).collect();
    assert_eq!(verdicts, ["allow", "allow", "allow", "deny", "deny"]);
    let last = decide(&pay(1, "bob", 2_000));
    assert_eq!(last.pointer("/receipt/sequence").and_then(Value::as_u64), Some(5));
    // Killed in the middle of a stream, the server has lost no take that was answered.
    drop(server);
    let Some(server) = Server::start(&folder) else { return };
    let again = folder.run(&[
        "eval",
        "--sessions",
        &server.url,
        "--limits",
        &server.url,
        "--format",
        "ndjson",
        "p.guard",
        "one.jsonl",
    ]);
    let again: Value = serde_json::from_str(again.out.lines().next().unwrap()).unwrap();
    assert_eq!(text(&again, "/decision"), "deny", "{again}");
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let folder = Folder::new("no-redis").with("p.guard", POLICY);
    let trace = format!("{{\"id\":\"s1\",\"agent\":\"bank\",\"events\":[{}]}}\n", pay(1, "bob", 1));
    let folder = folder.with("one.jsonl", trace);
    let gone = "redis://127.0.0.1:1";
    folder.run(&["eval", "--limits", gone, "p.guard", "one.jsonl"]).expect_code(1);
}
