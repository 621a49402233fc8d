//! Makes declarations from schemas.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::forms::{self, ListedTool};
use crate::merge::Merged;
use crate::names::{self, Declared};
use crate::report::Report;
use crate::site::Site;
use crate::text;
use crate::types::{Field, Text, Type};
use crate::union::UNION_HELP;
use crate::{Format, codes};

/// The longest line of documentation.
const DOC_CHARS_MAX: usize = 160;

/// More lines than this above one tool nobody reads; the notes have the rest.
const BOUND_LINES_MAX: usize = 40;

/// About the characters of all types together. References let a small document describe a huge
/// type (each level twice the one below), so the result is bounded and not only the document.
const TYPE_CHARS_MAX: usize = 2_000_000;

/// A tool ready to be written.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) doc: Vec<String>,
    pub(crate) arguments: Vec<Field>,
    pub(crate) open: bool,
    pub(crate) result: Option<Type>,
    pub(crate) labels: Vec<&'static str>,
}

/// A type ready to be written.
#[derive(Debug)]
pub(crate) struct DeclaredType {
    pub(crate) name: String,
    pub(crate) doc: Vec<String>,
    pub(crate) ty: Type,
}

/// What a value is for: it decides what may be said less exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// A constraint on an argument may be what keeps a call harmless; none is lost unsaid.
    Argument,
    /// The tool has already run when its result is read: `json` with a note will do.
    Result,
}

/// How much may still be written.
#[derive(Debug)]
struct Budget {
    type_chars_left: usize,
    exhausted: bool,
}

impl Budget {
    const WHOLE: Self = Self { type_chars_left: TYPE_CHARS_MAX, exhausted: false };
}

/// Reads the schemas below one root, where their references lead.
#[derive(Debug)]
pub(crate) struct Converter<'a, 'r> {
    pub(crate) schema_root: &'a Value,
    position: Position,
    pub(crate) report: &'r mut Report,
    budget: &'r mut Budget,
    /// Lines of documentation for what no type says.
    bounds: Vec<String>,
}

/// All tools of a list.
pub(crate) fn tools(format: Format, document: &Value, report: &mut Report) -> Vec<Tool> {
    let Some((list, site)) = forms::tool_list(format, document, report) else { return Vec::new() };
    let mut declared = Declared::default();
    let mut budget = Budget::WHOLE;
    let mut tools = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let listed = forms::listed_tool(format, entry, &site.index(index), report);
        let Some(tool) = listed else { continue };
        let name = names::checked(tool.name, "a tool", &tool.name_site, report);
        if let Some(name) = &name
            && let Some(earlier) = declared.add_distinct(name)
        {
            let message = names::clash("tools", &earlier, name);
            report.error(codes::LOOK_ALIKE, &tool.name_site, message, Some(RENAME));
        }
        tools.push(converted_tool(&tool, name.unwrap_or_default(), report, &mut budget));
    }
    tools
}

const RENAME: &str = "rename one of them where it is defined";

fn converted_tool(
    tool: &ListedTool<'_>,
    name: String,
    report: &mut Report,
    budget: &mut Budget,
) -> Tool {
    let mut doc = Vec::new();
    doc.extend(doc_line(tool.description));
    let (mut arguments, mut open) = (Vec::new(), false);
    if let Some((schema, site)) = &tool.input {
        let mut converter = Converter::new(schema, Position::Argument, &mut *report, &mut *budget);
        (arguments, open) = converter.arguments(schema, site);
        doc.append(&mut converter.bounds);
    }
    let result = tool.output.as_ref().map(|(schema, site)| {
        let mut converter = Converter::new(schema, Position::Result, report, budget);
        let ty = converter.convert(schema, site);
        doc.append(&mut converter.bounds);
        ty
    });
    Tool { name, doc, arguments, open, result, labels: tool.labels.clone() }
}

