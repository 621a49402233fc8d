//! Bounds on a plan. A plan beyond any of them is refused.

/// The length of a plan's wire form, in bytes.
pub const PLAN_BYTES_MAX: usize = 64 << 20;

/// Nodes of one entry.
pub const ENTRY_NODES_MAX: usize = 1 << 20;

/// Clauses of one entry, and rules of one entry.
pub const ENTRY_RULES_MAX: usize = 1 << 18;

/// How deep conditions and shapes nest. More than the compiler lets an author write, so that what
/// checks also loads; an evaluation that deep takes less than 2 MB of stack even without optimisation.
pub const DEPTH_MAX: usize = 512;

/// Steps of the verifier's walk over one entry; a condition that names shared parts again and again
/// would take exponential time to walk as a tree, and to evaluate.
pub const ENTRY_STEPS_MAX: usize = 1 << 22;

/// Steps of the verifier's walk over one layout.
pub const LAYOUT_STEPS_MAX: usize = 1 << 22;

/// Steps of the verifier's walks over all entries and layouts of a plan; many small entries can each
/// take [`ENTRY_STEPS_MAX`].
pub const PLAN_STEPS_MAX: usize = 1 << 25;

/// The length of a listing, in bytes; it is cut there, and says so.
pub const LISTING_BYTES_MAX: usize = 64 << 20;

/// How many quantifiers stand in each other.
pub const QUANTIFIERS_MAX: usize = 16;

/// Agents times tools: the runtime keeps a table of so many places.
pub const AGENT_TOOLS_MAX: usize = 1 << 24;

/// Rows of one memory of a session; past them, a row that is not found is unknown.
pub const MEMORY_ROWS_MAX: usize = 1_024;

/// The length of a text that a memory keeps, in bytes; a longer one is unknown.
pub const MEMORY_TEXT_BYTES_MAX: usize = 1_024;

/// Calls of a session that wait for their result; past them the oldest is given up.
pub const OPEN_CALLS_MAX: usize = 256;

/// The id of a call that waits, in bytes; a longer one is known by its SHA-256.
pub const CALL_ID_BYTES_MAX: usize = 128;

/// What a session keeps of where values came from, in bytes.
pub const ORIGIN_BYTES_MAX: usize = 80 << 20;

/// What a session keeps besides of what was said, where a rule asks for the source of claims, in bytes.
pub const FACT_BYTES_MAX: usize = 36 << 20;

/// How far a memory counts, and memories, limits and asks of one agent or entry.
pub const MEMORY_COUNT_MAX: u32 = 4_096;

/// Values of one key, and fields of one memory.
pub const KEY_PARTS_MAX: usize = 16;

/// Memories and limits of one agent, and questions of one entry.
pub const MEMORIES_MAX: usize = 4_096;

/// How long a service may take, in milliseconds.
pub const SERVICE_MS_MAX: u32 = 60_000;
