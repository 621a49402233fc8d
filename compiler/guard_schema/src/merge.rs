//! Gathers what a schema says from itself, its references and its `allOf` into one set of keywords.
//!
//! INVARIANT: a keyword is either kept in [`Merged`], written into a comment with a note, an
//! annotation that constrains nothing, or refused. None is dropped in silence.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codes;
use crate::convert::Converter;
use crate::reference::{self, Unresolved};
use crate::site::Site;
use crate::text;
use crate::types::Text;

/// A keyword's value and where it stands.
type Located<'a> = (&'a Value, Site<'a>);

/// The keywords that make a type.
#[derive(Debug, Default)]
pub(crate) struct Merged<'a> {
    pub(crate) types: Option<Located<'a>>,
    pub(crate) properties: Vec<(&'a str, &'a Value, Site<'a>)>,
    pub(crate) required: Vec<(&'a str, Site<'a>)>,
    pub(crate) additional: Option<Located<'a>>,
    pub(crate) items: Option<Located<'a>>,
    pub(crate) permitted: Option<Located<'a>>,
    pub(crate) constant: Option<Located<'a>>,
    /// `anyOf` or `oneOf`.
    pub(crate) alternatives: Option<Located<'a>>,
    pub(crate) format: Option<Text>,
    /// `OpenAPI`'s `nullable: true`.
    pub(crate) nullable: bool,
    /// Something was refused; what else it says does not matter.
    pub(crate) failed: bool,
    /// How many schemas were gathered, and which of them spoke of properties.
    schemas: usize,
    properties_in: Vec<usize>,
    additional_in: usize,
    property_schemas: BTreeMap<&'a str, &'a Value>,
}

/// Keywords that narrow what is accepted in a way no type can say.
const REFUSED: [&str; 19] = [
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "prefixItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "$dynamicRef",
    "$recursiveRef",
    "extends",
];

/// Bounds that a type does not carry and that a policy can state where they matter.
const BOUNDS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Keywords that accept or refuse nothing. `$defs` are read where something refers to them.
const ANNOTATIONS: [&str; 24] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$schema",
    "$comment",
    "$vocabulary",
    "$defs",
    "definitions",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "discriminator",
    "externalDocs",
    "xml",
    "strict",
    "$anchor",
    "$dynamicAnchor",
    "enumNames",
    "markdownDescription",
];

/// What each schema costs at least, in the characters that bound an import.
const SCHEMA_CHARS: usize = 16;
/// Definitions that double at every level reach the deepest level very often.
const DEEP_CHARS: usize = 1_000;
/// Comparing whole schemas again and again is work that no output bounds.
const COMPARED_CHARS: usize = 1_000;

