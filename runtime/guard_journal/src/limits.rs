//! How large what is stored may be. Past a limit the operation is refused, and nothing is stored.

/// Bytes of a call's JSON text in a question or an edit.
pub const CALL_BYTES_MAX: usize = 1 << 20;
/// Bytes of a name: a session's id, a person, a role, a digest.
pub const NAME_BYTES_MAX: usize = 1024;
/// People that one question may ask for.
pub const QUORUM_MAX: u32 = 64;
/// Tickets that one listing returns.
pub const LISTED_TICKETS_MAX: usize = 10_000;
/// Bytes of a session's state.
pub const SESSION_BYTES_MAX: usize = 64 << 20;
/// Bytes of a journal's line, its newline counted.
pub const LINE_BYTES_MAX: usize = 4 << 20;
/// Records that one write, and so one flush, of the journal takes together.
pub const BATCH_RECORDS_MAX: usize = 256;
/// How deep lists and objects of a record's entry may stand in each other. Readers follow 128 levels.
pub const ENTRY_DEPTH_MAX: usize = 100;
