//! Writes instructions: the only user of the code generator's `FunctionBuilder`.
//!
//! Every load is of memory that the frame's invariant or a check before it makes readable, so all
//! are marked as not trapping. No method here emits an instruction that can trap, but
//! [`Emit::divide`], whose callers exclude the two inputs that would.

use crate::frame::HOST;
use crate::host_abi::HostFunction;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, Function, InstBuilder, JumpTableData, MemFlagsData, SigRef,
    Signature, Type, Value,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Switch, Variable};

/// Writes one function.
pub(super) struct Emit<'f> {
    builder: FunctionBuilder<'f>,
    call: CallConv,
    /// The frame's address.
    pub(super) frame: Value,
    /// The address of the constants.
    pub(super) constants: Value,
    /// Imported signatures, by number of parameters.
    signatures: Vec<(usize, SigRef)>,
}

/// The signature of every function made here.
pub(crate) fn signature(call: CallConv) -> Signature {
    let mut signature = Signature::new(call);
    signature.params.extend([AbiParam::new(I64), AbiParam::new(I64)]);
    signature
}

impl<'f> Emit<'f> {
    /// Begins a function.
    pub(super) fn new(
        function: &'f mut Function,
        context: &'f mut FunctionBuilderContext,
        call: CallConv,
    ) -> Self {
        function.signature = signature(call);
        let mut builder = FunctionBuilder::new(function, context);
        let entry = builder.create_block();
        let frame = builder.append_block_param(entry, I64);
        let constants = builder.append_block_param(entry, I64);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        Self { builder, call, frame, constants, signatures: Vec::new() }
    }

    /// Returns, and ends the function.
    pub(super) fn finish(mut self, target: TargetFrontendConfig) {
        self.builder.ins().return_(&[]);
        self.builder.seal_all_blocks();
        self.builder.finalize(target);
    }

    // -- blocks ----------------------------------------------------------------------------------

    /// A new block.
    pub(super) fn block(&mut self) -> Block {
        self.builder.create_block()
    }

