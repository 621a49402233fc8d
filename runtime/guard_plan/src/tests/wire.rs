//! The wire form, the digest, the listing.

use super::world::{Random, plan};
use crate::*;

#[test]
fn what_is_decoded_is_what_was_encoded() {
    let bytes = plan().encode();
    assert!(is_plan(&bytes));
    assert_eq!(Plan::decode(&bytes), Ok(plan()));
}

#[test]
fn bytes_that_are_no_plan_are_refused() {
    let bytes = plan().encode();
    let refused = |bytes: &[u8]| Plan::decode(bytes).unwrap_err().to_string();
    assert_eq!(refused(b""), "it does not begin as a plan does");
    assert_eq!(refused(b"GUARDPLN\x01"), "it is cut off");
    let mut other = bytes.clone();
    other[8] = 9;
    assert_eq!(refused(&other), "it is of version 9, and only 5 can be read");
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(refused(&longer), "1 bytes follow its end");
    for length in 0..bytes.len() {
        assert!(Plan::decode(&bytes[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn damaged_bytes_are_decoded_and_verified_without_a_panic() {
    let bytes = plan().encode();
    let mut random = Random(1);
    let mut decoded = 0;
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..=random.below(4) {
            let at = 12 + random.below(bytes.len() - 12);
            damaged[at] = u8::try_from(random.below(256)).unwrap();
        }
        let Ok(plan) = Plan::decode(&damaged) else { continue };
        decoded += 1;
        let _ = verify(&plan);
        let _ = listing(&plan);
    }
    assert!(decoded > 1000, "only {decoded} of the damaged plans were decoded");
}

#[test]
fn noise_after_the_header_is_decoded_without_a_panic() {
    let mut random = Random(2);
    for _ in 0..2_000 {
        let mut bytes = plan().encode()[..12].to_vec();
        let length = random.below(300);
        bytes.extend((0..length).map(|_| u8::try_from(random.below(256)).unwrap()));
        let _ = Plan::decode(&bytes);
    }
}

#[test]
fn a_digest_leaves_out_where_things_stand_and_nothing_else() {
    let digest = plan().digest();
    assert_eq!(digest.to_string().len(), 64);
    let mut moved = plan();
    moved.rules[0].place.line = 99;
    moved.clauses[1].place.module = "other.guard".to_owned();
    assert_eq!(moved.digest(), digest);
    let mut changed = plan();
    changed.rules[0].because = None;
    assert_ne!(changed.digest(), digest);
}

#[test]
fn a_listing_shows_what_is_decided_and_the_state_it_needs() {
    let text = listing(&plan());
    for line in [
        "agent bank",
        "  tool pay",
        "    c0 first  ((amount + 10) > 10)   // amount + 10 > 10",
        "    allow if c0   // bank.guard:2 tool pay",
        "    escalate to \"owner\" if (c1 or c2)   // bank.guard:3 escalate tool pay to owner",
        "    deny if always   // bank.guard:4 prohibit output",
        "  state: 128 bytes of slots a session, and the texts of one event",
    ] {
        assert!(text.lines().any(|is| is == line), "no line {line:?} in\n{text}");
    }
    assert_eq!(text, listing(&plan()));
}
