//! Which events a target names.

use crate::names::{Declaration, Module};
use crate::report::Reporter;
use guard_diagnostic::closest;
use guard_grammar::ast::{Label, LabelKind, Target, TargetKind, ToolPattern};
use guard_grammar::span::Span;
use std::collections::BTreeSet;

/// What a target names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Text to the agent.
    Input,
    /// Text from the agent.
    Output,
    /// Calls of these tools, sorted.
    Calls(Vec<String>),
    /// Results of these tools, sorted.
    Results(Vec<String>),
}

/// Resolves a target in a module. `None` where nothing is left of it; what is wrong has been
/// reported then.
pub fn resolve_target(
    module: &Module,
    target: &Target,
    reporter: &mut Reporter,
) -> Option<Resolved> {
    match &target.kind {
        TargetKind::Input => Some(Resolved::Input),
        TargetKind::Output => Some(Resolved::Output),
        TargetKind::ResultOf(inner) => tools(module, inner, reporter).map(Resolved::Results),
        _ => tools(module, target, reporter).map(Resolved::Calls),
    }
}

fn tools(module: &Module, target: &Target, reporter: &mut Reporter) -> Option<Vec<String>> {
    let found: BTreeSet<String> = match &target.kind {
        TargetKind::Tools(patterns) => {
            let mut found = BTreeSet::new();
            let mut whole = true;
            for pattern in patterns {
                match matching(module, pattern, reporter) {
                    Some(tools) => found.extend(tools),
                    None => whole = false,
                }
            }
            // A rule of which one tool is misspelt is not checked against the others: the shared
            // arguments would be wrong.
            if !whole {
                return None;
            }
            found
        }
        TargetKind::AnyTool => {
            if module.tools.is_empty() {
                let error = reporter.error(
                    "G0114",
                    target.span,
                    "`any tool` names nothing",
                    "no tool is declared in this file or in a module it uses",
                );
                let help = "take the tools in with `use`, or make them with `guardc import`";
                reporter.push(error.with_help(help));
                return None;
            }
            module.tools.keys().cloned().collect()
        }
        TargetKind::Labelled(labels) => labelled(module, labels, target.span, reporter)?,
        TargetKind::Input | TargetKind::Output | TargetKind::ResultOf(_) => BTreeSet::new(),
    };
    (!found.is_empty()).then(|| found.into_iter().collect())
}

fn matching(
    module: &Module,
    pattern: &ToolPattern,
    reporter: &mut Reporter,
) -> Option<Vec<String>> {
    let name = pattern.path.dotted();
    if pattern.wildcard {
        let prefix = format!("{name}.");
        let tools: Vec<String> =
            module.tools.keys().filter(|tool| tool.starts_with(&prefix)).cloned().collect();
        if tools.is_empty() {
            let error = reporter.error(
                "G0112",
                pattern.span,
                format!("no tool is in the namespace `{name}`"),
                "matches nothing, so the rule could never fire",
            );
            let namespaces =
                module.tools.keys().filter_map(|tool| tool.rsplit_once('.')).map(|(ns, _)| ns);
            let error = match closest(&name, namespaces) {
                Some(meant) => error.with_help(format!("write `{meant}.*`")),
                None => error,
            };
            reporter.push(error);
            return None;
        }
        return Some(tools);
    }
    if module.tools.contains_key(&name) {
        return Some(vec![name]);
    }
    let error = reporter.error(
        "G0111",
        pattern.span,
        format!("there is no tool `{name}`"),
        "not declared in this file or in a module it uses",
    );
    let error = match closest(&name, module.tools.keys().map(String::as_str)) {
        Some(meant) => {
            let error = error
                .with_help(format!("write `{meant}`"))
                .with_fix(reporter.label(pattern.span, ""), meant);
            match module.tools.get(meant) {
                Some(decl) => error.with_related(
                    decl.label(decl.name_span(), format!("`{meant}` is declared here")),
                ),
                None => error,
            }
        }
        None => error.with_help("declare it, or take its module in with `use`"),
    };
    reporter.push(error);
    None
}

fn labelled(
    module: &Module,
    labels: &[Label],
    span: Span,
    reporter: &mut Reporter,
) -> Option<BTreeSet<String>> {
    for label in labels {
        if !module.tools.values().any(|tool| bears(tool, label)) {
            let words = words(&label.kind);
            let known: BTreeSet<String> = module
                .tools
                .values()
                .filter_map(Declaration::tool)
                .flat_map(|tool| tool.labels.iter().map(|known| self::words(&known.kind)))
                .collect();
            let error = reporter.error(
                "G0113",
                label.span,
                format!("no tool bears the label `{words}`"),
                "matches nothing, so the rule could never fire",
            );
            let error = match closest(&words, known.iter().map(String::as_str)) {
                Some(meant) => error
                    .with_help(format!("write `{meant}`"))
                    .with_fix(reporter.label(label.span, ""), meant),
                None => error,
            };
            reporter.push(error);
            return None;
        }
    }
    let all = module.tools.iter().filter(|(_, tool)| labels.iter().all(|label| bears(tool, label)));
    let found: BTreeSet<String> = all.map(|(name, _)| name.clone()).collect();
    if found.is_empty() {
        let error = reporter.error(
            "G0113",
            span,
            "no tool bears all of these labels",
            "each is borne by some tool, but none bears them together",
        );
        reporter.push(error);
        return None;
    }
    Some(found)
}

fn bears(tool: &Declaration, label: &Label) -> bool {
    tool.tool().is_some_and(|tool| tool.labels.iter().any(|known| same(&known.kind, &label.kind)))
}

fn same(a: &LabelKind, b: &LabelKind) -> bool {
    match (a, b) {
        (LabelKind::Reads(a), LabelKind::Reads(b))
        | (LabelKind::Writes(a), LabelKind::Writes(b))
        | (LabelKind::Trust(a), LabelKind::Trust(b))
        | (LabelKind::Plain(a), LabelKind::Plain(b)) => a.text == b.text,
        _ => false,
    }
}

fn words(kind: &LabelKind) -> String {
    match kind {
        LabelKind::Reads(name) => format!("reads {}", name.text),
        LabelKind::Writes(name) => format!("writes {}", name.text),
        LabelKind::Trust(name) => format!("trust {}", name.text),
        LabelKind::Plain(name) => name.text.clone(),
    }
}
