//! Weights as a model's tables: bytes in slots, where the heavier of two features in one slot stays.

use crate::learn::{Settings, Weights};
use crate::samples::split_key;
use guard_model::{Knot, Model, Parts, Table, WeightTable, Window};

/// Slots of the table of words and of that of characters. With its head the file is 128 KiB and no more.
const SLOTS: [usize; 2] = [40_000, 25_300];

/// A model of weights. `keys` are the features' hashes, in the order of the weights.
pub fn model(
    keys: &[u64],
    weights: &Weights,
    settings: &Settings,
    knots: Vec<Knot>,
    threshold: u16,
) -> Model {
    let lengths = settings.scales.iter().zip(&weights.scales);
    let windows = lengths.map(|(words, bias)| Window {
        words: *words as u16,
        bias: (bias * 65536.0).round() as i32,
    });
    Model::from_parts(Parts {
        threshold,
        windows: windows.collect(),
        knots,
        words: table(keys, weights, Table::Words, SLOTS[0]),
        characters: table(keys, weights, Table::Characters, SLOTS[1]),
    })
    .expect("the parts keep the limits")
}

/// The calibration before there is one.
pub fn no_knots() -> Vec<Knot> {
    vec![Knot { value: -65536, probability: 0 }, Knot { value: 65536, probability: u16::MAX }]
}

fn table(keys: &[u64], weights: &Weights, table: Table, slots: usize) -> WeightTable {
    let mut all: Vec<(f64, u64)> = keys
        .iter()
        .zip(&weights.features)
        .filter(|(key, weight)| split_key(**key).0 == table && **weight != 0.0)
        .map(|(key, weight)| (*weight, split_key(*key).1))
        .collect();
    all.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1)));
    let heaviest = all.first().map_or(1.0, |(weight, _)| weight.abs());
    let scale = (heaviest / 127.0 * f64::from(1 << 20)).ceil().clamp(1.0, 65535.0);
    let mut out = WeightTable { scale: scale as u16, slots: vec![0; slots] };
    for (weight, hash) in all {
        let slot = out.slot_of(hash);
        let steps = (weight * f64::from(1 << 20) / scale).round().clamp(-127.0, 127.0) as i8;
        if out.slots[slot] == 0 && steps != 0 {
            out.slots[slot] = u16::from_le_bytes([steps.to_le_bytes()[0], hash.to_le_bytes()[0]]);
        }
    }
    out
}
