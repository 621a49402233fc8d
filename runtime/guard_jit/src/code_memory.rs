//! Owns finished machine code: writes it to pages of its own, seals and at last frees them.
//!
//! INVARIANT: pages are writable until they are sealed and executable after; never both. Function
//! pointers stay inside this crate and are called only through the owner.

#![expect(unsafe_code, reason = "makes functions of bytes, and frees their pages")]

use crate::JitError;
use crate::frame::Function;
use crate::lower::signature;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{Module, ModuleError};
use std::fmt;
use std::sync::Mutex;

/// Where functions start: at multiples of so many bytes.
pub(crate) const FUNCTION_ALIGNMENT: usize = 32;

/// Finished functions and the pages they stand in.
pub(crate) struct CodeMemory {
    /// Never used after it is filled but to be freed: a module that is merely dropped keeps its
    /// pages. `None` where there is no code. The lock makes it shareable between threads.
    module: Mutex<Option<JITModule>>,
    functions: Vec<Function>,
}

impl CodeMemory {
    /// Copies `code` to executable pages. A function starts at each of `starts`.
    ///
    /// `code` must be the concatenated output of the code generator for functions of the signature
    /// [`Function`], without relocations; only `compile` makes such.
    pub(crate) fn new(
        isa: OwnedTargetIsa,
        code: &[u8],
        starts: &[usize],
    ) -> Result<Self, JitError> {
        let mut memory = Self { module: Mutex::new(None), functions: Vec::new() };
        if code.is_empty() {
            return Ok(memory);
        }
        let signature = signature(isa.default_call_conv());
        let module = memory.module.get_mut().map_err(|_| JitError::Panicked)?;
        let module = module.insert(module_for(isa, code.len())?);
        let function = module.declare_anonymous_function(&signature).map_err(failed)?;
        let alignment = FUNCTION_ALIGNMENT as u64;
        module.define_function_bytes(function, alignment, code, &[]).map_err(failed)?;
        module.finalize_definitions().map_err(failed)?;
        let base = module.get_finalized_function(function);
        for start in starts {
            if *start >= code.len() {
                return Err(JitError::Codegen("a function starts outside the code".to_owned()));
            }
            let address = base.wrapping_add(*start);
            // SAFETY: `address` is inside the code just finalised, where the caller says that a
            // function of this signature starts; it has no relocations, so the copy runs as the
            // original would. The pointer is not null and has the size of a function pointer.
            let function = unsafe { std::mem::transmute::<*const u8, Function>(address) };
            memory.functions.push(function);
        }
        Ok(memory)
    }

    /// The function at an index of `starts`.
    pub(crate) fn function(&self, index: usize) -> Option<Function> {
        self.functions.get(index).copied()
    }
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        let module = match self.module.get_mut() {
            Ok(module) => module.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        };
        if let Some(module) = module {
            // SAFETY: `MachineCode` owns both this and every function pointer made here, and
            // calls through `&self`; so when this is dropped, no function runs and none will.
            unsafe { module.free_memory() };
        }
    }
}

impl fmt::Debug for CodeMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeMemory")
            .field("functions", &self.functions.len())
            .finish_non_exhaustive()
    }
}

/// A module that resolves no symbol, with room for so many bytes.
pub(crate) fn module_for(isa: OwnedTargetIsa, bytes: usize) -> Result<JITModule, JitError> {
    let arena = ArenaMemoryProvider::new_with_size(bytes)
        .map_err(|error| JitError::Memory(error.to_string()))?;
    let mut builder = JITBuilder::with_isa(isa, cranelift_module::default_libcall_names());
    builder.memory_provider(Box::new(arena));
    builder.symbol_lookup_fn(Box::new(refuse));
    Ok(JITModule::new(builder))
}

/// Resolves every name to nothing. Without it the module would search the whole process; a lookup
/// that finds no answer goes on to that search, so this one answers.
#[expect(clippy::unnecessary_wraps, reason = "the form `symbol_lookup_fn` takes")]
fn refuse(_name: &str) -> Option<*const u8> {
    Some(std::ptr::null())
}

#[expect(clippy::needless_pass_by_value, reason = "the form `map_err` takes")]
fn failed(error: ModuleError) -> JitError {
    JitError::Memory(error.to_string())
}
