//! What people approve holds for one call, once.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::time::Duration;

use guard_journal::{
    ApprovalError, ApprovalStore, Ballot, Filter, MemoryApprovals, OnExpiry, Question, Redeemed,
    Redemption, SqliteApprovals, StoreError, Ticket, TicketState,
};
use proptest::prelude::*;

use crate::common::{Folder, WAIT, folder_of_parent, say, start_again};

fn question(call: u8, sequence: u64) -> Question {
    Question {
        call_hash: [call; 32],
        policy_digest: "policy".to_owned(),
        session: "session".to_owned(),
        sequence,
        agent: "bank".to_owned(),
        tool: "send_money".to_owned(),
        summary: "{\"amount\":10}".to_owned(),
        role: "treasurer".to_owned(),
        quorum: 1,
        asked_at_ms: 1_000,
        expires_at_ms: Some(5_000),
        on_expiry: OnExpiry::Deny,
    }
}

fn redemption(call_hash: &[u8; 32], now_ms: i64) -> Redemption<'_> {
    Redemption {
        call_hash,
        policy_digest: "policy",
        session: "session",
        roles: &["treasurer"],
        not_before_ms: None,
        now_ms,
    }
}

fn sqlite(folder: &Folder) -> SqliteApprovals {
    SqliteApprovals::open(&folder.file("approvals.db"), WAIT).unwrap()
}

/// Runs the test on both kinds of store.
fn on_each(test: impl Fn(&dyn ApprovalStore)) {
    test(&MemoryApprovals::new());
    let folder = Folder::new();
    test(&sqlite(&folder));
}

#[test]
fn an_approval_works_once() {
    on_each(|store| {
        let id = store.ask(&question(1, 1)).unwrap().id;
        assert_eq!(store.redeem(&redemption(&[1; 32], 1_500)).unwrap(), Redeemed::Pending);
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        let granted = Redeemed::Granted(id);
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_500)).unwrap(), granted);
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_501)).unwrap(), Redeemed::None);
    });
}