    /// A new block that is seldom run.
    pub(super) fn cold(&mut self) -> Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// Continues in a block to which every jump has been written.
    pub(super) fn start(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    /// Continues in a block to which jumps will still be written.
    pub(super) fn start_open(&mut self, block: Block) {
        self.builder.switch_to_block(block);
    }

    /// Says that every jump to a block has been written.
    pub(super) fn seal(&mut self, block: Block) {
        self.builder.seal_block(block);
    }

    /// A value that jumps to the block bring.
    pub(super) fn parameter(&mut self, block: Block, ty: Type) -> Value {
        self.builder.append_block_param(block, ty)
    }

    pub(super) fn jump(&mut self, to: Block) {
        self.builder.ins().jump(to, &[]);
    }

    pub(super) fn jump_with(&mut self, to: Block, values: &[Value]) {
        let values: Vec<BlockArg> = values.iter().copied().map(BlockArg::Value).collect();
        self.builder.ins().jump(to, &values);
    }

    /// Goes to `yes` where the condition is not 0.
    pub(super) fn branch(&mut self, condition: Value, yes: Block, no: Block) {
        self.builder.ins().brif(condition, yes, &[], no, &[]);
    }

    /// Goes to `no` where the condition is 0, else continues.
    pub(super) fn require(&mut self, condition: Value, no: Block) {
        let yes = self.block();
        self.branch(condition, yes, no);
        self.start(yes);
    }

    /// Goes to the block of the case that a value of 32 bits equals.
    pub(super) fn switch(&mut self, value: Value, cases: &[(u32, Block)], otherwise: Block) {
        let mut switch = Switch::new();
        for (case, block) in cases {
            switch.set_entry(u128::from(*case), *block);
        }
        switch.emit(&mut self.builder, value, otherwise);
    }

    /// Goes to the block at an index of 32 bits, or where there is none, elsewhere.
    pub(super) fn table(&mut self, index: Value, blocks: &[Block], otherwise: Block) {
        let lists = &mut self.builder.func.dfg;
        let otherwise = lists.block_call(otherwise, &[]);
        let calls: Vec<_> = blocks.iter().map(|block| lists.block_call(*block, &[])).collect();
        let table = self.builder.create_jump_table(JumpTableData::new(otherwise, &calls));
        self.builder.ins().br_table(index, table);
    }

    // -- variables -------------------------------------------------------------------------------

    /// A variable with its first value.
    pub(super) fn variable(&mut self, ty: Type, value: i64) -> Variable {
        let variable = self.builder.declare_var(ty);
        self.set_constant(variable, ty, value);
        variable
    }

    pub(super) fn get(&mut self, variable: Variable) -> Value {
        self.builder.use_var(variable)
    }

    pub(super) fn set(&mut self, variable: Variable, value: Value) {
        self.builder.def_var(variable, value);
    }

    pub(super) fn set_constant(&mut self, variable: Variable, ty: Type, value: i64) {
        let value = self.builder.ins().iconst(ty, value);
        self.builder.def_var(variable, value);
    }

    // -- memory ----------------------------------------------------------------------------------

    pub(super) fn load(&mut self, ty: Type, pointer: Value, offset: i32) -> Value {
        self.builder.ins().load(ty, memory(), pointer, offset)
    }

    /// Reads 32 bits and widens them to 64.
    pub(super) fn load_u32(&mut self, pointer: Value, offset: i32) -> Value {
        self.builder.ins().uload32(memory(), pointer, offset)
    }

    pub(super) fn store(&mut self, value: Value, pointer: Value, offset: i32) {
        self.builder.ins().store(memory(), value, pointer, offset);
    }

    // -- whole numbers ---------------------------------------------------------------------------

    pub(super) fn integer(&mut self, value: i64) -> Value {
        self.builder.ins().iconst(I64, value)
    }

    pub(super) fn integer_of(&mut self, ty: Type, value: i64) -> Value {
        self.builder.ins().iconst(ty, value)
    }

    pub(super) fn compare(&mut self, how: IntCC, a: Value, b: Value) -> Value {
        self.builder.ins().icmp(how, a, b)
    }

    /// Compares with a constant.
    pub(super) fn compare_with(&mut self, how: IntCC, a: Value, b: i64) -> Value {
        self.builder.ins().icmp_imm_s(how, a, b)
    }

    pub(super) fn add(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().iadd(a, b)
    }

    pub(super) fn add_constant(&mut self, a: Value, b: i64) -> Value {
        self.builder.ins().iadd_imm_s(a, b)
    }

    pub(super) fn subtract(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().isub(a, b)
    }

    pub(super) fn multiply(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().imul(a, b)
    }

    pub(super) fn multiply_constant(&mut self, a: Value, b: i64) -> Value {
        self.builder.ins().imul_imm_s(a, b)
    }

    /// The upper 64 bits of a product.
    pub(super) fn multiply_high(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().smulhi(a, b)
    }

    /// Rounds towards zero. The caller has excluded a divisor of 0, and of -1 with the least
    /// dividend: both would trap.
    pub(super) fn divide(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().sdiv(a, b)
    }

    pub(super) fn and(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().band(a, b)
    }

    pub(super) fn and_constant(&mut self, a: Value, b: i64) -> Value {
        self.builder.ins().band_imm_s(a, b)
    }

    pub(super) fn or(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().bor(a, b)
    }

    pub(super) fn or_constant(&mut self, a: Value, b: i64) -> Value {
        self.builder.ins().bor_imm_s(a, b)
    }

    pub(super) fn exclusive_or(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().bxor(a, b)
    }

    pub(super) fn shift_left(&mut self, a: Value, bits: i64) -> Value {
        self.builder.ins().ishl_imm_s(a, bits)
    }

    /// Every bit as the sign.
    pub(super) fn sign(&mut self, a: Value) -> Value {
        self.builder.ins().sshr_imm_s(a, 63)
    }

    pub(super) fn widen(&mut self, a: Value) -> Value {
        self.builder.ins().uextend(I64, a)
    }

    /// The lower 32 bits.
    pub(super) fn narrow(&mut self, a: Value) -> Value {
        self.builder.ins().ireduce(I32, a)
    }

    // -- numbers ---------------------------------------------------------------------------------

    pub(super) fn float(&mut self, bits: u64) -> Value {
        self.builder.ins().f64const(f64::from_bits(bits))
    }

    pub(super) fn compare_float(&mut self, how: FloatCC, a: Value, b: Value) -> Value {
        self.builder.ins().fcmp(how, a, b)
    }

    pub(super) fn add_float(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().fadd(a, b)
    }

    pub(super) fn subtract_float(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().fsub(a, b)
    }

    pub(super) fn multiply_float(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().fmul(a, b)
    }

    pub(super) fn divide_float(&mut self, a: Value, b: Value) -> Value {
        self.builder.ins().fdiv(a, b)
    }

    /// The bits of a number.
    pub(super) fn bits(&mut self, a: Value) -> Value {
        self.builder.ins().bitcast(I64, MemFlagsData::new(), a)
    }

    // -- calls -----------------------------------------------------------------------------------

    /// Calls a function of the host's table with words; its answer is a word.
    pub(super) fn call(&mut self, function: HostFunction, words: &[Value]) -> Value {
        let signature = self.host_signature(words.len());
        let table = self.load(I64, self.frame, HOST);
        let address = self.load(I64, table, function.offset());
        let call = self.builder.ins().call_indirect(signature, address, words);
        match self.builder.inst_results(call) {
            [answer] => *answer,
            // Not reached: the signature has one result. Unknown, should that change.
            _ => self.builder.ins().iconst(I64, -1),
        }
    }

    fn host_signature(&mut self, parameters: usize) -> SigRef {
        if let Some((_, signature)) = self.signatures.iter().find(|(n, _)| *n == parameters) {
            return *signature;
        }
        let mut signature = Signature::new(self.call);
        signature.params.extend(std::iter::repeat_n(AbiParam::new(I64), parameters));
        signature.returns.push(AbiParam::new(I64));
        let signature = self.builder.import_signature(signature);
        self.signatures.push((parameters, signature));
        signature
    }
}

/// How memory is read: it does not trap, and nothing is said of its alignment.
fn memory() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

/// The type of words of so many bytes.
pub(super) fn word_type(bytes: usize) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

/// The type of a number.
pub(super) const FLOAT: Type = F64;
