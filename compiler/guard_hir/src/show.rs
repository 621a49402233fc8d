//! Prints what every name of a package means.

use crate::names::environment;
use guard_db::{Db, Package};
use guard_grammar::ast::ItemKind;
use std::fmt::Write as _;

/// One line a module and name: where it comes from.
pub fn show_hir(db: &dyn Db, package: Package) -> String {
    let environment = environment(db, package);
    let mut out = String::new();
    for (name, module) in &environment.modules {
        if name.starts_with("std.") {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(out, "module {name}");
        for (name, decl) in module.names().chain(module.tools()) {
            let _ = writeln!(out, "  {:<6} {name} from {}", word(&decl.kind), decl.module);
        }
    }
    out
}

fn word(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Const(_) => "const",
        ItemKind::Data(_) => "data",
        ItemKind::Type(_) => "type",
        ItemKind::Fn(_) => "fn",
        ItemKind::Detector(_) => "detector",
        ItemKind::Tool(_) => "tool",
        ItemKind::Policy(_) => "policy",
        _ => "other",
    }
}
