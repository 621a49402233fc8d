//! What a match is replaced by: `[{kind}]`, `{mask 4}`, `{pseudonym}`.

use crate::{Pseudonyms, RedactError, limits};
use std::fmt;

/// A template: text with places to be filled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    /// The detector's name.
    Kind,
    /// The match with every letter and digit but the last so many as `*`.
    Mask(usize),
    /// The same for the same match under the same key.
    Pseudonym,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// What is used where a rule says nothing.
    pub const DEFAULT: &'static str = "[{kind}]";

    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > limits::TEMPLATE_BYTES_MAX {
            return Err(TemplateError("the template is too long".to_owned()));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((word, behind)) = after.split_once('}') else {
                return Err(TemplateError("a brace is not closed".to_owned()));
            };
            push_text(&mut parts, before)?;
            parts.push(Part::of(word)?);
            rest = behind;
        }
        push_text(&mut parts, rest)?;
        Ok(Self { parts })
    }

    /// Whether it needs a key.
    pub fn has_pseudonym(&self) -> bool {
        self.parts.contains(&Part::Pseudonym)
    }

    /// What replaces a match.
    pub fn fill(
        &self,
        kind: &str,
        matched: &str,
        pseudonyms: Option<&Pseudonyms>,
    ) -> Result<String, RedactError> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Kind => filled.push_str(kind),
                Part::Mask(kept) => mask(matched, *kept, &mut filled),
                Part::Pseudonym => {
                    let pseudonyms = pseudonyms.ok_or(RedactError::NoPseudonym)?;
                    filled.push_str(&pseudonyms.of(kind, matched)?);
                }
            }
        }
        Ok(filled)
    }
}

impl Part {
    fn of(word: &str) -> Result<Self, TemplateError> {
        match word.trim() {
            "kind" => Ok(Self::Kind),
            "mask" => Ok(Self::Mask(0)),
            "pseudonym" => Ok(Self::Pseudonym),
            word => {
                let kept = word.strip_prefix("mask ").and_then(|kept| kept.trim().parse().ok());
                kept.map(Self::Mask).ok_or_else(|| {
                    let known = "`{kind}`, `{mask}`, `{mask 4}` or `{pseudonym}`";
                    TemplateError(format!("`{{{word}}}` is none of {known}"))
                })
            }
        }
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) -> Result<(), TemplateError> {
    if text.contains('}') {
        return Err(TemplateError("a brace is closed that was not opened".to_owned()));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

/// Never more than half of the letters and digits stay: of a short match the last four would be all.
fn mask(matched: &str, kept: usize, out: &mut String) {
    let all = matched.chars().filter(|c| c.is_alphanumeric()).count();
    let masked = all - kept.min(all / 2);
    let mut seen = 0;
    for c in matched.chars() {
        if !c.is_alphanumeric() {
            out.push(c);
            continue;
        }
        seen += 1;
        out.push(if seen <= masked { '*' } else { c });
    }
}
