//! Finds the tools in a document: which key holds the list, and what each entry calls its parts.

use serde_json::{Map, Value};

use crate::report::Report;
use crate::site::Site;
use crate::{Format, codes};

/// A tool as the document lists it; nothing in it is checked yet but its shape.
#[derive(Debug)]
pub(crate) struct ListedTool<'a> {
    pub(crate) name: &'a str,
    pub(crate) name_site: Site<'a>,
    pub(crate) description: Option<&'a str>,
    pub(crate) input: Option<(&'a Value, Site<'a>)>,
    pub(crate) output: Option<(&'a Value, Site<'a>)>,
    pub(crate) labels: Vec<&'static str>,
}

/// What a server says of its tool, and the label it becomes. All stand in `annotations` but the
/// last two, which stand beside the name.
pub(crate) const LABELS: [(&str, &str); 5] = [
    ("readOnlyHint", "read_only"),
    ("destructiveHint", "irreversible"),
    ("openWorldHint", "external"),
    ("x-egress", "external"),
    ("x-untrusted-output-seen", "untrusted"),
];

/// One entry of the list; `None` after reporting that it is of the wrong form.
pub(crate) fn listed_tool<'a>(
    format: Format,
    entry: &'a Value,
    site: &Site<'a>,
    report: &mut Report,
) -> Option<ListedTool<'a>> {
    let Value::Object(entry) = entry else {
        report.error(codes::WRONG_FORM, site, "a tool is an object", None);
        return None;
    };
    match format {
        Format::OpenAi => openai_tool(entry, site, report),
        Format::Mcp | Format::JsonSchema => mcp_tool(entry, site, report),
    }
}

/// The list of the document's tools.
pub(crate) fn tool_list<'a>(
    format: Format,
    document: &'a Value,
    report: &mut Report,
) -> Option<(&'a Vec<Value>, Site<'a>)> {
    let site = Site::root();
    let (holder, site) = match document.get("result") {
        Some(result) if format == Format::Mcp => (result, site.key("result")),
        _ => (document, site),
    };
    if holder.get("nextCursor").is_some_and(Value::is_string) {
        let remark = "this is one page of a longer list; the tools of the other pages are missing";
        report.note(&site.key("nextCursor"), remark);
    }
    let (list, site) = match holder {
        Value::Object(object) => match object.get("tools") {
            Some(list) => (list, site.key("tools")),
            None => match object.get("functions") {
                Some(list) if format == Format::OpenAi => (list, site.key("functions")),
                _ => (holder, site),
            },
        },
        _ => (holder, site),
    };
    let Value::Array(list) = list else {
        report.error(codes::WRONG_FORM, &site, no_list(format), Some(expected_form(format)));
        return None;
    };
    if list.is_empty() {
        report.error(codes::NOTHING_DECLARED, &site, "the list has no tool", None);
    }
    Some((list, site))
}

fn no_list(format: Format) -> &'static str {
    match format {
        Format::Mcp | Format::JsonSchema => "no list of MCP tools",
        Format::OpenAi => "no list of OpenAI functions",
    }
}

fn expected_form(format: Format) -> &'static str {
    match format {
        Format::Mcp | Format::JsonSchema => {
            "expected the answer to `tools/list`: `{\"tools\": […]}`, with or without its JSON-RPC envelope, or the list alone"
        }
        Format::OpenAi => {
            "expected a list of `{\"type\": \"function\", \"function\": {…}}`, or `{\"tools\": […]}` with such a list"
        }
    }
}

fn mcp_tool<'a>(
    entry: &'a Map<String, Value>,
    site: &Site<'a>,
    report: &mut Report,
) -> Option<ListedTool<'a>> {
    let Some(input) = entry.get("inputSchema") else {
        let help = "an MCP tool states its arguments, if only `{\"type\": \"object\"}`";
        report.error(codes::WRONG_FORM, site, "the tool has no `inputSchema`", Some(help));
        return None;
    };
    let mut tool = named_tool(entry, site, report)?;
    tool.input = Some((input, site.schema("inputSchema")));
    tool.output = entry.get("outputSchema").map(|output| (output, site.schema("outputSchema")));
    Some(tool)
}

fn openai_tool<'a>(
    entry: &'a Map<String, Value>,
    site: &Site<'a>,
    report: &mut Report,
) -> Option<ListedTool<'a>> {
    if entry.get("type").is_some_and(|kind| kind != "function") {
        let help = "leave out tools that are not functions: the guard does not see their calls";
        report.error(codes::WRONG_FORM, &site.key("type"), "not a function", Some(help));
        return None;
    }
    let (function, site) = match entry.get("function") {
        Some(Value::Object(function)) => (function, site.key("function")),
        Some(_) => {
            let site = site.key("function");
            report.error(codes::WRONG_FORM, &site, "a function is an object", None);
            return None;
        }
        None => (entry, site.clone()),
    };
    let mut tool = named_tool(function, &site, report)?;
    // A function without `parameters` takes none.
    let parameters = function.get("parameters").filter(|parameters| !parameters.is_null());
    tool.input = parameters.map(|parameters| (parameters, site.schema("parameters")));
    Some(tool)
}

/// What both forms share. Its schemas are added by the caller.
fn named_tool<'a>(
    entry: &'a Map<String, Value>,
    site: &Site<'a>,
    report: &mut Report,
) -> Option<ListedTool<'a>> {
    let labels = labels(entry, site, report);
    let description = description(entry, site, report);
    let name_site = site.key("name");
    let Some(Value::String(name)) = entry.get("name") else {
        report.error(codes::WRONG_FORM, &name_site, "a tool has a name, which is a string", None);
        return None;
    };
    Some(ListedTool { name, name_site, description, input: None, output: None, labels })
}

/// The description, or the title of a tool that has none.
fn description<'a>(
    entry: &'a Map<String, Value>,
    site: &Site<'a>,
    report: &mut Report,
) -> Option<&'a str> {
    for key in ["description", "title"] {
        match entry.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::String(text)) => return Some(text),
            Some(_) => {
                let message = format!("`{key}` is not a string");
                report.error(codes::WRONG_FORM, &site.key(key), message, None);
            }
        }
    }
    None
}

fn labels<'a>(
    entry: &'a Map<String, Value>,
    site: &Site<'a>,
    report: &mut Report,
) -> Vec<&'static str> {
    let (annotations, annotations_site) = match entry.get("annotations") {
        None | Some(Value::Null) => (None, site.key("annotations")),
        Some(Value::Object(annotations)) => (Some(annotations), site.key("annotations")),
        Some(_) => {
            let site = site.key("annotations");
            report.error(codes::WRONG_FORM, &site, "annotations are an object", None);
            (None, site)
        }
    };
    let mut labels = Vec::new();
    for (key, label) in LABELS {
        let (value, site) = if key.starts_with("x-") {
            (entry.get(key), site.key(key))
        } else {
            (annotations.and_then(|annotations| annotations.get(key)), annotations_site.key(key))
        };
        match value {
            None | Some(Value::Null | Value::Bool(false)) => {}
            Some(Value::Bool(true)) if labels.contains(&label) => {}
            Some(Value::Bool(true)) => labels.push(label),
            // A hint that cannot be read must not pass for `false`: it may be the one that matters.
            Some(_) => {
                let message = format!("`{key}` is neither true nor false");
                report.error(codes::WRONG_FORM, &site, message, None);
            }
        }
    }
    labels
}
