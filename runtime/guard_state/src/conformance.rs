//! What every store must do, as tests over any of them.

#![expect(clippy::expect_used, reason = "a test: what is wrong stops it")]

use crate::{Claim, Claimed, Key, StateStore};

/// Makes an empty store.
pub type Make<'m> = &'m dyn Fn() -> Box<dyn StateStore>;

/// Runs every test; each has an empty store.
pub fn all(make: Make<'_>) {
    no_window_ever_holds_more(make);
    all_claims_or_none(make);
    what_is_given_back_is_free(make);
    a_clock_that_runs_back_stands_still(make);
    a_burst_is_bounded_in_the_shorter_window(make);
    keys_are_apart(make);
    what_was_remembered_is_not_new(make);
}

fn claim(key: &str, amount: i64, most: i64, window_ms: i64) -> Claim {
    Claim { key: Key::new("conformance", &[key.as_bytes()]), amount, most, window_ms, burst: None }
}

fn took(store: &dyn StateStore, claims: &[Claim], now: i64, ticket: u64) -> bool {
    store.claim(claims, now, ticket).expect("the store answers") == Claimed::Taken
}

/// Against a plain list of everything that was taken.
fn no_window_ever_holds_more(make: Make<'_>) {
    let store = make();
    let mut random = 1_u64;
    let mut next = |below: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut now = 0;
    let mut taken: Vec<(i64, i64)> = Vec::new();
    for ticket in 0..400 {
        now += i64::try_from(next(40)).unwrap_or(0);
        let amount = i64::try_from(next(4)).unwrap_or(0);
        let in_window = |at: &i64| now - at < 100;
        let sum: i64 = taken.iter().filter(|(at, _)| in_window(at)).map(|(_, n)| n).sum();
        let fits = sum + amount <= 7;
        let claims = [claim("sum", amount, 7, 100)];
        let would = store.would_fit(&claims, now).expect("the store answers");
        assert_eq!(would == Claimed::Taken, fits, "at {now}, {sum} taken, {amount} more");
        assert_eq!(took(&*store, &claims, now, ticket), fits, "at {now}, {sum} and {amount}");
        if fits {
            taken.push((now, amount));
        }
        let sum = if fits { sum + amount } else { sum };
        let left = store.left(&claim("sum", 0, 7, 100), now).expect("the store answers");
        assert_eq!(left.0, 7 - sum, "what is left at {now}");
    }
}

fn all_claims_or_none(make: Make<'_>) {
    let store = make();
    let (wide, narrow) = (claim("wide", 1, 10, 100), claim("narrow", 1, 1, 100));
    assert!(took(&*store, &[wide, narrow], 0, 1));
    for ticket in 2..5 {
        let refused = store.claim(&[wide, narrow], 0, ticket).expect("the store answers");
        assert_eq!(refused, Claimed::Refused(1));
    }
    assert_eq!(store.left(&wide, 0).expect("the store answers").0, 9, "nothing was kept");
}

fn what_is_given_back_is_free(make: Make<'_>) {
    let store = make();
    let one = [claim("one", 1, 1, 1_000)];
    assert!(took(&*store, &one, 0, 7));
    assert!(!took(&*store, &one, 1, 8));
    store.give_back(&one, 8).expect("the store answers");
    assert!(!took(&*store, &one, 2, 9), "a ticket that took nothing gives nothing back");
    store.give_back(&one, 7).expect("the store answers");
    assert!(took(&*store, &one, 3, 10));
}

fn a_clock_that_runs_back_stands_still(make: Make<'_>) {
    let store = make();
    let one = [claim("clock", 1, 1, 100)];
    assert!(took(&*store, &one, 1_000, 1));
    assert!(!took(&*store, &one, 500, 2));
    assert!(!took(&*store, &one, 1_099, 3));
    assert!(took(&*store, &one, 1_100, 4));
}

fn a_burst_is_bounded_in_the_shorter_window(make: Make<'_>) {
    let store = make();
    let burst = [Claim { burst: Some((2, 10)), ..claim("burst", 1, 4, 100) }];
    let taken: Vec<bool> = [0, 1, 2, 10, 11, 30, 99, 100]
        .iter()
        .zip(0..)
        .map(|(at, n)| took(&*store, &burst, *at, n))
        .collect();
    assert_eq!(taken, [true, true, false, true, true, false, false, true]);
}

fn keys_are_apart(make: Make<'_>) {
    let store = make();
    assert!(took(&*store, &[claim("a", 1, 1, 100)], 0, 1));
    assert!(took(&*store, &[claim("b", 1, 1, 100)], 0, 2));
    assert!(!took(&*store, &[claim("a", 1, 1, 100)], 0, 3));
}

fn what_was_remembered_is_not_new(make: Make<'_>) {
    let store = make();
    let (old, new) = (Key::new("novel", &[b"a", b"b"]), Key::new("novel", &[b"ab"]));
    store.remember(old).expect("the store answers");
    assert!(!store.is_new(old).expect("the store answers"));
    assert!(store.is_new(new).expect("the store answers"), "other parts are another key");
}
