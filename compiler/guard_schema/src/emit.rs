//! Writes declarations as the text of a `.guard` file. Writing into a `String` cannot fail.

use std::fmt::Write;

use crate::Format;
use crate::convert::{DeclaredType, Tool};
use crate::forms::LABELS;
use crate::text;
use crate::types::{Field, Type};

/// Longer declarations get a line for each argument.
const LINE_CHARS_MAX: usize = 100;

/// A file of tools.
pub(crate) fn tools_module(format: Format, module_name: &str, tools: &[Tool]) -> String {
    let mut out = String::from("guard 1\n\n");
    out.push_str(&heading(format, module_name, tools));
    for tool in tools {
        out.push('\n');
        push_doc(&tool.doc, &mut out);
        push_tool(tool, &mut out);
    }
    out
}

/// A file of one type.
pub(crate) fn type_module(declared: &DeclaredType) -> String {
    let mut out = String::from("guard 1\n\n");
    out.push_str("// Made by `guardc import json-schema` from a JSON Schema.\n");
    out.push_str("// Import the schema again rather than edit this file.\n\n");
    push_doc(&declared.doc, &mut out);
    let line = format!("type {} = {}\n", declared.name, declared.ty.written());
    match &declared.ty {
        Type::Record(fields) if line.chars().count() > LINE_CHARS_MAX => {
            let fields = one_a_line(fields, false);
            let _ = writeln!(out, "type {} = {{\n{fields}}}", declared.name);
        }
        _ => out.push_str(&line),
    }
    out
}

fn heading(format: Format, module_name: &str, tools: &[Tool]) -> String {
    let source = match format {
        Format::OpenAi => "OpenAI function schemas",
        Format::Mcp | Format::JsonSchema => "an MCP server's answer to `tools/list`",
    };
    let count = match tools.len() {
        1 => "1 tool".to_owned(),
        several => format!("{several} tools"),
    };
    let module = text::one_line(module_name, 80);
    let of_module = if module.is_empty() { String::new() } else { format!(" of `{module}`") };
    let word = format.word();
    let mut heading = format!(
        "// The {count}{of_module}, made by `guardc import {word}` from {source}.\n\
         // Import the schema again rather than edit this file.\n"
    );
    let claims: Vec<String> = label_names()
        .filter(|label| tools.iter().any(|tool| tool.labels.contains(label)))
        .map(|label| format!("{label} ({})", claimed_by(label)))
        .collect();
    if !claims.is_empty() {
        let claims = claims.join(", ");
        let _ = writeln!(heading, "// Labels repeat what the schema claims, no more: {claims}.");
    }
    heading
}

/// Every label once, in the order in which a tool carries them.
fn label_names() -> impl Iterator<Item = &'static str> {
    let first = |label: &str| LABELS.iter().position(|(_, other)| *other == label);
    let labels = LABELS.iter().enumerate();
    labels.filter(move |(at, (_, label))| first(label) == Some(*at)).map(|(_, (_, label))| *label)
}

fn claimed_by(label: &str) -> String {
    let claims = LABELS.iter().filter(|(_, named)| *named == label);
    claims.map(|(claim, _)| *claim).collect::<Vec<_>>().join(" or ")
}

fn push_doc(doc: &[String], out: &mut String) {
    for line in doc {
        out.push_str("/// ");
        out.push_str(line);
        out.push('\n');
    }
}

fn push_tool(tool: &Tool, out: &mut String) {
    let name = guard_grammar::written_path(&tool.name);
    let result = tool.result.as_ref().map(|ty| format!(" -> {}", ty.written()));
    let labels = if tool.labels.is_empty() {
        String::new()
    } else {
        format!(" {{ {} }}", tool.labels.join(", "))
    };
    let tail = format!("{}{labels}\n", result.unwrap_or_default());
    let mut arguments: Vec<String> = tool.arguments.iter().map(Field::written).collect();
    if tool.open {
        arguments.push("...".to_owned());
    }
    let line = format!("tool {name}({}){tail}", arguments.join(", "));
    if line.chars().count() <= LINE_CHARS_MAX || arguments.is_empty() {
        out.push_str(&line);
        return;
    }
    let _ = write!(out, "tool {name}(\n{}){tail}", one_a_line(&tool.arguments, tool.open));
}

fn one_a_line(fields: &[Field], open: bool) -> String {
    let mut lines: Vec<String> = fields.iter().map(Field::written).collect();
    if open {
        lines.push("...".to_owned());
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join(",\n") + "\n"
}
