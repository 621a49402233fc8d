//! A probability for a value: a logistic curve through scores of texts that the model had not seen (Platt, 1999),
//! where attacks and ordinary texts weigh the same.

use guard_model::Knot;

/// Points on the curve.
const KNOTS: usize = 49;

/// `e` to the power of `x`, from additions and multiplications alone: the library's differs between machines.
fn exp(x: f64) -> f64 {
    let halvings = 12;
    let small = x.clamp(-40.0, 40.0) / f64::from(1 << halvings);
    let mut power = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0)));
    for _ in 0..halvings {
        power *= power;
    }
    power
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// Slope and offset by Newton's method; each class weighs one half.
fn fit(attacks: &[f64], others: &[f64]) -> (f64, f64) {
    let (mut slope, mut offset) = (0.0, 0.0);
    for _ in 0..50 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for (list, target) in [(attacks, 1.0), (others, 0.0)] {
            let weight = 0.5 / list.len() as f64;
            for value in list {
                let p = logistic(slope * value + offset);
                let (error, curve) = ((p - target) * weight, p * (1.0 - p) * weight);
                g0 += error;
                g1 += error * value;
                h00 += curve;
                h01 += curve * value;
                h11 += curve * value * value;
            }
        }
        let determinant = h00 * h11 - h01 * h01;
        // A bound on the step keeps Newton's method from leaping over the end.
        offset -= ((h11 * g0 - h01 * g1) / determinant).clamp(-0.5, 0.5);
        slope -= ((h00 * g1 - h01 * g0) / determinant).clamp(-0.5, 0.5);
    }
    (slope, offset)
}

/// The curve as straight lines; beyond the ends it is flat.
pub fn knots(attacks: &[f64], others: &[f64]) -> Vec<Knot> {
    let (slope, offset) = fit(attacks, others);
    let of = |x: f64| Knot {
        value: ((x - offset) / slope * 65536.0).round() as i32,
        probability: (logistic(x) * 65535.0).round() as u16,
    };
    (0..KNOTS).map(|index| of(-12.0 + 24.0 * index as f64 / (KNOTS - 1) as f64)).collect()
}
