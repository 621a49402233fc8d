//! `guardc show`: every stage of the compiler, as the printers of its crates write it.

use crate::args::{FindingFormat, ShowArguments, Stage};
use crate::exit::{Answer, Exit, Failure};
use crate::load;
use crate::networks;
use crate::output::Output;
use crate::policy;
use crate::report::Findings;
use guard_db::{Db, Package};
use guard_diagnostic::Diagnostic;
use guard_engine::{Engine, HoldBack, Interpreter};
use guard_plan::{Agent, AgentId, EntryId, EventTarget, Plan};
use std::io::Write;
use std::sync::Arc;

/// Prints a stage.
pub(crate) fn run(arguments: &ShowArguments, out: &mut Output) -> Answer {
    match arguments.stage {
        Stage::Clif => show_code(arguments, guard_jit::clif, out),
        Stage::Asm => show_code(arguments, guard_jit::asm, out),
        Stage::Tokens | Stage::Ast => show_text(arguments, out),
        Stage::Hir => show_package(arguments, guard_hir::show_hir, out),
        Stage::Types => show_package(arguments, guard_types::show_types, out),
        Stage::Plan => {
            let plan = policy::plan(&arguments.file, out)?;
            out.write_all(guard_plan::listing(&plan).as_bytes())?;
            write_hold_back(plan, out)
        }
    }
}

/// What each agent's outputs hold back while they stream; nothing where they hold back nothing.
fn write_hold_back(plan: Arc<Plan>, out: &mut Output) -> Answer {
    let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
    let engine = Engine::within(plan, interpreter, networks::surroundings())
        .map_err(|error| Failure::broke(error.to_string()))?;
    for (agent, hold) in engine.hold_back() {
        let what = match hold {
            HoldBack::Bytes(0) => continue,
            HoldBack::Bytes(bytes) => format!("at most {bytes} bytes"),
            HoldBack::All => "all of it".to_owned(),
        };
        writeln!(out, "\nan output of {agent} that streams holds back {what}")?;
    }
    Ok(Exit::Clean)
}

/// Prints a file as the grammar sees it; what is wrong with it goes to standard error.
fn show_text(arguments: &ShowArguments, out: &mut Output) -> Answer {
    let mut file = load::lone_file(&arguments.file)?;
    for (name, text) in &file.modules {
        let (printed, errors) = if arguments.stage == Stage::Tokens {
            let (tokens, errors) = guard_grammar::lex(text);
            (guard_grammar::print_tokens(&tokens, text), errors)
        } else {
            let parsed = guard_grammar::parse(text);
            (guard_grammar::print_ast(&parsed.file), parsed.errors)
        };
        out.write_all(printed.as_bytes())?;
        file.diagnostics.extend(errors.iter().map(|error| Diagnostic::from_syntax(name, error)));
    }
    let others = Vec::new();
    let findings = Findings { sources: file.sources, diagnostics: file.diagnostics, others };
    let clean = findings.tally().errors == 0;
    policy::tell_findings(FindingFormat::Pretty, findings, out)?;
    Ok(if clean { Exit::Clean } else { Exit::DoesNotCheck })
}

/// Prints what a package's names or types are; what is wrong with it goes to standard error.
fn show_package(
    arguments: &ShowArguments,
    print: impl Fn(&dyn Db, Package) -> String,
    out: &mut Output,
) -> Answer {
    let loaded = policy::load(load::package(&arguments.file)?);
    out.write_all(print(&loaded.db, loaded.package).as_bytes())?;
    let compiled = loaded.compile();
    let clean = compiled.findings.tally().errors == 0;
    policy::tell_findings(FindingFormat::Pretty, compiled.findings, out)?;
    Ok(if clean { Exit::Clean } else { Exit::DoesNotCheck })
}

/// Prints what a printer of the code generator makes of each entry that is asked for.
fn show_code<E: std::fmt::Display>(
    arguments: &ShowArguments,
    print: impl Fn(&Plan, AgentId, EntryId) -> Result<String, E>,
    out: &mut Output,
) -> Answer {
    let plan = policy::plan(&arguments.file, out)?;
    let mut shown = 0_usize;
    for (agent_id, agent) in (0..).map(AgentId).zip(&plan.agents) {
        if arguments.agent.as_ref().is_some_and(|name| *name != agent.name) {
            continue;
        }
        for (entry_id, entry) in (0..).map(EntryId).zip(&agent.entries) {
            let name = target_name(&plan, entry.target);
            if arguments.entry.as_ref().is_some_and(|asked| squeezed(asked) != name) {
                continue;
            }
            let code = print(&plan, agent_id, entry_id)
                .map_err(|error| Failure::broke(format!("no code for {name}: {error}")))?;
            writeln!(out, "; agent {}, {name}\n{}\n", agent.name, code.trim_end())?;
            shown += 1;
        }
    }
    if shown == 0 { Err(nothing_shown(&plan, arguments)) } else { Ok(Exit::Clean) }
}

fn nothing_shown(plan: &Plan, arguments: &ShowArguments) -> Failure {
    let of_agent = |agent: &&Agent| arguments.agent.as_ref().is_none_or(|name| *name == agent.name);
    let agents: Vec<&Agent> = plan.agents.iter().filter(of_agent).collect();
    if agents.is_empty() {
        let names: Vec<String> = plan.agents.iter().map(|a| format!("`{}`", a.name)).collect();
        return Failure::usage("there is no such agent")
            .with_help(format!("the policy's agents: {}", names.join(", ")));
    }
    let entries = agents.iter().flat_map(|agent| &agent.entries);
    let names: Vec<String> =
        entries.map(|e| format!("`{}`", target_name(plan, e.target))).collect();
    Failure::usage("no rule concerns such events, so there is no code for them")
        .with_help(format!("there is code for: {}", names.join(", ")))
}

/// What an entry decides, in the words of the language.
fn target_name(plan: &Plan, target: EventTarget) -> String {
    let tool = |index: u32| {
        plan.tools.get(index as usize).map_or_else(String::new, |tool| squeezed(&tool.name))
    };
    match target {
        EventTarget::Input => "input".to_owned(),
        EventTarget::Output => "output".to_owned(),
        EventTarget::Call(id) => format!("tool {}", tool(id.0)),
        EventTarget::Result(id) => format!("result of {}", tool(id.0)),
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
