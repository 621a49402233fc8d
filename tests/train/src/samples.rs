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

/// The bit of a hash that neither a slot nor a check is made of; here it says which table a feature is in.
const TABLE_BIT: u64 = 1 << 16;

/// A feature's hash and its table as one number.
pub fn key(table: Table, hash: u64) -> u64 {
    match table {
        Table::Words => hash & !TABLE_BIT,
        Table::Characters => hash | TABLE_BIT,
    }
}

/// The table of a key, and a hash that has the same slot and check.
pub fn split_key(key: u64) -> (Table, u64) {
    let table = if key & TABLE_BIT == 0 { Table::Words } else { Table::Characters };
    (table, key & !TABLE_BIT)
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
        self.stretch
            .ends
            .push(u32::try_from(self.stretch.features.len()).expect("a text is short"));
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
            texts.extend(
                decoded
                    .filter_map(|bytes| String::from_utf8(bytes).ok())
                    .map(|text| (text, depth + 1)),
            );
        }
    }
    sample
}

/// The features of all items.
pub fn samples(items: &[Item]) -> Vec<Sample> {
    items.iter().map(|item| sample(&item.text)).collect()
}
