//! Generated histories: what a store answers is what the oracle answers, to the last millisecond.

use super::oracle::Oracle;
use super::{Failure, new_key, place, take, units, window};
use crate::{Amount, Claim, Claimed, StateStore, StoreError, Take, Window, Windows};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// One step of a history. Claims name one of [`KINDS`] keys and the amount of a sum.
#[derive(Clone, Debug)]
enum Step {
    Claim(Vec<(usize, i64)>),
    Peek(Vec<(usize, i64)>),
    /// Gives back what the claim so many claims ago took.
    GiveBack(u64),
}

/// A count, a count with a burst, a sum, a sum with a burst, places.
const KINDS: usize = 5;

fn asked() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let amount = prop_oneof![Just(1_000_000), Just(0), 1_i64..4_000_000];
    // Half of them alone, which stores may answer in a shorter way.
    let one = (0..KINDS, amount);
    prop_oneof![vec(one.clone(), 1), vec(one, 2..5)]
}

fn step() -> impl Strategy<Value = (i64, Step)> {
    // Mostly forwards, at times far, at times backwards.
    let forwards = prop_oneof![6 => 0_i64..15, 1 => 15_i64..150, 2 => -40_i64..0];
    let step = prop_oneof![
        6 => asked().prop_map(Step::Claim),
        1 => asked().prop_map(Step::Peek),
        2 => (0_u64..6).prop_map(Step::GiveBack),
    ];
    (forwards, step)
}

/// Puts so many generated histories to the store and to the oracle.
pub fn histories_agree_with_the_oracle(
    store: &dyn StateStore,
    histories: u32,
) -> Result<(), Failure> {
    let config = Config { cases: histories, failure_persistence: None, ..Config::default() };
    let steps = (any::<bool>(), vec(step(), 1..70));
    let result = TestRunner::new(config).run(&steps, |(from_zero, steps)| {
        let start_ms = if from_zero { 0 } else { 1_790_000_000_000 };
        follow(store, start_ms, &steps).map_err(TestCaseError::fail)
    });
    result.map_err(|error| Failure(error.to_string()))
}

fn follow(store: &dyn StateStore, start_ms: i64, steps: &[(i64, Step)]) -> Result<(), String> {
    let kinds = kinds();
    let mut oracle = Oracle::default();
    let mut now_ms = start_ms;
    for (ticket, (forwards_ms, step)) in (100..).zip(steps) {
        now_ms += forwards_ms;
        let agree = |got: Result<Claimed, StoreError>, want: Claimed| {
            let is_same = got.as_ref() == Ok(&want);
            is_same.then_some(()).ok_or_else(|| {
                format!("{step:?} at {now_ms}, ticket {ticket}: got {got:?}, want {want:?}")
            })
        };
        match step {
            Step::Claim(asked) => {
                let claims = claims(&kinds, asked);
                let want = oracle.claim(&claims, now_ms, ticket);
                agree(store.claim(&claims, now_ms, ticket), want)?;
            }
            Step::Peek(asked) => {
                let claims = claims(&kinds, asked);
                agree(store.peek(&claims, now_ms), oracle.peek(&claims, now_ms))?;
            }
            Step::GiveBack(ago) => {
                store.give_back(&kinds, ticket - ago).map_err(|error| error.to_string())?;
                oracle.give_back(&kinds, ticket - ago);
            }
        }
    }
    oracle.overfull().map_or(Ok(()), Err)
}

/// A claim of each kind, under new keys.
fn kinds() -> Vec<Claim> {
    let burst = |most, window_ms| Some(Window { most: units(most), window_ms });
    let bursting = |most, window_ms, few, short_ms| Windows {
        burst: burst(few, short_ms),
        ..window(units(most), window_ms)
    };
    vec![
        take(new_key(), Amount::ONE, window(units(4), 50)),
        take(new_key(), Amount::ONE, bursting(6, 100, 2, 20)),
        take(new_key(), Amount::ONE, window(units(9), 60)),
        take(new_key(), Amount::ONE, bursting(12, 120, 5, 33)),
        place(2, 45),
    ]
}

/// The claims asked for; the third and fourth kind sum the amount.
fn claims(kinds: &[Claim], asked: &[(usize, i64)]) -> Vec<Claim> {
    let claim = |(kind, amount): &(usize, i64)| {
        let claim = kinds.get(*kind).copied()?;
        match claim {
            Claim::Take(take) if *kind == 2 || *kind == 3 => {
                let amount = Amount::from_millionths(*amount)?;
                Some(Claim::Take(Take { amount, ..take }))
            }
            _ => Some(claim),
        }
    };
    asked.iter().filter_map(claim).collect()
}
