//! The codes of findings about files and folders, `G0901` to `G0999`.

/// A file that is no text, or longer than is read.
pub(crate) const UNREADABLE_FILE: &str = "G0901";
/// A `guard.toml` that cannot be used.
pub(crate) const BAD_MANIFEST: &str = "G0902";
/// A folder without any policy.
pub(crate) const NO_POLICY: &str = "G0903";
