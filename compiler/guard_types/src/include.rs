//! The rule `include`: which policy it names, and whether that can stand here.

use crate::check::RuleCheck;
use crate::given::given;
use crate::site::{Site, whole};
use guard_db::{Db, Package, RuleNode};
use guard_grammar::ast::Path;
use guard_hir::{BlockNode, policy_named};

impl RuleCheck<'_> {
    /// Checks the name and the arguments. The policy's rules are checked one by one, each as a rule
    /// of its own.
    pub(crate) fn include<'db>(
        &mut self,
        db: &'db dyn Db,
        package: Package,
        (site, rule): (Site<'db>, RuleNode<'db>),
        path: &Path,
        policy: Option<BlockNode<'db>>,
    ) {
        let Some(decl) = policy_named(&self.module, path, &mut self.reporter) else {
            self.checked.incomplete = true;
            return;
        };
        let Some(policy) = policy else {
            self.checked.incomplete = true;
            return;
        };
        if site.is_inside(db, policy) {
            let name = path.dotted();
            let error = self
                .reporter
                .error(
                    "G0206",
                    whole(db, rule),
                    format!("the policy `{name}` includes itself"),
                    "it would never come to an end",
                )
                .with_related(decl.label(decl.name_span(), "declared here"));
            self.reporter.push(error);
            self.checked.incomplete = true;
            return;
        }
        let given = given(db, package, site.included(db, rule, policy));
        self.reporter.diagnostics.extend(given.diagnostics.iter().cloned());
        self.checked.hidden.extend(given.hidden.clone());
        self.checked.incomplete |= given.incomplete;
    }
}
