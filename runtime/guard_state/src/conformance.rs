//! What every store must do, as a suite that any store can be put through: each rule of the contract
//! by example, and long generated histories against an oracle that remembers everything.
//!
//! Keys are new in every run, so one store may be put through it again and again.

mod generated;
mod oracle;

use crate::limits::{TIME_MS_MAX, WINDOW_EVENTS_MAX};
use crate::{
    Amount, Claim, Claimed, Concurrency, Key, Rates, Saved, SessionStore, Standing, StateStore,
    StoreError, Take, Versioned, Window, Windows,
};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub use generated::histories_agree_with_the_oracle;

/// What a store did that it must not do.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

type Checked = Result<(), Failure>;
type Check = fn(&dyn StateStore) -> Checked;

/// All rules, under the names of the facts they state.
const CHECKS: [(&str, Check); 15] = [
    ("a take leaves its window at its end", a_take_leaves_its_window_at_its_end),
    ("a refused take does not count", a_refused_take_does_not_count),
    ("all claims are taken or none", all_claims_are_taken_or_none),
    ("claims of one key are added up", claims_of_one_key_are_added_up),
    ("a burst is a second window", a_burst_is_a_second_window),
    ("sums are exact", sums_are_exact),
    ("what is given back is free", what_is_given_back_is_free),
    ("a place is free when given back or at the end", a_place_is_free_again),
    ("time never runs backwards", time_never_runs_backwards),
    ("more takes than the bound are refused", more_takes_than_the_bound_are_refused),
    ("what cannot be kept exactly is refused", what_cannot_be_kept_exactly_is_refused),
    ("a key is new once", a_key_is_new_once),
    ("a breaker counts its window", a_breaker_counts_its_window),
    ("many threads never take too much", many_threads_never_take_too_much),
    ("histories agree with the oracle", |store| histories_agree_with_the_oracle(store, 48)),
];

/// Puts a store through all of it.
pub fn check_state(store: &dyn StateStore) -> Result<(), Failure> {
    for (name, check) in CHECKS {
        check(store).map_err(|failure| Failure(format!("{name}: {failure}")))?;
    }
    Ok(())
}

/// A key that no other run has used with this store.
fn new_key() -> Key {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Key::new("conformance", &[&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes()])
}

fn ensure(is_so: bool, what: impl FnOnce() -> String) -> Checked {
    if is_so { Ok(()) } else { Err(Failure(what())) }
}

#[track_caller]
fn same<T: PartialEq + fmt::Debug>(got: &T, want: &T) -> Checked {
    let line = std::panic::Location::caller().line();
    ensure(got == want, || format!("line {line}: got {got:?}, want {want:?}"))
}

fn millionths(number: i64) -> Amount {
    Amount::from_millionths(number).unwrap_or_default()
}

fn units(number: u32) -> Amount {
    Amount::from_count(number).unwrap_or_default()
}

fn window(most: Amount, window_ms: i64) -> Windows {
    Windows { rate: Window { most, window_ms }, burst: None }
}

fn take(key: Key, amount: Amount, windows: Windows) -> Claim {
    Claim::Take(Take { key, amount, windows })
}

/// A limit to `most` calls in `window_ms`, under a new key.
fn count(most: u32, window_ms: i64) -> Claim {
    take(new_key(), Amount::ONE, window(units(most), window_ms))
}

fn place(most: u32, lease_ms: i64) -> Claim {
    Claim::Concurrency(Concurrency { key: new_key(), most, lease_ms })
}

/// Claims one after the other; whether each was permitted.
fn permitted(
    store: &dyn StateStore,
    claim: Claim,
    times_ms: &[i64],
) -> Result<Vec<bool>, StoreError> {
    let claims = times_ms.iter().zip(1..).map(|(now_ms, ticket)| {
        store.claim(&[claim], *now_ms, ticket).map(|claimed| claimed.is_permitted())
    });
    claims.collect()
}

fn standing(claimed: &Claimed, index: usize) -> (i64, i64) {
    let standing: Standing = claimed.standings.get(index).unwrap_or_default();
    (standing.remaining.millionths() / 1_000_000, standing.resets_in_ms)
}

fn a_take_leaves_its_window_at_its_end(store: &dyn StateStore) -> Checked {
    let times = [1000, 1001, 1002, 1099, 1100, 1100, 1101];
    let got = permitted(store, count(2, 100), &times)?;
    same(&got, &vec![true, true, false, false, true, false, true])?;
    let claim = count(3, 100);
    same(&standing(&store.claim(&[claim], 0, 1)?, 0), &(2, 100))?;
    same(&standing(&store.claim(&[claim], 30, 2)?, 0), &(1, 70))?;
    same(&standing(&store.peek(&[claim], 99)?, 0), &(1, 1))?;
    same(&standing(&store.peek(&[claim], 130)?, 0), &(3, 0))?;
    same(&permitted(store, count(0, 100), &[0, 1])?, &vec![false, false])
}

