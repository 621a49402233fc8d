//! What it takes to keep a source of 3,000 bytes and to look for the claims of a text in it, in microseconds:
//! `cargo run --release -p guard_origin --example support`. The texts are our own.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "prints its figures")]

use guard_ground::{check, support};
use guard_origin::{Bounds, Classes, OriginIndex, Quota};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 501;
const SAID: Classes = Classes(1);

const NAMES: [&str; 8] = [
    "Ann Lee",
    "Bob Stone",
    "Eve Núñez",
    "Karl Berg",
    "Mia Lind",
    "Tom Reed",
    "Zoe Hart",
    "Max Wood",
];
const THINGS: [&str; 8] = [
    "parcel",
    "letter",
    "lamp",
    "garden table",
    "winter coat",
    "bicycle",
    "bread oven",
    "train set",
];

/// Prose with a number, a date, a name or a code in most sentences, of some 3,000 bytes.
fn source(seed: usize) -> String {
    let mut text = String::new();
    let names = NAMES.iter().cycle().skip(seed % 8);
    let things = THINGS.iter().cycle().skip(seed / 8 % 8);
    for (number, (name, thing)) in (seed..seed + 31).zip(names.zip(things)) {
        let _ = write!(
            text,
            "{name} ordered a {thing} on {} March 2026 for {}.{:02} euros, and it has not arrived yet (W-{number}). ",
            1 + number % 28,
            10 + number * 7,
            number % 100,
        );
    }
    text
}

fn print(what: &str, mut micros: Vec<f64>) {
    micros.sort_by(f64::total_cmp);
    let at =
        |hundredths: usize| micros.get(micros.len() * hundredths / 100).copied().unwrap_or(0.0);
    println!("{what:<34} {:>7.1} {:>7.1} {:>7.1}", at(50), at(5), at(95));
}

fn main() {
    let text = "The winter coat of Ann Lee, ordered on 9 March 2026 for 1,250.00 euros (W-24), will arrive \
                tomorrow; she asked twice where it is, and nobody answered.";
    let [mut plain, mut with_facts, mut more, mut supports, mut checks] = [const { Vec::new() }; 5];
    let mut long =
        OriginIndex::with_facts(Bounds { user_atoms_max: 1 << 16, other_atoms_max: 1 << 20 });
    for round in 0..ROUNDS {
        let source = source(round * 31);
        let timed = |micros: &mut Vec<f64>, run: &mut dyn FnMut()| {
            let begin = Instant::now();
            run();
            micros.push(begin.elapsed().as_secs_f64() * 1e6);
        };
        timed(&mut plain, &mut || {
            let mut index = OriginIndex::new(Bounds::USUAL);
            index.add_text(&source, SAID, Quota::Other);
            black_box(&index);
        });
        let mut index = OriginIndex::with_facts(Bounds::USUAL);
        timed(&mut with_facts, &mut || index.add_text(&source, SAID, Quota::Other));
        timed(&mut more, &mut || long.add_text(&source, SAID, Quota::Other));
        timed(&mut supports, &mut || {
            black_box(support(text, &index.among(SAID)));
        });
        timed(&mut checks, &mut || {
            black_box(check(text, &index.among(SAID)));
        });
    }
    println!("sources of {} bytes, a text of {}, {ROUNDS} rounds", source(0).len(), text.len());
    println!("{:<34} {:>7} {:>7} {:>7}", "microseconds", "median", "5 %", "95 %");
    print("support of the text", supports);
    print("claims of the text", checks);
    print("to keep a source, origins alone", plain);
    print("to keep a source, with its facts", with_facts);
    print("to keep one more", more);
}
