//! `guardc show`.

use crate::Folder;

#[test]
fn tokens_and_tree_are_printed_and_mistakes_told_apart() {
    let folder = Folder::new("show")
        .with("good.guard", "guard 1\nconst A = 1\n")
        .with("bad.guard", "guard 1\nconst A = = 1\nconst B = 2\n");
    folder.run(&["show", "tokens", "good.guard"]).expect_code(0).expect_out("const");
    folder.run(&["show", "ast", "good.guard"]).expect_code(0).expect_out("ConstDecl");
    let ran = folder.run(&["show", "ast", "bad.guard"]).expect_code(3);
    ran.expect_out("\"B\"").expect_err("error[G00").expect_err("bad.guard:2:");
}
