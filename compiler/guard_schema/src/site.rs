//! A place in the document, as a chain of steps from its root.
//!
//! One chain answers four questions: the JSON pointer for a message, the dotted name of the
//! argument for a comment, how deep we are, and which references we came through.

use std::rc::Rc;

use crate::reference;
use crate::text;

/// The longest name shown in a pointer: names are an author's, and may be megabytes.
const SHOWN_CHARS_MAX: usize = 80;

/// Deeper than this nothing is read. Real schemas stay below 20.
pub(crate) const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone)]
pub(crate) struct Site<'a>(Rc<Node<'a>>);

#[derive(Debug)]
struct Node<'a> {
    parent: Option<Site<'a>>,
    step: Step<'a>,
    depth: usize,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// The document.
    Root,
    /// A keyword or any other key.
    Key(&'a str),
    /// The key whose value is a schema of its own: where `#` in a reference leads.
    Schema(&'a str),
    /// An element of an array.
    Index(usize),
    /// One property of an object: two keys, one name.
    Property(&'a str),
    /// The elements of an array.
    Items,
    /// What a `$ref` such as `#/$defs/Person` leads to.
    Reference(&'a str),
}

impl<'a> Site<'a> {
    pub(crate) fn root() -> Self {
        Self(Rc::new(Node { parent: None, step: Step::Root, depth: 0 }))
    }

    fn child(&self, step: Step<'a>) -> Self {
        Self(Rc::new(Node { parent: Some(self.clone()), step, depth: self.0.depth + 1 }))
    }

    pub(crate) fn key(&self, key: &'a str) -> Self {
        self.child(Step::Key(key))
    }

    pub(crate) fn schema(&self, key: &'a str) -> Self {
        self.child(Step::Schema(key))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        self.child(Step::Index(index))
    }

    pub(crate) fn property(&self, name: &'a str) -> Self {
        self.child(Step::Property(name))
    }

    pub(crate) fn items(&self) -> Self {
        self.child(Step::Items)
    }

    pub(crate) fn reference(&self, fragment: &'a str) -> Self {
        self.child(Step::Reference(fragment))
    }

    /// Whether this is where `#` leads.
    pub(crate) fn is_schema_root(&self) -> bool {
        matches!(self.0.step, Step::Root | Step::Schema(_))
    }

    pub(crate) fn is_too_deep(&self) -> bool {
        self.0.depth > DEPTH_MAX
    }

    /// Whether this place was reached through this reference.
    pub(crate) fn came_through(&self, fragment: &str) -> bool {
        self.steps().any(|step| matches!(step, Step::Reference(passed) if passed == fragment))
    }

    /// From this place up to the root.
    fn steps(&self) -> impl Iterator<Item = Step<'a>> {
        std::iter::successors(Some(self), |site| site.0.parent.as_ref()).map(|site| site.0.step)
    }

    /// The JSON pointer of the place where the text stands: behind a reference, that of the
    /// definition.
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for token in self.tokens() {
            pointer.push('/');
            pointer.push_str(&token);
        }
        pointer
    }

    fn tokens(&self) -> Vec<String> {
        let mut steps: Vec<Step<'a>> = self.steps().collect();
        steps.reverse();
        let mut tokens: Vec<String> = Vec::new();
        // How many tokens lead to the schema's own root; a reference starts again from there.
        let mut schema_root = 0;
        for step in steps {
            match step {
                Step::Root => {}
                Step::Key(key) => tokens.push(shown_token(key)),
                Step::Schema(key) => {
                    tokens.push(shown_token(key));
                    schema_root = tokens.len();
                }
                Step::Index(index) => tokens.push(index.to_string()),
                Step::Property(name) => {
                    tokens.push("properties".to_owned());
                    tokens.push(shown_token(name));
                }
                Step::Items => tokens.push("items".to_owned()),
                Step::Reference(fragment) => {
                    tokens.truncate(schema_root);
                    tokens.extend(reference::tokens(fragment).map(|token| shown_token(&token)));
                }
            }
        }
        tokens
    }

    /// How a comment names the value: `filters.tags[]`.
    pub(crate) fn value_name(&self) -> String {
        let mut steps: Vec<Step<'a>> = self.steps().collect();
        steps.reverse();
        let mut name = String::new();
        for step in steps {
            match step {
                Step::Property(property) => {
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(&text::one_line(property, SHOWN_CHARS_MAX));
                }
                Step::Items => name.push_str("[]"),
                Step::Key("additionalProperties") => name.push_str("[…]"),
                _ => {}
            }
        }
        name
    }
}

/// A token of a JSON pointer, safe to print.
pub(crate) fn shown_token(key: &str) -> String {
    let mut token = String::new();
    for (count, character) in key.chars().enumerate() {
        if count >= SHOWN_CHARS_MAX {
            token.push('…');
            break;
        }
        match character {
            '~' => token.push_str("~0"),
            '/' => token.push_str("~1"),
            c if guard_grammar::is_invisible(c) => token.extend(c.escape_unicode()),
            c => token.push(c),
        }
    }
    token
}
