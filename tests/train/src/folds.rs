//! What is held out together: sources, groups of near duplicates, languages.

use crate::corpus::Class;
use crate::data::Data;
use crate::learn::Settings;
use crate::quantise;
use guard_model::Scratch;

/// Sources that are held out together, by parts of their names. A family of collections of the same prompts is one.
const SOURCES: [&[&str]; 9] = [
    &["S-Labs"],
    &["hackaprompt", "GSM8K", "MCP servers"],
    &["neuralchemy", "tau2-bench policies", "MT-bench"],
    &["deepset", "openai-agents docs"],
    &["yanismiraoui", "GPTeacher"],
    &["InjecAgent", "SummEdits", "self-instruct seeds"],
    &["TaskTracker", "prompts.chat"],
    &["PyRIT", "jailbreak_llms", "garak", "GPTFuzz", "Giskard", "tau2-bench scenarios"],
    &["bastion", "self-instruct user"],
];

/// Languages of our own texts that are held out together.
const LANGUAGES: [&[&str]; 4] = [
    &["es", "ru", "zh", "sv", "da", "he"],
    &["pt", "uk", "ja", "nl", "hu"],
    &["fr", "tr", "ko", "pl", "hi", "id"],
    &["it", "ro", "ar", "fa", "de", "cs", "el", "vi", "fi"],
];

/// Whether a text is of our own making: learnt from, and no evidence of anything but languages.
pub fn is_own(source: &str) -> bool {
    source.starts_with("own ")
}

/// The score of each item from a model that has seen no source of its family, nor a near duplicate.
pub fn sources_held_out(data: &Data, settings: &Settings) -> Vec<Option<f64>> {
    held_out(data, settings, SOURCES.len(), |index| {
        let item = &data.items[index];
        let family =
            SOURCES.iter().position(|family| family.iter().any(|part| item.source.contains(part)));
        match family {
            _ if is_own(&item.source) => None,
            None => Some(data.groups[index] % SOURCES.len()),
            some => some,
        }
    })
}

/// The score of each item from a model that has seen its source, and no near duplicate.
pub fn groups_held_out(data: &Data, settings: &Settings) -> Vec<Option<f64>> {
    held_out(data, settings, 5, |index| {
        (!is_own(&data.items[index].source)).then(|| data.groups[index] % 5)
    })
}

/// The score of each of our own texts in another language, from a model that has not seen our texts in it.
pub fn languages_held_out(data: &Data, settings: &Settings) -> Vec<Option<f64>> {
    held_out(data, settings, LANGUAGES.len(), |index| {
        let language = data.items[index].language.as_str();
        LANGUAGES.iter().position(|languages| languages.contains(&language))
    })
}

fn held_out(
    data: &Data,
    settings: &Settings,
    folds: usize,
    fold_of: impl Fn(usize) -> Option<usize>,
) -> Vec<Option<f64>> {
    let mut scores = vec![None; data.items.len()];
    let mut scratch = Scratch::default();
    for fold in 0..folds {
        let held: Vec<usize> =
            (0..data.items.len()).filter(|index| fold_of(*index) == Some(fold)).collect();
        let weights = data.learn(&data.without(&held), settings);
        let model = quantise::model(&data.keys, &weights, settings, quantise::no_knots(), 0);
        for index in held {
            let value = model.score(&data.items[index].text, &mut scratch).value;
            // A text without a word has the least value there is.
            scores[index] = Some((f64::from(value) / 65536.0).max(-8.0));
        }
    }
    scores
}

/// The scores of a class, without our own texts.
pub fn scores_of(data: &Data, scores: &[Option<f64>], class: Class) -> Vec<f64> {
    let of_class = data
        .items
        .iter()
        .zip(scores)
        .filter(|(item, _)| item.class == class && !is_own(&item.source));
    of_class.filter_map(|(_, score)| *score).collect()
}
