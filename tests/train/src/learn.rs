//! Learns weights: a linear support vector machine with squared loss by dual coordinate descent (Hsieh and
//! others, 2008), over the window of each text that the model so far holds for the worst.
//!
//! Only additions, multiplications, divisions and square roots of `f64` in a fixed order, all of which IEEE 754
//! rounds alike everywhere.

use crate::random::Random;

/// A text with its features numbered.
#[derive(Debug, Clone, Default)]
pub struct Text {
    pub stretches: Vec<Numbered>,
}

/// Words of a stretch, with the features that were kept.
#[derive(Debug, Clone, Default)]
pub struct Numbered {
    pub ends: Vec<u32>,
    pub features: Vec<u32>,
}

/// A run of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub stretch: usize,
    pub from: usize,
    pub to: usize,
    /// Which length of window it is.
    pub scale: usize,
}

/// What is tuned.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Lengths of windows, in words.
    pub scales: Vec<usize>,
    /// How much an error costs beside large weights.
    pub cost: f64,
    /// How often the worst windows are looked for anew.
    pub rounds: usize,
    /// How often the descent goes through all windows.
    pub passes: usize,
    /// How much a harmless text weighs, where an attack weighs one.
    pub harmless: f64,
    /// How much a text of another task's corpus weighs.
    pub elsewhere: f64,
    /// How many sources must have a feature.
    pub sources_min: usize,
    /// How many texts must have it.
    pub texts_min: usize,
}

impl Default for Settings {
    /// Chosen by the scores of sources that were held out.
    fn default() -> Self {
        Self {
            scales: vec![12, 48],
            cost: 0.2,
            rounds: 3,
            passes: 8,
            harmless: 2.0,
            elsewhere: 0.6,
            sources_min: 2,
            texts_min: 4,
        }
    }
}

/// What is added to the words of a window before the root is taken; the scorer has the same.
const NUDGE: f64 = 4.0;

/// Weights of features, and one for each length of window.
#[derive(Debug, Clone)]
pub struct Weights {
    pub features: Vec<f64>,
    pub scales: Vec<f64>,
}

/// A text to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    pub text: &'a Text,
    pub is_attack: bool,
    /// How much it counts.
    pub cost: f64,
}

/// What a sum over `words` words is multiplied with.
pub fn shrink(words: usize) -> f64 {
    1.0 / (words as f64 + NUDGE).sqrt()
}

/// The value of a window.
pub fn value(sum: f64, words: usize, scale: usize, weights: &Weights) -> f64 {
    sum * shrink(words) + weights.scales[scale]
}

/// The window with the highest value, and the value. Of equal ones the first.
pub fn best_window(text: &Text, weights: &Weights, settings: &Settings) -> Option<(Window, f64)> {
    let mut best: Option<(Window, f64)> = None;
    for (stretch, numbered) in text.stretches.iter().enumerate() {
        let words = numbered.ends.len();
        let mut sums = Vec::with_capacity(words + 1);
        sums.push(0.0);
        let (mut sum, mut start) = (0.0, 0);
        for end in &numbered.ends {
            for feature in &numbered.features[start..*end as usize] {
                sum += weights.features[*feature as usize];
            }
            start = *end as usize;
            sums.push(sum);
        }
        for window in windows(words, settings) {
            let window = Window { stretch, ..window };
            let sum = sums[window.to] - sums[window.from];
            let value = value(sum, window.to - window.from, window.scale, weights);
            if best.is_none_or(|(_, highest)| value > highest) {
                best = Some((window, value));
            }
        }
    }
    best
}

/// All windows of so many words: of each length that fits, and the whole where none longer fits.
pub fn windows(words: usize, settings: &Settings) -> impl Iterator<Item = Window> {
    let scales = settings.scales.clone();
    let whole = scales.iter().position(|length| words < *length).filter(|_| words > 0);
    let whole = whole.map(|scale| Window { stretch: 0, from: 0, to: words, scale });
    let fitting = scales.into_iter().enumerate().flat_map(move |(scale, length)| {
        (length..=words).map(move |to| Window { stretch: 0, from: to - length, to, scale })
    });
    whole.into_iter().chain(fitting)
}

