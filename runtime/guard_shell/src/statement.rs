//! Statements: which commands a tree has, what flows between them, and where that is redirected.

use crate::fed::{self, Fed};
use crate::limits::{NESTED_TEXTS_MAX, READ_BYTES_MAX};
use crate::tree::{children, parse, text_of};
use crate::{Found, Malformed, Read, command, tables, word};
use tree_sitter::Node;

/// Reads a text that is a command line: that of the event, or one inside it.
pub(crate) fn text(source: &str, found: &mut Found) -> Read<()> {
    if found.texts >= NESTED_TEXTS_MAX || source.len() > READ_BYTES_MAX {
        return Err(Malformed);
    }
    found.spend(source.len())?;
    let tree = parse(source)?;
    found.texts += 1;
    let result = each(tree.root_node(), source, found);
    found.texts -= 1;
    result
}

/// Reads a text inside a command; one that cannot be read hides what it runs.
pub(crate) fn nested(source: &str, found: &mut Found) -> Read<()> {
    found.is_simple = false;
    if parse(source).is_err() {
        found.line.is_opaque = true;
        return Ok(());
    }
    text(source, found)
}

/// Reads everything in a node.
pub(crate) fn each(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    found.is_simple &= !is_in_background(node);
    for child in children(node) {
        found.inside(|found| one(child, source, found))?;
    }
    Ok(())
}

fn is_in_background(node: Node<'_>) -> bool {
    (0..node.child_count()).any(|index| node.child(index).is_some_and(|child| child.kind() == "&"))
}

fn one(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    match node.kind() {
        "command" => command::read(node, source, Fed::Nothing, found).map(drop),
        "pipeline" => pipeline(node, source, found),
        "redirected_statement" => redirected(node, source, found),
        "variable_assignment" => assignment(node, source, found),
        "declaration_command" | "unset_command" | "test_command" => {
            found.is_simple &= node.kind() == "test_command";
            found.commands += 1;
            each(node, source, found)
        }
        "word"
        | "number"
        | "raw_string"
        | "ansi_c_string"
        | "string"
        | "concatenation"
        | "simple_expansion"
        | "expansion"
        | "command_substitution"
        | "process_substitution"
        | "variable_name" => word::words(node, source, found).map(drop),
        // The body of a function runs when it is called, which is as good as here.
        _ => {
            found.is_simple = false;
            each(node, source, found)
        }
    }
}

/// The programs that a node runs, which are read on the way.
pub(crate) fn programs_of(node: Node<'_>, source: &str, found: &mut Found) -> Read<Vec<String>> {
    let before = found.line.programs.len();
    found.is_simple = false;
    each(node, source, found)?;
    Ok(found.line.programs.get(before..).unwrap_or_default().to_vec())
}

/// `a | b | c`.
fn pipeline(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    found.is_simple = false;
    let mut stages: Vec<String> = Vec::new();
    let mut input = None;
    for stage in children(node) {
        let before = found.line.programs.len();
        let written = found.inside(|found| fed::through(stage, source, input.take(), found))?;
        let fed_by = stages.last().is_some();
        let program = match last_command(stage) {
            Some(command) if stage.kind() != "pipeline" => {
                let fed = if fed_by { Fed::by(written.input.as_deref()) } else { Fed::Nothing };
                found.inside(|found| read_stage(stage, command, source, fed, found))?
            }
            _ => {
                found.inside(|found| one(stage, source, found))?;
                None
            }
        };
        let first = found.line.programs.get(before..).and_then(|programs| programs.first());
        stages.push(program.or_else(|| first.cloned()).unwrap_or_default());
        input = written.output;
    }
    let stages: Vec<String> = stages.into_iter().filter(|stage| !stage.is_empty()).collect();
    push_pipeline(&stages, found)
}

