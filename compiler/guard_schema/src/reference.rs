//! Follows `$ref` within one schema. Nothing is ever fetched.

use std::borrow::Cow;

use serde_json::Value;

/// Why a reference leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// It names another document.
    Remote,
    /// It names an anchor (`#person`), not a pointer.
    Anchor,
    /// The pointer leads to nothing.
    Missing,
}

/// The schema that `reference` leads to below `root`.
pub(crate) fn resolve<'a>(root: &'a Value, reference: &str) -> Result<&'a Value, Unresolved> {
    let Some(fragment) = reference.strip_prefix('#') else { return Err(Unresolved::Remote) };
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return Err(Unresolved::Anchor);
    }
    let mut found = root;
    for token in tokens(reference) {
        let next = match found {
            Value::Object(object) => object.get(token.as_ref()),
            Value::Array(array) => token.parse().ok().and_then(|index: usize| array.get(index)),
            _ => None,
        };
        found = next.ok_or(Unresolved::Missing)?;
    }
    Ok(found)
}

/// The tokens of a pointer in a URI fragment, without their escapes.
pub(crate) fn tokens(reference: &str) -> impl Iterator<Item = Cow<'_, str>> {
    reference.split('/').skip(1).map(|token| {
        if !token.contains(['%', '~']) {
            return Cow::Borrowed(token);
        }
        Cow::Owned(percent_decoded(token).replace("~1", "/").replace("~0", "~"))
    })
}

/// What is not a well-formed escape stays as it is, and then names nothing.
fn percent_decoded(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = match (byte, tail) {
            (b'%', [high, low, after @ ..]) => {
                hex_digit(*high).zip(hex_digit(*low)).map(|(h, l)| (h * 16 + l, after))
            }
            _ => None,
        };
        let (decoded, after) = escaped.unwrap_or((byte, tail));
        bytes.push(decoded);
        rest = after;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| token.to_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_followed_with_its_escapes_undone() {
        let schema = json!({"$defs": {"A B": 1, "x/y~z": 2, "List<é>": 3}, "l": [4]});
        assert_eq!(resolve(&schema, "#"), Ok(&schema));
        assert_eq!(resolve(&schema, "#/$defs/A%20B"), Ok(&json!(1)));
        assert_eq!(resolve(&schema, "#/$defs/x~1y~0z"), Ok(&json!(2)));
        assert_eq!(resolve(&schema, "#/$defs/List%3C%C3%A9%3e"), Ok(&json!(3)));
        assert_eq!(resolve(&schema, "#/l/0"), Ok(&json!(4)));
    }

    #[test]
    fn a_reference_out_of_the_schema_leads_nowhere() {
        let schema = json!({"a": [1]});
        assert_eq!(resolve(&schema, "https://example.com/s.json"), Err(Unresolved::Remote));
        assert_eq!(resolve(&schema, ""), Err(Unresolved::Remote));
        assert_eq!(resolve(&schema, "#a"), Err(Unresolved::Anchor));
        for missing in ["#/b", "#/a/1", "#/a/x", "#/a/0/0", "#/", "#/%zz", "#/%", "#/%ff"] {
            assert_eq!(resolve(&schema, missing), Err(Unresolved::Missing), "{missing}");
        }
    }
}
