//! What is refused, by which code, and at which place in the schema.

use std::collections::BTreeSet;

use crate::codes::{self, CODES};
use crate::{Format, import};
use serde_json::{Value, json};

fn refusals(format: Format, document: &str) -> Vec<(&'static str, String)> {
    let errors = import(format, document.as_bytes(), "bank").unwrap_err();
    for error in &errors {
        assert!(CODES.iter().any(|(code, _)| *code == error.code), "{error}");
        assert!(!error.message.contains(char::is_control), "{error}");
    }
    errors.into_iter().map(|error| (error.code, error.schema_path)).collect()
}

/// What is refused of one argument, with paths from the argument's schema.
fn refused_argument(schema: &Value) -> Vec<(&'static str, String)> {
    let definitions = json!({"Loop": {"type": "array", "items": {"$ref": "#/$defs/Loop"}}});
    let input = json!({"type": "object", "properties": {"a": schema}, "$defs": definitions});
    let document = json!([{"name": "t", "inputSchema": input}]).to_string();
    let short = |path: String| {
        path.strip_prefix("/0/inputSchema/properties/a").map_or(path.clone(), str::to_owned)
    };
    refusals(Format::Mcp, &document).into_iter().map(|(code, path)| (code, short(path))).collect()
}

#[test]
fn every_constraint_that_would_be_lost_is_refused_at_its_place() {
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    for (schema, code, path) in [
        (json!({"not": {"type": "string"}}), codes::INEXPRESSIBLE, "/not"),
        (json!({"if": {}}), codes::INEXPRESSIBLE, "/if"),
        (
            json!({"type": "object", "patternProperties": {}}),
            codes::INEXPRESSIBLE,
            "/patternProperties",
        ),
        (json!({"type": "object", "propertyNames": {}}), codes::INEXPRESSIBLE, "/propertyNames"),
        (
            json!({"type": "object", "dependentRequired": {}}),
            codes::INEXPRESSIBLE,
            "/dependentRequired",
        ),
        (json!({"type": "object", "dependencies": {}}), codes::INEXPRESSIBLE, "/dependencies"),
        (
            json!({"type": "object", "unevaluatedProperties": false}),
            codes::INEXPRESSIBLE,
            "/unevaluatedProperties",
        ),
        (json!({"type": "array", "prefixItems": []}), codes::INEXPRESSIBLE, "/prefixItems"),
        (json!({"type": "array", "items": [{}, {}]}), codes::INEXPRESSIBLE, "/items"),
        (json!({"type": "array", "items": false}), codes::INEXPRESSIBLE, "/items"),
        (json!({"type": "array", "contains": {}}), codes::INEXPRESSIBLE, "/contains"),
        (json!({"$dynamicRef": "#x"}), codes::INEXPRESSIBLE, "/$dynamicRef"),
        (json!({"$id": "x", "type": "string"}), codes::INEXPRESSIBLE, "/$id"),
        (json!(false), codes::INEXPRESSIBLE, ""),
        (
            json!({"type": "object", "properties": {"b": {}}, "additionalProperties": {"type": "string"}}),
            codes::INEXPRESSIBLE,
            "/additionalProperties",
        ),
        (json!({"$ref": "https://example.com/s.json"}), codes::BAD_REFERENCE, "/$ref"),
        (json!({"$ref": "#/$defs/Missing"}), codes::BAD_REFERENCE, "/$ref"),
        (json!({"$ref": "#anchor"}), codes::BAD_REFERENCE, "/$ref"),
        (json!({"$ref": "#/$defs/Loop"}), codes::RECURSIVE, "/0/inputSchema/$defs/Loop/items/$ref"),
        (json!({"$ref": "#"}), codes::RECURSIVE, "/$ref"),
        (json!({"anyOf": [object(json!({"b": {}})), {"type": "string"}]}), codes::BAD_UNION, ""),
        (
            json!({"oneOf": [object(json!({"b": {}})), object(json!({"c": {}}))]}),
            codes::BAD_UNION,
            "",
        ),
        (json!({"type": ["object", "string"]}), codes::BAD_UNION, ""),
        (
            json!({"type": "object", "properties": {"b": {}}, "anyOf": [{"required": ["b"]}]}),
            codes::BAD_UNION,
            "/anyOf",
        ),
        (
            json!({"type": "string", "anyOf": [{"type": "integer"}]}),
            codes::BAD_UNION,
            "/anyOf/0/type",
        ),
        (json!({"anyOf": [{}], "oneOf": [{"type": "string"}]}), codes::BAD_ALL_OF, "/oneOf"),
        (json!({"type": "integer", "enum": [1, 2]}), codes::BAD_ENUM, "/enum"),
        (json!({"enum": ["a", 1]}), codes::BAD_ENUM, "/enum"),
        (json!({"enum": [true]}), codes::BAD_ENUM, "/enum"),
        (json!({"const": 5}), codes::BAD_ENUM, "/const"),
        (json!({"const": {"a": 1}}), codes::BAD_ENUM, "/const"),
        (
            json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
            codes::BAD_ALL_OF,
            "/allOf/1/type",
        ),
        (
            json!({"allOf": [object(json!({"b": {"type": "string"}})), object(json!({"b": {}}))]}),
            codes::BAD_ALL_OF,
            "/allOf/1/properties/b",
        ),
        (
            json!({"allOf": [{"properties": {"b": {}}, "additionalProperties": false}, object(json!({"c": {}}))]}),
            codes::BAD_ALL_OF,
            "/allOf/0/additionalProperties",
        ),
        (
            json!({"allOf": [{"format": "email"}, {"type": "string", "format": "uri"}]}),
            codes::BAD_ALL_OF,
            "/allOf/1/format",
        ),
        (json!({"enum": []}), codes::MALFORMED_SCHEMA, "/enum"),
        (json!({"type": "integer", "enum": ["a"]}), codes::MALFORMED_SCHEMA, "/enum"),
        (json!({"enum": ["a"], "const": "b"}), codes::MALFORMED_SCHEMA, "/const"),
        (json!({"type": "text"}), codes::MALFORMED_SCHEMA, "/type"),
        (json!({"type": []}), codes::MALFORMED_SCHEMA, "/type"),
        (json!({"type": 3}), codes::MALFORMED_SCHEMA, "/type"),
        (json!({"anyOf": []}), codes::MALFORMED_SCHEMA, "/anyOf"),
        (json!({"oneOf": {}}), codes::MALFORMED_SCHEMA, "/oneOf"),
        (json!({"allOf": {}}), codes::MALFORMED_SCHEMA, "/allOf"),
        (json!({"$ref": 1}), codes::MALFORMED_SCHEMA, "/$ref"),
        (json!({"properties": []}), codes::MALFORMED_SCHEMA, "/properties"),
        (
            json!({"type": "object", "properties": {"b": {}}, "required": true}),
            codes::MALFORMED_SCHEMA,
            "/required",
        ),
        (
            json!({"type": "object", "properties": {"b": {}}, "required": [1]}),
            codes::MALFORMED_SCHEMA,
            "/required/0",
        ),
        (json!("string"), codes::MALFORMED_SCHEMA, ""),
        (object(json!({"": {}})), codes::BAD_NAME, "/properties/"),
        (object(json!({"a\u{0}": {}})), codes::BAD_NAME, "/properties/a\\u{0}"),
        (object(json!({"a\u{202e}": {}})), codes::BAD_NAME, "/properties/a\\u{202e}"),
        (object(json!({"\u{e9}": {}, "e\u{301}": {}})), codes::LOOK_ALIKE, "/properties/e\u{301}"),
    ] {
        assert_eq!(refused_argument(&schema), [(code, path.to_owned())], "{schema}");
    }
}

