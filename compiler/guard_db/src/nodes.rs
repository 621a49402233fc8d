//! The tree of a file, cut into nodes that stay equal when text elsewhere changes.

use crate::{Db, SourceFile};
use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{Item, ItemKind, Modifier, Name, RuleKind};
use guard_grammar::span::Span;
use std::collections::HashMap;
use std::sync::Arc;

/// A declaration. Its identity is its key; the rest may change.
#[salsa::tracked(debug)]
pub struct ItemNode<'db> {
    /// The kind, the name, and which of several of that name: `tool pay #0`.
    #[returns(clone)]
    pub key: Arc<str>,
    /// The declaration; the rules of an agent, a policy or a layer are nodes of their own. Spans
    /// count from the declaration's start.
    #[tracked]
    #[returns(clone)]
    pub kind: Arc<ItemKind>,
    /// Where it stands in the file. Read this only to show a place.
    #[tracked]
    #[returns(copy)]
    pub span: Span,
    /// The rules of an agent, a policy or a layer.
    #[tracked]
    #[returns(clone)]
    pub rules: Vec<RuleNode<'db>>,
}

/// A rule. Its identity is the agent's key, its words before the condition, and which of several
/// rules with these words it is, so that neither a new condition nor a new rule above changes it.
#[salsa::tracked(debug)]
pub struct RuleNode<'db> {
    /// The agent's key, the rule's words up to `when` or `unless`, and which of the rules with
    /// these words it is: `agent bank #0 / prohibit tool pay #1`.
    #[returns(clone)]
    pub key: Arc<str>,
    /// The rule; spans count from its start.
    #[tracked]
    #[returns(clone)]
    pub rule: Arc<(Vec<Modifier>, RuleKind)>,
    /// Its text.
    #[tracked]
    #[returns(clone)]
    pub text: Arc<str>,
    /// Where it stands in the file. Read this only to show a place.
    #[tracked]
    #[returns(copy)]
    pub span: Span,
    /// Which of the owner's rules it is, from 0. Read this only to show a place.
    #[tracked]
    #[returns(copy)]
    pub position: u32,
}

/// A file's nodes and what is wrong with its text.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub struct Syntax<'db> {
    /// In the order of the file.
    pub items: Vec<ItemNode<'db>>,
    /// Syntax errors.
    pub diagnostics: Vec<SyntaxDiagnostic>,
}

/// A syntax error as a diagnostic.
pub type SyntaxDiagnostic = Diagnostic;

/// Reads a file and cuts it into nodes. The tree itself is not kept: most of it moves into nodes.
#[salsa::tracked(returns(ref))]
pub fn parse(db: &dyn Db, file: SourceFile) -> Syntax<'_> {
    let (path, text) = (file.path(db), file.text(db));
    let parsed = guard_grammar::parse(&text);
    let mut seen: HashMap<String, u32> = HashMap::new();
    let items = parsed.file.items.into_iter();
    let items = items.map(|item| item_node(db, item, &text, &mut seen)).collect();
    let diagnostics =
        parsed.errors.iter().map(|error| Diagnostic::from_syntax(&path, error)).collect();
    Syntax { items, diagnostics }
}

fn item_node<'db>(
    db: &'db dyn Db,
    mut item: Item,
    text: &str,
    seen: &mut HashMap<String, u32>,
) -> ItemNode<'db> {
    let name = key_words(&item.kind);
    let count = seen.entry(name.clone()).or_insert(0);
    let key: Arc<str> = format!("{name} #{count}").into();
    *count += 1;
    let rules = match &mut item.kind {
        ItemKind::Agent(agent) => std::mem::take(&mut agent.rules),
        ItemKind::Policy(policy) => std::mem::take(&mut policy.rules),
        ItemKind::Layer(layer) => std::mem::take(&mut layer.rules),
        _ => Vec::new(),
    };
    let mut titles: HashMap<String, u32> = HashMap::new();
    let rules = rules.into_iter().zip(0..).map(|(rule, position)| {
        let text = rule.span.text(text);
        let title = title(text);
        let mut rule_key = format!("{key} / {title} #");
        let count = titles.entry(title).or_insert(0);
        rule_key.push_str(&count.to_string());
        *count += 1;
        let content = Arc::new((rule.modifiers, rule.kind));
        RuleNode::new(db, rule_key.into(), content, text.into(), rule.span, position)
    });
    let rules = rules.collect();
    ItemNode::new(db, key, Arc::new(item.kind), item.span, rules)
}

fn key_words(kind: &ItemKind) -> String {
    let named = |word: &str, name: &Name| format!("{word} {}", name.text);
    match kind {
        ItemKind::Use(path) => format!("use {}", path.dotted()),
        ItemKind::Const(decl) => named("const", &decl.name),
        ItemKind::Data(decl) => named("data", &decl.name),
        ItemKind::Type(decl) => named("type", &decl.name),
        ItemKind::Tool(decl) => format!("tool {}", decl.name.dotted()),
        ItemKind::Fn(decl) => named("fn", &decl.name),
        ItemKind::Detector(decl) => named("detector", &decl.name),
        ItemKind::Trust(_) => "trust".to_owned(),
        ItemKind::Agent(decl) => named("agent", &decl.name),
        ItemKind::Policy(decl) => named("policy", &decl.name),
        ItemKind::Layer(decl) => named("layer", &decl.name),
        ItemKind::Test(decl) => format!("test {}", decl.title.value),
        ItemKind::Steps(decl) => named("steps", &decl.name),
        ItemKind::Prove(decl) => format!("prove {}", decl.title.value),
        ItemKind::Error => "error".to_owned(),
    }
}

/// The words of a rule before its condition. That a word may stand in a string or a comment does
/// not matter: the title only has to tell rules apart, and to stay when the condition changes.
fn title(text: &str) -> String {
    let words = text.split_ascii_whitespace();
    let head =
        words.take_while(|word| !matches!(*word, "when" | "unless") && !word.starts_with('{'));
    head.collect::<Vec<_>>().join(" ")
}
