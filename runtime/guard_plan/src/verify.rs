//! Whether a plan keeps every promise that its readers rely on. Machine code runs only on the word of
//! this file, so it shares nothing with the compiler and believes nothing of what it reads.
//!
//! INVARIANT: verifying takes time in proportion to the plan's length and to [`crate::limits`], and
//! recurses no deeper than [`crate::limits::DEPTH_MAX`].

mod entry;
mod layout;
mod memory;
mod shapes;

use crate::limits::{AGENT_TOOLS_MAX, PLAN_STEPS_MAX};
use crate::{Agent, Effect, Entry, EventTarget, Layout, PLAN_VERSION, Plan, Rule, TextId};
use shapes::Shapes;
use std::borrow::Cow;
use std::fmt;

/// How many errors are told; a plan with one is refused.
const ERRORS_MAX: usize = 64;

/// A promise that a plan does not keep. The compiler's fault, or that of whoever changed the plan;
/// never an author's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    place: String,
    message: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for PlanError {}

/// What a check of one item of the plan comes to: nothing, or its first broken promise.
type Check = Result<(), Cow<'static, str>>;

/// A check that a statement holds; `otherwise` says what is wrong.
fn require(holds: bool, otherwise: &'static str) -> Check {
    if holds { Ok(()) } else { Err(Cow::Borrowed(otherwise)) }
}

/// The element that an id of the plan names.
fn find<'p, T>(
    items: &'p [T],
    id: u32,
    otherwise: &'static str,
) -> Result<&'p T, Cow<'static, str>> {
    let item = usize::try_from(id).ok().and_then(|index| items.get(index));
    item.ok_or(Cow::Borrowed(otherwise))
}

/// Verifies a plan. What passes can be evaluated: every id names something, every operation gets
/// values of its types, every slot that is read is filled, nothing contains itself, and no
/// prohibition has been left out of what is decided.
pub fn verify(plan: &Plan) -> Result<(), Vec<PlanError>> {
    let mut errors = Errors::default();
    if plan.version != PLAN_VERSION {
        errors.note(|| "the plan".to_owned(), require(false, "it is of another version"));
        return errors.into_result();
    }
    errors.note(|| "the plan".to_owned(), sizes(plan));
    for (index, set) in plan.text_sets.iter().enumerate() {
        errors.note(|| format!("text set {index}"), text_set(plan, set));
    }
    let shapes = Shapes::new(&plan.shapes);
    for (index, shape) in plan.shapes.iter().enumerate() {
        errors.note(|| format!("shape {index}"), shapes.verify(index, shape));
    }
    // What follows walks over shapes and relies on their order.
    if errors.found.is_empty() {
        let mut budget = Budget { left: PLAN_STEPS_MAX };
        layouts(plan, &shapes, &mut budget, &mut errors);
        agents(plan, &mut budget, &mut errors);
        rules(plan, &mut errors);
    }
    errors.into_result()
}

fn sizes(plan: &Plan) -> Check {
    let pairs = plan.agents.len().saturating_mul(plan.tools.len());
    require(pairs <= AGENT_TOOLS_MAX, "it has too many agents and tools")?;
    require(
        is_increasing(plan.tools.iter().map(|tool| &tool.name)),
        "its tools are not sorted by name",
    )?;
    require(
        is_increasing(plan.agents.iter().map(|agent| &agent.name)),
        "its agents are not sorted by name",
    )
}

/// Each is larger than the one before: sorted, and none twice.
fn is_increasing<T: PartialOrd>(items: impl Iterator<Item = T>) -> bool {
    let mut before = None;
    for item in items {
        if before.as_ref().is_some_and(|before| *before >= item) {
            return false;
        }
        before = Some(item);
    }
    true
}

fn text_set(plan: &Plan, set: &[TextId]) -> Check {
    let mut texts = Vec::with_capacity(set.len());
    for id in set {
        texts.push(find(&plan.texts, id.0, "it names a text that there is not")?.as_bytes());
    }
    require(is_increasing(texts.into_iter()), "its texts are not sorted by their bytes")
}

fn layouts(plan: &Plan, shapes: &Shapes<'_>, budget: &mut Budget, errors: &mut Errors) {
    for (index, layout) in plan.layouts.iter().enumerate() {
        errors.note(
            || format!("layout {index}"),
            layout::verify(layout, shapes, layout::Use::Event, budget),
        );
    }
    errors.note(
        || "the facts".to_owned(),
        layout::verify(&plan.data, shapes, layout::Use::Facts, budget),
    );
    for agent in &plan.agents {
        let check = layout::verify(&agent.parameters, shapes, layout::Use::Parameters, budget);
        errors.note(|| format!("the parameters of agent `{}`", agent.name), check);
    }
    for tool in &plan.tools {
        errors.note(|| format!("tool `{}`", tool.name), tool_layouts(plan, shapes, tool));
    }
}

fn tool_layouts(plan: &Plan, shapes: &Shapes<'_>, tool: &crate::Tool) -> Check {
    find(&plan.layouts, tool.result.0, "its results have no layout")?;
    let call = find(&plan.layouts, tool.call.0, "its calls have no layout")?;
    // Without a record nobody would look at the arguments, and undeclared ones would pass.
    require(shapes.is_record(call), "its arguments are not a record")
}

