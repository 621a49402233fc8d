//! Reads JSON that an import may trust: no key twice, a bounded depth and size.
//!
//! `serde_json` alone keeps the last of two equal keys, so a reviewer and the guard could read two
//! different schemas in one file.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::site::{DEPTH_MAX, shown_token};
use crate::{ImportError, codes, text};

/// 16 MiB: a thousand times the largest tool list seen.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Reads a whole document.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Vec<ImportError>> {
    if bytes.len() > BYTES_MAX {
        return Err(vec![ImportError {
            code: codes::TOO_LARGE,
            schema_path: String::new(),
            message: format!("{} bytes are more than the {BYTES_MAX} an import reads", bytes.len()),
            help: Some("import the tools in several files".to_owned()),
        }]);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = ValueSeed { reader: &mut reader }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    match value {
        Ok(value) if reader.duplicates.is_empty() => Ok(value),
        Ok(_) => Err(reader.duplicates),
        Err(error) => {
            reader.duplicates.push(reader.too_deep.take().unwrap_or_else(|| not_json(&error)));
            Err(reader.duplicates)
        }
    }
}

fn not_json(error: &serde_json::Error) -> ImportError {
    ImportError {
        code: codes::NOT_JSON,
        schema_path: String::new(),
        message: format!("not JSON: {}", text::one_line(&error.to_string(), 200)),
        help: None,
    }
}

/// Where the reader is and what it has found wrong.
#[derive(Debug, Default)]
struct Reader {
    /// The pointer's tokens, ready to print; as many as we are deep.
    path: Vec<String>,
    duplicates: Vec<ImportError>,
    too_deep: Option<ImportError>,
}

impl Reader {
    fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |pointer, token| pointer + "/" + token)
    }

    fn enter<E: Error>(&mut self, token: String) -> Result<(), E> {
        self.path.push(token);
        if self.path.len() <= DEPTH_MAX {
            return Ok(());
        }
        self.too_deep = Some(ImportError {
            code: codes::TOO_DEEP,
            schema_path: self.pointer(),
            message: format!("nested deeper than {DEPTH_MAX} levels"),
            help: None,
        });
        Err(E::custom("nested too deeply"))
    }

    fn report_duplicate(&mut self, key: &str) {
        const LISTED_MAX: usize = 100;
        if self.duplicates.len() >= LISTED_MAX {
            return;
        }
        let token = shown_token(key);
        self.duplicates.push(ImportError {
            code: codes::DUPLICATE_KEY,
            schema_path: format!("{}/{token}", self.pointer()),
            message: format!("the key `{token}` stands twice in one object"),
            help: Some("readers differ in which of the two they take; remove one".to_owned()),
        });
    }
}

struct ValueSeed<'r> {
    reader: &'r mut Reader,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let reader = self.reader;
        let mut array = Vec::new();
        loop {
            reader.enter(array.len().to_string())?;
            let element = elements.next_element_seed(ValueSeed { reader: &mut *reader })?;
            reader.path.pop();
            match element {
                Some(element) => array.push(element),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let reader = self.reader;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                reader.report_duplicate(&key);
            }
            reader.enter(shown_token(&key))?;
            let value = entries.next_value_seed(ValueSeed { reader: &mut *reader })?;
            reader.path.pop();
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(bytes: &[u8]) -> Vec<(&'static str, String)> {
        let errors = read(bytes).unwrap_err();
        errors.into_iter().map(|error| (error.code, error.schema_path)).collect()
    }

    #[test]
    fn keys_that_stand_twice_are_all_named() {
        assert_eq!(
            errors(br#"{"a": [{"b": 1, "b": 2}], "a": 3, "x/\u0000": 1, "x/\u0000": {}}"#),
            [
                (codes::DUPLICATE_KEY, "/a/0/b".to_owned()),
                (codes::DUPLICATE_KEY, "/a".to_owned()),
                (codes::DUPLICATE_KEY, "/x~1\\u{0}".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_not_json_is_one_error() {
        let root = String::new();
        for bytes in
            [&b""[..], b"{", b"{\"a\":", b"\"\xff\"", b"[1,]", b"{} {}", b"nul", b"\0", b"[1e999]"]
        {
            assert_eq!(errors(bytes), [(codes::NOT_JSON, root.clone())], "{bytes:?}");
        }
    }

    #[test]
    fn ten_megabytes_of_brackets_are_too_deep_and_nothing_worse() {
        for open in ["[", "{\"a\":"] {
            let found = errors(open.repeat(10_000_000 / open.len()).as_bytes());
            assert_eq!(found.first().unwrap().0, codes::TOO_DEEP);
            assert_eq!(found.len(), 1);
        }
    }

    #[test]
    fn more_than_sixteen_mebibytes_are_not_read() {
        assert_eq!(errors(&vec![b' '; BYTES_MAX + 1]), [(codes::TOO_LARGE, String::new())]);
    }

    #[test]
    fn depth_is_counted_exactly() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(errors(nested(DEPTH_MAX + 1).as_bytes()).first().unwrap().0, codes::TOO_DEEP);
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_and_key_order_is_kept() {
        let value =
            read(b"\xef\xbb\xbf{\"b\": -1, \"a\": 1.5, \"c\": 18446744073709551616}").unwrap();
        let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["b", "a", "c"]);
    }
}
