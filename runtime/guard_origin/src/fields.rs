//! The fields of a tool's result, read as JSON, else as YAML, else as one text.

use crate::limits::{DEPTH_MAX, NODES_MAX, PATH_BYTES_MAX};
use crate::{json, yaml};

/// Where a field stands: the keys that lead to it. Places in lists are left out, so that in
/// `[{sender: a}, {sender: b}]` both senders have the path `sender`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath {
    joined: String,
    /// Where in `joined` each key begins.
    starts: Vec<usize>,
    is_read: bool,
}

impl FieldPath {
    /// The keys joined by dots, as in `order.items.price`; empty for a text without structure. For
    /// people: a key may hold a dot itself, and then this does not tell where it ends.
    pub fn path(&self) -> &str {
        &self.joined
    }

    /// Whether the result was read as lists and mappings. Where it was not, its one text may hold
    /// what any of its fields would have held.
    pub fn is_read(&self) -> bool {
        self.is_read
    }

    /// Whether the path is exactly the keys of `name`, which are joined by dots. A key that holds a
    /// dot is not taken for two.
    pub fn is(&self, name: &str) -> bool {
        let keys = if name.is_empty() { 0 } else { keys_in(name) };
        self.joined == name && self.starts.len() == keys
    }

    /// Whether the last keys of the path are those of `name`, which are joined by dots.
    pub fn ends_with(&self, name: &str) -> bool {
        let start = self.joined.len().checked_sub(name.len());
        let place = start.and_then(|start| self.starts.iter().position(|other| *other == start));
        place.is_some_and(|place| self.starts.len() - place == keys_in(name))
            && self.joined.ends_with(name)
    }

    fn push(&mut self, key: &str) -> Option<()> {
        if self.joined.len() + 1 + key.len() > PATH_BYTES_MAX {
            return None;
        }
        if !self.starts.is_empty() {
            self.joined.push('.');
        }
        self.starts.push(self.joined.len());
        self.joined.push_str(key);
        Some(())
    }

    fn pop(&mut self) {
        if let Some(start) = self.starts.pop() {
            // The dot goes too, where there is one.
            let end = if self.starts.is_empty() { 0 } else { start.saturating_sub(1) };
            self.joined.truncate(end);
        }
    }
}

fn keys_in(name: &str) -> usize {
    name.split('.').count()
}

/// What a text of a result is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A scalar: a field in its own right.
    Value,
    /// A key of the mapping with this path. It is text of the mapping and no field.
    Key,
    /// The result as it was written, where YAML has comments, tags or directives that are in no
    /// field although the agent reads them. It is text without a path and no field.
    Source,
}

/// A text of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it stands.
    pub path: FieldPath,
    /// What stands there: of a text what it means without quotes and escapes, of a number, a truth
    /// value or a null what was written.
    pub text: String,
    /// What it is there.
    pub kind: FieldKind,
}

/// The fields of a result, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    list: Vec<Field>,
    is_structured: bool,
}

impl Fields {
    /// Whether the result was read as lists and mappings. Otherwise it is one field without a path.
    pub fn is_structured(&self) -> bool {
        self.is_structured
    }

    /// All texts, keys included.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Reads a result as JSON, else as YAML. What is neither, what is a scalar alone, what uses YAML's
/// anchors and aliases, and what is deeper, larger or longer than [`limits`](crate::limits) says is
/// one field without a path.
#[must_use]
pub fn fields(text: &str) -> Fields {
    json::read(text).or_else(|| yaml::read(text)).unwrap_or_else(|| {
        let whole =
            Field { path: FieldPath::default(), text: text.to_owned(), kind: FieldKind::Value };
        Fields { list: vec![whole], is_structured: false }
    })
}

/// Collects the fields of a result as a reader goes through it. Every step that would pass a limit
/// is `None`.
#[derive(Default)]
pub(crate) struct Collector {
    fields: Fields,
    path: FieldPath,
    nodes: usize,
    depth: usize,
}

impl Collector {
    /// Begins a list or a mapping.
    pub(crate) fn open(&mut self) -> Option<()> {
        self.fields.is_structured = true;
        self.path.is_read = true;
        self.depth += 1;
        self.count()?;
        (self.depth <= DEPTH_MAX).then_some(())
    }

    /// Ends it.
    pub(crate) fn close(&mut self) {
        self.depth -= 1;
    }

    /// What follows up to `leave` stands under `key`.
    pub(crate) fn enter(&mut self, key: &str) -> Option<()> {
        self.add(key.to_owned(), FieldKind::Key)?;
        self.path.push(key)
    }

    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    pub(crate) fn value(&mut self, text: String) -> Option<()> {
        self.add(text, FieldKind::Value)
    }

    /// What was collected, and the text as it was written where `source` is given.
    pub(crate) fn finish(mut self, source: Option<&str>) -> Option<Fields> {
        if let Some(source) = source {
            self.path = FieldPath { is_read: true, ..FieldPath::default() };
            self.add(source.to_owned(), FieldKind::Source)?;
        }
        Some(self.fields)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.fields.list.iter().map(|field| field.text.as_str())
    }

    pub(crate) fn is_structured(&self) -> bool {
        self.fields.is_structured
    }

    fn add(&mut self, text: String, kind: FieldKind) -> Option<()> {
        self.count()?;
        self.fields.list.push(Field { path: self.path.clone(), text, kind });
        Some(())
    }

    fn count(&mut self) -> Option<()> {
        self.nodes += 1;
        (self.nodes <= NODES_MAX).then_some(())
    }
}
