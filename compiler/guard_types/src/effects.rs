//! Rules that do something besides permitting or refusing: marks, limits, reviews, credentials; and
//! the words in front of a rule, `shadow` and `rollout`.

use crate::asked::{Asked, Does, LimitTerms, Redacting};
use crate::check::{Clauses, RuleCheck};
use crate::detectors;
use crate::infer::Checker;
use crate::past::scalar;
use crate::tir::{Expr, ExprKind, Root, ValueRef};
use crate::ty::Ty;
use crate::typed::Value;
use crate::unsupported;
use guard_grammar::ast::{self, LimitRule, Modifier, Path, Percent, RuleKind, Target};
use guard_grammar::one_spaced;
use guard_grammar::span::Span;
use guard_plan::Effect;
use guard_redact::Template;
use std::sync::Arc;

/// The most calls that a limit can count in its window; the bound of the stores.
const WINDOW_EVENTS_MAX: usize = 4_096;

/// Limits count in millionths.
const UNIT: i64 = 1_000_000;

impl RuleCheck<'_> {
    /// A rule that is neither a scope, a prohibition, an escalation nor a halt.
    pub(crate) fn effect(&mut self, kind: &RuleKind, whole: Span) {
        match kind {
            RuleKind::Mark(name, target, clauses) => {
                let does = (Effect::Note, Does::Mark(self.marks.key(&name.text)));
                self.one_that("", target, &Clauses::of(clauses), does, whole);
            }
            RuleKind::Clear(name, target, clauses) => {
                if !self.marks.names.contains(&name.text) {
                    let headline = format!("no rule of this agent sets a mark `{}`", name.text);
                    let error = self.reporter.error("G0226", name.span, headline, "never set");
                    self.reporter.push(error.with_help("set it with `mark NAME on TARGET`"));
                    return;
                }
                let does = (Effect::Note, Does::Clear(self.marks.key(&name.text)));
                self.one_that("", target, &Clauses::of(clauses), does, whole);
            }
            RuleKind::Subject(value, target, clauses) => {
                self.subject(value, target, clauses, whole);
            }
            RuleKind::Limit(limit) => self.limit(limit, whole),
            RuleKind::Redact(detectors, target, clauses) => {
                self.redact(detectors, target, &Clauses::of(clauses), whole);
            }
            RuleKind::Breaker(breaker) => self.breaker(breaker, whole),
            RuleKind::Review(share, target, clauses) => {
                if let Some(share) = self.share(share) {
                    let does = (Effect::Review { share }, Does::Nothing);
                    self.one_that("", target, &Clauses::of(clauses), does, whole);
                }
            }
            RuleKind::Credential(name, duration, target, clauses) => {
                let for_ms = duration.as_ref().and_then(|duration| duration.milliseconds);
                let effect = Effect::Credential { name: name.value.clone(), for_ms };
                self.one_that("", target, &Clauses::of(clauses), (effect, Does::Nothing), whole);
            }
            _ => {}
        }
    }

    /// `redact pii.iban, pii.card in output with "[{kind}]"`.
    fn redact(&mut self, paths: &[Path], target: &Target, clauses: &Clauses<'_>, whole: Span) {
        let models = &self.signatures.models;
        let detectors = detectors::of_paths(&self.module, paths, models, &mut self.reporter);
        let template = clauses.with.map_or(Template::DEFAULT, |template| template.value.as_str());
        if let (Err(problem), Some(written)) = (Template::parse(template), clauses.with) {
            let error = self
                .reporter
                .error("G0252", written.span, problem.to_string(), "what a match is replaced by")
                .with_help("write text with `{kind}`, `{mask 4}` or `{pseudonym}` in it");
            self.reporter.push(error);
            self.checked.incomplete = true;
            return;
        }
        let Some(detectors) = detectors else {
            self.checked.incomplete = true;
            return;
        };
        let redacting = Redacting { detectors, template: template.to_owned() };
        self.one_that("", target, clauses, (Effect::Redact, Does::Redact(redacting)), whole);
    }

    /// `2.5%` of 10,000.
    pub(crate) fn share(&mut self, percent: &Percent) -> Option<u32> {
        let share = percent.digits.parse::<f64>().ok().map(|percent| percent * 100.0);
        let share = share.filter(|share| (0.0..=10_000.0).contains(share));
        if share.is_none() {
            let error =
                self.reporter.error("G0227", percent.span, "this is no share", "not 0 to 100 %");
            self.reporter.push(error);
        }
        // At most 10,000, so it fits.
        share.and_then(|share| format!("{share:.0}").parse().ok())
    }

    fn limit(&mut self, limit: &LimitRule, whole: Span) {
        let text = one_spaced(self.text);
        // A layer's count is its own, and not that of the same limit in an agent.
        let text = match &self.layer {
            Some(layer) => format!("layer {layer}: {text}"),
            None => text,
        };
        let Ok((mut checker, _)) = self.checker(&limit.target) else {
            self.checked.incomplete = true;
            return;
        };
        let terms = terms(&mut checker, limit, text);
        let mut found = std::mem::take(&mut checker.reporter.diagnostics);
        self.reporter.diagnostics.append(&mut found);
        let Some(terms) = terms else {
            self.checked.incomplete = true;
            return;
        };
        let does = (Effect::Limit, Does::Limit(terms));
        self.one_that("", &limit.target, &Clauses::of(&limit.clauses), does, whole);
    }

    /// Whether a rule can stand behind these words; what they do is put on its rules afterwards.
    pub(crate) fn modifiers(&mut self, modifiers: &[Modifier], kind: &RuleKind) -> bool {
        let Some(first) = modifiers.first() else { return true };
        let span = match first {
            Modifier::Shadow(span) | Modifier::Rollout { span, .. } => *span,
        };
        let (target, decides) = match kind {
            RuleKind::Prohibit(target, _) | RuleKind::Escalate(target, _) => (Some(target), true),
            RuleKind::Halt(_, target, _) => (target.as_ref(), true),
            _ => (None, false),
        };
        if !decides || modifiers.len() > 1 {
            let what = "`shadow` or `rollout` of anything but one prohibition, escalation or halt";
            let error = unsupported::error(&self.reporter, span, what);
            self.reporter.push(error);
            return false;
        }
        let before = self.checked.rules.len();
        let whole = Span::new(0, u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.plain_rule(kind, whole);
        match first {
            Modifier::Shadow(_) => {
                for rule in self.checked.rules.iter_mut().skip(before) {
                    rule.effect = Effect::Shadow(Box::new(rule.effect.clone()));
                    rule.title = format!("shadow {}", rule.title);
                }
            }
            Modifier::Rollout { share, key, .. } => {
                if let Some(target) = target {
                    self.rollout(share, key, target, before);
                }
            }
        }
        false
    }

    /// Enforced for a share of the keys, a shadow for the others.
    fn rollout(&mut self, share: &Percent, key: &ast::Expr, target: &Target, before: usize) {
        let Some(share) = self.share(share) else { return };
        let key = match self.checker(target) {
            Ok((mut checker, _)) => {
                let part = checker.key_part(key);
                let mut found = std::mem::take(&mut checker.reporter.diagnostics);
                self.reporter.diagnostics.append(&mut found);
                part
            }
            Err(_) => None,
        };
        let Some((key, _)) = key else {
            self.checked.incomplete = true;
            return;
        };
        for rule in self.checked.rules.split_off(before) {
            let asked = Arc::new(Asked::Share(vec![key.clone()], share));
            let place = ValueRef { root: Root::Asked(asked), path: Vec::new(), part: None };
            let span = rule.span;
            let inside = Expr { kind: ExprKind::Flag(place), span };
            let outside = Expr { kind: ExprKind::Not(Box::new(inside.clone())), span };
            let with = |part: Expr| match &rule.condition {
                None => part,
                Some(all) => Expr { kind: ExprKind::And(vec![part, all.clone()]), span },
            };
            let mut shadow = rule.clone();
            shadow.effect = Effect::Shadow(Box::new(rule.effect.clone()));
            shadow.title = format!("shadow {}", rule.title);
            shadow.condition = Some(with(outside));
            let mut enforced = rule.clone();
            enforced.condition = Some(with(inside));
            // Both are of one rule, so they name the same tools.
            let named = self.checked.named.get(before).cloned().unwrap_or_default();
            self.checked.named.insert(before, named);
            self.checked.rules.extend([enforced, shadow]);
        }
    }
}

