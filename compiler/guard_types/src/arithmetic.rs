//! Calculations.

use crate::infer::Checker;
use crate::simplify;
use crate::tir::{Expr, ExprKind};
use crate::ty::Ty;
use crate::typed::Typed;
use guard_grammar::ast::{self, ArithmeticOp};
use guard_grammar::span::Span;
use guard_plan::Operation;

impl Checker<'_> {
    pub(crate) fn arithmetic(
        &mut self,
        op: ArithmeticOp,
        a: &ast::Expr,
        b: &ast::Expr,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        let (Some(a), Some(b)) = self.pair(a, b) else { return Typed::error(span) };
        let ty = match (&a.ty, op, &b.ty) {
            (Ty::Int, _, Ty::Int) => Ty::Int,
            (Ty::Float, _, Ty::Float) => Ty::Float,
            (Ty::Duration, ArithmeticOp::Add | ArithmeticOp::Subtract, Ty::Duration)
            | (Ty::Time, ArithmeticOp::Subtract, Ty::Time)
            | (Ty::Duration, ArithmeticOp::Multiply | ArithmeticOp::Divide, Ty::Int) => {
                Ty::Duration
            }
            (Ty::Time, ArithmeticOp::Add | ArithmeticOp::Subtract, Ty::Duration) => Ty::Time,
            (
                Ty::Int | Ty::Float | Ty::Duration | Ty::Time,
                _,
                Ty::Int | Ty::Float | Ty::Duration | Ty::Time,
            ) => {
                let (a_words, b_words) = (a.ty.words(), b.ty.words());
                let error = self.error(
                    "G0210",
                    at,
                    format!("{a_words} and {b_words} do not go together"),
                    "the two sides are of different types",
                );
                let error = self.with_float_fix(error, &b, &a.ty);
                let error = self.with_float_fix(error, &a, &b.ty);
                return self.wrong(at, error);
            }
            (Ty::Int | Ty::Float | Ty::Duration | Ty::Time, ..) => {
                return self.no_arithmetic(&b, at);
            }
            _ => return self.no_arithmetic(&a, at),
        };
        let (Some(left), Some(right)) = (a.expr(), b.expr()) else { return Typed::error(span) };
        let (left, right) = (Box::new(left), Box::new(right));
        let operation = match op {
            ArithmeticOp::Add => Operation::Add,
            ArithmeticOp::Subtract => Operation::Subtract,
            ArithmeticOp::Multiply => Operation::Multiply,
            ArithmeticOp::Divide => Operation::Divide,
        };
        let kind = if ty == Ty::Float {
            ExprKind::ArithmeticFloat(operation, left, right)
        } else {
            ExprKind::ArithmeticInt(operation, left, right)
        };
        self.folded(ty, kind, at)
    }

    pub(crate) fn negate(&mut self, operand: &ast::Expr, at: Span) -> Typed {
        let typed = self.infer(operand);
        let span = self.at(at);
        if typed.is_error() || !self.is_present(&typed) {
            return Typed::error(span);
        }
        let Some(operand) = typed.expr() else { return self.no_arithmetic(&typed, at) };
        let operand = Box::new(operand);
        let kind = match &typed.ty {
            Ty::Int | Ty::Duration => {
                let zero = Box::new(Expr { kind: ExprKind::Int(0), span });
                ExprKind::ArithmeticInt(Operation::Subtract, zero, operand)
            }
            Ty::Float => {
                let zero = Box::new(Expr { kind: ExprKind::Float(0_f64.to_bits()), span });
                ExprKind::ArithmeticFloat(Operation::Subtract, zero, operand)
            }
            _ => return self.no_arithmetic(&typed, at),
        };
        let (literal, here) = (typed.literal, typed.here);
        let negated = self.folded(typed.ty, kind, at);
        Typed { literal, here, ..negated }
    }

    fn no_arithmetic(&mut self, typed: &Typed, at: Span) -> Typed {
        let words = typed.ty.words();
        let error = self.error(
            "G0212",
            at,
            format!("arithmetic does not go with {words}"),
            "only numbers can be calculated with",
        );
        self.wrong(at, error)
    }

    /// A calculation; one of constants is worked out at once.
    fn folded(&mut self, ty: Ty, kind: ExprKind, at: Span) -> Typed {
        match simplify::arithmetic(kind) {
            Ok(kind) => Typed::computed(ty, kind, self.at(at)),
            Err(()) => {
                let error = self.error(
                    "G0215",
                    at,
                    "this calculation has no result",
                    "it overflows or divides by zero",
                );
                self.wrong(at, error)
            }
        }
    }
}
