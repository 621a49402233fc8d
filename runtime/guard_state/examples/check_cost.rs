//! What one check of a limit costs: `cargo run --release -p guard_state --example check_cost`.
//!
//! Rounds of the variants take turns, so that a busy machine slows all of them alike; the least of a
//! variant's rounds is what it costs.

#![forbid(unsafe_code)]

use guard_state::{
    Amount, Claim, Handle, Key, MemoryStore, StateStore, StoreError, Take, Window, Windows,
};
use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

const CHECKS: u32 = 200_000;
const ROUNDS: u32 = 30;

fn main() -> Result<(), StoreError> {
    let store = MemoryStore::new();
    let permitted = count("permitted", 1000, 1000)?;
    let refused = count("refused", 100, 1 << 40)?;
    let pair = [count("a", 1000, 1000)?, count("b", 500, 500)?];
    let mut permitted_at = store.resolve(permitted.key(), 0)?;
    let mut refused_at = store.resolve(refused.key(), 0)?;
    let lock = Mutex::new(0_i64);
    let names = [
        "a lock alone",
        "permitted, by handle",
        "refused, by handle",
        "permitted, by key",
        "two keys",
    ];
    let mut least = [f64::INFINITY; 5];
    let mut now_ms = 0_i64;
    for _ in 0..ROUNDS {
        // Twice as many milliseconds as checks: half of the window is always in use.
        let costs = [
            cost(&mut now_ms, |now_ms| Ok(lock.lock().map(|mut last| *last = now_ms).is_ok()))?,
            cost(&mut now_ms, |now_ms| by_handle(&store, &mut permitted_at, &permitted, now_ms))?,
            cost(&mut now_ms, |now_ms| by_handle(&store, &mut refused_at, &refused, now_ms))?,
            cost(&mut now_ms, |now_ms| Ok(store.claim(&[permitted], now_ms, 1)?.is_permitted()))?,
            cost(&mut now_ms, |now_ms| Ok(store.claim(&pair, now_ms, 1)?.is_permitted()))?,
        ];
        for (least, cost) in least.iter_mut().zip(costs) {
            *least = least.min(cost);
        }
    }
    report(names.iter().zip(least));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the program's result")]
fn report<'a>(costs: impl Iterator<Item = (&'a &'a str, f64)>) {
    for (name, cost) in costs {
        println!("{name:22} {cost:6.1} ns");
    }
}

fn count(name: &str, most: u32, window_ms: i64) -> Result<Claim, StoreError> {
    let most = Amount::from_count(most).ok_or(StoreError::Misuse("too large a number"))?;
    let key = Key::new("check cost", &[name.as_bytes()]);
    let windows = Windows { rate: Window { most, window_ms }, burst: None };
    Ok(Claim::Take(Take { key, amount: Amount::ONE, windows }))
}

fn by_handle(
    store: &MemoryStore,
    at: &mut Handle,
    claim: &Claim,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let Claim::Take(take) = black_box(claim) else { return Ok(false) };
    Ok(store.take_at(at, take.amount, &take.windows, now_ms, 1)?.is_permitted)
}

/// Nanoseconds for one check.
fn cost(
    now_ms: &mut i64,
    mut check: impl FnMut(i64) -> Result<bool, StoreError>,
) -> Result<f64, StoreError> {
    let start = Instant::now();
    for _ in 0..CHECKS {
        *now_ms += 2;
        black_box(check(black_box(*now_ms))?);
    }
    Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(CHECKS))
}
