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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The package's name.
    pub(crate) name: String,
    /// The edition its files are written in.
    pub(crate) edition: u32,
}

/// Reads a manifest; `file` is how findings call it.
pub(crate) fn read(file: &Arc<str>, text: &str) -> Result<Manifest, Box<Diagnostic>> {
    let finding = |headline: String, place: Range<usize>, label: &str| {
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let span = Span::new(offset(place.start), offset(place.end));
        let label =
            Label { file: Arc::clone(file), anchor: Anchor::File, span, text: label.to_owned() };
        let help = format!("a manifest has two keys: `name = \"bank\"` and `edition = {EDITION}`");
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
        assert_eq!(manifest, Manifest { name: "bank".to_owned(), edition: 1 });
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