#[test]
fn of_threads_that_redeem_at_once_one_is_granted() {
    on_each(|store| {
        let id = store.ask(&question(1, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        let granted = std::thread::scope(|scope| {
            let redeem = || store.redeem(&redemption(&[1; 32], 2_500)).unwrap();
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(redeem)).collect();
            let answers = threads.into_iter().map(|thread| thread.join().unwrap());
            answers.filter(|answer| matches!(answer, Redeemed::Granted(_))).count()
        });
        assert_eq!(granted, 1);
    });
}

#[test]
fn asking_again_gives_the_ticket_as_it_stands() {
    on_each(|store| {
        let id = store.ask(&question(1, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        assert_eq!(store.ask(&question(1, 1)).unwrap().state, TicketState::Approved);
        let other = Question { quorum: 2, ..question(1, 1) };
        assert_eq!(store.ask(&other), Err(ApprovalError::Conflict));
        assert_ne!(question(1, 2).ticket_id(), id);
        assert_eq!(id.len(), 32);
    });
}

#[test]
fn an_approval_is_for_one_call_one_policy_and_one_session() {
    on_each(|store| {
        let id = store.ask(&question(1, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        let exact = redemption(&[1; 32], 2_500);
        for other in [
            Redemption { call_hash: &[2; 32], ..exact },
            Redemption { policy_digest: "newer", ..exact },
            Redemption { session: "other", ..exact },
        ] {
            assert_eq!(store.redeem(&other).unwrap(), Redeemed::None);
        }
        assert_eq!(store.redeem(&exact).unwrap(), Redeemed::Granted(id));
    });
}

#[test]
fn an_approval_from_before_the_last_untrusted_text_is_stale() {
    on_each(|store| {
        let asked = Question { quorum: 2, ..question(1, 1) };
        let id = store.ask(&asked).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        store.vote(&id, "bob", &Ballot::Yes, 3_000).unwrap();
        let exact = redemption(&[1; 32], 3_500);
        let later = Redemption { not_before_ms: Some(2_500), ..exact };
        assert_eq!(store.redeem(&later).unwrap(), Redeemed::Stale);
        let earlier = Redemption { not_before_ms: Some(2_000), ..exact };
        assert_eq!(store.redeem(&earlier).unwrap(), Redeemed::Granted(id));
    });
}

#[test]
fn a_person_counts_once_and_one_no_rejects() {
    on_each(|store| {
        let asked = Question { quorum: 2, ..question(1, 1) };
        let id = store.ask(&asked).unwrap().id;
        for _ in 0..3 {
            let ticket = store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
            assert_eq!(ticket.state, TicketState::Pending);
        }
        let ticket = store.vote(&id, "bob", &Ballot::Yes, 2_100).unwrap();
        assert_eq!(ticket.state, TicketState::Approved);
        let closed = store.vote(&id, "cy", &Ballot::Yes, 2_200);
        assert_eq!(closed, Err(ApprovalError::Closed(TicketState::Approved)));
        store.vote(&id, "ann", &Ballot::No, 2_300).unwrap();
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_400)).unwrap(), Redeemed::Rejected);
    });
}

#[test]
fn after_expiry_no_vote_counts_and_the_policy_says_what_happens() {
    on_each(|store| {
        let denied = store.ask(&question(1, 1)).unwrap().id;
        store.ask(&Question { on_expiry: OnExpiry::Allow, ..question(2, 2) }).unwrap();
        let late = store.vote(&denied, "ann", &Ballot::Yes, 5_000);
        assert_eq!(late, Err(ApprovalError::Expired));
        // Time that runs backwards does not open it again.
        let back = store.vote(&denied, "ann", &Ballot::Yes, 4_000);
        assert_eq!(back, Err(ApprovalError::Expired));
        for _ in 0..2 {
            let want = Redeemed::Expired { on_expiry: OnExpiry::Deny };
            assert_eq!(store.redeem(&redemption(&[1; 32], 6_000)).unwrap(), want);
        }
        let exact = redemption(&[2; 32], 6_000);
        let after = Redemption { not_before_ms: Some(5_500), ..exact };
        assert_eq!(store.redeem(&after).unwrap(), Redeemed::Stale);
        let want = Redeemed::Expired { on_expiry: OnExpiry::Allow };
        assert_eq!(store.redeem(&exact).unwrap(), want);
        assert_eq!(store.redeem(&exact).unwrap(), Redeemed::None);
    });
}

#[test]
fn an_approval_that_was_not_used_expires_too() {
    on_each(|store| {
        let id = store.ask(&question(1, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
        let want = Redeemed::Expired { on_expiry: OnExpiry::Deny };
        assert_eq!(store.redeem(&redemption(&[1; 32], 5_000)).unwrap(), want);
    });
}

#[test]
fn an_edited_call_runs_only_after_the_host_has_decided_it() {
    on_each(|store| {
        let id = store.ask(&Question { quorum: 2, ..question(1, 1) }).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 1_500).unwrap();
        let edit = Ballot::Edit("{\"amount\":5}".to_owned());
        let ticket = store.vote(&id, "bob", &edit, 2_000).unwrap();
        assert_eq!(ticket.state, TicketState::Edited);
        let edited = Redeemed::Edited(id.clone());
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_100)).unwrap(), edited);
        assert_eq!(store.redeem(&redemption(&[9; 32], 2_100)).unwrap(), Redeemed::None);
        let ticket = store.bind_edit(&id, &[9; 32], 2_200).unwrap();
        assert_eq!(ticket.state, TicketState::Pending, "ann approved another call");
        store.vote(&id, "ann", &Ballot::Yes, 2_300).unwrap();
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_400)).unwrap(), edited);
        let granted = Redeemed::Granted(id);
        assert_eq!(store.redeem(&redemption(&[9; 32], 2_400)).unwrap(), granted);
        assert_eq!(store.redeem(&redemption(&[9; 32], 2_400)).unwrap(), Redeemed::None);
        assert_eq!(store.redeem(&redemption(&[1; 32], 2_400)).unwrap(), Redeemed::None);
    });
}

#[test]
fn the_expiry_of_an_edited_ticket_does_not_allow_the_first_call() {
    on_each(|store| {
        let asked = Question { on_expiry: OnExpiry::Allow, ..question(1, 1) };
        let id = store.ask(&asked).unwrap().id;
        store.vote(&id, "bob", &Ballot::Edit("{}".to_owned()), 2_000).unwrap();
        let edited = Redeemed::Edited(id.clone());
        assert_eq!(store.redeem(&redemption(&[1; 32], 9_000)).unwrap(), edited);
        assert_eq!(store.bind_edit(&id, &[9; 32], 9_000), Err(ApprovalError::Expired));
    });
}

