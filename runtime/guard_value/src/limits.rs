//! What an event may cost. Past the first four reading ends and the event is unreadable.

/// The longest event, in bytes.
pub const EVENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How deeply objects and lists may stand inside each other; the event itself is the first level.
pub const DEPTH_MAX: usize = 64;

/// How many elements the lists that are checked against a shape may have together.
pub const ELEMENTS_MAX: usize = 100_000;

/// How many faults are described; further ones are counted.
pub const FAULTS_MAX: usize = 16;

/// The longest name or value of the event that a fault quotes, in bytes.
pub(crate) const QUOTE_BYTES_MAX: usize = 64;

/// Past this length a fault's path is no longer extended outwards, in bytes.
pub(crate) const PATH_BYTES_MAX: usize = 200;

/// How many entries scratch memory keeps from one event to the next.
pub(crate) const SCRATCH_KEPT_MAX: usize = 16 * 1024;

/// Up to this many keys of one object are compared as they come; with more they are sorted.
pub(crate) const KEYS_COMPARED_MAX: usize = 16;