/// The one type of a bare JSON Schema.
pub(crate) fn bare_type(document: &Value, hint: &str, report: &mut Report) -> DeclaredType {
    let site = Site::root();
    let mut budget = Budget::WHOLE;
    let mut converter = Converter::new(document, Position::Argument, report, &mut budget);
    let ty = converter.convert(document, &site);
    let bounds = std::mem::take(&mut converter.bounds);
    if ty == Type::Json && !converter.report.has_errors() {
        let help = "for a list of tools, import it as `mcp` or `openai`";
        let message = "the document describes no value";
        converter.report.error(codes::NOTHING_DECLARED, &site, message, Some(help));
    }
    let title = document.get("title").and_then(Value::as_str);
    let name = title
        .and_then(names::type_name)
        .or_else(|| names::type_name(hint))
        .unwrap_or_else(|| "Imported".to_owned());
    let mut doc = Vec::new();
    doc.extend(doc_line(document.get("description").and_then(Value::as_str)));
    doc.extend(bounds);
    DeclaredType { name, doc, ty }
}

fn doc_line(description: Option<&str>) -> Option<String> {
    let line = text::first_sentence(description?, DOC_CHARS_MAX);
    (!line.is_empty()).then_some(line)
}

impl<'a, 'r> Converter<'a, 'r> {
    fn new(
        schema_root: &'a Value,
        position: Position,
        report: &'r mut Report,
        budget: &'r mut Budget,
    ) -> Self {
        Self { schema_root, position, report, budget, bounds: Vec::new() }
    }

    /// The schema breaks the rules of JSON Schema itself, so nothing is known for certain.
    pub(crate) fn malformed(
        &mut self,
        code: &'static str,
        site: &Site<'a>,
        message: &str,
        help: Option<&str>,
    ) {
        self.report.error(code, site, message, help);
    }

    /// The schema says something that no type does. In a result that costs precision; in an
    /// argument it would cost safety.
    pub(crate) fn inexpressible(
        &mut self,
        code: &'static str,
        site: &Site<'a>,
        message: &str,
        help: Option<&str>,
    ) {
        match self.position {
            Position::Argument => self.report.error(code, site, message, help),
            Position::Result => self.report.note(site, &format!("{message}; written as `json`")),
        }
    }

    /// Writes bounds that no type carries into the documentation.
    pub(crate) fn remember_bounds(&mut self, site: &Site<'a>, bounds: &[String]) {
        if bounds.is_empty() {
            return;
        }
        let bounds = bounds.join(", ");
        self.report.note(site, &format!("{bounds}: kept as a comment, not checked"));
        let value = site.value_name();
        let subject = match (self.position, value.is_empty()) {
            (Position::Argument, false) => format!("`{value}`"),
            (Position::Argument, true) => "All together".to_owned(),
            (Position::Result, false) => format!("Result `{value}`"),
            (Position::Result, true) => "Result".to_owned(),
        };
        let line = text::one_line(&format!("{subject}: {bounds} (not checked)."), DOC_CHARS_MAX);
        if self.bounds.len() < BOUND_LINES_MAX && !self.bounds.contains(&line) {
            self.bounds.push(line);
        }
    }

    /// Counts against the size of all types; `false` once it is used up.
    pub(crate) fn spend(&mut self, chars: usize, site: &Site<'a>) -> bool {
        if let Some(left) = self.budget.type_chars_left.checked_sub(chars) {
            self.budget.type_chars_left = left;
            return true;
        }
        self.budget.type_chars_left = 0;
        // Said once: whatever comes next would be too much as well.
        if !std::mem::replace(&mut self.budget.exhausted, true) {
            let message = format!("the types take more than {TYPE_CHARS_MAX} characters");
            let help = "a definition that is referred to many times is written out each time";
            self.malformed(codes::EXPANDS_TOO_FAR, site, &message, Some(help));
        }
        false
    }

    /// The arguments of a tool, and whether it takes others.
    fn arguments(&mut self, schema: &'a Value, site: &Site<'a>) -> (Vec<Field>, bool) {
        let merged = self.merged(schema, site);
        if merged.failed {
            // What is wrong with the arguments themselves is worth knowing in the same run.
            self.fields(&merged, true);
            return (Vec::new(), false);
        }
        if let Some((at, message)) = not_a_record(&merged, schema, site) {
            let help =
                "a tool takes named arguments: `{\"type\": \"object\", \"properties\": {…}}`";
            self.malformed(codes::INPUT_NOT_A_RECORD, &at, message, Some(help));
            return (Vec::new(), false);
        }
        let open = match &merged.additional {
            None => false,
            Some((Value::Bool(open), _)) => *open,
            Some((schema, _)) if accepts_anything(schema) => true,
            Some((_, at)) => {
                let message = "further arguments of one type cannot be declared";
                let help =
                    "declare each argument, or take any (`true`) or none (`false`) beside them";
                self.malformed(codes::INEXPRESSIBLE, at, message, Some(help));
                false
            }
        };
        (self.fields(&merged, true), open)
    }