fn agents(plan: &Plan, budget: &mut Budget, errors: &mut Errors) {
    for agent in &plan.agents {
        errors.note(|| format!("agent `{}`", agent.name), memory::agent(plan, agent));
        let is_sorted = is_increasing(agent.entries.iter().map(|entry| entry.target));
        let sorted = require(is_sorted, "its entries are not sorted by what they decide");
        errors.note(|| format!("agent `{}`", agent.name), sorted);
        for entry in &agent.entries {
            errors.note(|| entry_place(plan, agent, entry), one_entry(plan, agent, entry, budget));
        }
    }
}

fn entry_place(plan: &Plan, agent: &Agent, entry: &Entry) -> String {
    let tool = |id: crate::ToolId| find(&plan.tools, id.0, "").map_or("?", |tool| &tool.name);
    let target = match entry.target {
        EventTarget::Input => "input".to_owned(),
        EventTarget::Output => "output".to_owned(),
        EventTarget::Call(id) => format!("tool `{}`", tool(id)),
        EventTarget::Result(id) => format!("result of `{}`", tool(id)),
    };
    format!("agent `{}`, {target}", agent.name)
}

fn one_entry(plan: &Plan, agent: &Agent, entry: &Entry, budget: &mut Budget) -> Check {
    budget.is_left()?;
    let layout = find(&plan.layouts, entry.layout.0, "it has no layout")?;
    let tool = |id: crate::ToolId| find(&plan.tools, id.0, "it names a tool that there is not");
    let of_target = match entry.target {
        EventTarget::Input | EventTarget::Output => layout.root.is_none(),
        EventTarget::Call(id) => tool(id)?.call == entry.layout,
        EventTarget::Result(id) => tool(id)?.result == entry.layout,
    };
    require(of_target, "its layout is that of other events")?;
    require(
        is_known_of(layout, entry.target),
        "its layout names what the host does not say of such events",
    )?;
    entry::verify(plan, agent, entry, layout, budget)?;
    memory::entry(plan, agent, entry, layout)
}

/// Whether the host can say of such events what a layout asks for.
fn is_known_of(layout: &Layout, target: EventTarget) -> bool {
    use crate::Meta;
    layout.meta.iter().all(|(meta, _)| match meta {
        Meta::Text => !matches!(target, EventTarget::Call(_)),
        Meta::Source => target == EventTarget::Input,
        Meta::Failed => matches!(target, EventTarget::Result(_)),
        Meta::CallId | Meta::CallTool => {
            !matches!(target, EventTarget::Input | EventTarget::Output)
        }
        Meta::CallConfidence
        | Meta::CallCost
        | Meta::SessionId
        | Meta::SessionAge
        | Meta::SessionEvents
        | Meta::Now => true,
    })
}

/// Every prohibition is asked at some event: one that is not would fail open in silence.
fn rules(plan: &Plan, errors: &mut Errors) {
    let mut is_asked = vec![false; plan.rules.len()];
    for rule in plan.agents.iter().flat_map(|agent| &agent.entries).flat_map(|entry| &entry.rules) {
        if let Some(asked) =
            usize::try_from(rule.rule.0).ok().and_then(|index| is_asked.get_mut(index))
        {
            *asked = true;
        }
    }
    for (rule, is_asked) in plan.rules.iter().zip(is_asked) {
        errors.note(|| rule_place(rule), one_rule(rule, is_asked));
    }
}

fn rule_place(rule: &Rule) -> String {
    format!("{}:{} `{}`", rule.place.module, rule.place.line, rule.title)
}

fn one_rule(rule: &Rule, is_asked: bool) -> Check {
    require(is_asked || rule.effect == Effect::Allow, "no event asks this rule")?;
    match &rule.effect {
        Effect::Escalate { quorum, expires, .. } => {
            let ends_later = expires.is_none_or(|(after_ms, _)| after_ms >= 0);
            require(ends_later, "its question ends before it is put")?;
            require(*quorum > 0, "nobody need agree")
        }
        Effect::Review { share } => require(*share <= 10_000, "its share is more than the whole"),
        Effect::Shadow(of) => {
            let is_plain = of.decides() && !matches!(**of, Effect::Shadow(_) | Effect::Allow);
            require(is_plain, "it is the shadow of what decides nothing")
        }
        _ => Ok(()),
    }
}

/// The steps that the walks over a plan can still take.
#[derive(Debug)]
struct Budget {
    left: usize,
}

impl Budget {
    /// A walk past the end is finished, the next does not begin.
    fn spend(&mut self, steps: usize) {
        self.left = self.left.saturating_sub(steps);
    }

    fn is_left(&self) -> Check {
        require(self.left > 0, "the plan takes too many steps to verify")
    }
}

/// What has been found, in the order of the plan.
#[derive(Debug, Default)]
struct Errors {
    found: Vec<PlanError>,
}

impl Errors {
    fn note(&mut self, place: impl FnOnce() -> String, check: Check) {
        if let Err(message) = check
            && self.found.len() < ERRORS_MAX
        {
            self.found.push(PlanError { place: place(), message: message.into_owned() });
        }
    }

    fn into_result(self) -> Result<(), Vec<PlanError>> {
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }
}
