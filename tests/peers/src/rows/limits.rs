//! Row 11: a keyed limit check, 100 in a second for each key, with twice as many asked for.
//!
//! The two do not promise the same. governor is a GCRA: after a burst of 100 it lets one more pass every
//! 10 ms, so that up to 200 pass in some windows of a second. Ours never lets more than 100 pass in any.
//! Where both are asked evenly they refuse the same share, which is checked before anything is timed.
//!
//! Time goes on by an equal step for every check; because telling governor's clock costs something, it
//! is told once for sixteen checks, and ours changes as often. On its own clock governor's time is the
//! machine's: its quota is set, by a run before, so that it refuses half as well.

use crate::bench::{Effort, Goal, Table, Unit, cpu_time};
use crate::random::Random;
use governor::clock::{Clock, DefaultClock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use guard_state::{Amount, Claim, Handle, Key, MemoryStore, StateStore, Take, Window, Windows};
use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

/// How many pass in a second, for each key.
const MOST: u32 = 100;
const WINDOW: Duration = Duration::from_secs(1);

/// How many checks fall on one moment.
const CHECKS_A_MOMENT: usize = 16;

/// Checks of the run that compares what is refused.
const TRIAL: usize = 400_000;

/// Prints the tables, and gives the goals and what came of them.
pub fn run(effort: Effort) -> Vec<String> {
    let what = [
        (1, "a keyed limit check, 1 key, resolved", "a keyed limit check, 1 key"),
        (1_000, "a keyed limit check, 1000 keys, resolved", "a keyed limit check, 1000 keys"),
    ];
    what.into_iter().flat_map(|(keys, at, by)| one_table(keys, [at, by], effort)).collect()
}

const GOVERNOR: &str = "governor, DashMap, its own clock";
const RESOLVED: &str = "**guard**, key resolved before";
const BY_KEY: &str = "**guard**, memory store";

fn one_table(keys: usize, [at, by]: [&'static str; 2], effort: Effort) -> [String; 2] {
    let texts: Vec<String> = (0..keys).map(|key| format!("customer-{key}")).collect();
    let made: Vec<Key> = texts.iter().map(key_of).collect();
    let mut random = Random(11);
    let order: Vec<usize> = (0..4_096).map(|_| random.below(keys)).collect();
    let made_in_order: Vec<Key> = order.iter().map(|key| made[*key]).collect();
    let texts_in_order: Vec<String> = order.iter().map(|key| texts[*key].clone()).collect();
    // Twice as many as pass.
    let moment = WINDOW / (2 * MOST) * CHECKS_A_MOMENT as u32 / keys as u32;
    let quota = quota(WINDOW / MOST);

    println!("\nRefused of {TRIAL} checks over {keys} keys:");
    let (fake, tell) =
        (FakeRelativeClock::default, |clock: &FakeRelativeClock| clock.advance(moment));
    let usual = RandomState::new;
    trial("guard", &mut ours(&made_in_order, moment, |key| *key));
    trial("governor", &mut theirs(&made_in_order, quota, fake(), usual(), tell));
    let on_its_own = calibrated(&made_in_order);
    let clock = DefaultClock::default;
    trial("governor, own clock", &mut theirs(&made_in_order, on_its_own, clock(), usual(), |_| {}));

    let title = format!("Row 11: a limit of {MOST} in a second for each of {keys} keys");
    let mut table = Table::new(title, Unit::Nanoseconds);
    table.add(GOVERNOR, theirs(&made_in_order, on_its_own, clock(), usual(), |_| {}));
    table.add(
        "governor, DashMap, a clock that is told the time",
        theirs(&made_in_order, quota, fake(), usual(), tell),
    );
    table.add(
        "governor, the same, the key for its hash",
        theirs(&made_in_order, quota, fake(), BuildHasherDefault::<AsItIs>::default(), tell),
    );
    trial("guard, resolved", &mut resolved(&order, &made, moment));
    table.add(RESOLVED, resolved(&order, &made, moment));
    table.add(BY_KEY, ours(&made_in_order, moment, |key| *key));
    table.add(
        "governor, a text for the key, a clock that is told the time",
        theirs(&texts_in_order, quota, fake(), usual(), tell),
    );
    table.add("**guard**, the key made of a text each time", ours(&texts_in_order, moment, key_of));
    let measured = table.run(effort);
    let goals = [(at, RESOLVED), (by, BY_KEY)];
    goals.map(|(what, ours)| {
        measured.against(&Goal { row: 11, what, ours, theirs: GOVERNOR, goal: 1.0 / 3.0 })
    })
}

fn key_of(text: &String) -> Key {
    Key::new("customers", &[text.as_bytes()])
}

/// One cell each `period`, and a burst of as many as a window has.
fn quota(period: Duration) -> Quota {
    let burst = NonZeroU32::new(MOST).expect("it is not zero");
    Quota::with_period(period).expect("it is not zero").allow_burst(burst)
}

/// Checks one key after the other; the sum is of those that pass.
fn ours<T>(keys: &[T], moment: Duration, key_of: impl Fn(&T) -> Key) -> impl FnMut(usize) -> u64 {
    let store = MemoryStore::new();
    let (mut now, mut ticket, mut place) = (Duration::ZERO, 0_u64, 0);
    move |n| {
        let mut passed = 0;
        let mut now_ms = 0;
        for check in 0..n {
            if check % CHECKS_A_MOMENT == 0 {
                now += moment;
                now_ms = now.as_millis() as i64;
            }
            let claim = claim_of(key_of(black_box(&keys[place])));
            place = if place + 1 < keys.len() { place + 1 } else { 0 };
            ticket += 1;
            passed += u64::from(
                store.claim(&[claim], now_ms, ticket).is_ok_and(|claimed| claimed.is_permitted()),
            );
        }
        passed
    }
}

fn claim_of(key: Key) -> Claim {
    Claim::Take(Take { key, amount: Amount::ONE, windows: windows() })
}

fn windows() -> Windows {
    let most = Amount::from_count(MOST).expect("it is not too large");
    let rate = Window { most, window_ms: WINDOW.as_millis() as i64 };
    Windows { rate, burst: None }
}

/// The same, where each key was resolved to its place in the store before.
fn resolved(order: &[usize], keys: &[Key], moment: Duration) -> impl FnMut(usize) -> u64 {
    let store = MemoryStore::new();
    let resolve = |key: &Key| store.resolve(*key, 0).expect("there is room");
    let mut handles: Vec<Handle> = keys.iter().map(resolve).collect();
    let order = order.to_vec();
    let windows = windows();
    let (mut now, mut ticket, mut place) = (Duration::ZERO, 0_u64, 0);
    move |n| {
        let mut passed = 0;
        let mut now_ms = 0;
        for check in 0..n {
            if check % CHECKS_A_MOMENT == 0 {
                now += moment;
                now_ms = now.as_millis() as i64;
            }
            ticket += 1;
            let handle = &mut handles[*black_box(&order[place])];
            let one = store.take_at(handle, Amount::ONE, &windows, now_ms, ticket);
            passed += u64::from(one.is_ok_and(|one| one.is_permitted));
            place = if place + 1 < order.len() { place + 1 } else { 0 };
        }
        passed
    }
}

/// The same by governor, which keeps one cell for each key in a hash table of many locks.
fn theirs<T: Clone + Hash + Eq, C: Clock + Clone>(
    keys: &[T],
    quota: Quota,
    clock: C,
    hasher: impl BuildHasher + Clone,
    mut go_on: impl FnMut(&C),
) -> impl FnMut(usize) -> u64 {
    let state = DashMapStateStore::with_hasher(hasher);
    let limiter: RateLimiter<_, _, _, NoOpMiddleware<C::Instant>> =
        RateLimiter::new(quota, state, clock.clone());
    let keys = keys.to_vec();
    let mut place = 0;
    move |n| {
        let mut passed = 0;
        for check in 0..n {
            if check % CHECKS_A_MOMENT == 0 {
                go_on(&clock);
            }
            passed += u64::from(limiter.check_key(black_box(&keys[place])).is_ok());
            place = if place + 1 < keys.len() { place + 1 } else { 0 };
        }
        passed
    }
}

/// A quota of which the machine, as fast as it is now, asks for twice as many as pass.
fn calibrated(keys: &[Key]) -> Quota {
    let several = keys.iter().collect::<HashSet<_>>().len() as f64;
    let mut quota_now = quota(Duration::from_nanos(100 * several as u64));
    for _ in 0..3 {
        let mut work = theirs(keys, quota_now, DefaultClock::default(), RandomState::new(), |_| {});
        let start = cpu_time();
        black_box(work(TRIAL));
        let one = (cpu_time() - start) as f64 / TRIAL as f64;
        quota_now = quota(Duration::from_nanos((2.0 * one * several) as u64));
    }
    quota_now
}

/// Says what share is refused once the first burst is over.
fn trial(name: &str, work: &mut impl FnMut(usize) -> u64) {
    work(TRIAL);
    let passed = work(TRIAL);
    println!("- {name}: {:.1} %", 100.0 - 100.0 * passed as f64 / TRIAL as f64);
}

/// Takes the first half of a key, which is a hash already.
#[derive(Debug, Clone, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}
