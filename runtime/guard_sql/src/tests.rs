//! What texts do, by example; and that no text is too much.

use super::*;
use proptest::prelude::*;

fn kinds(text: &str) -> String {
    read(text).map_or_else(|| "(none)".to_owned(), |query| query.statements.join(", "))
}

#[test]
fn statements_have_names() {
    for (text, expected) in [
        ("select 1", "select"),
        ("SELECT * INTO copy FROM users", "create"),
        ("with x as (select 1) select * from x", "select"),
        (
            "with x as (delete from users where id = 1 returning *) select * from x",
            "select, delete",
        ),
        ("insert into t values (1)", "insert"),
        ("update t set a = 1", "update all"),
        ("update t set a = 1 where id = 2", "update"),
        ("delete from t", "delete all"),
        ("delete from t where id = 2", "delete"),
        ("truncate table t", "truncate"),
        ("drop table t", "drop"),
        ("alter table t add column a int", "alter"),
        ("alter table t drop column a", "alter drop"),
        ("create table t (a int)", "create"),
        ("grant select on t to bob", "grant"),
        ("revoke all on t from bob", "revoke"),
        ("explain select 1", "show, select"),
        ("select 1; drop table t", "select, drop"),
        ("select 1; -- drop table t", "select"),
        ("select 'drop table t'", "select"),
        ("select \"drop\" from t", "select"),
        ("call f(1)", "call"),
        ("exec xp_cmdshell 'dir'", "call"),
        // In no dialect: by its words.
        ("drop everything at once", "drop"),
        ("select {a.b, a.c} from a", "select"),
        ("select frobnicate from the delete where", "delete all"),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

#[test]
fn tables_and_functions_are_named() {
    let query =
        read("select lower(name), \"U\".x from Public.Users u join \"Orders\" o on o.id = u.id")
            .unwrap();
    assert_eq!(query.tables, ["public.users", "orders"]);
    assert_eq!(query.functions, ["lower"]);
    assert!(!query.writes && !query.is_unread);
    assert_eq!(read("select pg_read_file('/etc/passwd')").unwrap().functions, ["pg_read_file"]);
    assert!(read("drop everything at once").unwrap().is_unread);
    assert!(read("insert into t select * from s").unwrap().writes);
}

#[test]
fn a_backslash_hides_nothing() {
    // One database ends the literal at the second quote, another at the last.
    assert_eq!(kinds("select '\\'; drop table t; -- '"), "select, drop");
    assert_eq!(kinds("select '\\' or 1=1; drop table t; --'"), "select, drop");
}

#[test]
fn comments_that_are_run_are_read() {
    assert!(kinds("select 1 /*!50000 ; drop table t */").contains("drop"));
}

#[test]
fn what_is_no_sql_has_no_answer() {
    for text in ["", "   ", "-- nothing", "select 'x", "\0", ";"] {
        assert_eq!(read(text), None, "{text:?}");
    }
    assert_eq!(read(&"x".repeat(limits::TEXT_BYTES_MAX + 1)), None);
    assert_eq!(read(&format!("select {}1{}", "(".repeat(500), ")".repeat(500))), None);
}

#[test]
fn what_is_deep_is_bounded() {
    for unit in [
        "case when ",
        "not ",
        "- ",
        "interval ",
        "select ",
        "a in (select ",
        "begin ",
        "if (",
        "array[",
        "~ ",
    ] {
        drop(read(&format!("select {}", unit.repeat(limits::TEXT_BYTES_MAX / unit.len() - 2))));
        drop(read(&format!("select {}1", unit.repeat(20))));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_to_an_answer(text in "[a-z ();,'\"`*=<>./\\\\-]{0,80}") {
        drop(read(&text));
    }

    #[test]
    fn words_of_the_language_are_read_to_an_answer(words in prop::collection::vec(prop::sample::select(vec![
        "select", "from", "where", "delete", "update", "set", "drop", "table", "(", ")", ",", "*", "t", "1", "'a'",
        "and", "or", "not", "in", "case", "when", "then", "end", "join", "on", "with", "as", ";", "--", "/*", "*/",
        "interval", "between", "create", "insert", "into", "values", "union", "all",
    ]), 0..40)) {
        drop(read(&words.join(" ")));
    }

    #[test]
    fn a_drop_after_any_statement_is_seen(before in "[a-z ,.()=0-9]{0,40}") {
        if let Some(query) = read(&format!("{before}; drop table t")) {
            prop_assert!(query.statements.iter().any(|kind| kind == "drop"));
        }
    }
}
