//! From a plan to machine code: shapes, parts, functions, and the table that finds them.

use crate::code_memory::{CodeMemory, FUNCTION_ALIGNMENT};
use crate::frame::LargeSets;
use crate::lower::{Task, lower};
use crate::part::{Part, parts};
use crate::scope::Unit;
use crate::shape::{SET_TEXTS_MAX, Shape, shape};
use crate::{JitError, isa};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, UserFuncName};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use guard_plan::{Plan, TextId};
use std::collections::BTreeMap;
use std::ops::Range;

/// A shape of so few different constants has them in its code, once for each.
const INLINE_TABLES_MAX: usize = 2;
/// With more shapes than these, only one of a single table of constants has them in its code.
const INLINE_SHAPES_MAX: usize = 256;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether the outcome says which clauses hold and which are unknown. Without, only verdict and
    /// rules are right.
    pub keep_clauses: bool,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries of all agents.
    pub entries: usize,
    /// Different shapes among them.
    pub shapes: usize,
    /// Functions; large entries have several, and a shape with few constants one for each.
    pub functions: usize,
    /// Bytes of machine code.
    pub code_bytes: usize,
    /// Bytes of constants.
    pub constant_bytes: usize,
}

/// Finished code and where each entry finds its own.
pub(crate) struct Compiled {
    pub(crate) memory: CodeMemory,
    /// Of each entry of each agent, one agent after another.
    pub(crate) entries: Vec<EntryCode>,
    pub(crate) constants: Vec<u8>,
    pub(crate) large_sets: LargeSets,
    pub(crate) stats: Stats,
}

/// What an entry runs.
#[derive(Debug, Clone)]
pub(crate) struct EntryCode {
    /// Its functions, in order.
    pub(crate) functions: Range<usize>,
    /// Where its constants start.
    pub(crate) constants: usize,
}

/// Compiles a plan.
pub(crate) fn compile(plan: &Plan, options: Options) -> Result<Compiled, JitError> {
    let isa = isa::host()?;
    let groups = Groups::of(plan)?;
    let mut generator = Generator::new(isa);
    let mut constants = Vec::new();
    // What each table of each shape runs, in the order of their numbers.
    let mut code = Vec::with_capacity(groups.groups.len());
    for group in &groups.groups {
        code.push(group.compile(&groups, options, &mut generator, &mut constants)?);
    }
    let entries = groups
        .entries
        .iter()
        .map(|place| code.get(place.group)?.get(place.table).cloned())
        .collect::<Option<Vec<_>>>()
        .ok_or(JitError::NoSuchEntry)?;
    let stats = Stats {
        entries: entries.len(),
        shapes: groups.groups.len(),
        functions: generator.starts.len(),
        code_bytes: generator.code.len(),
        constant_bytes: constants.len(),
    };
    let memory = CodeMemory::new(generator.isa, &generator.code, &generator.starts)?;
    Ok(Compiled { memory, entries, constants, large_sets: large_sets(plan)?, stats })
}

/// The plan's entries by shape.
pub(crate) struct Groups<'p> {
    groups: Vec<Group<'p>>,
    /// Of each entry of each agent, one agent after another.
    entries: Vec<GroupPlace>,
}

/// The entries of one shape.
struct Group<'p> {
    /// One of them.
    unit: Unit<'p>,
    shape: Shape,
    parts: Vec<Part>,
    /// The different constants, and the number of each.
    tables: BTreeMap<Vec<u8>, usize>,
}

/// Which code an entry runs.
#[derive(Debug, Clone, Copy)]
struct GroupPlace {
    group: usize,
    table: usize,
}

impl<'p> Groups<'p> {
    pub(crate) fn of(plan: &'p Plan) -> Result<Self, JitError> {
        let mut groups: Vec<Group<'p>> = Vec::new();
        let mut by_key: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let mut entries = Vec::new();
        for agent in &plan.agents {
            for entry in &agent.entries {
                let unit = Unit::new(plan, agent, entry)?;
                let parts = parts(&unit)?;
                let mut shape = shape(&unit)?;
                let constants = std::mem::take(&mut shape.constants);
                let group = *by_key.entry(std::mem::take(&mut shape.key)).or_insert_with(|| {
                    groups.push(Group { unit, shape, parts, tables: BTreeMap::new() });
                    groups.len() - 1
                });
                let tables = groups.get_mut(group).map(|group| &mut group.tables);
                let tables = tables.ok_or(JitError::NoSuchEntry)?;
                let number = tables.len();
                let table = *tables.entry(constants).or_insert(number);
                entries.push(GroupPlace { group, table });
            }
        }
        Ok(Self { groups, entries })
    }

    /// Whether a group's constants stand in its code.
    fn is_inline(&self, group: &Group<'_>) -> bool {
        let few = self.groups.len() <= INLINE_SHAPES_MAX;
        group.tables.len() <= if few { INLINE_TABLES_MAX } else { 1 }
    }

