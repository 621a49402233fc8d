//! Ships std.*, written in the language and tested in it.