#[test]
fn a_tool_input_is_a_record_of_arguments() {
    for (input, code, path) in [
        (json!({"type": "string"}), codes::INPUT_NOT_A_RECORD, "/type"),
        (json!({"type": ["object", "null"]}), codes::INPUT_NOT_A_RECORD, "/type"),
        (
            json!({"type": "object", "anyOf": [{"required": ["a"]}]}),
            codes::INPUT_NOT_A_RECORD,
            "/anyOf",
        ),
        (json!(true), codes::INPUT_NOT_A_RECORD, ""),
        (json!(null), codes::MALFORMED_SCHEMA, ""),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            codes::INEXPRESSIBLE,
            "/additionalProperties",
        ),
        (
            json!({"type": "object", "properties": {"to": {}, "To": {}}}),
            codes::LOOK_ALIKE,
            "/properties/To",
        ),
    ] {
        let document = json!([{"name": "t", "inputSchema": input}]).to_string();
        let path = format!("/0/inputSchema{path}");
        assert_eq!(refusals(Format::Mcp, &document), [(code, path)], "{input}");
    }
}

#[test]
fn tools_must_have_names_that_nobody_mistakes() {
    let named = |names: &[&str]| {
        let input = json!({"type": "object"});
        let tools: Vec<Value> =
            names.iter().map(|name| json!({"name": name, "inputSchema": input})).collect();
        refusals(Format::Mcp, &json!({"tools": tools}).to_string())
    };
    let long = "x".repeat(257);
    for bad in ["", "a\u{0}b", "a\nb", "a\u{200b}b", "\u{feff}a", long.as_str()] {
        assert_eq!(named(&[bad]), [(codes::BAD_NAME, "/tools/0/name".to_owned())], "{bad:?}");
    }
    for (first, second) in [
        ("send", "send"),
        ("send", "Send"),
        ("send", "sеnd"),
        ("read_file", "read_fi1e"),
        ("caf\u{e9}", "cafe\u{301}"),
    ] {
        assert_eq!(named(&[first, second]), [(codes::LOOK_ALIKE, "/tools/1/name".to_owned())]);
    }
}

