//! `guardc fmt`: policies in their one style.

use super::{read_bounded, write_whole};
use crate::args::{FindingFormat, FmtArguments};
use crate::exit::{Answer, Exit, Failure};
use crate::load;
use crate::output::Output;
use crate::policy;
use crate::report::{Findings, Sources, shown, shown_on_one_line};
use guard_diagnostic::Diagnostic;
use guard_fmt::Refusal;
use similar::TextDiff;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The longest text that is read from standard input.
const INPUT_BYTES_MAX: u64 = 4 << 20;

/// Formats every file of every path.
pub(crate) fn run(arguments: &FmtArguments, out: &mut Output) -> Answer {
    let mut worst = Exit::Clean;
    for path in &arguments.paths {
        let exit = if path == Path::new("-") {
            input(arguments, out)?
        } else {
            let mut of_path = Exit::Clean;
            for file in load::policy_files(path)? {
                of_path = of_path.max(one(arguments, &file, out)?);
            }
            of_path
        };
        worst = worst.max(exit);
    }
    Ok(worst)
}

/// Standard input to standard output.
fn input(arguments: &FmtArguments, out: &mut Output) -> Answer {
    let path = Path::new("-");
    let bytes = read_bounded(path, INPUT_BYTES_MAX).map_err(|error| Failure::file(path, error))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::broke(format!("standard input is not UTF-8 text: {error}")))?;
    let name: Arc<str> = "standard input".into();
    let Some(formatted) = formatted(&name, &name, &text, out)? else {
        return Ok(Exit::DoesNotCheck);
    };
    if arguments.check || arguments.diff {
        return tell(arguments, &name, &text, &formatted, out);
    }
    out.write_all(formatted.as_bytes())?;
    Ok(Exit::Clean)
}

/// One file, in its place.
fn one(arguments: &FmtArguments, file: &Path, out: &mut Output) -> Answer {
    let mut lone = load::lone_file(file)?;
    let Some((name, text)) = lone.modules.pop() else {
        let findings =
            Findings { sources: lone.sources, diagnostics: lone.diagnostics, others: Vec::new() };
        policy::tell_findings(FindingFormat::Pretty, findings, out)?;
        return Ok(Exit::DoesNotCheck);
    };
    let shown_path = lone.sources.shown_path(&name).to_owned();
    let Some(formatted) = formatted(&name, &shown_path, &text, out)? else {
        return Ok(Exit::DoesNotCheck);
    };
    if arguments.check || arguments.diff {
        return tell(arguments, &shown_path, &text, &formatted, out);
    }
    if formatted != *text {
        write_whole(file, formatted.as_bytes())?;
        writeln!(out, "{} is formatted", shown_on_one_line(&shown_path))?;
    }
    Ok(Exit::Clean)
}

/// The text in its style; nothing where it does not parse, which is told.
fn formatted(
    name: &Arc<str>,
    shown_path: &str,
    text: &str,
    out: &mut Output,
) -> Answer<Option<String>> {
    let errors = match guard_fmt::format(text) {
        Ok(formatted) => return Ok(Some(formatted)),
        Err(Refusal::Syntax(errors)) => errors,
        Err(Refusal::Changed) => {
            return Err(Failure::broke(format!(
                "`{shown_path}` would mean something else once formatted; it is left as it is"
            ))
            .with_help("this is a defect of guardc; please report it with the file"));
        }
    };
    let mut sources = Sources::default();
    sources.add(Arc::clone(name), shown_path.to_owned(), text.into());
    let diagnostics = errors.iter().map(|error| Diagnostic::from_syntax(name, error)).collect();
    let findings = Findings { sources, diagnostics, others: Vec::new() };
    policy::tell_findings(FindingFormat::Pretty, findings, out)?;
    Ok(None)
}

/// Says what would change.
fn tell(
    arguments: &FmtArguments,
    shown_path: &str,
    text: &str,
    formatted: &str,
    out: &mut Output,
) -> Answer {
    if text == formatted {
        return Ok(Exit::Clean);
    }
    if arguments.diff {
        let diff = TextDiff::from_lines(text, formatted);
        let unified = diff.unified_diff().header(shown_path, shown_path).to_string();
        out.write_all(shown(&unified).as_bytes())?;
    } else {
        writeln!(out, "{} is not formatted", shown_on_one_line(shown_path))?;
    }
    Ok(Exit::DoesNotCheck)
}
