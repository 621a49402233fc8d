//! Works out what is constant, and turns the roots of elements round.
//!
//! While an expression is checked an element's root counts quantifiers from the outside, so that an
//! expression can be put under another quantifier; a finished condition counts from the inside.

use crate::asked::Asked;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use guard_plan::{Comparison, Operation};
use std::sync::Arc;

/// The finished form of a condition.
pub(crate) fn condition(expr: Expr) -> Expr {
    finish(expr, 0)
}

/// The result of a calculation with constants; `Err` where it has none.
pub(crate) fn arithmetic(kind: ExprKind) -> Result<ExprKind, ()> {
    match &kind {
        ExprKind::ArithmeticInt(op, a, b) => match (&a.kind, &b.kind) {
            (ExprKind::Int(a), ExprKind::Int(b)) => {
                let result = match op {
                    Operation::Add => a.checked_add(*b),
                    Operation::Subtract => a.checked_sub(*b),
                    Operation::Multiply => a.checked_mul(*b),
                    Operation::Divide => a.checked_div(*b),
                };
                result.map(ExprKind::Int).ok_or(())
            }
            _ => Ok(kind),
        },
        ExprKind::ArithmeticFloat(op, a, b) => match (&a.kind, &b.kind) {
            (ExprKind::Float(a), ExprKind::Float(b)) => {
                let (a, b) = (f64::from_bits(*a), f64::from_bits(*b));
                let result = match op {
                    Operation::Add => a + b,
                    Operation::Subtract => a - b,
                    Operation::Multiply => a * b,
                    Operation::Divide => a / b,
                };
                if result.is_finite() { Ok(ExprKind::Float(result.to_bits())) } else { Err(()) }
            }
            _ => Ok(kind),
        },
        _ => Ok(kind),
    }
}

fn finish(expr: Expr, depth: u32) -> Expr {
    let span = expr.span;
    let one = |e: Box<Expr>| Box::new(finish(*e, depth));
    let place = |v: ValueRef| turned(v, depth);
    let kind = match expr.kind {
        ExprKind::And(operands) => and(operands.into_iter().map(|e| finish(e, depth)).collect()),
        ExprKind::Or(operands) => or(operands.into_iter().map(|e| finish(e, depth)).collect()),
        ExprKind::Not(a) => {
            let inner = finish(*a, depth);
            match inner.kind {
                ExprKind::Truth(holds) => ExprKind::Truth(!holds),
                ExprKind::Not(innermost) => return *innermost,
                _ => ExprKind::Not(Box::new(inner)),
            }
        }
        ExprKind::Choose(c, a, b) => {
            let (c, a, b) = (one(c), one(a), one(b));
            match c.kind {
                ExprKind::Truth(true) => a.kind,
                ExprKind::Truth(false) => b.kind,
                _ => ExprKind::Choose(c, a, b),
            }
        }
        ExprKind::CompareInt(how, a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Int(x), ExprKind::Int(y)) => ExprKind::Truth(holds(how, x.cmp(y))),
                _ => ExprKind::CompareInt(how, a, b),
            }
        }
        ExprKind::CompareFloat(how, a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Float(x), ExprKind::Float(y)) => {
                    let order = f64::from_bits(*x).partial_cmp(&f64::from_bits(*y));
                    order.map_or(ExprKind::Truth(false), |order| ExprKind::Truth(holds(how, order)))
                }
                _ => ExprKind::CompareFloat(how, a, b),
            }
        }
        ExprKind::TextEqual(a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Text(x), ExprKind::Text(y)) => ExprKind::Truth(x == y),
                _ => ExprKind::TextEqual(a, b),
            }
        }
        ExprKind::TextIn(a, set) => {
            let a = one(a);
            match &a.kind {
                ExprKind::Text(text) => ExprKind::Truth(set.contains(text)),
                _ => ExprKind::TextIn(a, set),
            }
        }
        ExprKind::Quantify(all, list, body) => {
            ExprKind::Quantify(all, turned(list, depth), Box::new(finish(*body, depth + 1)))
        }
        ExprKind::TruthEqual(a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Truth(x), ExprKind::Truth(y)) => ExprKind::Truth(x == y),
                _ => ExprKind::TruthEqual(a, b),
            }
        }
        ExprKind::TextInData(a, name) => ExprKind::TextInData(one(a), name),
        ExprKind::TextInList(a, list) => ExprKind::TextInList(one(a), place(list)),
        ExprKind::StartsWith(a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Text(x), ExprKind::Text(y)) => {
                    ExprKind::Truth(x.starts_with(y.as_str()))
                }
                _ => ExprKind::StartsWith(a, b),
            }
        }
        ExprKind::EndsWith(a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Text(x), ExprKind::Text(y)) => ExprKind::Truth(x.ends_with(y.as_str())),
                _ => ExprKind::EndsWith(a, b),
            }
        }
        ExprKind::Contains(a, b) => {
            let (a, b) = (one(a), one(b));
            match (&a.kind, &b.kind) {
                (ExprKind::Text(x), ExprKind::Text(y)) => ExprKind::Truth(x.contains(y.as_str())),
                _ => ExprKind::Contains(a, b),
            }
        }
        ExprKind::Match(a, source, whole) => ExprKind::Match(one(a), source, whole),
        ExprKind::Otherwise(value, b) => ExprKind::Otherwise(place(value), one(b)),
        ExprKind::ArithmeticInt(op, a, b) => ExprKind::ArithmeticInt(op, one(a), one(b)),
        ExprKind::ArithmeticFloat(op, a, b) => ExprKind::ArithmeticFloat(op, one(a), one(b)),
        ExprKind::CharCount(a) => {
            let a = one(a);
            match &a.kind {
                ExprKind::Text(text) => {
                    ExprKind::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
                }
                _ => ExprKind::CharCount(a),
            }
        }
        ExprKind::Flag(value) => ExprKind::Flag(place(value)),
        ExprKind::Present(value) => ExprKind::Present(place(value)),
        ExprKind::Value(value) => ExprKind::Value(place(value)),
        ExprKind::RowCount(value) => ExprKind::RowCount(place(value)),
        kind @ (ExprKind::Truth(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_)) => {
            kind
        }
    };
    Expr { kind, span }
}

