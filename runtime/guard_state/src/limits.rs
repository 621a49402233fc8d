//! The bounds of shared state. Past each of them the answer is a refusal or an error, and the caller
//! denies on an error.

/// The most takes that may count at one time under one key, and the most events a breaker counts.
/// A limit to more than this many in a window is in effect a limit to this many.
pub const WINDOW_EVENTS_MAX: usize = 4096;

/// The most keys that [`MemoryStore`](crate::MemoryStore) keeps. Each of its shards has an equal
/// share; keys are digests, so the first shard is full when almost all are.
pub const KEYS_MAX: usize = 1 << 20;

/// The most claims that one decision may make.
pub const CLAIMS_MAX: usize = 64;

/// The largest amount, in millionths: about nine thousand million whole units. Up to here a script
/// that counts in doubles is exact.
pub const AMOUNT_MILLIONTHS_MAX: i64 = (1 << 53) - 1;

/// The latest time and the longest window, in milliseconds: more than a hundred thousand years.
pub const TIME_MS_MAX: i64 = 1 << 52;

/// The most bytes of one saved session.
pub const SESSION_BYTES_MAX: usize = 16 << 20;

/// The most sessions that [`MemorySessions`](crate::MemorySessions) keeps.
pub const SESSIONS_MAX: usize = 1 << 16;

/// The longest name of a session, in bytes.
pub const SESSION_ID_BYTES_MAX: usize = 1024;
