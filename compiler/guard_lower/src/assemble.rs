//! The whole plan from the fragments of all rules.
//!
//! INVARIANT: nothing here depends on the order in which rules or files were given; agents and
//! tools are sorted by name, rules by what they say, and only then by where they stand.

use crate::asks::{Asks, Planned};
use crate::constants::Constants;
use crate::entry::{PlacedFragment, SessionAsks, Slots, build_entry};
use crate::fragment::Fragment;
use crate::layout::{Shapes, SlotMap, facts_record, lay_out_event, lay_out_record};
use crate::reads::{Gatherer, Needed, ReadTree, Reads};
use guard_plan::{
    Agent, Entry, EventTarget, LayoutId, PLAN_VERSION, Place, Plan, Rule, RuleId, Tool, ToolId,
};
use guard_types::tir::EventRef;
use guard_types::ty::{RecordTy, Ty};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Everything a plan is made of.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The package's name.
    pub package: String,
    /// Every declared tool.
    pub tools: Vec<ToolSignature>,
    /// Every `data` declaration, sorted by name.
    pub data: Vec<(String, Ty)>,
    /// Every agent.
    pub agents: Vec<AgentProgram>,
}

/// A tool's name and types.
#[derive(Debug, Clone)]
pub struct ToolSignature {
    /// Its full name.
    pub name: String,
    /// Its arguments.
    pub arguments: Arc<RecordTy>,
    /// What it returns, where declared.
    pub result: Option<Ty>,
    /// An attacker can write what it returns.
    pub is_untrusted: bool,
    /// What it returns is confidential.
    pub is_confidential: bool,
    /// Labels of single fields of what it returns: path and label.
    pub labelled_fields: Vec<(String, String)>,
}

impl ToolSignature {
    /// The paths of the fields of its results that bear a label.
    pub(crate) fn fields_labelled<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.labelled_fields.iter().filter(move |(_, known)| known == label);
        fields.map(|(path, _)| path.as_str())
    }

    /// Whether something that it returns is confidential.
    pub(crate) fn has_secrets(&self) -> bool {
        self.is_confidential || self.fields_labelled("confidential").next().is_some()
    }
}

/// An agent and its rules.
#[derive(Debug, Clone)]
pub struct AgentProgram {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Arc<RecordTy>,
    /// Its rules, each with its place.
    pub rules: Vec<(Arc<Fragment>, Place)>,
}

/// Assembles the plan.
pub fn assemble(program: &Program) -> Plan {
    let mut tools: Vec<&ToolSignature> = program.tools.iter().collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    let mut agents: Vec<&AgentProgram> = program.agents.iter().collect();
    agents.sort_by(|a, b| a.name.cmp(&b.name));

    let events = EventTable::new(&tools);
    let asks: Vec<Asks> = agents.iter().map(|agent| Asks::of(&sorted_rules(agent))).collect();
    let reads = gather(&asks, &events);
    let mut shapes = Shapes::default();
    let data =
        lay_out_record(&facts_record(&program.data), &reads.data, &BTreeSet::new(), &mut shapes);
    let layouts = events.lay_out(&tools, &reads.events, &mut shapes);

    let mut constants = Constants::default();
    let mut rules = Vec::new();
    let mut planned = Vec::new();
    for ((agent, asks), of_agent) in agents.iter().zip(&asks).zip(&reads.agents) {
        let principal =
            lay_out_record(&agent.parameters, &of_agent.principal, &BTreeSet::new(), &mut shapes);
        let places = PlanTables { events: &events, layouts: &layouts, data: &data };
        let needed = &of_agent.needed;
        let entries = build_agent(asks, needed, &principal, &places, &mut constants, &mut rules);
        planned.push(Agent {
            name: agent.name.clone(),
            parameters: principal.layout,
            memories: asks.memories.clone(),
            limits: asks.limits.clone(),
            breakers: asks.breakers.clone(),
            provenance: asks.provenance(&tools),
            entries,
        });
    }
    let tables = constants.into_tables();
    Plan {
        version: PLAN_VERSION,
        edition: 1,
        package: program.package.clone(),
        texts: tables.texts,
        text_sets: tables.text_sets,
        patterns: tables.patterns,
        detectors: tables.detectors,
        models: tables.models,
        services: tables.services,
        shapes: shapes.shapes,
        layouts: layouts.into_iter().map(|map| map.layout).collect(),
        data: data.layout,
        tools: tools.iter().enumerate().map(|(i, tool)| EventTable::plan_tool(i, tool)).collect(),
        agents: planned,
        rules,
        clauses: tables.clauses,
    }
}

