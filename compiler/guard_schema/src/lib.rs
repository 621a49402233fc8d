//! Turns tool schemas from elsewhere into `.guard` declarations.
//!
//! INVARIANT: a schema either becomes declarations that accept no call its own constraints forbid
//! (apart from those named in `notes`), or the import fails and names the place in the schema.
//! Nothing here reads files; the same bytes always give the same text.

#![forbid(unsafe_code)]

pub mod codes;
mod convert;
mod emit;
mod forms;
mod json;
mod merge;
mod names;
mod reference;
mod report;
mod site;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod union;

use std::fmt;

use report::Report;

/// Where a schema comes from, and so how its tools are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// An MCP server's answer to `tools/list`: `{"tools": […]}`, the JSON-RPC envelope around it, or the list alone.
    Mcp,
    /// OpenAI function schemas: a list, or `{"tools": […]}`, of nested or flat functions.
    OpenAi,
    /// One JSON Schema, which becomes one `type`.
    JsonSchema,
}

impl Format {
    /// All formats, in the order in which help lists them.
    pub const ALL: [Self; 3] = [Self::Mcp, Self::OpenAi, Self::JsonSchema];

    /// The word that names it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::OpenAi => "openai",
            Self::JsonSchema => "json-schema",
        }
    }

    /// The format that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// What an import made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The whole `.guard` file.
    pub text: String,
    /// How many tools it declares; 0 for a bare JSON Schema, which declares one type.
    pub tools: usize,
    /// What the declarations do not say and the schema did, each with its place in the schema.
    pub notes: Vec<String>,
}

/// One reason why a schema cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// `G0709`; all of them are in [`codes::CODES`].
    pub code: &'static str,
    /// A JSON pointer into the document: `/tools/3/inputSchema/properties/to/anyOf/1`; empty for
    /// the whole document. Long names are cut short and control characters are escaped.
    pub schema_path: String,
    /// One line, lower case, no full stop, understandable with the path beside it.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.schema_path.is_empty() { "the document" } else { &self.schema_path };
        write!(f, "{}: {place}: {}", self.code, self.message)
    }
}

impl std::error::Error for ImportError {}

/// Makes a `.guard` file from a schema. `module_name_hint` is the name the file will be known by
/// (`bank`); a bare JSON Schema without a title takes its type's name from it.
///
/// # Errors
/// Every place in the document that cannot be expressed, in the order of the document.
pub fn import(
    format: Format,
    json: &[u8],
    module_name_hint: &str,
) -> Result<Imported, Vec<ImportError>> {
    let document = json::read(json)?;
    let mut report = Report::default();
    let (text, tools) = match format {
        Format::Mcp | Format::OpenAi => {
            let tools = convert::tools(format, &document, &mut report);
            (emit::tools_module(format, module_name_hint, &tools), tools.len())
        }
        Format::JsonSchema => {
            let declared = convert::bare_type(&document, module_name_hint, &mut report);
            (emit::type_module(&declared), 0)
        }
    };
    let notes = report.finish()?;
    Ok(Imported { text, tools, notes })
}
