//! Reads a Markdown page whose fences are policies and events.
//!
//! - a fence `guard` is a whole file; a comment `// error: [G0231]` at the end of a line says that
//!   exactly this finding has its primary place on the line;
//! - a fence `events` holds one event a line, `JSON => verdict`, decided by the policy above it;
//!   what follows the word `events` on the fence's line is the agent's principal. The events of a
//!   fence `session` are of one session, in order; those of a fence `events` are each of their own.
//!
//! - a fence `schema FORMAT` holds a document that `guardc import FORMAT` takes, `schema FORMAT G0701`
//!   one that it refuses with exactly this code.
//!
//! Other fences are text.

use std::fmt::Write as _;

/// A page.
#[derive(Debug)]
pub struct Document {
    /// Its policies in order, each with the events that follow it.
    pub policies: Vec<Policy>,
    /// Its schemas in order.
    pub schemas: Vec<Schema>,
}

/// A document to import.
#[derive(Debug)]
pub struct Schema {
    /// The line of the page on which the fence begins, from 1.
    pub line: usize,
    /// The word that names its format.
    pub format: String,
    /// The code it is refused with.
    pub refused: Option<String>,
    /// The document.
    pub text: String,
}

/// A policy of a page.
#[derive(Debug, Default)]
pub struct Policy {
    /// The line of the page on which the fence begins, from 1.
    pub line: usize,
    /// The file's text, comments included.
    pub text: String,
    /// The findings it must have: line in the file, code. Sorted.
    pub expected: Vec<(u32, String)>,
    /// The events it must decide.
    pub events: Vec<Step>,
}

/// An event and its decision.
#[derive(Debug)]
pub struct Step {
    /// The line of the page, from 1.
    pub line: usize,
    /// The agent's principal as JSON.
    pub principal: String,
    /// The event as JSON.
    pub event: String,
    /// The verdict's word.
    pub verdict: String,
    /// Whether it goes on with the session of the step before.
    pub goes_on: bool,
}

/// Reads a page.
///
/// # Panics
/// Where the page is not of the form above; it is a test's own data.
pub fn read(page: &str) -> Document {
    let mut document = Document { policies: Vec::new(), schemas: Vec::new() };
    let mut fence: Option<(String, String)> = None;
    let mut fence_line = 0;
    for (line, text) in (1..).zip(page.lines()) {
        if let Some(info) = text.strip_prefix("```") {
            match fence.take() {
                None => {
                    fence = Some((info.trim().to_owned(), String::new()));
                    fence_line = line;
                }
                Some((info, body)) => close(&mut document, fence_line, &info, &body),
            }
        } else if let Some((_, body)) = &mut fence {
            writeln!(body, "{text}").unwrap();
        }
    }
    assert!(fence.is_none(), "the fence of line {fence_line} is not closed");
    document
}

fn close(document: &mut Document, line: usize, info: &str, body: &str) {
    let (kind, rest) = info.split_once(' ').unwrap_or((info, ""));
    match kind {
        "guard" => document.policies.push(Policy {
            line,
            text: body.to_owned(),
            expected: expected(body),
            events: Vec::new(),
        }),
        "events" | "session" => {
            let principal = if rest.is_empty() { "{}" } else { rest };
            let policy = document.policies.last_mut().expect("events follow a policy");
            let steps = (line + 1..).zip(body.lines()).filter(|(_, text)| !text.trim().is_empty());
            policy.events.extend(steps.enumerate().map(|(index, (line, text))| {
                let goes_on = kind == "session" && index > 0;
                let (event, verdict) =
                    text.rsplit_once("=>").expect("an event reads `JSON => verdict`");
                let (principal, event) = (principal.to_owned(), event.trim().to_owned());
                Step { line, principal, event, verdict: verdict.trim().to_owned(), goes_on }
            }));
        }
        "schema" => {
            let (format, refused) = rest.split_once(' ').unwrap_or((rest, ""));
            let refused = (!refused.is_empty()).then(|| refused.to_owned());
            let (format, text) = (format.to_owned(), body.to_owned());
            document.schemas.push(Schema { line, format, refused, text });
        }
        _ => {}
    }
}

fn expected(body: &str) -> Vec<(u32, String)> {
    let mut expected = Vec::new();
    for (line, text) in (1..).zip(body.lines()) {
        if let Some((_, codes)) = text.split_once("// error:") {
            let codes = codes.split('[').skip(1).filter_map(|code| code.split(']').next());
            expected.extend(codes.map(|code| (line, code.to_owned())));
        }
    }
    expected.sort();
    expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_its_policies_findings_and_events() {
        let page = "# T\n```guard\nguard 1\nx // error: [G0001] [G0002]\n```\n\n```events {\"a\":1}\n{\"type\":\"input\"} => deny\n```\n```text\nno\n```\n";
        let document = read(page);
        let [policy] = document.policies.as_slice() else { panic!("one policy") };
        assert_eq!(policy.line, 2);
        assert_eq!(policy.expected, [(2, "G0001".to_owned()), (2, "G0002".to_owned())]);
        assert_eq!(policy.events[0].principal, "{\"a\":1}");
        assert_eq!(policy.events[0].verdict, "deny");
        assert_eq!(policy.events[0].line, 8);
    }
}
