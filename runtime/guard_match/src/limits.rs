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

/// The most detectors of one scanner.
pub const DETECTORS_MAX: usize = 4096;

/// The most patterns of one detector.
pub const DETECTOR_PATTERNS_MAX: usize = 256;

/// The longest name of a detector, in bytes.
pub const DETECTOR_NAME_BYTES_MAX: usize = 256;

/// The most words of a detector's context.
pub const NEAR_WORDS_MAX: usize = 256;

/// How far from a match a word of its context may stand, in bytes.
pub const NEAR_WINDOW_MAX: u32 = 4096;

/// The largest automaton of one detector before determinisation, in bytes.
pub const DETECTOR_NFA_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The largest table of one detector, in bytes; past it the detector is a walk over all states.
pub const DETECTOR_TABLE_BYTES_MAX: usize = 1024 * 1024;

/// The largest table of several patterns of one detector together, in bytes; past it each has its own. They are asked
/// one after the other then, which costs little where their triggers are rare.
pub const JOINT_TABLE_BYTES_MAX: usize = 64 * 1024;

/// What building one detector's table may use besides, in bytes.
pub const DETECTOR_TABLE_WORK_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The longest serialised scanner, in bytes.
pub const SCANNER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The longest text that is scanned, in bytes.
pub const SCAN_TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The most matches of one scan.
pub const FOUND_MAX: usize = 65_536;

/// The steps that each detector may take for each byte of the text, beside those it may always
/// take. A detector whose matches are short never comes near it; one that would pass it gives up.
pub const SCAN_STEPS_PER_BYTE_MAX: usize = 256;

/// The steps that a detector may take in every text.
pub const SCAN_STEPS_FREE: usize = 65_536;
