//! A journal's line cannot be changed, dropped, swapped or repeated without being found.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use guard_journal::limits::ENTRY_DEPTH_MAX;
use guard_journal::{
    Broken, Expected, Fault, FileJournal, Flush, Journal, JournalConfig, JournalError, Kind,
    Receipt, Record, SqliteJournal, Verified, read_line, verify,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::common::{CHILD_FOLDER, Folder, WAIT, folder_of_parent, say, start_again};

const CONFIG: JournalConfig =
    JournalConfig { flush: Flush::EachRecord, wait_max: WAIT, queue_max: 64 };

fn append(journal: &dyn Journal, number: i64) -> Result<Receipt, JournalError> {
    let entry = json!({"number": number, "text": "two\nlines ⟨…⟩"});
    journal.append(&Record { at_ms: number, kind: Kind::Decision, entry: &entry })
}

/// A journal of so many records, as text.
fn written(folder: &Folder, records: i64) -> Vec<u8> {
    let path = folder.file("journal.jsonl");
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    for number in 0..records {
        append(&journal, number).unwrap();
    }
    drop(journal);
    fs::read(path).unwrap()
}

fn check(bytes: &[u8]) -> Result<Verified, Broken> {
    verify(bytes, Expected::default())
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_line_is_chained_as_documented() {
    let folder = Folder::new();
    let bytes = written(&folder, 2);
    let mut prev = [0; 32];
    for (number, line) in std::str::from_utf8(&bytes).unwrap().lines().enumerate() {
        let (body, hash) = line.split_once(",\"hash\":\"").unwrap();
        let parsed: Value = serde_json::from_str(line).unwrap();
        assert_eq!(parsed["seq"], json!(number + 1));
        assert_eq!(parsed["kind"], json!("decision"));
        let digest = Sha256::new().chain_update(prev).chain_update(body).chain_update("}");
        prev = digest.finalize().into();
        let digits = prev.iter().flat_map(|byte| format!("{byte:02x}").into_bytes());
        assert_eq!(hash.as_bytes(), [digits.collect::<Vec<u8>>(), b"\"}".to_vec()].concat());
    }
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let folder = Folder::new();
    let bytes = written(&folder, 2);
    let line = bytes.split(|byte| *byte == b'\n').nth(1).unwrap();
    let stored = read_line(line).unwrap();
    assert_eq!((stored.receipt.seq, stored.at_ms, stored.kind), (2, 1, Kind::Decision));
    assert_eq!(stored.entry, json!({"number": 1, "text": "two\nlines ⟨…⟩"}));
    assert_eq!(read_line(b"{}"), Err(Fault::NoRecord));
}

#[test]
fn a_journal_is_continued_where_it_ended() {
    let folder = Folder::new();
    written(&folder, 3);
    let bytes = written(&folder, 2);
    let verified = check(&bytes).unwrap();
    assert_eq!((verified.records, verified.torn), (5, false));
}

#[test]
fn an_empty_journal_holds_together() {
    let verified = check(b"").unwrap();
    assert_eq!((verified.records, verified.head), (0, "0".repeat(64)));
}

#[test]
fn a_line_torn_anywhere_is_removed_and_the_chain_goes_on() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let bytes = written(&folder, 2);
    for end in 0..bytes.len() {
        fs::write(&path, &bytes[..end]).unwrap();
        let whole = bytes[..end].split(|byte| *byte == b'\n').count() - 1;
        let torn = end > 0 && bytes[end - 1] != b'\n';
        let before = check(&bytes[..end]).unwrap();
        assert_eq!((before.records, before.torn), (whole as u64, torn));
        let journal = FileJournal::open(&path, &CONFIG).unwrap();
        let receipt = append(&journal, 9).unwrap();
        let verified = check(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(verified.records, whole as u64 + 1);
        assert_eq!((verified.head, verified.torn), (receipt.hash, false));
    }
}

#[test]
fn nothing_is_chained_to_a_last_line_that_was_changed() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let text = String::from_utf8(written(&folder, 2)).unwrap();
    fs::write(&path, text.replace("\"number\":1", "\"number\":7")).unwrap();
    let refused = FileJournal::open(&path, &CONFIG).unwrap_err();
    assert!(matches!(refused, JournalError::Broken(Broken { what: Fault::Changed, .. })));
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let folder = Folder::new();
    let path = folder.file("notes.txt");
    for text in ["notes", "notes\n", "{\"a\":1}\n", "\n"] {
        fs::write(&path, text).unwrap();
        let refused = FileJournal::open(&path, &CONFIG).unwrap_err();
        assert!(matches!(refused, JournalError::Broken(_)), "{text:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_second_writer_is_refused_within_its_bound_and_let_in_after() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let first = FileJournal::open(&path, &CONFIG).unwrap();
    let hasty = JournalConfig { wait_max: Duration::from_millis(30), ..CONFIG };
    let begun = Instant::now();
    let refused = FileJournal::open(&path, &hasty).unwrap_err();
    assert_eq!(refused, JournalError::Locked);
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(first);
    append(&FileJournal::open(&path, &hasty).unwrap(), 1).unwrap();
}

#[test]
fn a_journal_that_was_deleted_or_written_by_others_takes_no_record() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    append(&journal, 1).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(matches!(append(&journal, 2), Err(JournalError::Failed(_))));
    drop(journal);
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    append(&journal, 1).unwrap();
    fs::write(&path, "").unwrap();
    assert!(matches!(append(&journal, 2), Err(JournalError::Failed(_))));
}

#[cfg(unix)]
#[test]
fn a_device_is_no_journal() {
    let refused = FileJournal::open(Path::new("/dev/null"), &CONFIG).unwrap_err();
    assert!(matches!(refused, JournalError::Failed(_)));
}

#[test]
fn fills_its_disk() {
    let Some(folder) = folder_of_parent() else { return };
    let file = folder.join("journal.jsonl");
    let journal: Box<dyn Journal> = if file.exists() {
        Box::new(FileJournal::open(&file, &CONFIG).unwrap())
    } else {
        Box::new(SqliteJournal::open(&folder.join("journal.db"), &CONFIG).unwrap())
    };
    let journal = journal.as_ref();
    let written = (0..10_000).take_while(|number| append(journal, *number).is_ok()).count();
    assert!(matches!(append(journal, 1), Err(JournalError::Failed(_))));
    say(&format!("\nwritten {written}"));
}

/// The largest file that the child may write stands for a full disk: a write that does not fit
/// writes a piece and fails. Returns how many records the child could write.
#[cfg(unix)]
fn fill_disk(folder: &Folder, blocks: u32) -> u64 {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let out = Command::new("sh")
        .args(["-c", &limited])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "journal::fills_its_disk", "--nocapture"])
        .env(CHILD_FOLDER, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let written = text.lines().find_map(|line| line.strip_prefix("written ")).unwrap();
    written.parse().unwrap()
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_leaves_whole_records() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    written(&folder, 1);
    let records = 1 + fill_disk(&folder, 8);
    let verified = check(&fs::read(&path).unwrap()).unwrap();
    assert_eq!((verified.records, verified.torn), (records, false));
    assert!(records > 5);
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    assert_eq!(append(&journal, 1).unwrap().seq, records + 1);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_in_sqlite_too() {
    let folder = Folder::new();
    let path = folder.file("journal.db");
    append(&SqliteJournal::open(&path, &CONFIG).unwrap(), 0).unwrap();
    let records = 1 + fill_disk(&folder, 200);
    let verified = SqliteJournal::verify(&path, Expected::default(), WAIT).unwrap();
    assert_eq!(verified.records, records);
    assert!(records > 5);
    let journal = SqliteJournal::open(&path, &CONFIG).unwrap();
    assert_eq!(append(&journal, 1).unwrap().seq, records + 1);
}

#[test]
fn an_entry_that_could_not_be_read_again_is_refused_and_does_not_hold_together() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let append = |entry| journal.append(&Record { at_ms: 0, kind: Kind::Outcome, entry });
    let (deepest, deeper) = (nested(ENTRY_DEPTH_MAX), nested(ENTRY_DEPTH_MAX + 1));
    assert!(append(&deepest).is_ok());
    assert_eq!(append(&deeper), Err(JournalError::TooLarge));
    drop(journal);
    let bytes = fs::read(path).unwrap();
    assert_eq!(check(&bytes).unwrap().records, 1);
    assert!(lines(&bytes).iter().all(|line| read_line(line.trim_ascii_end()).is_ok()));
    // Written by somebody else, with a hash that is right: half a character, and a number beyond all.
    for entry in ["\"\\ud800\"", "1e999"] {
        let zeros = "0".repeat(64);
        let body = format!(r#"{{"seq":1,"prev":"{zeros}","at":0,"kind":"outcome","entry":{entry}"#);
        let digest = Sha256::new().chain_update([0; 32]).chain_update(&body).chain_update("}");
        let digits: Vec<String> =
            digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digits = digits.concat();
        let line = format!("{body},\"hash\":\"{digits}\"}}\n");
        assert_eq!(check(line.as_bytes()), Err(Broken { line: 1, what: Fault::NoRecord }));
    }
}

#[test]
fn a_record_that_is_too_large_is_refused_and_the_next_is_taken() {
    let folder = Folder::new();
    let journal = FileJournal::open(&folder.file("journal.jsonl"), &CONFIG).unwrap();
    let large = Value::String("x".repeat(5 << 20));
    let record = Record { at_ms: 0, kind: Kind::Outcome, entry: &large };
    assert_eq!(journal.append(&record), Err(JournalError::TooLarge));
    assert_eq!(append(&journal, 1).unwrap().seq, 1);
}

#[test]
fn a_record_as_large_as_may_be_is_written_found_and_followed() {
    let folder = Folder::new();
    let path = folder.file("journal.jsonl");
    let large = Value::String("x".repeat((4 << 20) - 514));
    let record = Record { at_ms: i64::MIN, kind: Kind::Decision, entry: &large };
    for _ in 0..2 {
        FileJournal::open(&path, &CONFIG).unwrap().append(&record).unwrap();
    }
    assert_eq!(check(&fs::read(&path).unwrap()).unwrap().records, 2);
}

#[test]
fn records_of_many_threads_have_a_place_each() {
    let folder = Folder::new();
    for flush in [Flush::EachRecord, Flush::Interval(Duration::from_millis(1))] {
        let config = JournalConfig { flush, ..CONFIG };
        let file = folder.file("journal.jsonl");
        let rows = folder.file("journal.db");
        let journals: [Box<dyn Journal>; 2] = [
            Box::new(FileJournal::open(&file, &config).unwrap()),
            Box::new(SqliteJournal::open(&rows, &config).unwrap()),
        ];
        for journal in journals {
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let journal = journal.as_ref();
                    scope.spawn(move || {
                        for number in 0..10 {
                            append(journal, thread * 100 + number).unwrap();
                        }
                    });
                }
            });
        }
    }
    let file = check(&fs::read(folder.file("journal.jsonl")).unwrap()).unwrap();
    let rows = folder.file("journal.db");
    let rows = SqliteJournal::verify(&rows, Expected::default(), WAIT).unwrap();
    assert_eq!((file.records, rows.records), (80, 80));
}

