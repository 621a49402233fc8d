//! What a text and a model file may cost. Reaching a limit of the text never makes the answer milder.

/// The longest part of a text that is scored, in bytes. What follows is not read, and
/// [`Score::is_whole`](crate::Score::is_whole) says so.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// The most words of a window.
pub const WINDOW_WORDS_MAX: usize = 64;

/// The most lengths of windows that a model may have.
pub const WINDOWS_MAX: usize = 8;

/// The longest word, in symbols. A longer one is taken for several.
pub const WORD_SYMBOLS_MAX: usize = 32;

/// How often what is encoded is decoded again: base64 in base64 is read, what is in that is not.
pub const DECODE_DEPTH_MAX: usize = 2;

/// The shortest run of base64 or hexadecimal digits that is decoded, in bytes.
pub const ISLAND_BYTES_MIN: usize = 16;

/// The longest run of base64 or hexadecimal digits that is decoded, in bytes; of a longer one, its beginning.
pub const ISLAND_BYTES_MAX: usize = 1 << 16;

/// The longest character reference or escape, in bytes.
pub const ESCAPE_BYTES_MAX: usize = 10;

/// The most slots of a table of weights.
pub const SLOTS_MAX: usize = 1 << 18;

/// The most points of a calibration.
pub const KNOTS_MAX: usize = 64;

/// The largest model file, in bytes.
pub const MODEL_BYTES_MAX: usize = 512 * 1024;
