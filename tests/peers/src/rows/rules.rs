//! Row 2: how a decision's time grows with the number of rules, over many agents and tools.

use crate::bench::{Effort, Table, Unit, assert_agreement, cycle};
use crate::call::{ALLOW, DENY};
use crate::cedar::{self, Cedar};
use crate::cel_rules::{self, Cel};
#[cfg(feature = "guard")]
use crate::guard::{self, Guard};
use crate::rego::{self, Rego};
use crate::rule_set::{self, Condition, Operation, RuleSet};
use hashbrown::HashMap;

const CALLS: usize = 4_096;

pub fn run(counts: &[usize], effort: Effort) {
    for &count in counts {
        let set = RuleSet::new(count);
        let engines = Engines::load(&set);
        for hot in [false, true] {
            one_table(&set, &engines, hot, effort);
        }
    }
}

/// What stays the same between the spread and the hot table.
struct Engines {
    by_text: HashMap<String, HashMap<String, Vec<Condition>>>,
    by_pair: Vec<Vec<Condition>>,
    cedar: Cedar,
    rego_rules: Result<String, String>,
    rego_data: String,
    cel: Cel,
    #[cfg(feature = "guard")]
    guard: Guard,
}

impl Engines {
    fn load(set: &RuleSet) -> Self {
        let mut by_text: HashMap<String, HashMap<String, Vec<Condition>>> = HashMap::new();
        let mut by_pair = vec![Vec::new(); set.agents * set.tools];
        for rule in &set.rules {
            let tools = by_text.entry(rule_set::agent_name(rule.agent)).or_default();
            tools.entry(rule_set::tool_name(rule.tool)).or_default().push(rule.condition.clone());
            by_pair[set.pair(rule.agent, rule.tool)].push(rule.condition.clone());
        }
        let rego = rego::rule_set_policy(set);
        Self {
            by_text,
            by_pair,
            cedar: Cedar::load(&cedar::rule_set_policy(set)),
            rego_rules: Rego::load(&rego, None).map(|_| rego),
            rego_data: rego::rule_set_data(set),
            cel: Cel::load(&cel_rules::rule_set_policy(set)),
            #[cfg(feature = "guard")]
            guard: Guard::load(&guard::rule_set_policy(set)),
        }
    }

    fn by_text(&self, operation: &Operation) -> u64 {
        let tools = self.by_text.get(&operation.agent_name);
        let rules = tools.and_then(|tools| tools.get(&operation.tool_name));
        first_met(rules.map(Vec::as_slice).unwrap_or_default(), operation)
    }

    fn by_pair(&self, set: &RuleSet, operation: &Operation) -> u64 {
        first_met(&self.by_pair[set.pair(operation.agent, operation.tool)], operation)
    }
}

fn first_met(rules: &[Condition], operation: &Operation) -> u64 {
    if rules.iter().any(|rule| operation.meets(rule)) { DENY } else { ALLOW }
}

fn one_table(set: &RuleSet, engines: &Engines, hot: bool, effort: Effort) {
    let pool = rule_set::pool(set, CALLS, hot);
    let want: Vec<u64> = pool.iter().map(|operation| engines.by_text(operation)).collect();
    assert_agreement("table by number", &pool, &want, |operation| engines.by_pair(set, operation));

    #[cfg(feature = "guard")]
    let sessions: Vec<_> = (0..set.agents)
        .map(|agent| {
            let name = rule_set::agent_name(agent);
            ["admin", "member"].map(|role| engines.guard.session(&name, role))
        })
        .collect();
    #[cfg(feature = "guard")]
    let mut memory = engines.guard.memory();
    #[cfg(feature = "guard")]
    let decoded: Vec<_> = pool
        .iter()
        .map(|call| {
            let session = &sessions[call.agent][usize::from(call.role != "admin")];
            (
                session,
                session.decode(call.event_json().as_bytes(), &mut memory).expect("it is in order"),
            )
        })
        .collect();
    #[cfg(feature = "guard")]
    assert_agreement("guard", &decoded, &want, |(session, call)| session.decide(call, &mut memory));

    // Engines that walk all rules take milliseconds a call: they are held to fewer of them.
    let few = (400_000 / set.rules.len()).clamp(64, CALLS);
    let few_want = &want[..few];
    let requests: Vec<_> =
        pool[..few].iter().map(|call| engines.cedar.rule_set_request(call)).collect();
    assert_agreement("cedar-policy", &requests, few_want, |request| engines.cedar.decide(request));

    let inputs: Vec<_> = pool.iter().map(|call| rego::input(&call.input())).collect();
    let mut data =
        Rego::load(rego::DATA_POLICY, Some(&engines.rego_data)).expect("regorus takes four rules");
    assert_agreement("regorus, rules as data", &inputs, &want, |input| data.decide(input));
    let mut rules = engines
        .rego_rules
        .as_ref()
        .map(|rego| Rego::load(rego, None).expect("it was loaded before"));
    if let Ok(rules) = &mut rules {
        assert_agreement("regorus, a rule each", &inputs[..few], few_want, |input| {
            rules.decide(input)
        });
    }

    let root = cel_rules::root();
    let contexts: Vec<_> = pool
        .iter()
        .map(|call| (set.pair(call.agent, call.tool), cel_rules::context(&root, &call.input())))
        .collect();
    let cel = &engines.cel;
    assert_agreement("cel, in order", &contexts[..few], few_want, |(_, context)| {
        cel.decide(context)
    });
    assert_agreement("cel, by pair", &contexts, &want, |(pair, context)| {
        cel.decide_some(pair * 2, 2, context)
    });

    let mix =
        if hot { "nine of ten calls from one agent in a hundred" } else { "calls spread over all" };
    let (count, agents, tools) = (set.rules.len(), set.agents, set.tools);
    let title = format!("Row 2: {count} rules, {agents} agents × {tools} tools, {mix}");
    let mut table = Table::new(title, Unit::Nanoseconds);
    table.add("hand-written index: two hash maps by text", |n| {
        cycle(&pool, n, |call| engines.by_text(call))
    });
    table.add("hand-written table, agent and tool as numbers", |n| {
        cycle(&pool, n, |call| engines.by_pair(set, call))
    });
    #[cfg(feature = "guard")]
    table.add("**guard**, record decoded before, session known", |n| {
        cycle(&decoded, n, |(session, call)| session.decide(call, &mut memory))
    });
    table.add("cel, the host finds the pair's two programs", |n| {
        cycle(&contexts, n, |(pair, context)| cel.decide_some(pair * 2, 2, context))
    });
    table.add("regorus, rules as data", |n| cycle(&inputs, n, |input| data.decide(input)));
    match &mut rules {
        Ok(rules) => table
            .add("regorus, a rule each", |n| cycle(&inputs[..few], n, |input| rules.decide(input))),
        Err(reason) => {
            table.leave_out("regorus, a rule each", format!("refused: {}", first_line(reason)))
        }
    }
    table.add("cedar-policy, request built before", |n| {
        cycle(&requests, n, |request| engines.cedar.decide(request))
    });
    table.add("cel, all programs in order", |n| {
        cycle(&contexts[..few], n, |(_, context)| cel.decide(context))
    });
    table.run(effort);
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}
