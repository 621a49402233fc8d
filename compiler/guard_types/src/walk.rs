//! Goes over the values that an expression reads.

use crate::tir::{Expr, ExprKind, ValueRef};

/// Calls `visit` with every value that is read at run time, in the order written.
pub fn for_each_value<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e ValueRef)) {
    for_each_value_of(&expr.kind, visit);
}

pub(crate) fn for_each_value_of<'e>(kind: &'e ExprKind, visit: &mut impl FnMut(&'e ValueRef)) {
    match kind {
        ExprKind::Truth(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_) => {}
        ExprKind::Flag(value)
        | ExprKind::Present(value)
        | ExprKind::Value(value)
        | ExprKind::RowCount(value) => visit(value),
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            for operand in operands {
                for_each_value(operand, visit);
            }
        }
        ExprKind::Not(a)
        | ExprKind::TextIn(a, _)
        | ExprKind::TextInData(a, _)
        | ExprKind::Match(a, _, _)
        | ExprKind::CharCount(a) => for_each_value(a, visit),
        ExprKind::TextInList(a, value)
        | ExprKind::Quantify(_, value, a)
        | ExprKind::Otherwise(value, a) => {
            visit(value);
            for_each_value(a, visit);
        }
        ExprKind::TruthEqual(a, b)
        | ExprKind::CompareInt(_, a, b)
        | ExprKind::CompareFloat(_, a, b)
        | ExprKind::TextEqual(a, b)
        | ExprKind::StartsWith(a, b)
        | ExprKind::EndsWith(a, b)
        | ExprKind::Contains(a, b)
        | ExprKind::ArithmeticInt(_, a, b)
        | ExprKind::ArithmeticFloat(_, a, b) => {
            for_each_value(a, visit);
            for_each_value(b, visit);
        }
        ExprKind::Choose(a, b, c) => {
            for_each_value(a, visit);
            for_each_value(b, visit);
            for_each_value(c, visit);
        }
    }
}

/// Calls `visit` with the expressions directly inside one.
pub(crate) fn for_each_part(kind: &mut ExprKind, visit: &mut impl FnMut(&mut Expr)) {
    match kind {
        ExprKind::Truth(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Flag(_)
        | ExprKind::Present(_)
        | ExprKind::Value(_)
        | ExprKind::RowCount(_) => {}
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter_mut().for_each(visit),
        ExprKind::Not(a)
        | ExprKind::TextIn(a, _)
        | ExprKind::TextInData(a, _)
        | ExprKind::TextInList(a, _)
        | ExprKind::Match(a, _, _)
        | ExprKind::Quantify(_, _, a)
        | ExprKind::Otherwise(_, a)
        | ExprKind::CharCount(a) => visit(a),
        ExprKind::TruthEqual(a, b)
        | ExprKind::CompareInt(_, a, b)
        | ExprKind::CompareFloat(_, a, b)
        | ExprKind::TextEqual(a, b)
        | ExprKind::StartsWith(a, b)
        | ExprKind::EndsWith(a, b)
        | ExprKind::Contains(a, b)
        | ExprKind::ArithmeticInt(_, a, b)
        | ExprKind::ArithmeticFloat(_, a, b) => [a, b].into_iter().for_each(|part| visit(part)),
        ExprKind::Choose(a, b, c) => [a, b, c].into_iter().for_each(|part| visit(part)),
    }
}

/// How many quantifiers stand in one another at the most.
pub(crate) fn quantifiers_in(expr: &mut Expr) -> usize {
    let mut most = 0;
    for_each_part(&mut expr.kind, &mut |part| most = most.max(quantifiers_in(part)));
    most + usize::from(matches!(expr.kind, ExprKind::Quantify(..)))
}