impl<'a> Converter<'a, '_> {
    pub(crate) fn merged(&mut self, schema: &'a Value, site: &Site<'a>) -> Merged<'a> {
        let mut merged = Merged::default();
        self.gather(schema, site, &mut merged);
        self.check_closed_parts(&mut merged);
        merged
    }

    fn gather(&mut self, schema: &'a Value, site: &Site<'a>, merged: &mut Merged<'a>) {
        if site.is_too_deep() {
            merged.failed = true;
            self.spend(DEEP_CHARS, site);
            self.malformed(codes::TOO_DEEP, site, "nested too deeply", None);
            return;
        }
        if !self.spend(SCHEMA_CHARS, site) {
            merged.failed = true;
            return;
        }
        match schema {
            Value::Object(keywords) => self.gather_keywords(keywords, site, merged),
            Value::Bool(true) => {}
            Value::Bool(false) => {
                merged.failed = true;
                let message = "`false` accepts no value, which no type says";
                self.inexpressible(codes::INEXPRESSIBLE, site, message, None);
            }
            _ => {
                merged.failed = true;
                let message = "a schema is an object, `true` or `false`";
                self.malformed(codes::MALFORMED_SCHEMA, site, message, None);
            }
        }
    }

    fn gather_keywords(
        &mut self,
        keywords: &'a Map<String, Value>,
        site: &Site<'a>,
        merged: &mut Merged<'a>,
    ) {
        merged.schemas += 1;
        let part = merged.schemas;
        let mut bounds = Vec::new();
        for (keyword, value) in keywords {
            let at = if keyword == "items" { site.items() } else { site.key(keyword) };
            match keyword.as_str() {
                "type" => self.keep(&mut merged.types, value, at, &mut merged.failed),
                "items" => self.keep(&mut merged.items, value, at, &mut merged.failed),
                "enum" => self.keep(&mut merged.permitted, value, at, &mut merged.failed),
                "const" => self.keep(&mut merged.constant, value, at, &mut merged.failed),
                "anyOf" | "oneOf" => {
                    self.keep(&mut merged.alternatives, value, at, &mut merged.failed);
                }
                "additionalProperties" => {
                    self.keep(&mut merged.additional, value, at, &mut merged.failed);
                    merged.additional_in = part;
                }
                "properties" => {
                    merged.properties_in.push(part);
                    self.gather_properties(value, site, &at, merged);
                }
                "required" => self.gather_required(value, &at, merged),
                "nullable" => merged.nullable |= value == true,
                "format" => match value.as_str().and_then(Text::of_format) {
                    None if is_plain_number_format(value) => {}
                    None => bounds.push(bound(keyword, value)),
                    Some(kind) => self.keep_format(kind, &at, merged),
                },
                "$ref" => self.gather_reference(value, &at, site, merged),
                "allOf" => self.gather_all_of(value, &at, merged),
                "$id" | "id" if site.is_schema_root() => {}
                "$id" => {
                    merged.failed = true;
                    let message = "`$id` below the root changes where references lead";
                    self.inexpressible(codes::INEXPRESSIBLE, &at, message, None);
                }
                other => self.gather_other(other, value, &at, &mut bounds, &mut merged.failed),
            }
        }
        self.remember_bounds(site, &bounds);
    }

    fn gather_other(
        &mut self,
        keyword: &'a str,
        value: &Value,
        at: &Site<'a>,
        bounds: &mut Vec<String>,
        failed: &mut bool,
    ) {
        if REFUSED.contains(&keyword) {
            *failed = true;
            let message = format!("no declaration can express `{keyword}`");
            let help = "import a schema that leaves it out, and state the rule in the policy";
            self.inexpressible(codes::INEXPRESSIBLE, at, &message, Some(help));
        } else if BOUNDS.contains(&keyword) {
            bounds.push(bound(keyword, value));
        } else if !ANNOTATIONS.contains(&keyword) && !keyword.starts_with("x-") {
            let shown = text::one_line(keyword, 80);
            self.report.note(at, &format!("`{shown}` is not a keyword of JSON Schema; ignored"));
        }
    }

    /// Keeps the only value, or the value that all the schemas agree on.
    fn keep(
        &mut self,
        slot: &mut Option<Located<'a>>,
        value: &'a Value,
        at: Site<'a>,
        failed: &mut bool,
    ) {
        match slot {
            None => *slot = Some((value, at)),
            Some((kept, _)) if std::ptr::eq(*kept, value) => {}
            Some((kept, _)) if self.spend(COMPARED_CHARS, &at) && *kept == value => {}
            Some((_, first)) => {
                *failed = true;
                let message =
                    format!("this and {} must both hold, and no one type says so", first.pointer());
                self.inexpressible(codes::BAD_ALL_OF, &at, &message, Some(ALL_OF_HELP));
            }
        }
    }

    fn keep_format(&mut self, kind: Text, at: &Site<'a>, merged: &mut Merged<'a>) {
        if merged.format.is_some_and(|kept| kept != kind) {
            merged.failed = true;
            let message = "a second `format` for the same value";
            self.inexpressible(codes::BAD_ALL_OF, at, message, Some(ALL_OF_HELP));
        }
        merged.format = Some(kind);
    }

    fn gather_properties(
        &mut self,
        value: &'a Value,
        site: &Site<'a>,
        at: &Site<'a>,
        merged: &mut Merged<'a>,
    ) {
        let Value::Object(properties) = value else {
            merged.failed = true;
            self.malformed(codes::MALFORMED_SCHEMA, at, "`properties` is not an object", None);
            return;
        };
        for (name, schema) in properties {
            let site = site.property(name);
            self.spend(name.len(), &site);
            match merged.property_schemas.insert(name, schema) {
                None => merged.properties.push((name, schema, site)),
                Some(earlier) if earlier == schema => {}
                Some(_) => {
                    merged.failed = true;
                    let message = "a second schema for the same property";
                    self.inexpressible(codes::BAD_ALL_OF, &site, message, Some(ALL_OF_HELP));
                }
            }
        }
    }

    fn gather_required(&mut self, value: &'a Value, at: &Site<'a>, merged: &mut Merged<'a>) {
        let Value::Array(names) = value else {
            merged.failed = true;
            self.malformed(codes::MALFORMED_SCHEMA, at, "`required` is not a list", None);
            return;
        };
        for (index, name) in names.iter().enumerate() {
            let at = at.index(index);
            if let Value::String(name) = name {
                self.spend(name.len(), &at);
                merged.required.push((name, at));
            } else {
                merged.failed = true;
                self.malformed(codes::MALFORMED_SCHEMA, &at, "not a property's name", None);
            }
        }
    }

    fn gather_all_of(&mut self, value: &'a Value, at: &Site<'a>, merged: &mut Merged<'a>) {
        let Value::Array(schemas) = value else {
            merged.failed = true;
            self.malformed(codes::MALFORMED_SCHEMA, at, "`allOf` is not a list", None);
            return;
        };
        for (index, schema) in schemas.iter().enumerate() {
            self.gather(schema, &at.index(index), merged);
        }
    }

    fn gather_reference(
        &mut self,
        value: &'a Value,
        at: &Site<'a>,
        site: &Site<'a>,
        merged: &mut Merged<'a>,
    ) {
        let Value::String(target) = value else {
            merged.failed = true;
            self.malformed(codes::MALFORMED_SCHEMA, at, "`$ref` is not a string", None);
            return;
        };
        if site.came_through(target) || target == "#" {
            merged.failed = true;
            let message = "a schema that contains itself has no type: types do not recurse";
            let help = "give the inner levels no schema, or unfold as many as you use";
            self.inexpressible(codes::RECURSIVE, at, message, Some(help));
            return;
        }
        match reference::resolve(self.schema_root, target) {
            Ok(schema) => self.gather(schema, &site.reference(target), merged),
            Err(unresolved) => {
                merged.failed = true;
                let (message, help) = unresolved_words(unresolved, target);
                self.malformed(codes::BAD_REFERENCE, at, &message, Some(help));
            }
        }
    }

    /// `additionalProperties` speaks of the properties beside it; of those in another schema of the
    /// same `allOf` it knows nothing, and forbids them.
    fn check_closed_parts(&mut self, merged: &mut Merged<'a>) {
        let Some((additional, at)) = merged.additional.clone() else { return };
        let elsewhere = merged.properties_in.iter().any(|part| *part != merged.additional_in);
        if elsewhere && *additional != Value::Bool(true) {
            merged.failed = true;
            let message =
                "this forbids or constrains the properties of another schema that must hold too";
            self.inexpressible(codes::BAD_ALL_OF, &at, message, Some(ALL_OF_HELP));
        }
    }
}

const ALL_OF_HELP: &str = "write the schema out as one";

fn unresolved_words(unresolved: Unresolved, target: &str) -> (String, &'static str) {
    let shown = text::one_line(target, 120);
    match unresolved {
        Unresolved::Remote => (
            format!("`{shown}` is in another document, and nothing is fetched"),
            "copy the definition into `$defs` of this schema",
        ),
        Unresolved::Anchor => (
            format!("`{shown}` names an anchor"),
            "refer to it by a pointer such as `#/$defs/Name`",
        ),
        Unresolved::Missing => {
            (format!("`{shown}` leads to nothing in this schema"), "define it, or correct the name")
        }
    }
}

/// `minimum 1`, `pattern "^[a-z]+$"`.
fn bound(keyword: &str, value: &Value) -> String {
    let value = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{keyword} {}", text::one_line(&value, 80))
}

/// `int64` and `double` say what `int` and `float` are anyway.
fn is_plain_number_format(format: &Value) -> bool {
    ["int64", "float", "double"].iter().any(|plain| format == plain)
}
