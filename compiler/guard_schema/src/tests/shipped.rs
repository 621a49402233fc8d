//! The tool lists that the project is measured with all import. They are not part of the checkout.

use std::path::Path;

use crate::{Format, import};

#[test]
#[expect(clippy::print_stderr, reason = "a test that did not run has to say so")]
fn every_shipped_tool_list_imports() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/traces/schemas"));
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("SKIPPED: every_shipped_tool_list_imports: {} is absent", folder.display());
        return;
    };
    let mut imported_files = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let first = import(Format::Mcp, &bytes, name);
        let imported = first.unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        let listed: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(Some(imported.tools), listed["tools"].as_array().map(Vec::len), "{name}");
        assert_eq!(import(Format::Mcp, &bytes, name), Ok(imported), "{name}: the same every time");
        imported_files += 1;
    }
    assert!(imported_files > 0, "{} has no tool list", folder.display());
}