fn a_refused_take_does_not_count(store: &dyn StateStore) -> Checked {
    let times: Vec<i64> = (0..10).map(|step| step * 10).chain([100, 200]).collect();
    let got = permitted(store, count(1, 100), &times)?;
    let want: Vec<bool> = times.iter().map(|time| time % 100 == 0).collect();
    same(&got, &want)
}

fn all_claims_are_taken_or_none(store: &dyn StateStore) -> Checked {
    let (wide, narrow, seat) = (count(5, 100), count(1, 100), place(2, 100));
    let all = [wide, seat, narrow];
    same(&store.claim(&all, 0, 1)?.refused, &None)?;
    let refused = store.claim(&all, 1, 2)?;
    same(&refused.refused, &Some(2))?;
    same(&standing(&refused, 0), &(4, 99))?;
    same(&standing(&refused, 1), &(1, 99))?;
    same(&standing(&refused, 2), &(0, 99))?;
    same(&standing(&store.peek(&[wide], 1)?, 0), &(4, 99))?;
    let none = store.claim(&[], 0, 3)?;
    ensure(none.is_permitted(), || "nothing was refused".to_owned())
}

fn claims_of_one_key_are_added_up(store: &dyn StateStore) -> Checked {
    let claim = count(3, 100);
    same(&store.claim(&[claim; 4], 0, 1)?.refused, &Some(3))?;
    let claimed = store.claim(&[claim; 3], 0, 1)?;
    same(&claimed.refused, &None)?;
    let each: Vec<_> = (0..3).map(|index| standing(&claimed, index)).collect();
    same(&each, &vec![(2, 100), (1, 100), (0, 100)])?;
    let seat = place(1, 100);
    same(&store.claim(&[seat, seat], 0, 1)?.refused, &Some(1))
}

fn a_burst_is_a_second_window(store: &dyn StateStore) -> Checked {
    let burst = Some(Window { most: units(2), window_ms: 20 });
    let windows = Windows { burst, ..window(units(4), 100) };
    let claim = take(new_key(), Amount::ONE, windows);
    let times = [0, 0, 0, 19, 20, 20, 40, 99, 100, 119, 120, 120, 120];
    let want = [true, true, false, false, true, true, false, false, true, true, true, false, false];
    same(&permitted(store, claim, &times)?, &want.to_vec())
}

fn sums_are_exact(store: &dyn StateStore) -> Checked {
    let key = new_key();
    let tenth = Amount::from_float(0.1).unwrap_or_default();
    let claim = take(key, tenth, window(units(1), 100));
    let got = permitted(store, claim, &[0; 11])?;
    same(&got.iter().filter(|permitted| **permitted).count(), &10)?;
    let nothing = take(key, Amount::ZERO, window(units(1), 100));
    same(&permitted(store, nothing, &[0])?, &vec![true])?;
    // Ten ended, and a millionth more than the whole does not fit.
    let more = take(key, millionths(1_000_001), window(units(1), 100));
    same(&permitted(store, more, &[100])?, &vec![false])?;
    let whole = take(key, units(1), window(units(1), 100));
    same(&permitted(store, whole, &[100])?, &vec![true])?;
    let most = millionths(crate::limits::AMOUNT_MILLIONTHS_MAX);
    let large = take(new_key(), millionths(most.millionths() - 1), window(most, 100));
    let claimed = store.claim(&[large], 0, 1)?;
    same(&claimed.standings.get(0).map(|one| one.remaining), &Some(millionths(1)))?;
    let Claim::Take(large) = large else { return Ok(()) };
    let two = Claim::Take(Take { amount: millionths(2), ..large });
    let one = Claim::Take(Take { amount: millionths(1), ..large });
    same(&store.claim(&[two], 1, 2)?.refused, &Some(0))?;
    same(&store.claim(&[one], 1, 3)?.refused, &None)
}

fn what_is_given_back_is_free(store: &dyn StateStore) -> Checked {
    let (claim, other) = (count(2, 100), count(2, 100));
    for ticket in [1, u64::MAX] {
        same(&store.claim(&[claim, other], 0, ticket)?.refused, &None)?;
    }
    store.give_back(&[claim], u64::MAX)?;
    store.give_back(&[claim], u64::MAX)?;
    store.give_back(&[claim], 77)?;
    same(&standing(&store.peek(&[claim, other], 0)?, 0), &(1, 100))?;
    same(&standing(&store.peek(&[claim, other], 0)?, 1), &(0, 100))?;
    let sum = take(new_key(), millionths(700_000), window(units(1), 100));
    same(&store.claim(&[sum], 0, 1)?.refused, &None)?;
    same(&store.claim(&[sum], 0, 2)?.refused, &Some(0))?;
    store.give_back(&[sum], 1)?;
    same(&store.claim(&[sum], 0, 3)?.refused, &None)
}