#[test]
fn questions_that_are_not_well_formed_are_refused() {
    on_each(|store| {
        for bad in [
            Question { quorum: 0, ..question(1, 1) },
            Question { quorum: 65, ..question(1, 1) },
            Question { summary: "{".to_owned(), ..question(1, 1) },
            Question { session: "s".repeat(2_000), ..question(1, 1) },
        ] {
            assert!(matches!(store.ask(&bad), Err(ApprovalError::Invalid(_))));
        }
        assert_eq!(store.vote("x", "ann", &Ballot::Yes, 1), Err(ApprovalError::Unknown));
    });
}

#[test]
fn a_listing_is_filtered_ordered_and_bounded() {
    on_each(|store| {
        for (call, sequence) in [(3, 30), (1, 4), (2, 9)] {
            store.ask(&question(call, sequence)).unwrap();
        }
        let sequences = |filter: &Filter| -> Vec<u64> {
            let listed = store.list(filter).unwrap();
            listed.iter().map(|ticket| ticket.question.sequence).collect()
        };
        assert_eq!(sequences(&Filter::default()), [4, 9, 30]);
        assert_eq!(sequences(&Filter { tickets_max: 2, ..Filter::default() }), [4, 9]);
        let used = Filter { state: Some(TicketState::Used), ..Filter::default() };
        assert_eq!(sequences(&used), [0; 0]);
        let role = Filter { role: Some("intern".to_owned()), ..Filter::default() };
        assert_eq!(sequences(&role), [0; 0]);
    });
}

