//! A decision for people, from its JSON: the one form that everyone who reads decisions shares.

use super::escape::shown_on_one_line;
use guard_plan::Verdict;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// The decision's word, padded so that lines align; coloured where asked for.
pub(crate) fn coloured_word(verdict: Verdict, colour: bool) -> String {
    let word = format!("{:<8}", verdict.word());
    if !colour {
        return word;
    }
    let number = match verdict {
        Verdict::Allow => 32,
        Verdict::Redact => 36,
        Verdict::Escalate => 33,
        Verdict::Deny | Verdict::Halt => 31,
    };
    format!("\u{1b}[1;{number}m{word}\u{1b}[0m")
}

/// Writes why, and what follows: the reasons with their clauses and values, what the agent is told,
/// who is asked.
pub(crate) fn write_details(json: &str, out: &mut dyn Write) -> io::Result<()> {
    let Ok(Value::Object(decision)) = serde_json::from_str(json) else { return Ok(()) };
    for fault in list(&decision, "faults") {
        let message = fault.get("message").and_then(Value::as_str).unwrap_or_default();
        writeln!(out, "  fault: {}", shown_on_one_line(message))?;
    }
    for reason in list(&decision, "reasons") {
        write_reason(reason, out)?;
    }
    if let Some(text) = text(&decision, "respond") {
        writeln!(out, "  tells the agent: {text}")?;
    }
    if let Some(Value::Object(approval)) = decision.get("approval") {
        write_approval(approval, out)?;
    }
    Ok(())
}

fn write_reason(reason: &Value, out: &mut dyn Write) -> io::Result<()> {
    let Value::Object(reason) = reason else { return Ok(()) };
    let title = text(reason, "rule").unwrap_or_default();
    match place(reason) {
        Some(place) => writeln!(out, "  {title}  [{place}]")?,
        None => writeln!(out, "  {title}")?,
    }
    if let Some(because) = text(reason, "because") {
        writeln!(out, "    because {because}")?;
    }
    for clause in list(reason, "clauses") {
        write_clause(clause, out)?;
    }
    Ok(())
}

fn write_clause(clause: &Value, out: &mut dyn Write) -> io::Result<()> {
    let Value::Object(clause) = clause else { return Ok(()) };
    let says = text(clause, "text").unwrap_or_default();
    let truth = text(clause, "truth").unwrap_or_default();
    writeln!(out, "    {says}: {truth}")?;
    match clause.get("values") {
        Some(Value::Object(values)) => values.iter().try_for_each(|(name, value)| {
            writeln!(out, "      {} = {}", shown_on_one_line(name), shown_value(value))
        }),
        _ => Ok(()),
    }
}

fn write_approval(approval: &Map<String, Value>, out: &mut dyn Write) -> io::Result<()> {
    let role = text(approval, "role").unwrap_or_default();
    writeln!(out, "  asks: {role}")
}

fn place(reason: &Map<String, Value>) -> Option<String> {
    let module = text(reason, "module").filter(|module| !module.is_empty())?;
    Some(match reason.get("line").and_then(Value::as_u64) {
        Some(line) => format!("{module}:{line}"),
        None => module,
    })
}

fn list<'a>(object: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(|text| shown_on_one_line(text).into_owned())
}

/// A value as JSON; what would steer a terminal is escaped, and what is long is cut.
fn shown_value(value: &Value) -> String {
    const SHOWN_MAX: usize = 200;
    let text = match value {
        Value::String(shown) => shown.clone(),
        other => other.to_string(),
    };
    let shown = shown_on_one_line(&text);
    match shown.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown.into_owned(),
    }
}
