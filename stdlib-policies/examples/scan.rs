//! How long the standard detectors take to compile, and how fast all of them together scan prose. Run with
//! `cargo run --release -p guard_stdlib --example scan`.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a bench of our own; what fails here should be seen")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use guard_db::{GuardDatabase, package_from_texts};
use guard_match::detect::{DetectorSet, Scanner, Scratch};
use guard_plan::Detector;
use guard_types::{Declared, declared_detectors};
use std::time::{Duration, Instant};

/// A paragraph of our own, with a few numbers and signs as prose has them.
const PROSE: &str = "The committee met on Tuesday, 14 May, and talked about the roof of the library for \
two hours. Mrs. Weaver had brought three offers; the cheapest was 12,400 euros, the others about a third \
more. \"We cannot wait another winter,\" she said, and nobody disagreed - not even the treasurer, who had \
asked in March (see page 7 of the minutes) whether the old slates might last until 2031. A letter to the \
county will be written by the end of the month: who is willing to help may tell the office. It was also \
decided to lend out tools again, as was done until 1998, and to open at half past nine on Saturdays.\n\n";

/// In no standard set: found by half, and asked for by name.
const NOT_IN_THE_SET: [&str; 1] = ["std.names"];

fn main() {
    let db = GuardDatabase::default();
    let package = package_from_texts(&db, "scan", [], guard_stdlib::MODULES, guard_stdlib::MODELS);
    let declared = declared_detectors(&db, package).into_iter();
    let all: Vec<(String, Detector)> = declared
        .filter_map(|(module, declared)| match declared {
            Declared::Patterns(detector) if !NOT_IN_THE_SET.contains(&&*module) => {
                Some((format!("{module}.{}", detector.name), (*detector).clone()))
            }
            _ => None,
        })
        .collect();
    let text = PROSE.repeat((1 << 20) / PROSE.len());
    println!(
        "{:>9} {:>9} {:>8} {:>8} {:>9} {:>6}  detector",
        "ms", "bytes", "asked", "triggers", "steps", "MB/s"
    );
    for (name, detector) in &all {
        let begin = Instant::now();
        let scanner = Scanner::compile(std::slice::from_ref(detector)).unwrap();
        let spent = begin.elapsed();
        let bytes = scanner.table_bytes(0).map_or("walks".to_owned(), |bytes| bytes.to_string());
        let asked = scanner.asked_share(0);
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        scanner.scan(&text, &DetectorSet::all(1), &mut scratch, &mut found).unwrap();
        let begin = Instant::now();
        scanner.scan(&text, &DetectorSet::all(1), &mut scratch, &mut found).unwrap();
        let rate =
            f64::from(u32::try_from(text.len()).unwrap()) / 1e6 / begin.elapsed().as_secs_f64();
        let (steps, triggers) = (scratch.steps(), scanner.trigger_count(0));
        println!(
            "{:>9.2} {bytes:>9} {asked:>8.5} {triggers:>8} {steps:>9} {rate:>6.0}  {name}",
            milliseconds(spent)
        );
    }
    println!();
    for modules in SETS {
        let of_set = all.iter().filter(|(name, _)| {
            modules
                .split(", ")
                .any(|module| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')))
        });
        let detectors: Vec<Detector> = of_set.map(|(_, detector)| detector.clone()).collect();
        measure(modules, &detectors, &text);
    }
}

/// Modules that are scanned together.
const SETS: [&str; 8] = [
    "std.pii",
    "std.secrets",
    "std.net",
    "std.path",
    "std.exfil",
    "std.injection, std.jailbreak",
    "std.pii, std.secrets",
    "std.pii, std.secrets, std.net, std.path, std.exfil, std.injection, std.jailbreak",
];

fn measure(name: &str, detectors: &[Detector], text: &str) {
    let begin = Instant::now();
    let scanner = Scanner::compile(detectors).unwrap();
    let compiled = milliseconds(begin.elapsed());
    let set = DetectorSet::all(detectors.len());
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    let mut rates = Vec::new();
    for _ in 0..21 {
        let begin = Instant::now();
        scanner.scan(text, &set, &mut scratch, &mut found).unwrap();
        let bytes = u32::try_from(text.len()).unwrap();
        rates.push(f64::from(bytes) / 1e6 / begin.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    let [least, median, most] = [0, 10, 20].map(|place| rates.get(place).copied().unwrap_or(0.0));
    let (count, steps) = (detectors.len(), scratch.steps());
    println!(
        "{count:>3} detectors, compiled in {compiled:.0} ms, {median:.0} MB/s ({least:.0} to {most:.0}), {steps} steps: {name}"
    );
}

fn milliseconds(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1e3
}
