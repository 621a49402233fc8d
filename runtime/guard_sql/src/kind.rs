//! What statements are called.

use sqlparser::ast::{AlterTableOperation, SetExpr, Statement};

/// What a statement does, in a word or two.
pub(crate) fn of(statement: &Statement) -> String {
    let word = match statement {
        Statement::Query(query) => match &*query.body {
            // `SELECT … INTO table` makes a table.
            SetExpr::Select(select) if select.into.is_some() => "create",
            _ => "select",
        },
        Statement::Insert(_) => "insert",
        Statement::Update(update) if update.selection.is_none() => "update all",
        Statement::Update(_) => "update",
        Statement::Delete(delete) if delete.selection.is_none() => "delete all",
        Statement::Delete(_) => "delete",
        Statement::AlterTable(alter) => {
            if alter.operations.iter().any(removes) {
                "alter drop"
            } else {
                "alter"
            }
        }
        Statement::ExplainTable { .. } => "show",
        _ => return of_word(&statement.to_string()),
    };
    word.to_owned()
}

fn removes(operation: &AlterTableOperation) -> bool {
    operation.to_string().to_ascii_uppercase().split(' ').any(|word| word == "DROP")
}

/// By the first word of a statement.
fn of_word(text: &str) -> String {
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let first = first.to_ascii_lowercase();
    match first.as_str() {
        "exec" | "execute" => "call".to_owned(),
        "explain" | "describe" | "desc" => "show".to_owned(),
        _ => first,
    }
}

/// Whether such a statement changes nothing that outlives the connection.
pub(crate) fn only_reads(kind: &str) -> bool {
    matches!(
        kind,
        "select"
            | "show"
            | "with"
            | "values"
            | "begin"
            | "start"
            | "commit"
            | "rollback"
            | "savepoint"
            | "set"
            | "use"
    )
}
