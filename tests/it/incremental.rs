//! What an edit costs: the queries that run again.

use guard_db::{GuardDatabase, Package, SourceFile, package_from_texts, set_text};
use guard_lower::compile;

const POLICY: &str = r"guard 1
tool x(n: int)
tool y(n: int)
agent a {
  scope { tool x, y }
  prohibit tool x when n > 1
  prohibit tool y when n > 2
}
";

fn compiled(policy: &str) -> (GuardDatabase, Package, SourceFile) {
    let db = GuardDatabase::with_log();
    let package = package_from_texts(&db, "test", [("a.guard", policy)], &[], &[]);
    let file = package.files(&db)[0];
    assert!(compile(&db, package).plan.is_some());
    db.take_log();
    (db, package, file)
}

/// The names of the queries that an edit runs, those of rules counted.
fn queries_after(edited: &str) -> Vec<String> {
    let (mut db, package, file) = compiled(POLICY);
    set_text(&mut db, file, edited);
    compile(&db, package);
    db.take_log().into_iter().map(|query| query.split('(').next().unwrap().to_owned()).collect()
}

fn count(queries: &[String], name: &str) -> usize {
    queries.iter().filter(|query| *query == name).count()
}

#[test]
fn editing_one_condition_rechecks_and_lowers_only_that_rule() {
    let queries = queries_after(&POLICY.replace("n > 2", "n > 3"));
    assert_eq!(count(&queries, "parse"), 1, "{queries:?}");
    assert_eq!(count(&queries, "check_rule"), 1, "{queries:?}");
    assert_eq!(count(&queries, "lower_rule"), 1, "{queries:?}");
    assert_eq!(count(&queries, "signatures"), 0, "{queries:?}");
}

#[test]
fn a_line_above_rechecks_no_rule() {
    let queries = queries_after(&POLICY.replace("tool x(n", "// a comment\n\ntool x(n"));
    assert_eq!(count(&queries, "check_rule"), 0, "{queries:?}");
    assert_eq!(count(&queries, "lower_rule"), 0, "{queries:?}");
}

#[test]
fn a_new_rule_checks_only_itself() {
    let queries = queries_after(
        &POLICY.replace("  prohibit tool x", "  prohibit tool x, y when n > 9\n  prohibit tool x"),
    );
    assert_eq!(count(&queries, "check_rule"), 1, "{queries:?}");
}
