//! After `kill -9` at any moment, what was acknowledged is there and nothing is there twice.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use guard_journal::{
    ApprovalStore, Ballot, Expected, FileJournal, Flush, Journal, JournalConfig, Kind, OnExpiry,
    Question, Record, Redeemed, Redemption, SessionStore, SqliteApprovals, SqliteJournal,
    SqliteSessions, TicketState, Verified, verify,
};
use serde_json::json;

use crate::common::{Folder, WAIT, folder_of_parent, say, start_again};

const CONFIG: JournalConfig =
    JournalConfig { flush: Flush::EachRecord, wait_max: WAIT, queue_max: 64 };

fn acknowledge(what: &str, value: &str) {
    say(&format!("ack {what} {value}"));
}

fn stream_records(name: &str, journal: &dyn Journal) {
    for number in 0_u64.. {
        let entry = json!({"number": number, "text": "x".repeat(300)});
        let record = Record { at_ms: 1, kind: Kind::Decision, entry: &entry };
        acknowledge(name, &journal.append(&record).unwrap().hash);
    }
}

fn question(sequence: u64) -> Question {
    let mut call_hash = [7; 32];
    call_hash[..8].copy_from_slice(&sequence.to_be_bytes());
    Question {
        call_hash,
        policy_digest: "policy".to_owned(),
        session: "session".to_owned(),
        sequence,
        agent: "bank".to_owned(),
        tool: "send_money".to_owned(),
        summary: "{}".to_owned(),
        role: "treasurer".to_owned(),
        quorum: 2,
        asked_at_ms: 0,
        expires_at_ms: None,
        on_expiry: OnExpiry::Deny,
    }
}

fn redeem(store: &dyn ApprovalStore, sequence: u64) -> Redeemed {
    let redemption = Redemption {
        call_hash: &question(sequence).call_hash,
        policy_digest: "policy",
        session: "session",
        roles: &["treasurer"],
        not_before_ms: Some(1),
        now_ms: 5,
    };
    store.redeem(&redemption).unwrap()
}

fn stream_approvals(first: u64, store: &dyn ApprovalStore) {
    for sequence in first.. {
        let text = sequence.to_string();
        let id = store.ask(&question(sequence)).unwrap().id;
        acknowledge("asked", &text);
        store.vote(&id, "ann", &Ballot::Yes, 2).unwrap();
        store.vote(&id, "bob", &Ballot::Yes, 3).unwrap();
        acknowledge("approved", &text);
        // Every other approval is left for later.
        if sequence.is_multiple_of(2) {
            assert_eq!(redeem(store, sequence), Redeemed::Granted(id));
            acknowledge("redeemed", &text);
        }
    }
}

fn stream_events(store: &dyn SessionStore) {
    loop {
        let mut count = |bytes: Option<&[u8]>| {
            let count = bytes.map_or(0, counted);
            Some((count + 1).to_string().into_bytes())
        };
        let version = store.update("session", &mut count).unwrap().unwrap();
        acknowledge("session", &version.to_string());
    }
}

fn counted(bytes: &[u8]) -> u64 {
    std::str::from_utf8(bytes).unwrap().parse().unwrap()
}

#[test]
fn streams_until_it_is_killed() {
    let Some(folder) = folder_of_parent() else { return };
    let first = fs::read_to_string(folder.join("first")).unwrap().parse().unwrap();
    say("");
    let lines = FileJournal::open(&folder.join("journal.jsonl"), &CONFIG).unwrap();
    // The three share a file, as they do by default.
    let file = folder.join("guard.db");
    let rows = SqliteJournal::open(&file, &CONFIG).unwrap();
    let approvals = SqliteApprovals::open(&file, WAIT).unwrap();
    let sessions = SqliteSessions::open(&file, WAIT).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| stream_records("line", &lines));
        scope.spawn(|| stream_records("row", &rows));
        scope.spawn(|| stream_approvals(first, &approvals));
        scope.spawn(|| stream_events(&sessions));
    });
}

type Acknowledged = BTreeMap<String, Vec<String>>;