fn a_place_is_free_again(store: &dyn StateStore) -> Checked {
    let seat = place(2, 100);
    same(&permitted(store, seat, &[0, 10, 20])?, &vec![true, true, false])?;
    same(&standing(&store.peek(&[seat], 20)?, 0), &(0, 80))?;
    store.give_back(&[seat], 2)?;
    same(&store.claim(&[seat], 20, 4)?.refused, &None)?;
    same(&store.claim(&[seat], 99, 5)?.refused, &Some(0))?;
    same(&store.claim(&[seat], 100, 6)?.refused, &None)?;
    same(&permitted(store, place(0, 100), &[0])?, &vec![false])
}

fn time_never_runs_backwards(store: &dyn StateStore) -> Checked {
    // Permitted at 100, 100 (said to be 40), then the first two leave at 200 and not at 140.
    let got = permitted(store, count(2, 100), &[100, 40, 150, 199, 0, 200, 200, 200])?;
    same(&got, &vec![true, true, false, false, false, true, true, false])?;
    let claim = count(1, 100);
    same(&store.claim(&[claim], 500, 1)?.refused, &None)?;
    store.give_back(&[claim], 1)?;
    same(&standing(&store.claim(&[claim], 10, 2)?, 0), &(0, 100))?;
    same(&store.claim(&[claim], 599, 3)?.refused, &Some(0))?;
    same(&permitted(store, place(1, 100), &[100, 0, 199, 200])?, &vec![true, false, false, true])
}

fn more_takes_than_the_bound_are_refused(store: &dyn StateStore) -> Checked {
    let claim = take(new_key(), millionths(1), window(units(1), 100));
    let claims = [claim; crate::limits::CLAIMS_MAX];
    for ticket in (1..).take(WINDOW_EVENTS_MAX / claims.len()) {
        same(&store.claim(&claims, 0, ticket)?.refused, &None)?;
    }
    let refused = store.claim(&[claim], 99, 0)?;
    same(&refused.refused, &Some(0))?;
    same(&standing(&refused, 0), &(0, 1))?;
    same(&store.claim(&claims, 100, 0)?.refused, &None)
}

fn what_cannot_be_kept_exactly_is_refused(store: &dyn StateStore) -> Checked {
    let is_misuse = |claims: &[Claim], now_ms: i64| {
        matches!(store.claim(claims, now_ms, 1), Err(StoreError::Misuse(_)))
            && matches!(store.peek(claims, now_ms), Err(StoreError::Misuse(_)))
    };
    let bad: [(&[Claim], i64); 6] = [
        (&[count(1, 0)], 0),
        (&[count(1, -5)], 0),
        (&[count(1, i64::MAX)], 0),
        (&[place(1, 0)], 0),
        (&[count(1, 1)], TIME_MS_MAX + 1),
        (&[count(100, 1); crate::limits::CLAIMS_MAX + 1], 0),
    ];
    for (claims, now_ms) in bad {
        ensure(is_misuse(claims, now_ms), || format!("{claims:?} at {now_ms}"))?;
    }
    // The outermost times there are.
    let longest = count(1, TIME_MS_MAX);
    let times = [-TIME_MS_MAX, -1, 0, TIME_MS_MAX - 1, TIME_MS_MAX];
    same(&permitted(store, longest, &times)?, &vec![true, false, true, false, true])
}

fn a_key_is_new_once(store: &dyn StateStore) -> Checked {
    let (key, other) = (new_key(), new_key());
    // Asking does not make it known.
    same(&(store.first_time(key)?, store.first_time(key)?), &(true, true))?;
    store.remember(key)?;
    same(&(store.first_time(key)?, store.first_time(other)?), &(false, true))?;
    store.remember(key)?;
    same(&(store.first_time(key)?, store.first_time(other)?), &(false, true))
}

