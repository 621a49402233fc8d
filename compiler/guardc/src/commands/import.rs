//! `guardc import`: a tool schema becomes a module of declarations.

use super::read_bounded;
use crate::args::{ImportArguments, SchemaKind};
use crate::exit::{Answer, Exit, Failure};
use crate::output::{Output, remark};
use crate::report::{Finding, Findings, Place, write_findings};
use guard_schema::{Format, ImportError};
use std::io::Write;
use std::path::Path;

/// The longest schema that is read.
const SCHEMA_BYTES_MAX: u64 = 256 << 20;

/// Writes the module, or says why the schema is refused.
pub(crate) fn run(arguments: &ImportArguments, out: &mut Output) -> Answer {
    let schema = read_bounded(&arguments.file, SCHEMA_BYTES_MAX)
        .map_err(|error| Failure::file(&arguments.file, error))?;
    let module = arguments.output.file_stem().unwrap_or_default().to_string_lossy();
    match guard_schema::import(format(arguments.kind), &schema, &module) {
        Ok(imported) => {
            write_module(&arguments.output, &imported.text, out)?;
            imported.notes.iter().for_each(|note| remark("note", note));
            Ok(Exit::Clean)
        }
        Err(errors) => {
            let file = arguments.file.display().to_string();
            let others = errors.into_iter().map(|error| finding(error, &file)).collect();
            let findings = Findings { others, ..Findings::default() };
            let colour = out.colour();
            write_findings(arguments.format, &[findings], colour, out)?;
            Ok(Exit::DoesNotCheck)
        }
    }
}

fn format(kind: SchemaKind) -> Format {
    match kind {
        SchemaKind::Mcp => Format::Mcp,
        SchemaKind::Openai => Format::OpenAi,
        SchemaKind::JsonSchema => Format::JsonSchema,
    }
}

fn finding(error: ImportError, file: &str) -> Finding {
    Finding {
        code: error.code.to_owned(),
        severity: "error",
        message: error.message,
        place: Place {
            file: file.to_owned(),
            start: None,
            end: None,
            schema_path: Some(error.schema_path),
            label: String::new(),
        },
        related: Vec::new(),
        help: error.help,
        fix: None,
        note: None,
    }
}

/// Writes beside the module first, so that nobody reads half of one. `-` is standard output.
fn write_module(path: &Path, text: &str, out: &mut Output) -> Answer<()> {
    if path == Path::new("-") {
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    super::write_whole(path, text.as_bytes())
}