/// The kinds of event of a package, numbered: input, output, then call and result of each tool.
/// The number is also that of the event's layout.
struct EventTable<'a> {
    tools: HashMap<&'a str, usize>,
}

const INPUT: usize = 0;
const OUTPUT: usize = 1;

impl<'a> EventTable<'a> {
    fn new(tools: &[&'a ToolSignature]) -> Self {
        let tools = tools.iter().enumerate().map(|(i, tool)| (tool.name.as_str(), i)).collect();
        Self { tools }
    }

    fn count(&self) -> usize {
        2 + 2 * self.tools.len()
    }

    fn call(tool: usize) -> usize {
        2 + 2 * tool
    }

    fn result(tool: usize) -> usize {
        3 + 2 * tool
    }

    fn number(&self, event: &EventRef) -> Option<usize> {
        match event {
            EventRef::Input => Some(INPUT),
            EventRef::Output => Some(OUTPUT),
            EventRef::Call(tool) => self.tools.get(tool.as_str()).copied().map(Self::call),
            EventRef::Result(tool) => self.tools.get(tool.as_str()).copied().map(Self::result),
        }
    }

    fn target(&self, event: &EventRef) -> Option<EventTarget> {
        let tool = |name: &str| {
            let index = self.tools.get(name).copied()?;
            Some(ToolId(number_u32(index)))
        };
        match event {
            EventRef::Input => Some(EventTarget::Input),
            EventRef::Output => Some(EventTarget::Output),
            EventRef::Call(name) => tool(name).map(EventTarget::Call),
            EventRef::Result(name) => tool(name).map(EventTarget::Result),
        }
    }

    fn lay_out(
        &self,
        tools: &[&ToolSignature],
        reads: &[Reads],
        shapes: &mut Shapes,
    ) -> Vec<SlotMap> {
        let nothing = Reads::default();
        let of = |number: usize| reads.get(number).unwrap_or(&nothing);
        let text_only = |reads: &Reads, shapes: &mut Shapes| {
            lay_out_event(None, &reads.event, &reads.meta, &reads.answers, shapes)
        };
        let mut layouts = Vec::with_capacity(self.count());
        layouts.push(text_only(of(INPUT), shapes));
        layouts.push(text_only(of(OUTPUT), shapes));
        for (index, tool) in tools.iter().enumerate() {
            let call = of(Self::call(index));
            let arguments = Ty::Record(RecordTy::clone(&tool.arguments).into());
            let Reads { event, meta, answers } = call;
            layouts.push(lay_out_event(Some(&arguments), event, meta, answers, shapes));
            let result = of(Self::result(index));
            // A result is parsed only where some rule reads inside it.
            let ty = tool.result.as_ref().filter(|_| result.event != ReadTree::default());
            let Reads { event, meta, answers } = result;
            layouts.push(lay_out_event(ty, event, meta, answers, shapes));
        }
        layouts
    }

    fn plan_tool(index: usize, tool: &ToolSignature) -> Tool {
        Tool {
            name: tool.name.clone(),
            call: LayoutId(number_u32(Self::call(index))),
            result: LayoutId(number_u32(Self::result(index))),
        }
    }
}

/// What all rules read.
struct AllReads {
    /// By the event's number.
    events: Vec<Reads>,
    agents: Vec<AgentReads>,
    data: ReadTree,
}

/// What the rules of one agent read.
#[derive(Default)]
struct AgentReads {
    principal: ReadTree,
    /// The answers that its rules need, by the event's number.
    needed: BTreeMap<usize, Vec<Needed>>,
}

fn gather(agents: &[Asks], events: &EventTable<'_>) -> AllReads {
    let mut all = AllReads {
        events: vec![Reads::default(); events.count()],
        agents: Vec::new(),
        data: ReadTree::default(),
    };
    for agent in agents {
        let mut of_agent = AgentReads::default();
        for Planned { fragment, doing, .. } in &agent.rules {
            for number in fragment.events.iter().filter_map(|event| events.number(event)) {
                let Some(event) = all.events.get_mut(number) else { continue };
                let (principal, data) = (&mut of_agent.principal, &mut all.data);
                let needed = of_agent.needed.entry(number).or_default();
                let mut gatherer = Gatherer { event, principal, data, needed };
                for clause in &fragment.clauses {
                    gatherer.gather(&clause.expr, &mut Vec::new());
                }
                doing.reads().into_iter().for_each(|value| gatherer.value(value));
            }
        }
        all.agents.push(of_agent);
    }
    all
}

struct PlanTables<'a> {
    events: &'a EventTable<'a>,
    layouts: &'a [SlotMap],
    data: &'a SlotMap,
}

