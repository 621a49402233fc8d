//! The project's own engine: policies as `.guard` text, decisions by machine code.

use crate::call::{ALLOW, DENY, ESCALATE};
use crate::rule_set::{Condition, RuleSet, agent_name, moves_amounts, tool_name};
use guard_db::GuardDatabase;
use guard_diagnostic::Severity;
use guard_engine::{Engine, Evaluator, Frames, Outcome};
use guard_jit::MachineCode;
use guard_lower::compile_texts;
use guard_match::{MatchScratch, Patterns};
use guard_plan::{AgentId, EntryId, EventTarget, Layout, Plan, Shape, Verdict};
use guard_value::{About, EventKind, Facts, Layouts, Reader, Record, Subject};
use hashbrown::HashMap;
use std::sync::Arc;

/// The twelve rules.
pub const TWELVE_RULES: &str = include_str!("../policies/twelve.guard");

/// A rule set as a policy: an agent for each desk, two prohibitions for each of its tools.
pub fn rule_set_policy(set: &RuleSet) -> String {
    let mut text = String::from("guard 1\n\n");
    for tool in 0..set.tools {
        let arguments = if moves_amounts(tool) {
            "amount: int, stage: string"
        } else {
            "path: string, to: [string]"
        };
        text += &format!("tool {}({arguments})\n", tool_name(tool));
    }
    let tools: Vec<String> = (0..set.tools).map(tool_name).collect();
    let scope = tools.join(", ");
    for agent in 0..set.agents {
        text += &format!("\nagent {}(user: {{ role: string }}) {{\n", agent_name(agent));
        text += &format!("  scope {{ tool {scope} }}\n");
        for rule in set.rules.iter().filter(|rule| rule.agent == agent) {
            text += &format!(
                "  prohibit tool {} {}\n",
                tool_name(rule.tool),
                condition(&rule.condition)
            );
        }
        text += "}\n";
    }
    text
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::AmountAbove(bound) => format!("when amount > {bound}"),
        Condition::ProductionUnlessAdmin => {
            "when stage == \"production\" and user.role != \"admin\"".to_owned()
        }
        Condition::PathOutside(folder) => format!("unless path starts with \"{folder}\""),
        Condition::MailOutside(ending) => {
            format!("unless all address in to: address ends with \"{ending}\"")
        }
    }
}

/// A policy that is ready to decide.
pub struct Guard {
    plan: Plan,
    patterns: Patterns,
    facts: Facts,
    code: MachineCode,
}

impl Guard {
    /// Checks a policy and compiles it to machine code.
    pub fn load(policy: &str) -> Self {
        let plan = plan_of(policy);
        let patterns = Patterns::compile(&plan.patterns).expect("the patterns are within limits");
        let code = MachineCode::compile(&plan).expect("the plan is within limits");
        let facts = Facts::unknown(plan.data.slots.len());
        Self { plan, patterns, facts, code }
    }

    /// A session of an agent, for a user of some role.
    pub fn session(&self, agent: &str, role: &str) -> Session<'_> {
        let agents = &self.plan.agents;
        let index = agents.iter().position(|one| one.name == agent).expect("the agent is declared");
        let agent = &agents[index];
        let mut principal = Record::default();
        let parameters = format!(r#"{{"user":{{"role":"{role}"}}}}"#);
        let subject = Subject { about: About::Parameter, owner: &agent.name };
        let mut reader = Reader::default();
        let faults = reader
            .value(
                parameters.as_bytes(),
                &self.plan.shapes,
                &agent.parameters,
                subject,
                &mut principal,
            )
            .expect("the parameters are JSON");
        assert!(faults.is_empty(), "the parameters fit");
        let entries =
            agent.entries.iter().enumerate().filter_map(|(entry, one)| match one.target {
                EventTarget::Call(tool) => {
                    Some((self.plan.tools[tool.0 as usize].name.clone(), EntryId(entry as u32)))
                }
                _ => None,
            });
        Session { guard: self, agent: AgentId(index as u32), principal, entries: entries.collect() }
    }

