//! Row 1: one decision about a decoded call, by an agent's policy of twelve rules.

use crate::bench::{Effort, Table, Unit, assert_agreement, cycle};
use crate::call::{self, ALLOW, Call, DENY, ESCALATE};
use crate::cedar::{self, Cedar};
use crate::cel_rules::{self, Cel, Patterns};
#[cfg(feature = "guard")]
use crate::guard::{Guard, TWELVE_RULES};
use crate::hand;
use crate::rego::{self, Rego};
use std::hint::black_box;

const CALLS: usize = 1_024;

pub fn run(effort: Effort) {
    let pool = call::pool(CALLS, 60);
    let want: Vec<u64> = pool.iter().map(hand::by_name).collect();
    print_mix(&want);
    assert_agreement("hand-written, DFA", &pool, &want, hand::by_name_dfa);
    assert_agreement("hand-written, tool resolved", &pool, &want, hand::resolved_dfa);

    #[cfg(feature = "guard")]
    let guard = Guard::load(TWELVE_RULES);
    #[cfg(feature = "guard")]
    let sessions = call::ROLES.map(|role| guard.session("clerk", role));
    #[cfg(feature = "guard")]
    let mut memory = guard.memory();
    #[cfg(feature = "guard")]
    let decoded: Vec<_> = pool
        .iter()
        .map(|call| {
            let session = &sessions[call.role_index()];
            (
                session,
                session.decode(call.event_json().as_bytes(), &mut memory).expect("it is in order"),
            )
        })
        .collect();
    #[cfg(feature = "guard")]
    assert_agreement("guard", &decoded, &want, |(session, call)| session.decide(call, &mut memory));

    let cedar = Cedar::load(&cedar::policy());
    let requests: Vec<_> = pool.iter().map(|call| cedar.request(call)).collect();
    assert_agreement("cedar-policy", &requests, &want, |request| cedar.decide(request));

    let mut rego = Rego::load(&rego::policy(), None).expect("regorus takes twelve rules");
    let inputs: Vec<_> = pool.iter().map(|call| rego::input(&call.input())).collect();
    assert_agreement("regorus", &inputs, &want, |input| rego.decide(input));

    let root = cel_rules::root();
    let contexts: Vec<_> =
        pool.iter().map(|call| cel_rules::context(&root, &call.input())).collect();
    let in_order = Cel::load(&cel_rules::policy(Patterns::HostFunctions));
    let one = cel_rules::one_expression(&cel_rules::policy(Patterns::HostFunctions));
    let one = Cel::load(&[(one, DENY)]);
    let matches = Cel::load(&cel_rules::policy(Patterns::Matches));
    assert_agreement("cel, in order", &contexts, &want, |context| in_order.decide(context));
    assert_agreement("cel, one expression", &contexts, &want, |context| {
        one.decide_by_number(context)
    });
    assert_agreement("cel, `matches`", &contexts, &want, |context| matches.decide(context));

    let title =
        format!("Row 1: twelve rules, a decoded call ({CALLS} calls, all contenders agree)");
    let mut table = Table::new(title, Unit::Nanoseconds);
    table.add("hand-written Rust, `regex` crate", |n| cycle(&pool, n, hand::by_name));
    table.add("hand-written Rust, dense DFA", |n| cycle(&pool, n, hand::by_name_dfa));
    table
        .add("hand-written Rust, dense DFA, tool an enum", |n| cycle(&pool, n, hand::resolved_dfa));
    #[cfg(feature = "guard")]
    table.add("**guard**, record decoded before", |n| {
        cycle(&decoded, n, |(session, call)| session.decide(call, &mut memory))
    });
    table.add("cel, one expression, patterns as host functions", |n| {
        cycle(&contexts, n, |context| one.decide_by_number(context))
    });
    table.add("cel, 12 programs, patterns as host functions", |n| {
        cycle(&contexts, n, |context| in_order.decide(context))
    });
    table.add("cel, 12 programs, `matches`", |n| {
        cycle(&contexts, n, |context| matches.decide(context))
    });
    table.add("regorus, register machine", |n| cycle(&inputs, n, |input| rego.decide(input)));
    table.add("cedar-policy, request built before", |n| {
        cycle(&requests, n, |request| cedar.decide(request))
    });
    table.add("cedar-policy, request built each time", |n| {
        cycle(&pool, n, |call: &Call| cedar.decide(black_box(&cedar.request(call))))
    });
    table.run(effort);
}

fn print_mix(want: &[u64]) {
    let count = |verdict| want.iter().filter(|decided| **decided == verdict).count();
    println!("\n{} allowed, {} escalated, {} denied.", count(ALLOW), count(ESCALATE), count(DENY));
}
