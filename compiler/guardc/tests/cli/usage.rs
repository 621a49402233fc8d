//! Mistakes in the command line, help and version.

use crate::Folder;
use std::process::{Command, Stdio};

#[test]
fn a_mistake_in_the_command_line_is_code_2() {
    let folder = Folder::new("usage");
    folder.run(&["chekc"]).expect_code(2).expect_err("check");
    folder.run(&["eval", "bank.guard"]).expect_code(2).expect_err("EVENTS");
    folder.run(&["check", "--format", "xml"]).expect_code(2).expect_err("sarif");
    folder.run(&["explain-code", "G9999"]).expect_code(2).expect_err("no error code");
}

#[test]
fn help_and_version_are_no_mistake() {
    let folder = Folder::new("help");
    folder.run(&["--version"]).expect_code(0).expect_out("edition 1, plan version 5");
    folder.run(&["--help"]).expect_code(0).expect_out("Exit codes:");
    folder.run(&["eval", "--help"]).expect_code(0).expect_out("attacks_with_user_unharmed");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_guardc"))
        .args(["eval", "--help"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
