//! A plan for people: `guardc show plan`, and snapshots.

use crate::limits::{LISTING_BYTES_MAX, OPEN_CALLS_MAX};
use crate::{
    Agent, ClauseId, Comparison, Detector, Effect, Entry, EventTarget, Layout, Load, Model,
    ModelForm, Node, NodeId, Operation, Plan, Region, Service, Slot, SlotType, StateBound, Tool,
    ToolId, ask_at,
};
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The bytes of one slot.
const SLOT_BYTES: usize = 16;

/// The whole plan, one fact a line. Stable: equal plans have equal listings.
///
/// INVARIANT: what the plan names cannot begin a line, so nothing in it can pass for a fact. A plan
/// that is not verified can be listed; past [`LISTING_BYTES_MAX`] the listing is cut and says so.
pub fn listing(plan: &Plan) -> String {
    let mut text = String::new();
    if write_plan(plan, &mut text).is_err() {
        text.push_str("\nthe listing is cut here: it is too long\n");
    }
    text
}

fn write_plan(plan: &Plan, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "plan {} (version {}, edition {})",
        shown(&plan.package),
        plan.version,
        plan.edition
    )?;
    writeln!(out, "digest {}", plan.digest())?;
    for (index, pattern) in plan.patterns.iter().enumerate() {
        let how = if pattern.whole { "matches" } else { "finds" };
        writeln!(out, "pattern p{index} {how} {:?}", pattern.source)?;
    }
    for (index, detector) in plan.detectors.iter().enumerate() {
        write_detector(index, detector, out)?;
    }
    for (index, model) in plan.models.iter().enumerate() {
        write_model(index, model, out)?;
    }
    for (index, service) in plan.services.iter().enumerate() {
        let Service { name, url, timeout_ms, passes_on_error } = service;
        let then = if *passes_on_error { "allow" } else { "deny" };
        let name = shown(name);
        writeln!(out, "service s{index} {name} {url:?} {timeout_ms} ms, on error {then}")?;
    }
    write_slots("data", &plan.data, out)?;
    for tool in &plan.tools {
        write_tool(plan, tool, out)?;
    }
    for agent in &plan.agents {
        write_agent(plan, agent, out)?;
    }
    Ok(())
}

fn write_model(index: usize, model: &Model, out: &mut String) -> fmt::Result {
    write!(out, "model m{index} {}: ", shown(&model.name))?;
    let bytes = model.weights.len();
    match &model.form {
        ModelForm::Linear => writeln!(out, "{bytes} bytes"),
        ModelForm::Onnx { tokenizer: None } => writeln!(out, "ONNX, {bytes} bytes"),
        ModelForm::Onnx { tokenizer: Some(tokenizer) } => {
            writeln!(out, "ONNX, {bytes} bytes, a tokenizer of {} bytes", tokenizer.len())
        }
    }
}

fn write_detector(index: usize, detector: &Detector, out: &mut String) -> fmt::Result {
    write!(out, "detector d{index} {}", shown(&detector.name))?;
    for pattern in &detector.patterns {
        write!(out, " {pattern:?}")?;
    }
    if let Some(validator) = detector.validator {
        write!(out, " where {validator:?}")?;
    }
    if let Some(near) = &detector.near {
        write!(out, " near {:?} within {}", near.words, near.window)?;
    }
    writeln!(out)?;
    bounded(out)
}

fn write_tool(plan: &Plan, tool: &Tool, out: &mut String) -> fmt::Result {
    let name = shown(&tool.name);
    writeln!(out, "tool {name}")?;
    for (what, id) in [("  call", tool.call), ("  result", tool.result)] {
        if let Some(layout) = at(&plan.layouts, id.0) {
            write_slots(what, layout, out)?;
        }
    }
    Ok(())
}

