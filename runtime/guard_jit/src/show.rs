//! An entry's code for a person to read: the same functions that [`crate::MachineCode`] runs.

use crate::JitError;
use crate::compile::{Groups, Options, function_of, generate};
use crate::isa;
use cranelift_codegen::Context;
use guard_plan::{AgentId, EntryId, Plan};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The code generator's input for an entry: its functions in Cranelift's language.
pub fn clif(plan: &Plan, agent: AgentId, entry: EntryId) -> Result<String, JitError> {
    functions(plan, agent, entry, |context, _| Ok(context.func.display().to_string()))
}

/// The machine code of an entry: its functions as instructions of this computer.
pub fn asm(plan: &Plan, agent: AgentId, entry: EntryId) -> Result<String, JitError> {
    functions(plan, agent, entry, |context, isa| {
        context.set_disasm(true);
        generate(context, isa)?;
        let text = context.compiled_code().and_then(|code| code.vcode.clone());
        text.ok_or_else(|| JitError::Codegen("no disassembly".to_owned()))
    })
}

fn functions(
    plan: &Plan,
    agent: AgentId,
    entry: EntryId,
    print: impl Fn(&mut Context, &cranelift_codegen::isa::OwnedTargetIsa) -> Result<String, JitError>,
) -> Result<String, JitError> {
    let shown = || {
        let isa = isa::host()?;
        let index = entry_index(plan, agent, entry).ok_or(JitError::NoSuchEntry)?;
        let mut texts: Vec<String> = Vec::new();
        Groups::of(plan)?.functions_of(index, Options { keep_clauses: true }, |task, part| {
            let number = u32::try_from(texts.len()).unwrap_or(u32::MAX);
            let function = function_of(task, part, number, &isa)?;
            texts.push(print(&mut Context::for_function(function), &isa)?);
            Ok(())
        })?;
        Ok(texts.join("\n"))
    };
    catch_unwind(AssertUnwindSafe(shown)).unwrap_or(Err(JitError::Panicked))
}

/// The place of an entry among those of all agents.
fn entry_index(plan: &Plan, agent: AgentId, entry: EntryId) -> Option<usize> {
    let agent = usize::try_from(agent.0).ok()?;
    let entry = usize::try_from(entry.0).ok()?;
    let before: usize = plan.agents.get(..agent)?.iter().map(|a| a.entries.len()).sum();
    (entry < plan.agents.get(agent)?.entries.len()).then_some(before.checked_add(entry)?)
}
