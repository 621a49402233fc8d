//! What reading a command line may cost. A line past any of these is no command line.

/// The longest command line, in bytes. On a text that is no line the grammar's parser can take a time that grows as the
/// square of its length: measured with every pair of fifty tokens repeated, 0.1 s at 4,000 bytes, 0.4 s here.
pub const LINE_BYTES_MAX: usize = 8 * 1024;

/// How deep statements, groups and substitutions may stand in each other.
pub const DEPTH_MAX: usize = 100;

/// How deep texts that are commands themselves (`sh -c '…'`, `eval '…'`) may stand in each other.
pub const NESTED_TEXTS_MAX: usize = 8;

/// Entries of all lists of a line together.
pub const ENTRIES_MAX: usize = 8 * 1024;

/// Bytes of all words and nested texts together.
pub const READ_BYTES_MAX: usize = 1024 * 1024;

/// How many wrappers (`sudo env nice …`) may stand before one program.
pub const WRAPPERS_MAX: usize = 16;

/// Statements and words that are entered; some are read twice, and what stands in them then four times.
pub const STEPS_MAX: usize = 64 * 1024;