pub(crate) fn turned(mut value: ValueRef, depth: u32) -> ValueRef {
    match &value.root {
        Root::Element(level) => {
            value.root = Root::Element(depth.saturating_sub(1).saturating_sub(*level));
        }
        Root::Asked(asked) => value.root = Root::Asked(Arc::new(turned_asked(asked, depth))),
        _ => {}
    }
    value
}

/// What is asked of elements turns with them.
fn turned_asked(asked: &Asked, depth: u32) -> Asked {
    let mut asked = asked.clone();
    if let Some(subject) = asked.subject_mut() {
        *subject = turned(subject.clone(), depth);
    }
    asked
}

/// Operands of `and` inside `and` become operands of one; what is true says nothing.
fn and(operands: Vec<Expr>) -> ExprKind {
    let mut flat = Vec::with_capacity(operands.len());
    for operand in operands {
        match operand.kind {
            ExprKind::Truth(true) => {}
            ExprKind::Truth(false) => return ExprKind::Truth(false),
            ExprKind::And(inner) => flat.extend(inner),
            _ => flat.push(operand),
        }
    }
    match flat.len() {
        0 => ExprKind::Truth(true),
        1 => flat.pop().map_or(ExprKind::Truth(true), |only| only.kind),
        _ => ExprKind::And(flat),
    }
}

/// Operands of `or` inside `or` become operands of one; what is false says nothing.
fn or(operands: Vec<Expr>) -> ExprKind {
    let mut flat = Vec::with_capacity(operands.len());
    for operand in operands {
        match operand.kind {
            ExprKind::Truth(false) => {}
            ExprKind::Truth(true) => return ExprKind::Truth(true),
            ExprKind::Or(inner) => flat.extend(inner),
            _ => flat.push(operand),
        }
    }
    match flat.len() {
        0 => ExprKind::Truth(false),
        1 => flat.pop().map_or(ExprKind::Truth(false), |only| only.kind),
        _ => ExprKind::Or(flat),
    }
}

fn holds(how: Comparison, order: std::cmp::Ordering) -> bool {
    match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
