//! Ships `std.*`, written in the language itself and embedded in the compiler.

#![forbid(unsafe_code)]

/// The modules of the standard library: the path as in a package, and the text.
pub const MODULES: &[(&str, &str)] = &[
    ("std/mail.guard", include_str!("../std/mail.guard")),
    ("std/net.guard", include_str!("../std/net.guard")),
];
