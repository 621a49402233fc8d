//! The shape of a pattern's matches as far as the search for candidates needs it: which bytes stand
//! at which distance from the start. A shape may fit more than the pattern does, never less.

use super::bytes::ByteSet;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};
use regex_syntax::utf8::Utf8Sequences;

/// The most shapes of one part of a pattern; more are drawn together.
const SHAPES_MAX: usize = 48;
/// The most steps of a shape. What comes after is not looked at.
const STEPS_MAX: usize = 32;
/// How many times a repeated part is written out.
const UNROLLED_MAX: u32 = 4;

/// One step from the start of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// One byte of a set.
    Byte(ByteSet),
    /// So many bytes of a set.
    Gap { min: usize, max: Option<usize>, of: ByteSet },
}

/// How a match may look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The byte before the match, where the text does not start with it.
    pub(crate) before: ByteSet,
    pub(crate) steps: Vec<Step>,
    /// Whether something may follow the steps.
    is_cut: bool,
}

impl Shape {
    fn of(steps: Vec<Step>) -> Self {
        Self { before: ByteSet::ALL, steps, is_cut: false }
    }

    fn push(&mut self, step: Step) {
        if self.is_cut || self.steps.len() >= STEPS_MAX {
            self.is_cut = true;
        } else if step != (Step::Gap { min: 0, max: Some(0), of: ByteSet::EMPTY }) {
            self.steps.push(step);
        }
    }

    fn followed_by(&self, next: &Self) -> Self {
        let mut shape = self.clone();
        if self.steps.is_empty() {
            shape.before = next.before;
        }
        next.steps.iter().for_each(|step| shape.push(*step));
        shape.is_cut |= next.is_cut;
        shape
    }
}

/// All shapes of a pattern's matches.
pub(crate) fn shapes(hir: &Hir) -> Vec<Shape> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Shape::of(Vec::new())],
        HirKind::Literal(literal) => {
            let mut shape = Shape::of(Vec::new());
            literal.0.iter().for_each(|byte| shape.push(Step::Byte(ByteSet::from_iter([*byte]))));
            vec![shape]
        }
        HirKind::Class(class) => of_class(class),
        HirKind::Repetition(repetition) => of_repetition(repetition),
        HirKind::Capture(capture) => shapes(&capture.sub),
        HirKind::Alternation(parts) => within_limit(parts.iter().flat_map(shapes).collect()),
        HirKind::Concat(parts) => of_concat(parts),
    }
}

fn of_class(class: &Class) -> Vec<Shape> {
    match class {
        Class::Bytes(class) => {
            let ranges = class.ranges().iter();
            let set: ByteSet = ranges.flat_map(|range| range.start()..=range.end()).collect();
            if set.is_empty() { Vec::new() } else { vec![Shape::of(vec![Step::Byte(set)])] }
        }
        Class::Unicode(class) => of_characters(class),
    }
}

/// The first byte, and the bytes of the character after it.
fn of_characters(class: &ClassUnicode) -> Vec<Shape> {
    let mut first = ByteSet::EMPTY;
    let mut later = (usize::MAX, 0);
    for range in class.ranges() {
        for sequence in Utf8Sequences::new(range.start(), range.end()) {
            let bytes = sequence.as_slice();
            if let Some(lead) = bytes.first() {
                (lead.start..=lead.end).for_each(|byte| first.insert(byte));
            }
            let count = bytes.len().saturating_sub(1);
            later = (later.0.min(count), later.1.max(count));
        }
    }
    if first.is_empty() {
        return Vec::new();
    }
    let mut shape = Shape::of(vec![Step::Byte(first)]);
    if later.1 > 0 {
        let of = (0x80..=0xbf).collect();
        shape.push(Step::Gap { min: later.0, max: Some(later.1), of });
    }
    vec![shape]
}

fn of_repetition(repetition: &Repetition) -> Vec<Shape> {
    let once = shapes(&repetition.sub);
    let max = repetition.max;
    if let [Shape { steps, is_cut: false, .. }] = once.as_slice()
        && let [Step::Byte(set)] = steps.as_slice()
    {
        let written = repetition.min.min(16);
        let mut shape = Shape::of(vec![Step::Byte(*set); times(written)]);
        shape.push(rest_of(1, Some(1), *set, repetition.min - written, max.map(|m| m - written)));
        return vec![shape];
    }
    let written = repetition.min.min(UNROLLED_MAX);
    let mut all = vec![Shape::of(Vec::new())];
    for _ in 0..written {
        all = joined(&all, &once);
    }
    let (shortest, longest, of) = extent(&once);
    let rest = rest_of(shortest, longest, of, repetition.min - written, max.map(|m| m - written));
    for shape in &mut all {
        shape.push(rest);
    }
    all
}

