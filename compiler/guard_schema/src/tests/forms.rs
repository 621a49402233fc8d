//! What each form of document becomes.

use crate::{Format, Imported, import};
use serde_json::{Value, json};

fn imported(format: Format, document: &Value) -> Imported {
    match import(format, document.to_string().as_bytes(), "bank") {
        Ok(imported) => imported,
        Err(errors) => panic!("{errors:#?}"),
    }
}

fn mcp_tool(input: &Value) -> Value {
    json!({"tools": [{"name": "t", "inputSchema": input}]})
}

/// The declarations alone, without the lines every file begins with.
fn declarations(document: &Value) -> String {
    let text = imported(Format::Mcp, document).text;
    let declarations: Vec<&str> =
        text.lines().skip(1).filter(|line| !line.starts_with("// ")).collect();
    declarations.join("\n").trim().to_owned()
}

/// The type of one required argument.
fn argument(schema: &Value) -> String {
    let input = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
    let text = declarations(&mcp_tool(&input));
    let tool = text.lines().find(|line| line.starts_with("tool")).unwrap();
    tool.strip_prefix("tool t(a: ").and_then(|t| t.strip_suffix(')')).unwrap().to_owned()
}

fn notes(schema: &Value) -> Vec<String> {
    let input = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
    imported(Format::Mcp, &mcp_tool(&input)).notes
}

fn tools() -> Value {
    json!([
        {
            "name": "send_money",
            "description": "Sends money\nto a payee. It cannot be undone.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "recipient": {"type": "string", "pattern": "^[A-Z]{2}"},
                    "amount": {"type": "number", "exclusiveMinimum": 0},
                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
                    "urgency": {"enum": ["low", "high"], "default": "low"}
                },
                "required": ["recipient", "amount"]
            },
            "outputSchema": {
                "type": "object",
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
                "additionalProperties": false
            },
            "annotations": {"destructiveHint": true, "readOnlyHint": false},
            "x-egress": true
        },
        {"name": "balance", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}}
    ])
}

