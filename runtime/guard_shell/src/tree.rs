//! The tree of a text, or that there is none.

use crate::limits::LINE_BYTES_MAX;
use crate::{Malformed, Read};
use std::ops::ControlFlow;
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

/// Parses a text. The parser stops at the first error: what it would guess afterwards is not wanted, and guessing is
/// the part of its work that does not grow in proportion.
pub(crate) fn parse(text: &str) -> Read<Tree> {
    if text.len() > LINE_BYTES_MAX || text.contains('\0') {
        return Err(Malformed);
    }
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).map_err(|_| Malformed)?;
    let mut stop = |state: &ParseState| {
        if state.has_error() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut stop);
    let mut rest = |from: usize, _| text.as_bytes().get(from..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut rest, None, Some(options)).ok_or(Malformed)?;
    if tree.root_node().has_error() { Err(Malformed) } else { Ok(tree) }
}

/// The children that have a name in the grammar, comments left out.
pub(crate) fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let mut has_more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while has_more {
            let child = cursor.node();
            has_more = cursor.goto_next_sibling();
            if child.is_named() && child.kind() != "comment" {
                return Some(child);
            }
        }
        None
    })
}

/// The text of a node.
pub(crate) fn text_of<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}
