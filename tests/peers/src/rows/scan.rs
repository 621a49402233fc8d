//! Row 10: sixty patterns over prose.

use crate::bench::{Effort, Table, Unit};
use crate::patterns::PATTERNS;
use crate::prose::prose;
use guard_match::detect::{Detector, DetectorSet, Found, Scanner, Scratch};
use regex_automata::meta;
use regex_automata::util::syntax;

pub fn run(effort: Effort) {
    let peers = Peers::new();
    for (name, items, is_mixed) in [
        ("nothing to find", 0.0, false),
        ("one item a kilobyte", 1.0, false),
        ("one item a kilobyte, not ASCII", 1.0, true),
    ] {
        for kilobytes in [1, 16, 256] {
            let text = prose(kilobytes * 1024, items, is_mixed, 7);
            peers.compare(&format!("Row 10: {kilobytes} KB of prose, {name}"), &text, effort);
        }
    }
}

struct Peers {
    scanner: Scanner,
    /// Each pattern alone, with ASCII classes.
    alone: Vec<regex::bytes::Regex>,
    set: regex::bytes::RegexSet,
    /// With the `regex` crate's defaults: Unicode classes and boundaries.
    set_unicode: regex::RegexSet,
    meta: meta::Regex,
}

impl Peers {
    fn new() -> Self {
        let sources = PATTERNS.map(|(_, source)| source);
        let detectors = PATTERNS.map(|(name, source)| Detector {
            name: name.to_owned(),
            patterns: vec![source.to_owned()],
            validator: None,
            near: None,
        });
        let limit = 1 << 30;
        let alone = sources.iter().map(|source| {
            let mut builder = regex::bytes::RegexBuilder::new(source);
            builder.unicode(false).size_limit(limit).build().expect("a pattern of ours")
        });
        Self {
            scanner: Scanner::compile(&detectors).expect("detectors of ours"),
            alone: alone.collect(),
            set: regex::bytes::RegexSetBuilder::new(sources)
                .unicode(false)
                .size_limit(limit)
                .build()
                .expect("patterns of ours"),
            set_unicode: regex::RegexSetBuilder::new(sources)
                .size_limit(limit)
                .build()
                .expect("patterns of ours"),
            meta: meta::Builder::new()
                .configure(meta::Config::new().nfa_size_limit(Some(limit)).utf8_empty(false))
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build_many(&sources)
                .expect("patterns of ours"),
        }
    }

    fn compare(&self, title: &str, text: &str, effort: Effort) {
        let all = DetectorSet::all(PATTERNS.len());
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        self.scanner.scan(text, &all, &mut scratch, &mut found).expect("an answer");
        if text.is_ascii() {
            assert_eq!(found, self.one_after_the_other(text), "{title}");
        }
        let title = format!("{title}, {} found, {} steps", found.len(), scratch.steps());
        let mut table = Table::new(title, Unit::Microseconds(text.len()));
        table.add("**guard**, all spans", |n| {
            repeat(n, || {
                self.scanner.scan(text, &all, &mut scratch, &mut found).expect("an answer");
                found.len()
            })
        });
        table.add("`RegexSet`, ASCII classes, which patterns match", |n| {
            repeat(n, || self.set.matches(text.as_bytes()).iter().count())
        });
        table.add("`RegexSet`, its defaults, which patterns match", |n| {
            repeat(n, || self.set_unicode.matches(text).iter().count())
        });
        table.add("meta regex of all patterns, ASCII classes, spans of the leftmost", |n| {
            repeat(n, || self.meta.find_iter(text).count())
        });
        table.add("sixty regexes one after the other, ASCII classes, all spans", |n| {
            repeat(n, || self.alone.iter().map(|one| one.find_iter(text.as_bytes()).count()).sum())
        });
        table.run(effort);
    }

    fn one_after_the_other(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for (one, detector) in self.alone.iter().zip(0..) {
            let spans = one.find_iter(text.as_bytes());
            found.extend(spans.map(|m| Found { start: m.start(), end: m.end(), detector }));
        }
        found.sort_unstable();
        found
    }
}

fn repeat(n: usize, mut work: impl FnMut() -> usize) -> u64 {
    (0..n).fold(0, |sum: u64, _| sum.wrapping_add(work() as u64))
}