/// The command of a stage that is one, redirected or not.
fn last_command(stage: Node<'_>) -> Option<Node<'_>> {
    match stage.kind() {
        "command" => Some(stage),
        "redirected_statement" => children(stage).find(|child| child.kind() == "command"),
        _ => None,
    }
}

fn read_stage(
    stage: Node<'_>,
    of: Node<'_>,
    source: &str,
    fed: Fed<'_>,
    found: &mut Found,
) -> Read<Option<String>> {
    let program = command::read(of, source, fed, found)?;
    if stage.kind() == "redirected_statement" {
        for child in children(stage).filter(|child| child.kind() != "command") {
            redirect(child, source, found)?;
        }
    }
    Ok(program)
}

/// Notes what flows where.
pub(crate) fn push_pipeline(stages: &[String], found: &mut Found) -> Read<()> {
    if stages.len() < 2 {
        return Ok(());
    }
    let shown = stages.join(" | ");
    found.spend(shown.len())?;
    found.line.pipelines.push(shown);
    Ok(())
}

/// `… > file`, `… << END`.
fn redirected(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    let body = children(node).find(|child| !is_redirect(*child));
    let document = children(node).find_map(fed::document);
    let document = match document {
        Some(of) => Some(found.inside(|found| word::word(of, source, found))?),
        None => None,
    };
    if let Some(body) = body {
        let fed = Fed::by_word(document.as_ref()).unwrap_or(Fed::Nothing);
        match body.kind() {
            "command" => drop(command::read(body, source, fed, found)?),
            _ => one(body, source, found)?,
        }
    }
    for child in children(node).filter(|child| is_redirect(*child)) {
        redirect(child, source, found)?;
    }
    Ok(())
}

fn is_redirect(node: Node<'_>) -> bool {
    matches!(node.kind(), "file_redirect" | "heredoc_redirect" | "herestring_redirect")
}

/// Notes where something is written to or read from.
pub(crate) fn redirect(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    found.is_simple = false;
    if node.kind() != "file_redirect" {
        // A here-document can go on: `cat << END | sh`.
        let inner = children(node).filter(|child| {
            matches!(child.kind(), "pipeline" | "command" | "list" | "file_redirect")
        });
        for child in inner {
            match child.kind() {
                "file_redirect" => redirect(child, source, found)?,
                "pipeline" => after_document(node, child, source, found)?,
                _ => found.inside(|found| one(child, source, found))?,
            }
        }
        return Ok(());
    }
    let operator = text_of(node, source).trim_start_matches(|c: char| c.is_ascii_digit());
    let length = operator.find(|c: char| !matches!(c, '<' | '>' | '|' | '&'));
    let operator = operator.get(..length.unwrap_or(operator.len())).unwrap_or_default();
    for target in children(node).filter(|child| child.kind() != "file_descriptor") {
        let target = word::word(target, source, found)?;
        let is_copy = operator.ends_with('&')
            && (target.text == "-" || target.text.chars().all(|c| c.is_ascii_digit()));
        if !is_copy {
            let shown = format!("{operator} {}", target.text);
            found.spend(shown.len())?;
            found.line.redirects.push(shown);
        }
    }
    Ok(())
}

/// What a here-document is piped into.
fn after_document(document: Node<'_>, rest: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    let body = fed::document(document);
    let text = match body {
        Some(body) => Some(found.inside(|found| word::word(body, source, found))?),
        None => None,
    };
    let mut fed = text.filter(|text| text.is_known).map(|text| text.text);
    for stage in children(rest) {
        match last_command(stage) {
            Some(command) => {
                let program =
                    command::read(command, source, Fed::by(fed.take().as_deref()), found)?;
                let shell = program.filter(|program| tables::SHELLS.contains(&program.as_str()));
                push_pipeline(&["cat".to_owned(), shell.unwrap_or_default()], found)?;
            }
            None => found.inside(|found| one(stage, source, found))?,
        }
    }
    Ok(())
}

/// `name=value`.
pub(crate) fn assignment(node: Node<'_>, source: &str, found: &mut Found) -> Read<()> {
    found.is_simple = false;
    let mut parts = children(node);
    let (Some(name), Some(value)) = (parts.next(), parts.next()) else { return Ok(()) };
    let value = word::word(value, source, found)?;
    let name = text_of(name, source).to_owned();
    let shown = format!("{name}={}", value.text);
    // The variable keeps the value, too.
    found.spend(2 * shown.len())?;
    found.line.commands.push(shown);
    if value.is_known {
        found.variables.insert(name, value.text);
    } else {
        found.variables.remove(&name);
    }
    Ok(())
}