    /// The type of a schema.
    fn convert(&mut self, schema: &'a Value, site: &Site<'a>) -> Type {
        let ty = self.alternative(schema, site, None);
        if ty == Type::Null {
            self.report.note(site, "accepts only `null`; written as `json?`");
        }
        ty
    }

    /// The type of a schema that may be one of several. `outer_type` is the `type` beside them.
    pub(crate) fn alternative(
        &mut self,
        schema: &'a Value,
        site: &Site<'a>,
        outer_type: Option<&'a Value>,
    ) -> Type {
        let mut merged = self.merged(schema, site);
        if let Some(outer) = outer_type {
            match &merged.types {
                None => merged.types = Some((outer, site.clone())),
                Some((own, at)) if *own != outer => {
                    let message = "this `type` and the one around the alternatives differ";
                    self.inexpressible(codes::BAD_UNION, at, message, Some(UNION_HELP));
                    merged.failed = true;
                }
                Some(_) => {}
            }
        }
        let ty = self.typed(&merged, site);
        // A failed schema's own parts have been looked at for their errors; its type is not known.
        match (merged.failed, merged.nullable) {
            (true, _) => Type::Json,
            (false, true) => ty.optional(),
            (false, false) => ty,
        }
    }

    fn typed(&mut self, merged: &Merged<'a>, site: &Site<'a>) -> Type {
        if merged.alternatives.is_some() {
            return self.union_type(merged, site);
        }
        if merged.constant.is_some() || merged.permitted.is_some() {
            return self.enumerated(merged, site);
        }
        let Some(type_names) = self.type_names(merged) else { return Type::Json };
        let types: Vec<Type> =
            type_names.iter().map(|name| self.typed_as(name, merged, site)).collect();
        if merged.failed { Type::Json } else { self.joined(types, site) }
    }

