//! Row 3: from the bytes of a tool call to a decision. Who checks the whole input, and who refuses a
//! key that stands twice, is said in each name, because the work is not the same without.

use crate::bench::{Effort, Table, Unit, assert_agreement, cycle};
use crate::call::{self, Call};
use crate::cel_rules::{self, Cel, Patterns};
#[cfg(feature = "guard")]
use crate::guard::{Guard, TWELVE_RULES};
use crate::hand;
use crate::hand_json::{Simd, serde_typed, serde_value, sonic_typed};
use crate::rego::{self, Rego};

const CALLS: usize = 256;

pub fn run(effort: Effort) {
    for size in [400, 2_000, 16_000] {
        one_table(size, effort);
    }
}

fn one_table(size: usize, effort: Effort) {
    let bare = call::pool(CALLS, 0);
    let bare_bytes = bare.iter().map(|call| call.event_json().len()).sum::<usize>() / CALLS;
    let pool = call::pool(CALLS, size.saturating_sub(bare_bytes) * 15 / 16);
    let want: Vec<u64> = pool.iter().map(hand::by_name).collect();
    let events: Vec<(String, &Call)> = pool.iter().map(|call| (call.event_json(), call)).collect();
    let mean = events.iter().map(|(event, _)| event.len()).sum::<usize>() / CALLS;

    #[cfg(feature = "guard")]
    let guard = Guard::load(TWELVE_RULES);
    #[cfg(feature = "guard")]
    let sessions = call::ROLES.map(|role| guard.session("clerk", role));
    #[cfg(feature = "guard")]
    let mut memory = guard.memory();
    #[cfg(feature = "guard")]
    let mut guard_decide = |(event, call): &(String, &Call)| {
        sessions[call.role_index()].decide_bytes(event.as_bytes(), &mut memory)
    };
    #[cfg(feature = "guard")]
    assert_agreement("guard", &events, &want, &mut guard_decide);

    let mut simd = Simd::default();
    assert_agreement("serde_json, typed", &events, &want, |(e, call)| {
        serde_typed(e.as_bytes(), &call.role)
    });
    assert_agreement("sonic-rs, typed", &events, &want, |(e, call)| {
        sonic_typed(e.as_bytes(), &call.role)
    });
    assert_agreement("serde_json, tree", &events, &want, |(e, call)| {
        serde_value(e.as_bytes(), &call.role)
    });
    assert_agreement("simd-json, tape", &events, &want, |(e, call)| {
        simd.decide(e.as_bytes(), &call.role)
    });

    let inputs: Vec<String> = pool.iter().map(|call| call.input().to_string()).collect();
    let mut rego = Rego::load(&rego::policy(), None).expect("regorus takes twelve rules");
    assert_agreement("regorus", &inputs, &want, |input| rego.decide_json(input));
    let (root, cel) = (cel_rules::root(), Cel::load(&cel_rules::policy(Patterns::HostFunctions)));
    let mut cel_decide = |input: &String| {
        let document = serde_json::from_str(input).expect("it was just written");
        cel.decide(&cel_rules::context(&root, &document))
    };
    assert_agreement("cel", &inputs, &want, &mut cel_decide);

    let title = format!("Row 3: twelve rules, events of {mean} bytes");
    let mut table = Table::new(title, Unit::Nanoseconds);
    table.add("serde_json to `Value`, then by hand; duplicate keys pass", |n| {
        cycle(&events, n, |(e, call)| serde_value(e.as_bytes(), &call.role))
    });
    table.add("serde_json to a struct, then by hand", |n| {
        cycle(&events, n, |(e, call)| serde_typed(e.as_bytes(), &call.role))
    });
    table.add("sonic-rs to a struct, then by hand", |n| {
        cycle(&events, n, |(e, call)| sonic_typed(e.as_bytes(), &call.role))
    });
    table.add("simd-json to a tape, then by hand; duplicate keys pass", |n| {
        cycle(&events, n, |(e, call)| simd.decide(e.as_bytes(), &call.role))
    });
    #[cfg(feature = "guard")]
    table.add("**guard**", |n| cycle(&events, n, &mut guard_decide));
    table.add("regorus, register machine", |n| cycle(&inputs, n, |input| rego.decide_json(input)));
    table.add("cel, 12 programs, patterns as host functions", |n| {
        cycle(&inputs, n, &mut cel_decide)
    });
    table.run(effort);
}