/// A name or a text of the author's as one line shows it. What would end the line, hide, or turn
/// its direction is escaped.
fn shown(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    let escaped =
        |c: char| if is_shown(c) { c.to_string() } else { c.escape_unicode().to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}

fn is_shown(c: char) -> bool {
    let is_invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !is_invisible
}

/// Ends a listing that has grown too long.
fn bounded(out: &str) -> fmt::Result {
    if out.len() > LISTING_BYTES_MAX { Err(fmt::Error) } else { Ok(()) }
}

fn write_slots(name: &str, layout: &Layout, out: &mut String) -> fmt::Result {
    let slots = |slots: &[Slot]| {
        // Answers about the session are listed where they are asked.
        let named = slots.iter().filter(|slot| !slot.name.is_empty());
        let listed: Vec<String> =
            named.map(|slot| format!("{}: {:?}", shown(&slot.name), slot.ty)).collect();
        listed.join(", ")
    };
    if !layout.slots.is_empty() {
        writeln!(out, "{name} {}", slots(&layout.slots))?;
    }
    for (index, row) in layout.rows.iter().enumerate() {
        writeln!(out, "{name} row {index}: {}", slots(row))?;
    }
    Ok(())
}

fn write_agent(plan: &Plan, agent: &Agent, out: &mut String) -> fmt::Result {
    writeln!(out, "\nagent {}", shown(&agent.name))?;
    write_slots("  parameters", &agent.parameters, out)?;
    let mut largest = 0;
    for entry in &agent.entries {
        let layout = at(&plan.layouts, entry.layout.0);
        largest = largest.max(layout.map_or(0, |layout| layout.slots.len()));
        write_entry(plan, agent, entry, out)?;
    }
    let bytes = (agent.parameters.slots.len() + largest) * SLOT_BYTES;
    writeln!(out, "  state: {bytes} bytes of slots a session, and the texts of one event")?;
    write_state(agent, out)
}

/// What outlives an event: of a session, and in the store that sessions share.
fn write_state(agent: &Agent, out: &mut String) -> fmt::Result {
    let bound = StateBound::of(agent);
    writeln!(out, "  a session keeps at most {} bytes", bound.total())?;
    for memory in &agent.memories {
        let (rows, bytes) = (memory.rows_max(), memory.row_bytes_max());
        let word = if rows == 1 { "row" } else { "rows" };
        writeln!(out, "    {rows} {word} of {bytes} bytes: {}", shown(&memory.name))?;
        bounded(out)?;
    }
    if bound.calls > 0 {
        writeln!(out, "    {} bytes: {OPEN_CALLS_MAX} calls without a result", bound.calls)?;
    }
    if bound.origins > 0 {
        writeln!(out, "    {} bytes: where values came from", bound.origins)?;
    }
    let limits = agent.limits.iter().map(|limit| &limit.name);
    let breakers = agent.breakers.iter().map(|breaker| &breaker.text);
    for shared in limits.chain(breakers) {
        writeln!(out, "  in the store: {}", shown(shared))?;
        bounded(out)?;
    }
    Ok(())
}

fn write_entry(plan: &Plan, agent: &Agent, entry: &Entry, out: &mut String) -> fmt::Result {
    let tool =
        |id: ToolId| at(&plan.tools, id.0).map_or(Cow::Borrowed("?"), |tool| shown(&tool.name));
    let target = match entry.target {
        EventTarget::Input => "input".to_owned(),
        EventTarget::Output => "output".to_owned(),
        EventTarget::Call(id) => format!("tool {}", tool(id)),
        EventTarget::Result(id) => format!("result of {}", tool(id)),
    };
    writeln!(out, "\n  {target}")?;
    let view = View { plan, agent, entry, layout: at(&plan.layouts, entry.layout.0) };
    if let Some(layout) = view.layout {
        write_slots("    slots", layout, out)?;
    }
    for (index, clause) in entry.clauses.iter().enumerate() {
        let when = if clause.eager { "first" } else { "asked" };
        let ClauseId(text) = clause.text;
        let written =
            at(&plan.clauses, text).map_or(Cow::Borrowed("?"), |clause| shown(&clause.text));
        writeln!(out, "    c{index} {when}  {}   // {written}", view.node(clause.node)?)?;
        bounded(out)?;
    }
    for rule in &entry.rules {
        let Some(of_plan) = at(&plan.rules, rule.rule.0) else { continue };
        let effect = effect_words(&of_plan.effect);
        let condition = match rule.condition {
            Some(node) => view.node(node)?,
            None => "always".to_owned(),
        };
        let place = &of_plan.place;
        writeln!(
            out,
            "    {effect} if {condition}   // {}:{} {}",
            shown(&place.module),
            place.line,
            shown(&of_plan.title)
        )?;
        bounded(out)?;
    }
    for used in &entry.redactions {
        let detectors: Vec<String> = used.detectors.iter().map(|d| format!("d{d}")).collect();
        writeln!(out, "    replaces {} with {:?}", detectors.join(", "), used.template)?;
        bounded(out)?;
    }
    Ok(())
}

fn effect_words(effect: &Effect) -> String {
    match effect {
        Effect::Allow => "allow".to_owned(),
        Effect::Deny => "deny".to_owned(),
        Effect::Halt => "halt".to_owned(),
        Effect::HaltAgent => "halt agent".to_owned(),
        Effect::Escalate { role, quorum: 1, .. } => format!("escalate to {role:?}"),
        Effect::Escalate { role, quorum, .. } => format!("escalate to {quorum} of {role:?}"),
        Effect::Note => "note".to_owned(),
        Effect::Limit => "limit".to_owned(),
        Effect::Redact => "redact".to_owned(),
        Effect::Review { share } => format!("review {share} of 10000"),
        Effect::Credential { name, .. } => format!("use credential {name:?}"),
        Effect::Shadow(of) => format!("shadow {}", effect_words(of)),
    }
}

struct View<'a> {
    plan: &'a Plan,
    agent: &'a Agent,
    entry: &'a Entry,
    layout: Option<&'a Layout>,
}