    /// The functions of an entry: each as its code generator's input.
    pub(crate) fn functions_of(
        &self,
        entry: usize,
        options: Options,
        mut each: impl FnMut(Task<'_>, &Part) -> Result<(), JitError>,
    ) -> Result<(), JitError> {
        let place = self.entries.get(entry).ok_or(JitError::NoSuchEntry)?;
        let group = self.groups.get(place.group).ok_or(JitError::NoSuchEntry)?;
        let table = group.tables.iter().find(|(_, number)| **number == place.table);
        let (constants, _) = table.ok_or(JitError::NoSuchEntry)?;
        let shape = Shape { constants: constants.clone(), ..group.shape.clone() };
        let task = group.task(&shape, self.is_inline(group), options);
        group.parts.iter().try_for_each(|part| each(task, part))
    }
}

impl<'p> Group<'p> {
    fn task<'a>(&'a self, shape: &'a Shape, inline: bool, options: Options) -> Task<'a> {
        Task { unit: self.unit, shape, inline, keep_clauses: options.keep_clauses }
    }

    /// Generates the functions of the group and returns what each of its tables runs.
    fn compile(
        &self,
        groups: &Groups<'p>,
        options: Options,
        generator: &mut Generator,
        constants: &mut Vec<u8>,
    ) -> Result<Vec<EntryCode>, JitError> {
        let inline = groups.is_inline(self);
        let mut tables: Vec<_> = self.tables.iter().collect();
        tables.sort_by_key(|(_, number)| **number);
        let mut code: Vec<EntryCode> = Vec::with_capacity(tables.len());
        for (table, _) in tables {
            let functions = match code.first() {
                Some(first) if !inline => first.functions.clone(),
                _ => {
                    let shape = Shape { constants: table.clone(), ..self.shape.clone() };
                    generator.functions(self.task(&shape, inline, options), &self.parts)?
                }
            };
            code.push(EntryCode { functions, constants: constants.len() });
            constants.extend_from_slice(table);
        }
        Ok(code)
    }
}

/// Generates functions, one after another.
struct Generator {
    isa: OwnedTargetIsa,
    context: Context,
    builder_context: FunctionBuilderContext,
    code: Vec<u8>,
    starts: Vec<usize>,
}

impl Generator {
    fn new(isa: OwnedTargetIsa) -> Self {
        Self {
            isa,
            context: Context::new(),
            builder_context: FunctionBuilderContext::new(),
            code: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// Generates a function for each part.
    fn functions(&mut self, task: Task<'_>, parts: &[Part]) -> Result<Range<usize>, JitError> {
        let first = self.starts.len();
        for part in parts {
            self.context.clear();
            let function = &mut self.context.func;
            lower(task, part, &*self.isa, function, &mut self.builder_context)?;
            let start = self.code.len().next_multiple_of(FUNCTION_ALIGNMENT);
            self.code.resize(start, 0);
            self.code.extend_from_slice(generate(&mut self.context, &self.isa)?);
            self.starts.push(start);
        }
        Ok(first..self.starts.len())
    }
}

/// Generates the machine code of the function in a context.
pub(crate) fn generate<'a>(
    context: &'a mut Context,
    isa: &OwnedTargetIsa,
) -> Result<&'a [u8], JitError> {
    let compiled = context
        .compile(&**isa, &mut ControlPlane::default())
        .map_err(|error| JitError::Codegen(format!("{:?}", error.inner)))?;
    if let Some(relocation) = compiled.buffer.relocs().first() {
        return Err(JitError::Imports(format!("{relocation:?}")));
    }
    if usize::try_from(compiled.buffer.alignment).map_or(true, |a| a > FUNCTION_ALIGNMENT) {
        return Err(JitError::Codegen("a function needs a larger alignment".to_owned()));
    }
    Ok(compiled.code_buffer())
}

/// Lowers a part of an entry to the code generator's own language, named by its number.
pub(crate) fn function_of(
    task: Task<'_>,
    part: &Part,
    number: u32,
    isa: &OwnedTargetIsa,
) -> Result<Function, JitError> {
    let mut function = Function::new();
    function.name = UserFuncName::user(0, number);
    lower(task, part, &**isa, &mut function, &mut FunctionBuilderContext::new())?;
    Ok(function)
}

fn large_sets(plan: &Plan) -> Result<LargeSets, JitError> {
    let text = |id: &TextId| {
        let text = crate::scope::item(&plan.texts, id.0, "a text set names no text")?;
        Ok(text.as_bytes().into())
    };
    let sets = plan.text_sets.iter().map(|set| {
        let large = set.len() > SET_TEXTS_MAX;
        if large { set.iter().map(text).collect() } else { Ok(Vec::new()) }
    });
    Ok(LargeSets { sets: sets.collect::<Result<_, _>>()? })
}
