//! A statement that some dialect takes.

use crate::limits::RECURSION_MAX;
use crate::{Query, kind, push};
use sqlparser::ast::{
    Expr, ObjectName, Statement, visit_expressions, visit_relations, visit_statements,
};
use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, DatabricksDialect, Dialect, DuckDbDialect, GenericDialect,
    HiveDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, RedshiftSqlDialect, SQLiteDialect,
    SnowflakeDialect,
};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// From the widest to the most particular.
const DIALECTS: [&(dyn Dialect + Sync); 12] = [
    &GenericDialect {},
    &PostgreSqlDialect {},
    &MySqlDialect {},
    &MsSqlDialect {},
    &SQLiteDialect {},
    &SnowflakeDialect,
    &BigQueryDialect,
    &HiveDialect {},
    &RedshiftSqlDialect {},
    &DuckDbDialect {},
    &DatabricksDialect,
    &ClickHouseDialect {},
];

/// Reads a statement; false where no dialect takes it.
pub(crate) fn statement(tokens: &[Token], query: &mut Query, budget: &mut usize) -> bool {
    for dialect in DIALECTS {
        match budget.checked_sub(tokens.len()) {
            Some(left) => *budget = left,
            None => return false,
        }
        // A panic in the parser is a statement that it does not take.
        let parse = AssertUnwindSafe(|| {
            let parser = Parser::new(dialect).with_recursion_limit(RECURSION_MAX);
            parser.with_tokens(tokens.to_vec()).parse_statements()
        });
        if let Ok(Ok(statements)) = catch_unwind(parse)
            && !statements.is_empty()
        {
            note(&statements, query);
            return true;
        }
    }
    false
}

fn note(statements: &Vec<Statement>, query: &mut Query) {
    let _ = visit_statements(statements, |statement: &Statement| {
        query.note(&kind::of(statement));
        ControlFlow::<()>::Continue(())
    });
    let _ = visit_relations(statements, |name: &ObjectName| {
        push(&mut query.tables, name_of(name));
        ControlFlow::<()>::Continue(())
    });
    let _ = visit_expressions(statements, |expression: &Expr| {
        if let Expr::Function(function) = expression {
            push(&mut query.functions, name_of(&function.name));
        }
        ControlFlow::<()>::Continue(())
    });
}

fn name_of(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| match part.as_ident() {
        Some(ident) => ident.value.clone(),
        None => part.to_string(),
    });
    parts.collect::<Vec<_>>().join(".").to_lowercase()
}