#[test]
fn a_document_of_another_form_is_refused() {
    let mcp = |document: Value| refusals(Format::Mcp, &document.to_string());
    let open_ai = |document: Value| refusals(Format::OpenAi, &document.to_string());
    let at = |path: &str| [(codes::WRONG_FORM, path.to_owned())];
    assert_eq!(mcp(json!({"error": {"code": -1}})), at(""));
    assert_eq!(mcp(json!("tools")), at(""));
    assert_eq!(mcp(json!({"tools": {}})), at("/tools"));
    assert_eq!(mcp(json!({"result": {}})), at("/result"));
    assert_eq!(mcp(json!([3])), at("/0"));
    assert_eq!(mcp(json!([{"name": "t"}])), at("/0"));
    assert_eq!(mcp(json!([{"inputSchema": {}}])), at("/0/name"));
    assert_eq!(mcp(json!([{"name": 1, "inputSchema": {}}])), at("/0/name"));
    assert_eq!(
        mcp(json!([{"name": "t", "inputSchema": {}, "description": 1}])),
        at("/0/description")
    );
    assert_eq!(
        mcp(json!([{"name": "t", "inputSchema": {}, "annotations": []}])),
        at("/0/annotations")
    );
    assert_eq!(
        mcp(json!([{"name": "t", "inputSchema": {}, "annotations": {"destructiveHint": "yes"}}])),
        at("/0/annotations/destructiveHint")
    );
    assert_eq!(open_ai(json!([{"type": "web_search"}])), at("/0/type"));
    assert_eq!(open_ai(json!([{"type": "function", "function": []}])), at("/0/function"));
    assert_eq!(open_ai(json!([{"type": "function", "function": {}}])), at("/0/function/name"));
    let nothing = |path: &str| [(codes::NOTHING_DECLARED, path.to_owned())];
    assert_eq!(mcp(json!({"tools": []})), nothing("/tools"));
    assert_eq!(refusals(Format::JsonSchema, "{}"), nothing(""));
    assert_eq!(refusals(Format::JsonSchema, "[]"), [(codes::MALFORMED_SCHEMA, String::new())]);
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_document() {
    let document = json!({"tools": [
        {"name": "a", "inputSchema": {"type": "object", "properties": {
            "x": {"not": {}, "anyOf": [{"type": "text"}, {"const": 1}]},
            "y": {"type": "array", "items": {"$ref": "#/nowhere"}}
        }}},
        {"name": "A", "inputSchema": {"type": "object", "allOf": [{"if": {}}], "properties": {"z": {"enum": [1]}}}},
        {"inputSchema": {"type": "object"}}
    ]});
    let paths: Vec<String> =
        refusals(Format::Mcp, &document.to_string()).into_iter().map(|(_, path)| path).collect();
    assert_eq!(
        paths,
        [
            "/tools/0/inputSchema/properties/x/not",
            "/tools/0/inputSchema/properties/x/anyOf/0/type",
            "/tools/0/inputSchema/properties/x/anyOf/1/const",
            "/tools/0/inputSchema/properties/y/items/$ref",
            "/tools/1/name",
            "/tools/1/inputSchema/allOf/0/if",
            "/tools/1/inputSchema/properties/z/enum",
            "/tools/2/name",
        ]
    );
}

#[test]
fn definitions_that_double_at_every_level_are_refused() {
    for combine in ["properties", "allOf", "anyOf"] {
        let mut definitions = serde_json::Map::new();
        for level in 0..40 {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            let schema = match combine {
                "properties" => json!({"type": "object", "properties": {"l": next, "r": next}}),
                _ => json!({combine: [next, next]}),
            };
            definitions.insert(format!("d{level}"), schema);
        }
        definitions.insert("d40".to_owned(), json!({"type": "string"}));
        let input = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions});
        let document = json!([{"name": "t", "inputSchema": input}]).to_string();
        let codes: BTreeSet<&str> =
            refusals(Format::Mcp, &document).into_iter().map(|(code, _)| code).collect();
        let expected =
            if combine == "properties" { codes::EXPANDS_TOO_FAR } else { codes::TOO_DEEP };
        assert!(codes.contains(expected) || codes.contains(codes::EXPANDS_TOO_FAR), "{codes:?}");
    }
}

