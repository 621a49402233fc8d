//! What can go wrong in an expression.

use crate::Operator;
use crate::edits::Edits;
use guard_grammar::ast::{
    Argument, ArgumentValue, CompareOp, EventPattern, Expr, ExprKind, Quantifier, TextOp,
};
use guard_grammar::span::Span;

impl Edits<'_> {
    /// A value.
    pub(crate) fn value(&mut self, expr: &Expr) {
        self.expression(expr, false);
    }

    /// A condition, or a value.
    pub(crate) fn expression(&mut self, expr: &Expr, is_condition: bool) {
        if let ExprKind::Not(inner) = &expr.kind {
            self.edit(Operator::Negate, expr.span, self.text(inner.span));
            // That the inner is wrong by a further `not` is the same slip.
            return self.inner(inner, false);
        }
        self.inner(expr, is_condition);
    }

    fn inner(&mut self, expr: &Expr, may_negate: bool) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                let spans: Vec<Span> = operands.iter().map(|operand| operand.span).collect();
                self.drop_each(Operator::DropOperand, &spans);
                for operand in operands {
                    self.expression(operand, true);
                }
                return;
            }
            ExprKind::Compare(op, left, right) => {
                for other in flipped(*op) {
                    self.edit_between(Operator::FlipComparison, left.span, right.span, other);
                }
                self.value(left);
                return self.value(right);
            }
            ExprKind::In(left, right, is_not) => {
                let other = if *is_not { "in" } else { "not in" };
                self.edit_between(Operator::Negate, left.span, right.span, other);
                self.value(left);
                return self.value(right);
            }
            ExprKind::Quantifier(which, name, list, body) => {
                let (from, to) = match which {
                    Quantifier::All => ("all", "any"),
                    Quantifier::Any => ("any", "all"),
                };
                if let Some(word) = self.words_from(from, name.span.start, name.span.start) {
                    self.edit(Operator::Switch, word, format!("{to} "));
                }
                self.value(list);
                return self.expression(body, true);
            }
            ExprKind::If(condition, yes, no) => {
                for branch in [yes, no] {
                    let branch = format!("({})", self.text(branch.span));
                    self.edit(Operator::Switch, span, branch);
                }
                self.expression(condition, true);
                self.expression(yes, may_negate);
                return self.expression(no, may_negate);
            }
            ExprKind::Bool(value) => {
                return self.edit(Operator::Negate, span, (!value).to_string());
            }
            ExprKind::Int(value) => {
                if let Some(value) = value {
                    self.whole_number(span, *value);
                }
                return;
            }
            ExprKind::Float(digits) => return self.float(span, digits),
            ExprKind::Duration(value) => return self.milliseconds(span, *value),
            ExprKind::List(elements) => {
                let spans: Vec<Span> = elements.iter().map(|element| element.span).collect();
                self.drop_each(Operator::DropElement, &spans);
                return elements.iter().for_each(|element| self.value(element));
            }
            ExprKind::Text(op, left, right) => self.text_question(*op, left, right),
            ExprKind::From(value, is_whole, _) => {
                if *is_whole
                    && let Some(after) = self.text(span).find("whole ")
                    && let Ok(after) = u32::try_from(after)
                {
                    let word = Span::new(span.start + after, span.start + after + 6);
                    self.edit(Operator::WidenPattern, word, "");
                }
                self.value(value);
            }
            ExprKind::Since(value, pattern) => {
                self.edit(Operator::DropCondition, span, self.text(value.span));
                self.value(value);
                self.event(pattern);
            }
            ExprKind::Field(of, _) => self.value(of),
            ExprKind::Call(_, arguments) => self.arguments(arguments),
            ExprKind::Index(left, right) | ExprKind::Arithmetic(_, left, right) => {
                self.value(left);
                self.value(right);
            }
            // What stands for an absent value is no bound.
            ExprKind::Otherwise(value, _) => self.value(value),
            ExprKind::Negate(inner) => self.value(inner),
            ExprKind::Has(_)
            | ExprKind::Not(_)
            | ExprKind::ConfirmedBy(_)
            | ExprKind::Name(_)
            | ExprKind::String(_)
            | ExprKind::Regex(_)
            | ExprKind::Error => {}
        }
        if may_negate {
            self.edit(Operator::Negate, span, format!("not ({})", self.text(span)));
        }
    }

    fn text_question(&mut self, op: TextOp, left: &Expr, right: &Expr) {
        let wider = match op {
            TextOp::StartsWith | TextOp::EndsWith => Some("contains"),
            TextOp::Matches => Some("finds"),
            TextOp::Like | TextOp::Contains | TextOp::Finds => None,
        };
        if let Some(wider) = wider {
            self.edit_between(Operator::WidenPattern, left.span, right.span, wider);
        }
        match (op, &right.kind) {
            (_, ExprKind::Regex(_)) => self.pattern(right.span),
            (TextOp::Like, ExprKind::String(_)) => self.wildcard(right.span),
            _ => self.value(right),
        }
        self.value(left);
    }

    pub(crate) fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            match &argument.value {
                ArgumentValue::Value(value) => self.value(value),
                ArgumentValue::Event(pattern) => self.event(pattern),
            }
        }
    }

    fn event(&mut self, pattern: &EventPattern) {
        if let Some(condition) = &pattern.condition {
            let clause = Span::new(pattern.target.span.end, pattern.span.end);
            self.edit(Operator::DropCondition, clause, "");
            self.expression(condition, true);
        }
        self.target(&pattern.target);
    }
}

/// What is easily written instead: the neighbour that differs at the bound, and the opposite.
fn flipped(op: CompareOp) -> &'static [&'static str] {
    match op {
        CompareOp::Equal => &["!="],
        CompareOp::NotEqual => &["=="],
        CompareOp::Less => &["<=", ">="],
        CompareOp::LessOrEqual => &["<", ">"],
        CompareOp::Greater => &[">=", "<="],
        CompareOp::GreaterOrEqual => &[">", "<"],
    }
}
