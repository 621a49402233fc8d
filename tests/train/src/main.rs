//! Trains the model of injections and jailbreaks, and estimates by cross-validation what it is worth on texts of
//! sources that it has not seen. `cargo run --release -- CORPORA OUT` writes `OUT/injection.model` and
//! `OUT/injection.md`, the same bytes on every machine.

mod calibrate;
mod corpus;
mod data;
mod disguise;
mod folds;
mod groups;
mod learn;
mod own;
mod quantise;
mod random;
mod report;
mod samples;
mod speed;

use corpus::Class;
use data::Data;
use folds::scores_of;
use learn::Settings;
use std::fmt::Write;
use std::path::Path;

/// The share of ordinary texts of unseen sources that may lie above the threshold.
const RATE: f64 = 0.004;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, model, corpora] = arguments.as_slice()
        && command == "speed"
    {
        return speed::measure(Path::new(model), Path::new(corpora));
    }
    let [corpora, out] = arguments.as_slice() else {
        eprintln!("usage: guard_train CORPORA OUT\n       guard_train speed MODEL CORPORA");
        std::process::exit(2);
    };
    let settings = Settings::default();
    let data = Data::read(Path::new(corpora), &settings);
    eprintln!("{} texts, {} features", data.items.len(), data.keys.len());

    let by_source = folds::sources_held_out(&data, &settings);
    let by_group = folds::groups_held_out(&data, &settings);
    let by_language = folds::languages_held_out(&data, &settings);
    let ordinary = scores_of(&data, &by_source, Class::Ordinary);
    let threshold = report::threshold(&ordinary, RATE);
    let knots = calibrate::knots(&scores_of(&data, &by_source, Class::Attack), &ordinary);

    let everything: Vec<usize> = (0..data.items.len()).collect();
    let weights = data.learn(&everything, &settings);
    let probability = probability_of(threshold, &knots);
    let model = quantise::model(&data.keys, &weights, &settings, knots, probability);
    let bytes = model.to_bytes();

    let mut text = String::from(
        "# What `injection.model` was learnt from, and what it is worth\n\nWritten by `tests/train`. Do not edit.\n\n",
    );
    let _ = writeln!(
        text,
        "{} bytes; fires from probability {:.4}, which {} % of the ordinary texts of held-out sources exceed. {settings:?}.\n",
        bytes.len(),
        model.threshold(),
        RATE * 100.0
    );
    report::held_out(&mut text, &data, "Sources held out", &by_source, threshold);
    report::held_out(&mut text, &data, "Near duplicates held out", &by_group, threshold);
    report::languages(&mut text, &data, &by_language, threshold);
    report::disguises(&mut text, &data, &model);
    std::fs::create_dir_all(out).expect("the folder can be made");
    std::fs::write(Path::new(out).join("injection.model"), bytes)
        .expect("the model can be written");
    std::fs::write(Path::new(out).join("injection.md"), text).expect("the report can be written");
}

/// Where a value lies on the calibration, of 65535, rounded up so that the value itself does not fire.
fn probability_of(value: f64, knots: &[guard_model::Knot]) -> u16 {
    let value = (value * 65536.0) as i32;
    let above = knots.partition_point(|knot| knot.value <= value).clamp(1, knots.len() - 1);
    let (low, high) = (knots[above - 1], knots[above]);
    let share = f64::from(value - low.value) / f64::from(high.value - low.value);
    (f64::from(low.probability) + share * f64::from(high.probability - low.probability)).ceil()
        as u16
}
