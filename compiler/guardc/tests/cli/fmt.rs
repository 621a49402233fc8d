//! `guardc fmt`.

use crate::Folder;

const UGLY: &str = "guard 1\nagent  a{prohibit input when text==\"x\" // why\n}\n";
const FINE: &str = "guard 1\n\nagent a {\n  prohibit input when text == \"x\"  // why\n}\n";

#[test]
fn files_are_formatted_in_their_place() {
    let folder = Folder::new("fmt").with("p/a.guard", UGLY).with("p/deep/b.guard", FINE);
    folder.run(&["fmt", "p"]).expect_code(0).expect_out("a.guard is formatted");
    assert_eq!(folder.read("p/a.guard"), FINE);
    assert_eq!(folder.read("p/deep/b.guard"), FINE);
    let again = folder.run(&["fmt", "p"]).expect_code(0);
    assert_eq!(again.out, "");
}

#[test]
fn a_check_finds_what_would_change_and_writes_nothing() {
    let folder = Folder::new("fmt-check").with("a.guard", UGLY).with("b.guard", FINE);
    let checked =
        folder.run(&["fmt", "--check"]).expect_code(3).expect_out("a.guard is not formatted");
    assert!(!checked.out.contains("b.guard"), "{}", checked.out);
    folder.run(&["fmt", "--diff", "a.guard"]).expect_code(3).expect_out("+agent a {");
    assert_eq!(folder.read("a.guard"), UGLY);
    folder.run(&["fmt", "--check", "b.guard"]).expect_code(0);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new("fmt-stdin");
    assert_eq!(folder.run_with_input(&["fmt", "-"], UGLY).expect_code(0).out, FINE);
}

#[test]
fn a_file_with_errors_is_left_alone_and_the_others_are_not() {
    let broken = "guard 1\nagent a { prohibit tool }\n";
    let folder = Folder::new("fmt-broken").with("a.guard", broken).with("b.guard", UGLY);
    folder.run(&["fmt"]).expect_code(3).expect_err("error[G00");
    assert_eq!(folder.read("a.guard"), broken);
    assert_eq!(folder.read("b.guard"), FINE);
    let piped = folder.run_with_input(&["fmt", "-"], broken).expect_code(3);
    assert_eq!(piped.out, "");
}
