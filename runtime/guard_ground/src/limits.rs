//! What a stranger can make large, and how large it may become.

/// A word longer than this, in bytes after folding, has no stem and is told from others by its hash alone.
pub const WORD_BYTES_MAX: usize = 64;
/// A number literal longer than this, in bytes, is an identifier.
pub const LITERAL_BYTES_MAX: usize = 40;
/// A number with more digits than this is an identifier: an `f64` does not tell it from its neighbours.
pub const DIGITS_MAX: usize = 15;
/// A quotation longer than this, in bytes, is none: its second mark belongs to something else.
pub const QUOTATION_BYTES_MAX: usize = 2_000;
/// How many facts one word of a source gives at most, what is typed included.
pub const FACTS_OF_A_WORD_MAX: usize = 16;