fn a_breaker_counts_its_window(store: &dyn StateStore) -> Checked {
    let key = new_key();
    let counted = |events, failures| Rates { events, failures, open_until_ms: None };
    same(&store.rates(key, 0, 100)?, &Rates::default())?;
    for (at_ms, failed) in [(0, true), (10, false), (20, true), (5, true)] {
        store.record(key, failed, at_ms, 100)?;
    }
    same(&store.rates(key, 20, 100)?, &counted(4, 3))?;
    same(&store.rates(key, 99, 100)?, &counted(4, 3))?;
    same(&store.rates(key, 100, 100)?, &counted(3, 2))?;
    same(&store.rates(key, 110, 100)?, &counted(2, 2))?;
    same(&store.rates(key, 120, 100)?, &counted(0, 0))?;
    store.open(key, 120, 300)?;
    store.open(key, 130, 200)?;
    let open = Rates { open_until_ms: Some(300), ..Rates::default() };
    same(&store.rates(key, 299, 100)?, &open)?;
    // That it was open is known until it is closed, long after.
    same(&store.rates(key, 300, 100)?, &open)?;
    store.record(key, true, 310, 100)?;
    let since = Rates { open_until_ms: Some(300), ..counted(1, 1) };
    same(&store.rates(key, 310, 100)?, &since)?;
    same(&store.rates(key, 10_000, 100)?, &open)?;
    store.open(key, 320, 900)?;
    store.close(key)?;
    same(&store.rates(key, 330, 100)?, &counted(0, 0))
}

fn many_threads_never_take_too_much(store: &dyn StateStore) -> Checked {
    const THREADS: u64 = 4;
    let claims = [count(50, 1_000_000), count(80, 1_000_000)];
    let (taken, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let hammer = |thread: u64| {
        // Every second thread names the keys in the other order.
        let mut mine = claims;
        if thread % 2 == 1 {
            mine.reverse();
        }
        for (step, now_ms) in (0..40_u64).zip(0_i64..) {
            match store.claim(&mine, now_ms, thread * 1000 + step) {
                Ok(claimed) if claimed.is_permitted() => taken.fetch_add(1, Ordering::Relaxed),
                Ok(_) => 0,
                Err(_) => failed.fetch_add(1, Ordering::Relaxed),
            };
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || hammer(thread));
        }
    });
    same(&(taken.into_inner(), failed.into_inner()), &(50, 0))?;
    same(&standing(&store.peek(&claims, 0)?, 1).0, &30)
}

/// Puts a store of sessions through its contract. `id` must be new to it.
pub fn check_sessions(store: &dyn SessionStore, id: &str) -> Result<(), Failure> {
    let bytes = [0_u8, 255, b'\r', b'\n', 0];
    same(&store.load(id)?, &None)?;
    same(&store.save(id, &bytes, 1)?, &Saved::Conflict)?;
    same(&store.load(id)?, &None)?;
    same(&store.save(id, &bytes, 0)?, &Saved::Done)?;
    same(&store.save(id, b"other", 0)?, &Saved::Conflict)?;
    same(&store.load(id)?, &Some(Versioned { bytes: bytes.to_vec(), version: 1 }))?;
    same(&store.save(id, b"", 1)?, &Saved::Done)?;
    same(&store.save(id, b"late", 1)?, &Saved::Conflict)?;
    same(&store.load(id)?, &Some(Versioned { bytes: Vec::new(), version: 2 }))?;
    let large = vec![0; crate::limits::SESSION_BYTES_MAX + 1];
    let refused = store.save(id, &large, 2);
    ensure(matches!(refused, Err(StoreError::Full(_))), || format!("too large: {refused:?}"))?;
    let long = "i".repeat(crate::limits::SESSION_ID_BYTES_MAX + 1);
    let refused = store.save(&long, b"", 0);
    ensure(matches!(refused, Err(StoreError::Full(_))), || format!("too long: {refused:?}"))?;
    events_that_arrive_at_once_are_all_saved(store, &format!("{id} at once"))
}

/// Every thread adds a byte by loading and saving until it is not in conflict.
fn events_that_arrive_at_once_are_all_saved(store: &dyn SessionStore, id: &str) -> Checked {
    let add = || -> Result<(), StoreError> {
        for _ in 0..20 {
            loop {
                let now = store.load(id)?.unwrap_or(Versioned { bytes: Vec::new(), version: 0 });
                let bytes = [now.bytes.as_slice(), b"x"].concat();
                if store.save(id, &bytes, now.version)? == Saved::Done {
                    break;
                }
            }
        }
        Ok(())
    };
    let failed = std::thread::scope(|scope| {
        let threads = [scope.spawn(add), scope.spawn(add), scope.spawn(add)];
        threads.into_iter().any(|thread| !matches!(thread.join(), Ok(Ok(()))))
    });
    ensure(!failed, || "a thread failed".to_owned())?;
    let saved = store.load(id)?.map(|session| (session.bytes.len(), session.version));
    same(&saved, &Some((60, 60)))
}
