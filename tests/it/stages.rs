//! Every stage of one small policy, as `guardc show` prints it.

use guard_db::{GuardDatabase, package_from_texts};
use guard_plan::{AgentId, EntryId};
use guard_tests::engines::plan;

const POLICY: &str = r#"guard 1

/// Pays bills.
tool pay(amount: float, to: email, tags: [string]?)

const LARGE = 100.0

agent payer(user: { role: "owner" | "delegate" }) {
  // A comment is kept in the tokens and nowhere else.
  scope { tool pay when amount <= LARGE * 10.0 }
  escalate tool pay to "owner" when amount > LARGE and user.role == "delegate" expires 15m then deny
  prohibit tool pay when to.domain != "shop.example" or (has tags and "secret" in tags)
    because "bills of the shop only"
}
"#;

#[test]
fn tokens() {
    let (tokens, _) = guard_grammar::lex(POLICY);
    insta::assert_snapshot!(guard_grammar::print_tokens(&tokens, POLICY));
}

#[test]
fn tree() {
    let parsed = guard_grammar::parse(POLICY);
    assert_eq!(parsed.errors, []);
    insta::assert_snapshot!(guard_grammar::print_ast(&parsed.file));
}

#[test]
fn names() {
    let db = GuardDatabase::default();
    let package = package_from_texts(
        &db,
        "test",
        [("payer.guard", POLICY)],
        guard_stdlib::MODULES,
        guard_stdlib::MODELS,
    );
    insta::assert_snapshot!(guard_hir::show_hir(&db, package));
}

#[test]
fn types() {
    let db = GuardDatabase::default();
    let package = package_from_texts(
        &db,
        "test",
        [("payer.guard", POLICY)],
        guard_stdlib::MODULES,
        guard_stdlib::MODELS,
    );
    insta::assert_snapshot!(guard_types::show_types(&db, package));
}

#[test]
fn the_plan() {
    insta::assert_snapshot!(guard_plan::listing(&plan(POLICY)));
}

#[test]
fn code() {
    // Cranelift's intermediate form is the same on every machine; machine code is not.
    insta::assert_snapshot!(guard_jit::clif(&plan(POLICY), AgentId(0), EntryId(0)).unwrap());
}
