//! Findings as the workflow commands that GitHub turns into annotations.

use super::Finding;
use std::io::{self, Write};

/// Writes `::error file=…,line=…,title=G0214::…`.
pub(super) fn write_line(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{} file={}", finding.severity, property(&finding.place.file))?;
    if let (Some(start), Some(end)) = (finding.place.start, finding.place.end) {
        write!(out, ",line={},endLine={},col={}", start.line, end.line, start.column)?;
        // GitHub refuses an end column on an annotation of several lines.
        if start.line == end.line {
            write!(out, ",endColumn={}", end.column)?;
        }
    }
    writeln!(out, ",title={}::{}", property(&finding.code), message(&text(finding)))
}

fn text(finding: &Finding) -> String {
    let place = finding.place.schema_path.as_ref().map(|path| format!("at {path}"));
    let label = Some(finding.place.label.clone()).filter(|label| !label.is_empty());
    let help = finding.help.as_ref().map(|help| format!("help: {help}"));
    let note = finding.note.as_ref().map(|note| format!("note: {note}"));
    let lines = [Some(finding.message.clone()), place, label, help, note];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A line break would end the command and let a policy's text begin another.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Place;

    #[test]
    fn a_policy_cannot_write_commands_of_its_own() {
        let finding = Finding {
            code: "G0001".to_owned(),
            severity: "error",
            message: "no `\n::set-output name=x::y` at 5%".to_owned(),
            place: Place {
                file: "a,b:c.guard".to_owned(),
                start: None,
                end: None,
                schema_path: None,
                label: String::new(),
            },
            related: Vec::new(),
            help: Some("write\r\nless".to_owned()),
            fix: None,
            note: None,
        };
        let mut out = Vec::new();
        write_line(&finding, &mut out).unwrap();
        let line = String::from_utf8(out).unwrap();
        assert_eq!(
            line,
            "::error file=a%2Cb%3Ac.guard,title=G0001::no `%0A::set-output name=x::y` at 5%25%0Ahelp: write%0D%0Aless\n"
        );
    }
}
