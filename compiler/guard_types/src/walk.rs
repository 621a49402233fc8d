//! Goes over the values that an expression reads.

use crate::tir::{Expr, ExprKind, ValueRef};

/// Calls `visit` with every value that is read at run time, in the order written.
pub fn for_each_value<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e ValueRef)) {
    for_each_value_of(&expr.kind, visit);
}

pub(crate) fn for_each_value_of<'e>(kind: &'e ExprKind, visit: &mut impl FnMut(&'e ValueRef)) {
    match kind {
        ExprKind::Flag(value)
        | ExprKind::Present(value)
        | ExprKind::Value(value)
        | ExprKind::RowCount(value)
        | ExprKind::TextInList(_, value)
        | ExprKind::Quantify(_, value, _)
        | ExprKind::Otherwise(value, _) => visit(value),
        _ => {}
    }
    for_each_part_of(kind, &mut |part| for_each_value(part, visit));
}

/// Calls `visit` with the expressions directly inside one, in the order written.
pub(crate) fn for_each_part_of<'e>(kind: &'e ExprKind, visit: &mut impl FnMut(&'e Expr)) {
    match kind {
        ExprKind::Truth(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Flag(_)
        | ExprKind::Present(_)
        | ExprKind::Value(_)
        | ExprKind::RowCount(_) => {}
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().for_each(visit),
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

/// [`for_each_part_of`] for expressions that are changed.
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
pub(crate) fn quantifiers_in(kind: &ExprKind) -> usize {
    let mut most = 0;
    for_each_part_of(kind, &mut |part| most = most.max(quantifiers_in(&part.kind)));
    most + usize::from(matches!(kind, ExprKind::Quantify(..)))
}