    /// Memory for decisions: one for each thread, reused from decision to decision.
    pub fn memory(&self) -> Memory {
        let entries = || self.plan.agents.iter().flat_map(|agent| &agent.entries);
        let rules = entries().map(|entry| entry.rules.len()).max().unwrap_or_default();
        let clauses = entries().map(|entry| entry.clauses.len()).max().unwrap_or_default();
        Memory {
            reader: Reader::default(),
            record: Record::default(),
            scratch: MatchScratch::default(),
            outcome: Outcome::with_room(rules, clauses),
        }
    }
}

/// The compiler, from text to plan.
fn plan_of(policy: &str) -> Plan {
    let compiled = compile_texts(&GuardDatabase::default(), "peers", &[("policy.guard", policy)]);
    let errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<&str> = errors.map(|error| error.headline.as_str()).collect();
    assert!(errors.is_empty(), "the policy checks: {errors:?}");
    let plan = compiled.plan.expect("a policy without errors has a plan");
    guard_plan::verify(&plan).expect("the compiler's plans are sound");
    Plan::clone(&plan)
}

/// An engine that keeps sessions, with its limits in memory.
pub fn engine_of(policy: &str) -> Engine {
    let plan = plan_of(policy);
    let code = MachineCode::compile(&plan).expect("the plan is within limits");
    Engine::new(Arc::new(plan), Box::new(code)).expect("the plan is sound")
}

/// An agent and for whom it works.
pub struct Session<'g> {
    guard: &'g Guard,
    agent: AgentId,
    principal: Record,
    entries: HashMap<String, EntryId>,
}

/// What decisions write into.
pub struct Memory {
    reader: Reader,
    record: Record,
    scratch: MatchScratch,
    outcome: Outcome,
}

/// A call that was read and can be decided.
pub struct Decoded {
    /// `None` where nothing permits the tool.
    entry: Option<EntryId>,
    record: Record,
}

impl Session<'_> {
    /// Reads a call. `None` where it does not fit its declaration.
    pub fn decode(&self, event: &[u8], memory: &mut Memory) -> Option<Decoded> {
        let mut record = Record::default();
        let head = memory.reader.event(event, self, &mut record).ok()?;
        let (entry, in_order) = (head.target, head.faults.is_empty());
        in_order.then_some(Decoded { entry, record })
    }

    /// Decides a call that was read before.
    #[inline(never)]
    pub fn decide(&self, call: &Decoded, memory: &mut Memory) -> u64 {
        let Memory { scratch, outcome, .. } = memory;
        call.entry.map_or(DENY, |entry| self.evaluate(entry, &call.record, scratch, outcome))
    }

    /// Reads a call and decides it.
    #[inline(never)]
    pub fn decide_bytes(&self, event: &[u8], memory: &mut Memory) -> u64 {
        let Memory { reader, record, scratch, outcome } = memory;
        let entry = match reader.event(event, self, record) {
            Ok(head) if head.faults.is_empty() => head.target,
            _ => None,
        };
        entry.map_or(DENY, |entry| self.evaluate(entry, record, scratch, outcome))
    }

    #[inline(always)]
    fn evaluate(
        &self,
        entry: EntryId,
        event: &Record,
        scratch: &mut MatchScratch,
        outcome: &mut Outcome,
    ) -> u64 {
        let Guard { patterns, facts, code, plan } = self.guard;
        let of_plan = &plan.agents[self.agent.0 as usize].entries[entry.0 as usize];
        outcome.clear_for(of_plan.rules.len(), of_plan.clauses.len());
        let frames = Frames { event, principal: &self.principal, facts, patterns };
        code.evaluate(self.agent, entry, &frames, scratch, outcome);
        match outcome.verdict {
            Verdict::Allow | Verdict::Redact => ALLOW,
            Verdict::Escalate => ESCALATE,
            Verdict::Deny | Verdict::Halt => DENY,
        }
    }
}

impl Layouts for Session<'_> {
    type Target = EntryId;

    fn shapes(&self) -> &[Shape] {
        &self.guard.plan.shapes
    }

    fn find(&self, kind: EventKind, tool: &str) -> Option<(EntryId, &Layout)> {
        let entry = *self.entries.get(tool).filter(|_| kind == EventKind::Call)?;
        let plan = &self.guard.plan;
        let layout = plan.agents[self.agent.0 as usize].entries[entry.0 as usize].layout;
        Some((entry, &plan.layouts[layout.0 as usize]))
    }
}
