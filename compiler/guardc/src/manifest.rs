//! `guard.toml`: what a package says of itself.

use crate::codes;
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::span::Span;
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;

/// The file's name.
pub(crate) const FILE_NAME: &str = "guard.toml";
/// The only edition there is.
pub(crate) const EDITION: u32 = 1;

/// What it says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The package's name.
    pub(crate) name: String,
    /// The edition its files are written in.
    pub(crate) edition: u32,
    /// What `guardc test` asks of it.
    #[serde(default)]
    pub(crate) test: TestSettings,
}

/// `[test]`: what a run of the package's tests must come to. Options of the command line
/// come on top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TestSettings {
    /// The share of rules and conditions that has to be covered, in percent.
    pub(crate) min_coverage: Option<f64>,
    /// Whether a package without tests passes.
    #[serde(default)]
    pub(crate) allow_no_tests: bool,
    /// Whether rules that never fire pass.
    #[serde(default)]
    pub(crate) allow_unfired: bool,
}

/// Reads a manifest; `file` is how findings call it.
pub(crate) fn read(file: &Arc<str>, text: &str) -> Result<Manifest, Box<Diagnostic>> {
    let finding = |headline: String, place: Range<usize>, label: &str| {
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let span = Span::new(offset(place.start), offset(place.end));
        let label =
            Label { file: Arc::clone(file), anchor: Anchor::File, span, text: label.to_owned() };
        let help = format!(
            "a manifest has `name = \"bank\"` and `edition = {EDITION}`, and it may have a table `[test]`"
        );
        Box::new(Diagnostic::error(codes::BAD_MANIFEST, headline, label).with_help(help))
    };
    let manifest: Manifest = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or("it cannot be read").to_owned();
        finding(
            format!("this manifest cannot be used: {message}"),
            error.span().unwrap_or(0..0),
            "here",
        )
    })?;
    if manifest.edition != EDITION {
        let headline = format!("there is no edition {}", manifest.edition);
        let place = text.find("edition").map_or(0..0, |start| start..start + "edition".len());
        return Err(finding(headline, place, "must be 1"));
    }
    if manifest.test.min_coverage.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        let place =
            text.find("min-coverage").map_or(0..0, |start| start..start + "min-coverage".len());
        return Err(finding("a share is between 0 and 100 percent".to_owned(), place, "is not"));
    }
    if manifest.name.trim().is_empty() {
        let place = text.find("name").map_or(0..0, |start| start..start + "name".len());
        return Err(finding("a package needs a name".to_owned(), place, "is empty"));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn headline(text: &str) -> String {
        read(&"guard.toml".into(), text).unwrap_err().headline
    }

    #[test]
    fn a_manifest_has_a_name_and_an_edition() {
        let manifest = read(&"guard.toml".into(), "name = \"bank\"\nedition = 1\n").unwrap();
        let test = TestSettings::default();
        assert_eq!(manifest, Manifest { name: "bank".to_owned(), edition: 1, test });
    }

    #[test]
    fn it_says_what_a_run_of_tests_must_come_to() {
        let text = "name = \"b\"\nedition = 1\n[test]\nmin-coverage = 90.5\nallow-unfired = true\n";
        let settings = read(&"guard.toml".into(), text).unwrap().test;
        assert_eq!(settings.min_coverage, Some(90.5));
        assert!(settings.allow_unfired && !settings.allow_no_tests);
        let wrong = |line| headline(&format!("name = \"b\"\nedition = 1\n[test]\n{line}"));
        assert!(wrong("min-coverage = 101.0").contains("between 0 and 100"));
        assert!(wrong("min-coverage = nan").contains("between 0 and 100"));
        assert!(wrong("coverage = 3").contains("unknown field `coverage`"));
    }

    #[test]
    fn what_it_does_not_know_is_an_error() {
        assert!(headline("name = \"b\"\nedition = 1\nnmae = 2").contains("unknown field `nmae`"));
        assert!(headline("name = \"b\"").contains("missing field `edition`"));
        assert_eq!(headline("name = \"b\"\nedition = 2"), "there is no edition 2");
        assert_eq!(headline("name = \"\"\nedition = 1"), "a package needs a name");
        assert!(headline("name =").starts_with("this manifest cannot be used: "));
    }
}
