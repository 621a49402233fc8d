//! Whether two trees say the same, wherever they say it.

use guard_grammar::ast::File;

/// Whether two trees are equal but for their spans.
pub fn same_tree(one: &File, other: &File) -> bool {
    without_spans(&format!("{one:?}")) == without_spans(&format!("{other:?}"))
}

/// The printed tree without `span: 1..2`. A string of the policy that holds these characters is changed
/// alike on both sides.
fn without_spans(tree: &str) -> String {
    let mut out = String::with_capacity(tree.len());
    let mut rest = tree;
    while let Some(at) = rest.find("..") {
        let (before, from_dots) = rest.split_at(at);
        let after =
            from_dots.trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit());
        out.push_str(before.trim_end_matches(|c: char| c.is_ascii_digit()));
        out.push('@');
        rest = after;
    }
    out.push_str(rest);
    out
}
