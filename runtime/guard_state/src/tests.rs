//! Facts about the stores in memory, and about what every store takes for granted.

use crate::conformance::{check_sessions, check_state, histories_agree_with_the_oracle};
use crate::*;
use proptest::prelude::*;
use std::sync::Arc;

fn count(name: &str, most: u32, window_ms: i64) -> Claim {
    let rate = Window { most: Amount::from_count(most).unwrap(), window_ms };
    let key = Key::new("test", &[name.as_bytes()]);
    Claim::Take(Take { key, amount: Amount::ONE, windows: Windows { rate, burst: None } })
}

#[test]
fn the_memory_store_conforms() {
    let store = MemoryStore::new();
    check_state(&store).unwrap();
    check_state(&store).unwrap();
}

#[test]
fn the_memory_store_agrees_with_the_oracle_in_long_runs() {
    histories_agree_with_the_oracle(&MemoryStore::new(), 400).unwrap();
}

#[test]
fn a_store_of_few_keys_still_conforms_because_expired_keys_are_dropped() {
    // One key for each shard: the histories' keys drive each other out as soon as they may.
    let store = MemoryStore::with_keys_max(0);
    let mut refused = 0;
    for step in 0..2000_i64 {
        let claim = count(&step.to_string(), 1, 100);
        match store.claim(&[claim], step * 100, 1) {
            Ok(claimed) => assert!(claimed.is_permitted()),
            Err(StoreError::Full(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refused, 0);
    assert!(store.keys() <= 64);
}

#[test]
fn a_full_store_refuses_new_keys_and_still_serves_old_ones() {
    let store = MemoryStore::with_keys_max(128);
    let mut old = Vec::new();
    let mut refused = 0;
    for number in 0..1000_u64 {
        let claim = count(&number.to_string(), 2, 1000);
        match store.claim(&[claim], 0, number) {
            Ok(_) => old.push(claim),
            Err(error) => {
                assert_eq!(error, StoreError::Full("no room for another key"));
                refused += 1;
            }
        }
    }
    assert_eq!((old.len(), refused, store.keys()), (128, 872, 128));
    for claim in &old {
        assert!(store.claim(&[*claim], 999, 7).unwrap().is_permitted());
        assert!(!store.claim(&[*claim], 999, 7).unwrap().is_permitted());
    }
    // What does not fit with its neighbours takes nothing.
    let new = count("new", 1, 1000);
    assert!(store.claim(&[old[0], new], 1000, 8).is_err());
    assert_eq!(
        store.peek(&old[..1], 1000).unwrap().standings.get(0).unwrap().remaining.millionths(),
        1_000_000
    );
    // In the end all of them have expired.
    assert!(store.claim(&[new], 1999, 8).unwrap().is_permitted());
}

#[test]
fn making_room_for_one_key_of_a_decision_never_drops_another() {
    for round in 0..200_u32 {
        let store = MemoryStore::with_keys_max(128);
        let old: Vec<Claim> = (0..128).map(|n| count(&format!("{round} {n}"), 1, 10)).collect();
        for claim in &old {
            store.claim(&[*claim], 0, 1).ok();
        }
        // All have expired. The second claim's shard is often the first's, and full.
        for (n, claim) in (0..).zip(&old) {
            let pair = [*claim, count(&format!("{round} new {n}"), 1, 10)];
            match store.claim(&pair, 10, n) {
                Ok(claimed) => assert!(claimed.is_permitted()),
                Err(error) => assert!(matches!(error, StoreError::Full(_)), "{error}"),
            }
        }
    }
}

#[test]
fn novelty_is_bounded_and_never_swept() {
    let store = MemoryStore::with_keys_max(64);
    let keys: Vec<Key> = (0..500_u32).map(|n| Key::new("n", &[&n.to_be_bytes()])).collect();
    let kept: Vec<&Key> = keys.iter().filter(|key| store.remember(**key).is_ok()).collect();
    assert_eq!(kept.len(), 64);
    assert!(store.claim(&[count("a", 1, 1)], limits::TIME_MS_MAX, 1).is_err());
    for key in &keys {
        assert_eq!(store.first_time(*key).unwrap(), !kept.contains(&key));
    }
}

#[test]
fn a_handle_finds_its_key_again_after_a_sweep() {
    let store = MemoryStore::with_keys_max(0);
    let claim = count("mine", 1, 100);
    let Claim::Take(Take { key, windows, .. }) = claim else { panic!("it is a take") };
    let mut handle = store.resolve(key, 0).unwrap();
    let mut take_at =
        |now_ms, ticket| store.take_at(&mut handle, Amount::ONE, &windows, now_ms, ticket).unwrap();
    assert!(take_at(0, 1).is_permitted);
    assert!(!take_at(99, 2).is_permitted);
    for other in 0..500_u32 {
        store.claim(&[count(&other.to_string(), 1, 100)], 100, 3).ok();
    }
    let one = take_at(200, 4);
    assert_eq!((one.is_permitted, one.standing.resets_in_ms), (true, 100));
    assert!(!store.claim(&[claim], 299, 5).unwrap().is_permitted());
}

#[test]
fn a_shorter_window_does_not_forget_what_a_longer_one_counts() {
    let store = MemoryStore::new();
    let (short, long) = (count("both", 9, 10), count("both", 2, 1000));
    let ask = |claim: Claim, now_ms: i64| store.claim(&[claim], now_ms, 1).unwrap().is_permitted();
    assert!(ask(long, 0) && ask(short, 500) && ask(short, 600));
    // The takes at 0, 500 and 600 count for the long window, whoever took them.
    assert!(!ask(long, 999) && !ask(long, 1499) && ask(long, 1500));
}

#[test]
fn what_a_longer_window_counted_does_not_take_the_room_of_a_shorter_one() {
    let store = MemoryStore::new();
    let long = count("was long", u32::MAX, 1_000_000_000);
    assert!(store.claim(&[long], 0, 1).unwrap().is_permitted());
    let short = count("was long", 4000, 1000);
    for now_ms in 1..10_000 {
        assert!(store.claim(&[short], now_ms, 2).unwrap().is_permitted(), "{now_ms}");
    }
}

#[test]
fn sessions_in_memory_conform_and_are_bounded() {
    check_sessions(&MemorySessions::new(), "one").unwrap();
    let small = MemorySessions::with_sessions_max(1);
    assert_eq!(small.save("a", b"1", 0).unwrap(), Saved::Done);
    assert!(matches!(small.save("b", b"1", 0), Err(StoreError::Full(_))));
    assert_eq!(small.save("a", b"2", 1).unwrap(), Saved::Done);
    assert!(small.forget("a").unwrap() && !small.forget("a").unwrap());
    assert_eq!(small.save("b", b"1", 0).unwrap(), Saved::Done);
}

#[test]
fn a_brake_holds_from_the_next_question_on_in_every_thread() {
    let brakes = Arc::new(Brakes::new());
    assert_eq!(brakes.is_stopped("a", Some("t"), Some("x")), None);
    let before = brakes.generation();
    std::thread::scope(|scope| {
        scope.spawn(|| brakes.stop(What::Tool("t".into()), "leak"));
    });
    assert!(brakes.generation() > before);
    assert_eq!(brakes.is_stopped("a", Some("t"), None).as_deref(), Some("leak"));
    assert_eq!(brakes.is_stopped("a", Some("u"), None), None);
    assert_eq!(brakes.is_stopped("t", None, Some("t")), None);
    brakes.stop(What::Agent("a".into()), "agent");
    brakes.stop(What::Tenant("x".into()), "tenant");
    assert_eq!(brakes.is_stopped("b", None, Some("x")).as_deref(), Some("tenant"));
    assert_eq!(brakes.is_stopped("a", None, None).as_deref(), Some("agent"));
    assert_eq!(brakes.list().len(), 3);
    assert!(brakes.release(&What::Agent("a".into())));
    assert!(!brakes.release(&What::Agent("a".into())));
    assert_eq!(brakes.is_stopped("a", None, None), None);
    brakes.stop(What::All, "all");
    assert_eq!(brakes.is_stopped("z", None, None).as_deref(), Some("all"));
}

#[test]
fn amounts_of_six_decimals_are_exact_and_others_are_rounded_against_the_caller() {
    let float = |value| Amount::from_float(value).map(Amount::millionths);
    let most = |value| Amount::most_from_float(value).map(Amount::millionths);
    assert_eq!(float(1.1), Some(1_100_000));
    assert_eq!(float(0.1 + 0.2), Some(300_001));
    assert_eq!((float(1e-9), most(1e-9)), (Some(1), Some(0)));
    assert_eq!((float(0.0), float(-0.0)), (Some(0), Some(0)));
    for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, -1e-9, -1.0, 1e10, 1e300] {
        assert_eq!((float(bad), most(bad)), (None, None), "{bad}");
    }
    assert!(float(9.0e9).is_some());
}

#[test]
fn the_share_of_a_key_is_the_same_for_ever() {
    assert_eq!(stable_share(b"user-1", "rule"), 9734);
    assert_ne!(stable_share(b"user-1", "rule"), stable_share(b"user-1", "other"));
    let shares = (0..10_000_u32).map(|n| stable_share(&n.to_be_bytes(), "s"));
    let below = shares.filter(|share| *share < 2_500).count();
    assert!((2_300..2_700).contains(&below), "{below}");
}

proptest! {
    #[test]
    fn six_decimals_are_always_exact(millionths in 0..=limits::AMOUNT_MILLIONTHS_MAX / 4) {
        let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let value: f64 = text.parse().unwrap();
        prop_assert_eq!(Amount::from_float(value).unwrap().millionths(), millionths);
        prop_assert_eq!(Amount::most_from_float(value).unwrap().millionths(), millionths);
        let back = Amount::from_millionths(millionths).unwrap().to_float();
        prop_assert_eq!(back.to_bits(), value.to_bits());
    }

    #[test]
    fn an_amount_is_never_less_than_the_number_and_a_bound_never_more(value in 0.0..1e9_f64) {
        prop_assert!(Amount::from_float(value).unwrap().to_float() >= value);
        prop_assert!(Amount::most_from_float(value).unwrap().to_float() <= value);
    }

    #[test]
    fn a_share_is_always_below_ten_thousand(key: Vec<u8>, salt: String) {
        prop_assert!(stable_share(&key, &salt) < 10_000);
    }

    #[test]
    fn no_two_lists_of_parts_have_one_key(a: Vec<Vec<u8>>, b: Vec<Vec<u8>>) {
        let key = |parts: &[Vec<u8>]| Key::new("s", &parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert_eq!(key(&a) == key(&b), a == b);
    }
}