    /// What `type` says, or what the other keywords imply; `None` is any value.
    pub(crate) fn type_names(&mut self, merged: &Merged<'a>) -> Option<Vec<&'a str>> {
        let Some((types, at)) = &merged.types else {
            let is_object = !merged.properties.is_empty()
                || !merged.required.is_empty()
                || merged.additional.is_some();
            return match (is_object, merged.items.is_some(), merged.format.is_some()) {
                (true, false, _) => Some(vec!["object"]),
                (false, true, _) => Some(vec!["array"]),
                (false, false, true) => Some(vec!["string"]),
                _ => None,
            };
        };
        let listed = match types {
            Value::Array(listed) if !listed.is_empty() => listed.as_slice(),
            other => std::slice::from_ref(*other),
        };
        let known = |name: &&str| TYPE_NAMES.contains(name);
        let names: Option<Vec<&'a str>> =
            listed.iter().map(|name| name.as_str().filter(known)).collect();
        if names.is_none() {
            let message = format!("`type` is one or more of {}", TYPE_NAMES.join(", "));
            self.malformed(codes::MALFORMED_SCHEMA, at, &message, None);
        }
        names
    }

    fn typed_as(&mut self, type_name: &str, merged: &Merged<'a>, site: &Site<'a>) -> Type {
        match type_name {
            "boolean" => Type::Bool,
            "integer" => Type::Int,
            "number" => Type::Float,
            "string" => Type::Text(merged.format.unwrap_or(Text::Any)),
            "array" => self.list(merged),
            "object" => self.object(merged, site),
            _ => Type::Null,
        }
    }

    fn list(&mut self, merged: &Merged<'a>) -> Type {
        let element = match &merged.items {
            None => Type::Json,
            Some((Value::Array(_), at)) => {
                let message = "a list with a schema for each place has no type";
                let help = "use an object with a name for each place";
                self.inexpressible(codes::INEXPRESSIBLE, at, message, Some(help));
                Type::Json
            }
            Some((schema, at)) => self.convert(schema, at),
        };
        Type::List(Box::new(element))
    }

    fn object(&mut self, merged: &Merged<'a>, site: &Site<'a>) -> Type {
        let any_value = || Type::Map(Box::new(Type::Json));
        match &merged.additional {
            None if merged.properties.is_empty() => {
                if !merged.required.is_empty() {
                    self.report.note(site, "`required` names are not declared and not checked");
                }
                any_value()
            }
            None | Some((Value::Bool(false), _)) => Type::Record(self.fields(merged, false)),
            Some((schema, at)) if accepts_anything(schema) => {
                if !merged.properties.is_empty() || !merged.required.is_empty() {
                    // Their own mistakes are still mistakes.
                    self.fields(merged, false);
                    let remark =
                        "takes properties beside the declared ones; written as `map[json]`";
                    self.report.note(at, remark);
                }
                any_value()
            }
            Some((schema, at)) if merged.properties.is_empty() && merged.required.is_empty() => {
                Type::Map(Box::new(self.convert(schema, at)))
            }
            Some((_, at)) => {
                let message = "a record with further fields of one type has no type";
                let help = "declare each field, or take any (`true`) or none (`false`) beside them";
                self.inexpressible(codes::INEXPRESSIBLE, at, message, Some(help));
                Type::Json
            }
        }
    }

    /// The fields of a record; the arguments of a tool must also not pass for each other.
    fn fields(&mut self, merged: &Merged<'a>, of_tool: bool) -> Vec<Field> {
        let what = if of_tool { "an argument" } else { "a property" };
        let mut declared = Declared::default();
        let mut fields = Vec::new();
        let required: BTreeSet<&str> = merged.required.iter().map(|(name, _)| *name).collect();
        let mut described = BTreeSet::new();
        for (name, schema, site) in &merged.properties {
            described.insert(*name);
            let ty = self.convert(schema, site);
            let ty = if required.contains(name) { ty } else { ty.optional() };
            fields.extend(self.field(name, what, ty, site, &mut declared));
        }
        for (name, site) in &merged.required {
            if described.insert(*name) {
                self.report.note(site, "required and not described; written as `json`");
                fields.extend(self.field(name, what, Type::Json, site, &mut declared));
            }
        }
        fields
    }

    fn field(
        &mut self,
        name: &str,
        what: &str,
        ty: Type,
        site: &Site<'a>,
        declared: &mut Declared,
    ) -> Option<Field> {
        let name = names::checked(name, what, site, self.report)?;
        let (earlier, plural) = match what {
            "an argument" => (declared.add_distinct(&name), "arguments"),
            _ => (declared.add_exact(&name), "properties"),
        };
        if let Some(earlier) = earlier {
            let message = names::clash(plural, &earlier, &name);
            self.report.error(codes::LOOK_ALIKE, site, message, Some(RENAME));
        }
        Some(Field { name, ty })
    }
}

const TYPE_NAMES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];

fn accepts_anything(schema: &Value) -> bool {
    *schema == Value::Bool(true) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Why a tool's input is not a record of arguments, and where.
fn not_a_record<'a>(
    merged: &Merged<'a>,
    schema: &Value,
    site: &Site<'a>,
) -> Option<(Site<'a>, &'static str)> {
    let other = merged
        .alternatives
        .as_ref()
        .or(merged.permitted.as_ref())
        .or(merged.constant.as_ref())
        .or(merged.items.as_ref());
    if let Some((_, at)) = other {
        return Some((
            at.clone(),
            "constrains the input as a whole, which is a record of arguments",
        ));
    }
    match &merged.types {
        Some((types, _)) if is_object_type(types) => None,
        Some((_, at)) => Some((at.clone(), "the input of a tool is an object")),
        None if schema.is_object() => None,
        None => Some((site.clone(), "accepts any input, so no argument is known")),
    }
}

fn is_object_type(types: &Value) -> bool {
    let only = types.as_array().filter(|types| types.len() == 1).and_then(|types| types.first());
    only.unwrap_or(types) == "object"
}
