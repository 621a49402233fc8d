//! `breaker`: three rules of one. While it is open it refuses, on trial it asks, and it counts how things
//! go.

use crate::asked::{Asked, Does};
use crate::check::{Clauses, RuleCheck};
use crate::tir::{CheckedRule, EventRef, Expr, ExprKind, Root, ValueRef};
use guard_grammar::ast::{BreakerRule, Name};
use guard_grammar::one_spaced;
use guard_grammar::span::Span;
use guard_plan::limits::MEMORY_COUNT_MAX;
use guard_plan::{AfterOpen, Breaker, Effect, Stage, Wrongs};
use std::sync::Arc;

/// Who is asked about a breaker on trial, where the rule does not say.
const OPERATOR: &str = "operator";

impl RuleCheck<'_> {
    /// Checks a breaker and keeps its rules.
    pub(crate) fn breaker(&mut self, rule: &BreakerRule, whole: Span) {
        let clauses = Clauses::of(&rule.clauses);
        let Ok((_, events)) = self.checker(&rule.target) else {
            self.checked.incomplete = true;
            return;
        };
        let Some(breaker) = self.terms_of(rule, &clauses, &events) else {
            self.checked.incomplete = true;
            return;
        };
        let breaker = Arc::new(breaker);
        let named = crate::check::named(&rule.target);
        let title = one_spaced(Span::new(whole.start, rule.target.span.end).text(self.text));
        let mut keep = |effect, does, events: Vec<EventRef>, asked: Option<(Stage, &str)>| {
            self.checked.named.push(named.clone());
            self.checked.rules.push(CheckedRule {
                effect,
                does,
                events,
                condition: asked.map(|(stage, _)| is_at(&breaker, stage, rule.name.span)),
                title: title.clone(),
                condition_text: asked.map(|(_, words)| format!("{} {words}", rule.name.text)),
                because: clauses.because.clone(),
                respond: clauses.respond.clone(),
                span: whole,
            });
        };
        keep(Effect::Deny, Does::Nothing, events.clone(), Some((Stage::Open, "is open")));
        if breaker.then == AfterOpen::Trial {
            let (quorum, role) = match &clauses.to {
                Some((quorum, role, _)) => (quorum.unwrap_or(1), role.clone()),
                None => (1, OPERATOR.to_owned()),
            };
            let quorum = u32::try_from(quorum).unwrap_or(1).max(1);
            let effect = Effect::Escalate { role, quorum, expires: clauses.expires };
            keep(effect, Does::Nothing, events.clone(), Some((Stage::Trial, "is on trial")));
        }
        let counted = match breaker.counts {
            Wrongs::Denials => events,
            Wrongs::Failures => results_of(&events),
        };
        keep(Effect::Note, Does::Breaker(Arc::clone(&breaker)), counted, None);
    }

    fn terms_of(
        &mut self,
        rule: &BreakerRule,
        clauses: &Clauses<'_>,
        events: &[EventRef],
    ) -> Option<Breaker> {
        let is_call = |event: &EventRef| matches!(event, EventRef::Call(_));
        let counts = match rule.counts.text.as_str() {
            "failures" if events.iter().all(is_call) => Wrongs::Failures,
            "failures" => {
                let headline = "only calls of tools fail";
                self.wrong(rule.target.span, headline, "this is no tool", "count `denials` here");
                return None;
            }
            "denials" => Wrongs::Denials,
            _ => {
                let headline = format!("a breaker cannot count `{}`", rule.counts.text);
                let help = "count `failures` of calls, or `denials`";
                self.wrong(rule.counts.span, &headline, "not something that goes wrong", help);
                return None;
            }
        };
        let share = self.share(&rule.share)?;
        if share >= 10_000 {
            let headline = "the breaker can never open";
            let help = "name a share below 100 %";
            self.wrong(rule.share.span, headline, "nothing is more than all", help);
            return None;
        }
        let at_least = u32::try_from(rule.at_least).ok();
        let Some(at_least) = at_least.filter(|least| (1..=MEMORY_COUNT_MAX).contains(least)) else {
            let headline = format!("a breaker counts 1 to {MEMORY_COUNT_MAX} events");
            let help = "say of how many events it judges";
            self.wrong(rule.name.span, &headline, "`of at least` is out of bounds", help);
            return None;
        };
        let times = [&rule.over, &rule.closes_after];
        if let Some(none) = times.iter().find(|time| time.milliseconds == Some(0)) {
            let headline = "a breaker judges and stays open over some time";
            self.wrong(none.span, headline, "no time", "name a time, such as `5m`");
            return None;
        }
        let then = self.after_open(rule.then.as_ref(), clauses)?;
        let layer = self.layer.as_ref().map(|layer| format!("layer {layer}: "));
        let layer = layer.unwrap_or_default();
        Some(Breaker {
            name: format!("{layer}{}", rule.name.text),
            text: format!("{layer}{}", one_spaced(self.text)),
            counts,
            share,
            at_least,
            over_ms: rule.over.milliseconds?,
            open_ms: rule.closes_after.milliseconds?,
            then,
        })
    }

    fn after_open(&mut self, then: Option<&Name>, clauses: &Clauses<'_>) -> Option<AfterOpen> {
        let after = match then.map(|then| (then.text.as_str(), then.span)) {
            None | Some(("allow", _)) => AfterOpen::Close,
            Some(("escalate", _)) => AfterOpen::Trial,
            Some(("deny", _)) => AfterOpen::Stay,
            Some((word, span)) => {
                let headline = format!("`{word}` does not follow when a breaker was open");
                let help = "write `then allow`, `then escalate` or `then deny`";
                self.wrong(span, &headline, "not something that follows", help);
                return None;
            }
        };
        if let (Some((_, _, span)), true) = (&clauses.to, after != AfterOpen::Trial) {
            let headline = "nobody is asked about this breaker";
            self.wrong(*span, headline, "not asked", "write `then escalate` before it");
            return None;
        }
        Some(after)
    }

    fn wrong(&mut self, span: Span, headline: &str, label: &str, help: &str) {
        let error = self.reporter.error("G0230", span, headline, label);
        self.reporter.push(error.with_help(help));
    }
}

fn is_at(breaker: &Arc<Breaker>, stage: Stage, span: Span) -> Expr {
    let asked = Arc::new(Asked::Breaker(Arc::clone(breaker), stage));
    let place = ValueRef { root: Root::Asked(asked), path: Vec::new(), part: None };
    Expr { kind: ExprKind::Flag(place), span }
}

fn results_of(calls: &[EventRef]) -> Vec<EventRef> {
    let result = |event: &EventRef| match event {
        EventRef::Call(tool) => Some(EventRef::Result(tool.clone())),
        _ => None,
    };
    calls.iter().filter_map(result).collect()
}
