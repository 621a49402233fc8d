//! One rule on its own: its condition split into clauses and the formula over them.
//!
//! A clause is what `and`, `or`, `not` and `if` do not divide. A fragment knows nothing of slots or
//! of other rules, so that editing one rule leaves every other rule's fragment as it was.

use guard_grammar::span::Span;
use guard_plan::Effect;
use guard_types::asked::Does;
use guard_types::tir::{CheckedRule, EventRef, Expr, ExprKind};

/// A rule ready to be put into entries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fragment {
    /// What it does.
    pub effect: Effect,
    /// See [`CheckedRule::does`].
    pub does: Does,
    /// The events it concerns, sorted.
    pub events: Vec<EventRef>,
    /// When it fires; `None` means always.
    pub formula: Option<Formula>,
    /// The clauses the formula names by index.
    pub clauses: Vec<Clause>,
    /// See [`CheckedRule::title`].
    pub title: String,
    /// See [`CheckedRule::condition_text`].
    pub condition_text: Option<String>,
    /// See [`CheckedRule::because`].
    pub because: Option<String>,
    /// See [`CheckedRule::respond`].
    pub respond: Option<String>,
    /// See [`CheckedRule::span`].
    pub span: Span,
    /// It is of a layer. Of several escalations that fire the one of a layer is asked about.
    pub is_of_layer: bool,
}

/// An indivisible condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clause {
    /// The condition.
    pub expr: Expr,
    /// As written, one space between words.
    pub text: String,
    /// What evaluating it costs, in units of a comparison of two numbers.
    pub cost: u32,
}

/// A condition over clauses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Formula {
    /// A fixed answer.
    Truth(bool),
    /// The clause of this index.
    Clause(usize),
    /// All hold; the cheapest first.
    And(Vec<Formula>),
    /// Some hold; the cheapest first.
    Or(Vec<Formula>),
    /// The opposite.
    Not(Box<Formula>),
    /// `if … then … else …`.
    Choose(Box<[Formula; 3]>),
}

impl Fragment {
    /// Splits a checked rule. `source` is the text that the rule's spans count in.
    pub fn of(rule: &CheckedRule, source: &str) -> Self {
        let mut splitter = Splitter { source, clauses: Vec::new() };
        let formula = rule.condition.as_ref().map(|condition| splitter.split(condition));
        Self {
            effect: rule.effect.clone(),
            does: rule.does.clone(),
            events: rule.events.clone(),
            formula,
            clauses: splitter.clauses,
            title: rule.title.clone(),
            condition_text: rule.condition_text.clone(),
            because: rule.because.clone(),
            respond: rule.respond.clone(),
            span: rule.span,
            is_of_layer: false,
        }
    }
}

impl Formula {
    /// The same over clauses that stand behind `before` others.
    pub(crate) fn after(&self, before: usize) -> Self {
        let all =
            |operands: &[Self]| operands.iter().map(|operand| operand.after(before)).collect();
        match self {
            Self::Truth(holds) => Self::Truth(*holds),
            Self::Clause(index) => Self::Clause(index.saturating_add(before)),
            Self::And(operands) => Self::And(all(operands)),
            Self::Or(operands) => Self::Or(all(operands)),
            Self::Not(operand) => Self::Not(Box::new(operand.after(before))),
            Self::Choose(parts) => {
                Self::Choose(Box::new(parts.each_ref().map(|part| part.after(before))))
            }
        }
    }
}

struct Splitter<'a> {
    source: &'a str,
    clauses: Vec<Clause>,
}

