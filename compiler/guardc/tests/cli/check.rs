//! `guardc check`: what it looks at and how it says what it found.

use crate::Folder;

#[test]
fn what_is_not_there_cannot_be_checked() {
    Folder::new("missing").run(&["check", "nowhere"]).expect_code(1).expect_err("`nowhere`");
}

#[test]
fn a_folder_without_a_policy_is_an_error() {
    let folder = Folder::new("empty").with("notes.txt", "guard 1");
    folder.run(&["check"]).expect_code(3).expect_out("error[G0903]: no policy in `.`");
    let json = folder.run(&["check", "--format", "json"]).expect_code(3).out;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["summary"]["errors"], 1);
    assert_eq!(document["findings"][0]["code"], "G0903");
}

#[test]
fn a_file_of_another_tool_is_skipped_and_named() {
    let folder = Folder::new("stranger").with("cfn.guard", "let x = Resources.*\n");
    folder
        .run(&["check"])
        .expect_code(3)
        .expect_err("`./cfn.guard` is skipped")
        .expect_out("CloudFormation");
}

#[test]
fn a_manifest_knows_its_keys_and_no_others() {
    let folder = Folder::new("manifest")
        .with("a/guard.toml", "name = \"a\"\nedition = 1\ndependecies = []\n")
        .with("a/a.guard", "guard 1\n");
    folder
        .run(&["check"])
        .expect_code(3)
        .expect_out("error[G0902]: this manifest cannot be used: unknown field `dependecies`")
        .expect_out("a/guard.toml:3:1");
}

#[test]
fn a_package_without_files_is_an_error() {
    let folder = Folder::new("no-files").with("guard.toml", "name = \"a\"\nedition = 1\n");
    folder.run(&["check"]).expect_code(3).expect_out("error[G0903]: no policy in the package `a`");
}

#[test]
fn a_file_that_is_no_text_is_an_error() {
    let folder = Folder::new("no-text").with("a.guard", b"guard 1\n\xff");
    folder.run(&["check"]).expect_code(3).expect_out("error[G0901]: `a.guard` is not UTF-8 text");
}

#[test]
fn machines_get_every_format() {
    let folder = Folder::new("formats").with("guard.toml", "name = 1\nedition = 1\n");
    folder
        .run(&["check", "--format", "github"])
        .expect_code(3)
        .expect_out("::error file=guard.toml,line=1,endLine=1,col=8,endColumn=9,title=G0902::");
    let line = folder.run(&["check", "--format", "ndjson"]).expect_code(3).out;
    let finding: serde_json::Value = serde_json::from_str(line.trim_end()).unwrap_or_default();
    assert_eq!(finding["start"]["column"], 8, "{line}");
    let sarif = folder.run(&["check", "--format", "sarif"]).expect_code(3).out;
    let log: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(result["ruleId"], "G0902");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startColumn"], 8);
}
