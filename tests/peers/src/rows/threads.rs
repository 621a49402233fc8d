//! Row 5: decisions in a second, two threads against one, on the twelve rules.

use crate::bench::{Effort, Threads, cycle};
use crate::call;
use crate::cedar::{self, Cedar};
use crate::cel_rules::{self, Cel, Patterns};
#[cfg(feature = "guard")]
use crate::guard::{Guard, TWELVE_RULES};
use crate::hand;
use crate::rego::{self, Rego};

pub fn run(effort: Effort) {
    let pool = call::pool(1_024, 60);
    let threads =
        Threads::new("Row 5: two threads against one, twelve rules, decoded calls", effort);
    threads.compare("hand-written Rust, `regex` crate", || {
        Box::new(|n| cycle(&pool, n, hand::by_name))
    });
    threads.compare("hand-written Rust, dense DFA", || {
        Box::new(|n| cycle(&pool, n, hand::by_name_dfa))
    });

    #[cfg(feature = "guard")]
    let guard = Guard::load(TWELVE_RULES);
    #[cfg(feature = "guard")]
    threads.compare("**guard**, machine code shared", || {
        let sessions = call::ROLES.map(|role| guard.session("clerk", role));
        let mut memory = guard.memory();
        let decoded: Vec<_> = pool
            .iter()
            .map(|call| {
                let event = call.event_json();
                let decoded = sessions[call.role_index()].decode(event.as_bytes(), &mut memory);
                (call.role_index(), decoded.expect("it is in order"))
            })
            .collect();
        Box::new(move |n| {
            cycle(&decoded, n, |(role, call)| sessions[*role].decide(call, &mut memory))
        })
    });

    let cedar = Cedar::load(&cedar::policy());
    let requests: Vec<_> = pool.iter().map(|call| cedar.request(call)).collect();
    threads.compare("cedar-policy, policies shared", || {
        Box::new(|n| cycle(&requests, n, |request| cedar.decide(request)))
    });
    threads.compare("regorus, a machine for each thread", || {
        let mut rego = Rego::load(&rego::policy(), None).expect("regorus takes twelve rules");
        let inputs: Vec<_> = pool.iter().map(|call| rego::input(&call.input())).collect();
        Box::new(move |n| cycle(&inputs, n, |input| rego.decide(input)))
    });
    let cel = Cel::load(&cel_rules::policy(Patterns::HostFunctions));
    let root = cel_rules::root();
    threads.compare("cel, programs shared", || {
        let contexts: Vec<_> =
            pool.iter().map(|call| cel_rules::context(&root, &call.input())).collect();
        let cel = &cel;
        Box::new(move |n| cycle(&contexts, n, |context| cel.decide(context)))
    });
}
