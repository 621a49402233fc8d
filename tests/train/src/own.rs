//! Texts of our own making from templates: what attackers say in many wordings and languages, and harmless texts
//! with the same words.

use crate::corpus::{Class, Item};
use crate::random::Random;
use std::collections::BTreeMap;

/// How often a template is filled in.
const ENGLISH_TEXTS: usize = 24;
const OTHER_TEXTS: usize = 12;

/// Nested choices end here.
const DEPTH_MAX: usize = 12;

/// All texts, always the same ones.
pub fn read() -> Vec<Item> {
    let mut items = Vec::new();
    expand(include_str!("../own/english.txt"), ENGLISH_TEXTS, &mut items);
    expand(include_str!("../own/others.txt"), OTHER_TEXTS, &mut items);
    items
}

fn expand(file: &str, count: usize, items: &mut Vec<Item>) {
    let mut parts: BTreeMap<&str, &str> = BTreeMap::new();
    for line in file.lines().filter_map(|line| line.strip_prefix('=')) {
        let (name, body) = line.split_once(' ').expect("a part has a name");
        parts.insert(name, body);
    }
    for (number, line) in file.lines().enumerate() {
        let (class, rest) = match line.as_bytes().first() {
            Some(b'+') => (Class::Attack, &line[1..]),
            Some(b'-') => (Class::Hard, &line[1..]),
            _ => continue,
        };
        let (language, template) = match rest.split_once(' ') {
            Some((language, template))
                if language.len() == 2
                    && language.bytes().all(|b| b.is_ascii_lowercase())
                    && count == OTHER_TEXTS =>
            {
                (language, template)
            }
            _ => ("en", rest),
        };
        let mut random = Random(number as u64 * 1000 + count as u64);
        let mut texts: Vec<String> =
            (0..count).map(|_| filled(template, &parts, &mut random, 0)).collect();
        texts.sort();
        texts.dedup();
        items.extend(texts.into_iter().map(|text| Item {
            text,
            class,
            source: format!("own {}", if language == "en" { "en" } else { "others" }),
            holder: format!("own {language} {number}"),
            language: language.to_owned(),
        }));
    }
}

/// One way to fill a template in.
fn filled(
    template: &str,
    parts: &BTreeMap<&str, &str>,
    random: &mut Random,
    depth: usize,
) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{').filter(|_| depth < DEPTH_MAX) {
        out.push_str(&rest[..open]);
        let close = closing(&rest[open..]).map_or(rest.len(), |close| open + close);
        let choice = &rest[open + 1..close];
        let ways = alternatives(choice);
        let way = ways[random.below(ways.len())];
        let body = match parts.get(way) {
            Some(_) if way == "gib" => String::new(),
            Some(part) => filled(part, parts, random, depth + 1),
            None if way == "gib" => gibberish(random),
            None => filled(way, parts, random, depth + 1),
        };
        out.push_str(&body);
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.replace('¦', "|").replace("\\n", "\n").trim().to_owned()
}

/// Where the brace that opens the text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between bars, but for bars in inner braces.
fn alternatives(choice: &str) -> Vec<&str> {
    let (mut ways, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, character) in choice.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                ways.push(&choice[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    ways.push(&choice[start..]);
    ways
}

/// What a search over tokens leaves behind: halves of words, glued together, with signs between them.
fn gibberish(random: &mut Random) -> String {
    const PIECES: [&str; 48] = [
        "tutorial",
        "Sure",
        "representing",
        "Mane",
        "iod",
        "ending",
        "write",
        "Title",
        "newcommand",
        "bash",
        "steps",
        "giving",
        "interface",
        "ally",
        "Now",
        "inst",
        "anyway",
        "two",
        "THE",
        "sentence",
        "similar",
        "oppos",
        "ite",
        "Here",
        "formatted",
        "manual",
        "text",
        "WITH",
        "Tables",
        "re",
        "Step",
        "ing",
        "Pres",
        "vert",
        "ONE",
        "please",
        "with",
        "begin",
        "example",
        "response",
        "json",
        "des",
        "crib",
        "Theorem",
        "reply",
        "printf",
        "mac",
        "Me",
    ];
    const SIGNS: [&str; 24] = [
        "]( ", "**", ".\\", "\"){", " -- ", "!--", "={", "(\"", "); ", "}{", "](", "^{", " +",
        "\\!", ";)", "\">", "?}", "<-", "}}", " \\", "@{", ".[", "_{", ":\"",
    ];
    let mut out = String::new();
    for _ in 0..10 + random.below(12) {
        out.push_str(PIECES[random.below(PIECES.len())]);
        match random.below(5) {
            0 | 1 => out.push(' '),
            2 | 3 => out.push_str(SIGNS[random.below(SIGNS.len())]),
            _ => {}
        }
    }
    out
}
