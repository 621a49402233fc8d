//! The code generator's settings for the computer this runs on.

use crate::JitError;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// The target, with every setting that matters said here.
pub(crate) fn host() -> Result<OwnedTargetIsa, JitError> {
    let settings = [
        // Straight-line checks run as fast unoptimised, and compile in half the time.
        ("opt_level", "none"),
        // Half of the checks on generated code exist only here, in release builds too.
        ("enable_verifier", "true"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        // Frames hold a few spilled words; host functions catch their own panics.
        ("enable_probestack", "false"),
        ("unwind_info", "false"),
    ];
    let mut flags = settings::builder();
    for (name, value) in settings {
        flags.set(name, value).map_err(|error| JitError::Unsupported(error.to_string()))?;
    }
    let builder =
        cranelift_native::builder().map_err(|error| JitError::Unsupported(error.to_owned()))?;
    let isa = builder
        .finish(settings::Flags::new(flags))
        .map_err(|error| JitError::Unsupported(error.to_string()))?;
    if isa.pointer_bits() != 64 {
        return Err(JitError::Unsupported("addresses are not of 64 bits".to_owned()));
    }
    Ok(isa)
}
