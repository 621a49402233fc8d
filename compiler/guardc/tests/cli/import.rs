//! `guardc import`.

use crate::Folder;

const TOOLS: &str = r#"{"tools": [{"name": "pay", "inputSchema":
    {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}}]}"#;

#[test]
fn a_schema_becomes_a_module() {
    let folder = Folder::new("import").with("tools.json", TOOLS);
    folder.run(&["import", "mcp", "tools.json", "-o", "tools/bank.guard"]).expect_code(0);
    let module = folder.read("tools/bank.guard");
    assert!(module.starts_with("guard 1") && module.contains("tool pay("), "{module}");
    let printed = folder.run_with_input(&["import", "mcp", "-", "-o", "-"], TOOLS).expect_code(0);
    assert!(printed.out.contains("tool pay("), "{}", printed.out);
}

#[test]
fn what_cannot_be_expressed_is_refused_at_its_place() {
    let folder = Folder::new("refuse")
        .with("tools.json", TOOLS.replace("\"string\"", "\"strnig\""))
        .with("old.guard", "guard 1\n");
    let arguments = ["import", "mcp", "tools.json", "-o", "old.guard"];
    folder
        .run(&arguments)
        .expect_code(3)
        .expect_out("error[G07")
        .expect_out("/tools/0/inputSchema/properties/to");
    assert_eq!(folder.read("old.guard"), "guard 1\n");
    let json = folder.run(&[&arguments[..], &["--format", "json"]].concat()).expect_code(3).out;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let path = document["findings"][0]["schema_path"].as_str().unwrap();
    assert!(path.starts_with("/tools/0/inputSchema/properties/to"), "{path}");
}

#[test]
fn a_schema_that_is_not_there_is_code_1() {
    Folder::new("no-schema").run(&["import", "mcp", "x.json", "-o", "x.guard"]).expect_code(1);
}
