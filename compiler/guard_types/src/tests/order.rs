//! The order of rules never matters, to findings neither.

use super::findings;
use std::collections::BTreeMap;

const RULES: &[&str] = &[
    "scope { tool pay when amount < 5.0\n tool look }",
    "scope { tool admin.* }",
    "prohibit tool look",
    "prohibit tool pay when amount < 5.0",
    "prohibit tool pya",
    "prohibit tool pay when amuont > 1.0",
    "escalate tool pay when amount > 1.0",
    "escalate tool other to \"owner\"",
    "prohibit tool admin.*",
    "prohibit tool pay when amount > 1",
    "limit tool pay to 3 per 1h",
    "prohibit tool pay when amount > 1",
];

/// How often each finding is made.
fn counted(rules: &[&str]) -> BTreeMap<(String, String), usize> {
    let source = format!(
        "guard 1\ntool pay(amount: float)\ntool look(id: string)\ntool admin.close(id: string)\ntool other(id: string)\nagent a {{\n{}\n}}\n",
        rules.join("\n")
    );
    let mut counts = BTreeMap::new();
    for finding in findings(&source) {
        *counts.entry((finding.code.to_owned(), finding.headline)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn the_order_of_rules_changes_no_finding() {
    let written = counted(RULES);
    assert!(written.len() >= 6, "{written:#?}");
    let mut rules = RULES.to_vec();
    // A linear congruential generator is random enough to shuffle with, and always the same.
    let mut state: u64 = 7;
    for _ in 0..60 {
        for index in (1..rules.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from(state >> 33).unwrap() % (index + 1);
            rules.swap(index, other);
        }
        assert_eq!(counted(&rules), written, "{rules:#?}");
    }
}