/// Runs the stream until it has acknowledged so many things, kills it, and returns all that it
/// has acknowledged.
fn run_and_kill(folder: &Path, acknowledgements: usize) -> Acknowledged {
    let mut child = start_again("killed::streams_until_it_is_killed", folder);
    let mut acknowledged = Acknowledged::new();
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut seen = 0;
    // What is in the pipe when the child is killed has been acknowledged too.
    for line in out.lines().map_while(Result::ok) {
        let Some((what, value)) = line.strip_prefix("ack ").and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        acknowledged.entry(what.to_owned()).or_default().push(value.to_owned());
        seen += 1;
        if seen == acknowledgements {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success());
    assert!(seen >= acknowledgements, "the stream ended by itself");
    acknowledged
}

fn check_journal(
    name: &str,
    acknowledged: &Acknowledged,
    check: impl Fn(Expected<'_>) -> Verified,
    all: &str,
) {
    check(Expected::default());
    for hash in acknowledged.get(name).into_iter().flatten() {
        assert!(all.contains(hash.as_str()), "an acknowledged record is lost");
    }
    if let Some(last) = acknowledged.get(name).and_then(|hashes| hashes.last()) {
        check(Expected { head: Some(last), records_min: None });
    }
}

fn check_approvals(store: &dyn ApprovalStore, acknowledged: &Acknowledged) {
    let numbers = |what: &str| -> Vec<u64> {
        let texts = acknowledged.get(what).into_iter().flatten();
        texts.map(|text| text.parse().unwrap()).collect()
    };
    let show = |sequence: u64| store.show(&question(sequence).ticket_id()).unwrap();
    let redeemed = numbers("redeemed");
    for sequence in numbers("asked") {
        assert!(show(sequence).is_some(), "an acknowledged question is lost");
    }
    for sequence in &redeemed {
        assert_eq!(redeem(store, *sequence), Redeemed::None, "an approval is usable twice");
    }
    for sequence in numbers("approved").into_iter().filter(|one| !redeemed.contains(one)) {
        let ticket = show(sequence).unwrap();
        // The last one may have been used without the parent having heard of it.
        if ticket.state == TicketState::Used {
            assert!(sequence.is_multiple_of(2));
        } else {
            assert_eq!(redeem(store, sequence), Redeemed::Granted(ticket.id));
        }
        assert_eq!(redeem(store, sequence), Redeemed::None, "an approval is usable twice");
    }
}

fn check_session(store: &dyn SessionStore, acknowledged: &Acknowledged) {
    let Some((bytes, version)) = store.load("session").unwrap() else {
        assert!(!acknowledged.contains_key("session"));
        return;
    };
    assert_eq!(counted(&bytes), version, "an event was lost or counted twice");
    if let Some(last) = acknowledged.get("session").and_then(|versions| versions.last()) {
        let last: u64 = last.parse().unwrap();
        assert!((last..=last + 1).contains(&version));
    }
}

#[test]
fn after_kill_9_nothing_acknowledged_is_lost_and_nothing_is_usable_twice() {
    let folder = Folder::new();
    let lines = folder.file("journal.jsonl");
    let file = folder.file("guard.db");
    for (round, acknowledgements) in [1, 7, 30, 100, 240].into_iter().enumerate() {
        fs::write(folder.file("first"), (round * 1_000_000).to_string()).unwrap();
        let acknowledged = run_and_kill(folder.path(), acknowledgements);
        let check = |expected: Expected<'_>| {
            verify(BufReader::new(fs::File::open(&lines).unwrap()), expected).unwrap()
        };
        check_journal("line", &acknowledged, check, &fs::read_to_string(&lines).unwrap());
        let mut rows = Vec::new();
        SqliteJournal::export(&file, &mut rows, WAIT).unwrap();
        let check = |expected: Expected<'_>| SqliteJournal::verify(&file, expected, WAIT).unwrap();
        check_journal("row", &acknowledged, check, std::str::from_utf8(&rows).unwrap());
        check_approvals(&SqliteApprovals::open(&file, WAIT).unwrap(), &acknowledged);
        check_session(&SqliteSessions::open(&file, WAIT).unwrap(), &acknowledged);
    }
}
