//! Row 8: from the text of a policy to an engine that can decide, cold.

use crate::bench::{Effort, Table, Unit};
use crate::cedar::{self, Cedar};
use crate::cel_rules::{self, Cel};
#[cfg(feature = "guard")]
use crate::guard::{self, Guard};
use crate::rego::{self, Rego};
use crate::rule_set::RuleSet;

pub fn run(counts: &[usize], effort: Effort) {
    for &count in counts.iter().filter(|count| **count >= 1_000) {
        one_table(&RuleSet::new(count), effort);
    }
}

fn one_table(set: &RuleSet, effort: Effort) {
    let cedar = cedar::rule_set_policy(set);
    let cel = cel_rules::rule_set_policy(set);
    let rego_rules = rego::rule_set_policy(set);
    let rego_data = rego::rule_set_data(set);

    #[cfg(feature = "guard")]
    let guard = guard::rule_set_policy(set);

    let title = format!("Row 8: loading {} rules", set.rules.len());
    let mut table = Table::new(title, Unit::Milliseconds);
    table.add("cedar-policy: parsed, not validated", |n| repeat(n, || drop(Cedar::load(&cedar))));
    #[cfg(feature = "guard")]
    table.add("**guard**: checked, planned, compiled to machine code", |n| {
        repeat(n, || drop(Guard::load(&guard)))
    });
    table.add("cel: parsed", |n| repeat(n, || drop(Cel::load(&cel))));
    table.add("regorus: rules as data", |n| {
        repeat(n, || drop(Rego::load(rego::DATA_POLICY, Some(&rego_data))))
    });
    match Rego::load(&rego_rules, None) {
        Ok(_) => table.add("regorus: a rule each, compiled", |n| {
            repeat(n, || drop(Rego::load(&rego_rules, None)))
        }),
        Err(reason) => {
            table.leave_out("regorus: a rule each, compiled", format!("refused: {}", reason.trim()))
        }
    }
    table.run(effort);
}

fn repeat(n: usize, mut work: impl FnMut()) -> u64 {
    for _ in 0..n {
        work();
    }
    n as u64
}
