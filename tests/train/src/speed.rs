//! How many bytes a second a model scores, on one thread.

use crate::corpus::{self, Class, Item};
use guard_model::{Model, Scratch};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

/// Rounds; the median of them is what is said.
const ROUNDS: usize = 15;

/// Scores texts as they are, and joined to long ones, and prints megabytes (10^6) a second.
pub fn measure(model: &Path, corpora: &Path) {
    let bytes = std::fs::read(model).expect("the model can be read");
    let model = Model::from_bytes(&bytes).expect("a model");
    let items = corpus::read(corpora);
    let of = |class: Class| -> Vec<String> {
        let wanted = |item: &&Item| {
            item.class == class
                && (class != Class::Elsewhere || item.source.starts_with("grounding"))
        };
        items.iter().filter(wanted).map(|item| item.text.clone()).collect()
    };
    let prose = of(Class::Elsewhere);
    let rows = [
        ("prose, 64 KB at a time", joined(&prose, 1 << 16)),
        ("prose, as it is", prose),
        ("ordinary texts, as they are", of(Class::Ordinary)),
        ("attacks, as they are", of(Class::Attack)),
    ];
    println!(
        "| texts | bytes a text | MB/s, median | least | most |\n| --- | --- | --- | --- | --- |"
    );
    for (name, texts) in rows {
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut rates: Vec<f64> =
            (0..ROUNDS).map(|_| bytes as f64 / seconds(&model, &texts) / 1e6).collect();
        rates.sort_by(f64::total_cmp);
        let (low, middle, high) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
        println!("| {name} | {} | {middle:.0} | {low:.0} | {high:.0} |", bytes / texts.len());
    }
}

fn seconds(model: &Model, texts: &[String]) -> f64 {
    let mut scratch = Scratch::default();
    let (wall, processor) = (Instant::now(), processor_seconds());
    for text in texts {
        black_box(model.score(black_box(text), &mut scratch));
    }
    match (processor, processor_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall.elapsed().as_secs_f64(),
    }
}

/// How long this process has had a processor, where the system says so: on a shared machine the wall's clock
/// measures the others.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}

fn joined(texts: &[String], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    for text in texts {
        if all.last().is_some_and(|last| last.len() >= length) {
            all.push(String::new());
        }
        if let Some(last) = all.last_mut() {
            last.push_str(text);
            last.push(' ');
        }
    }
    all
}
