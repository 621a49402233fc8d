//! What reading an SQL text may cost. A text past any of these is none.

/// The longest text, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Words, signs and literals of a text.
pub const TOKENS_MAX: usize = 16 * 1024;

/// How deep parentheses may stand in each other.
pub const PARENTHESES_MAX: usize = 24;

/// How deep the parser may go into itself; statements past it are read by their words alone.
pub const RECURSION_MAX: usize = 40;

/// Statements of a text.
pub const STATEMENTS_MAX: usize = 256;

/// Tokens that are parsed, those of all dialects and statements together; past them statements are read by their words.
pub const PARSED_TOKENS_MAX: usize = 256 * 1024;
