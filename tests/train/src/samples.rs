//! Texts as features: for each word of a text, the numbers of its features.

use crate::corpus::Item;
use guard_model::limits::DECODE_DEPTH_MAX;
use guard_model::{ScanMemory, Sink, Table, scan};

/// One stretch of words that windows lie in: the text, or what was encoded in it.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// Where each word's features begin, and where the last one's end.
    pub ends: Vec<u32>,
    /// Features, word after word; first hashes, then numbers.
    pub features: Vec<u64>,
}

/// The stretches of a text.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub stretches: Vec<Stretch>,
}

/// A feature's hash with its table in the lowest bit.
pub fn key(table: Table, hash: u64) -> u64 {
    match table {
        Table::Words => hash & !1,
        Table::Characters => hash | 1,
    }
}

#[derive(Default)]
struct Collector {
    stretch: Stretch,
    decoded: Vec<Vec<u8>>,
}

impl Sink for Collector {
    fn feature(&mut self, table: Table, hash: u64) {
        self.stretch.features.push(key(table, hash));
    }

    fn end_word(&mut self, _: usize, _: usize) {
        self.stretch.ends.push(u32::try_from(self.stretch.features.len()).expect("a text is short"));
    }

    fn decoded(&mut self, _: usize, _: usize, text: &[u8]) {
        self.decoded.push(text.to_vec());
    }
}

/// The features of a text and of what is encoded in it.
pub fn sample(text: &str) -> Sample {
    let mut sample = Sample::default();
    let mut memory = ScanMemory::default();
    let mut texts = vec![(text.to_owned(), 0)];
    while let Some((text, depth)) = texts.pop() {
        let mut collector = Collector::default();
        scan(&text, &mut memory, &mut collector);
        if !collector.stretch.ends.is_empty() {
            sample.stretches.push(collector.stretch);
        }
        if depth < DECODE_DEPTH_MAX {
            let decoded = collector.decoded.into_iter();
            texts.extend(decoded.filter_map(|bytes| String::from_utf8(bytes).ok()).map(|text| (text, depth + 1)));
        }
    }
    sample
}

/// The features of all items.
pub fn samples(items: &[Item]) -> Vec<Sample> {
    items.iter().map(|item| sample(&item.text)).collect()
}
