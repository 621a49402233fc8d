//! Which policy an `include` names.

use crate::module::Module;
use crate::names::Declaration;
use crate::report::Reporter;
use guard_diagnostic::closest;
use guard_grammar::ast::{ItemKind, Path};

/// The policy of this name. `None` where there is none; what is wrong has been reported then, but
/// for a name that may be from a module that does not exist.
pub fn policy_named<'m>(
    module: &'m Module,
    path: &Path,
    reporter: &mut Reporter,
) -> Option<&'m Declaration> {
    let name = path.dotted();
    let is_policy = |decl: &&Declaration| matches!(&*decl.kind, ItemKind::Policy(_));
    let declared = module.name(&name);
    if let Some(policy) = declared.filter(is_policy) {
        return Some(policy);
    }
    let label = match declared {
        Some(_) => "this is no policy",
        None => "not declared in this file or in a module it uses",
    };
    let headline = format!("there is no policy `{name}`");
    let error = reporter.error("G0115", path.span, headline, label);
    let error = match declared {
        Some(other) => error.with_related(other.label(other.name_span(), "declared here")),
        None => error,
    };
    let policies = module.names().filter(|(_, decl)| is_policy(decl));
    let error = match closest(&name, policies.map(|(name, _)| name)) {
        Some(meant) => {
            let place = reporter.label(path.span, "");
            error.with_help(format!("write `{meant}`")).with_fix(place, meant)
        }
        None if module.is_partial && declared.is_none() => return None,
        None => error.with_help("declare it, or take its module in with `use`"),
    };
    reporter.push(error);
    None
}
