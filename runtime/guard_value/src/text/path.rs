//! Slash-separated paths, resolved by their text alone: `.`, `..` and doubled slashes go.
//!
//! A backslash is a character of a name, nothing is percent-decoded, and nothing asks a file
//! system, so a symbolic link is beyond this.

use super::Parsed;
use std::ops::Range;

/// A relative path that leads nowhere else is `.`; `..` at the root stays at the root.
pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    if text.is_empty() || text.contains('\0') {
        return None;
    }
    let start = out.len();
    let absolute = text.starts_with('/');
    if absolute {
        out.push(b'/');
    }
    let root = out.len();
    for segment in text.split('/') {
        match segment {
            "" | "." => {}
            ".." => leave(out, root, absolute),
            name => append(out, root, name),
        }
    }
    if out.len() == start {
        out.push(b'.');
    }
    Some(Parsed { extension: extension(out, start, root), ..Parsed::default() })
}

/// Goes one segment up.
fn leave(out: &mut Vec<u8>, root: usize, absolute: bool) {
    let segments = out.get(root..).unwrap_or_default();
    let last = segments.iter().rposition(|byte| *byte == b'/');
    let name = segments.get(last.map_or(0, |slash| slash + 1)..).unwrap_or_default();
    if !name.is_empty() && name != b".." {
        out.truncate(root + last.unwrap_or(0));
    } else if !absolute {
        append(out, root, "..");
    }
}

fn append(out: &mut Vec<u8>, root: usize, name: &str) {
    if out.len() > root {
        out.push(b'/');
    }
    out.extend_from_slice(name.as_bytes());
}

/// What follows the last dot of the last segment, unless the dot begins or ends it: `.bashrc` and
/// `a.` have none.
fn extension(out: &[u8], start: usize, root: usize) -> Option<Range<usize>> {
    let segments = out.get(root..)?;
    let name = segments.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let dot = segments.get(name..)?.iter().rposition(|byte| *byte == b'.')?;
    let first = root + name + dot + 1;
    (dot > 0 && first < out.len() && segments.get(name..)? != b"..")
        .then_some(first - start..out.len() - start)
}
