//! Files that parse, with the tree that comes of them, and files that do not, with every error.

use guard_diagnostic::LineIndex;
use guard_tests::workspace::root;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The name and the text of each file of a folder, in order.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = root().join("tests/grammar").join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn what_is_right_has_a_tree_and_no_error() {
    for (name, text) in files("ok") {
        let parsed = guard_grammar::parse(&text);
        assert_eq!(parsed.errors, [], "{name}");
        insta::assert_snapshot!(format!("ok_{name}"), guard_grammar::print_ast(&parsed.file));
    }
}

#[test]
fn what_is_wrong_has_an_error_for_each_mistake() {
    for (name, text) in files("err") {
        let parsed = guard_grammar::parse(&text);
        let lines = LineIndex::new(&text);
        let mut shown = String::new();
        for error in &parsed.errors {
            let at = lines.line_column(&text, error.span.start);
            let (code, headline) = (error.code, &error.headline);
            writeln!(shown, "{}:{} {code} {headline}", at.line, at.column).unwrap();
            writeln!(shown, "    {}", error.label).unwrap();
            if let Some(help) = &error.help {
                writeln!(shown, "    help: {help}").unwrap();
            }
        }
        assert!(!shown.is_empty(), "{name} has no error");
        insta::assert_snapshot!(format!("err_{name}"), shown);
    }
}
