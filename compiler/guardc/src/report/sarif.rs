//! Findings as SARIF 2.1.0, which code-scanning services read.

use super::finding::FindingFix;
use super::{Finding, Place};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes one log with one run.
pub(super) fn write_document(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    let rules: Vec<Value> = rules.into_iter().map(|code| json!({ "id": code })).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "guardc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn result(finding: &Finding) -> Value {
    let help = finding.help.as_ref().map(|help| format!("help: {help}"));
    let note = finding.note.as_ref().map(|note| format!("note: {note}"));
    let lines = [Some(finding.message.clone()), help, note];
    let mut result = json!({
        "ruleId": finding.code,
        "level": finding.severity,
        "message": { "text": lines.into_iter().flatten().collect::<Vec<_>>().join("\n") },
        "locations": [location(&finding.place)],
    });
    if !finding.related.is_empty() {
        let related: Vec<Value> = finding.related.iter().map(location).collect();
        add(&mut result, "relatedLocations", Value::Array(related));
    }
    if let Some(fix) = finding.fix.as_ref().and_then(fixed) {
        add(&mut result, "fixes", Value::Array(vec![fix]));
    }
    result
}

fn location(place: &Place) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.file) } });
    if let Some(region) = region(place) {
        add(&mut physical, "region", region);
    }
    let mut location = json!({ "physicalLocation": physical });
    if !place.label.is_empty() {
        add(&mut location, "message", json!({ "text": place.label }));
    }
    if let Some(path) = &place.schema_path {
        add(&mut location, "logicalLocations", json!([{ "fullyQualifiedName": path }]));
    }
    location
}

fn region(place: &Place) -> Option<Value> {
    let (start, end) = (place.start?, place.end?);
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }))
}

fn fixed(fix: &FindingFix) -> Option<Value> {
    let replacement = json!({
        "deletedRegion": region(&fix.place)?,
        "insertedContent": { "text": fix.replacement },
    });
    Some(json!({ "artifactChanges": [{
        "artifactLocation": { "uri": uri(&fix.place.file) },
        "replacements": [replacement],
    }]}))
}

/// A path as a relative URI: slashes, and everything but the plain characters in percent form.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn add(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}
