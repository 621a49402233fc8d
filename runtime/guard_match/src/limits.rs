//! What a pattern may cost. A pattern past a build limit is refused when it is compiled; a search
//! past the work limit gives up, and its answer is unknown.

/// The longest source of a pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 16 * 1024;

/// The largest automaton before determinisation, in bytes. It bounds counted repetitions such as
/// `(\d{1,1000}){1,1000}`.
pub const NFA_BYTES_MAX: usize = 1024 * 1024;

/// The largest table for one pattern, in bytes; past it the table is built while searching.
pub const TABLE_BYTES_MAX: usize = 256 * 1024;

/// What building one table may use besides, in bytes.
pub const TABLE_WORK_BYTES_MAX: usize = 1024 * 1024;

/// What the tables of one plan's patterns may use together, in bytes.
pub const TABLES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What one session's search may keep of a table built while searching, in bytes.
pub const CACHE_BYTES_MAX: usize = 1024 * 1024;

/// How often that table may be thrown away in one search before it counts as useless.
pub const CACHE_CLEARS_MAX: usize = 8;

/// The most steps of a search without a table: states of the pattern times bytes of the text.
/// About a fifth of a second.
pub const STEPS_MAX: usize = 1 << 25;
