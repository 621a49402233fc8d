//! What machine code leaves in the process: nothing writable and executable, nothing after a drop.

use super::build::{agent, clause, entry, everything, plan, rule, set, text};
use super::decide;
use super::random::{Random, random_inputs};
use crate::code_memory::module_for;
use crate::compile::generate;
use crate::lower::signature;
use crate::{JitError, MachineCode, isa};
use cranelift_codegen::Context;
use cranelift_codegen::ir::{InstBuilder, types::I64};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{FuncOrDataId, Linkage, Module, ModuleRelocTarget};
use guard_engine::Interpreter;
use guard_match::{MatchScratch, Patterns};
use guard_plan::*;
use std::sync::{Arc, Mutex};

/// The tests here look at the whole process, so they run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn small_plan() -> Plan {
    let mut plan = plan();
    let event = |slot| Load { region: Region::Event, slot };
    let constant = Node::Text(text(&mut plan, "alice@example.com"));
    let texts: Vec<_> = (0..20).map(|i| format!("user-{i}")).collect();
    let users = set(&mut plan, &texts);
    let nodes = vec![
        Node::Load(event(6)),
        constant,
        Node::TextEqual(NodeId(0), NodeId(1)),
        Node::TextIn(NodeId(0), users),
        Node::Match(NodeId(0), 1),
        Node::Clause(0),
        Node::Clause(1),
        Node::Clause(2),
    ];
    let clauses = vec![clause(2, true), clause(3, false), clause(4, false)];
    let rules = vec![rule(0, Some(5)), rule(2, Some(6)), rule(1, Some(7))];
    plan.agents.push(agent(vec![entry(nodes, clauses, rules)]));
    plan
}

#[cfg(target_os = "linux")]
fn mappings() -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
fn with_rights(rights: &str) -> usize {
    mappings().iter().filter(|line| line.split(' ').nth(1) == Some(rights)).count()
}

#[test]
#[cfg(target_os = "linux")]
fn no_page_is_writable_and_executable() {
    let _alone = ALONE.lock();
    let machines: Vec<_> = (0..20).map(|_| MachineCode::compile(&small_plan()).unwrap()).collect();
    for line in mappings() {
        let rights = line.split(' ').nth(1).unwrap();
        assert!(!(rights.contains('w') && rights.contains('x')), "{line}");
    }
    drop(machines);
}

#[test]
#[cfg(target_os = "linux")]
fn dropped_machine_code_frees_its_pages() {
    let _alone = ALONE.lock();
    let plan = small_plan();
    drop(MachineCode::compile(&plan).unwrap());
    let before = with_rights("r-xp");
    for _ in 0..500 {
        drop(MachineCode::compile(&plan).unwrap());
    }
    // Other tests of this process compile at the same time, a few plans each.
    let left = with_rights("r-xp").saturating_sub(before);
    assert!(left < 20, "{left} executable mappings are left");
}

#[test]
fn threads_share_machine_code() {
    let plan = small_plan();
    let machine = MachineCode::compile(&plan).unwrap();
    let interpreter = Interpreter::new(Arc::new(plan.clone()));
    let patterns = Patterns::compile(&plan.patterns).unwrap();
    std::thread::scope(|scope| {
        for seed in 1..=2 {
            let (plan, machine, interpreter, patterns) = (&plan, &machine, &interpreter, &patterns);
            scope.spawn(move || {
                let mut random = Random::new(seed);
                let mut scratch = MatchScratch::default();
                for _ in 0..500 {
                    let inputs = random_inputs(&mut random, plan);
                    let found = decide(machine, plan, (0, 0), &inputs, patterns, &mut scratch);
                    let expected =
                        decide(interpreter, plan, (0, 0), &inputs, patterns, &mut scratch);
                    assert_eq!(found, expected);
                }
            });
        }
    });
}

#[test]
fn code_with_an_import_is_refused() {
    let isa = isa::host().unwrap();
    let mut module = module_for(isa.clone(), 4096).unwrap();
    let import = module
        .declare_function("labs", Linkage::Import, &signature(isa.default_call_conv()))
        .unwrap();
    let mut context = Context::new();
    context.func.signature = signature(isa.default_call_conv());
    let import = module.declare_func_in_func(import, &mut context.func);
    let mut builder_context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let block = builder.create_block();
    let (a, b) = (builder.append_block_param(block, I64), builder.append_block_param(block, I64));
    builder.switch_to_block(block);
    builder.seal_block(block);
    builder.ins().call(import, &[a, b]);
    builder.ins().return_(&[]);
    builder.finalize(isa.frontend_config());
    let error = generate(&mut context, &isa).unwrap_err();
    assert!(matches!(error, JitError::Imports(_)), "{error}");
}

#[test]
fn names_of_the_process_are_not_found() {
    let isa = isa::host().unwrap();
    let signature = signature(isa.default_call_conv());
    let mut module = module_for(isa, 4096).unwrap();
    module.declare_function("labs", Linkage::Import, &signature).unwrap();
    let Some(FuncOrDataId::Func(labs)) = module.get_name("labs") else { panic!("not declared") };
    let name = ModuleRelocTarget::User { namespace: 0, index: labs.as_u32() };
    assert!(module.get_address(&name).is_null());
}

#[test]
fn what_does_not_exist_denies() {
    let plan = small_plan();
    let machine = MachineCode::compile(&plan).unwrap();
    let mut larger = plan.clone();
    larger.agents.push(plan.agents[0].clone());
    let patterns = Patterns::default();
    let outcome =
        decide(&machine, &larger, (1, 0), &everything(), &patterns, &mut MatchScratch::default());
    assert_eq!(outcome.verdict, Verdict::Deny);
}
