//! What a host can carry out besides passing or refusing an event.

use crate::Outcome;
use guard_plan::{Effect, Entry, Plan};

/// The obligations that a host declares it can carry out. One that it does not declare turns the
/// decision into a denial: a credential that nobody attaches protects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Duties {
    /// It attaches credentials to calls.
    pub credentials: bool,
    /// It shows samples to people.
    pub reviews: bool,
    /// It passes texts and arguments on as they are once parts of them were replaced.
    pub redactions: bool,
}

impl Duties {
    /// A host that carries out everything.
    pub const ALL: Self = Self { credentials: true, reviews: true, redactions: true };

    /// What a rule that fired asks of the host and it does not do.
    pub(crate) fn unmet(
        self,
        plan: &Plan,
        entry: &Entry,
        outcome: &Outcome,
    ) -> Option<&'static str> {
        if self == Self::ALL {
            return None;
        }
        let fired = entry
            .rules
            .iter()
            .enumerate()
            .filter(|(index, _)| Outcome::is_set(&outcome.rules_fired, *index));
        fired.into_iter().find_map(|(_, rule)| {
            match crate::interpret::at(&plan.rules, rule.rule.0)?.effect {
                Effect::Credential { .. } if !self.credentials => Some("a credential"),
                Effect::Review { .. } if !self.reviews => Some("a review"),
                _ => None,
            }
        })
    }
}
