//! A small host: it loads a compiled policy and decides the events on standard input,
//! one JSON object a line.
//!
//! `decide POLICY.plan AGENT PRINCIPAL_JSON < events.jsonl`

#![forbid(unsafe_code)]

use agent_guard::{Duties, Engine, EngineKind, Policy, Surroundings, Verdict};
use std::error::Error;
use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plan, agent, principal] = arguments.as_slice() else {
        return Err("usage: decide POLICY.plan AGENT PRINCIPAL_JSON < events.jsonl".into());
    };
    let policy = Policy::from_bytes(&std::fs::read(plan)?)?;
    // This host attaches credentials and shows samples to people; another would say what it does.
    let around = Surroundings { duties: Duties::ALL, ..Surroundings::default() };
    let engine = Engine::within(&policy, EngineKind::Jit, around)?;
    let mut session = engine.session(agent, "example", principal.as_bytes())?;

    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let decision = session.decide_json(line.as_bytes());
        match decision.verdict() {
            Verdict::Allow => writeln!(out, "allow")?,
            // What does not pass is answered in the words the policy has for the agent.
            verdict => {
                let answer = decision.respond().unwrap_or("This is not permitted.");
                writeln!(out, "{verdict}: {answer}")?;
            }
        }
    }
    Ok(())
}
