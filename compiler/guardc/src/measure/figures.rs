//! Figures from scores: thresholds, areas, intervals.

/// The 97.5th percentile of the normal distribution, for intervals of 95 %.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// Between which shares the true one lies, with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    /// At least this.
    pub(crate) low: f64,
    /// At most this.
    pub(crate) high: f64,
}

/// Wilson's score interval (1927) for `count` of `all`; of nothing, everything is possible.
pub(crate) fn interval(count: usize, all: usize) -> Interval {
    if all == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (count, all) = (number(count), number(all));
    let share = count / all;
    let square = NORMAL_975 * NORMAL_975;
    let middle = (share + square / (2.0 * all)) / (1.0 + square / all);
    let spread = share * (1.0 - share) / all + square / (4.0 * all * all);
    let half = NORMAL_975 * spread.sqrt() / (1.0 + square / all);
    // The ends are exact where nothing or everything was counted.
    let low = if count > 0.0 { middle - half } else { 0.0 };
    let high = if count < all { middle + half } else { 1.0 };
    Interval { low: low.max(0.0), high: high.min(1.0) }
}

/// How often a positive's score is above a negative's, ties counting half: the area under the ROC curve.
/// Nothing where one side is empty.
pub(crate) fn area_under_curve(positives: &[f64], negatives: &[f64]) -> Option<f64> {
    if positives.is_empty() || negatives.is_empty() {
        return None;
    }
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |score: &f64| {
        let less = sorted.partition_point(|other| other < score);
        let not_more = sorted.partition_point(|other| other <= score);
        number(less + not_more) / 2.0
    };
    Some(
        positives.iter().map(below).sum::<f64>()
            / (number(positives.len()) * number(negatives.len())),
    )
}

/// The lowest threshold that at most `rate` of the scores reach: half-way between two of them, so that it can be
/// written down with fewer digits. Nothing where even the highest score is too frequent.
pub(crate) fn threshold_at(scores: &[f64], rate: f64) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|left, right| right.total_cmp(left));
    // How many may reach it. The product is not negative, and not above the length.
    let allowed = sorted
        .iter()
        .enumerate()
        .take_while(|(index, _)| number(index + 1) <= rate * number(scores.len()))
        .count();
    let Some(first_below) = sorted.get(allowed) else { return Some(0.0) };
    let above = sorted.iter().take(allowed).rev().find(|score| *score > first_below);
    match above {
        Some(above) => Some(f64::midpoint(*above, *first_below)),
        None if *first_below < 1.0 => Some(f64::midpoint(1.0, *first_below)),
        None => None,
    }
}

/// Counts are far below the 2^53 that a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "counts of texts are far below 2^53")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(left: f64, right: f64) -> bool {
        (left - right).abs() < 5e-5
    }

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (count, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = interval(count, all);
            assert!(
                is_near(found.low, low) && is_near(found.high, high),
                "{count} of {all}: {found:?}"
            );
        }
        assert_eq!(interval(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn the_area_counts_ties_as_half() {
        assert_eq!(area_under_curve(&[0.9, 0.8], &[0.1, 0.2]), Some(1.0));
        assert_eq!(area_under_curve(&[0.5], &[0.5]), Some(0.5));
        assert_eq!(area_under_curve(&[0.9, 0.1], &[0.5, 0.5]), Some(0.5));
        assert_eq!(area_under_curve(&[], &[0.5]), None);
    }

    #[test]
    fn no_more_than_the_rate_reach_the_threshold() {
        let scores = [0.1, 0.2, 0.3, 0.4, 0.9, 0.9, 0.2, 0.1, 0.1, 0.1];
        let reached = |rate: f64| {
            let threshold = threshold_at(&scores, rate).unwrap();
            scores.iter().filter(|score| **score >= threshold).count()
        };
        assert_eq!([0.0, 0.1, 0.2, 0.3, 0.4, 1.0].map(reached), [0, 0, 2, 3, 4, 10]);
        assert_eq!(threshold_at(&[1.0, 1.0], 0.5), None);
    }
}
