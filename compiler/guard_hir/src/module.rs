//! The names that one file sees. What several files take from one module is shared, not copied.

use crate::names::Declaration;
use guard_grammar::ast::{Label, LabelKind};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// What one file declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Types, constants, data, functions, detectors, policies by name.
    pub names: BTreeMap<String, Declaration>,
    /// Tools by full name.
    pub tools: BTreeMap<String, Declaration>,
    /// For each label as it is written, the tools that bear it.
    labels: BTreeMap<String, Vec<String>>,
}

impl Names {
    pub(crate) fn sort_by_label(&mut self) {
        for (name, declaration) in &self.tools {
            let labels = declaration.tool().map(|tool| tool.labels.as_slice());
            for label in labels.unwrap_or_default() {
                self.labels.entry(words(&label.kind)).or_default().push(name.clone());
            }
        }
    }
}

/// The names that one file sees: its own, and those of the modules it uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// Its own first.
    parts: Vec<Arc<Names>>,
    /// The modules that it uses, by the last word of their names.
    used: BTreeMap<String, Arc<Names>>,
    /// Of these it sees the tools and nothing else.
    tools_of: Vec<Arc<Names>>,
    /// A module that it uses does not exist. A name that nothing is like may be from there, and is
    /// no mistake of its own then.
    pub is_partial: bool,
}

impl Module {
    pub(crate) fn new(own: Arc<Names>) -> Self {
        Self { parts: vec![own], used: BTreeMap::new(), tools_of: Vec::new(), is_partial: false }
    }

    pub(crate) fn take_in(&mut self, word: &str, used: &Arc<Names>) {
        self.used.entry(word.to_owned()).or_insert_with(|| Arc::clone(used));
        if !self.parts.iter().any(|part| Arc::ptr_eq(part, used)) {
            self.parts.push(Arc::clone(used));
        }
    }

    /// This module, with the tools that another sees: what the targets of a rule mean that applies
    /// to an agent of another file.
    #[must_use]
    pub fn with_tools_of(&self, other: &Self) -> Self {
        let mut with = self.clone();
        for part in other.tool_parts() {
            if !with.tool_parts().any(|known| Arc::ptr_eq(known, part)) {
                with.tools_of.push(Arc::clone(part));
            }
        }
        with.is_partial |= other.is_partial;
        with
    }

    /// This module, where names that nothing is like may be from elsewhere.
    #[must_use]
    pub fn partial(&self) -> Self {
        Self { is_partial: true, ..self.clone() }
    }

    fn tool_parts(&self) -> impl Iterator<Item = &Arc<Names>> {
        self.parts.iter().chain(&self.tools_of)
    }

    /// The type, constant, data, function, detector or policy of this name.
    pub fn name(&self, name: &str) -> Option<&Declaration> {
        self.parts.iter().find_map(|part| part.names.get(name))
    }

    /// What a module that this one uses declares under a name: `card` of `pii` after `use std.pii`.
    pub fn name_of(&self, module: &str, name: &str) -> Option<&Declaration> {
        self.used.get(module)?.names.get(name)
    }

    /// The tool of this full name.
    pub fn tool(&self, name: &str) -> Option<&Declaration> {
        self.tool_parts().find_map(|part| part.tools.get(name))
    }

    /// Everything that is no tool, by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Declaration)> {
        self.parts.iter().flat_map(|part| &part.names).map(|(name, decl)| (name.as_str(), decl))
    }

    /// Every tool, by full name.
    pub fn tools(&self) -> impl Iterator<Item = (&str, &Declaration)> {
        self.tool_parts().flat_map(|part| &part.tools).map(|(name, decl)| (name.as_str(), decl))
    }

    /// The tools in a namespace; the prefix ends with its dot.
    pub(crate) fn tools_below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let below = move |part: &'a Arc<Names>| {
            let from = part.tools.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
            from.map(|(name, _)| name.as_str()).take_while(move |name| name.starts_with(prefix))
        };
        self.tool_parts().flat_map(below)
    }

    /// The tools that bear a label.
    pub fn tools_labelled(&self, label: &LabelKind) -> impl Iterator<Item = &str> {
        let words = words(label);
        self.tool_parts()
            .filter_map(move |part| part.labels.get(&words))
            .flatten()
            .map(String::as_str)
    }

    /// Every label that some tool bears, as it is written.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.tool_parts().flat_map(|part| part.labels.keys()).map(String::as_str)
    }
}

/// Whether a tool bears a label.
pub(crate) fn bears(tool: &Declaration, label: &Label) -> bool {
    let wanted = words(&label.kind);
    tool.tool().is_some_and(|tool| tool.labels.iter().any(|known| words(&known.kind) == wanted))
}

/// A label as it is written.
pub(crate) fn words(kind: &LabelKind) -> String {
    match kind {
        LabelKind::Reads(name) => format!("reads {}", name.text),
        LabelKind::Writes(name) => format!("writes {}", name.text),
        LabelKind::Trust(name) => format!("trust {}", name.text),
        LabelKind::Plain(name) => name.text.clone(),
    }
}
