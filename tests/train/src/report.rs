//! The training report, in Markdown. It names no time and no place, so that two runs write the same.

use crate::corpus::Class;
use crate::data::Data;
use crate::disguise::{DISGUISES, disguised};
use crate::folds::{is_own, scores_of};
use guard_model::{Model, Scratch};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The value that at most `rate` of the scores exceed.
pub fn threshold(scores: &[f64], rate: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|left, right| right.total_cmp(left));
    sorted[(sorted.len() as f64 * rate) as usize]
}

/// How often an attack's score is above an ordinary text's; ties count half.
pub fn auc(attacks: &[f64], ordinary: &[f64]) -> f64 {
    let mut sorted = ordinary.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |score: &f64| {
        let (less, not_more) =
            (sorted.partition_point(|o| o < score), sorted.partition_point(|o| o <= score));
        (less + not_more) as f64 / 2.0
    };
    attacks.iter().map(below).sum::<f64>() / (attacks.len() * sorted.len()).max(1) as f64
}

fn share(scores: &[f64], threshold: f64) -> f64 {
    scores.iter().filter(|score| **score > threshold).count() as f64 / scores.len().max(1) as f64
}

/// One line for each way of holding out, and a table by source.
pub fn held_out(
    out: &mut String,
    data: &Data,
    title: &str,
    scores: &[Option<f64>],
    threshold: f64,
) {
    let of = |class| scores_of(data, scores, class);
    let (attacks, ordinary) = (of(Class::Attack), of(Class::Ordinary));
    let _ = writeln!(out, "## {title}\n");
    let _ = writeln!(
        out,
        "At the threshold {threshold:.3}: recall {:.3}, ordinary texts {:.4}, hard ones {:.4}, texts of other tasks {:.4}; AUC {:.3}. At 0.5 % of\nthese ordinary texts: recall {:.3}.\n",
        share(&attacks, threshold),
        share(&ordinary, threshold),
        share(&of(Class::Hard), threshold),
        share(&of(Class::Elsewhere), threshold),
        auc(&attacks, &ordinary),
        share(&attacks, self::threshold(&ordinary, 0.005)),
    );
    let mut rows: BTreeMap<(Class, String), Vec<f64>> = BTreeMap::new();
    for (item, score) in data.items.iter().zip(scores).filter(|(item, _)| !is_own(&item.source)) {
        let name = if item.class == Class::Elsewhere {
            "texts of other tasks".to_owned()
        } else {
            item.source.clone()
        };
        rows.entry((item.class, name)).or_default().extend(score);
    }
    out.push_str("| class | source | texts | flagged | share | AUC |\n| --- | --- | --- | --- | --- | --- |\n");
    for ((class, source), list) in &rows {
        let flagged = list.iter().filter(|score| **score > threshold).count();
        let auc = if *class == Class::Attack {
            format!("{:.3}", auc(list, &ordinary))
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "| {class:?} | {source} | {} | {flagged} | {:.3} | {auc} |",
            list.len(),
            share(list, threshold)
        );
    }
    let large =
        rows.iter().filter(|((class, _), list)| *class == Class::Attack && list.len() >= 20);
    let shares: Vec<f64> = large.map(|(_, list)| share(list, threshold)).collect();
    let _ = writeln!(
        out,
        "\nMean over the sources with 20 attacks or more: {:.3}.\n",
        shares.iter().sum::<f64>() / shares.len() as f64
    );
}

/// Our own texts in languages that were held out.
pub fn languages(out: &mut String, data: &Data, scores: &[Option<f64>], threshold: f64) {
    let mut rows: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for (item, score) in data.items.iter().zip(scores).filter(|(item, _)| is_own(&item.source)) {
        let row = rows.entry(&item.language).or_default();
        let list = if item.class == Class::Attack { &mut row.0 } else { &mut row.1 };
        list.extend(score);
    }
    out.push_str("## Languages held out\n\nOur own texts, from models that saw none of ours in that language.\n\n");
    out.push_str(
        "| language | attacks | flagged | harmless | flagged |\n| --- | --- | --- | --- | --- |\n",
    );
    for (language, (attacks, harmless)) in rows.iter().filter(|(_, row)| !row.0.is_empty()) {
        let _ = writeln!(
            out,
            "| {language} | {} | {:.2} | {} | {:.2} |",
            attacks.len(),
            share(attacks, threshold),
            harmless.len(),
            share(harmless, threshold)
        );
    }
    out.push('\n');
}

/// Of the attacks that are found plainly, those that are found in disguise.
pub fn disguises(out: &mut String, data: &Data, model: &Model) {
    let mut scratch = Scratch::default();
    let mut fires = |text: &str| model.score(text, &mut scratch).fires(model.threshold());
    let attacks =
        data.items.iter().filter(|item| item.class == Class::Attack && !is_own(&item.source));
    let found: Vec<&str> =
        attacks.map(|item| item.text.as_str()).filter(|text| fires(text)).step_by(3).collect();
    out.push_str("## Disguises\n\nEvery third attack that the model finds, disguised; it has learnt from them plainly.\n\n| disguise | still found |\n| --- | --- |\n");
    for name in DISGUISES {
        let still = found.iter().filter(|text| fires(&disguised(text, name))).count();
        let _ = writeln!(out, "| {name} | {:.3} |", still as f64 / found.len() as f64);
    }
}
