//! A tool's result as fields: JSON or YAML, every single value with the path to it.

use saphyr_parser::{Event, Parser};
use serde_json::Value;

/// How deep a result may nest, and how many values it may have, to be read as fields.
const DEPTH_MAX: usize = 64;
const VALUES_MAX: usize = 10_000;

/// Where a field stands: the keys to it joined by dots, places in lists left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPath<'a> {
    path: &'a str,
    is_read: bool,
}

impl<'a> FieldPath<'a> {
    /// The path of what is in no field.
    pub(crate) const NONE: FieldPath<'static> = FieldPath { path: "", is_read: true };

    /// `order.items.price`; empty where the result is a single value or could not be read.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// Whether it is the field of this name, or of this path counted from the end.
    pub fn ends_with(&self, name: &str) -> bool {
        let before = self.path.strip_suffix(name);
        !name.is_empty() && before.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Whether the result could be read at all.
    pub fn is_read(&self) -> bool {
        self.is_read
    }
}

/// What a result consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A value.
    Field(FieldPath<'a>, &'a str),
    /// The name of a field: text that anybody can have written, but no value.
    Key(&'a str),
}

/// Visits what a result consists of. One that cannot be read, with anchors, or past the bounds is
/// one text.
pub(crate) fn visit(text: &str, mut visit: impl FnMut(Part<'_>)) {
    let flat = json(text).or_else(|| yaml(text));
    match flat {
        Some(flat) => flat.0.iter().for_each(|(path, value)| match value {
            Leaf::Value(value) => {
                visit(Part::Field(FieldPath { path, is_read: true }, value));
            }
            Leaf::Key(key) => visit(Part::Key(key)),
        }),
        None => visit(Part::Field(FieldPath { path: "", is_read: false }, text)),
    }
}

enum Leaf {
    Value(String),
    Key(String),
}

/// Paths and what stands there.
#[derive(Default)]
struct Flat(Vec<(String, Leaf)>);

impl Flat {
    /// False past the bound.
    fn push(&mut self, path: &str, leaf: Leaf) -> bool {
        self.0.push((path.to_owned(), leaf));
        self.0.len() <= VALUES_MAX
    }
}

fn json(text: &str) -> Option<Flat> {
    if !text.trim_start().starts_with(['{', '[', '"']) {
        return None;
    }
    let value: Value = serde_json::from_str(text).ok()?;
    let mut flat = Flat::default();
    of_json(&value, &mut String::new(), 0, &mut flat).then_some(flat)
}

fn of_json(value: &Value, path: &mut String, depth: usize, flat: &mut Flat) -> bool {
    if depth > DEPTH_MAX {
        return false;
    }
    match value {
        Value::Object(fields) => fields.iter().all(|(key, value)| {
            let before = path.len();
            push_key(path, key);
            let fits =
                flat.push("", Leaf::Key(key.clone())) && of_json(value, path, depth + 1, flat);
            path.truncate(before);
            fits
        }),
        Value::Array(values) => values.iter().all(|value| of_json(value, path, depth + 1, flat)),
        Value::String(text) => flat.push(path, Leaf::Value(text.clone())),
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => flat.push(path, Leaf::Value(value.to_string())),
    }
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// What the reader of YAML is inside of.
enum Inside {
    List,
    /// With the length of the path around it, and whether a key comes next.
    Map {
        outer: usize,
        key_next: bool,
    },
}

fn yaml(text: &str) -> Option<Flat> {
    let mut flat = Flat::default();
    let mut path = String::new();
    let mut inside: Vec<Inside> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.ok()?;
        if inside.len() > DEPTH_MAX {
            return None;
        }
        match event {
            Event::Alias(_) => return None,
            Event::Scalar(value, _, anchor, _) => {
                if anchor != 0 {
                    return None;
                }
                if let Some(Inside::Map { outer, key_next }) = inside.last_mut()
                    && *key_next
                {
                    path.truncate(*outer);
                    push_key(&mut path, &value);
                    *key_next = false;
                    if !flat.push("", Leaf::Key(value.into_owned())) {
                        return None;
                    }
                    continue;
                }
                if !flat.push(&path, Leaf::Value(value.into_owned())) {
                    return None;
                }
                ended(&mut inside);
            }
            Event::SequenceStart(anchor, _) => {
                // A list or a map as a key has no path.
                if anchor != 0 || is_key_next(&inside) {
                    return None;
                }
                inside.push(Inside::List);
            }
            Event::MappingStart(anchor, _) => {
                if anchor != 0 || is_key_next(&inside) {
                    return None;
                }
                inside.push(Inside::Map { outer: path.len(), key_next: true });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Inside::Map { outer, .. }) = inside.pop() {
                    path.truncate(outer);
                }
                ended(&mut inside);
            }
            _ => {}
        }
    }
    Some(flat)
}

fn is_key_next(inside: &[Inside]) -> bool {
    matches!(inside.last(), Some(Inside::Map { key_next: true, .. }))
}

/// A value has ended: in a map, a key comes next.
fn ended(inside: &mut [Inside]) {
    if let Some(Inside::Map { key_next, .. }) = inside.last_mut() {
        *key_next = true;
    }
}
