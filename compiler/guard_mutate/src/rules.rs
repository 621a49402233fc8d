//! What can go wrong in a rule.

use crate::Operator;
use crate::edits::Edits;
use guard_grammar::ast::{
    BreakerRule, Clause, ClauseKind, DetectorSource, LimitRule, Modifier, Rule, RuleKind,
    ScopeItem, ScopeItemKind, Target, TargetKind,
};
use guard_grammar::span::Span;

impl Edits<'_> {
    pub(crate) fn rules(&mut self, rules: &[Rule]) {
        for rule in rules {
            let is_on_trial = rule.modifiers.iter().any(|one| matches!(one, Modifier::Shadow(_)));
            if !is_on_trial {
                self.enter(rule.span, rule.span);
                self.rule(rule);
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let (target, clauses) = match &rule.kind {
            RuleKind::Scope(lines) => return self.scope(rule.span, lines),
            // What only samples and attaches is nothing that a test sees.
            RuleKind::Review(..) | RuleKind::Credential(..) | RuleKind::Error => return,
            RuleKind::Limit(limit) => return self.limit(limit),
            RuleKind::Breaker(breaker) => return self.breaker(breaker),
            RuleKind::Include(_, arguments) => {
                self.drop_whole(Operator::DropRule);
                return self.arguments(arguments);
            }
            RuleKind::Prohibit(target, clauses)
            | RuleKind::Escalate(target, clauses)
            | RuleKind::Mark(_, target, clauses)
            | RuleKind::Clear(_, target, clauses) => (Some(target), clauses),
            RuleKind::Halt(_, target, clauses) => (target.as_ref(), clauses),
            RuleKind::Redact(detectors, target, clauses) => {
                let spans: Vec<Span> = detectors.iter().map(|detector| detector.span).collect();
                self.drop_each(Operator::DropElement, &spans);
                (Some(target), clauses)
            }
            RuleKind::Require(target, condition, clauses) => {
                self.expression(condition, true);
                (Some(target), clauses)
            }
            RuleKind::Subject(value, target, clauses) => {
                self.value(value);
                (Some(target), clauses)
            }
        };
        self.drop_whole(Operator::DropRule);
        if let Some(target) = target {
            self.target(target);
        }
        self.clauses(clauses);
    }

    fn scope(&mut self, rule: Span, lines: &[ScopeItem]) {
        for line in lines {
            self.enter(rule, line.span.absolute_from(rule.start));
            self.drop_whole(Operator::DropRule);
            match &line.kind {
                ScopeItemKind::Permit(target, clauses) => {
                    self.target(target);
                    self.clauses(clauses);
                }
                ScopeItemKind::Reads(names) | ScopeItemKind::Writes(names) => {
                    let spans: Vec<Span> = names.iter().map(|name| name.span).collect();
                    self.drop_each(Operator::DropElement, &spans);
                }
                ScopeItemKind::Error => {}
            }
        }
    }

    pub(crate) fn target(&mut self, target: &Target) {
        let spans: Vec<Span> = match &target.kind {
            TargetKind::Tools(tools) => tools.iter().map(|tool| tool.span).collect(),
            TargetKind::Labelled(labels) => labels.iter().map(|label| label.span).collect(),
            TargetKind::ResultOf(of) => return self.target(of),
            TargetKind::Input | TargetKind::Output | TargetKind::AnyTool => return,
        };
        self.drop_each(Operator::DropTarget, &spans);
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            match &clause.kind {
                ClauseKind::When(condition) | ClauseKind::Unless(condition) => {
                    self.edit(Operator::DropCondition, clause.span, "");
                    self.expression(condition, true);
                }
                ClauseKind::To { quorum: Some(2..), role } => {
                    let role = self.text(role.span);
                    self.edit(Operator::DropKey, clause.span, format!("to {role}"));
                }
                ClauseKind::Expires { after, then } => {
                    self.time(*after);
                    let other = if then.text == "deny" { "allow" } else { "deny" };
                    self.edit(Operator::Switch, then.span, other);
                }
                ClauseKind::Because(_)
                | ClauseKind::Respond(_)
                | ClauseKind::To { .. }
                | ClauseKind::With(_) => {}
            }
        }
    }

    fn limit(&mut self, limit: &LimitRule) {
        self.drop_whole(Operator::DropRule);
        self.target(&limit.target);
        self.value(&limit.amount);
        if let Some(window) = limit.window {
            self.time(window);
        }
        for key in &limit.keys {
            if let Some(words) = self.words_from("per", key.span.start, key.span.end) {
                self.edit(Operator::DropKey, words, "");
            }
        }
        if let Some(burst) = &limit.burst {
            self.value(burst);
        }
        self.clauses(&limit.clauses);
    }

    fn breaker(&mut self, breaker: &BreakerRule) {
        self.drop_whole(Operator::DropRule);
        self.target(&breaker.target);
        if let Ok(share) = breaker.share.digits.parse::<f64>() {
            for moved in [share * 2.0, share / 2.0] {
                self.edit(Operator::MoveBound, breaker.share.span, format!("{moved}%"));
            }
        }
        self.time(breaker.over);
        self.time(breaker.closes_after);
        self.clauses(&breaker.clauses);
    }

    pub(crate) fn detector(&mut self, source: &DetectorSource) {
        let DetectorSource::Patterns { patterns, check, near } = source else { return };
        let spans: Vec<Span> = patterns.iter().map(|pattern| pattern.span).collect();
        self.drop_each(Operator::DropElement, &spans);
        for span in spans {
            self.pattern(span);
        }
        if let Some(check) = check {
            if let Some(words) = self.words_from("where", check.span.start, check.span.end) {
                self.edit(Operator::DropElement, words, "");
            }
            self.expression(check, false);
        }
        let first = near.as_ref().and_then(|near| near.words.first());
        if let Some(first) = first
            && let Some(words) = self.words_from("near", first.span.start, self.end())
        {
            self.edit(Operator::DropElement, words, "");
        }
    }
}
