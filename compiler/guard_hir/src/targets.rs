//! Which events a target names.

use crate::module::{Module, bears, words};
use crate::report::Reporter;
use guard_diagnostic::{Diagnostic, closest};
use guard_grammar::ast::{Label, Target, TargetKind, ToolPattern};
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
            if module.tools().next().is_none() {
                if module.is_partial {
                    return None;
                }
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
            module.tools().map(|(name, _)| name.to_owned()).collect()
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
        let tools: Vec<String> = module.tools_below(&prefix).map(str::to_owned).collect();
        if tools.is_empty() {
            let error = reporter.error(
                "G0112",
                pattern.span,
                format!("no tool is in the namespace `{name}`"),
                "matches nothing, so the rule could never fire",
            );
            let namespaces = module.tools().filter_map(|(tool, _)| tool.rsplit_once('.'));
            let error = match closest(&name, namespaces.map(|(namespace, _)| namespace)) {
                Some(meant) => {
                    let text = format!("{}.*", written(meant));
                    let place = reporter.label(pattern.span, "");
                    error.with_help(format!("write `{text}`")).with_fix(place, text)
                }
                None if module.is_partial => return None,
                None => error,
            };
            reporter.push(error);
            return None;
        }
        return Some(tools);
    }
    if module.tool(&name).is_some() {
        return Some(vec![name]);
    }
    let error = reporter.error(
        "G0111",
        pattern.span,
        format!("there is no tool `{name}`"),
        "not declared in this file or in a module it uses",
    );
    let error = match closest(&name, module.tools().map(|(name, _)| name)) {
        Some(meant) => {
            let text = written(meant);
            let error = error
                .with_help(format!("write `{text}`"))
                .with_fix(reporter.label(pattern.span, ""), text);
            match module.tool(meant) {
                Some(decl) => error.with_related(
                    decl.label(decl.name_span(), format!("`{meant}` is declared here")),
                ),
                None => error,
            }
        }
        None if module.is_partial => return None,
        None => error.with_help("declare it, or take its module in with `use`"),
    };
    reporter.push(error);
    None
}

/// A tool's name as it is written in a rule: words that are no plain names stand in quotes.
fn written(name: &str) -> String {
    let plain = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let word = |word: &str| if plain(word) { word.to_owned() } else { format!("\"{word}\"") };
    name.split('.').map(word).collect::<Vec<_>>().join(".")
}

fn labelled(
    module: &Module,
    labels: &[Label],
    span: Span,
    reporter: &mut Reporter,
) -> Option<BTreeSet<String>> {
    let mut whole = true;
    for label in labels {
        if module.tools_labelled(&label.kind).next().is_none() {
            let error = unknown_label(module, label, reporter);
            if error.fix.is_some() || !module.is_partial {
                reporter.push(error);
            }
            whole = false;
        }
    }
    let (first, others) = labels.split_first().filter(|_| whole)?;
    let found: BTreeSet<String> = module
        .tools_labelled(&first.kind)
        .filter(|tool| {
            let tool = module.tool(tool);
            others.iter().all(|label| tool.is_some_and(|tool| bears(tool, label)))
        })
        .map(str::to_owned)
        .collect();
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

fn unknown_label(module: &Module, label: &Label, reporter: &Reporter) -> Diagnostic {
    let words = words(&label.kind);
    let error = reporter.error(
        "G0113",
        label.span,
        format!("no tool bears the label `{words}`"),
        "matches nothing, so the rule could never fire",
    );
    match closest(&words, module.labels()) {
        Some(meant) => error
            .with_help(format!("write `{meant}`"))
            .with_fix(reporter.label(label.span, ""), meant),
        None => error,
    }
}
