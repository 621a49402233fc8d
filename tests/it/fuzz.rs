//! Every entry that reads bytes from outside, on good bytes, on what once broke it, and on damaged bytes.

use guard_tests::fuzz::{TARGETS, Target, damaged};
use guard_tests::random::Random;
use guard_tests::workspace::root;

fn try_all(name: &str) {
    let Target { run, seeds, tries, .. } = guard_tests::fuzz::target(name);
    let seeds = seeds();
    assert!(!seeds.is_empty());
    for seed in &seeds {
        run(seed);
    }
    for length in 0..seeds[0].len().min(200) {
        run(&seeds[0][..length]);
    }
    let mut random = Random::new(0x6675_7a7a);
    for _ in 0..tries {
        let seed = random.pick(&seeds).clone();
        run(&damaged(&mut random, &seed));
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { try_all(stringify!($name)); })*
        const TRIED: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    policy_text plan_bytes event_json session_bytes origin_bytes result_text schema journal ticket
    trace host_values manifest redacted_text claims model_file command_line sql_text
}

#[test]
fn every_target_is_tried_and_has_a_program_for_the_fuzzer() {
    let targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(targets, TRIED);
    let manifest = std::fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} has no program");
    }
}

#[test]
fn what_once_broke_an_entry_does_not_any_more() {
    let folder = root().join("tests/fuzz-regressions");
    for target in TARGETS {
        let Ok(files) = std::fs::read_dir(folder.join(target.name)) else { continue };
        for file in files {
            (target.run)(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}
