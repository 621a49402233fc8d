//! Command lines: the text stays as it is, and what it runs is beside it.

use super::Parsed;
use guard_plan::Part;

/// `None` where it is no command line, or too long or deep to be read.
pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    let line = guard_shell::read(text)?;
    let lists: [(Part, &[String]); 5] = [
        (Part::Programs, &line.programs),
        (Part::Commands, &line.commands),
        (Part::Arguments, &line.arguments),
        (Part::Redirects, &line.redirects),
        (Part::Pipelines, &line.pipelines),
    ];
    let flags = [
        (Part::Substitutes, line.substitutes),
        (Part::IsSimple, line.is_simple),
        (Part::IsOpaque, line.is_opaque),
    ];
    Some(Parsed::listed(text, &lists, &flags, out))
}