/// The number after `to`, the window, the keys.
fn terms(checker: &mut Checker<'_>, limit: &LimitRule, text: String) -> Option<LimitTerms> {
    let most = amount(checker, &limit.amount);
    let burst = match &limit.burst {
        Some(burst) => Some(amount(checker, burst)?),
        None => None,
    };
    let window_ms = match (&limit.window, limit.at_once) {
        (Some(window), false) => Some(window.milliseconds?),
        _ => None,
    };
    let mut key = Vec::with_capacity(limit.keys.len());
    for part in &limit.keys {
        key.push(checker.key_part(part).map(|(part, _)| part));
    }
    let amount = match &limit.sum_of {
        None => None,
        Some(sum) => {
            let (place, ty) = checker.key_part(sum)?;
            if !matches!(ty, Ty::Int | Ty::Float) {
                let words = ty.words();
                let headline = format!("{words} cannot be added up");
                let error = checker.error("G0212", sum.span, headline, "no number");
                checker.report(error);
                return None;
            }
            Some(place)
        }
    };
    // A store keeps the time of each call that counts.
    let counts = i64::try_from(WINDOW_EVENTS_MAX).unwrap_or(i64::MAX).saturating_mul(UNIT);
    if limit.sum_of.is_none() && !limit.at_once && most.is_some_and(|most| most > counts) {
        let headline = format!("a limit counts at most {WINDOW_EVENTS_MAX} calls");
        let error = checker.error("G0228", limit.amount.span, headline, "too many");
        checker.report(error.with_help("limit a shorter time"));
        return None;
    }
    let key: Option<Vec<ValueRef>> = key.into_iter().collect();
    Some(LimitTerms { text, most: most?, window_ms, burst, key: key?, amount })
}

/// A positive number that is written out, in millionths.
fn amount(checker: &mut Checker<'_>, expr: &ast::Expr) -> Option<i64> {
    let typed = checker.infer(expr);
    if typed.is_error() {
        return None;
    }
    let found = match &typed.value {
        Value::Expr(ExprKind::Int(value)) => value.checked_mul(UNIT),
        Value::Expr(ExprKind::Float(bits)) => millionths(f64::from_bits(*bits)),
        _ => None,
    };
    let found = found.filter(|found| *found > 0 && scalar(&typed.ty).is_some());
    if found.is_none() {
        let headline = "a limit is a positive number that is written out";
        let error = checker.error("G0228", expr.span, headline, "how much is not known");
        checker.report(error.with_help("write a number, or name one with `const`"));
    }
    found
}

fn millionths(value: f64) -> Option<i64> {
    // Nine trillion units; a limit beyond that limits nothing.
    let scaled = value * 1_000_000.0;
    (scaled.is_finite() && scaled.abs() < 9e18).then(|| format!("{scaled:.0}").parse().ok())?
}