fn sorted_rules(agent: &AgentProgram) -> Vec<&(Arc<Fragment>, Place)> {
    let mut sorted: Vec<&(Arc<Fragment>, Place)> = agent.rules.iter().collect();
    sorted.sort_by(|(a, a_place), (b, b_place)| {
        let by_content = content(a).cmp(&content(b)).then(a_place.cmp(b_place));
        by_content.then_with(|| meaning(a).cmp(&meaning(b)))
    });
    sorted
}

fn build_agent(
    asks: &Asks,
    needed: &BTreeMap<usize, Vec<Needed>>,
    principal: &SlotMap,
    tables: &PlanTables<'_>,
    constants: &mut Constants,
    rules: &mut Vec<Rule>,
) -> Vec<Entry> {
    let mut by_event: BTreeMap<(EventTarget, usize), Vec<PlacedFragment<'_>>> = BTreeMap::new();
    for Planned { fragment, place, doing } in &asks.rules {
        let rule = RuleId(number_u32(rules.len()));
        rules.push(plan_rule(fragment, place));
        for event in &fragment.events {
            if let (Some(target), Some(number)) =
                (tables.events.target(event), tables.events.number(event))
            {
                let placed = PlacedFragment { fragment, rule, place, doing };
                by_event.entry((target, number)).or_default().push(placed);
            }
        }
    }
    let nothing = SlotMap::default();
    let entry = |((target, number), rules): ((EventTarget, usize), Vec<PlacedFragment<'_>>)| {
        let event = tables.layouts.get(number).unwrap_or(&nothing);
        let slots = Slots { event, principal, data: tables.data };
        let needed = needed.get(&number).map_or(&[][..], Vec::as_slice);
        let session = SessionAsks { asks, needed };
        build_entry(target, LayoutId(number_u32(number)), &rules, slots, session, constants)
    };
    by_event.into_iter().map(entry).collect()
}

/// What a rule says, for an order that does not depend on where it stands.
fn content(fragment: &Fragment) -> impl Ord + '_ {
    (
        !fragment.is_of_layer,
        &fragment.effect,
        &fragment.title,
        &fragment.condition_text,
        &fragment.because,
        &fragment.respond,
        &fragment.events,
    )
}

/// What tells one rule of a policy from itself where the policy is given two values.
pub(crate) fn meaning(fragment: &Fragment) -> String {
    format!("{:?} {:?} {:?}", fragment.formula, fragment.clauses, fragment.does)
}

fn plan_rule(fragment: &Fragment, place: &Place) -> Rule {
    Rule {
        effect: fragment.effect.clone(),
        title: fragment.title.clone(),
        condition: fragment.condition_text.clone(),
        because: fragment.because.clone(),
        respond: fragment.respond.clone(),
        place: place.clone(),
    }
}

/// Plans number things with 32 bits; the limits on source files keep every count far below.
fn number_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