#[test]
fn tickets_survive_a_restart() {
    let folder = Folder::new();
    let ticket: Ticket = {
        let store = sqlite(&folder);
        let id = store.ask(&question(1, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap()
    };
    let store = sqlite(&folder);
    assert_eq!(store.show(&ticket.id).unwrap(), Some(ticket.clone()));
    let granted = Redeemed::Granted(ticket.id);
    assert_eq!(store.redeem(&redemption(&[1; 32], 2_500)).unwrap(), granted);
    assert_eq!(sqlite(&folder).redeem(&redemption(&[1; 32], 2_500)).unwrap(), Redeemed::None);
}

const CALLS: u8 = 40;

#[test]
fn redeems_all_calls() {
    let Some(folder) = folder_of_parent() else { return };
    let store = SqliteApprovals::open(&folder.join("approvals.db"), WAIT).unwrap();
    let calls = 0..CALLS;
    let granted = calls.filter(|call| {
        let redeemed = store.redeem(&redemption(&[*call; 32], 2_500)).unwrap();
        matches!(redeemed, Redeemed::Granted(_))
    });
    say(&format!("granted {}", granted.count()));
}

#[test]
fn two_processes_that_redeem_at_once_share_the_grants() {
    let folder = Folder::new();
    let store = sqlite(&folder);
    for call in 0..CALLS {
        let id = store.ask(&question(call, 1)).unwrap().id;
        store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
    }
    let children: Vec<Child> =
        (0..3).map(|_| start_again("approvals::redeems_all_calls", folder.path())).collect();
    let granted = children.into_iter().map(|child| {
        let out = child.wait_with_output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let line = text.lines().find_map(|line| line.split_once("granted "));
        line.unwrap().1.parse::<u32>().unwrap()
    });
    assert_eq!(granted.sum::<u32>(), u32::from(CALLS));
}

#[test]
fn a_store_that_is_kept_busy_refuses_within_its_bound() {
    let folder = Folder::new();
    let path = folder.file("approvals.db");
    let store = SqliteApprovals::open(&path, Duration::from_millis(50)).unwrap();
    let mut other = rusqlite::Connection::open(&path).unwrap();
    let immediate = rusqlite::TransactionBehavior::Immediate;
    let _held = other.transaction_with_behavior(immediate).unwrap();
    let begun = std::time::Instant::now();
    let busy = ApprovalError::Store(StoreError::Busy);
    assert_eq!(store.ask(&question(1, 1)), Err(busy));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_file_that_is_no_store_or_holds_a_damaged_ticket_is_an_error() {
    let folder = Folder::new();
    std::fs::write(folder.file("notes.db"), "notes ".repeat(1_000)).unwrap();
    let refused = SqliteApprovals::open(&folder.file("notes.db"), WAIT).unwrap_err();
    assert!(matches!(refused, StoreError::Failed(_)));
    let store = sqlite(&folder);
    let id = store.ask(&question(1, 1)).unwrap().id;
    store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
    let other = rusqlite::Connection::open(folder.file("approvals.db")).unwrap();
    other.execute_batch("UPDATE approvals SET ticket = substr(ticket, 2)").unwrap();
    let damaged = store.redeem(&redemption(&[1; 32], 2_500));
    assert!(matches!(damaged, Err(ApprovalError::Store(StoreError::Failed(_)))));
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let _store = sqlite(&folder);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

#[test]
fn a_store_of_another_version_is_refused() {
    let folder = Folder::new();
    drop(sqlite(&folder));
    let other = rusqlite::Connection::open(folder.file("approvals.db")).unwrap();
    other.execute_batch("UPDATE guard_parts SET version = 2").unwrap();
    let refused = SqliteApprovals::open(&folder.file("approvals.db"), WAIT).unwrap_err();
    assert!(matches!(refused, StoreError::Failed(_)));
}

#[derive(Debug, Clone)]
enum Step {
    Ask { call: u8, sequence: u64, allow: bool, quorum: u32 },
    Vote { call: u8, sequence: u64, by: u8, ballot: u8 },
    Bind { call: u8, sequence: u64, new: u8 },
    Redeem { call: u8, not_before_ms: Option<i64> },
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        (0..3_u8, 0..3_u64, any::<bool>(), 1..3_u32).prop_map(|(call, sequence, allow, quorum)| {
            Step::Ask { call, sequence, allow, quorum }
        }),
        (0..3_u8, 0..3_u64, 0..3_u8, 0..5_u8)
            .prop_map(|(call, sequence, by, ballot)| { Step::Vote { call, sequence, by, ballot } }),
        (0..3_u8, 0..3_u64, 0..4_u8).prop_map(|(call, sequence, new)| Step::Bind {
            call,
            sequence,
            new
        }),
        (0..4_u8, proptest::option::of(0..60_i64))
            .prop_map(|(call, not_before_ms)| Step::Redeem { call, not_before_ms }),
    ];
    proptest::collection::vec((step, 0..60_i64), 1..60)
}

fn take(store: &dyn ApprovalStore, step: &Step, now_ms: i64) -> (String, Option<Redeemed>) {
    let id = |call: u8, sequence| question(call, sequence).ticket_id();
    match step {
        Step::Ask { call, sequence, allow, quorum } => {
            let on_expiry = if *allow { OnExpiry::Allow } else { OnExpiry::Deny };
            let asked = Question {
                on_expiry,
                quorum: *quorum,
                asked_at_ms: 0,
                expires_at_ms: Some(50),
                ..question(*call, *sequence)
            };
            (format!("{:?}", store.ask(&asked)), None)
        }
        Step::Vote { call, sequence, by, ballot } => {
            let ballot = match ballot {
                0 => Ballot::No,
                1 => Ballot::Edit(format!("[{by}]")),
                _ => Ballot::Yes,
            };
            let voted = store.vote(&id(*call, *sequence), &format!("p{by}"), &ballot, now_ms);
            (format!("{voted:?}"), None)
        }
        Step::Bind { call, sequence, new } => {
            let bound = store.bind_edit(&id(*call, *sequence), &[*new; 32], now_ms);
            (format!("{bound:?}"), None)
        }
        Step::Redeem { call, not_before_ms } => {
            let hash = [*call; 32];
            let exact = redemption(&hash, now_ms);
            let redeemed = store.redeem(&Redemption { not_before_ms: *not_before_ms, ..exact });
            (format!("{redeemed:?}"), Some(redeemed.unwrap()))
        }
    }
}

/// What people have said of each ticket, kept the simplest way: who would have to be asked
/// whether a grant was theirs.
#[derive(Default)]
struct Said {
    quorum: u32,
    hash: u8,
    editor: Option<u8>,
    yes: BTreeMap<u8, i64>,
    no: bool,
}

impl Said {
    fn hear(&mut self, step: &Step, now_ms: i64) {
        match step {
            Step::Ask { call, quorum, .. } if self.quorum == 0 => {
                (self.quorum, self.hash) = (*quorum, *call);
            }
            Step::Vote { ballot: 0, .. } => self.no = true,
            // The same edit again is no second one.
            Step::Vote { by, ballot: 1, .. } if self.editor == Some(*by) => {}
            Step::Vote { by, ballot: 1, .. } => {
                self.yes = BTreeMap::from([(*by, now_ms)]);
                self.editor = Some(*by);
            }
            Step::Vote { by, .. } => drop(self.yes.entry(*by).or_insert(now_ms)),
            Step::Bind { new, .. } => {
                self.hash = *new;
                self.editor = None;
            }
            Step::Ask { .. } | Step::Redeem { .. } => {}
        }
    }

    fn would_grant(&self, call: u8, not_before_ms: Option<i64>) -> bool {
        let fresh = self.yes.values().all(|at| not_before_ms.is_none_or(|start| *at >= start));
        let enough = self.yes.len() >= self.quorum as usize;
        fresh && enough && !self.no && self.editor.is_none() && self.hash == call
    }
}

fn ticket_of(step: &Step) -> Option<String> {
    match step {
        Step::Ask { call, sequence, .. }
        | Step::Vote { call, sequence, .. }
        | Step::Bind { call, sequence, .. } => Some(question(*call, *sequence).ticket_id()),
        Step::Redeem { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_stores_agree_and_no_ticket_lets_two_calls_through(steps in steps()) {
        let folder = Folder::new();
        let memory = MemoryApprovals::new();
        let mut sqlite_store = sqlite(&folder);
        let mut granted = BTreeSet::new();
        let mut allowed = 0;
        let mut said: BTreeMap<String, Said> = BTreeMap::new();
        for (number, (step, now_ms)) in steps.iter().enumerate() {
            if number % 20 == 19 {
                sqlite_store = sqlite(&folder);
            }
            let (one, redeemed) = take(&memory, step, *now_ms);
            let (other, _) = take(&sqlite_store, step, *now_ms);
            prop_assert_eq!(&one, &other);
            if let Some(id) = ticket_of(step).filter(|_| one.starts_with("Ok")) {
                said.entry(id).or_default().hear(step, *now_ms);
            }
            match redeemed {
                Some(Redeemed::Granted(id)) => {
                    let Step::Redeem { call, not_before_ms } = step else { panic!("a grant") };
                    prop_assert!(said[&id].would_grant(*call, *not_before_ms));
                    prop_assert!(*now_ms < 50, "granted after it had expired");
                    prop_assert!(granted.insert(id));
                }
                Some(Redeemed::Expired { on_expiry: OnExpiry::Allow }) => allowed += 1,
                _ => {}
            }
        }
        let listed = memory.list(&Filter::default()).unwrap();
        prop_assert_eq!(&listed, &sqlite_store.list(&Filter::default()).unwrap());
        let used = listed.iter().filter(|ticket| ticket.state == TicketState::Used).count();
        prop_assert_eq!(used, granted.len() + allowed);
    }
}

#[test]
fn every_role_has_to_agree_and_nothing_is_used_up_before() {
    on_each(|store| {
        let of_role = |role: &str| Question { role: role.to_owned(), ..question(1, 1) };
        let [first, second] = ["treasurer", "security"].map(|role| {
            let id = store.ask(&of_role(role)).unwrap().id;
            store.vote(&id, "ann", &Ballot::Yes, 2_000).unwrap();
            id
        });
        assert_ne!(first, second);
        let exact = redemption(&[1; 32], 2_500);
        let of = |roles| store.redeem(&Redemption { roles, ..exact }).unwrap();
        assert_eq!(of(&["treasurer", "owner"]), Redeemed::None);
        assert_eq!(of(&["owner"]), Redeemed::None);
        assert_eq!(of(&[]), Redeemed::None);
        assert_eq!(of(&["security", "treasurer"]), Redeemed::Granted(second));
        assert_eq!(of(&["treasurer"]), Redeemed::None);
    });
}
