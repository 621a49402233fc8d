//! `guardc audit`: reads a journal of decisions.

use crate::args::{AuditArguments, AuditCommand};
use crate::exit::{Answer, Exit, Failure};
use crate::output::Output;
use crate::report::shown;
use guard_journal::{Expected, Stored, read_line, verify};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// Verifies a journal, shows its records, or says why one was decided so.
pub(crate) fn run(arguments: &AuditArguments, out: &mut Output) -> Answer {
    match &arguments.command {
        AuditCommand::Verify { journal, head, records_min } => {
            let expected = Expected { head: head.as_deref(), records_min: *records_min };
            verified(journal, expected, out)
        }
        AuditCommand::Show { journal, session, decision } => {
            let is_meant = |entry: &Value| {
                let of = |key: &str| entry.get(key).and_then(Value::as_str);
                let verdict = entry.pointer("/decision/decision").and_then(Value::as_str);
                session.as_deref().is_none_or(|wanted| of("session") == Some(wanted))
                    && decision.as_deref().is_none_or(|wanted| verdict == Some(wanted))
            };
            each(journal, |stored| {
                if is_meant(&stored.entry) {
                    writeln!(out, "{}", shown(&line(stored)))?;
                }
                Ok(())
            })?;
            Ok(Exit::Clean)
        }
        AuditCommand::Why { journal, seq } => {
            let mut found = false;
            each(journal, |stored| {
                if stored.receipt.seq == *seq {
                    found = true;
                    why(stored, out)?;
                }
                Ok(())
            })?;
            if found {
                return Ok(Exit::Clean);
            }
            Err(Failure::usage(format!("the journal has no record {seq}")))
        }
    }
}

fn open(path: &Path) -> Answer<BufReader<File>> {
    File::open(path).map(BufReader::new).map_err(|error| Failure::file(path, error))
}

fn verified(path: &Path, expected: Expected<'_>, out: &mut Output) -> Answer {
    match verify(open(path)?, expected) {
        Ok(verified) => {
            let torn = if verified.torn { ", and a torn line behind them" } else { "" };
            writeln!(out, "{} records hold together{torn}", verified.records)?;
            writeln!(out, "head {}", verified.head)?;
            Ok(Exit::Clean)
        }
        Err(broken) => {
            writeln!(out, "the journal does not hold together: {broken}")?;
            Ok(Exit::Denied)
        }
    }
}

/// Calls `visit` with every whole record.
fn each(path: &Path, mut visit: impl FnMut(&Stored) -> Answer<()>) -> Answer<()> {
    for (number, line) in (1_u64..).zip(open(path)?.split(b'\n')) {
        let line = line.map_err(|error| Failure::file(path, error))?;
        match read_line(&line) {
            Ok(stored) => visit(&stored)?,
            // A process that was killed leaves a piece of a line.
            Err(_) if line.is_empty() => {}
            Err(_) => crate::output::remark("note", &format!("line {number} is no record")),
        }
    }
    Ok(())
}

/// One record on one line.
fn line(stored: &Stored) -> String {
    let text = |pointer: &str| stored.entry.pointer(pointer).and_then(Value::as_str).unwrap_or("–");
    let about = match text("/tool") {
        "–" => text("/type").to_owned(),
        tool => format!("{} `{tool}`", text("/type")),
    };
    format!(
        "{:>6}  {:8} {about}  ({}, {})",
        stored.receipt.seq,
        text("/decision/decision"),
        text("/agent"),
        text("/session"),
    )
}

/// What was decided, by which rules, on which values.
fn why(stored: &Stored, out: &mut Output) -> Answer<()> {
    writeln!(out, "{}", shown(&line(stored)))?;
    let list = |pointer: &str| {
        stored.entry.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    for fault in list("/decision/faults") {
        let message = fault.get("message").and_then(Value::as_str).unwrap_or_default();
        writeln!(out, "  fault: {}", shown(message))?;
    }
    for reason in list("/decision/reasons") {
        let text = |key: &str| reason.get(key).and_then(Value::as_str).unwrap_or_default();
        let line = reason.get("line").and_then(Value::as_u64).unwrap_or(0);
        writeln!(out, "  {}  [{}:{line}]", shown(text("rule")), shown(text("module")))?;
        if !text("because").is_empty() {
            writeln!(out, "    because {}", shown(text("because")))?;
        }
        for clause in reason.get("clauses").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| clause.get(key).and_then(Value::as_str).unwrap_or_default();
            writeln!(out, "    {:7} {}", text("truth"), shown(text("text")))?;
            let values = clause.get("values").and_then(Value::as_object);
            for (name, value) in values.into_iter().flatten() {
                let value = value.as_str().unwrap_or_default();
                writeln!(out, "      {} = {}", shown(name), shown(value))?;
            }
        }
    }
    writeln!(out, "  event {}", text_of(stored, "/decision/receipt/event"))?;
    writeln!(out, "  policy {}", text_of(stored, "/decision/receipt/policy"))?;
    Ok(())
}

fn text_of<'s>(stored: &'s Stored, pointer: &str) -> &'s str {
    stored.entry.pointer(pointer).and_then(Value::as_str).unwrap_or("–")
}
