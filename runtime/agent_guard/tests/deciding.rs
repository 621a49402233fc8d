//! What an embedder relies on: nothing unreadable passes, both kinds of engine agree, threads share
//! an engine.

mod plans {
    include!("plans/mail.rs");
}

use agent_guard::{Engine, EngineKind, Event, Session, Value, Verdict};
use plans::{mail_policy, mail_session};

fn call(to: &str) -> String {
    format!(r#"{{"type":"tool_call","id":"1","tool":"send_email","args":{{"to":{to}}}}}"#)
}

#[test]
fn what_cannot_be_read_is_denied() {
    let mut session = mail_session();
    let whole = call(r#"["bob@example.com"]"#);
    let mut events: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" ".to_vec(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"\xff\xfe".to_vec(),
        whole
            .replace("bob", "b\u{fffd}b")
            .into_bytes()
            .into_iter()
            .filter(|b| *b != 0xbf)
            .collect(),
        whole.replace("bob", "b\u{0}b").into_bytes(),
        whole.replace("send_email", "send_email\\u0000").into_bytes(),
        whole.replace("send_email", "send_email\u{0}").into_bytes(),
        whole.replace("\"id\":\"1\"", "\"tool\":\"send_email\"").into_bytes(),
        call(r#"["a"],"to":["b"]"#).into_bytes(),
        call(r#"["a"],"t\u006f":["b"]"#).into_bytes(),
        call("1e999").into_bytes(),
        format!("{whole}{whole}").into_bytes(),
        "[".repeat(10 * 1024 * 1024).into_bytes(),
        call(&"[".repeat(10 * 1024 * 1024)).into_bytes(),
        vec![b' '; 17 * 1024 * 1024],
    ];
    events.extend((0..whole.len()).map(|end| whole.as_bytes()[..end].to_vec()));
    for event in &events {
        let decision = session.decide_json(event);
        let start = String::from_utf8_lossy(&event[..event.len().min(100)]).into_owned();
        assert_eq!(decision.verdict(), Verdict::Deny, "{start}");
        assert!(decision.faults().count() > 0, "{start}");
        assert!(decision.faults().all(|fault| fault.message().len() < 500));
        assert!(!decision.to_json().is_empty());
    }
    assert_eq!(session.decide_json(whole.as_bytes()).verdict(), Verdict::Allow);
}

#[test]
fn both_kinds_of_engine_say_the_same_to_the_letter() {
    let mut sessions = [EngineKind::Jit, EngineKind::Interpreter].map(|kind| {
        let engine = Engine::with_kind(&mail_policy(), kind).unwrap();
        assert_eq!(engine.kind(), kind);
        engine.session("mail", "s", br#"{"domain":"example.com"}"#).unwrap()
    });
    let many = serde_json::to_string(&vec!["a@rival.com"; 12]).unwrap();
    let lists = ["[]", r#"["a"]"#, r#"["@rival.com"]"#, r#"["a",1]"#, "7", "null", &many];
    let events = lists.map(call);
    let more = [
        r#"{"type":"input","source":"user","text":"hi"}"#,
        r#"{"type":"output","text":7}"#,
        r#"{"type":"tool_call","id":"1","tool":"other","args":{}}"#,
        r#"{"type":"tool_result","id":"1","tool":"send_email","text":"sent"}"#,
    ];
    for event in events.iter().map(String::as_str).chain(more) {
        let said = sessions.each_mut().map(|session| {
            let explained = session.explain(event.as_bytes());
            let decision = session.decide_json(event.as_bytes());
            (decision.verdict(), decision.to_json(), explained.to_json(), explained.to_string())
        });
        assert_eq!(said[0], said[1], "{event}");
    }
}

#[test]
fn two_threads_decide_by_one_engine_while_its_facts_change() {
    let engine = Engine::new(&mail_policy()).unwrap();
    let events = [call(r#"["bob@example.com"]"#), call(r#"["eve@rival.com"]"#)];
    let run = |engine: &Engine| {
        let mut session = engine.session("mail", "s", br#"{"domain":"example.com"}"#).unwrap();
        for _ in 0..2000 {
            let verdicts =
                events.each_ref().map(|event| session.decide_json(event.as_bytes()).verdict());
            assert_eq!(verdicts, [Verdict::Allow, Verdict::Deny]);
        }
        session.events()
    };
    std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| run(&engine)));
        for _ in 0..100 {
            engine.set_facts(br#"{"trusted":["alice"]}"#).unwrap();
        }
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 4000);
        }
    });
}

#[test]
fn engines_and_sessions_go_to_other_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Engine>();
    is_shared::<Session>();
}

#[test]
fn built_events_say_what_their_json_says() {
    let mut session = mail_session();
    let call = |to: Value| Event::tool_call("send_email").id("1").argument("to", to);
    for (event, verdict) in [
        (call(vec!["bob@example.com"].into()), Verdict::Allow),
        (call(vec!["a \"quoted\" \u{0} text@rival.com"].into()), Verdict::Deny),
        (call(7.into()), Verdict::Deny),
        (call(vec!["a"].into()).argument("to", vec!["b"]), Verdict::Deny),
        (call(vec!["a"].into()).argument("cc", ()), Verdict::Deny),
        (Event::tool_result("send_email", "sent").failed().at(5), Verdict::Allow),
        (Event::input("user", "hello").at(7), Verdict::Allow),
        (Event::output("bye"), Verdict::Allow),
    ] {
        assert_eq!(session.decide(&event).verdict(), verdict, "{event:?}");
        assert_eq!(session.decide_json(&event.to_bytes()).verdict(), verdict);
    }
}

#[test]
fn a_cut_policy_is_refused_and_a_changed_one_is_refused_or_decides() {
    let policy = mail_policy();
    let bytes = policy.to_bytes();
    for end in (0..bytes.len()).step_by(7) {
        assert!(agent_guard::Policy::from_bytes(&bytes[..end]).is_err());
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 7);
        let Ok(policy) = agent_guard::Policy::from_bytes(&changed) else { continue };
        let Ok(engine) = Engine::with_kind(&policy, EngineKind::Interpreter) else { continue };
        if let Ok(mut session) = engine.session("mail", "s", br#"{"domain":"example.com"}"#) {
            session.decide_json(call(r#"["eve@rival.com"]"#).as_bytes());
        }
    }
}
