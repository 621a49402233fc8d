//! Everything that is learnt from: items, their features numbered, and their groups.

use crate::corpus::{self, Class, Item};
use crate::learn::{self, Lesson, Numbered, Settings, Text, Weights};
use crate::samples::Sample;
use crate::{groups, own, samples};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The items and what is known of them.
pub struct Data {
    pub items: Vec<Item>,
    pub texts: Vec<Text>,
    /// Each item's group of near duplicates.
    pub groups: Vec<usize>,
    /// The features' hashes.
    pub keys: Vec<u64>,
    /// For each feature, who has it.
    holders: Vec<Vec<u16>>,
    /// Names of those who have features.
    names: Vec<String>,
}

impl Data {
    /// Reads the corpora and our own texts.
    pub fn read(folder: &Path, settings: &Settings) -> Self {
        let mut items = corpus::read(folder);
        items.extend(own::read());
        let samples = samples::samples(&items);
        let words: Vec<Vec<u64>> = samples.iter().map(groups::words).collect();
        let groups = groups::groups(&words);
        let mut names: Vec<String> = items.iter().map(|item| item.holder.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let (keys, holders) = features(&items, &samples, &names, settings);
        let texts = samples.iter().map(|sample| numbered(sample, &keys)).collect();
        Self { items, texts, groups, keys, holders, names }
    }

    /// The items that share no group with those held out.
    pub fn without(&self, held: &[usize]) -> Vec<usize> {
        let groups: BTreeSet<usize> = held.iter().map(|item| self.groups[*item]).collect();
        (0..self.items.len()).filter(|item| !groups.contains(&self.groups[*item])).collect()
    }

    /// Learns from some of the items. A feature that fewer sources have among them has no weight.
    pub fn learn(&self, learnt: &[usize], settings: &Settings) -> Weights {
        let present: BTreeSet<&str> =
            learnt.iter().map(|item| self.items[*item].holder.as_str()).collect();
        let is_present: Vec<bool> =
            self.names.iter().map(|name| present.contains(name.as_str())).collect();
        let count =
            |holders: &[u16]| holders.iter().filter(|name| is_present[usize::from(**name)]).count();
        let allowed: Vec<bool> =
            self.holders.iter().map(|holders| count(holders) >= settings.sources_min).collect();
        learn::learn(&self.lessons(learnt, settings), &allowed, settings)
    }

    /// A source with n texts weighs as the root of n; then both classes weigh the same, but for the factors.
    fn lessons(&self, learnt: &[usize], settings: &Settings) -> Vec<Lesson<'_>> {
        let mut counts: BTreeMap<(&str, Class), f64> = BTreeMap::new();
        for item in learnt.iter().map(|item| &self.items[*item]) {
            *counts.entry((&item.source, item.class)).or_default() += 1.0;
        }
        let weight = |item: &Item| 1.0 / counts[&(item.source.as_str(), item.class)].sqrt();
        let mut totals: BTreeMap<bool, f64> = BTreeMap::new();
        for item in learnt.iter().map(|item| &self.items[*item]) {
            *totals.entry(item.class == Class::Attack).or_default() += weight(item);
        }
        let half = learnt.len() as f64 / 2.0;
        let lesson = |index: &usize| {
            let item = &self.items[*index];
            let is_attack = item.class == Class::Attack;
            let factor = match item.class {
                Class::Attack => 1.0,
                Class::Ordinary | Class::Hard => settings.harmless,
                Class::Elsewhere => settings.elsewhere,
            };
            let cost = settings.cost * factor * weight(item) * half / totals[&is_attack];
            Lesson { text: &self.texts[*index], is_attack, cost }
        };
        learnt.iter().map(lesson).collect()
    }
}

/// The features that enough texts of enough holders have, and who has them.
fn features(
    items: &[Item],
    samples: &[Sample],
    names: &[String],
    settings: &Settings,
) -> (Vec<u64>, Vec<Vec<u16>>) {
    let mut all: Vec<(u64, u16)> = Vec::new();
    for (sample, item) in samples.iter().zip(items) {
        let name = names.binary_search(&item.holder).expect("every holder has a name");
        let mut own: Vec<u64> =
            sample.stretches.iter().flat_map(|stretch| stretch.features.iter().copied()).collect();
        own.sort_unstable();
        own.dedup();
        all.extend(own.into_iter().map(|feature| (feature, name as u16)));
    }
    all.sort_unstable();
    let mut keys = Vec::new();
    let mut holders = Vec::new();
    for run in all.chunk_by(|left, right| left.0 == right.0) {
        let mut own: Vec<u16> = run.iter().map(|(_, name)| *name).collect();
        own.dedup();
        if run.len() >= settings.texts_min && own.len() >= settings.sources_min {
            keys.push(run[0].0);
            holders.push(own);
        }
    }
    (keys, holders)
}

fn numbered(sample: &Sample, keys: &[u64]) -> Text {
    let mut text = Text::default();
    for stretch in &sample.stretches {
        let mut numbered = Numbered::default();
        let mut start = 0;
        for end in stretch.ends.iter().map(|end| *end as usize) {
            let known = stretch.features[start..end]
                .iter()
                .filter_map(|feature| keys.binary_search(feature).ok());
            numbered.features.extend(known.map(|number| number as u32));
            numbered.ends.push(numbered.features.len() as u32);
            start = end;
        }
        text.stretches.push(numbered);
    }
    text
}
