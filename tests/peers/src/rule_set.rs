//! Rule sets of any size: two rules for each pair of an agent and a tool, of four kinds, and calls that
//! they decide.

use crate::random::Random;
use serde_json::{Value, json};

/// What a rule denies.
#[derive(Debug, Clone)]
pub enum Condition {
    AmountAbove(i64),
    ProductionUnlessAdmin,
    PathOutside(String),
    MailOutside(String),
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    pub agent: usize,
    pub tool: usize,
    pub condition: Condition,
}

/// Rules and what they range over.
#[derive(Debug)]
pub struct RuleSet {
    pub agents: usize,
    pub tools: usize,
    pub rules: Vec<Rule>,
}

/// Names, so that every engine uses the same.
pub fn agent_name(agent: usize) -> String {
    format!("desk_{agent}")
}

pub fn tool_name(tool: usize) -> String {
    format!("op_{tool}")
}

/// Tools with an even number move amounts, the others files and mail.
pub fn moves_amounts(tool: usize) -> bool {
    tool.is_multiple_of(2)
}

impl RuleSet {
    /// `count` rules: ten tools and five agents for a hundred, twenty tools beyond.
    pub fn new(count: usize) -> Self {
        let tools = if count <= 100 { 10 } else { 20 };
        let agents = (count / (2 * tools)).max(1);
        let rules = (0..agents * tools * 2).map(|index| {
            let (agent, tool) = (index / 2 / tools, index / 2 % tools);
            let condition = match (moves_amounts(tool), index % 2) {
                (true, 0) => Condition::AmountAbove(200 + (index as i64 * 53) % 4_000),
                (true, _) => Condition::ProductionUnlessAdmin,
                (false, 0) => Condition::PathOutside(format!("/srv/{}/", agent_name(agent))),
                (false, _) => Condition::MailOutside(format!("@team{}.example", agent % 40)),
            };
            Rule { agent, tool, condition }
        });
        Self { agents, tools, rules: rules.collect() }
    }

    /// Where the rules of a pair stand in [`RuleSet::rules`].
    pub fn pair(&self, agent: usize, tool: usize) -> usize {
        agent * self.tools + tool
    }
}

/// A call for a rule set.
#[derive(Debug, Clone)]
pub struct Operation {
    pub agent: usize,
    pub tool: usize,
    pub agent_name: String,
    pub tool_name: String,
    pub role: &'static str,
    pub amount: i64,
    pub stage: &'static str,
    pub path: String,
    pub to: Vec<String>,
}

impl Operation {
    pub fn arguments(&self) -> Value {
        if moves_amounts(self.tool) {
            json!({ "amount": self.amount, "stage": self.stage })
        } else {
            json!({ "path": self.path, "to": self.to })
        }
    }

    #[cfg(feature = "guard")]
    pub fn event_json(&self) -> String {
        json!({ "type": "tool_call", "id": "call_1", "tool": self.tool_name, "args": self.arguments() })
            .to_string()
    }

    pub fn input(&self) -> Value {
        json!({
            "agent": self.agent_name, "tool": self.tool_name, "user": { "role": self.role },
            "args": self.arguments(),
        })
    }

    /// Whether a condition holds of it.
    #[inline]
    pub fn meets(&self, condition: &Condition) -> bool {
        match condition {
            Condition::AmountAbove(bound) => self.amount > *bound,
            Condition::ProductionUnlessAdmin => self.stage == "production" && self.role != "admin",
            Condition::PathOutside(folder) => !self.path.starts_with(folder.as_str()),
            Condition::MailOutside(ending) => {
                self.to.iter().any(|address| !address.ends_with(ending.as_str()))
            }
        }
    }
}

/// Calls spread over all pairs; or, where `hot`, nine of ten from one agent in a hundred.
pub fn pool(set: &RuleSet, count: usize, hot: bool) -> Vec<Operation> {
    let mut random = Random(2);
    (0..count).map(|_| one_operation(set, hot, &mut random)).collect()
}

fn one_operation(set: &RuleSet, hot: bool, random: &mut Random) -> Operation {
    let is_hot = hot && random.below(10) != 0;
    let agent = random.below(if is_hot { (set.agents / 100).max(2) } else { set.agents });
    let tool = random.below(set.tools);
    let outside = random.below(5) == 0;
    let folder =
        if outside { "/etc".to_owned() } else { format!("/srv/{}/notes", agent_name(agent)) };
    let team = if random.below(5) == 0 { 99 } else { agent % 40 };
    let to = (0..1 + random.below(2)).map(|person| format!("p{person}@team{team}.example"));
    Operation {
        agent,
        tool,
        agent_name: agent_name(agent),
        tool_name: tool_name(tool),
        role: random.pick(&["admin", "member", "member"]),
        amount: random.below(4_000) as i64,
        stage: random.pick(&["production", "staging", "test"]),
        path: format!("{folder}/{}.md", random.below(90)),
        to: to.collect(),
    }
}
