//! Bounds on what a network reads.

/// The longest text that is scored, in bytes. A longer one has no score, which is unknown to a rule.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// The positions of one window where the network does not fix them: tokens, or bytes without a tokenizer.
pub const WINDOW_MAX: usize = 512;

/// The fewest positions a network may fix: fewer hold no text beside a tokenizer's own marks.
pub const WINDOW_MIN: usize = 8;

/// How much of a window the next one repeats, in parts of it: what stands across a border is whole in one of them.
pub const OVERLAP_PARTS: usize = 4;