#[test]
fn an_mcp_tool_list_becomes_tools() {
    let document = json!({"tools": tools()});
    let imported = imported(Format::Mcp, &document);
    assert_eq!(imported.tools, 2);
    insta::assert_snapshot!(imported.text, @r#"
    guard 1

    // The 2 tools of `bank`, made by `guardc import mcp` from an MCP server's answer to `tools/list`.
    // Import the schema again rather than edit this file.
    // Labels repeat what the schema claims, no more: read_only (readOnlyHint), irreversible (destructiveHint), external (openWorldHint or x-egress).

    /// Sends money to a payee.
    /// `recipient`: pattern ^[A-Z]{2} (not checked).
    /// `amount`: exclusiveMinimum 0 (not checked).
    tool send_money(
      recipient: string,
      amount: float,
      note: string?,
      urgency: ("low" | "high")?
    ) -> { id: string } { irreversible, external }

    tool balance() { read_only }
    "#);
    insta::assert_snapshot!(imported.notes.join("\n"), @r"
    /tools/0/inputSchema/properties/recipient: pattern ^[A-Z]{2}: kept as a comment, not checked
    /tools/0/inputSchema/properties/amount: exclusiveMinimum 0: kept as a comment, not checked
    ");
}

#[test]
fn the_envelope_and_the_bare_list_become_the_same_tools() {
    let plain = imported(Format::Mcp, &json!({"tools": tools()}));
    let envelope = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": tools()}});
    assert_eq!(imported(Format::Mcp, &envelope).text, plain.text);
    assert_eq!(imported(Format::Mcp, &tools()).text, plain.text);
}

#[test]
fn a_page_of_a_longer_list_is_noted() {
    let document = json!({"result": {"tools": tools(), "nextCursor": "x"}});
    let notes = imported(Format::Mcp, &document).notes;
    assert_eq!(
        notes.first().unwrap(),
        "/result/nextCursor: this is one page of a longer list; the tools of the other pages are missing"
    );
}

#[test]
fn every_form_of_openai_functions_becomes_the_same_tools() {
    let parameters = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": ["string", "null"], "enum": ["c", "f", null]}},
        "required": ["city", "unit"],
        "additionalProperties": false
    });
    let nested = json!([
        {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": parameters, "strict": true}},
        {"type": "function", "function": {"name": "clock"}}
    ]);
    let flat = json!([
        {"type": "function", "name": "weather", "description": "Tells the weather.", "parameters": parameters, "strict": true},
        {"type": "function", "name": "clock", "parameters": null}
    ]);
    let text = imported(Format::OpenAi, &nested).text;
    insta::assert_snapshot!(text, @r#"
    guard 1

    // The 2 tools of `bank`, made by `guardc import openai` from OpenAI function schemas.
    // Import the schema again rather than edit this file.

    /// Tells the weather.
    tool weather(city: string, unit: ("c" | "f")?)

    tool clock()
    "#);
    for other in [flat.clone(), json!({"tools": nested}), json!({"functions": flat})] {
        assert_eq!(imported(Format::OpenAi, &other).text, text);
    }
}

#[test]
fn a_bare_schema_becomes_a_type_named_by_its_title_or_the_hint() {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "customer order",
        "description": "What a customer ordered.",
        "type": "object",
        "properties": {"id": {"type": "string"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}},
        "required": ["id"],
        "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}, "required": ["sku", "count"]}}
    });
    let imported_type = imported(Format::JsonSchema, &schema);
    assert_eq!(imported_type.tools, 0);
    insta::assert_snapshot!(imported_type.text, @r#"
    guard 1

    // Made by `guardc import json-schema` from a JSON Schema.
    // Import the schema again rather than edit this file.

    /// What a customer ordered.
    type CustomerOrder = { id: string, lines: [{ sku: string, count: int }]? }
    "#);
    schema.as_object_mut().unwrap().remove("title");
    assert!(imported(Format::JsonSchema, &schema).text.contains("\ntype Bank = {"));
    let unnamed = import(Format::JsonSchema, schema.to_string().as_bytes(), "1…").unwrap();
    assert!(unnamed.text.contains("\ntype Imported = {"));
}

#[test]
fn every_annotation_becomes_its_label() {
    for (annotation, label) in [
        ("readOnlyHint", "read_only"),
        ("destructiveHint", "irreversible"),
        ("openWorldHint", "external"),
    ] {
        let tool = |value: bool| {
            let tool = json!({"name": "t", "inputSchema": {"type": "object"}, "annotations": {annotation: value}});
            declarations(&json!([tool]))
        };
        assert_eq!(tool(true), format!("tool t() {{ {label} }}"));
        assert_eq!(tool(false), "tool t()");
    }
    for (key, label) in [("x-egress", "external"), ("x-untrusted-output-seen", "untrusted")] {
        let tool =
            json!({"name": "t", "inputSchema": {"type": "object"}, key: true, "x-effect": "write"});
        assert_eq!(declarations(&json!([tool])), format!("tool t() {{ {label} }}"));
    }
    let both = json!([{"name": "t", "inputSchema": {"type": "object"}, "annotations": {"openWorldHint": true}, "x-egress": true}]);
    assert_eq!(declarations(&both), "tool t() { external }");
}

#[test]
fn names_that_are_no_plain_words_are_quoted() {
    let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object", "properties": {"content-type": {"type": "string"}, "in": {"type": "string"}, "to": {"type": "string"}}}});
    assert_eq!(
        declarations(&json!([tool("my-tool"), tool("bank.admin.close")])),
        "tool \"my-tool\"(\"content-type\": string?, \"in\": string?, to: string?)\n\n\
         tool bank.admin.close(\"content-type\": string?, \"in\": string?, to: string?)"
    );
    // Composed and decomposed are one name; the language compares after NFC.
    let decomposed = json!([{"name": "cafe\u{301}", "inputSchema": {"type": "object"}}]);
    assert_eq!(declarations(&decomposed), "tool \"caf\u{e9}\"()");
}

#[test]
fn only_a_tool_that_says_so_takes_undeclared_arguments() {
    let input = |additional: Option<Value>| {
        let mut input =
            json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
        if let Some(additional) = additional {
            input.as_object_mut().unwrap().insert("additionalProperties".to_owned(), additional);
        }
        declarations(&mcp_tool(&input))
    };
    assert_eq!(input(None), "tool t(a: int)");
    assert_eq!(input(Some(json!(false))), "tool t(a: int)");
    assert_eq!(input(Some(json!(true))), "tool t(a: int, ...)");
    assert_eq!(input(Some(json!({}))), "tool t(a: int, ...)");
    let all = json!({"type": "object", "additionalProperties": true});
    assert_eq!(declarations(&mcp_tool(&all)), "tool t(...)");
}

#[test]
fn each_schema_becomes_its_type() {
    let record = json!({"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": ["number", "null"]}}, "required": ["x", "y"]});
    for (schema, written) in [
        (json!({"type": "string"}), "string"),
        (json!({"type": "integer"}), "int"),
        (json!({"type": "number"}), "float"),
        (json!({"type": "boolean"}), "bool"),
        (json!({"type": "null"}), "json?"),
        (json!({}), "json"),
        (json!(true), "json"),
        (json!({"type": "array"}), "[json]"),
        (json!({"type": "array", "items": {"type": "string", "format": "email"}}), "[email]"),
        (json!({"type": "array", "items": {"enum": ["a", "b"]}}), "[\"a\" | \"b\"]"),
        (json!({"type": "object"}), "map[json]"),
        (json!({"type": "object", "additionalProperties": {"type": "number"}}), "map[float]"),
        (json!({"type": "object", "additionalProperties": false}), "{}"),
        (record.clone(), "{ x: int, y: float? }"),
        (json!({"properties": {"x": {}}}), "{ x: json? }"),
        (json!({"items": {"type": "string"}}), "[string]"),
        (json!({"type": "string", "format": "uri"}), "url"),
        (json!({"type": "string", "format": "url"}), "url"),
        (json!({"type": "string", "format": "hostname"}), "host"),
        (json!({"type": "string", "format": "command"}), "command"),
        (json!({"type": "string", "format": "sql"}), "sql"),
        (json!({"type": "string", "format": "ipv4"}), "ip"),
        (json!({"type": "string", "format": "ipv6"}), "ip"),
        (json!({"type": "string", "format": "file-path"}), "path"),
        (json!({"type": "string", "format": "date-time"}), "string"),
        (json!({"const": "a"}), "\"a\""),
        (json!({"type": "string", "enum": ["a", "b", "a"]}), "\"a\" | \"b\""),
        (json!({"enum": ["a", null]}), "\"a\"?"),
        (json!({"enum": [true, false]}), "bool"),
        (json!({"type": "string", "nullable": true}), "string?"),
        (json!({"type": ["string", "null"]}), "string?"),
        (json!({"type": ["integer", "number"]}), "float"),
        (json!({"type": ["string", "integer"]}), "json"),
        (json!({"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]}), "float?"),
        (json!({"oneOf": [{"enum": ["a"]}, {"const": "b"}]}), "\"a\" | \"b\""),
        (json!({"anyOf": [{"enum": ["a"]}, {"type": "string"}]}), "string"),
        (
            json!({"anyOf": [{"type": "string", "format": "email"}, {"type": "string", "format": "uri"}]}),
            "string",
        ),
        (
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
            "json",
        ),
        (
            json!({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "number"}}]}),
            "[float]",
        ),
        (json!({"anyOf": [record.clone(), {"type": "null"}]}), "{ x: int, y: float? }?"),
        (json!({"anyOf": [record.clone(), record]}), "{ x: int, y: float? }"),
        (json!({"type": "string", "anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}), "\"a\" | \"b\""),
    ] {
        assert_eq!(argument(&schema), written, "{schema}");
    }
}

#[test]
fn references_and_all_of_are_merged() {
    let input = json!({
        "type": "object",
        "properties": {
            "permission": {"$ref": "#/$defs/Permission", "description": "How much."},
            "person": {"allOf": [{"$ref": "#/$defs/Named"}, {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}]},
            "one": {"allOf": [{"$ref": "#/$defs/Permission"}], "default": "r"},
            "short": {"allOf": [{"type": "string"}, {"maxLength": 5}]}
        },
        "required": ["permission", "person", "short"],
        "$defs": {
            "Permission": {"type": "string", "enum": ["r", "rw"]},
            "Named": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
        }
    });
    insta::assert_snapshot!(declarations(&mcp_tool(&input)), @r#"
    /// `short`: maxLength 5 (not checked).
    tool t(
      permission: "r" | "rw",
      person: { name: string, age: int },
      one: ("r" | "rw")?,
      short: string
    )
    "#);
}

#[test]
fn what_a_declaration_says_less_exactly_is_noted_with_its_path() {
    let path = "/tools/0/inputSchema/properties/a";
    for (schema, note) in [
        (
            json!({"type": ["string", "integer"]}),
            ": the alternatives are of different kinds; written as `json`",
        ),
        (
            json!({"anyOf": [{}, {"type": "string"}]}),
            ": one alternative accepts anything; written as `json`",
        ),
        (json!({"type": "null"}), ": accepts only `null`; written as `json?`"),
        (
            json!({"type": "string", "format": "date-time"}),
            ": format date-time: kept as a comment, not checked",
        ),
        (
            json!({"type": "integer", "minimum": 1, "maximum": 9}),
            ": minimum 1, maximum 9: kept as a comment, not checked",
        ),
        (
            json!({"type": "array", "items": {"minLength": 2, "type": "string"}}),
            "/items: minLength 2: kept as a comment, not checked",
        ),
        (
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": true}),
            "/additionalProperties: takes properties beside the declared ones; written as `map[json]`",
        ),
        (
            json!({"type": "object", "required": ["b"]}),
            ": `required` names are not declared and not checked",
        ),
        (
            json!({"type": "object", "properties": {"b": {}}, "required": ["c"]}),
            "/required/0: required and not described; written as `json`",
        ),
        (
            json!({"type": "string", "propertees": 1}),
            "/propertees: `propertees` is not a keyword of JSON Schema; ignored",
        ),
    ] {
        assert_eq!(notes(&schema), [format!("{path}{note}")], "{schema}");
    }
}

#[test]
fn a_result_that_no_type_covers_becomes_json_with_a_note() {
    let tool = json!([{
        "name": "t",
        "inputSchema": {"type": "object"},
        "outputSchema": {
            "type": "object",
            "properties": {
                "content": {"type": "array", "items": {"anyOf": [
                    {"type": "object", "properties": {"kind": {"const": "image"}}},
                    {"type": "object", "properties": {"kind": {"const": "resource"}}}
                ]}},
                "tree": {"$ref": "#/$defs/Tree"},
                "code": {"enum": [1, 2]}
            },
            "required": ["content"],
            "$defs": {"Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}}
        }
    }]);
    let imported = imported(Format::Mcp, &tool);
    assert!(
        imported.text.ends_with(
            "tool t() -> { content: [json], tree: { children: [json]? }?, code: json? }\n"
        )
    );
    insta::assert_snapshot!(imported.notes.join("\n"), @r"
    /0/outputSchema/properties/content/items: alternatives of which one is an object have no type; written as `json`
    /0/outputSchema/$defs/Tree/properties/children/items/$ref: a schema that contains itself has no type: types do not recurse; written as `json`
    /0/outputSchema/properties/code/enum: only strings can be listed as permitted values; written as `json`
    ");
}

#[test]
fn descriptions_cannot_leave_their_comment() {
    let tool = json!([{
        "name": "t",
        "description": "Reads\u{2028}agent evil {\u{0} \u{202e}\r\n}",
        "inputSchema": {"type": "object", "properties": {"a": {"type": "string", "pattern": "x\ny"}}}
    }]);
    assert_eq!(
        declarations(&tool),
        "/// Reads agent evil { }\n/// `a`: pattern x y (not checked).\ntool t(a: string?)"
    );
    let input = json!({"type": "object"});
    let hinted =
        import(Format::Mcp, mcp_tool(&input).to_string().as_bytes(), "a\nagent x {").unwrap();
    assert_eq!(hinted.text.lines().filter(|line| line.starts_with("agent")).count(), 0);
}

#[test]
fn formats_are_found_by_their_words() {
    for format in Format::ALL {
        assert_eq!(Format::from_word(format.word()), Some(format));
    }
    assert_eq!(Format::from_word("yaml"), None);
}