/// How deep a listing follows a condition; a verified plan is never cut.
const SHOWN_DEPTH: usize = crate::limits::DEPTH_MAX;

impl View<'_> {
    fn node(&self, id: NodeId) -> Result<String, fmt::Error> {
        let mut text = String::new();
        self.write(id, Scope { depth: 0, row: None }, &mut text)?;
        Ok(text)
    }

    fn write(&self, id: NodeId, scope: Scope<'_>, out: &mut String) -> fmt::Result {
        bounded(out)?;
        if scope.depth > SHOWN_DEPTH {
            return out.write_str("…");
        }
        let Some(node) = at(&self.entry.nodes, id.0) else { return out.write_str("?") };
        let scope = Scope { depth: scope.depth + 1, ..scope };
        match node {
            Node::Truth(holds) => write!(out, "{holds}"),
            Node::Clause(index) => write!(out, "c{index}"),
            Node::Flag(load) | Node::Load(load) => out.write_str(&self.load(*load, scope)),
            Node::Present(load) => write!(out, "has {}", self.load(*load, scope)),
            Node::RowCount(load) => write!(out, "{}.length", self.load(*load, scope)),
            Node::Int(value) => write!(out, "{value}"),
            Node::Float(bits) => write!(out, "{:?}", f64::from_bits(*bits)),
            Node::Text(id) => write!(out, "{:?}", self.text(id.0)),
            Node::And(operands) => self.joined(operands, " and ", scope, out),
            Node::Or(operands) => self.joined(operands, " or ", scope, out),
            Node::Not(a) => self.call("not", &[*a], scope, out),
            Node::CharCount(a) => self.call("length", &[*a], scope, out),
            Node::TruthEqual(a, b) | Node::TextEqual(a, b) => self.infix(*a, "==", *b, scope, out),
            Node::CompareInt(how, a, b) | Node::CompareFloat(how, a, b) => {
                self.infix(*a, comparison(*how), *b, scope, out)
            }
            Node::ArithmeticInt(how, a, b) | Node::ArithmeticFloat(how, a, b) => {
                self.infix(*a, operation(*how), *b, scope, out)
            }
            Node::StartsWith(a, b) => self.infix(*a, "starts with", *b, scope, out),
            Node::EndsWith(a, b) => self.infix(*a, "ends with", *b, scope, out),
            Node::Contains(a, b) => self.infix(*a, "contains", *b, scope, out),
            Node::TextIn(a, set) => {
                self.write(*a, scope, out)?;
                let ids = at(&self.plan.text_sets, set.0).map_or(&[][..], Vec::as_slice);
                let texts: Vec<String> =
                    ids.iter().take(8).map(|id| format!("{:?}", self.text(id.0))).collect();
                let more = if ids.len() > 8 {
                    format!(", … {} in all", ids.len())
                } else {
                    String::new()
                };
                write!(out, " in [{}{more}]", texts.join(", "))
            }
            Node::TextInData(a, slot) => {
                self.write(*a, scope, out)?;
                write!(out, " in {}", self.load(Load { region: Region::Data, slot: *slot }, scope))
            }
            Node::TextInList(a, load) => {
                self.write(*a, scope, out)?;
                write!(out, " in {}", self.load(*load, scope))
            }
            Node::Match(a, pattern) => {
                self.write(*a, scope, out)?;
                write!(out, " ~ p{pattern}")
            }
            Node::Quantify { all, list, body } => {
                let word = if *all { "all" } else { "any" };
                write!(out, "{word} of {}: (", self.load(*list, scope))?;
                let row = self.row(*list, scope);
                let outer = scope.row;
                let inside = row.map(|(layout, slots)| Row { layout, slots, outer });
                // The elements of a list that there is not have no names.
                let row = inside.as_ref();
                self.write(*body, Scope { row, ..scope }, out)?;
                out.write_str(")")
            }
            Node::Otherwise(load, a) => {
                write!(out, "({} otherwise ", self.load(*load, scope))?;
                self.write(*a, scope, out)?;
                out.write_str(")")
            }
            Node::Choose(c, a, b) => self.call("choose", &[*c, *a, *b], scope, out),
        }
    }

    fn joined(
        &self,
        operands: &[NodeId],
        word: &str,
        scope: Scope<'_>,
        out: &mut String,
    ) -> fmt::Result {
        out.write_str("(")?;
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                out.write_str(word)?;
            }
            self.write(*operand, scope, out)?;
        }
        out.write_str(")")
    }

    fn infix(
        &self,
        a: NodeId,
        word: &str,
        b: NodeId,
        scope: Scope<'_>,
        out: &mut String,
    ) -> fmt::Result {
        self.joined(&[a, b], &format!(" {word} "), scope, out)
    }

    fn call(
        &self,
        word: &str,
        operands: &[NodeId],
        scope: Scope<'_>,
        out: &mut String,
    ) -> fmt::Result {
        out.write_str(word)?;
        self.joined(operands, ", ", scope, out)
    }

    fn text(&self, id: u32) -> &str {
        at(&self.plan.texts, id).map_or("?", String::as_str)
    }

    fn load(&self, load: Load, scope: Scope<'_>) -> String {
        let region = self.region(load.region, scope);
        let slots = region.map_or(&[][..], |(_, slots)| slots);
        let ask = region.and_then(|(layout, slots)| ask_at(self.entry, layout, slots, load.slot));
        let name = match (ask, at(slots, load.slot)) {
            (Some(ask), _) => format!("<{}>", shown(&ask.name)),
            (None, Some(slot)) => shown(&slot.name).into_owned(),
            (None, None) => format!("?{}", load.slot),
        };
        match load.region {
            // A row further out can be one of the same list.
            Region::Row(out) if out > 0 => format!("outer{out}.{name}"),
            Region::Event | Region::Principal | Region::Data | Region::Row(_) => name,
        }
    }

    fn region<'r>(&'r self, region: Region, scope: Scope<'r>) -> Option<(&'r Layout, &'r [Slot])> {
        let layout = match region {
            Region::Event => self.layout?,
            Region::Principal => &self.agent.parameters,
            Region::Data => &self.plan.data,
            Region::Row(out) => {
                let mut row = scope.row?;
                for _ in 0..out {
                    row = row.outer?;
                }
                return Some((row.layout, row.slots));
            }
        };
        Some((layout, &layout.slots))
    }

    /// What the elements of a list are made of.
    fn row<'r>(&'r self, list: Load, scope: Scope<'r>) -> Option<(&'r Layout, &'r [Slot])> {
        let (layout, slots) = self.region(list.region, scope)?;
        match at(slots, list.slot)?.ty {
            SlotType::List(row) => Some((layout, at(&layout.rows, row)?)),
            _ => None,
        }
    }
}

/// Where in a condition a node stands.
#[derive(Clone, Copy)]
struct Scope<'r> {
    depth: usize,
    row: Option<&'r Row<'r>>,
}

/// The element of the innermost quantifier.
struct Row<'r> {
    layout: &'r Layout,
    slots: &'r [Slot],
    outer: Option<&'r Row<'r>>,
}

fn at<T>(values: &[T], index: u32) -> Option<&T> {
    values.get(usize::try_from(index).ok()?)
}

fn comparison(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn operation(how: Operation) -> &'static str {
    match how {
        Operation::Add => "+",
        Operation::Subtract => "-",
        Operation::Multiply => "*",
        Operation::Divide => "/",
    }
}