#[test]
fn a_long_chain_of_references_is_too_deep_and_nothing_worse() {
    let mut definitions = serde_json::Map::new();
    for level in 0..20_000 {
        definitions.insert(format!("d{level}"), json!({"$ref": format!("#/$defs/d{}", level + 1)}));
    }
    let input = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions});
    let document = json!([{"name": "t", "inputSchema": input}]).to_string();
    assert_eq!(refusals(Format::Mcp, &document).first().unwrap().0, codes::TOO_DEEP);
}

#[test]
fn thousands_of_errors_are_counted_and_not_all_listed() {
    let tools: Vec<Value> = (0..3_000).map(|_| json!({"inputSchema": {}})).collect();
    let found = refusals(Format::Mcp, &Value::from(tools).to_string());
    assert_eq!(found.len(), 501);
    assert_eq!(found.last().unwrap(), &(codes::MORE_ERRORS, String::new()));
}

#[test]
fn bytes_that_are_no_json_are_refused_in_every_format() {
    let brackets = "[".repeat(1_000_000);
    for format in Format::ALL {
        for bytes in [&b""[..], b"{\"tools\": [", b"\xff\xfe", b"\"\\ud800\"", brackets.as_bytes()]
        {
            assert_eq!(import(format, bytes, "bank").unwrap_err().len(), 1);
        }
        let twice = br#"{"tools": [{"name": "a", "name": "b", "inputSchema": {}}]}"#;
        let errors = import(format, twice, "bank").unwrap_err();
        assert_eq!(errors.first().unwrap().schema_path, "/tools/0/name");
    }
}

#[test]
fn a_document_cut_or_changed_anywhere_gives_a_result_and_no_panic() {
    let document = json!({"tools": [{
        "name": "t",
        "description": "Sends it. Now.",
        "annotations": {"readOnlyHint": true},
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"anyOf": [{"enum": ["x", null]}, {"type": ["string", "integer"]}]}},
            "required": ["a"],
            "allOf": [{"additionalProperties": true}],
            "$defs": {"A": {"type": "array", "items": {"type": "string", "format": "email", "maxLength": 5}}}
        },
        "outputSchema": {"not": {}}
    }]})
    .to_string()
    .into_bytes();
    assert!(import(Format::Mcp, &document, "bank").is_ok());
    for at in 0..document.len() {
        let (start, _) = document.split_at(at);
        assert!(import(Format::Mcp, start, "bank").is_err());
        for byte in [b'"', b'{', b']', b'0', b',', b'#', b'\\', b' ', 0, 0xff] {
            let mut changed = document.clone();
            changed[at] = byte;
            for format in Format::ALL {
                let first = import(format, &changed, "bank");
                assert_eq!(first, import(format, &changed, "bank"));
            }
        }
    }
}

#[test]
fn codes_are_distinct_and_in_order() {
    let codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let sorted: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes, sorted.into_iter().collect::<Vec<_>>());
    assert!(codes.iter().all(|code| code.starts_with("G07") && code.len() == 5));
}
