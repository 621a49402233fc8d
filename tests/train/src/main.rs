//! Trains the models of `stdlib-policies/models`, and estimates by cross-validation what they are worth on
//! texts of sources that they have not seen.

mod corpus;
mod groups;
mod learn;
mod own;
mod random;
mod samples;

use corpus::{Class, Item};
use learn::{Lesson, Numbered, Settings, Text, best_window, learn};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

fn fold_of(source: &str) -> usize {
    let folds: [&[&str]; 9] = [
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
    if source.starts_with("own ") { return usize::MAX - 1; }
    if source.contains(": ") && !source.contains("SummEdits") {
        return usize::MAX;
    }
    folds.iter().position(|fold| fold.iter().any(|part| source.contains(part))).unwrap_or_else(|| panic!("{source}"))
}

fn main() {
    let mut settings = Settings {
        scales: vec![16, 64],
        cost: 1.0,
        rounds: 3,
        passes: 8,
        source_power: 0.5,
        negative: 2.0,
        hard: 1.0,
        elsewhere: 0.3,
        sources_min: 2,
        texts_min: 3,
        nudge: 4.0,
        own: 1.0,
    };
    let mut arguments = std::env::args().skip(1);
    let mut kinds = String::new();
    while let Some(argument) = arguments.next() {
        let value = arguments.next().expect("a value");
        match argument.as_str() {
            "--scales" => settings.scales = value.split(',').map(|n| n.parse().unwrap()).collect(),
            "--cost" => settings.cost = value.parse().unwrap(),
            "--rounds" => settings.rounds = value.parse().unwrap(),
            "--passes" => settings.passes = value.parse().unwrap(),
            "--source-power" => settings.source_power = value.parse().unwrap(),
            "--negative" => settings.negative = value.parse().unwrap(),
            "--hard" => settings.hard = value.parse().unwrap(),
            "--elsewhere" => settings.elsewhere = value.parse().unwrap(),
            "--sources" => settings.sources_min = value.parse().unwrap(),
            "--texts" => settings.texts_min = value.parse().unwrap(),
            "--nudge" => settings.nudge = value.parse().unwrap(),
            "--own" => settings.own = value.parse().unwrap(),
            "--kinds" => kinds = value,
            _ => panic!("{argument}"),
        }
    }
    let start = Instant::now();
    let mut items = corpus::read(Path::new("../../../shared/corpora"));
    if settings.own > 0.0 { items.extend(own::read()); }
    let samples = samples::samples(&items);
    let words: Vec<Vec<u64>> = samples.iter().map(groups::words).collect();
    let groups = groups::groups(&words);
    eprintln!("{} items, {:.1?}", items.len(), start.elapsed());

    let sources: Vec<&str> = items.iter().map(|item| item.source.as_str()).collect();
    let (texts, holders) = number(&samples, &items.iter().map(|i| i.holder.as_str()).collect::<Vec<_>>(), &settings, &kinds);
    eprintln!("{} features, {:.1?}", holders.len(), start.elapsed());

    let folds: Vec<usize> = sources.iter().map(|source| fold_of(source)).collect();
    let mut by_source = vec![f64::NEG_INFINITY; items.len()];
    for fold in 0..9 {
        let mut held: Vec<usize> = (0..items.len()).filter(|i| folds[*i] == fold).collect();
        // elsewhere: by a ninth of the groups
        held.extend((0..items.len()).filter(|i| folds[*i] == usize::MAX && groups[*i] % 9 == fold));
        evaluate(&items, &texts, &holders, &groups, &held, &settings, &mut by_source);
    }
    eprintln!("left-out sources {:.1?}", start.elapsed());
    report("sources held out", &items, &by_source);
    let mut mixed = vec![f64::NEG_INFINITY; items.len()];
    for fold in 0..4 {
        let held: Vec<usize> = (0..items.len()).filter(|i| groups[*i] % 4 == fold && !items[*i].source.starts_with("own ")).collect();
        evaluate(&items, &texts, &holders, &groups, &held, &settings, &mut mixed);
    }
    eprintln!("groups {:.1?}", start.elapsed());
    report("groups held out", &items, &mixed);
}

fn evaluate(items: &[Item], texts: &[Text], holders: &[Vec<u16>], groups: &[usize], held: &[usize], settings: &Settings, scores: &mut [f64]) {
    let held_groups: BTreeSet<usize> = held.iter().map(|i| groups[*i]).collect();
    let learnt: Vec<usize> = (0..items.len()).filter(|i| !held_groups.contains(&groups[*i])).collect();
    let weights = train(items, texts, holders, &learnt, settings);
    for index in held {
        if let Some((_, value)) = best_window(&texts[*index], &weights, settings) {
            scores[*index] = value;
        }
    }
}

fn train(items: &[Item], texts: &[Text], holders: &[Vec<u16>], learnt: &[usize], settings: &Settings) -> learn::Weights {
    let mut names: Vec<&str> = items.iter().map(|item| item.holder.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let present: BTreeSet<&str> = learnt.iter().map(|i| items[*i].holder.as_str()).collect();
    let is_present: Vec<bool> = names.iter().map(|name| present.contains(name)).collect();
    let allowed: Vec<bool> = holders
        .iter()
        .map(|sources| sources.iter().filter(|s| is_present[**s as usize]).count() >= settings.sources_min)
        .collect();
    let mut counts: BTreeMap<(&str, Class), f64> = BTreeMap::new();
    for i in learnt {
        *counts.entry((&items[*i].source, items[*i].class)).or_default() += 1.0;
    }
    // Each source has the weight n^(1-p); classes are then scaled to the same total.
    let weight = |item: &Item| counts[&(item.source.as_str(), item.class)].powf(-settings.source_power);
    let mut totals: BTreeMap<bool, f64> = BTreeMap::new();
    for i in learnt {
        let item = &items[*i];
        *totals.entry(item.class == Class::Attack).or_default() += weight(item);
    }
    let half = learnt.len() as f64 / 2.0;
    let lessons: Vec<Lesson<'_>> = learnt
        .iter()
        .map(|i| {
            let item = &items[*i];
            let is_attack = item.class == Class::Attack;
            let factor = if item.source.starts_with("own ") { settings.own } else { 1.0 } * match item.class {
                Class::Attack => 1.0,
                Class::Ordinary => settings.negative,
                Class::Hard => settings.negative * settings.hard,
                Class::Elsewhere => settings.negative * settings.elsewhere,
            };
            Lesson { text: &texts[*i], is_attack, cost: settings.cost * weight(item) * factor * half / totals[&is_attack] }
        })
        .collect();
    learn(&lessons, &allowed, settings)
}

/// Numbers the features that stand in enough texts; gives for each the sources that have it.
fn number(samples: &[samples::Sample], sources: &[&str], settings: &Settings, _kinds: &str) -> (Vec<Text>, Vec<Vec<u16>>) {
    let mut names = sources.to_vec();
    names.sort_unstable();
    names.dedup();
    let mut all: Vec<(u64, u16)> = Vec::new();
    for (sample, source) in samples.iter().zip(sources) {
        let source = names.binary_search(source).unwrap() as u16;
        let mut own: Vec<u64> = sample.stretches.iter().flat_map(|s| s.features.iter().copied()).collect();
        own.sort_unstable();
        own.dedup();
        all.extend(own.into_iter().map(|f| (f, source)));
    }
    all.sort_unstable();
    let mut keys = Vec::new();
    let mut holders: Vec<Vec<u16>> = Vec::new();
    for run in all.chunk_by(|a, b| a.0 == b.0) {
        let mut own: Vec<u16> = run.iter().map(|(_, s)| *s).collect();
        own.dedup();
        if run.len() >= settings.texts_min && own.len() >= settings.sources_min {
            keys.push(run[0].0);
            holders.push(own);
        }
    }
    let texts = samples
        .iter()
        .map(|sample| Text {
            stretches: sample
                .stretches
                .iter()
                .map(|stretch| {
                    let mut numbered = Numbered::default();
                    let mut start = 0;
                    for end in &stretch.ends {
                        for feature in &stretch.features[start..*end as usize] {
                            if let Ok(number) = keys.binary_search(feature) {
                                numbered.features.push(number as u32);
                            }
                        }
                        start = *end as usize;
                        numbered.ends.push(numbered.features.len() as u32);
                    }
                    numbered
                })
                .collect(),
        })
        .collect();
    (texts, holders)
}

fn threshold(scores: &mut Vec<f64>, rate: f64) -> f64 {
    scores.sort_by(|a, b| b.total_cmp(a));
    scores[(scores.len() as f64 * rate) as usize]
}

fn report(title: &str, items: &[Item], scores: &[f64]) {
    let of = |class: Class| -> Vec<f64> { (0..items.len()).filter(|i| items[*i].class == class && !items[*i].source.starts_with("own ")).map(|i| scores[i]).collect() };
    let at = threshold(&mut of(Class::Ordinary), 0.005);
    let share = |list: &[f64]| list.iter().filter(|s| **s > at).count() as f64 / list.len().max(1) as f64;
    let mut negatives = of(Class::Ordinary);
    negatives.sort_by(f64::total_cmp);
    let auc = |list: &[f64]| list.iter().map(|s| negatives.partition_point(|n| n < s) as f64 / negatives.len() as f64).sum::<f64>() / list.len().max(1) as f64;
    println!("== {title}: threshold {at:.3}, recall {:.3}, auc {:.3}, ordinary {:.4}, hard {:.4}, elsewhere {:.4}", share(&of(Class::Attack)), auc(&of(Class::Attack)), share(&of(Class::Ordinary)), share(&of(Class::Hard)), share(&of(Class::Elsewhere)));
    let mut rows: BTreeMap<(Class, &str), Vec<f64>> = BTreeMap::new();
    for (item, score) in items.iter().zip(scores) {
        if item.source.starts_with("own ") { continue; }
        rows.entry((item.class, &item.source)).or_default().push(*score);
    }
    let mut mean = Vec::new();
    for ((class, source), list) in rows {
        if class == Class::Attack && list.len() > 5 {
            mean.push(share(&list));
        }
        if class != Class::Elsewhere {
            println!("  {class:?} {source}: {} of {}: {:.3} auc {:.3}", (share(&list) * list.len() as f64).round(), list.len(), share(&list), auc(&list));
        } else if share(&list) > 0.01 {
            println!("  {class:?} {source}: {:.4}", share(&list));
        }
    }
    if std::env::var("SHOW").is_ok() {
        let mut top: Vec<usize> = (0..items.len()).filter(|i| items[*i].class == Class::Ordinary && !items[*i].source.starts_with("own ")).collect();
        top.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let mut r = random::Random(3);
        for name in ["yanis", "S-Labs", "neuralchemy_v1", "TaskTracker t", "deepset", "hackaprompt"] {
            let mut all: Vec<usize> = (0..items.len()).filter(|i| items[*i].class == Class::Attack && items[*i].source.contains(name) && scores[*i] <= at).collect();
            r.shuffle(&mut all);
            for i in all.iter().take(14) {
                println!("FN {:.2} {} {:?}", scores[*i], name, items[*i].text.chars().take(150).collect::<String>());
            }
        }
        for i in top.iter().take(25) {
            println!("FP {:.2} {} {:?}", scores[*i], items[*i].source, items[*i].text.chars().take(150).collect::<String>());
        }
    }
    println!("  mean over sources {:.3}", mean.iter().sum::<f64>() / mean.len() as f64);
}
