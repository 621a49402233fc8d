//! A plan for people: `guardc show plan`, and snapshots.

use crate::{
    Agent, ClauseId, Comparison, Effect, Entry, EventTarget, Layout, Load, Node, NodeId, Operation,
    Plan, Region, Slot, ToolId,
};
use std::fmt::{self, Write as _};

/// The bytes of one slot.
const SLOT_BYTES: usize = 16;

/// The whole plan, one fact a line. Stable: equal plans have equal listings.
pub fn listing(plan: &Plan) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_plan(plan, &mut text);
    text
}

fn write_plan(plan: &Plan, out: &mut String) -> fmt::Result {
    writeln!(out, "plan {} (version {}, edition {})", plan.package, plan.version, plan.edition)?;
    writeln!(out, "digest {}", plan.digest())?;
    for (index, pattern) in plan.patterns.iter().enumerate() {
        let how = if pattern.whole { "matches" } else { "finds" };
        writeln!(out, "pattern p{index} {how} {:?}", pattern.source)?;
    }
    write_slots("data", &plan.data, out)?;
    for agent in &plan.agents {
        write_agent(plan, agent, out)?;
    }
    Ok(())
}

fn write_slots(name: &str, layout: &Layout, out: &mut String) -> fmt::Result {
    let slots = |slots: &[Slot]| {
        let shown: Vec<String> =
            slots.iter().map(|slot| format!("{}: {:?}", slot.name, slot.ty)).collect();
        shown.join(", ")
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
    writeln!(out, "\nagent {}", agent.name)?;
    write_slots("  parameters", &agent.parameters, out)?;
    let mut largest = 0;
    for entry in &agent.entries {
        let layout = at(&plan.layouts, entry.layout.0);
        largest = largest.max(layout.map_or(0, |layout| layout.slots.len()));
        write_entry(plan, agent, entry, out)?;
    }
    let bytes = (agent.parameters.slots.len() + largest) * SLOT_BYTES;
    writeln!(out, "  state: {bytes} bytes of slots a session, and the texts of one event")
}

fn write_entry(plan: &Plan, agent: &Agent, entry: &Entry, out: &mut String) -> fmt::Result {
    let tool = |id: ToolId| at(&plan.tools, id.0).map_or("?", |tool| tool.name.as_str());
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
        let written = at(&plan.clauses, text).map_or("?", |clause| clause.text.as_str());
        writeln!(out, "    c{index} {when}  {}   // {written}", view.node(clause.node))?;
    }
    for rule in &entry.rules {
        let Some(of_plan) = at(&plan.rules, rule.rule.0) else { continue };
        let effect = match &of_plan.effect {
            Effect::Allow => "allow".to_owned(),
            Effect::Deny => "deny".to_owned(),
            Effect::Halt => "halt".to_owned(),
            Effect::Escalate { role, .. } => format!("escalate to {role:?}"),
        };
        let condition = rule.condition.map_or("always".to_owned(), |node| view.node(node));
        let place = &of_plan.place;
        writeln!(
            out,
            "    {effect} if {condition}   // {}:{} {}",
            place.module, place.line, of_plan.title
        )?;
    }
    Ok(())
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
    fn node(&self, id: NodeId) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(id, 0, &mut text);
        text
    }

    fn write(&self, id: NodeId, depth: usize, out: &mut String) -> fmt::Result {
        if depth > SHOWN_DEPTH {
            return out.write_str("…");
        }
        let Some(node) = at(&self.entry.nodes, id.0) else { return out.write_str("?") };
        let depth = depth + 1;
        match node {
            Node::Truth(holds) => write!(out, "{holds}"),
            Node::Clause(index) => write!(out, "c{index}"),
            Node::Flag(load) | Node::Load(load) => out.write_str(&self.load(*load)),
            Node::Present(load) => write!(out, "has {}", self.load(*load)),
            Node::RowCount(load) => write!(out, "{}.length", self.load(*load)),
            Node::Int(value) => write!(out, "{value}"),
            Node::Float(bits) => write!(out, "{:?}", f64::from_bits(*bits)),
            Node::Text(id) => write!(out, "{:?}", self.text(id.0)),
            Node::And(operands) => self.joined(operands, " and ", depth, out),
            Node::Or(operands) => self.joined(operands, " or ", depth, out),
            Node::Not(a) => self.call("not", &[*a], depth, out),
            Node::CharCount(a) => self.call("length", &[*a], depth, out),
            Node::TruthEqual(a, b) | Node::TextEqual(a, b) => self.infix(*a, "==", *b, depth, out),
            Node::CompareInt(how, a, b) | Node::CompareFloat(how, a, b) => {
                self.infix(*a, comparison(*how), *b, depth, out)
            }
            Node::ArithmeticInt(how, a, b) | Node::ArithmeticFloat(how, a, b) => {
                self.infix(*a, operation(*how), *b, depth, out)
            }
            Node::StartsWith(a, b) => self.infix(*a, "starts with", *b, depth, out),
            Node::EndsWith(a, b) => self.infix(*a, "ends with", *b, depth, out),
            Node::Contains(a, b) => self.infix(*a, "contains", *b, depth, out),
            Node::TextIn(a, set) => {
                self.write(*a, depth, out)?;
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
                self.write(*a, depth, out)?;
                write!(out, " in {}", self.load(Load { region: Region::Data, slot: *slot }))
            }
            Node::TextInList(a, load) => {
                self.write(*a, depth, out)?;
                write!(out, " in {}", self.load(*load))
            }
            Node::Match(a, pattern) => {
                self.write(*a, depth, out)?;
                write!(out, " ~ p{pattern}")
            }
            Node::Quantify { all, list, body } => {
                let word = if *all { "all" } else { "any" };
                write!(out, "{word} of {}: (", self.load(*list))?;
                self.write(*body, depth, out)?;
                out.write_str(")")
            }
            Node::Otherwise(load, a) => {
                write!(out, "({} otherwise ", self.load(*load))?;
                self.write(*a, depth, out)?;
                out.write_str(")")
            }
            Node::Choose(c, a, b) => self.call("choose", &[*c, *a, *b], depth, out),
        }
    }

    fn joined(
        &self,
        operands: &[NodeId],
        word: &str,
        depth: usize,
        out: &mut String,
    ) -> fmt::Result {
        out.write_str("(")?;
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                out.write_str(word)?;
            }
            self.write(*operand, depth, out)?;
        }
        out.write_str(")")
    }

    fn infix(
        &self,
        a: NodeId,
        word: &str,
        b: NodeId,
        depth: usize,
        out: &mut String,
    ) -> fmt::Result {
        self.joined(&[a, b], &format!(" {word} "), depth, out)
    }

    fn call(&self, word: &str, operands: &[NodeId], depth: usize, out: &mut String) -> fmt::Result {
        out.write_str(word)?;
        self.joined(operands, ", ", depth, out)
    }

    fn text(&self, id: u32) -> &str {
        at(&self.plan.texts, id).map_or("?", String::as_str)
    }

    fn load(&self, load: Load) -> String {
        let named = |layout: Option<&Layout>| {
            let slot = layout.and_then(|layout| at(&layout.slots, load.slot));
            slot.map_or_else(|| format!("?{}", load.slot), |slot| slot.name.clone())
        };
        match load.region {
            Region::Event => named(self.layout),
            Region::Principal => named(Some(&self.agent.parameters)),
            Region::Data => named(Some(&self.plan.data)),
            Region::Row(depth) => format!("row{depth}.{}", load.slot),
        }
    }
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
