//! A service that answers, and services that are slow, wrong or dead; each is a server of its own here.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use guard_db::GuardDatabase;
use guard_engine::{Duties, Engine, Interpreter, Surroundings};
use guard_plan::Verdict;
use guard_service::HttpServices;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Starts a server for some connections; its address. It ends with the test.
fn serve(connections: usize, answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/score", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for _ in 0..connections {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let question = read_request(&mut stream);
            answer(&mut stream, &question);
        }
    });
    address
}

/// The body of a request with a length.
fn read_request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        read.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&read).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

fn respond(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    // Who asked may have gone.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

/// The verdict on an input under a rule that refuses scores of 0.5 and more.
fn verdict(address: &str, on_error: &str, text: &str) -> Verdict {
    verdict_within(address, on_error, text, "5s")
}

fn verdict_within(address: &str, on_error: &str, text: &str, timeout: &str) -> Verdict {
    let policy = format!(
        "guard 1\ndetector mood = service \"{address}\" timeout {timeout} on error {on_error}\n\
         agent a {{ prohibit input when mood.score(text) >= 0.5 }}"
    );
    let compiled =
        guard_lower::compile_texts(&GuardDatabase::default(), "test", &[("a.guard", &policy)]);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
    let around = Surroundings {
        duties: Duties::ALL,
        services: Some(Arc::new(HttpServices::default())),
        ..Surroundings::default()
    };
    let engine = Engine::within(plan, interpreter, around).unwrap();
    let event = serde_json::json!({"type": "input", "text": text}).to_string();
    engine.session("a", "s", b"{}").unwrap().decide(event.as_bytes()).verdict()
}

#[test]
fn a_service_that_answers_decides() {
    let address = serve(2, |stream, question| {
        let question: serde_json::Value = serde_json::from_str(question).unwrap();
        assert_eq!(question["detector"], "mood");
        let score = if question["text"] == "grim \"é\"" { 0.75 } else { 0.25 };
        respond(stream, "200 OK", &format!("{{\"score\": {score}, \"model\": \"m\"}}"));
    });
    assert_eq!(verdict(&address, "deny", "grim \"é\""), Verdict::Deny);
    assert_eq!(verdict(&address, "deny", "bright"), Verdict::Allow);
}

#[test]
fn a_service_that_answers_wrongly_has_not_answered() {
    let wrong: [(&str, String); 8] = [
        ("500 Internal Server Error", "{\"score\": 0.1}".into()),
        ("302 Found", "{\"score\": 0.1}".into()),
        ("200 OK", "{\"score\": 1.5}".into()),
        ("200 OK", "{\"score\": \"0.1\"}".into()),
        ("200 OK", "{\"score\": 1e999}".into()),
        ("200 OK", "score: 0.1".into()),
        ("200 OK", String::new()),
        ("200 OK", format!("{{\"score\": 0.1, \"why\": \"{}\"}}", "x".repeat(70_000))),
    ];
    for (status, body) in wrong {
        let shown = format!("{status} {}", &body.chars().take(40).collect::<String>());
        let answer = move |stream: &mut TcpStream, _: &str| respond(stream, status, &body);
        let address = serve(2, answer);
        assert_eq!(verdict(&address, "deny", "x"), Verdict::Deny, "{shown}");
        assert_eq!(verdict(&address, "allow", "x"), Verdict::Allow, "{shown}");
    }
}

#[test]
fn a_service_that_is_slow_has_not_answered() {
    let (send, wait) = std::sync::mpsc::channel::<()>();
    let address = serve(1, move |stream, _| {
        // Not before the verdict is there, whatever the time.
        let _ = wait.recv();
        respond(stream, "200 OK", "{\"score\": 0.1}");
    });
    assert_eq!(verdict_within(&address, "deny", "x", "50ms"), Verdict::Deny);
    drop(send);
}

#[test]
fn a_service_that_drips_has_not_answered() {
    let (send, wait) = std::sync::mpsc::channel::<()>();
    let address = serve(1, move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"score\":");
        let _ = wait.recv();
    });
    assert_eq!(verdict_within(&address, "deny", "x", "100ms"), Verdict::Deny);
    drop(send);
}

#[test]
fn a_service_that_is_dead_has_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/score", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(verdict(&address, "deny", "x"), Verdict::Deny);
    assert_eq!(verdict(&address, "allow", "x"), Verdict::Allow);
    let address = serve(1, |_, _| {});
    assert_eq!(verdict(&address, "deny", "x"), Verdict::Deny);
}
