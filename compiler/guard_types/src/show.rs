//! Prints every rule as it was checked.

use crate::check::check_rule;
use crate::site::{Applied, rules_of};
use guard_db::{Db, Package};
use guard_grammar::ast::ItemKind;
use guard_hir::agents;
use std::fmt::Write as _;

/// One block an agent: its rules with their events and typed conditions.
pub fn show_types(db: &dyn Db, package: Package) -> String {
    let mut out = String::new();
    for agent in agents(db, package) {
        if let ItemKind::Agent(decl) = &*agent.item.kind(db) {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "agent {}", decl.name.text);
        }
        for Applied { site, rule } in rules_of(db, package, agent).rules {
            for checked in &check_rule(db, package, site, rule).rules {
                let _ = writeln!(out, "  {} => {:?}", checked.title, checked.effect);
                for event in &checked.events {
                    let _ = writeln!(out, "    on {event:?}");
                }
                if let Some(condition) = &checked.condition {
                    let _ = writeln!(out, "    when {:?}", condition.kind);
                }
            }
        }
    }
    out
}
