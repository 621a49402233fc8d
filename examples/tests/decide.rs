//! The small host decides as it says.

use guard_db::GuardDatabase;
use std::io::Write;
use std::process::{Command, Stdio};

const POLICY: &str = r#"guard 1
tool pay(to: string, amount: float)
agent bank {
  scope { tool pay }
  prohibit tool pay when not to from user respond "Tell me yourself whom to pay."
  use credential "payments" on tool pay
}
"#;

#[test]
fn a_host_of_forty_lines_decides_a_session() {
    let files = [("bank.guard", POLICY)];
    let compiled = guard_lower::compile_texts(&GuardDatabase::default(), "bank", &files);
    let plan = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("decide.plan");
    std::fs::write(&plan, compiled.plan.unwrap().encode()).unwrap();
    let mut host = Command::new(env!("CARGO_BIN_EXE_decide"))
        .args([plan.to_str().unwrap(), "bank", "{}"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let events = r#"{"type":"input","text":"pay Ann 5"}
{"type":"tool_call","id":"1","tool":"pay","args":{"to":"Ann","amount":5}}
{"type":"tool_call","id":"2","tool":"pay","args":{"to":"Eve","amount":5}}
"#;
    host.stdin.take().unwrap().write_all(events.as_bytes()).unwrap();
    let output = host.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "allow\nallow\ndeny: Tell me yourself whom to pay.\n");
}