struct Instance {
    features: Vec<(u32, f64)>,
    scale: usize,
    sign: f64,
    cost: f64,
    square: f64,
    alpha: f64,
}

/// Learns from lessons. `allowed` says which features may have a weight.
pub fn learn(lessons: &[Lesson<'_>], allowed: &[bool], settings: &Settings) -> Weights {
    let mut weights =
        Weights { features: vec![0.0; allowed.len()], scales: vec![0.0; settings.scales.len()] };
    for round in 0..settings.rounds {
        let mut instances = Vec::new();
        for lesson in lessons {
            if round == 0 {
                first_windows(lesson, allowed, settings, &mut instances);
            } else if let Some((window, _)) = best_window(lesson.text, &weights, settings) {
                instances.push(instance(lesson, window, 1.0, allowed));
            }
        }
        weights = descend(&mut instances, allowed.len(), settings);
    }
    weights
}

/// Before anything is known: windows of the greatest length that fits, side by side.
fn first_windows(
    lesson: &Lesson<'_>,
    allowed: &[bool],
    settings: &Settings,
    instances: &mut Vec<Instance>,
) {
    for (stretch, numbered) in lesson.text.stretches.iter().enumerate() {
        let words = numbered.ends.len();
        let scale = settings.scales.iter().rposition(|length| *length <= words);
        let length = scale.map_or(words, |scale| settings.scales[scale]);
        let count = words.div_ceil(length.max(1)).max(1);
        for index in 0..count {
            let to = ((index + 1) * length).min(words);
            let window = Window { stretch, from: to - length, to, scale: scale.unwrap_or(0) };
            instances.push(instance(lesson, window, 1.0 / count as f64, allowed));
        }
    }
}

fn instance(lesson: &Lesson<'_>, window: Window, share: f64, allowed: &[bool]) -> Instance {
    let numbered = &lesson.text.stretches[window.stretch];
    let start = window.from.checked_sub(1).map_or(0, |word| numbered.ends[word] as usize);
    let end = window.to.checked_sub(1).map_or(0, |word| numbered.ends[word] as usize);
    let mut sorted: Vec<u32> = numbered.features[start..end].to_vec();
    sorted.retain(|feature| allowed[*feature as usize]);
    sorted.sort_unstable();
    let shrink = shrink(window.to - window.from);
    let mut features: Vec<(u32, f64)> = Vec::with_capacity(sorted.len());
    for feature in sorted {
        match features.last_mut() {
            Some((last, value)) if *last == feature => *value += shrink,
            _ => features.push((feature, shrink)),
        }
    }
    let square = 1.0 + features.iter().map(|(_, value)| value * value).sum::<f64>();
    let sign = if lesson.is_attack { 1.0 } else { -1.0 };
    Instance { features, scale: window.scale, sign, cost: lesson.cost * share, square, alpha: 0.0 }
}

fn descend(instances: &mut [Instance], count: usize, settings: &Settings) -> Weights {
    let mut weights =
        Weights { features: vec![0.0; count], scales: vec![0.0; settings.scales.len()] };
    let mut order: Vec<usize> = (0..instances.len()).collect();
    let mut random = Random(1);
    for _ in 0..settings.passes {
        random.shuffle(&mut order);
        for index in &order {
            let instance = &mut instances[*index];
            let mut value = weights.scales[instance.scale];
            for (feature, amount) in &instance.features {
                value += weights.features[*feature as usize] * amount;
            }
            let diagonal = 1.0 / (2.0 * instance.cost);
            let gradient = instance.sign * value - 1.0 + instance.alpha * diagonal;
            let alpha = (instance.alpha - gradient / (instance.square + diagonal)).max(0.0);
            let step = (alpha - instance.alpha) * instance.sign;
            if step != 0.0 {
                instance.alpha = alpha;
                for (feature, amount) in &instance.features {
                    weights.features[*feature as usize] += step * amount;
                }
                weights.scales[instance.scale] += step;
            }
        }
    }
    weights
}
