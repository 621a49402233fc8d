//! The `reads` and `writes` lines of a scope: the most that what it permits may touch.

use crate::check::RuleCheck;
use crate::tir::EventRef;
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::ast::{Label, LabelKind, Name, ScopeItem, ScopeItemKind, Target};
use guard_grammar::span::Span;
use guard_hir::Declaration;
use std::collections::BTreeSet;

/// What a tool does with a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
    Reads,
    Writes,
}

impl Touch {
    fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
        }
    }

    /// The resource that a label says is touched so.
    fn resource(self, label: &Label) -> Option<&Name> {
        match (&label.kind, self) {
            (LabelKind::Reads(name), Self::Reads) | (LabelKind::Writes(name), Self::Writes) => {
                Some(name)
            }
            _ => None,
        }
    }

    fn label(self, resource: &Name) -> LabelKind {
        match self {
            Self::Reads => LabelKind::Reads(resource.clone()),
            Self::Writes => LabelKind::Writes(resource.clone()),
        }
    }
}

impl RuleCheck<'_> {
    /// Checks the lines of a scope against each other.
    pub(crate) fn ceilings(&mut self, lines: &[ScopeItem]) {
        for touch in [Touch::Reads, Touch::Writes] {
            let lists = lines.iter().filter_map(|line| match (&line.kind, touch) {
                (ScopeItemKind::Reads(names), Touch::Reads)
                | (ScopeItemKind::Writes(names), Touch::Writes) => Some(names),
                _ => None,
            });
            let listed: Vec<&Name> = lists.flatten().collect();
            if !listed.is_empty() {
                self.ceiling(touch, &listed, lines);
            }
        }
    }

    fn ceiling(&mut self, touch: Touch, listed: &[&Name], lines: &[ScopeItem]) {
        let known: BTreeSet<&str> = listed.iter().map(|name| name.text.as_str()).collect();
        let mut touched: BTreeSet<String> = BTreeSet::new();
        let mut found: Vec<Diagnostic> = Vec::new();
        for rule in &self.checked.rules {
            let mut beyond: Option<(&str, &Declaration, Span, &str)> = None;
            for event in &rule.events {
                let EventRef::Call(tool) = event else { continue };
                let Some(decl) = self.module.tool(tool) else { continue };
                let labels = decl.tool().map(|tool| tool.labels.as_slice()).unwrap_or_default();
                for label in labels {
                    let Some(resource) = touch.resource(label) else { continue };
                    touched.insert(resource.text.clone());
                    if !known.contains(resource.text.as_str()) {
                        beyond = beyond.or(Some((tool, decl, label.span, &resource.text)));
                    }
                }
            }
            if let Some((tool, decl, label, resource)) = beyond {
                let at = target_of(lines, rule.span).map_or(rule.span, |target| target.span);
                let word = touch.word();
                let headline =
                    format!("tool `{tool}` {word} `{resource}`, which the scope does not list");
                let help =
                    format!("add `{resource}` to the scope's `{word}` line, or do not permit it");
                found.push(
                    self.reporter
                        .error("G0304", at, headline, "permitted here")
                        .with_related(decl.label(label, "labelled so here"))
                        .with_help(help),
                );
            }
        }
        for name in listed.iter().filter(|name| !touched.contains(&name.text)) {
            found.extend(self.untouched(touch, name));
        }
        self.reporter.diagnostics.append(&mut found);
    }

    /// The error for a resource that nothing in the scope touches.
    fn untouched(&self, touch: Touch, name: &Name) -> Option<Diagnostic> {
        let word = touch.word();
        let any = self.module.tools_labelled(&touch.label(name)).next().is_some();
        if any && self.checked.incomplete {
            // The line that is wrong may be the one that needs it.
            return None;
        }
        let (headline, label) = if any {
            let headline = format!("no permitted tool {word} `{}`", name.text);
            (headline, "wider than what this scope permits")
        } else {
            (format!("no tool {word} `{}`", name.text), "no declared tool bears this label")
        };
        let error = self.reporter.error("G0305", name.span, headline, label);
        if any {
            return Some(error.with_help("take it out of the line"));
        }
        let prefix = format!("{word} ");
        let known = self.module.labels().filter_map(|label| label.strip_prefix(&prefix));
        Some(match closest(&name.text, known) {
            Some(meant) => error
                .with_help(format!("write `{meant}`"))
                .with_fix(self.reporter.label(name.span, ""), meant),
            None => error,
        })
    }
}

fn target_of(lines: &[ScopeItem], span: Span) -> Option<&Target> {
    lines.iter().find_map(|line| match &line.kind {
        ScopeItemKind::Permit(target, _) if line.span == span => Some(target),
        _ => None,
    })
}
