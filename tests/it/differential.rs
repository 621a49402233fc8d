//! Generated policies and events: interpreter and machine code must agree on everything, and the
//! promises that hold for every policy must hold.
//!
//! `GUARD_CASES` sets how many events are decided (20,000 unless set); `GUARD_SEED` where to begin.

use guard_tests::engines::{Engines, plan, try_plan};
use guard_tests::generate::{self, GeneratedPolicy};
use guard_tests::random::Random;
use serde_json::Value;

const EVENTS_A_POLICY: u64 = 40;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn policies(default_cases: u64) -> impl Iterator<Item = (u64, Random)> {
    let first = number("GUARD_SEED", 1);
    let count = number("GUARD_CASES", default_cases).div_ceil(EVENTS_A_POLICY);
    (first..first + count).map(|seed| (seed, Random::new(seed)))
}

fn has_fault(decision: &Value) -> bool {
    decision["faults"].as_array().is_some_and(|faults| !faults.is_empty())
}

#[test]
fn the_interpreter_and_machine_code_agree_and_a_fault_never_passes() {
    let (mut allowed, mut escalated, mut refused, mut faults) = (0, 0, 0, 0);
    for (seed, mut random) in policies(20_000) {
        let (policy, plan) = generate::checked_policy(&mut random);
        let source = policy.source();
        let engines = Engines::of(&plan);
        engines.set_facts(&generate::facts(&mut random));
        let principal = generate::principal(&mut random);
        let mut session = engines.session("generated", &principal);
        for _ in 0..EVENTS_A_POLICY {
            let event = generate::event(&mut random);
            if random.one_in(8) {
                session = engines.in_another_process("generated", &principal, &session);
            }
            let decision = session.decide(&event);
            let verdict = decision["decision"].as_str().unwrap();
            let shown = String::from_utf8_lossy(&event);
            if has_fault(&decision) {
                faults += 1;
                assert!(
                    matches!(verdict, "deny" | "halt"),
                    "seed {seed}: a fault passed: {shown}\n{source}"
                );
            }
            match verdict {
                "allow" => allowed += 1,
                "escalate" => escalated += 1,
                _ => refused += 1,
            }
            if verdict == "halt" {
                session = engines.session("generated", &principal);
            }
        }
    }
    // A generator whose events are all refused for one reason would test nothing.
    let all = allowed + escalated + refused;
    for (what, count) in
        [("allowed", allowed), ("escalated", escalated), ("refused", refused), ("faults", faults)]
    {
        assert!(count * 50 > all, "only {count} of {all} events were {what}");
    }
}

#[test]
fn the_order_of_rules_changes_neither_the_digest_nor_a_decision() {
    for (seed, mut random) in policies(4_000) {
        let (policy, a) = generate::checked_policy(&mut random);
        let mut shuffled = policy.clone();
        random.shuffle(&mut shuffled.rules);
        let b = plan(&shuffled.source());
        assert_eq!(a.digest(), b.digest(), "seed {seed}\n{}", policy.source());
        let (a, b) = (Engines::of(&a), Engines::of(&b));
        let principal = generate::principal(&mut random);
        let facts = generate::facts(&mut random);
        a.set_facts(&facts);
        b.set_facts(&facts);
        let (mut a, mut b) =
            (a.session("generated", &principal), b.session("generated", &principal));
        for _ in 0..EVENTS_A_POLICY {
            let event = generate::event(&mut random);
            let (one, other) = (without_lines(a.decide(&event)), without_lines(b.decide(&event)));
            assert_eq!(one, other, "seed {seed}: {}", String::from_utf8_lossy(&event));
        }
    }
}

/// The decision without where its reasons stand, which is what a shuffle changes.
fn without_lines(mut decision: Value) -> Value {
    // Of several rules that say something the first in the file is quoted.
    decision["respond"] = Value::Null;
    decision["approval"] = Value::Null;
    for list in ["reasons", "shadow", "limits", "obligations"] {
        let Some(reasons) = decision[list].as_array_mut() else { continue };
        for reason in reasons.iter_mut() {
            reason["line"] = Value::Null;
        }
        reasons.sort_by_key(Value::to_string);
    }
    decision
}

