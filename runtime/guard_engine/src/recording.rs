//! What a decision's clauses came to and which values they read: an evaluation of every clause of
//! an entry, apart from the decision itself and only when someone asks why.

use crate::grounding::{Missing, missing_words};
use crate::interpret::{Recorder, Run, Scope, Seen, at};
use crate::{ClauseReport, Frames, Values};
use guard_match::MatchScratch;
use guard_plan::{AgentId, Entry, EntryId, EntryRule, Node, NodeId, Plan, SlotType, Truth};
use guard_value::{Record, SlotState};

/// How many values of one clause are kept; a list of thousands has as many.
const VALUES_MAX: usize = 32;

/// How much of a text is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 200;

/// Every clause of an entry, evaluated.
#[derive(Debug)]
pub(crate) struct Recording<'a> {
    plan: &'a Plan,
    pub(crate) entry: &'a Entry,
    clauses: Vec<(Truth, Values)>,
}

impl<'a> Recording<'a> {
    pub(crate) fn of(
        plan: &'a Plan,
        agent: AgentId,
        entry: EntryId,
        frames: Frames<'a>,
        missing: &'a [Missing],
    ) -> Option<Self> {
        let agent = at(&plan.agents, agent.0)?;
        let entry = at(&agent.entries, entry.0)?;
        let mut scratch = MatchScratch::default();
        let watch = Watch { values: Values::default(), event: frames.event, missing };
        let mut run = Run::new(plan, agent, entry, frames, &mut scratch, watch);
        let clauses = (0..)
            .zip(&entry.clauses)
            .map(|(index, _)| {
                let truth = run.clause(index);
                (truth, std::mem::take(&mut run.recorder.values))
            })
            .collect();
        Some(Self { plan, entry, clauses })
    }

    /// What a clause came to.
    pub(crate) fn truth(&self, clause: u32) -> Truth {
        at(&self.clauses, clause).map_or(Truth::Unknown, |(truth, _)| *truth)
    }

    /// What a rule's condition came to, were its clauses what `clause` says.
    pub(crate) fn condition(&self, rule: &EntryRule, clause: impl FnMut(u32) -> Truth) -> Truth {
        crate::interpret::condition_of(self.entry, rule.condition, clause)
    }

    /// The clauses of a rule, in the order of its condition, each once.
    pub(crate) fn clauses_of(&self, rule: &EntryRule) -> Vec<ClauseReport> {
        self.clauses_in(rule).into_iter().filter_map(|clause| self.clause(clause)).collect()
    }

    /// Which clauses a rule's condition consists of.
    pub(crate) fn clauses_in(&self, rule: &EntryRule) -> Vec<u32> {
        rule.condition.map(|condition| collected(self.entry, condition)).unwrap_or_default()
    }

    fn clause(&self, clause: u32) -> Option<ClauseReport> {
        let (truth, values) = at(&self.clauses, clause)?;
        let text = self.clause_text(clause)?.to_owned();
        Some(ClauseReport { text, truth: truth_word(*truth), values: values.clone() })
    }

    /// What a clause says.
    pub(crate) fn clause_text(&self, clause: u32) -> Option<&'a str> {
        let clause = at(&self.entry.clauses, clause)?;
        Some(&at(&self.plan.clauses, clause.text.0)?.text)
    }
}

/// The clauses that a condition consists of, each once, in its order.
pub(crate) fn collected(entry: &Entry, condition: NodeId) -> Vec<u32> {
    let mut clauses = Vec::new();
    let mut seen = vec![false; entry.clauses.len()];
    collect_clauses(entry, condition, &mut seen, &mut clauses);
    clauses
}

fn collect_clauses(entry: &Entry, node: NodeId, seen: &mut [bool], clauses: &mut Vec<u32>) {
    let Some(node) = at(&entry.nodes, node.0) else { return };
    let Node::Clause(clause) = node else {
        node.for_each_operand(|operand| collect_clauses(entry, operand, seen, clauses));
        return;
    };
    let known = usize::try_from(*clause).ok().and_then(|index| seen.get_mut(index));
    if known.is_some_and(|known| !std::mem::replace(known, true)) {
        clauses.push(*clause);
    }
}

pub(crate) fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::Unknown => "unknown",
        Truth::False => "false",
    }
}

/// Notes the values that a clause reads.
struct Watch<'a> {
    values: Values,
    event: &'a Record,
    /// Claims of the event that have no source.
    missing: &'a [Missing],
}

impl Watch<'_> {
    /// Which claim made an answer what it is.
    fn why(&self, seen: Seen<'_>) -> Option<String> {
        if !std::ptr::eq(seen.record, self.event) {
            return None;
        }
        missing_words(self.missing, seen.place, self.event, shown_text)
    }
}

impl Recorder for Watch<'_> {
    const LOOKS: bool = true;

    fn saw(&mut self, name: &str, ty: SlotType, seen: Seen<'_>, scope: &Scope<'_, '_>) {
        if self.values.0.len() >= VALUES_MAX {
            return;
        }
        let name = name_at(name, scope);
        if self.values.0.iter().all(|(known, _)| *known != name) {
            let shown = self.why(seen).unwrap_or_else(|| shown(ty, seen));
            self.values.0.push((name, shown));
        }
    }
}

/// `to[].domain` as `to[2].domain`: the last brackets are those of the innermost quantifier.
fn name_at(name: &str, scope: &Scope<'_, '_>) -> String {
    let Scope::Row { index, outer, .. } = scope else { return name.to_owned() };
    match name.rsplit_once("[]") {
        Some((before, after)) => format!("{}[{index}]{after}", name_at(before, outer)),
        None => name.to_owned(),
    }
}

fn shown(ty: SlotType, seen: Seen<'_>) -> String {
    let value = seen.value;
    match value.state() {
        SlotState::Absent => return "absent".to_owned(),
        SlotState::Malformed => return "malformed".to_owned(),
        SlotState::Present => {}
    }
    let shown = match ty {
        SlotType::Bool => value.as_bool().map(|value| value.to_string()),
        SlotType::Int => value.as_int().map(|value| value.to_string()),
        SlotType::Float => value.as_float().map(|value| value.to_string()),
        SlotType::Text => seen.record.text(value).map(shown_text),
        SlotType::List(_) => seen.record.rows(value).map(|(_, count)| match count {
            1 => "1 element".to_owned(),
            count => format!("{count} elements"),
        }),
        SlotType::TextSet | SlotType::Presence => None,
    };
    shown.unwrap_or_else(|| "present".to_owned())
}

/// In quotes, on one line, without characters that reorder text.
fn shown_text(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut shown = String::from('"');
    for c in text.chars() {
        if shown.len() > SHOWN_BYTES_MAX {
            shown.push('…');
            break;
        }
        match c {
            // As `Debug` would, but a quote inside is worth no escape to a reader of texts.
            '\'' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown.push('"');
    shown
}
