//! The development corpora: which items are read, what they are called, and which are left out.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What a text is to the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It should fire.
    Attack,
    /// It should not.
    Ordinary,
    /// It should not, and the text was chosen because it looks as if.
    Hard,
    /// It should not; a text of another task's corpus.
    Elsewhere,
}

/// One text.
#[derive(Debug, Clone)]
pub struct Item {
    pub text: String,
    pub class: Class,
    /// The source; of a collection, the part that comes from one place.
    pub source: String,
    /// What counts as a source where a feature must have several.
    pub holder: String,
    pub language: String,
}

/// Licences under which a source is not learnt from, by a part of their name.
const NOT_LEARNT_FROM: [&str; 3] = ["CDLA-Sharing", "-SA", "NC"];

/// Reads what is learnt from, in the order of the files.
pub fn read(folder: &Path) -> Vec<Item> {
    let mut items = Vec::new();
    for task in ["injection", "jailbreak"] {
        read_task(folder, task, &mut items);
    }
    for task in ["shell", "sql", "ssrf", "path", "secret", "pii", "grounding"] {
        let mut all = Vec::new();
        read_task(folder, task, &mut all);
        items.extend(
            all.into_iter()
                .filter(|item| item.class != Class::Attack || matches!(task, "pii" | "grounding"))
                .map(|item| Item {
                    class: Class::Elsewhere,
                    source: format!("{task}: {}", item.source),
                    holder: format!("{task}: {}", item.source),
                    ..item
                }),
        );
    }
    items
}

fn read_task(folder: &Path, task: &str, items: &mut Vec<Item>) {
    let path = folder.join(format!("{task}.jsonl.gz"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let line = line.expect("a corpus is UTF-8");
        let value: Value = serde_json::from_str(&line).expect("a corpus is JSON");
        if !NOT_LEARNT_FROM.iter().any(|part| text_of(&value, "licence").contains(part)) {
            items.push(item(&value));
            let context = text_of(&value, "context");
            if !context.is_empty() && !items.iter().rev().take(40).any(|item| item.text == context)
            {
                items.push(Item { text: context, ..item(&value) });
            }
        }
    }
}

fn item(value: &Value) -> Item {
    let is_hard = value.get("hard").and_then(Value::as_bool).unwrap_or(false);
    let class = match text_of(value, "label").as_str() {
        "positive" => Class::Attack,
        _ if is_hard => Class::Hard,
        _ => Class::Ordinary,
    };
    let (source, via) = (text_of(value, "source"), text_of(value, "via"));
    let source = if via.is_empty() { source } else { format!("{source}/{via}") };
    Item {
        text: text_of(value, "text"),
        class,
        holder: source.clone(),
        source,
        language: text_of(value, "lang"),
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