// Of one event: a call that is now refused leaves room in a limit for the next.
#[test]
fn adding_a_prohibition_never_opens_anything() {
    for (seed, mut random) in policies(2_000) {
        let (mut policy, _) = generate::checked_policy(&mut random);
        policy.rules.retain(|rule| !is_shared(rule));
        let (more, _) = generate::checked_policy(&mut random);
        let mut narrowed = policy.clone();
        narrowed.rules.extend(more.rules.into_iter().filter(|rule| rule.starts_with("prohibit")));
        let principal = generate::principal(&mut random);
        let facts = generate::facts(&mut random);
        let open = |policy: &GeneratedPolicy| {
            let engines = Engines::of(&try_plan(&policy.source()).ok()?);
            engines.set_facts(&facts);
            Some(engines)
        };
        // Together the prohibitions can cover a permission, which the compiler refuses.
        let (Some(before), Some(after)) = (open(&policy), open(&narrowed)) else {
            continue;
        };
        for _ in 0..EVENTS_A_POLICY {
            let event = generate::event(&mut random);
            let decide =
                |engines: &Engines| engines.session("generated", &principal).decide(&event);
            let (wide, narrow) = (decide(&before), decide(&after));
            assert!(
                rank(&narrow) >= rank(&wide),
                "seed {seed}: {}",
                String::from_utf8_lossy(&event)
            );
        }
    }
}

/// Whether what other sessions did shows in a rule.
fn is_shared(rule: &str) -> bool {
    let words = ["limit", "breaker", "halt agent"];
    words.iter().any(|word| rule.starts_with(word)) || rule.contains("novel(")
}

/// Where a verdict stands among the others.
fn rank(decision: &Value) -> Option<usize> {
    ["allow", "redact", "escalate", "deny", "halt"]
        .iter()
        .position(|word| decision["decision"] == *word)
}

fn is_not_redacted(decision: &Value) -> bool {
    decision["faults"].as_array().is_some_and(|all| all.iter().any(|of| of["kind"] == "redaction"))
}

// Of one event, without limits, for the same reason.
#[test]
fn a_layer_over_an_agent_decides_what_the_stricter_of_the_two_would_alone() {
    let (mut layer_stricter, mut agent_stricter) = (0, 0);
    for (seed, mut random) in policies(4_000) {
        let (mut own, _) = generate::checked_policy(&mut random);
        let (mut above, _) = generate::checked_policy(&mut random);
        for policy in [&mut own, &mut above] {
            policy.rules.retain(|rule| !is_shared(rule));
        }
        if random.one_in(2) {
            above.rules.push("scope { tool full, ns.* when a < 3 tool ns.part }".to_owned());
        }
        let both = format!("{}layer above {{\n  {}\n}}\n", own.source(), above.rules.join("\n  "));
        let principal = generate::principal(&mut random);
        let facts = generate::facts(&mut random);
        let engines = |source: &str| {
            let engines = Engines::of(&try_plan(source).ok()?);
            engines.set_facts(&facts);
            Some(engines)
        };
        // A limit that is gone may have been all that a mark was for; a scope that is added may
        // contradict a prohibition.
        let (Some(alone), Some(layer), Some(both)) =
            (engines(&own.source()), engines(&above.source()), engines(&both))
        else {
            continue;
        };
        for _ in 0..EVENTS_A_POLICY {
            let event = generate::event(&mut random);
            let decide =
                |engines: &Engines| engines.session("generated", &principal).decide(&event);
            let (alone, layer, both) = (decide(&alone), decide(&layer), decide(&both));
            // A replacement that is found itself refuses; what another rule replaces there instead may not be.
            if [&alone, &layer].into_iter().any(is_not_redacted) {
                continue;
            }
            let (alone, layer) = (rank(&alone), rank(&layer));
            let shown = String::from_utf8_lossy(&event);
            assert_eq!(rank(&both), alone.max(layer), "seed {seed}: {shown}\n{both}");
            layer_stricter += usize::from(layer > alone);
            agent_stricter += usize::from(alone > layer);
        }
    }
    assert!(layer_stricter > 100 && agent_stricter > 100, "{layer_stricter} {agent_stricter}");
}