/// So many times something of a length.
fn rest_of(
    shortest: usize,
    longest: Option<usize>,
    of: ByteSet,
    min: u32,
    max: Option<u32>,
) -> Step {
    let longest = match max {
        Some(0) => Some(0),
        Some(max) => longest.map(|longest| longest.saturating_mul(times(max))),
        None => None,
    };
    let of = if longest == Some(0) { ByteSet::EMPTY } else { of };
    Step::Gap { min: shortest.saturating_mul(times(min)), max: longest, of }
}

fn times(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn of_concat(parts: &[Hir]) -> Vec<Shape> {
    let mut all = vec![Shape::of(Vec::new())];
    let mut is_word_edge = false;
    for (index, part) in parts.iter().enumerate() {
        let is_first = all.iter().all(|shape| shape.steps.is_empty());
        if is_first && let HirKind::Look(look) = part.kind() {
            is_word_edge |=
                matches!(look, Look::WordAscii | Look::WordStartAscii | Look::WordStartHalfAscii);
        }
        let next = match part.kind() {
            // What may be left out at the start is two shapes, so that distances stay exact.
            HirKind::Repetition(Repetition { min: 0, max: Some(1), sub, .. }) if index < 3 => {
                let mut next = shapes(sub);
                next.push(Shape::of(Vec::new()));
                within_limit(next)
            }
            _ => shapes(part),
        };
        all = joined(&all, &next);
    }
    if is_word_edge {
        all.iter_mut().for_each(after_word_edge);
    }
    all
}

/// A word boundary before a character of a word says that none stands before.
fn after_word_edge(shape: &mut Shape) {
    let word = ByteSet::word();
    if let Some(Step::Byte(first)) = shape.steps.first()
        && first.is_within(word)
    {
        shape.before = word.complement();
    }
}

fn joined(all: &[Shape], next: &[Shape]) -> Vec<Shape> {
    let collapsed;
    let next = if all.len() * next.len() > SHAPES_MAX {
        collapsed = [collapse(next)];
        &collapsed
    } else {
        next
    };
    all.iter().flat_map(|shape| next.iter().map(|next| shape.followed_by(next))).collect()
}

fn within_limit(shapes: Vec<Shape>) -> Vec<Shape> {
    if shapes.len() > SHAPES_MAX { vec![collapse(&shapes)] } else { shapes }
}

/// One shape that fits what any of several fits.
fn collapse(shapes: &[Shape]) -> Shape {
    let byte_at = |shape: &Shape, place: usize| match shape.steps.get(place) {
        Some(Step::Byte(set)) => Some(*set),
        _ => None,
    };
    let mut steps = Vec::new();
    loop {
        let sets: Option<Vec<ByteSet>> =
            shapes.iter().map(|shape| byte_at(shape, steps.len())).collect();
        match sets {
            Some(sets) if !sets.is_empty() => {
                let set = sets.into_iter().fold(ByteSet::EMPTY, ByteSet::union);
                steps.push(Step::Byte(set));
            }
            _ => break,
        }
    }
    let rests: Vec<Shape> = shapes
        .iter()
        .map(|shape| Shape {
            steps: shape.steps.get(steps.len()..).unwrap_or_default().to_vec(),
            ..shape.clone()
        })
        .collect();
    let (min, max, of) = extent(&rests);
    let before = shapes.iter().fold(ByteSet::EMPTY, |before, shape| before.union(shape.before));
    let mut shape = Shape { before, ..Shape::of(steps) };
    shape.push(Step::Gap { min, max, of });
    shape
}

/// The shortest and the longest of some shapes, and the bytes in them.
fn extent(shapes: &[Shape]) -> (usize, Option<usize>, ByteSet) {
    let mut all = (usize::MAX, Some(0), ByteSet::EMPTY);
    for shape in shapes {
        let mut one: (usize, Option<usize>, ByteSet) =
            if shape.is_cut { (0, None, ByteSet::ALL) } else { (0, Some(0), ByteSet::EMPTY) };
        for step in &shape.steps {
            let (min, max, of) = match step {
                Step::Byte(set) => (1, Some(1), *set),
                Step::Gap { min, max, of } => (*min, *max, *of),
            };
            one.0 = one.0.saturating_add(min);
            one.1 = add(one.1, max);
            one.2 = one.2.union(of);
        }
        all.0 = all.0.min(one.0);
        all.1 = all.1.zip(one.1).map(|(a, b): (usize, usize)| a.max(b));
        all.2 = all.2.union(one.2);
    }
    if shapes.is_empty() { (0, Some(0), ByteSet::EMPTY) } else { all }
}

/// The sum of two lengths that may be unbounded.
pub(crate) fn add(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    a.zip(b).map(|(a, b)| a.saturating_add(b))
}
