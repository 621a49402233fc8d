//! The codes of findings about files and folders, and about runs of tests: `G0901` to `G0999`.

/// A file that is no text, or longer than is read.
pub(crate) const UNREADABLE_FILE: &str = "G0901";
/// A `guard.toml` that cannot be used.
pub(crate) const BAD_MANIFEST: &str = "G0902";
/// A folder without any policy.
pub(crate) const NO_POLICY: &str = "G0903";
/// A run without any test.
pub(crate) const NO_TESTS: &str = "G0911";
/// A test that failed.
pub(crate) const FAILED_TEST: &str = "G0912";
/// A rule that no test makes fire.
pub(crate) const UNFIRED_RULE: &str = "G0913";
