//! Two events of one session that arrive at once are put in order, and neither is lost.

use std::process::Child;

use guard_journal::{MemorySessions, Saved, SessionError, SessionStore, SqliteSessions};

use crate::common::{Folder, WAIT, folder_of_parent, start_again};

fn on_each(test: impl Fn(&dyn SessionStore)) {
    test(&MemorySessions::new());
    let folder = Folder::new();
    test(&SqliteSessions::open(&folder.file("sessions.db"), WAIT).unwrap());
}

#[test]
fn a_save_against_an_old_version_conflicts() {
    on_each(|store| {
        assert_eq!(store.load("a").unwrap(), None);
        assert_eq!(store.save("a", b"1", Some(1)).unwrap(), Saved::Conflict);
        assert_eq!(store.save("a", b"1", None).unwrap(), Saved::Saved(1));
        assert_eq!(store.save("a", b"x", None).unwrap(), Saved::Conflict);
        assert_eq!(store.save("a", b"2", Some(1)).unwrap(), Saved::Saved(2));
        assert_eq!(store.save("a", b"x", Some(1)).unwrap(), Saved::Conflict);
        assert_eq!(store.load("a").unwrap(), Some((b"2".to_vec(), 2)));
        assert_eq!(store.load("b").unwrap(), None);
        store.remove("a").unwrap();
        assert_eq!(store.load("a").unwrap(), None);
    });
}

#[test]
fn an_update_sees_what_is_there_and_may_leave_it() {
    on_each(|store| {
        let mut append = |bytes: Option<&[u8]>| Some([bytes.unwrap_or(b"-"), b"+"].concat());
        assert_eq!(store.update("a", &mut append).unwrap(), Some(1));
        assert_eq!(store.update("a", &mut append).unwrap(), Some(2));
        assert_eq!(store.update("a", &mut |_| None).unwrap(), Some(2));
        assert_eq!(store.update("b", &mut |_| None).unwrap(), None);
        assert_eq!(store.load("a").unwrap(), Some((b"-++".to_vec(), 2)));
    });
}

#[test]
fn a_name_or_a_state_that_is_too_large_is_refused() {
    on_each(|store| {
        let long = "s".repeat(2_000);
        assert_eq!(store.save(&long, b"", None), Err(SessionError::TooLarge));
        assert_eq!(store.update(&long, &mut |_| Some(vec![])), Err(SessionError::TooLarge));
    });
}

#[test]
fn a_change_that_panics_changes_nothing_and_frees_the_store() {
    on_each(|store| {
        store.save("a", b"1", None).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = store.update("a", &mut |_| panic!("in a change"));
        }));
        assert!(panicked.is_err());
        assert_eq!(store.save("a", b"2", Some(1)).unwrap(), Saved::Saved(2));
    });
}

const EVENTS: u32 = 60;

#[test]
fn updates_a_session() {
    let Some(folder) = folder_of_parent() else { return };
    let store = SqliteSessions::open(&folder.join("sessions.db"), WAIT).unwrap();
    let me = std::process::id();
    for event in 0..EVENTS {
        let line = format!("{me} {event}\n");
        let mut append =
            |bytes: Option<&[u8]>| Some([bytes.unwrap_or(b""), line.as_bytes()].concat());
        store.update("shared", &mut append).unwrap();
    }
}

#[test]
fn events_of_several_processes_are_ordered_and_none_is_lost() {
    let folder = Folder::new();
    let children: Vec<Child> =
        (0..3).map(|_| start_again("sessions::updates_a_session", folder.path())).collect();
    let ids: Vec<u32> = children.iter().map(Child::id).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let store = SqliteSessions::open(&folder.file("sessions.db"), WAIT).unwrap();
    let (bytes, version) = store.load("shared").unwrap().unwrap();
    assert_eq!(version, 3 * u64::from(EVENTS));
    let text = String::from_utf8(bytes).unwrap();
    for id in ids {
        let own = format!("{id} ");
        let events: Vec<u32> = text
            .lines()
            .filter_map(|line| line.strip_prefix(&own))
            .map(|event| event.parse().unwrap())
            .collect();
        assert_eq!(events, (0..EVENTS).collect::<Vec<u32>>());
    }
}
