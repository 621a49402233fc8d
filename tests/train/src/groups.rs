//! Near duplicates: texts that share most of their runs of five words are one group and never straddle a split.

use crate::samples::Sample;
use std::collections::BTreeMap;

/// A run of words that more texts than this have says nothing.
const COMMON: usize = 200;

/// The group of each text, as the number of one of its texts.
pub fn groups(words: &[Vec<u64>]) -> Vec<usize> {
    let shingles: Vec<Vec<u64>> = words.iter().map(|words| shingles(words)).collect();
    let mut holders: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (text, shingles) in shingles.iter().enumerate() {
        for shingle in shingles {
            holders.entry(*shingle).or_default().push(text);
        }
    }
    let mut parents: Vec<usize> = (0..words.len()).collect();
    for (text, own) in shingles.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for holder in
            own.iter().filter_map(|shingle| holders.get(shingle)).filter(|all| all.len() <= COMMON)
        {
            for other in holder.iter().filter(|other| **other < text) {
                *shared.entry(*other).or_default() += 1;
            }
        }
        for (other, count) in shared {
            let least = own.len().min(shingles[other].len());
            if count * 2 >= least {
                let (one, two) = (root(&mut parents, text), root(&mut parents, other));
                parents[one.max(two)] = one.min(two);
            }
        }
    }
    (0..words.len()).map(|text| root(&mut parents, text)).collect()
}

fn root(parents: &mut [usize], mut text: usize) -> usize {
    while parents[text] != text {
        parents[text] = parents[parents[text]];
        text = parents[text];
    }
    text
}

/// Hashes of all runs of five words, each once; of a shorter text, of all its words.
fn shingles(words: &[u64]) -> Vec<u64> {
    let length = words.len().clamp(1, 5);
    let mut all: Vec<u64> = words
        .windows(length)
        .map(|run| {
            run.iter().fold(7_u64, |hash, word| {
                (hash.rotate_left(9) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            })
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// One hash for each word of a text: that of its features.
pub fn words(sample: &Sample) -> Vec<u64> {
    let mut all = Vec::new();
    for stretch in &sample.stretches {
        let mut start = 0;
        for end in &stretch.ends {
            let features = &stretch.features[start..*end as usize];
            // The word itself is the feature before its pair, its skip pair and its triple.
            all.push(features.len().checked_sub(4).map_or(0, |at| features[at]));
            start = *end as usize;
        }
    }
    all
}