#[test]
fn a_journal_in_sqlite_exports_the_lines_of_a_file() {
    let folder = Folder::new();
    let path = folder.file("journal.db");
    let journal = SqliteJournal::open(&path, &CONFIG).unwrap();
    (0..3).for_each(|number| drop(append(&journal, number).unwrap()));
    let mut exported = Vec::new();
    SqliteJournal::export(&path, &mut exported, WAIT).unwrap();
    assert_eq!(exported, written(&folder, 3));
}

#[test]
fn a_changed_or_dropped_row_is_found() {
    let folder = Folder::new();
    let path = folder.file("journal.db");
    let journal = SqliteJournal::open(&path, &CONFIG).unwrap();
    (0..4).for_each(|number| drop(append(&journal, number).unwrap()));
    let last = append(&journal, 4).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let expected = Expected { head: Some(&last.hash), records_min: None };
    for (change, want) in [
        ("DELETE FROM journal WHERE seq = 5", Fault::HeadMissing),
        ("DELETE FROM journal WHERE seq = 2", Fault::OutOfOrder { found: 3 }),
        ("UPDATE journal SET line = replace(line, '\"at\":0', '\"at\":9')", Fault::Changed),
    ] {
        other.execute_batch(change).unwrap();
        let found = SqliteJournal::verify(&path, expected, WAIT).unwrap_err();
        assert_eq!(found.what, want);
    }
}

