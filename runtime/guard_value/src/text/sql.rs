//! SQL texts: the text stays as it is, and what its statements do is beside it.

use super::Parsed;
use guard_plan::Part;

/// `None` where it is no SQL, or too long or deep to be read.
pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    let query = guard_sql::read(text)?;
    let lists: [(Part, &[String]); 3] = [
        (Part::Statements, &query.statements),
        (Part::Tables, &query.tables),
        (Part::Functions, &query.functions),
    ];
    let flags = [(Part::Writes, query.writes), (Part::IsUnread, query.is_unread)];
    Some(Parsed::listed(text, &lists, &flags, out))
}