impl Splitter<'_> {
    fn split(&mut self, expr: &Expr) -> Formula {
        match &expr.kind {
            ExprKind::Truth(holds) => Formula::Truth(*holds),
            // What a function or a convenience was written out to is one clause, named by its use.
            ExprKind::And(operands) | ExprKind::Or(operands)
                if operands.iter().all(|operand| operand.span == expr.span) =>
            {
                self.clause(expr)
            }
            ExprKind::And(operands) => Formula::And(self.cheapest_first(operands)),
            ExprKind::Or(operands) => Formula::Or(self.cheapest_first(operands)),
            ExprKind::Not(operand) => Formula::Not(Box::new(self.split(operand))),
            ExprKind::Choose(condition, then, otherwise) => Formula::Choose(Box::new([
                self.split(condition),
                self.split(then),
                self.split(otherwise),
            ])),
            _ => self.clause(expr),
        }
    }

    fn clause(&mut self, expr: &Expr) -> Formula {
        let text = one_spaced(expr.span.text(self.source));
        self.clauses.push(Clause { expr: expr.clone(), text, cost: cost(expr) });
        Formula::Clause(self.clauses.len() - 1)
    }

    // Kleene's `and` and `or` do not depend on the order of their operands, so the order is free
    // to be chosen by cost: a text is scanned only when the numbers have not settled the matter.
    fn cheapest_first(&mut self, operands: &[Expr]) -> Vec<Formula> {
        let mut split: Vec<(u32, Formula)> =
            operands.iter().map(|operand| (cost(operand), self.split(operand))).collect();
        split.sort_by_key(|(cost, _)| *cost);
        split.into_iter().map(|(_, formula)| formula).collect()
    }
}

/// The text with comments dropped and every run of white space between tokens made one space.
fn one_spaced(text: &str) -> String {
    guard_grammar::one_spaced(text)
}

/// What evaluating an expression costs, roughly, in units of a comparison of two numbers.
fn cost(expr: &Expr) -> u32 {
    const TEXT: u32 = 2;
    const SET: u32 = 3;
    const FACT: u32 = 8;
    const SCAN: u32 = 12;
    const PATTERN: u32 = 40;
    const LIST: u32 = 10;
    let own = match &expr.kind {
        ExprKind::Truth(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Value(_)
        | ExprKind::Otherwise(..)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Choose(..) => 0,
        ExprKind::Flag(_)
        | ExprKind::Present(_)
        | ExprKind::TruthEqual(..)
        | ExprKind::CompareInt(..)
        | ExprKind::CompareFloat(..)
        | ExprKind::ArithmeticInt(..)
        | ExprKind::ArithmeticFloat(..)
        | ExprKind::RowCount(_) => 1,
        ExprKind::TextEqual(..) | ExprKind::StartsWith(..) | ExprKind::EndsWith(..) => TEXT,
        ExprKind::TextIn(..) => SET,
        ExprKind::TextInData(..) => FACT,
        ExprKind::TextInList(..) => LIST,
        ExprKind::Contains(..) | ExprKind::CharCount(_) => SCAN,
        ExprKind::Match(..) => PATTERN,
        ExprKind::Quantify(_, _, body) => return cost(body).saturating_add(1).saturating_mul(LIST),
    };
    children(expr).iter().fold(own, |sum, child| sum.saturating_add(cost(child)))
}

/// The expressions directly inside `expr`.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Truth(_)
        | ExprKind::Flag(_)
        | ExprKind::Present(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Value(_)
        | ExprKind::RowCount(_) => Vec::new(),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().collect(),
        ExprKind::Not(a)
        | ExprKind::TextIn(a, _)
        | ExprKind::TextInData(a, _)
        | ExprKind::TextInList(a, _)
        | ExprKind::Match(a, _, _)
        | ExprKind::Quantify(_, _, a)
        | ExprKind::Otherwise(_, a)
        | ExprKind::CharCount(a) => vec![a],
        ExprKind::TruthEqual(a, b)
        | ExprKind::CompareInt(_, a, b)
        | ExprKind::CompareFloat(_, a, b)
        | ExprKind::TextEqual(a, b)
        | ExprKind::StartsWith(a, b)
        | ExprKind::EndsWith(a, b)
        | ExprKind::Contains(a, b)
        | ExprKind::ArithmeticInt(_, a, b)
        | ExprKind::ArithmeticFloat(_, a, b) => vec![a, b],
        ExprKind::Choose(a, b, c) => vec![a, b, c],
    }
}
