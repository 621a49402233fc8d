//! Bounds on what is redacted.

/// The most rounds until what was replaced shows nothing more to be found.
pub const ROUNDS_MAX: usize = 8;

/// The longest text of a template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 256;

/// The longest match that becomes a pseudonym, in bytes; a longer one is refused.
pub const PSEUDONYM_BYTES_MAX: usize = 4096;

/// What a stream holds back at the most, in bytes, whatever its detectors would ask for.
pub const HELD_BYTES_MAX: usize = 1 << 20;