#[test]
fn appends_to_a_shared_journal() {
    let Some(folder) = folder_of_parent() else { return };
    let journal = SqliteJournal::open(&folder.join("journal.db"), &CONFIG).unwrap();
    (0..30).for_each(|number| drop(append(&journal, number).unwrap()));
}

#[test]
fn several_processes_do_not_fork_a_chain_in_sqlite() {
    let folder = Folder::new();
    let children: Vec<Child> = (0..3)
        .map(|_| start_again("journal::appends_to_a_shared_journal", folder.path()))
        .collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let path = folder.file("journal.db");
    let verified = SqliteJournal::verify(&path, Expected::default(), WAIT).unwrap();
    assert_eq!(verified.records, 90);
}

#[test]
fn an_expected_head_may_be_followed_by_more_and_must_be_there() {
    let folder = Folder::new();
    let bytes = written(&folder, 4);
    let all = lines(&bytes);
    let two = check(&all[..2].concat()).unwrap();
    let expected = Expected { head: Some(&two.head), records_min: Some(4) };
    assert!(verify(&bytes[..], expected).is_ok());
    let short = verify(&all[..3].concat()[..], expected).unwrap_err();
    assert_eq!(short, Broken { line: 4, what: Fault::EndsEarly });
    let expected = Expected { records_min: None, ..expected };
    let short = verify(&all[..1].concat()[..], expected).unwrap_err();
    assert_eq!(short.what, Fault::HeadMissing);
}

