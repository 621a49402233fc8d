//! Why a plan has no machine code. The caller then interprets the plan; it never allows for it.

use std::fmt;

/// Why machine code could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JitError {
    /// This processor or operating system has no code generator here.
    Unsupported(String),
    /// The plan breaks a promise that its verifier checks.
    NotVerified(&'static str),
    /// An entry is larger or nested deeper than is worth machine code.
    TooLarge(&'static str),
    /// The code generator failed.
    Codegen(String),
    /// Finished code asked for a symbol; machine code has none.
    Imports(String),
    /// No memory for the code, or its pages could not be protected.
    Memory(String),
    /// The code generator panicked.
    Panicked,
    /// There is no such agent or entry.
    NoSuchEntry,
}

impl fmt::Display for JitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => write!(f, "no machine code for this computer: {what}"),
            Self::NotVerified(what) => write!(f, "the plan is not verified: {what}"),
            Self::TooLarge(what) => write!(f, "too large for machine code: {what}"),
            Self::Codegen(what) => write!(f, "the code generator failed: {what}"),
            Self::Imports(what) => write!(f, "machine code asked for a symbol: {what}"),
            Self::Memory(what) => write!(f, "no memory for machine code: {what}"),
            Self::Panicked => f.write_str("the code generator panicked"),
            Self::NoSuchEntry => f.write_str("there is no such agent or entry"),
        }
    }
}

impl std::error::Error for JitError {}
