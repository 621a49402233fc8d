//! Triggers: up to four neighbouring bytes that every match of a shape has, at a known distance from its
//! start, chosen to be rare in prose.

use super::bytes::ByteSet;
use super::shape::{Shape, Step, add, shapes};
use regex_syntax::hir::Hir;

/// How many bytes a trigger looks at.
pub(crate) const WIDTH: usize = 4;

/// What is looked for in the first pass over a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trigger {
    /// The sets of the bytes from the trigger's place on; past the trigger's end any byte will do.
    pub(crate) bytes: [ByteSet; WIDTH],
    /// How far the trigger's place is from the match's start, at least; -1 where the trigger begins
    /// with the byte before the match.
    pub(crate) distance_min: i64,
    /// The same, at most.
    pub(crate) distance_max: Option<i64>,
    /// The bytes that may stand between the match's start and the trigger.
    pub(crate) between: ByteSet,
}

/// The triggers of a pattern: each of its matches has one of them. None where nothing can match.
pub(crate) fn triggers(hir: &Hir) -> Vec<Trigger> {
    let mut triggers: Vec<Trigger> = Vec::new();
    for shape in shapes(hir) {
        let trigger = rarest(&shape);
        if !triggers.contains(&trigger) {
            triggers.push(trigger);
        }
    }
    triggers
}

/// How many triggers a detector has unless merging them would make them common.
const FEW: usize = 12;
/// How often a merged trigger may be pulled, for each place of prose.
const MERGED_MAX: f64 = 2e-4;

/// Draws triggers together that stand at the same distance, as long as the joint one is rare: many triggers make the
/// first pass slow, and a common one the second.
pub(crate) fn merge(triggers: &mut Vec<Trigger>) {
    let key = |trigger: &Trigger| (trigger.distance_min, trigger.distance_max, trigger.bytes);
    triggers.sort_unstable_by_key(key);
    triggers.dedup();
    if triggers.len() <= FEW {
        return;
    }
    let mut merged: Vec<Trigger> = Vec::with_capacity(triggers.len());
    for trigger in triggers.drain(..) {
        let of_distance = merged.iter_mut().filter(|other| {
            (other.distance_min, other.distance_max) == (trigger.distance_min, trigger.distance_max)
        });
        let joint = of_distance
            .filter_map(|other| {
                let bytes = union(&other.bytes, &trigger.bytes);
                let cost = likelihood(&bytes);
                (cost <= MERGED_MAX).then_some((cost - likelihood(&other.bytes), bytes, other))
            })
            .min_by(|(a, ..), (b, ..)| a.total_cmp(b));
        match joint {
            Some((_, bytes, other)) => {
                other.bytes = bytes;
                other.between = other.between.union(trigger.between);
            }
            None => merged.push(trigger),
        }
    }
    *triggers = merged;
}

fn union(a: &[ByteSet; WIDTH], b: &[ByteSet; WIDTH]) -> [ByteSet; WIDTH] {
    let mut both = *a;
    both.iter_mut().zip(b).for_each(|(set, other)| *set = set.union(*other));
    both
}

/// A byte with its distance from the start.
struct Place {
    set: ByteSet,
    distance_min: i64,
    distance_max: Option<i64>,
    between: ByteSet,
    /// Whether the place before is its neighbour in every match.
    is_next: bool,
}

fn places(shape: &Shape) -> Vec<Place> {
    let before = Place {
        set: shape.before,
        distance_min: -1,
        distance_max: Some(-1),
        between: ByteSet::EMPTY,
        is_next: false,
    };
    let mut places = vec![before];
    let (mut min, mut max, mut between) = (0_usize, Some(0), ByteSet::EMPTY);
    let mut is_next = true;
    for step in &shape.steps {
        match step {
            Step::Byte(set) => {
                let distance = |d: usize| i64::try_from(d).unwrap_or(i64::MAX);
                places.push(Place {
                    set: *set,
                    distance_min: distance(min),
                    distance_max: max.map(distance),
                    between,
                    is_next,
                });
                (min, max) = (min.saturating_add(1), add(max, Some(1)));
                between = between.union(*set);
                is_next = true;
            }
            Step::Gap { min: least, max: most, of } => {
                (min, max) = (min.saturating_add(*least), add(max, *most));
                between = between.union(*of);
                is_next = false;
            }
        }
    }
    places
}

/// The trigger of a shape that costs least. A shape without a single known byte has one that every
/// byte pulls.
fn rarest(shape: &Shape) -> Trigger {
    let places = places(shape);
    let mut best: Option<(f64, Trigger)> = None;
    for (index, place) in places.iter().enumerate() {
        let rest = places.get(index + 1..).unwrap_or_default();
        let next = rest.iter().take_while(|next| next.is_next).take(WIDTH - 1);
        let mut bytes = [ByteSet::ALL; WIDTH];
        let sets = std::iter::once(place.set).chain(next.map(|next| next.set));
        bytes.iter_mut().zip(sets).for_each(|(byte, set)| *byte = set);
        let cost = likelihood(&bytes) * cost_of_distance(place);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            let Place { distance_min, distance_max, between, .. } = *place;
            best = Some((cost, Trigger { bytes, distance_min, distance_max, between }));
        }
    }
    let anywhere = Trigger {
        bytes: [ByteSet::ALL; WIDTH],
        distance_min: 0,
        distance_max: Some(0),
        between: ByteSet::EMPTY,
    };
    best.map_or(anywhere, |(_, trigger)| trigger)
}

/// A start that is not known exactly is tried at each place where it may be.
fn cost_of_distance(place: &Place) -> f64 {
    let spread = place.distance_max.map_or(64, |max| (max - place.distance_min).min(64));
    let spread = u32::try_from(spread).unwrap_or(64);
    1.0 + f64::from(spread) / 2.0
}

/// How often a place of prose pulls the trigger. Digits and capitals come in rows, so that the second is
/// no longer rare.
pub(crate) fn likelihood(bytes: &[ByteSet]) -> f64 {
    let digits: ByteSet = (b'0'..=b'9').collect();
    let capitals: ByteSet = (b'A'..=b'Z').chain(b'0'..=b'9').collect();
    let mut previous = ByteSet::ALL;
    let mut product = 1.0;
    for set in bytes {
        let alone = f64::from(set.frequency()) / 1e6;
        let in_a_row = |row: ByteSet, most: f64| {
            let is_in_row = previous.is_within(row) && set.is_within(row) && !set.is_empty();
            if is_in_row { alone * most / (f64::from(row.frequency()) / 1e6) } else { 0.0 }
        };
        let of_row = in_a_row(digits, 0.6).max(in_a_row(capitals, 0.3));
        product *= alone.max(of_row).min(1.0);
        previous = *set;
    }
    product
}