#[test]
fn a_line_of_another_journal_in_the_same_place_is_found() {
    let (folder, other) = (Folder::new(), Folder::new());
    let mut all = lines(&written(&folder, 3));
    let path = other.file("journal.jsonl");
    let journal = FileJournal::open(&path, &CONFIG).unwrap();
    (10..13).for_each(|number| drop(append(&journal, number).unwrap()));
    all[2] = lines(&fs::read(&path).unwrap())[2].clone();
    let found = check(&all.concat()).unwrap_err();
    assert_eq!(found, Broken { line: 3, what: Fault::OtherChain });
}

#[test]
fn a_piece_longer_than_a_line_was_not_left_by_a_killed_writer() {
    let found = check(&vec![b'x'; 4 << 20]).unwrap_err();
    assert_eq!(found, Broken { line: 1, what: Fault::TooLong });
}

#[test]
fn any_changed_byte_is_found() {
    let folder = Folder::new();
    let bytes = written(&folder, 2);
    for at in 0..bytes.len() {
        for flip in [1, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            let found = check(&changed);
            // Without its newline the last line is one that a killed writer left behind.
            let torn = at + 1 == bytes.len() && found.as_ref().is_ok_and(|ok| ok.torn);
            assert!(found.is_err() || torn, "byte {at}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_dropped_swapped_repeated_or_added_line_is_found(
        records in 3..8_i64, one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(), how in 0..4,
    ) {
        let folder = Folder::new();
        let bytes = written(&folder, records);
        let head = check(&bytes).unwrap().head;
        let mut changed = lines(&bytes);
        let (one, other) = (one.index(changed.len()), other.index(changed.len()));
        match how {
            0 => drop(changed.remove(one)),
            1 => changed.insert(other, changed[one].clone()),
            2 => changed.swap(one, other),
            _ => {
                // A line that holds together in itself and stands further on.
                let foreign = written(&Folder::new(), 9);
                changed.insert(one, lines(&foreign)[8].clone());
            }
        }
        let changed = changed.concat();
        let expected = Expected { head: Some(&head), records_min: None };
        prop_assert_eq!(verify(&changed[..], expected).is_ok(), changed == bytes);
        let tail_alone = how == 0 && one + 1 == lines(&bytes).len();
        prop_assert_eq!(check(&changed).is_ok(), changed == bytes || tail_alone);
    }

    #[test]
    fn verifying_ends_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = check(&bytes);
    }
}
